/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Watches of properties.
 *
 * A watch covers one property, or all that can be read.  It has a value for
 * each property: what the client was last sent, and whether it may have
 * changed.  A change only marks the value.  The property is read and compared
 * when an event can be sent, so at most one event per property is pending, and
 * it carries the newest value.
 *
 * Values are found by the object that stores the property, which for an alias
 * is another one.  Objects outlive their watches, because their deletion is
 * reported first.
 *
 * Thread: main
 */
#include "qmp/qapi-commands-control.h"
#include "qmp/qmp-events-internal.h"
#include "qmp/qmp-session-internal.h"

#include "qom/object-observer.h"
#include "qom/object-property.h"
#include "qom/object.h"
#include "util/hash.h"

#include <string.h>

#define MAX_VALUES 65536 /* per session */

typedef struct Watch Watch;

typedef struct Value {
    Watch *watch;
    const Object *origin; /* (nullable) stores the property */
    QueueLink of_origin;  /* in that object's list */
    char *origin_name;
    char *name;           /* name in the watched object */
    JsonNode *known;      /* what the client was last sent */
    QueueLink changed;    /* in the session's list while it is marked */
} Value;

struct Watch {
    QmpSession *session;
    Object *obj;
    QueueLink of_object; /* in that object's list */
    char *path;
    char *property; /* (nullable) NULL: all properties */
    GPtrArray *values;
};

/* The values and watches of one object. */
typedef struct Watched {
    QueueLink values;  /* head of Value.of_origin */
    QueueLink watches; /* head of Watch.of_object */
} Watched;

/* From Object to Watched. */
static GHashTable *watched_objects;

/* ---- The table of objects ---- */

/* Returns: (nullable) borrowed */
static Watched *watched_find(const Object *obj)
{
    return watched_objects ? g_hash_table_lookup(watched_objects, obj) : NULL;
}

static Watched *watched_get(Object *obj)
{
    Watched *watched = watched_find(obj);

    if (watched) {
        return watched;
    }
    if (!watched_objects) {
        watched_objects = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    }
    watched = g_new(Watched, 1);
    queue_init(&watched->values);
    queue_init(&watched->watches);
    g_hash_table_insert(watched_objects, obj, watched);
    object_set_watched(obj, true);
    return watched;
}

/* Removes a value or a watch from the list of its object. */
static void watched_remove(const Object *obj, QueueLink *link)
{
    Watched *watched = watched_find(obj);

    queue_remove(link);
    if (queue_is_empty(&watched->values) &&
        queue_is_empty(&watched->watches)) {
        g_hash_table_remove(watched_objects, obj);
        object_set_watched((Object *)obj, false);
    }
}

/* ---- Values ---- */

static void value_free(void *opaque)
{
    Value *value = opaque;

    if (value->origin) {
        watched_remove(value->origin, &value->of_origin);
    }
    if (queue_is_linked(&value->changed)) {
        queue_remove(&value->changed);
    }
    if (value->watch->session->value_told == value) {
        value->watch->session->value_told = NULL;
    }
    value->watch->session->n_values--;
    g_clear_pointer(&value->known, json_node_unref);
    g_free(value->origin_name);
    g_free(value->name);
    g_free(value);
}

static void value_mark(Value *value)
{
    if (!queue_is_linked(&value->changed)) {
        queue_push(&value->watch->session->changed_values, &value->changed);
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
    queue_push(&watched_get(origin)->values, &value->of_origin);
    g_ptr_array_add(watch->values, value);
    watch->session->n_values++;
    return value;
}

/*
 * The getter may run the loop, in which the object and with it the watch may be
 * deleted.  `watch_added` is then NULL.
 */
static bool add_value(Watch *watch, const char *name, Error **errp)
{
    QmpSession *s = watch->session;
    g_autoptr(JsonNode) known = NULL;

    if (watch->session->n_values >= MAX_VALUES) {
        error_setg(errp, "The connection watches %d properties already",
                   MAX_VALUES);
        return false;
    }
    s->watch_added = watch;
    known = object_property_get_json(watch->obj, name, errp);
    if (!known) {
        return false;
    }
    if (!s->watch_added) {
        error_setg(errp, "The object was deleted while it was read");
        return false;
    }
    value_new(watch, name)->known = g_steal_pointer(&known);
    return true;
}

/* ---- Watches ---- */

/* The key of a watch in the session's table is its object and its property. */
static guint watch_hash(gconstpointer key)
{
    const Watch *watch = key;

    return g_direct_hash(watch->obj) ^
           (watch->property ? hash_str(watch->property) : 0);
}

static gboolean watch_equal(gconstpointer a, gconstpointer b)
{
    const Watch *one = a;
    const Watch *other = b;

    return one->obj == other->obj &&
           !g_strcmp0(one->property, other->property);
}

/* Called by the session's table when a watch is removed. */
static void watch_destroy(void *opaque)
{
    Watch *watch = opaque;

    if (watch->session->watch_added == watch) {
        watch->session->watch_added = NULL;
    }
    g_ptr_array_unref(watch->values);
    watched_remove(watch->obj, &watch->of_object);
    g_free(watch->path);
    g_free(watch->property);
    g_free(watch);
}

static void watch_free(Watch *watch)
{
    g_hash_table_remove(watch->session->watches, watch);
}

void qmp_watch_begin(QmpSession *s)
{
    s->watches = g_hash_table_new_full(watch_hash, watch_equal,
                                       watch_destroy, NULL);
    queue_init(&s->changed_values);
}

/*
 * Returns a copy of the names, because a getter may run the loop, in which
 * properties are added and deleted.
 */
static GStrv readable_properties(Object *obj)
{
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();
    ObjectPropertyIterator iter;
    ObjectProperty *prop;

    object_property_iter_init(&iter, obj);
    while ((prop = object_property_iter_next(&iter))) {
        if (prop->get) {
            g_strv_builder_add(names, prop->name);
        }
    }
    return g_strv_builder_end(names);
}

/* A property that cannot be read is left out. */
static bool add_all_values(Watch *watch, Error **errp)
{
    ERRP_GUARD();
    QmpSession *s = watch->session;
    g_auto(GStrv) names = readable_properties(watch->obj);

    for (char **name = names; *name; name++) {
        if (!add_value(watch, *name, errp)) {
            if (!s->watch_added || s->n_values >= MAX_VALUES) {
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
    Watch key = { .obj = (Object *)obj, .property = (char *)property };

    return g_hash_table_lookup(s->watches, &key);
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
    watch = g_new0(Watch, 1);
    watch->session = s;
    watch->obj = obj;
    watch->path = object_get_canonical_path(obj);
    watch->property = g_strdup(property);
    watch->values = g_ptr_array_new_with_free_func(value_free);
    queue_push(&watched_get(obj)->watches, &watch->of_object);
    g_hash_table_add(s->watches, watch);
    s->watch_added = watch;
    if (!(property ? add_value(watch, property, errp)
                   : add_all_values(watch, errp)) && s->watch_added) {
        watch_free(watch);
    }
    s->watch_added = NULL;
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
    g_hash_table_remove_all(s->watches);
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

/*
 * Adds the value of a property that was added after the watch of the whole
 * object.
 */
static void add_late_values(Watched *watched, const char *property)
{
    QueueLink *link;

    QUEUE_FOREACH(link, &watched->watches) {
        Watch *watch = container_of(link, Watch, of_object);

        if (!watch->property && watch->session->n_values < MAX_VALUES &&
            !watch_has(watch, property)) {
            value_new(watch, property);
        }
    }
}

void qmp_watch_changed(Object *obj, const char *property)
{
    Watched *watched = watched_find(obj);
    QueueLink *link;

    if (!watched) {
        return;
    }
    add_late_values(watched, property);
    QUEUE_FOREACH(link, &watched->values) {
        Value *value = container_of(link, Value, of_origin);

        if (!strcmp(value->origin_name, property)) {
            value_mark(value);
        }
    }
}

void qmp_watch_deleted(Object *obj)
{
    Watched *watched;

    while ((watched = watched_find(obj)) &&
           !queue_is_empty(&watched->watches)) {
        watch_free(container_of(watched->watches.next, Watch, of_object));
    }
    while ((watched = watched_find(obj))) {
        Value *value = container_of(watched->values.next, Value, of_origin);

        value->origin = NULL;
        watched_remove(obj, &value->of_origin);
    }
}

/*
 * The getter may run the loop, in which the object and with it the value may be
 * deleted.  `value_told` is then NULL.
 */
static void value_tell(QmpSession *s, Value *value)
{
    g_autoptr(JsonNode) now = NULL;
    g_autoptr(JsonNode) node = NULL;
    g_autofree char *text = NULL;
    JsonObject *data;

    s->value_told = value;
    now = object_property_get_json(value->watch->obj, value->name, NULL);
    if (!s->value_told || !now ||
        (value->known && json_node_equal_deep(now, value->known))) {
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

/*
 * While a getter runs the loop, the session is neither freed nor executes
 * commands, because it counts as running.
 */
void qmp_watch_flush(QmpSession *s)
{
    bool was_running = s->running;
    bool told = false;
    QueueLink *link;

    if (queue_is_empty(&s->changed_values) || s->value_told) {
        return;
    }
    s->running = true;
    /*
     * Set before the loop, so that a thread that makes room from now on
     * schedules another flush.
     */
    __atomic_store_n(&s->has_changes, true, __ATOMIC_SEQ_CST);
    while (qmp_mailbox_size(&s->mailbox) < QMP_OUTPUT_LIMIT &&
           (link = queue_pop(&s->changed_values))) {
        value_tell(s, container_of(link, Value, changed));
        s->value_told = NULL;
        told = true;
    }
    s->running = was_running;
    if (queue_is_empty(&s->changed_values)) {
        __atomic_store_n(&s->has_changes, false, __ATOMIC_SEQ_CST);
    }
    if (told) {
        qmp_session_wake(s);
    }
    if (told && !was_running && s->run_later) {
        s->run_later(s->run_opaque);
    }
}
