/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Receiving requests.
 *
 * - A *batch* is what has arrived together.  Each complete request of it is
 *   started, and the replies that are there by then are sent with one system
 *   call.  A batch that has all requests of the only busy client of a loop is
 *   answered in two halves: the client takes the first one while the server
 *   carries out the second one.  Otherwise each would sleep while the other
 *   works.
 * - *Used bytes* are those of requests and their data.  A client that has too
 *   many is not read from until some of its replies are sent.  If all clients
 *   of a loop together have too many, one that has none can still start a small
 *   request, so that clients which do not read their replies cannot stop the
 *   others.
 */
#include "nbd-internal.h"

#include "aio/coroutine/coroutine-sleep.h"

#include <errno.h>

/* By the loop of this thread; (nullable) it may have ended */
static _Thread_local const NbdClient *last_served;

/* After so many requests, other clients of the loop are served. */
#define BATCH_MAX 256

/* ---- Used bytes ---- */

static bool fits_client(const NbdClient *client, uint64_t size_bytes)
{
    return client->n_unsent == 0 ||
           (client->n_unsent < NBD_CLIENT_MAX_REQUESTS &&
            client->used_bytes + size_bytes <= NBD_CLIENT_MAX_BYTES);
}

static bool fits_loop(const NbdClient *client, uint64_t size_bytes)
{
    const NbdLoop *loop = client->loop;

    return loop->used_bytes == 0 ||
           loop->used_bytes + size_bytes <= NBD_LOOP_MAX_BYTES ||
           (client->n_unsent == 0 && size_bytes <= NBD_SMALL_BYTES);
}

/*
 * Not entered here, because the stream that is sending calls this.  Until the
 * coroutine runs, it counts as a request, so that the client stays in the loop.
 */
static void wake_waiting(NbdClient *client)
{
    Coroutine *co = client->parked;

    client->parked = NULL;
    client->wanted_bytes = 0;
    client->is_held = true;
    client->n_in_flight++;
    aio_co_schedule(client->loop->ctx, co);
}

static void wake_queue(NbdLoop *loop)
{
    NbdClient *client;

    while ((client = g_queue_peek_head(&loop->waiting)) &&
           fits_loop(client, client->wanted_bytes)) {
        g_queue_pop_head(&loop->waiting);
        client->is_queued = false;
        wake_waiting(client);
    }
}

void nbd_client_made_room(NbdClient *client)
{
    NbdLoop *loop = client->loop;

    if (client->wanted_bytes && !client->is_queued &&
        fits_client(client, client->wanted_bytes)) {
        wake_waiting(client);
    }
    if (loop && !g_queue_is_empty(&loop->waiting)) {
        wake_queue(loop);
    }
}

/* Waits until there is room.  Returns: false if the connection is to end */
static bool coroutine_fn reserve(NbdClient *client, uint64_t size_bytes)
{
    while (!fits_client(client, size_bytes) ||
           !fits_loop(client, size_bytes)) {
        if (client->must_end) {
            return false;
        }
        aio_stream_kick(client->stream);
        client->wanted_bytes = size_bytes;
        if (fits_client(client, size_bytes)) {
            client->is_queued = true;
            g_queue_push_tail(&client->loop->waiting, client);
        }
        client->in_batch = false;
        client->parked = coroutine_self();
        coroutine_yield();
        if (client->is_held) {
            client->is_held = false;
            client->n_in_flight--;
        }
        nbd_client_wait_loop(client);
        if (client->must_end) {
            return false;
        }
        client->in_batch = true;
    }
    return true;
}

/* ---- Receiving ---- */

static bool lose(NbdClient *client, const char *reason)
{
    client->reason = reason;
    return false;
}

/*
 * Receives the data after the header.
 * @data: (out) (nullable) @size_bytes bytes; NULL to skip them
 *
 * Returns: true; false if the connection is to end
 */
static bool coroutine_fn receive_payload(NbdClient *client, void *data,
                                         uint64_t size_bytes)
{
    int64_t ret;
    size_t available;

    aio_stream_peek(client->stream, &available);
    client->in_batch = available >= size_bytes;
    if (data) {
        ret = aio_stream_read(client->stream, data, size_bytes, -1);
    } else {
        ret = aio_stream_skip(client->stream, size_bytes, -1);
    }
    if (!client->in_batch) {
        nbd_client_wait_loop(client);
        client->in_batch = true;
    }
    if (ret < 0) {
        return client->must_end ? false : lose(client, "connection lost");
    }
    if ((uint64_t)ret < size_bytes) {
        return lose(client, "the client closed the connection in a request");
    }
    return !client->must_end;
}

static NbdError check(const NbdClient *client, const NbdRequestHeader *header)
{
    return nbd_check_request(
        header, client->form, client->flags,
        block_backend_get_info(client->export->drive)->size_bytes,
        client->export->max_transfer_bytes, client->has_context);
}

/* Returns: true if a write, all of whose data have arrived, was carried out */
static bool write_from_input(NbdClient *client, const NbdRequestHeader *header,
                             int header_bytes)
{
    size_t n = header_bytes + header->size_bytes;
    size_t available;
    const uint8_t *input = aio_stream_peek(client->stream, &available);

    if (header->command != NBD_CMD_WRITE || available < n ||
        !nbd_request_try_write(client, header, input + header_bytes)) {
        return false;
    }
    aio_stream_consume(client->stream, n);
    return true;
}

/* Returns: true; false if the connection is to end */
static bool coroutine_fn start_request(NbdClient *client,
                                       const NbdRequestHeader *header,
                                       int header_bytes)
{
    uint64_t payload_bytes = nbd_get_payload_bytes(header, client->form);
    NbdError error = check(client, header);
    uint64_t data_bytes = error ? 0 : nbd_request_get_data_bytes(header);
    void *data = NULL;
    NbdRequest *req;

    if (!error && write_from_input(client, header, header_bytes)) {
        return true;
    }
    if (error && payload_bytes > NBD_SKIP_MAX_BYTES) {
        return lose(client, "a request is too large");
    }
    if (!reserve(client, data_bytes + NBD_REQUEST_BYTES)) {
        return false;
    }
    req = nbd_request_new(client, header, data_bytes);
    if (data_bytes > 0) {
        data = nbd_request_alloc(req);
        error = data ? error : NBD_ENOMEM;
    }
    aio_stream_consume(client->stream, header_bytes);
    if (payload_bytes && !receive_payload(client, data, payload_bytes)) {
        nbd_request_release(req);
        return false;
    }
    nbd_request_start(req, error);
    return true;
}

/* Sends replies, and waits while the client reads too few of them. */
static int coroutine_fn drain_replies(NbdClient *client)
{
    return aio_stream_drain(client->stream,
                            MIN(client->used_bytes + NBD_UNCOUNTED_MAX_BYTES,
                                NBD_UNSENT_MAX_BYTES), -1);
}

/*
 * Sends replies and lets the loop do other work.  Until the coroutine runs
 * again, it counts as a request, so that the client stays in the loop.
 *
 * Returns: true; false if the connection is to end
 */
static bool coroutine_fn pause_batch(NbdClient *client)
{
    int ret;

    client->in_batch = false;
    ret = drain_replies(client);
    nbd_client_wait_loop(client);
    if (client->must_end) {
        return false;
    }
    if (ret < 0) {
        return lose(client, "connection lost");
    }
    client->n_in_flight++;
    co_sleep_ns(AIO_CLOCK_REALTIME, 0);
    client->n_in_flight--;
    nbd_client_wait_loop(client);
    client->in_batch = true;
    return !client->must_end;
}

/* Sends the first half of the replies to a batch.  An error is found later. */
static void send_half(NbdClient *client, unsigned n_started)
{
    size_t size_bytes;

    aio_stream_peek(client->stream, &size_bytes);
    if (size_bytes > 0 && last_served == client &&
        n_started % ((client->depth + 1) / 2) == 0) {
        aio_stream_send(client->stream);
    }
}

/*
 * While the halves of the client's requests alternate, a batch has half of
 * them.  So the depth becomes less only after many batches of less than that.
 */
static void learn_depth(NbdClient *client, unsigned n_started)
{
    last_served = client;
    if (n_started > client->depth) {
        client->depth = n_started;
    } else if (n_started < client->depth / 2) {
        client->depth--;
    }
}

/* Returns: 1 if all complete requests were started; 0 if the connection is to
 * end */
static int coroutine_fn start_batch(NbdClient *client)
{
    NbdRequestHeader header;
    const uint8_t *input;
    unsigned n_started = 0;
    size_t size_bytes;
    int n;

    while (input = aio_stream_peek(client->stream, &size_bytes),
           size_bytes > 0) {
        n = nbd_get_request(input, size_bytes, client->form, &header);
        if (n == 0) {
            break;
        }
        if (n < 0) {
            return lose(client, "the client sent a malformed request");
        }
        if (header.command == NBD_CMD_DISC) {
            return 0;
        }
        if (!start_request(client, &header, n)) {
            return 0;
        }
        if (++n_started % BATCH_MAX == 0 && !pause_batch(client)) {
            return 0;
        }
        send_half(client, n_started);
    }
    learn_depth(client, n_started);
    return 1;
}

int nbd_client_serve(NbdClient *client)
{
    ssize_t n = aio_stream_try_fill(client->stream);
    int ret;

    if (n < 0 && n != -EAGAIN) {
        return lose(client, "connection lost");
    }
    client->arrived_ns = clock_get_ns(AIO_CLOCK_REALTIME);
    client->in_batch = true;
    ret = start_batch(client);
    client->in_batch = false;
    if (ret == 0) {
        return 0;
    }
    ret = drain_replies(client);
    nbd_client_wait_loop(client);
    if (client->must_end) {
        return 0;
    }
    if (ret < 0) {
        return lose(client, "connection lost");
    }
    if (aio_stream_has_ended(client->stream)) {
        return lose(client, "the client closed the connection");
    }
    return 1;
}
