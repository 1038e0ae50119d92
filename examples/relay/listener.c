/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Listeners, and what becomes of the lines of their clients.
 *
 * - A *client* is what the base class loop-server makes of a connection.  It
 *   counts its lines in the thread of its loop.
 * - A *chain* is a list of filters that never changes.  A listener exchanges it
 *   for another one; the lines that a loop is handling still pass the old one.
 */
#include "qapi-commands-relay.h"
#include "qapi-events-relay.h"
#include "qapi-types-relay.h"
#include "relay.h"

#include "iothread/loop-server.h"
#include "util/log.h"

#include <inttypes.h>
#include <string.h>

#define LINE_MAX_BYTES 4096
#define UNSENT_MAX_BYTES (256 * 1024)

#define TYPE_RELAY_LISTENER "relay-listener"
OBJECT_DECLARE_SIMPLE_TYPE(RelayListener, RELAY_LISTENER)

typedef struct Client {
    LoopClient parent;

    QOM_ATOMIC(uint64_t) lines; /* written by the thread of the loop alone */
    QOM_ATOMIC(uint64_t) replies;
} Client;

struct RelayListener {
    LoopServer parent_obj;

    struct strList *filters;  /* property */
    struct RelayStats *stats; /* property, as of the last read */

    RelayStats left;          /* of the clients that have left */
    Lock lock;
    GPtrArray *chain;         /* under the lock */
};

#define QAPI_CLASS_RELAY_LISTENER
#include "qapi-classes-relay.h"

OBJECT_DEFINE_SIMPLE_TYPE(RelayListener, relay_listener, RELAY_LISTENER,
                          LOOP_SERVER)

LOG_AREA_DEFINE(relay_log, "relay")

/* ---- Chains ---- */

/* Returns: (transfer full) the filters of the property; NULL with @errp set */
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

static void set_chain(RelayListener *listener, GPtrArray *chain)
{
    GPtrArray *old = listener->chain;

    lock_acquire(&listener->lock);
    listener->chain = chain;
    lock_release(&listener->lock);
    g_clear_pointer(&old, g_ptr_array_unref);
}

/* Returns: (transfer full) the chain, which can be exchanged at any time */
static GPtrArray *get_chain(RelayListener *listener)
{
    GPtrArray *chain;

    lock_acquire(&listener->lock);
    chain = g_ptr_array_ref(listener->chain);
    lock_release(&listener->lock);
    return chain;
}

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

/* ---- Clients ---- */

/* Returns: false if a line is too long */
static bool handle_lines(Client *client)
{
    AioStream *stream = client->parent.stream;
    g_autoptr(GPtrArray) chain =
        get_chain(RELAY_LISTENER(client->parent.server));
    uint64_t lines = atomic_load(&client->lines);
    uint64_t replies = atomic_load(&client->replies);
    char reply[LINE_MAX_BYTES + 32];
    size_t left;
    const char *line = aio_stream_peek(stream, &left);
    const char *end;

    while ((end = memchr(line, '\n', MIN(left, LINE_MAX_BYTES)))) {
        size_t size = end - line;
        int n = g_snprintf(reply, sizeof(reply), "%" PRIu64 " ", ++lines);

        memcpy(reply + n, line, size);
        if (apply(chain, reply + n, &size)) {
            reply[n + size] = '\n';
            aio_stream_queue(stream, reply, n + size + 1);
            replies++;
        }
        aio_stream_consume(stream, end + 1 - line);
        line = aio_stream_peek(stream, &left);
    }
    atomic_store(&client->lines, lines);
    atomic_store(&client->replies, replies);
    return left < LINE_MAX_BYTES;
}

static void coroutine_fn relay_listener_serve(LoopClient *loop_client)
{
    AioStream *stream = loop_client->stream;
    size_t rest = 0;

    while (aio_stream_fill(stream, rest + 1, -1) > (ssize_t)rest &&
           handle_lines((Client *)loop_client) &&
           aio_stream_drain(stream, UNSENT_MAX_BYTES, -1) == 0) {
        aio_stream_peek(stream, &rest);
    }
    aio_stream_flush(stream, -1);
}

static void add_client(LoopClient *loop_client, void *opaque)
{
    Client *client = (Client *)loop_client;
    RelayStats *stats = opaque;

    stats->lines += atomic_load(&client->lines);
    stats->replies += atomic_load(&client->replies);
}

static void relay_listener_client_left(LoopClient *loop_client)
{
    Client *client = (Client *)loop_client;
    RelayListener *listener = RELAY_LISTENER(loop_client->server);
    const char *id = object_get_canonical_path_component(OBJECT(listener));

    listener->left.left++;
    add_client(loop_client, &listener->left);
    log_info(&relay_log, "client left", log_str("id", id),
             log_int("client", loop_client->number));
    qapi_event_send_relay_client_left(id, loop_client->number, client->lines,
                                      client->replies);
}

/* ---- Statistics ---- */

static int add_listener(Object *obj, void *opaque)
{
    RelayListener *listener =
        (RelayListener *)object_dynamic_cast(obj, TYPE_RELAY_LISTENER);
    RelayStats *sum = opaque;

    if (listener) {
        LoopServer *server = LOOP_SERVER(obj);

        sum->accepted += loop_server_get_n_accepted(server);
        sum->left += listener->left.left;
        sum->lines += listener->left.lines;
        sum->replies += listener->left.replies;
        loop_server_foreach_client(server, add_client, sum);
        sum->dropped = sum->lines - sum->replies;
    }
    return 0;
}

RelayStats *qmp_query_relay(Error **errp)
{
    RelayStats *sum = g_new0(RelayStats, 1);

    object_child_foreach(object_get_objects_root(), add_listener, sum);
    return sum;
}

static void relay_listener_refresh(Object *obj, const PropertyRow *row)
{
    RelayListener *listener = RELAY_LISTENER(obj);

    if (row->type == &qapi_type_RelayStats) {
        qapi_type_free(row->type, &listener->stats);
        listener->stats = g_new0(RelayStats, 1);
        add_listener(obj, listener->stats);
    }
}

/* ---- The class ---- */

/* Nothing can fail after this, so new filters can take effect. */
static bool relay_listener_prepare(LoopObject *obj, AioContext *const *loops,
                                   unsigned n_loops, Error **errp)
{
    RelayListener *listener = RELAY_LISTENER(obj);
    bool is_complete = listener->chain;
    GPtrArray *chain = is_complete ? chain_new(listener, errp) : NULL;

    if (chain) {
        set_chain(listener, chain);
    }
    return chain || !is_complete;
}

static void relay_listener_complete(LoopObject *obj, Error **errp)
{
    RelayListener *listener = RELAY_LISTENER(obj);

    listener->chain = chain_new(listener, errp);
    if (listener->chain) {
        LOOP_OBJECT_CLASS(object_class_by_name(TYPE_LOOP_SERVER))
            ->complete(obj, errp);
    }
}

static void relay_listener_init(Object *obj)
{
    lock_init(&RELAY_LISTENER(obj)->lock);
}

static void relay_listener_finalize(Object *obj)
{
    g_clear_pointer(&RELAY_LISTENER(obj)->chain, g_ptr_array_unref);
}

static void relay_listener_class_init(ObjectClass *klass, const void *data)
{
    klass->property_refresh = relay_listener_refresh;
    LOOP_OBJECT_CLASS(klass)->complete = relay_listener_complete;
    LOOP_OBJECT_CLASS(klass)->prepare = relay_listener_prepare;
    LOOP_SERVER_CLASS(klass)->client_size = sizeof(Client);
    LOOP_SERVER_CLASS(klass)->serve = relay_listener_serve;
    LOOP_SERVER_CLASS(klass)->client_left = relay_listener_client_left;
    object_class_add_properties(klass, relay_listener_properties);
}
