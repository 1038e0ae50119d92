/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Types of objects for fuzz targets: "fuzz" has a property of each kind, and a
 * hook that rejects some combinations.  "fuzz-stubborn" may refuse to be
 * completed and to be deleted.  The library's types are used as well, iothreads
 * included.
 *
 * Threads get no real-time policy, as if the user had no right to it.
 * Otherwise an input could stop the computer.
 */
#ifndef QOM_TESTS_FUZZ_TYPES_H
#define QOM_TESTS_FUZZ_TYPES_H

#include "qom/object.h"

#define TYPE_FUZZ "fuzz"

/* fuzz_types_init: register all types and commands; may be called again */
void fuzz_types_init(void);

/* fuzz_types_cleanup: delete all of users' objects, and assert that they go */
void fuzz_types_cleanup(void);

#endif
