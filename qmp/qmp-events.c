/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The text of an event is created once and queued for every session that has
 * negotiated.  The sender may be in any thread.
 *
 * An event with a rate limit: the first one is sent at once and begins a
 * period.  During the period only the last event is kept.  At the end of the
 * period it is sent and begins another period.  One timer serves all periods.
 *
 * Lock order: `lock` first, then the lock of an output queue.
 */
#include "qmp/qmp-events-internal.h"

#include "aio/aio.h"
#include "aio/timer.h"
#include "qapi/json/json.h"
#include "qapi/qapi-event.h"
#include "qmp/qapi-events-control.h"
#include "qmp/qmp-server.h"
#include "qmp/qmp-session-internal.h"
#include "qom/object-observer.h"
#include "qom/object.h"
#include "util/hash.h"

#include <string.h>

typedef struct EventText {
    char *plain;
    char *pretty;
} EventText;

/* An entry of the table of limits. */
typedef struct Limit {
    int64_t period_ns;
    char *key;          /* (nullable) a member of the data */
    GHashTable *periods; /* value of that member to Period */
    QueueLink by_end;    /* list of the same; the first to end comes first */
} Limit;

typedef struct Period {
    QueueLink by_end;
    char *key; /* its key in `periods`; owned by the table */
    int64_t end_ns;
    /* the last event of the period; .plain is NULL if there is none */
    EventText pending;
} Period;

static GMutex lock;
static GHashTable *limits;   /* event name to Limit; under lock */
static GPtrArray *sessions;  /* under lock; changed by the main thread */
static AioTimer *timer;      /* under lock; NULL without a server */
static AioBH *flush_bh;      /* under lock; NULL without a server */
static unsigned n_servers;   /* main thread */
static unsigned n_negotiated; /* atomic */

/* ---- Text ---- */

static JsonNode *take_object(JsonObject *object)
{
    JsonNode *node = json_node_new(JSON_NODE_OBJECT);

    json_node_take_object(node, object);
    return node;
}

static JsonNode *event_node(const char *name, JsonNode *data, int64_t now_us)
{
    JsonObject *object = json_object_new();
    JsonObject *timestamp = json_object_new();

    json_object_set_string_member(object, "event", name);
    if (data) {
        json_object_set_member(object, "data", json_node_ref(data));
    }
    json_object_set_int_member(timestamp, "seconds", now_us / G_USEC_PER_SEC);
    json_object_set_int_member(timestamp, "microseconds",
                               now_us % G_USEC_PER_SEC);
    json_object_set_object_member(object, "timestamp", timestamp);
    return take_object(object);
}

static char *node_text(JsonNode *node, bool pretty)
{
    GString *text = g_string_new(NULL);

    json_write(text, node, pretty);
    g_string_append(text, "\r\n");
    return g_string_free(text, FALSE);
}

char *qmp_event_text(const char *name, JsonNode *data, bool pretty)
{
    g_autoptr(JsonNode) node = event_node(name, data, g_get_real_time());

    return node_text(node, pretty);
}

/*
 * Creates the text of an event once for all sessions; called with the lock
 * held.  The pretty form is created only if a session uses it.
 */
static EventText event_text(const char *name, JsonNode *data)
{
    g_autoptr(JsonNode) node = event_node(name, data, g_get_real_time());
    EventText text = { .plain = node_text(node, false) };

    for (guint i = 0; i < sessions->len && !text.pretty; i++) {
        if (((QmpSession *)sessions->pdata[i])->options.pretty) {
            text.pretty = node_text(node, true);
        }
    }
    return text;
}

static void event_text_clear(EventText *text)
{
    g_clear_pointer(&text->plain, g_free);
    g_clear_pointer(&text->pretty, g_free);
}

/* ---- To all sessions ---- */

/* @path: (nullable) of the object that was added or deleted */
static void put(QmpSession *s, const EventText *text, const char *path,
                bool added)
{
    const char *form = s->options.pretty && text->pretty ? text->pretty
                                                         : text->plain;

    if (!__atomic_load_n(&s->wants_events, __ATOMIC_ACQUIRE)) {
        return;
    }
    if (path) {
        qmp_mailbox_put_news(&s->mailbox, path, added, form);
    } else {
        qmp_mailbox_put(&s->mailbox, form);
    }
    qmp_session_wake(s);
}

static void put_all(const EventText *text, const char *path, bool added)
{
    for (guint i = 0; i < sessions->len; i++) {
        put(sessions->pdata[i], text, path, added);
    }
}

/* ---- Limits ---- */

static void period_free(void *opaque)
{
    Period *period = opaque;

    if (queue_is_linked(&period->by_end)) {
        queue_remove(&period->by_end);
    }
    event_text_clear(&period->pending);
    g_free(period);
}

static void limit_free(void *opaque)
{
    Limit *limit = opaque;

    g_hash_table_unref(limit->periods);
    g_free(limit->key);
    g_free(limit);
}

void qmp_event_set_rate(const char *event, int64_t period_ns, const char *key)
{
    Limit *limit = g_new0(Limit, 1);

    g_assert(period_ns >= 0);
    limit->period_ns = period_ns;
    limit->key = g_strdup(key);
    queue_init(&limit->by_end);
    limit->periods = g_hash_table_new_full(hash_str, g_str_equal, g_free,
                                           period_free);
    g_mutex_lock(&lock);
    if (!limits) {
        limits = g_hash_table_new_full(hash_str, g_str_equal, g_free,
                                       limit_free);
    }
    if (period_ns) {
        g_hash_table_insert(limits, g_strdup(event), limit);
    } else {
        g_hash_table_remove(limits, event);
        limit_free(limit);
    }
    g_mutex_unlock(&lock);
}

static char *key_value(const Limit *limit, JsonNode *data)
{
    JsonNode *value = NULL;
    GString *text = g_string_new(NULL);

    if (limit->key && data) {
        value = json_object_get_member(json_node_get_object(data),
                                       limit->key);
    }
    if (value) {
        json_write(text, value, false);
    }
    return g_string_free(text, FALSE);
}

/*
 * All periods of one limit are equally long, so the one that begins last also
 * ends last.
 */
static void period_begin(Limit *limit, Period *period, int64_t now)
{
    period->end_ns = now + limit->period_ns;
    queue_push(&limit->by_end, &period->by_end);
}

/*
 * Returns true if @text may be sent now.  Otherwise @text is kept for the end
 * of the period.
 */
static bool pass_limit(Limit *limit, JsonNode *data, EventText *text)
{
    int64_t now = clock_get_ns(AIO_CLOCK_REALTIME);
    g_autofree char *key = key_value(limit, data);
    Period *period = g_hash_table_lookup(limit->periods, key);

    if (period) {
        event_text_clear(&period->pending);
        period->pending = *text;
        *text = (EventText){ NULL };
        return false;
    }
    period = g_new0(Period, 1);
    period->key = g_steal_pointer(&key);
    g_hash_table_insert(limit->periods, period->key, period);
    period_begin(limit, period, now);
    timer_mod_anticipate_ns(timer, period->end_ns);
    return true;
}

/*
 * Returns the time at which the first period of the limit ends, in nanoseconds;
 * INT64_MAX if there is none.
 */
static int64_t end_periods(Limit *limit, int64_t now)
{
    while (!queue_is_empty(&limit->by_end)) {
        Period *period = container_of(limit->by_end.next, Period, by_end);

        if (period->end_ns > now) {
            return period->end_ns;
        }
        queue_remove(&period->by_end);
        if (!period->pending.plain) {
            g_hash_table_remove(limit->periods, period->key);
            continue;
        }
        put_all(&period->pending, NULL, false);
        event_text_clear(&period->pending);
        period_begin(limit, period, now);
    }
    return INT64_MAX;
}

static void on_timer(void *opaque)
{
    int64_t now = clock_get_ns(AIO_CLOCK_REALTIME);
    int64_t first = INT64_MAX;
    GHashTableIter iter;
    void *limit;

    g_mutex_lock(&lock);
    g_hash_table_iter_init(&iter, limits);
    while (g_hash_table_iter_next(&iter, NULL, &limit)) {
        int64_t end = end_periods(limit, now);

        first = MIN(first, end);
    }
    if (first != INT64_MAX) {
        timer_mod_ns(timer, first);
    }
    g_mutex_unlock(&lock);
}

/* ---- The emitter ---- */

/* Returns true if at least one session receives events.  Thread: any */
static bool events_wanted(void)
{
    return __atomic_load_n(&n_negotiated, __ATOMIC_RELAXED) > 0;
}

static void emit(const QapiEvent *event, JsonNode *data, void *opaque)
{
    bool added = !strcmp(event->name, "OBJECT_ADDED");
    bool news = added || !strcmp(event->name, "OBJECT_DELETED");
    const char *path = NULL;
    EventText text;
    Limit *limit;

    if (!events_wanted()) {
        return;
    }
    if (news) {
        path = json_object_get_string_member(json_node_get_object(data),
                                             "path");
    }
    g_mutex_lock(&lock);
    text = event_text(event->name, data);
    limit = limits ? g_hash_table_lookup(limits, event->name) : NULL;
    if (!limit || pass_limit(limit, data, &text)) {
        put_all(&text, path, added);
    }
    event_text_clear(&text);
    g_mutex_unlock(&lock);
}

/* ---- The observer ---- */

static void on_added(Object *obj, void *opaque)
{
    g_autofree char *path = NULL;

    if (events_wanted()) {
        path = object_get_canonical_path(obj);
        qapi_event_send_object_added(path, object_get_typename(obj));
    }
}

static void on_deleted(Object *obj, void *opaque)
{
    g_autofree char *path = NULL;

    qmp_watch_deleted(obj);
    if (events_wanted()) {
        path = object_get_canonical_path(obj);
        qapi_event_send_object_deleted(path, object_get_typename(obj));
    }
}

static void on_changed(Object *obj, const char *property, void *opaque)
{
    qmp_watch_changed(obj, property);
}

static const ObjectObserver observer = {
    .added = on_added,
    .deleted = on_deleted,
    .changed = on_changed,
};

/* ---- Sessions and servers ---- */

static void on_flush(void *opaque)
{
    /*
     * Only this thread changes the array.  But a getter may run the loop, in
     * which other sessions begin and end.
     */
    for (guint i = 0; i < sessions->len; i++) {
        QmpSession *s = sessions->pdata[i];

        qmp_watch_flush(s);
        if (i >= sessions->len || sessions->pdata[i] != s) {
            qmp_events_flush_later();
            return;
        }
    }
}

void qmp_events_flush_later(void)
{
    g_mutex_lock(&lock);
    if (flush_bh) {
        aio_bh_schedule(flush_bh);
    }
    g_mutex_unlock(&lock);
}

void qmp_events_add_session(QmpSession *s)
{
    g_mutex_lock(&lock);
    if (!sessions) {
        sessions = g_ptr_array_new();
    }
    g_ptr_array_add(sessions, s);
    g_mutex_unlock(&lock);
}

void qmp_events_remove_session(QmpSession *s)
{
    g_mutex_lock(&lock);
    g_ptr_array_remove(sessions, s);
    if (s->wants_events) {
        __atomic_fetch_sub(&n_negotiated, 1, __ATOMIC_RELAXED);
    }
    g_mutex_unlock(&lock);
}

void qmp_events_set_wake(QmpSession *s, void (*wake)(void *opaque),
                         void *opaque)
{
    g_mutex_lock(&lock);
    s->wake = wake;
    s->wake_opaque = opaque;
    g_mutex_unlock(&lock);
}

void qmp_events_for_each_session(void (*fn)(const QmpSession *s,
                                            void *opaque), void *opaque)
{
    g_mutex_lock(&lock);
    for (guint i = 0; sessions && i < sessions->len; i++) {
        fn(sessions->pdata[i], opaque);
    }
    g_mutex_unlock(&lock);
}

void qmp_events_negotiated(QmpSession *s)
{
    __atomic_store_n(&s->wants_events, true, __ATOMIC_RELEASE);
    __atomic_fetch_add(&n_negotiated, 1, __ATOMIC_RELAXED);
}

void qmp_events_start(AioContext *ctx)
{
    if (n_servers++) {
        return;
    }
    /*
     * The root object and `/objects` always exist, so they are created before
     * the observer can report them.
     */
    object_get_objects_root();
    g_mutex_lock(&lock);
    if (!sessions) {
        sessions = g_ptr_array_new();
    }
    timer = aio_timer_new(ctx, AIO_CLOCK_REALTIME, SCALE_NS, on_timer, NULL);
    flush_bh = aio_bh_new(ctx, on_flush, NULL);
    g_mutex_unlock(&lock);
    object_set_observer(&observer, NULL);
    qapi_event_set_emitter(emit, NULL);
}

static void forget_periods(void *key, void *value, void *opaque)
{
    g_hash_table_remove_all(((Limit *)value)->periods);
}

void qmp_events_stop(void)
{
    if (--n_servers) {
        return;
    }
    qapi_event_set_emitter(NULL, NULL);
    object_set_observer(NULL, NULL);
    g_mutex_lock(&lock);
    g_clear_pointer(&timer, timer_free);
    g_clear_pointer(&flush_bh, aio_bh_delete);
    if (limits) {
        g_hash_table_foreach(limits, forget_periods, NULL);
    }
    g_mutex_unlock(&lock);
}
