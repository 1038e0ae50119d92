/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "util/nesting.h"

__thread Nesting nesting_of_thread __attribute__((tls_model("initial-exec")));
