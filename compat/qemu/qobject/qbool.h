/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Booleans. */
#ifndef QOM_COMPAT_QEMU_QBOOL_H
#define QOM_COMPAT_QEMU_QBOOL_H

#include "qobject/qobject.h"

/* (transfer full) */
static inline QBool *qbool_from_bool(bool value)
{
    return json_node_init_boolean(json_node_alloc(), value);
}

static inline bool qbool_get_bool(const QBool *qb)
{
    return json_node_get_boolean((QBool *)qb);
}

static inline void qbool_unref(QBool *q)
{
    qobject_unref(q);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(QBool, qbool_unref)

#endif
