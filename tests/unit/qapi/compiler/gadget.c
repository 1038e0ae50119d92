/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The schema module of this class has a second one, whose struct this file
 * does not know: it selects its own property rows.
 */
#include "tests/unit/qapi/compiler/gadget.h"

#define QAPI_CLASS_GADGET
#include "small-qapi-classes.h"

void gadget_class_init(ObjectClass *klass, const void *data)
{
    object_class_add_properties(klass, gadget_properties);
}
