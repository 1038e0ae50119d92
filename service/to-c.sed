# SPDX-License-Identifier: LGPL-2.1-or-later
# Turns lines into string literals of C.
s/\\/&&/g
s/"/\\"/g
s/.*/"&\\n"/
