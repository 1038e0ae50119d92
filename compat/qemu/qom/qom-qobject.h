/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Properties as QObjects. */
#ifndef QOM_COMPAT_QEMU_QOM_QOBJECT_H
#define QOM_COMPAT_QEMU_QOM_QOBJECT_H

#include "qobject/qobject.h"
#include "qom/object.h"

/* Returns: (transfer full) the value; NULL with @errp set */
static inline QObject *object_property_get_qobject(Object *obj,
                                                   const char *name,
                                                   Error **errp)
{
    return object_property_get_json(obj, name, errp);
}

/* @value: borrowed.  Returns: false with @errp set */
static inline bool object_property_set_qobject(Object *obj, const char *name,
                                               QObject *value, Error **errp)
{
    return object_property_set_json(obj, name, value, errp);
}

#endif
