/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The text of an event is created once and added to the queue of every client
 * that has subscribed.  The sender may be in any thread.
 *
 * An event with a rate limit: the first one is sent at once and begins a
 * period.  During the period only the last event is kept.  At the end of the
 * period it is sent and begins another period.  One timer serves all periods.
 *
 * Lock order: `lock` first, then the lock of a queue.
 */
#include "qmp/qmp-events-internal.h"

#include "aio/aio.h"
#include "aio/timer.h"
#include "qapi/json/json.h"
#include "qapi/qapi-event.h"
#include "qmp/qmp-event-queue-internal.h"
#include "qmp/qmp-message-internal.h"
#include "qmp/qmp-server.h"
#include "util/hash.h"
#include "util/programming-error.h"
#include "util/queue.h"

#include <inttypes.h>
#include <string.h>

/* One event, as it is written to clients of either kind. */
typedef struct EventText {
    char *plain;
    char *pretty; /* (nullable) NULL: no subscriber wants it */
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
static GPtrArray *queues;    /* of QmpEventQueue; under lock */
static AioTimer *timer;      /* under lock; NULL without a server */
static atomic_uint n_queues; /* the length of `queues` */

/* ---- Text ---- */

static bool is_pretty_wanted(void)
{
    for (guint i = 0; queues && i < queues->len; i++) {
        if (((QmpEventQueue *)queues->pdata[i])->pretty) {
            return true;
        }
    }
    return false;
}

/* Called with the lock held. */
static EventText event_text(const char *name, JsonNode *data)
{
    int64_t now_us = g_get_real_time();

    return (EventText) {
        .plain = qmp_message_event(name, data, now_us, false),
        .pretty = is_pretty_wanted()
                      ? qmp_message_event(name, data, now_us, true)
                      : NULL,
    };
}

static void event_text_clear(EventText *text)
{
    g_clear_pointer(&text->plain, g_free);
    g_clear_pointer(&text->pretty, g_free);
}

/* ---- To all clients ---- */

/* @path: (nullable) of the object that was added or deleted */
static void put(QmpEventQueue *queue, const EventText *text, const char *path,
                bool added)
{
    /* The pretty form is missing if the client subscribed during a period. */
    const char *form = queue->pretty && text->pretty ? text->pretty
                                                     : text->plain;

    if (path) {
        qmp_event_queue_put_object(queue, path, added, form);
    } else {
        qmp_event_queue_put(queue, form);
    }
}

/* To all clients that get the events of @source.  Called with the lock held. */
static void put_all(const void *source, const EventText *text,
                    const char *path, bool added)
{
    for (guint i = 0; queues && i < queues->len; i++) {
        QmpEventQueue *queue = queues->pdata[i];

        if (queue->source == source) {
            put(queue, text, path, added);
        }
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

    if (period_ns < 0) {
        programming_error("qmp_event_set_rate(): the period of event '%s' is "
                          "%" PRId64 " ns; 0 removes the limit", event,
                          period_ns);
    }
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
        put_all(NULL, &period->pending, NULL, false);
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

bool qmp_events_are_wanted(void)
{
    /*
     * Relaxed: a client receives the events that are sent after the reply to
     * its negotiation.  A thread that has not learned of that reply may miss
     * the client.
     */
    return atomic_load_explicit(&n_queues, memory_order_relaxed) > 0;
}

static void emit(const QapiEvent *event, JsonNode *data, void *opaque)
{
    bool added = !strcmp(event->name, "OBJECT_ADDED");
    bool is_of_object = added || !strcmp(event->name, "OBJECT_DELETED");
    const char *path = NULL;
    EventText text;
    Limit *limit;

    if (!qmp_events_are_wanted()) {
        return;
    }
    if (is_of_object) {
        path = json_object_get_string_member(json_node_get_object(data),
                                             "path");
    }
    g_mutex_lock(&lock);
    text = event_text(event->name, data);
    limit = limits ? g_hash_table_lookup(limits, event->name) : NULL;
    if (!limit || pass_limit(limit, data, &text)) {
        put_all(NULL, &text, path, added);
    }
    event_text_clear(&text);
    g_mutex_unlock(&lock);
}

/* ---- Events of other programs ---- */

/* The text is the program's own, with its time stamp. */
void qmp_events_relay(const void *source, const JsonItem *message)
{
    g_autoptr(GString) plain = NULL;
    g_autoptr(GString) pretty = NULL;

    if (!qmp_events_are_wanted()) {
        return;
    }
    plain = g_string_new(NULL);
    json_item_write(plain, message);
    g_string_append_len(plain, "\r\n", 2);
    g_mutex_lock(&lock);
    if (is_pretty_wanted()) {
        g_autoptr(JsonNode) node = json_item_to_node(message);

        pretty = g_string_new(NULL);
        json_write(pretty, node, true);
        g_string_append_len(pretty, "\r\n", 2);
    }
    put_all(source,
            &(EventText) { plain->str, pretty ? pretty->str : NULL }, NULL,
            false);
    g_mutex_unlock(&lock);
}

void qmp_events_announce(const void *source, const char *name,
                         JsonNode *data)
{
    EventText text;

    g_mutex_lock(&lock);
    text = event_text(name, data);
    put_all(source, &text, NULL, false);
    event_text_clear(&text);
    g_mutex_unlock(&lock);
}

/* ---- Clients and servers ---- */

void qmp_events_subscribe(QmpEventQueue *queue)
{
    g_mutex_lock(&lock);
    if (!queues) {
        queues = g_ptr_array_new();
    }
    g_ptr_array_add(queues, queue);
    atomic_store(&n_queues, queues->len);
    g_mutex_unlock(&lock);
}

void qmp_events_unsubscribe(QmpEventQueue *queue)
{
    g_mutex_lock(&lock);
    if (queues && g_ptr_array_remove(queues, queue)) {
        atomic_store(&n_queues, queues->len);
    }
    g_mutex_unlock(&lock);
}

void qmp_events_start(AioContext *ctx)
{
    g_mutex_lock(&lock);
    timer = aio_timer_new(ctx, AIO_CLOCK_REALTIME, SCALE_NS, on_timer, NULL);
    g_mutex_unlock(&lock);
    qapi_event_set_emitter(emit, NULL);
}

static void forget_periods(void *key, void *value, void *opaque)
{
    g_hash_table_remove_all(((Limit *)value)->periods);
}

void qmp_events_stop(void)
{
    qapi_event_set_emitter(NULL, NULL);
    g_mutex_lock(&lock);
    g_clear_pointer(&timer, timer_free);
    if (limits) {
        g_hash_table_foreach(limits, forget_periods, NULL);
    }
    g_mutex_unlock(&lock);
}
