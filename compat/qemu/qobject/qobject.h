/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QObject: values with a reference count.  They are the JSON nodes of the
 * library, so visit_type_any(), properties and keyval_parse() take and return
 * them.  QDict, QList, QString, QNum, QBool and QNull are names of the same C
 * type; qobject_type() and qobject_to() tell the kinds apart.
 *
 * The fields of QEMU's structs do not exist: use the functions.  A value that
 * was put into a dictionary or list belongs to it, as in QEMU.
 */
#ifndef QOM_COMPAT_QEMU_QOBJECT_H
#define QOM_COMPAT_QEMU_QOBJECT_H

#include "qapi/json/json.h"
#include "qapi/qapi-builtin-types.h"
#include "qemu/osdep.h"

#define QTYPE_CAST_TO_QNull QTYPE_QNULL
#define QTYPE_CAST_TO_QNum QTYPE_QNUM
#define QTYPE_CAST_TO_QString QTYPE_QSTRING
#define QTYPE_CAST_TO_QDict QTYPE_QDICT
#define QTYPE_CAST_TO_QList QTYPE_QLIST
#define QTYPE_CAST_TO_QBool QTYPE_QBOOL

/* The value as a QObject; (nullable). */
#define QOBJECT(obj) qemu_qobject(obj)

static inline QObject *qemu_qobject(QObject *obj)
{
    return obj;
}

static inline QType qobject_type(const QObject *obj)
{
    return json_qtype((QObject *)obj);
}

/* Returns: @obj; NULL if it is NULL or of another type */
static inline QObject *qobject_check_type(const QObject *obj, QType type)
{
    return obj && qobject_type(obj) == type ? (QObject *)obj : NULL;
}

/* qobject_to(QDict, obj): @obj as a dictionary; NULL if it is none */
#define qobject_to(type, obj) \
    ((type *)qobject_check_type((obj), glue(QTYPE_CAST_TO_, type)))

/* Adds a reference to @obj, which may be NULL, and returns it. */
static inline QObject *qobject_ref(QObject *obj)
{
    return obj ? json_node_ref(obj) : NULL;
}

static inline void qobject_unref(QObject *obj)
{
    if (obj) {
        json_node_unref(obj);
    }
}

/* Compares by value; NULL is equal to NULL alone. */
static inline bool qobject_is_equal(const QObject *x, const QObject *y)
{
    return x && y ? json_node_equal_deep((QObject *)x, (QObject *)y) : x == y;
}

/* ---- Walks over dictionaries and lists ---- */

/* The snapshots of a thread's latest walks. */
typedef struct QemuWalks {
    void *snapshots[8];
    unsigned next;
} QemuWalks;

static inline void qemu_walks_free(void *opaque)
{
    QemuWalks *walks = opaque;

    for (unsigned i = 0; i < G_N_ELEMENTS(walks->snapshots); i++) {
        g_free(walks->snapshots[i]);
    }
    g_free(walks);
}

/*
 * Keeps the memory of a walk until its thread has begun eight others in this
 * source file, because a caller may leave a loop without a call.
 */
static inline void *qemu_walk_keep(void *snapshot)
{
    static GPrivate key = G_PRIVATE_INIT(qemu_walks_free);
    QemuWalks *walks = g_private_get(&key);
    unsigned i;

    if (!walks) {
        walks = g_new0(QemuWalks, 1);
        g_private_set(&key, walks);
    }
    i = walks->next++ % G_N_ELEMENTS(walks->snapshots);
    g_free(walks->snapshots[i]);
    walks->snapshots[i] = snapshot;
    return snapshot;
}

#if QOM_COMPAT_QEMU < 300
#define QINCREF(obj) ((void)qobject_ref(obj))
#define QDECREF(obj) qobject_unref(obj)
#define qobject_incref(obj) ((void)qobject_ref(obj))
#define qobject_decref(obj) qobject_unref(obj)
#endif

#endif
