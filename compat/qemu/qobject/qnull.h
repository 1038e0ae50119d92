/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The JSON null. */
#ifndef QOM_COMPAT_QEMU_QNULL_H
#define QOM_COMPAT_QEMU_QNULL_H

#include "qobject/qobject.h"

/* (transfer full) */
static inline QNull *qnull(void)
{
    return json_node_init_null(json_node_alloc());
}

static inline void qnull_unref(QNull *q)
{
    qobject_unref(q);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(QNull, qnull_unref)

#endif
