/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Listeners, and what becomes of the lines of their clients.
 *
 * - A *client* is what the base class loop-server makes of a connection.  It is
 *   served in a coroutine, which moves between loops with the listener.
 * - A *chain* is a list of filters that never changes.  A listener exchanges it
 *   for another one; a line that a loop is handling still passes the old one.
 */
#include "qapi-commands-relay.h"
#include "qapi-events-relay.h"
#include "qapi-types-relay.h"
#include "relay.h"

#include "iothread/loop-server.h"
#include "qom/user-creatable.h"
#include "util/module.h"

#include <inttypes.h>
#include <string.h>

#define LINE_MAX_BYTES 4096
#define UNSENT_MAX_BYTES (256 * 1024)

#define TYPE_RELAY_LISTENER "relay-listener"
OBJECT_DECLARE_SIMPLE_TYPE(RelayListener, RELAY_LISTENER)

struct RelayListener {
    LoopServer parent_obj;

    struct strList *filters; /* property */

    Lock lock;
    GPtrArray *chain; /* under the lock; NULL before complete */
};

#define QAPI_CLASS_RELAY_LISTENER
#include "qapi-classes-relay.h"

/* ---- Chains ---- */

/* Returns: (transfer full) the chain, which can be exchanged at any time */
static GPtrArray *get_chain(RelayListener *listener)
{
    GPtrArray *chain;

    lock_acquire(&listener->lock);
    chain = g_ptr_array_ref(listener->chain);
    lock_release(&listener->lock);
    return chain;
}

/* Called with new values of properties.  Nothing can fail after this. */
static bool relay_listener_prepare(LoopObject *obj, AioContext *const *loops,
                                   unsigned n_loops, Error **errp)
{
    RelayListener *listener = RELAY_LISTENER(obj);
    GPtrArray *old = listener->chain;
    GPtrArray *chain = user_creatable_find_list(listener->filters, "filters",
                                                TYPE_RELAY_FILTER, errp);

    if (!chain) {
        return false;
    }
    lock_acquire(&listener->lock);
    listener->chain = chain;
    lock_release(&listener->lock);
    g_clear_pointer(&old, g_ptr_array_unref);
    return true;
}

/* Returns: false if a filter has dropped the line */
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

/* Queues the reply: the number of the line, a blank, and the line. */
static void handle_line(LoopClient *client, const char *line, size_t size)
{
    g_autoptr(GPtrArray) chain = get_chain(RELAY_LISTENER(client->server));
    uint64_t number = loop_client_count_request(client);
    char reply[LINE_MAX_BYTES + 32];
    int n = g_snprintf(reply, sizeof(reply), "%" PRIu64 " ", number);

    memcpy(reply + n, line, size);
    if (apply(chain, reply + n, &size)) {
        reply[n + size] = '\n';
        aio_stream_queue(client->stream, reply, n + size + 1);
        loop_client_count_reply(client);
    }
}

/* Ends if the client leaves, sends too long a line, or is to be disconnected.
 * A client that does not read is not read from. */
static void coroutine_fn relay_listener_serve(LoopClient *client)
{
    AioStream *stream = client->stream;
    ssize_t size;

    while ((size = aio_stream_fill_line(stream, LINE_MAX_BYTES, -1)) > 0) {
        handle_line(client, aio_stream_peek(stream, NULL), size - 1);
        aio_stream_consume(stream, size);
        if (aio_stream_get_unsent(stream) > UNSENT_MAX_BYTES &&
            aio_stream_flush(stream, -1) < 0) {
            break;
        }
    }
    aio_stream_flush(stream, -1);
}

static void relay_listener_client_left(LoopClient *client)
{
    const char *id =
        object_get_canonical_path_component(OBJECT(client->server));

    qapi_event_send_relay_client_left(id, client->number,
                                      atomic_load(&client->requests),
                                      atomic_load(&client->replies));
}

/* ---- The command ---- */

static int add_listener(Object *obj, void *opaque)
{
    LoopServerStats *sum = opaque;

    if (object_dynamic_cast(obj, TYPE_RELAY_LISTENER)) {
        loop_server_add_stats(LOOP_SERVER(obj), sum);
    }
    return 0;
}

LoopServerStats *qmp_query_relay(Error **errp)
{
    LoopServerStats *sum = g_new0(LoopServerStats, 1);

    object_child_foreach(object_get_objects_root(), add_listener, sum);
    return sum;
}

/* ---- The class ---- */

static void relay_listener_finalize(Object *obj)
{
    g_clear_pointer(&RELAY_LISTENER(obj)->chain, g_ptr_array_unref);
}

static void relay_listener_class_init(ObjectClass *klass, const void *data)
{
    LOOP_OBJECT_CLASS(klass)->prepare = relay_listener_prepare;
    LOOP_SERVER_CLASS(klass)->serve = relay_listener_serve;
    LOOP_SERVER_CLASS(klass)->client_left = relay_listener_client_left;
    object_class_add_properties(klass, relay_listener_properties);
}

static const TypeInfo types[] = {
    { .name = TYPE_RELAY_LISTENER, .parent = TYPE_LOOP_SERVER,
      .instance_size = sizeof(RelayListener),
      .instance_finalize = relay_listener_finalize,
      .class_init = relay_listener_class_init },
};

DEFINE_TYPES(types)
