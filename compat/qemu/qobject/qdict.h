/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Dictionaries.  Functions that return a C type abort if there is no value of
 * that type under the key; those with "try" in their name return a default.
 */
#ifndef QOM_COMPAT_QEMU_QDICT_H
#define QOM_COMPAT_QEMU_QDICT_H

#include "qobject/qbool.h"
#include "qobject/qlist.h"
#include "qobject/qnull.h"
#include "qobject/qnum.h"
#include "qobject/qobject.h"
#include "qobject/qstring.h"

typedef struct QDictEntry {
    char *key;
    QObject *value;
} QDictEntry;

/* (transfer full) */
static inline QDict *qdict_new(void)
{
    JsonNode *node = json_node_new(JSON_NODE_OBJECT);

    json_node_take_object(node, json_object_new());
    return node;
}

static inline JsonObject *qemu_qdict_object(const QDict *qdict)
{
    return json_node_get_object((QDict *)qdict);
}

static inline size_t qdict_size(const QDict *qdict)
{
    return json_object_get_size(qemu_qdict_object(qdict));
}

/* ---- Putting values in, which replace others of the same key ---- */

/* @value is consumed. */
static inline void qdict_put_obj(QDict *qdict, const char *key, QObject *value)
{
    json_object_set_member(qemu_qdict_object(qdict), key, value);
}

#define qdict_put(qdict, key, obj) \
    qdict_put_obj((qdict), (key), QOBJECT(obj))

static inline void qdict_put_bool(QDict *qdict, const char *key, bool value)
{
    qdict_put_obj(qdict, key, qbool_from_bool(value));
}

static inline void qdict_put_int(QDict *qdict, const char *key, int64_t value)
{
    qdict_put_obj(qdict, key, qnum_from_int(value));
}

static inline void qdict_put_null(QDict *qdict, const char *key)
{
    qdict_put_obj(qdict, key, qnull());
}

static inline void qdict_put_str(QDict *qdict, const char *key,
                                 const char *value)
{
    qdict_put_obj(qdict, key, qstring_from_str(value));
}

/* Nothing happens if there is no such key. */
static inline void qdict_del(QDict *qdict, const char *key)
{
    /* The key may be the dictionary's own, as that of an entry is. */
    g_autofree char *copy = g_strdup(key);

    json_object_remove_member(qemu_qdict_object(qdict), copy);
}

/* ---- Reading ---- */

static inline int qdict_haskey(const QDict *qdict, const char *key)
{
    return json_object_has_member(qemu_qdict_object(qdict), key);
}

/* Returns: the value, borrowed; NULL if there is none */
static inline QObject *qdict_get(const QDict *qdict, const char *key)
{
    return json_object_get_member(qemu_qdict_object(qdict), key);
}

static inline QObject *qemu_qdict_need(const QDict *qdict, const char *key,
                                       QType type)
{
    QObject *value = qobject_check_type(qdict_get(qdict, key), type);

    if (!value) {
        g_error("qdict: '%s' is missing or of another type", key);
    }
    return value;
}

static inline bool qdict_get_bool(const QDict *qdict, const char *key)
{
    return qbool_get_bool(qemu_qdict_need(qdict, key, QTYPE_QBOOL));
}

static inline double qdict_get_double(const QDict *qdict, const char *key)
{
    return qnum_get_double(qemu_qdict_need(qdict, key, QTYPE_QNUM));
}

static inline int64_t qdict_get_int(const QDict *qdict, const char *key)
{
    return qnum_get_int(qemu_qdict_need(qdict, key, QTYPE_QNUM));
}

static inline uint64_t qdict_get_uint(const QDict *qdict, const char *key)
{
    return qnum_get_uint(qemu_qdict_need(qdict, key, QTYPE_QNUM));
}

static inline const char *qdict_get_str(const QDict *qdict, const char *key)
{
    return qstring_get_str(qemu_qdict_need(qdict, key, QTYPE_QSTRING));
}

/* These two return NULL for a value of another type. */
static inline QList *qdict_get_qlist(const QDict *qdict, const char *key)
{
    return qobject_to(QList, qdict_get(qdict, key));
}

static inline QDict *qdict_get_qdict(const QDict *qdict, const char *key)
{
    return qobject_to(QDict, qdict_get(qdict, key));
}

static inline int64_t qdict_get_try_int(const QDict *qdict, const char *key,
                                        int64_t def_value)
{
    QNum *value = qobject_to(QNum, qdict_get(qdict, key));

    if (value) {
        (void)qnum_get_try_int(value, &def_value);
    }
    return def_value;
}

static inline bool qdict_get_try_bool(const QDict *qdict, const char *key,
                                      bool def_value)
{
    QBool *value = qobject_to(QBool, qdict_get(qdict, key));

    return value ? qbool_get_bool(value) : def_value;
}

static inline const char *qdict_get_try_str(const QDict *qdict,
                                            const char *key)
{
    QString *value = qobject_to(QString, qdict_get(qdict, key));

    return value ? qstring_get_str(value) : NULL;
}

/* ---- Walks, in the order in which the keys were added ---- */

/* An entry is valid until its thread has begun eight other walks. */
static inline const QDictEntry *qdict_first(const QDict *qdict)
{
    JsonObject *object = qemu_qdict_object(qdict);
    g_autoptr(GList) keys = json_object_get_members(object);
    QDictEntry *entries =
        qemu_walk_keep(g_new0(QDictEntry, qdict_size(qdict) + 1));
    QDictEntry *entry = entries;

    for (GList *key = keys; key; key = key->next, entry++) {
        entry->key = key->data;
        entry->value = json_object_get_member(object, entry->key);
    }
    return entries->key ? entries : NULL;
}

static inline const QDictEntry *qdict_next(const QDict *qdict,
                                           const QDictEntry *entry)
{
    return entry[1].key ? entry + 1 : NULL;
}

static inline const char *qdict_entry_key(const QDictEntry *entry)
{
    return entry->key;
}

static inline QObject *qdict_entry_value(const QDictEntry *entry)
{
    return entry->value;
}

/* (transfer full) A dictionary of the same values. */
static inline QDict *qdict_clone_shallow(const QDict *src)
{
    QDict *copy = qdict_new();

    for (const QDictEntry *entry = qdict_first(src); entry;
         entry = qdict_next(src, entry)) {
        qdict_put_obj(copy, entry->key, qobject_ref(entry->value));
    }
    return copy;
}

static inline void qdict_unref(QDict *q)
{
    qobject_unref(q);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(QDict, qdict_unref)

#endif
