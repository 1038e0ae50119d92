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
 * Getters: reading a property may run the loop, in which any object and watch
 * may be deleted.  `adding` and `sending` are then set to NULL.
 *
 * Flushing: sets of watches with marked values are in the list `pending`, which
 * a bottom half empties.  A set whose client does not take its events stays in
 * the list until the client does.
 *
 * Thread: main, except qmp_watches_flush_later()
 */
#include "qmp/qmp-watch-internal.h"

#include "aio/aio.h"
#include "qmp/qmp-event-queue-internal.h"
#include "qmp/qmp-message-internal.h"
#include "qom/object-observer.h"
#include "qom/object-property.h"
#include "qom/object.h"
#include "util/hash.h"
#include "util/queue.h"

#include <string.h>

typedef struct Watch Watch;

/* A property, as one client watches it. */
typedef struct Value {
    Watch *watch;
    const Object *origin; /* (nullable) stores the property */
    QueueLink of_origin;  /* in that object's list */
    char *origin_name;
    char *name;           /* name in the watched object */
    JsonNode *known;      /* what the client was last sent */
    QueueLink changed;    /* in `changed_values` while it is marked */
} Value;

struct Watch {
    QmpWatches *set;
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

struct QmpWatches {
    QmpEventQueue *events;
    void (*flush)(void *opaque);
    void *opaque;
    GHashTable *watches;      /* of Watch */
    QueueLink changed_values; /* head of Value.changed */
    unsigned n_values;
    unsigned max_values;      /* constant */
    Watch *adding;            /* (nullable) its values are being read */
    Value *sending;           /* (nullable) is being read */
    QueueLink pending;        /* in the list of that name */
    atomic_bool has_changes;  /* marked values wait for room */
};

/* From Object to Watched. */
static GHashTable *watched_objects;

static QueueLink pending = { &pending, &pending }; /* QmpWatches */
static GMutex flush_lock;
static AioBH *flush_bh; /* under flush_lock; NULL without a server */

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

/* Schedules on_flush() in the main loop.  Thread: any */
static void schedule_flush(void)
{
    g_mutex_lock(&flush_lock);
    if (flush_bh) {
        aio_bh_schedule(flush_bh);
    }
    g_mutex_unlock(&flush_lock);
}

static void value_free(void *opaque)
{
    Value *value = opaque;

    if (value->origin) {
        watched_remove(value->origin, &value->of_origin);
    }
    if (queue_is_linked(&value->changed)) {
        queue_remove(&value->changed);
    }
    if (value->watch->set->sending == value) {
        value->watch->set->sending = NULL;
    }
    value->watch->set->n_values--;
    g_clear_pointer(&value->known, json_node_unref);
    g_free(value->origin_name);
    g_free(value->name);
    g_free(value);
}

static void value_mark(Value *value)
{
    QmpWatches *w = value->watch->set;

    if (!queue_is_linked(&value->changed)) {
        queue_push(&w->changed_values, &value->changed);
        if (!queue_is_linked(&w->pending)) {
            queue_push(&pending, &w->pending);
        }
        schedule_flush();
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
    watch->set->n_values++;
    return value;
}

static bool add_value(Watch *watch, const char *name, Error **errp)
{
    QmpWatches *w = watch->set;
    g_autoptr(JsonNode) known = NULL;

    if (w->n_values >= w->max_values) {
        error_setg(errp, "The connection watches %u properties already",
                   w->max_values);
        return false;
    }
    w->adding = watch;
    known = object_property_get_json(watch->obj, name, errp);
    if (!known) {
        return false;
    }
    if (!w->adding) {
        error_setg(errp, "The object was deleted while it was read");
        return false;
    }
    value_new(watch, name)->known = g_steal_pointer(&known);
    return true;
}

/* ---- Watches ---- */

/* The key of a watch is its object and its property. */
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

/* Called by the table of the set when a watch is removed. */
static void watch_destroy(void *opaque)
{
    Watch *watch = opaque;

    if (watch->set->adding == watch) {
        watch->set->adding = NULL;
    }
    g_ptr_array_unref(watch->values);
    watched_remove(watch->obj, &watch->of_object);
    g_free(watch->path);
    g_free(watch->property);
    g_free(watch);
}

static void watch_free(Watch *watch)
{
    g_hash_table_remove(watch->set->watches, watch);
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
    QmpWatches *w = watch->set;
    g_auto(GStrv) names = readable_properties(watch->obj);

    for (char **name = names; *name; name++) {
        if (!add_value(watch, *name, errp)) {
            if (!w->adding || w->n_values >= w->max_values) {
                return false;
            }
            g_clear_pointer(errp, error_free);
        }
    }
    return true;
}

static Watch *watch_find(const QmpWatches *w, const Object *obj,
                         const char *property)
{
    Watch key = { .obj = (Object *)obj, .property = (char *)property };

    return g_hash_table_lookup(w->watches, &key);
}

/* ---- The set of one client ---- */

QmpWatches *qmp_watches_new(QmpEventQueue *events, unsigned max_values,
                            void (*flush)(void *opaque), void *opaque)
{
    QmpWatches *w = g_new0(QmpWatches, 1);

    w->events = events;
    w->max_values = max_values;
    w->flush = flush;
    w->opaque = opaque;
    w->watches = g_hash_table_new_full(watch_hash, watch_equal, watch_destroy,
                                       NULL);
    queue_init(&w->changed_values);
    return w;
}

void qmp_watches_free(QmpWatches *w)
{
    g_hash_table_unref(w->watches);
    if (queue_is_linked(&w->pending)) {
        queue_remove(&w->pending);
    }
    g_free(w);
}

bool qmp_watches_add(QmpWatches *w, Object *obj, const char *property,
                     Error **errp)
{
    Watch *watch;
    bool ok;

    if (watch_find(w, obj, property)) {
        return true;
    }
    watch = g_new0(Watch, 1);
    watch->set = w;
    watch->obj = obj;
    watch->path = object_get_canonical_path(obj);
    watch->property = g_strdup(property);
    watch->values = g_ptr_array_new_with_free_func(value_free);
    queue_push(&watched_get(obj)->watches, &watch->of_object);
    g_hash_table_add(w->watches, watch);
    w->adding = watch;
    ok = property ? add_value(watch, property, errp)
                  : add_all_values(watch, errp);
    if (!ok && w->adding) {
        watch_free(watch);
    }
    w->adding = NULL;
    return ok;
}

bool qmp_watches_remove(QmpWatches *w, Object *obj, const char *property,
                        Error **errp)
{
    Watch *watch = watch_find(w, obj, property);
    g_autofree char *path = NULL;

    if (watch) {
        watch_free(watch);
        return true;
    }
    path = object_get_canonical_path(obj);
    if (property) {
        error_setg(errp, "Property '%s' of '%s' is not watched", property,
                   path);
    } else {
        error_setg(errp, "'%s' is not watched as a whole", path);
    }
    return false;
}

unsigned qmp_watches_count(const QmpWatches *w)
{
    return g_hash_table_size(w->watches);
}

unsigned qmp_watches_n_values(const QmpWatches *w)
{
    return w->n_values;
}

unsigned qmp_watches_n_changed(const QmpWatches *w)
{
    const QueueLink *link;
    unsigned n = 0;

    QUEUE_FOREACH(link, &w->changed_values) {
        n++;
    }
    return n;
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

        if (!watch->property && watch->set->n_values < watch->set->max_values &&
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

/* ---- Flushing ---- */

/* Queues the event of a value, if the value differs from what is known. */
static void value_send(QmpWatches *w, Value *value)
{
    g_autoptr(JsonNode) now = NULL;
    g_autoptr(JsonNode) data_node = NULL;
    g_autofree char *text = NULL;
    JsonObject *data;

    w->sending = value;
    now = object_property_get_json(value->watch->obj, value->name, NULL);
    if (!w->sending || !now ||
        (value->known && json_node_equal_deep(now, value->known))) {
        return;
    }
    data = json_object_new();
    json_object_set_string_member(data, "path", value->watch->path);
    json_object_set_string_member(data, "property", value->name);
    json_object_set_member(data, "value", json_node_ref(now));
    data_node = json_node_new(JSON_NODE_OBJECT);
    json_node_take_object(data_node, data);
    text = qmp_message_event("PROPERTY_CHANGED", data_node, g_get_real_time(),
                             w->events->pretty);
    qmp_event_queue_put_always(w->events, text);
    g_clear_pointer(&value->known, json_node_unref);
    value->known = g_steal_pointer(&now);
}

bool qmp_watches_flush(QmpWatches *w, size_t limit)
{
    bool called = false;
    QueueLink *link;

    if (w->sending) {
        return false; /* an outer call will find the values */
    }
    /*
     * Set before the loop, so that a thread that makes room from now on
     * schedules another flush.
     */
    atomic_store(&w->has_changes, true);
    while (qmp_event_queue_size(w->events) < limit &&
           (link = queue_pop(&w->changed_values))) {
        value_send(w, container_of(link, Value, changed));
        w->sending = NULL;
        called = true;
    }
    if (queue_is_empty(&w->changed_values)) {
        atomic_store(&w->has_changes, false);
        if (queue_is_linked(&w->pending)) {
            queue_remove(&w->pending);
        }
    }
    return called;
}

/*
 * Each set is flushed once, and stays in the list unless its flush removes it.
 * A getter may run the loop, which calls this function again.
 */
static void on_flush(void *opaque)
{
    QueueLink batch;
    QueueLink *link;

    queue_init(&batch);
    while ((link = queue_pop(&pending))) {
        queue_push(&batch, link);
    }
    while ((link = queue_pop(&batch))) {
        QmpWatches *w = container_of(link, QmpWatches, pending);

        queue_push(&pending, link);
        w->flush(w->opaque);
    }
}

void qmp_watches_flush_later(QmpWatches *w)
{
    if (atomic_load(&w->has_changes)) {
        schedule_flush();
    }
}

void qmp_watch_start(AioContext *ctx)
{
    g_mutex_lock(&flush_lock);
    flush_bh = aio_bh_new(ctx, on_flush, NULL);
    g_mutex_unlock(&flush_lock);
}

void qmp_watch_stop(void)
{
    g_mutex_lock(&flush_lock);
    g_clear_pointer(&flush_bh, aio_bh_delete);
    g_mutex_unlock(&flush_lock);
}
