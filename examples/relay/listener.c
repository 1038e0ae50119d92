/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Listeners, and what becomes of the lines of their clients.
 *
 * - A *client* is a stream and a coroutine that reads from it.  It is in one
 *   loop at a time, and moves between loops by way of the main loop, where all
 *   clients begin.
 * - A *chain* is a list of filters that never changes.  A listener exchanges it
 *   for another one, and frees the old one when no loop uses it any longer.
 *
 * The lock guards the list of clients, because they leave in any thread.
 */
#include "qapi-commands-relay.h"
#include "qapi-events-relay.h"
#include "qapi-types-relay.h"
#include "relay.h"

#include "aio/aio-wait.h"
#include "aio/net/listener.h"
#include "aio/net/stream.h"
#include "iothread/loop-object.h"
#include "util/lock.h"
#include "util/log.h"

#include <inttypes.h>
#include <string.h>

#define LINE_MAX_BYTES 4096
#define UNSENT_MAX_BYTES (256 * 1024)

#define TYPE_RELAY_LISTENER "relay-listener"
OBJECT_DECLARE_SIMPLE_TYPE(RelayListener, RELAY_LISTENER)

typedef struct Client {
    RelayListener *listener; /* with a reference */
    AioContext *ctx;         /* under the lock */
    AioStream *stream;       /* NULL when it has left */
    uint64_t number;
    QOM_ATOMIC(uint64_t) lines; /* written by the thread of `ctx` alone */
    QOM_ATOMIC(uint64_t) replies;
} Client;

struct RelayListener {
    LoopObject parent_obj;

    char *addr;               /* property */
    struct strList *filters;  /* property */
    struct RelayStats *stats; /* property, as of the last read */

    AioListener *listener; /* NULL before complete */
    CoGroup *group;        /* the coroutines of the clients */
    QOM_ATOMIC(GPtrArray *) chain;
    bool is_moving;        /* new clients stay in the main loop */
    unsigned n_clients;    /* that are not freed yet */

    Lock lock;
    RelayStats left;    /* under the lock; lines of clients that have left */
    GPtrArray *clients; /* under the lock; owned by the coroutines */
};

#define QAPI_CLASS_RELAY_LISTENER
#include "qapi-classes-relay.h"

OBJECT_DEFINE_SIMPLE_TYPE(RelayListener, relay_listener, RELAY_LISTENER,
                          LOOP_OBJECT)

LOG_AREA_DEFINE(relay_log, "relay")

/* ---- Clients ---- */

static bool apply(const GPtrArray *chain, char *line, size_t *size_bytes)
{
    for (guint i = 0; i < chain->len; i++) {
        RelayFilter *filter = chain->pdata[i];

        if (!RELAY_FILTER_GET_CLASS(filter)->apply(filter, line, size_bytes)) {
            return false;
        }
    }
    return true;
}

/* Does not wait, so the chain stays.  Returns: false if a line is too long */
static bool handle_lines(Client *client)
{
    const GPtrArray *chain = atomic_load(&client->listener->chain);
    uint64_t lines = atomic_load(&client->lines);
    uint64_t replies = atomic_load(&client->replies);
    char reply[LINE_MAX_BYTES + 32];
    size_t left;
    const char *line = aio_stream_peek(client->stream, &left);
    const char *end;

    while ((end = memchr(line, '\n', MIN(left, LINE_MAX_BYTES)))) {
        size_t size = end - line;
        int n = g_snprintf(reply, sizeof(reply), "%" PRIu64 " ", ++lines);

        memcpy(reply + n, line, size);
        if (apply(chain, reply + n, &size)) {
            reply[n + size] = '\n';
            aio_stream_queue(client->stream, reply, n + size + 1);
            replies++;
        }
        aio_stream_consume(client->stream, end + 1 - line);
        line = aio_stream_peek(client->stream, &left);
    }
    atomic_store(&client->lines, lines);
    atomic_store(&client->replies, replies);
    return left < LINE_MAX_BYTES;
}

static void client_left_bh(void *opaque)
{
    Client *client = opaque;
    Object *listener = OBJECT(client->listener);
    const char *id = object_get_canonical_path_component(listener);

    client->listener->n_clients--;
    log_info(&relay_log, "client left", log_str("id", id),
             log_int("client", client->number));
    qapi_event_send_relay_client_left(id, client->number, client->lines,
                                      client->replies);
    g_free(client);
    object_unref(listener);
}

/* Adds the lines of a client; under the lock */
static void add_client(RelayStats *stats, Client *client)
{
    stats->lines += atomic_load(&client->lines);
    stats->replies += atomic_load(&client->replies);
}

/* Moves may take the coroutine to another thread wherever it waits. */
static int coroutine_fn client_run(void *opaque)
{
    Client *client = opaque;
    RelayListener *listener = client->listener;
    AioStream *stream = client->stream;
    size_t rest = 0;

    while (aio_stream_fill(stream, rest + 1, -1) > (ssize_t)rest &&
           handle_lines(client) &&
           aio_stream_drain(stream, UNSENT_MAX_BYTES, -1) == 0) {
        aio_stream_peek(stream, &rest);
    }
    aio_stream_flush(stream, -1);
    lock_acquire(&listener->lock);
    g_ptr_array_remove(listener->clients, client);
    listener->left.left++;
    add_client(&listener->left, client);
    lock_release(&listener->lock);
    client->stream = NULL;
    aio_stream_free(stream);
    aio_bh_schedule_oneshot(aio_get_main_context(), client_left_bh, client);
    return 0;
}

/* Moves the clients of the current loop to @ctx, or each to its own loop. */
static void move_clients(RelayListener *listener, AioContext *ctx)
{
    g_autoptr(GPtrArray) moved = g_ptr_array_new();

    lock_acquire(&listener->lock);
    for (guint i = 0; i < listener->clients->len; i++) {
        Client *client = listener->clients->pdata[i];

        if (client->ctx == aio_get_current_context()) {
            client->ctx = ctx ? ctx : loop_object_get_queue_loop(
                                          LOOP_OBJECT(listener),
                                          client->number);
            g_ptr_array_add(moved, client);
        }
    }
    lock_release(&listener->lock);
    for (guint i = 0; i < moved->len; i++) {
        Client *client = moved->pdata[i];

        aio_stream_move(client->stream, client->ctx);
    }
}

/* The coroutine may end at once, and then is not in the list. */
static void accept_client(int fd, void *opaque)
{
    RelayListener *listener = opaque;
    Client *client = g_new0(Client, 1);

    object_ref(listener);
    client->listener = listener;
    client->ctx = aio_get_main_context();
    client->stream = aio_stream_new(client->ctx, fd);
    listener->n_clients++;
    lock_acquire(&listener->lock);
    client->number = listener->left.accepted++;
    g_ptr_array_add(listener->clients, client);
    lock_release(&listener->lock);
    co_group_spawn(listener->group, NULL, client_run, client);
    if (!listener->is_moving) {
        move_clients(listener, NULL);
    }
}

/* ---- Filters ---- */

static GPtrArray *chain_new(RelayListener *listener, Error **errp)
{
    g_autoptr(GPtrArray) chain = g_ptr_array_new_with_free_func(object_unref);

    for (strList *id = listener->filters; id; id = id->next) {
        Object *filter = object_resolve_path_type(id->value, TYPE_RELAY_FILTER,
                                                  NULL);

        if (!filter) {
            error_setg(errp, "filters[%u]: filter '%s' not found", chain->len,
                       id->value);
            return NULL;
        }
        g_ptr_array_add(chain, object_ref(filter));
    }
    return g_steal_pointer(&chain);
}

static void nothing(void *opaque)
{
}

/* When each loop has run a bottom half, none of them has the old chain. */
static void set_chain(RelayListener *listener, GPtrArray *chain)
{
    LoopObject *obj = LOOP_OBJECT(listener);
    g_autoptr(GPtrArray) old = atomic_exchange(&listener->chain, chain);

    for (unsigned i = 0; old && i < loop_object_get_n_loops(obj); i++) {
        aio_wait_bh_oneshot(loop_object_get_loop(obj, i), nothing, NULL);
    }
}

/* ---- Hooks of LoopObject ---- */

static void relay_listener_complete(LoopObject *obj, Error **errp)
{
    RelayListener *listener = RELAY_LISTENER(obj);
    GPtrArray *chain = chain_new(listener, errp);
    AioAddress address = { 0 };

    if (!chain) {
        return;
    }
    if (aio_address_parse(&address, listener->addr ? listener->addr : "",
                          errp)) {
        listener->listener = aio_listener_new(aio_get_main_context(), &address,
                                              accept_client, listener, errp);
        aio_address_clear(&address);
    }
    set_chain(listener, chain);
    if (!listener->listener) {
        set_chain(listener, NULL);
    }
}

/* Nothing can fail after this, so the new filters can take effect. */
static bool relay_listener_prepare(LoopObject *obj, AioContext *const *loops,
                                   unsigned n_loops, Error **errp)
{
    RelayListener *listener = RELAY_LISTENER(obj);
    bool is_complete = listener->listener;
    GPtrArray *chain = is_complete ? chain_new(listener, errp) : NULL;

    if (chain) {
        set_chain(listener, chain);
    }
    return chain || !is_complete;
}

static void depart_bh(void *opaque)
{
    move_clients(opaque, aio_get_main_context());
}

static void relay_listener_detach(LoopObject *obj)
{
    RELAY_LISTENER(obj)->is_moving = true;
    for (unsigned i = 0; i < loop_object_get_n_loops(obj); i++) {
        aio_wait_bh_oneshot(loop_object_get_loop(obj, i), depart_bh, obj);
    }
}

static void relay_listener_attach(LoopObject *obj)
{
    RELAY_LISTENER(obj)->is_moving = false;
    move_clients(RELAY_LISTENER(obj), NULL);
}

/* ---- The object ---- */

static void relay_listener_unparent(Object *obj)
{
    RelayListener *listener = RELAY_LISTENER(obj);

    g_clear_pointer(&listener->listener, aio_listener_free);
    object_class_by_name(TYPE_LOOP_OBJECT)->unparent(obj);
    co_group_cancel(listener->group);
    AIO_WAIT_WHILE(NULL, listener->n_clients > 0);
    co_group_wait(listener->group);
    set_chain(listener, NULL);
}

static int add_stats(Object *obj, void *sum)
{
    RelayListener *listener =
        (RelayListener *)object_dynamic_cast(obj, TYPE_RELAY_LISTENER);
    RelayStats *stats = sum;

    if (listener) {
        lock_acquire(&listener->lock);
        stats->accepted += listener->left.accepted;
        stats->left += listener->left.left;
        stats->lines += listener->left.lines;
        stats->replies += listener->left.replies;
        for (guint i = 0; i < listener->clients->len; i++) {
            add_client(stats, listener->clients->pdata[i]);
        }
        lock_release(&listener->lock);
        stats->dropped = stats->lines - stats->replies;
    }
    return 0;
}

RelayStats *qmp_query_relay(Error **errp)
{
    RelayStats *sum = g_new0(RelayStats, 1);

    object_child_foreach(object_get_objects_root(), add_stats, sum);
    return sum;
}

static void relay_listener_refresh(Object *obj, const PropertyRow *row)
{
    RelayListener *listener = RELAY_LISTENER(obj);

    if (row->type == &qapi_type_RelayStats) {
        qapi_type_free(row->type, &listener->stats);
        listener->stats = g_new0(RelayStats, 1);
        add_stats(obj, listener->stats);
    }
}

static void relay_listener_init(Object *obj)
{
    RelayListener *listener = RELAY_LISTENER(obj);

    listener->group = co_group_new();
    listener->clients = g_ptr_array_new();
    listener->is_moving = true; /* until attach() */
    lock_init(&listener->lock);
}

static void relay_listener_finalize(Object *obj)
{
    co_group_free(RELAY_LISTENER(obj)->group);
    g_ptr_array_unref(RELAY_LISTENER(obj)->clients);
}

static void relay_listener_class_init(ObjectClass *klass, const void *data)
{
    LoopObjectClass *lc = LOOP_OBJECT_CLASS(klass);

    klass->unparent = relay_listener_unparent;
    klass->property_refresh = relay_listener_refresh;
    lc->complete = relay_listener_complete;
    lc->prepare = relay_listener_prepare;
    lc->detach = relay_listener_detach;
    lc->attach = relay_listener_attach;
    object_class_add_properties(klass, relay_listener_properties);
}
