/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The life of a connection after the handshake.
 *
 * A client belongs to one thread at a time: to a loop of its export, or to the
 * main thread while it has no loop.  It changes hands like this:
 *
 *     main:  nbd_client_start()   moves the stream to the loop
 *     loop:  nbd_client_leave()   stops reading; when no request runs:
 *     loop:  depart()             moves the stream to the main thread
 *     main:  nbd_client_start()   ... or nbd_client_end()
 *
 * The coroutine that handles input may be anywhere in between: it may wait in
 * the stream for the rest of a request, or until the client reads its replies.
 * The stream takes it along.  When it wakes up in a thread that does not serve
 * the client, it parks, until nbd_client_start() wakes it up.
 */
#include "nbd-internal.h"

#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/un.h>

/* What the kernel may hold of the replies to a client on a unix socket.  It
 * doubles the number, for its own structures. */
#define SEND_BUFFER_BYTES (256 * 1024)

/* ---- In the home thread ---- */

static void clients_remove(NbdLoop *loop, NbdClient *client)
{
    GPtrArray *clients = loop->clients;
    NbdClient *last = clients->pdata[clients->len - 1];

    clients->pdata[client->loop_index] = last;
    last->loop_index = client->loop_index;
    g_ptr_array_set_size(clients, clients->len - 1);
    if (clients->len == 0) {
        nbd_loop_free_spare(loop);
    }
}

static void clients_add(NbdLoop *loop, NbdClient *client)
{
    client->loop_index = loop->clients->len;
    g_ptr_array_add(loop->clients, client);
}

/* From the return on, the client may be used by the main thread. */
static void depart(NbdClient *client)
{
    NbdLoop *loop = client->loop;

    loop->used_bytes -= client->used_bytes;
    clients_remove(loop, client);
    client->loop = NULL;
    aio_stream_move(client->stream, aio_get_main_context());
    nbd_loop_check_drained(loop);
}

static void depart_bh(void *opaque)
{
    NbdClient *client = opaque;

    client->is_departing = false;
    depart(client);
}

static void schedule_departure(NbdClient *client)
{
    if (!client->is_departing) {
        client->is_departing = true;
        aio_bh_schedule_oneshot(client->loop->ctx, depart_bh, client);
    }
}

void nbd_client_leave(NbdClient *client)
{
    if (!client->serving) {
        aio_stream_serve(client->stream, NULL, NULL, NULL);
    }
    if (client->is_queued) {
        g_queue_remove(&client->loop->waiting, client);
        client->is_queued = false;
    }
    client->wanted_bytes = 0;
    if (client->n_in_flight == 0 && !client->is_departing) {
        depart(client);
    }
}

void nbd_client_check_idle(NbdClient *client)
{
    if (client->loop->is_draining) {
        schedule_departure(client);
    } else if (client->finishing) {
        aio_co_wake(g_steal_pointer(&client->finishing));
    }
}

void nbd_client_wait_loop(NbdClient *client)
{
    while (!client->must_end &&
           (!client->loop || client->loop->is_draining)) {
        if (client->loop && client->n_in_flight == 0) {
            schedule_departure(client);
        }
        client->parked = coroutine_self();
        coroutine_yield();
    }
}

/* ---- The end ---- */

static void client_gone_bh(void *opaque)
{
    NbdClient *client = opaque;

    nbd_export_del_client(client->export, client);
    nbd_server_client_gone(client->server);
    nbd_counters_cleanup(&client->counters);
    g_free(client->address);
    g_free(client);
}

/* The caller does not touch the client afterwards. */
static void client_close(NbdClient *client)
{
    NbdLoop *loop = client->loop;

    aio_stream_free(client->stream);
    if (loop) {
        loop->used_bytes -= client->used_bytes;
        clients_remove(loop, client);
    }
    atomic_store_explicit(&client->is_gone, true, memory_order_release);
    aio_bh_schedule_oneshot(aio_get_main_context(), client_gone_bh, client);
    if (loop) {
        nbd_loop_check_drained(loop);
    }
}

/*
 * A client that does not read the last replies cannot delay the end forever,
 * and the deletion of an export only for a short time.  The export may be
 * deleted while this waits.
 */
static void coroutine_fn send_last_replies(NbdClient *client)
{
    int64_t end_ns = co_deadline_ns(NBD_LAST_REPLIES_NS);
    bool is_stalled;
    int64_t deadline_ns;
    size_t unsent;
    int ret;

    do {
        unsent = aio_stream_get_unsent(client->stream);
        deadline_ns = co_deadline_ns(NBD_STALLED_NS);
        ret = aio_stream_flush(client->stream, MIN(deadline_ns, end_ns));
        is_stalled = aio_stream_get_unsent(client->stream) == unsent;
    } while (ret == -ETIMEDOUT && deadline_ns < end_ns &&
             !(client->must_end && is_stalled));
}

/* Waits for the requests that run, and sends their replies. */
static void coroutine_fn client_finish(NbdClient *client)
{
    coroutine_set_cancellable(false);
    while (client->n_in_flight > 0) {
        client->finishing = coroutine_self();
        coroutine_yield();
    }
    send_last_replies(client);
    /* If it has moved while it waited, nbd_client_start() still uses it. */
    nbd_client_wait_loop(client);
    client_close(client);
}

static int coroutine_fn client_run(AioStream *stream, void *opaque)
{
    NbdClient *client = opaque;

    client->serving = coroutine_self();
    if (nbd_client_serve(client)) {
        client->serving = NULL;
        return 1;
    }
    client_finish(client);
    return 0;
}

static void coroutine_fn client_run_finish(void *opaque)
{
    client_finish(opaque);
}

void nbd_client_end(NbdClient *client)
{
    AioContext *ctx = aio_get_main_context();

    client->must_end = true;
    if (!client->reason) {
        client->reason = "the export was deleted";
    }
    if (client->parked) {
        aio_co_enter(ctx, g_steal_pointer(&client->parked));
    } else if (client->finishing) {
        aio_co_enter(ctx, g_steal_pointer(&client->finishing));
    } else if (client->serving) {
        coroutine_cancel(client->serving);
    } else {
        client->serving = coroutine_create(client_run_finish, client);
        aio_co_enter(ctx, client->serving);
    }
}

/* ---- The start ---- */

static void client_start_bh(void *opaque)
{
    NbdClient *client = opaque;
    NbdLoop *loop = client->next_loop;

    client->loop = loop;
    loop->used_bytes += client->used_bytes;
    clients_add(loop, client);
    if (client->parked) {
        aio_co_enter(loop->ctx, g_steal_pointer(&client->parked));
    } else if (client->finishing) {
        aio_co_enter(loop->ctx, g_steal_pointer(&client->finishing));
    } else if (!client->serving) {
        aio_stream_serve(client->stream, NULL, client_run, client);
    }
}

void nbd_client_start(NbdClient *client, NbdLoop *loop)
{
    client->next_loop = loop;
    aio_stream_move(client->stream, loop->ctx);
    aio_bh_schedule_oneshot(loop->ctx, client_start_bh, client);
}

/* ---- Creation ---- */

/* Returns: (transfer full) where the client comes from */
static char *describe_peer(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_un un;
        struct sockaddr_storage storage;
    } address;
    socklen_t size = sizeof(address);
    char host[NI_MAXHOST];
    char port[NI_MAXSERV];

    if (getpeername(fd, &address.any, &size) < 0) {
        return g_strdup("unknown");
    }
    if (address.any.sa_family == AF_UNIX) {
        struct ucred peer;
        socklen_t peer_size = sizeof(peer);

        if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &peer_size) < 0) {
            return g_strdup("unix");
        }
        return g_strdup_printf("unix:pid=%d,uid=%u", (int)peer.pid,
                               (unsigned)peer.uid);
    }
    if (getnameinfo(&address.any, size, host, sizeof(host), port,
                    sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV)) {
        return g_strdup("unknown");
    }
    return g_strdup_printf("tcp:%s:%s", host, port);
}

/*
 * A unix socket takes 208 KiB by default, less than a reply with 256 KiB, and
 * wakes the sender up only when three quarters of it are read.  The client
 * would then wait for the server once in each reply.  TCP adapts its buffers.
 * The kernel grants at most net.core.wmem_max; a smaller buffer is no error.
 */
static void enlarge_send_buffer(int fd)
{
    int domain = AF_UNSPEC;
    socklen_t size = sizeof(domain);

    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 &&
        domain == AF_UNIX) {
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &(int){ SEND_BUFFER_BYTES },
                   sizeof(int));
    }
}

NbdClient *nbd_client_new(NbdServer *server, int fd)
{
    NbdClient *client = g_new0(NbdClient, 1);

    client->server = NBD_SERVER(object_ref(server));
    client->depth = 1;
    enlarge_send_buffer(fd);
    client->stream = aio_stream_new(aio_get_main_context(), fd);
    client->address = describe_peer(fd);
    return client;
}

void nbd_client_free(NbdClient *client)
{
    aio_stream_free(client->stream);
    nbd_server_client_gone(client->server);
    nbd_counters_cleanup(&client->counters);
    g_free(client->address);
    g_free(client);
}
