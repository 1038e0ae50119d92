/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Watches of properties.
 *
 * A watch is of one property, or of all that can be read.  For each property
 * it has a value: the one that the client knows, and whether there may be
 * another.  A change only marks the value; it is read and compared when it
 * can be sent, so there is at most one pending for each and it is the newest.
 *
 * Values are found by the object that holds the property's value, which is
 * another one for an alias.  Objects outlive their values and watches, since
 * their end is told first.
 *
 * Thread: main
 */
#include "qmp/qapi-commands-control.h"
#include "qmp/qmp-events-internal.h"
#include "qmp/qmp-session-internal.h"

#include "qom/object-observer.h"
#include "qom/object-property.h"
#include "qom/object.h"

#include <string.h>

#define MAX_VALUES 65536 /* of a session */

typedef struct Watch Watch;

typedef struct Value {
    Watch *watch;
    const Object *origin; /* (nullable) holds the property */
    char *origin_name;
    char *name;           /* in the watch's object */
    JsonNode *known;      /* to the client */
    bool changed;         /* and in the session's list */
} Value;

struct Watch {
    QmpSession *session;
    Object *obj;
    char *path;
    char *property; /* (nullable) all */
    GPtrArray *values;
};

/* Object to GPtrArray of Value and of Watch. */
static GHashTable *values_by_origin;
static GHashTable *watches_by_object;

/* ---- The two tables ---- */

static GHashTable *new_table(void)
{
    return g_hash_table_new_full(NULL, NULL, NULL,
                                 (GDestroyNotify)g_ptr_array_unref);
}

static void table_add(GHashTable *table, Object *obj, void *item)
{
    GPtrArray *items = g_hash_table_lookup(table, obj);

    if (!items) {
        items = g_ptr_array_new();
        g_hash_table_insert(table, obj, items);
    }
    g_ptr_array_add(items, item);
    object_set_watched(obj, true);
}

static void table_remove(GHashTable *table, const Object *obj, void *item)
{
    GPtrArray *items = g_hash_table_lookup(table, obj);

    g_ptr_array_remove_fast(items, item);
    if (!items->len) {
        g_hash_table_remove(table, obj);
    }
    if (!g_hash_table_contains(values_by_origin, obj) &&
        !g_hash_table_contains(watches_by_object, obj)) {
        object_set_watched((Object *)obj, false);
    }
}

/* ---- Values ---- */

static void value_free(void *opaque)
{
    Value *value = opaque;

    if (value->origin) {
        table_remove(values_by_origin, value->origin, value);
    }
    if (value->changed) {
        g_queue_remove(&value->watch->session->changed_values, value);
    }
    value->watch->session->n_values--;
    g_clear_pointer(&value->known, json_node_unref);
    g_free(value->origin_name);
    g_free(value->name);
    g_free(value);
}

static void value_mark(Value *value)
{
    if (!value->changed) {
        value->changed = true;
        g_queue_push_tail(&value->watch->session->changed_values, value);
        qmp_events_flush_later();
    }
}

static Value *value_new(Watch *watch, const char *name)
{
    Value *value = g_new0(Value, 1);
    Object *origin = watch->obj;
    const char *origin_name = name;

    object_property_origin(&origin, &origin_name);
    value->watch = watch;
    value->name = g_strdup(name);
    value->origin = origin;
    value->origin_name = g_strdup(origin_name);
    table_add(values_by_origin, origin, value);
    g_ptr_array_add(watch->values, value);
    watch->session->n_values++;
    return value;
}

static bool add_value(Watch *watch, const char *name, Error **errp)
{
    g_autoptr(JsonNode) known = NULL;

    if (watch->session->n_values >= MAX_VALUES) {
        error_setg(errp, "The connection watches %d properties already",
                   MAX_VALUES);
        return false;
    }
    known = object_property_get_json(watch->obj, name, errp);
    if (!known) {
        return false;
    }
    value_new(watch, name)->known = g_steal_pointer(&known);
    return true;
}

/* ---- Watches ---- */

static void watch_free(Watch *watch)
{
    g_ptr_array_remove(watch->session->watches, watch);
    g_ptr_array_unref(watch->values);
    table_remove(watches_by_object, watch->obj, watch);
    g_free(watch->path);
    g_free(watch->property);
    g_free(watch);
}

/* What cannot be read is left out. */
static bool add_all_values(Watch *watch, Error **errp)
{
    ObjectPropertyIterator iter;
    ObjectProperty *prop;

    object_property_iter_init(&iter, watch->obj);
    while ((prop = object_property_iter_next(&iter))) {
        ERRP_GUARD();

        if (prop->get && !add_value(watch, prop->name, errp)) {
            if (watch->session->n_values >= MAX_VALUES) {
                return false;
            }
            g_clear_pointer(errp, error_free);
        }
    }
    return true;
}

static Watch *watch_find(QmpSession *s, const Object *obj,
                         const char *property)
{
    for (guint i = 0; i < s->watches->len; i++) {
        Watch *watch = s->watches->pdata[i];

        if (watch->obj == obj && !g_strcmp0(watch->property, property)) {
            return watch;
        }
    }
    return NULL;
}

static Object *find_object(const char *path, Error **errp)
{
    bool ambiguous = false;
    Object *obj = object_resolve_path(path, &ambiguous);

    if (!obj && ambiguous) {
        error_setg(errp, "Path '%s' is ambiguous", path);
    } else if (!obj) {
        error_set(errp, ERROR_CLASS_DEVICE_NOT_FOUND,
                  "Device '%s' not found", path);
    }
    return obj;
}

static QmpSession *find_session(Error **errp)
{
    QmpSession *s = qmp_session_current();

    if (!s) {
        error_setg(errp, "There is no QMP session");
    }
    return s;
}

void qmp_qom_watch(const char *path, const char *property, Error **errp)
{
    QmpSession *s = find_session(errp);
    Object *obj = s ? find_object(path, errp) : NULL;
    Watch *watch;

    if (!obj || watch_find(s, obj, property)) {
        return;
    }
    if (!watches_by_object) {
        watches_by_object = new_table();
        values_by_origin = new_table();
    }
    watch = g_new0(Watch, 1);
    watch->session = s;
    watch->obj = obj;
    watch->path = object_get_canonical_path(obj);
    watch->property = g_strdup(property);
    watch->values = g_ptr_array_new_with_free_func(value_free);
    table_add(watches_by_object, obj, watch);
    g_ptr_array_add(s->watches, watch);
    if (!(property ? add_value(watch, property, errp)
                   : add_all_values(watch, errp))) {
        watch_free(watch);
    }
}

void qmp_qom_unwatch(const char *path, const char *property, Error **errp)
{
    QmpSession *s = find_session(errp);
    Object *obj = s ? find_object(path, errp) : NULL;
    g_autofree char *full = NULL;
    Watch *watch;

    if (!obj) {
        return;
    }
    watch = watch_find(s, obj, property);
    if (watch) {
        watch_free(watch);
        return;
    }
    full = object_get_canonical_path(obj);
    if (property) {
        error_setg(errp, "Property '%s' of '%s' is not watched", property,
                   full);
    } else {
        error_setg(errp, "'%s' is not watched as a whole", full);
    }
}

void qmp_watch_end(QmpSession *s)
{
    while (s->watches->len) {
        watch_free(s->watches->pdata[s->watches->len - 1]);
    }
}

/* ---- Changes ---- */

static bool watch_has(const Watch *watch, const char *name)
{
    for (guint i = 0; i < watch->values->len; i++) {
        if (!strcmp(((Value *)watch->values->pdata[i])->name, name)) {
            return true;
        }
    }
    return false;
}

/* A property that came after the watch of the whole object. */
static void add_late_values(Object *obj, const char *property)
{
    GPtrArray *watches = g_hash_table_lookup(watches_by_object, obj);

    for (guint i = 0; watches && i < watches->len; i++) {
        Watch *watch = watches->pdata[i];

        if (!watch->property && watch->session->n_values < MAX_VALUES &&
            !watch_has(watch, property)) {
            value_new(watch, property);
        }
    }
}

void qmp_watch_changed(Object *obj, const char *property)
{
    GPtrArray *values;

    add_late_values(obj, property);
    values = g_hash_table_lookup(values_by_origin, obj);
    for (guint i = 0; values && i < values->len; i++) {
        Value *value = values->pdata[i];

        if (!strcmp(value->origin_name, property)) {
            value_mark(value);
        }
    }
}

void qmp_watch_deleted(Object *obj)
{
    GPtrArray *items;

    if (!watches_by_object) {
        return;
    }
    while ((items = g_hash_table_lookup(watches_by_object, obj))) {
        watch_free(items->pdata[0]);
    }
    while ((items = g_hash_table_lookup(values_by_origin, obj))) {
        Value *value = items->pdata[0];

        value->origin = NULL;
        table_remove(values_by_origin, obj, value);
    }
}

static void value_tell(QmpSession *s, Value *value)
{
    g_autoptr(JsonNode) now = NULL;
    g_autoptr(JsonNode) node = NULL;
    g_autofree char *text = NULL;
    JsonObject *data;

    now = object_property_get_json(value->watch->obj, value->name, NULL);
    if (!now || (value->known && json_node_equal_deep(now, value->known))) {
        return;
    }
    data = json_object_new();
    json_object_set_string_member(data, "path", value->watch->path);
    json_object_set_string_member(data, "property", value->name);
    json_object_set_member(data, "value", json_node_ref(now));
    node = json_node_new(JSON_NODE_OBJECT);
    json_node_take_object(node, data);
    text = qmp_event_text("PROPERTY_CHANGED", node, s->options.pretty);
    qmp_mailbox_put_always(&s->mailbox, text);
    g_clear_pointer(&value->known, json_node_unref);
    value->known = g_steal_pointer(&now);
}

void qmp_watch_flush(QmpSession *s)
{
    bool told = false;
    Value *value;

    if (!s->changed_values.length) {
        return;
    }
    /* First, so that who makes room from here on asks for another flush. */
    __atomic_store_n(&s->has_changes, true, __ATOMIC_SEQ_CST);
    while (qmp_mailbox_size(&s->mailbox) < QMP_OUTPUT_LIMIT &&
           (value = g_queue_pop_head(&s->changed_values))) {
        value->changed = false;
        value_tell(s, value);
        told = true;
    }
    if (!s->changed_values.length) {
        __atomic_store_n(&s->has_changes, false, __ATOMIC_SEQ_CST);
    }
    if (told) {
        qmp_session_wake(s);
    }
}
