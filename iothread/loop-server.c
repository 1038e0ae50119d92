/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Servers whose clients are distributed over event loops.
 *
 * - A *client* is a stream and a coroutine that reads from it.  Each begins in
 *   the main loop, and waits in its stream whenever it does not run.
 * - A *move* takes all clients to the main loop, and from there to their new
 *   loops.  Each loop moves its own clients, because a stream belongs to one
 *   thread at a time.
 * - The *list* of clients is changed by the main thread.  The loops read it
 *   under the lock, and mark there a client that leaves, so that no move takes
 *   a stream that is being closed.
 */
#include "iothread/loop-server.h"

#include "aio/aio-wait.h"
#include "aio/net/listener.h"
#include "iothread/qapi-classes-loop-server.h"
#include "util/log.h"
#include "util/programming-error.h"

OBJECT_DEFINE_ABSTRACT_TYPE(LoopServer, loop_server, LOOP_SERVER, LOOP_OBJECT)

LOG_AREA_DEFINE(loop_server_log, "loop-server")

static ObjectClass *parent_class;

/* ---- Clients ---- */

/* @text: "client connected" or "client disconnected" */
static void log_client(const LoopClient *client, const char *text)
{
    log_info(&loop_server_log, text,
             log_str("id", object_get_canonical_path_component(
                               OBJECT(client->server))),
             log_int("client", client->number));
}

/* From here on the server's own counters have those of the client. */
static void client_left_bh(void *opaque)
{
    LoopClient *client = opaque;
    LoopServer *server = client->server;
    LoopServerClass *klass = LOOP_SERVER_GET_CLASS(server);

    log_client(client, "client disconnected");
    if (klass->client_left) {
        klass->client_left(client);
    }
    server->left_requests += atomic_load(&client->requests);
    server->left_replies += atomic_load(&client->replies);
    lock_acquire(&server->lock);
    g_ptr_array_remove_fast(server->clients, client);
    lock_release(&server->lock);
    g_free(client);
    object_unref(server);
}

static int coroutine_fn client_run(void *opaque)
{
    LoopClient *client = opaque;
    LoopServer *server = client->server;
    AioStream *stream = client->stream;

    LOOP_SERVER_GET_CLASS(server)->serve(client);
    lock_acquire(&server->lock);
    client->stream = NULL;
    lock_release(&server->lock);
    aio_stream_free(stream);
    aio_bh_schedule_oneshot(aio_get_main_context(), client_left_bh, client);
    return 0;
}

/*
 * Moves the clients of the current loop to @ctx, or each to its own loop.  A
 * client that this thread has not moved yet cannot leave.
 */
static void move_clients(LoopServer *server, AioContext *ctx)
{
    AioContext *here = aio_get_current_context();
    g_autoptr(GPtrArray) moved = g_ptr_array_new();

    lock_acquire(&server->lock);
    for (guint i = 0; i < server->clients->len; i++) {
        LoopClient *client = server->clients->pdata[i];

        if (client->stream && client->ctx == here) {
            client->ctx = ctx ? ctx : loop_object_get_queue_loop(
                                          LOOP_OBJECT(server), client->number);
            g_ptr_array_add(moved, client);
        }
    }
    lock_release(&server->lock);
    for (guint i = 0; i < moved->len; i++) {
        LoopClient *client = moved->pdata[i];

        aio_stream_move(client->stream, client->ctx);
    }
}

/* The coroutine may end before it waits. */
static void accept_client(int fd, void *opaque)
{
    LoopServer *server = opaque;
    size_t size = LOOP_SERVER_GET_CLASS(server)->client_size;
    LoopClient *client = g_malloc0(MAX(size, sizeof(*client)));

    client->server = LOOP_SERVER(object_ref(server));
    client->ctx = aio_get_main_context();
    client->stream = aio_stream_new(client->ctx, fd);
    client->number = server->n_accepted++;
    lock_acquire(&server->lock);
    g_ptr_array_add(server->clients, client);
    lock_release(&server->lock);
    log_client(client, "client connected");
    co_group_spawn(server->group, NULL, client_run, client);
    if (!server->is_moving) {
        move_clients(server, NULL);
    }
}

/* ---- Public functions ---- */

void loop_server_foreach_client(LoopServer *server, LoopServerClientFunc *func,
                                void *opaque)
{
    for (guint i = 0; i < server->clients->len; i++) {
        func(server->clients->pdata[i], opaque);
    }
}

/* The client may be counting at the same time. */
static void add_client(LoopClient *client, void *opaque)
{
    LoopServerStats *sum = opaque;

    sum->requests += atomic_load(&client->requests);
    sum->replies += atomic_load(&client->replies);
}

/* Clients that have left are in the server's own counters. */
void loop_server_add_stats(LoopServer *server, LoopServerStats *sum)
{
    sum->accepted += server->n_accepted;
    sum->connections += server->clients->len;
    sum->requests += server->left_requests;
    sum->replies += server->left_replies;
    loop_server_foreach_client(server, add_client, sum);
}

/* Only the main thread accepts clients. */
uint64_t loop_server_get_n_accepted(LoopServer *server)
{
    return server->n_accepted;
}

/* ---- Hooks ---- */

/*
 * The class is ready to serve before a client can connect.  It creates nothing
 * if the address and the mode do not go together.
 */
static void loop_server_complete(LoopObject *obj, Error **errp)
{
    ERRP_GUARD();
    LoopServer *server = LOOP_SERVER(obj);
    LoopServerClass *klass = LOOP_SERVER_GET_CLASS(server);
    AioAddress address = { 0 };

    if (!server->addr) {
        error_setg(errp, "'addr' must be set");
        return;
    }
    if (!aio_address_parse(&address, server->addr, errp)) {
        return;
    }
    if (aio_address_set_mode(&address, server->mode, errp) &&
        klass->complete) {
        klass->complete(server, errp);
    }
    if (!*errp) {
        server->listener = aio_listener_new(aio_get_main_context(), &address,
                                            accept_client, server, errp);
    }
    aio_address_clear(&address);
}

static void depart_bh(void *opaque)
{
    move_clients(opaque, aio_get_main_context());
}

/* From here to attach(), the main loop serves the clients. */
static void loop_server_detach(LoopObject *obj)
{
    LOOP_SERVER(obj)->is_moving = true;
    for (unsigned i = 0; i < loop_object_get_n_loops(obj); i++) {
        aio_wait_bh_oneshot(loop_object_get_loop(obj, i), depart_bh, obj);
    }
}

static void loop_server_attach(LoopObject *obj)
{
    LOOP_SERVER(obj)->is_moving = false;
    move_clients(LOOP_SERVER(obj), NULL);
}

static void loop_server_close(LoopObject *obj)
{
    g_clear_pointer(&LOOP_SERVER(obj)->listener, aio_listener_free);
}

/* The clients are in the main loop when they are cancelled. */
static void loop_server_end(LoopObject *obj)
{
    LoopServer *server = LOOP_SERVER(obj);

    co_group_cancel(server->group);
    AIO_WAIT_WHILE(NULL, server->clients->len > 0);
    co_group_wait(server->group);
}

/*
 * Each value is checked when it is set, although only complete() uses it.  The
 * base class comes last: it moves the object, which nothing may reject
 * afterwards.
 */
static bool loop_server_changed(Object *obj, Error **errp)
{
    LoopServer *server = LOOP_SERVER(obj);
    mode_t mode;

    return aio_address_check("addr", server->addr, errp) &&
           (!server->mode ||
            aio_address_parse_mode(server->mode, &mode, errp)) &&
           parent_class->properties_changed(obj, errp);
}

/* Called before a read-only property is read, also one of a derived class. */
static void loop_server_refresh(Object *obj, const PropertyRow *row)
{
    LoopServer *server = LOOP_SERVER(obj);

    if (row->type == &qapi_type_LoopServerStats) {
        qapi_type_free(row->type, &server->stats);
        server->stats = g_new0(LoopServerStats, 1);
        loop_server_add_stats(server, server->stats);
    }
}

/* A class that forgets to listen would be silent. */
static void loop_server_init(Object *obj)
{
    LoopServer *server = LOOP_SERVER(obj);

    if (LOOP_OBJECT_GET_CLASS(obj)->complete != loop_server_complete) {
        programming_error("class '%s' overrides complete() of LoopObjectClass, "
                          "which makes a server listen; implement complete() "
                          "of LoopServerClass", object_get_typename(obj));
    }
    server->group = co_group_new();
    server->clients = g_ptr_array_new();
    server->is_moving = true; /* until attach() */
    lock_init(&server->lock);
}

static void loop_server_finalize(Object *obj)
{
    LoopServer *server = LOOP_SERVER(obj);

    co_group_free(server->group);
    g_ptr_array_unref(server->clients);
}

static void loop_server_class_init(ObjectClass *klass, const void *data)
{
    LoopObjectClass *lc = LOOP_OBJECT_CLASS(klass);

    parent_class = object_class_get_parent(klass);
    klass->properties_changed = loop_server_changed;
    klass->property_refresh = loop_server_refresh;
    lc->complete = loop_server_complete;
    lc->detach = loop_server_detach;
    lc->attach = loop_server_attach;
    lc->close = loop_server_close;
    lc->end = loop_server_end;
    object_class_add_properties(klass, loop_server_properties);
}
