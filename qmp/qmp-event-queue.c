/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Limit: events are kept as one text until that reaches the limit.
 *
 * Merging: beyond the limit, the queue keeps for each path the shortest list of
 * object events that leads from the state that the client knows to the present
 * one: none, DELETED, ADDED, or DELETED followed by ADDED.
 *
 * Dropping: beyond the limit, other events are only counted.
 *
 * Order: once an event has been merged or dropped, no later one is passed on
 * unchanged until the queue has been taken.
 */
#include "qmp/qmp-event-queue-internal.h"

#include "qmp/qmp-message-internal.h"
#include "util/hash.h"

/* The events of one path that are still to be sent. */
typedef struct ObjectEvents {
    char *path;
    char *deleted; /* (nullable) the client knows the object; it was deleted */
    char *added;   /* (nullable) the object was added after that */
    GList *link;
} ObjectEvents;

static void object_events_free(void *opaque)
{
    ObjectEvents *events = opaque;

    g_free(events->path);
    g_free(events->deleted);
    g_free(events->added);
    g_free(events);
}

void qmp_event_queue_init(QmpEventQueue *queue, size_t limit, bool pretty)
{
    queue->limit = limit;
    queue->pretty = pretty;
    g_mutex_init(&queue->lock);
    atomic_init(&queue->has_events, false);
    queue->text = g_string_new(NULL);
    g_queue_init(&queue->object_events);
    queue->by_path = g_hash_table_new(hash_str, g_str_equal);
    queue->n_dropped = 0;
    queue->wake = NULL;
    queue->wake_opaque = NULL;
}

void qmp_event_queue_cleanup(QmpEventQueue *queue)
{
    g_queue_clear_full(&queue->object_events, object_events_free);
    g_hash_table_unref(queue->by_path);
    g_string_free(queue->text, TRUE);
    g_mutex_clear(&queue->lock);
}

/* ---- Waking up ---- */

void qmp_event_queue_set_wake(QmpEventQueue *queue,
                              void (*wake)(void *opaque), void *opaque)
{
    g_mutex_lock(&queue->lock);
    queue->wake = wake;
    queue->wake_opaque = opaque;
    g_mutex_unlock(&queue->lock);
}

/*
 * Called with the lock held, so that qmp_event_queue_set_wake() waits for a
 * call of the previous function.
 */
static void wake(QmpEventQueue *queue)
{
    if (queue->wake) {
        queue->wake(queue->wake_opaque);
    }
}

void qmp_event_queue_wake(QmpEventQueue *queue)
{
    g_mutex_lock(&queue->lock);
    wake(queue);
    g_mutex_unlock(&queue->lock);
}

/* ---- Adding ---- */

/*
 * Records that the queue is not empty, which the taking thread checks without
 * the lock; called with the lock held.
 */
static void note_event(QmpEventQueue *queue)
{
    /* Relaxed: the lock, and being woken up, order what the flag announces. */
    atomic_store_explicit(&queue->has_events, true, memory_order_relaxed);
    wake(queue);
}

/*
 * Returns true if an event may be passed on unchanged; called with the lock
 * held.
 */
static bool has_room(const QmpEventQueue *queue)
{
    return queue->text->len < queue->limit && !queue->n_dropped &&
           !queue->object_events.length;
}

void qmp_event_queue_put_always(QmpEventQueue *queue, const char *text)
{
    g_mutex_lock(&queue->lock);
    g_string_append(queue->text, text);
    note_event(queue);
    g_mutex_unlock(&queue->lock);
}

void qmp_event_queue_put(QmpEventQueue *queue, const char *text)
{
    g_mutex_lock(&queue->lock);
    if (has_room(queue)) {
        g_string_append(queue->text, text);
    } else {
        queue->n_dropped++;
    }
    note_event(queue);
    g_mutex_unlock(&queue->lock);
}

/*
 * Returns the entry of a path, which is created if needed.  Entries are taken
 * in the order of their creation.
 */
static ObjectEvents *get_object_events(QmpEventQueue *queue, const char *path)
{
    ObjectEvents *events = g_hash_table_lookup(queue->by_path, path);

    if (!events) {
        events = g_new0(ObjectEvents, 1);
        events->path = g_strdup(path);
        g_queue_push_tail(&queue->object_events, events);
        events->link = queue->object_events.tail;
        g_hash_table_insert(queue->by_path, events->path, events);
    }
    return events;
}

/*
 * Merges an event into the entry of its path.  ADDED replaces an earlier ADDED.
 * DELETED cancels an ADDED that the client has not been sent, and otherwise is
 * kept.  An entry without events is removed.
 */
static void merge_object_event(QmpEventQueue *queue, const char *path,
                               bool added, const char *text)
{
    ObjectEvents *events = get_object_events(queue, path);

    if (added) {
        g_free(events->added);
        events->added = g_strdup(text);
    } else if (!events->added) {
        g_free(events->deleted);
        events->deleted = g_strdup(text);
    } else {
        g_clear_pointer(&events->added, g_free);
        if (!events->deleted) {
            g_hash_table_remove(queue->by_path, path);
            g_queue_delete_link(&queue->object_events, events->link);
            object_events_free(events);
        }
    }
}

void qmp_event_queue_put_object(QmpEventQueue *queue, const char *path,
                                bool added, const char *text)
{
    g_mutex_lock(&queue->lock);
    if (has_room(queue)) {
        g_string_append(queue->text, text);
    } else {
        merge_object_event(queue, path, added, text);
    }
    note_event(queue);
    g_mutex_unlock(&queue->lock);
}

size_t qmp_event_queue_size(QmpEventQueue *queue)
{
    size_t size;

    g_mutex_lock(&queue->lock);
    size = queue->text->len;
    g_mutex_unlock(&queue->lock);
    return size;
}

/* ---- Taking ---- */

/* Moves the merged events to @out; called with the lock held. */
static void take_object_events(QmpEventQueue *queue, GString *out)
{
    ObjectEvents *events;

    g_hash_table_remove_all(queue->by_path);
    while ((events = g_queue_pop_head(&queue->object_events))) {
        if (events->deleted) {
            g_string_append(out, events->deleted);
        }
        if (events->added) {
            g_string_append(out, events->added);
        }
        object_events_free(events);
    }
}

/* Appends the event that reports how many events were dropped. */
static void append_dropped(GString *out, int64_t n_dropped, bool pretty)
{
    g_autoptr(JsonNode) data_node = json_node_new(JSON_NODE_OBJECT);
    JsonObject *data = json_object_new();
    g_autofree char *text = NULL;

    json_object_set_int_member(data, "count", n_dropped);
    json_node_take_object(data_node, data);
    text = qmp_message_event("EVENTS_DROPPED", data_node, g_get_real_time(),
                             pretty);
    g_string_append(out, text);
}

void qmp_event_queue_take(QmpEventQueue *queue, GString *out)
{
    g_mutex_lock(&queue->lock);
    g_string_append_len(out, queue->text->str, queue->text->len);
    /* A large text is not kept. */
    if (queue->text->allocated_len > 2 * queue->limit) {
        g_string_free(queue->text, TRUE);
        queue->text = g_string_new(NULL);
    } else {
        g_string_truncate(queue->text, 0);
    }
    take_object_events(queue, out);
    if (queue->n_dropped) {
        append_dropped(out, queue->n_dropped, queue->pretty);
        queue->n_dropped = 0;
    }
    /* Relaxed: events are added under the lock, too. */
    atomic_store_explicit(&queue->has_events, false, memory_order_relaxed);
    g_mutex_unlock(&queue->lock);
}
