/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A class of tests/schema/good/small.json with a source file of its own. */
#ifndef QOM_TESTS_UNIT_GADGET_H
#define QOM_TESTS_UNIT_GADGET_H

#include "qom/object.h"

typedef struct Gadget {
    Object parent_obj;
    char *colour;
} Gadget;

void gadget_class_init(ObjectClass *klass, const void *data);

#endif
