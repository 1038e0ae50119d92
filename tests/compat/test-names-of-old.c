/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The same tests with the arguments of QEMU 2.12. */
#include "test-names.c"
