/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists. */
#ifndef QOM_COMPAT_QEMU_QLIST_H
#define QOM_COMPAT_QEMU_QLIST_H

#include "qobject/qobject.h"

typedef struct QListEntry {
    QObject *value;
} QListEntry;

/* (transfer full) */
static inline QList *qlist_new(void)
{
    JsonNode *node = json_node_new(JSON_NODE_ARRAY);

    json_node_take_array(node, json_array_new());
    return node;
}

static inline size_t qlist_size(const QList *qlist)
{
    return json_array_get_length(json_node_get_array((QList *)qlist));
}

static inline int qlist_empty(const QList *qlist)
{
    return qlist_size(qlist) == 0;
}

/* @obj is consumed. */
static inline void qlist_append_obj(QList *qlist, QObject *obj)
{
    json_array_add_element(json_node_get_array(qlist), obj);
}

#define qlist_append(qlist, obj) qlist_append_obj((qlist), QOBJECT(obj))

static inline void qlist_append_bool(QList *qlist, bool value)
{
    qlist_append_obj(qlist, json_node_init_boolean(json_node_alloc(), value));
}

static inline void qlist_append_int(QList *qlist, int64_t value)
{
    qlist_append_obj(qlist, json_number_new_int64(value));
}

static inline void qlist_append_null(QList *qlist)
{
    qlist_append_obj(qlist, json_node_init_null(json_node_alloc()));
}

static inline void qlist_append_str(QList *qlist, const char *value)
{
    qlist_append_obj(qlist, json_text_new(value));
}

/* Returns: the first element, borrowed; NULL if there is none */
static inline QObject *qlist_peek(QList *qlist)
{
    return qlist_empty(qlist)
               ? NULL
               : json_array_get_element(json_node_get_array(qlist), 0);
}

/* Removes the first element; (transfer full); NULL if there is none. */
static inline QObject *qlist_pop(QList *qlist)
{
    QObject *first = qobject_ref(qlist_peek(qlist));

    if (first) {
        json_array_remove_element(json_node_get_array(qlist), 0);
    }
    return first;
}

/* (transfer full) A list of the same elements. */
static inline QList *qlist_copy(QList *src)
{
    JsonArray *elements = json_node_get_array(src);
    QList *copy = qlist_new();

    for (size_t i = 0; i < qlist_size(src); i++) {
        qlist_append_obj(copy,
                         qobject_ref(json_array_get_element(elements, i)));
    }
    return copy;
}

/* An entry is valid until its thread has begun eight other walks. */
static inline const QListEntry *qlist_first(const QList *qlist)
{
    size_t n = qlist_size(qlist);
    QListEntry *entries = qemu_walk_keep(g_new0(QListEntry, n + 1));

    for (size_t i = 0; i < n; i++) {
        entries[i].value =
            json_array_get_element(json_node_get_array((QList *)qlist), i);
    }
    return n > 0 ? entries : NULL;
}

static inline const QListEntry *qlist_next(const QListEntry *entry)
{
    return entry[1].value ? entry + 1 : NULL;
}

static inline QObject *qlist_entry_obj(const QListEntry *entry)
{
    return entry->value;
}

#define QLIST_FOREACH_ENTRY(qlist, var) \
    for ((var) = qlist_first(qlist); (var); (var) = qlist_next(var))

static inline void qlist_unref(QList *q)
{
    qobject_unref(q);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(QList, qlist_unref)

#endif
