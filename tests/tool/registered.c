/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A program that names no type of the library, so that only constructors can
 * register the types.  Its arguments are names of types that must be
 * registered; it exits with 0 if they are.
 */
#include "qom/type.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    module_call_init(MODULE_INIT_QOM);
    for (int i = 1; i < argc; i++) {
        if (!type_get_by_name(argv[i])) {
            printf("no type %s\n", argv[i]);
            return 1;
        }
    }
    return 0;
}
