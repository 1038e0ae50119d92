/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Requests, from the drive to the reply.
 *
 * Each request runs in a coroutine of its own.  Replies of requests that
 * complete without waiting are sent with one system call at the end of the
 * batch, see nbd-receive.c.  The others are sent together at the end of the
 * iteration.
 */
#include "nbd-request-internal.h"

#include "aio/coroutine/coroutine-sleep.h"

#include <errno.h>

/* After caching so much, other requests of the loop run. */
#define CACHE_PAUSE_BYTES (1024 * 1024)

/* Reads from this size on ask whether there is data. */
#define HOLE_MIN_BYTES (256 * 1024)

/* Reads from this size on are sent from the page cache without a copy. */
#define SEND_FILE_MIN_BYTES (32 * 1024)

/* ---- Running ---- */

static unsigned block_flags(const NbdRequestHeader *header)
{
    return (header->flags & NBD_CMD_FLAG_FUA ? BLOCK_FUA : 0) |
           (header->flags & NBD_CMD_FLAG_NO_HOLE ? BLOCK_NO_HOLE : 0) |
           (header->flags & NBD_CMD_FLAG_FAST_ZERO ? BLOCK_FAST : 0);
}

/* The drive's cache is filled by reading, a piece at a time. */
static int coroutine_fn run_cache(NbdRequest *req, BlockChannel *channel)
{
    const NbdClient *client = req->client;
    uint64_t done = 0;
    int ret = 0;

    while (ret == 0 && done < req->header.size_bytes) {
        struct iovec iov = {
            .iov_base = nbd_request_data(req),
            .iov_len = MIN(req->header.size_bytes - done, NBD_SPARE_DATA_BYTES),
        };

        ret = block_co_read(channel, req->header.offset_bytes + done, &iov,
                            1);
        done += iov.iov_len;
        if (done % CACHE_PAUSE_BYTES == 0) {
            co_sleep_ns(AIO_CLOCK_REALTIME, 0);
        }
        if (client->loop->is_draining || client->finishing) {
            break; /* caching is a hint, for which nobody waits */
        }
    }
    return ret;
}

static void queue_status(NbdRequest *req, const BlockExtent *extents, int n)
{
    NbdClient *client = req->client;
    uint8_t reply[NBD_STATUS_REPLY_MAX_BYTES(NBD_STATUS_MAX_EXTENTS)];
    NbdExtent out[NBD_STATUS_MAX_EXTENTS];

    for (int i = 0; i < n; i++) {
        out[i].size_bytes = extents[i].size_bytes;
        out[i].state = (extents[i].state & BLOCK_EXTENT_HOLE ? NBD_STATE_HOLE
                                                             : 0) |
                       (extents[i].state & BLOCK_EXTENT_ZERO ? NBD_STATE_ZERO
                                                             : 0);
    }
    aio_stream_queue(client->stream, reply,
                     nbd_put_status_reply(reply, client->form, &req->header,
                                          NBD_CONTEXT_ALLOCATION, out, n));
}

/* Queues the reply itself if it succeeds. */
static int coroutine_fn run_status(NbdRequest *req, BlockChannel *channel)
{
    const NbdRequestHeader *header = &req->header;
    BlockExtent extents[NBD_STATUS_MAX_EXTENTS];
    unsigned max = header->flags & NBD_CMD_FLAG_REQ_ONE
        ? 1 : NBD_STATUS_MAX_EXTENTS;
    int ret = block_co_status(channel, header->offset_bytes,
                              header->size_bytes, extents, max);

    if (ret > 0) {
        queue_status(req, extents, ret);
    }
    return ret;
}

/* Asks only where the answer costs little beside the read, or is likely. */
static bool coroutine_fn is_hole(const NbdRequest *req, BlockChannel *channel)
{
    const NbdRequestHeader *header = &req->header;
    BlockExtent extent;

    return req->client->form != NBD_SIMPLE &&
           header->size_bytes >= HOLE_MIN_BYTES &&
           block_channel_may_have_holes(channel) &&
           block_co_status(channel, header->offset_bytes, header->size_bytes,
                           &extent, 1) > 0 &&
           (extent.state & BLOCK_EXTENT_ZERO) &&
           extent.size_bytes == (int64_t)header->size_bytes;
}

/* Returns: as the functions of block.h */
static int coroutine_fn run_read(NbdRequest *req, BlockChannel *channel)
{
    const NbdRequestHeader *header = &req->header;
    const struct iovec iov = {
        .iov_base = req->buffer ? nbd_request_data(req) : NULL,
        .iov_len = header->size_bytes,
    };

    if (header->size_bytes >= SEND_FILE_MIN_BYTES &&
        block_channel_get_cached(channel, header->offset_bytes,
                                 header->size_bytes, &req->file_fd,
                                 &req->file_offset_bytes)) {
        return 0;
    }
    req->is_hole = is_hole(req, channel);
    return req->is_hole
        ? 0 : block_co_read(channel, header->offset_bytes, &iov, 1);
}

/* Returns: as the functions of block.h */
static int coroutine_fn run_on_drive(NbdRequest *req)
{
    const NbdRequestHeader *header = &req->header;
    BlockChannel *channel = req->client->loop->channel;
    struct iovec iov = { .iov_len = header->size_bytes };

    if (req->buffer) {
        iov.iov_base = nbd_request_data(req);
    }
    switch (header->command) {
    case NBD_CMD_READ:
        return run_read(req, channel);
    case NBD_CMD_WRITE:
        return block_co_write(channel, header->offset_bytes, &iov, 1,
                              block_flags(header));
    case NBD_CMD_FLUSH:
        return block_co_flush(channel);
    case NBD_CMD_TRIM:
        return block_co_discard(channel, header->offset_bytes,
                                header->size_bytes, block_flags(header));
    case NBD_CMD_WRITE_ZEROES:
        return block_co_write_zeroes(channel, header->offset_bytes,
                                     header->size_bytes, block_flags(header));
    case NBD_CMD_CACHE:
        return run_cache(req, channel);
    case NBD_CMD_BLOCK_STATUS:
        return run_status(req, channel);
    default:
        g_assert_not_reached();
    }
}

static void reply_with_hole(NbdRequest *req)
{
    uint8_t reply[NBD_HOLE_REPLY_MAX_BYTES];
    size_t n = nbd_put_hole_reply(reply, req->client->form, &req->header);

    aio_stream_queue(req->client->stream, reply, n);
    nbd_request_release(req);
}

static void reply_with_data(NbdRequest *req)
{
    NbdClient *client = req->client;
    size_t n = nbd_data_reply_bytes(client->form);
    uint8_t *start = nbd_request_data(req) - n;

    nbd_put_data_reply(start, client->form, &req->header);
    if (req->file_fd >= 0) {
        aio_stream_queue(client->stream, start, n);
        aio_stream_queue_file(client->stream, req->file_fd,
                              req->file_offset_bytes, req->header.size_bytes,
                              nbd_request_release, req);
    } else {
        aio_stream_queue_borrowed(client->stream, start,
                                  n + req->header.size_bytes,
                                  nbd_request_release, req);
    }
}

/* Queues the reply unless run_status() has. */
static void request_reply(NbdRequest *req, NbdError error)
{
    const NbdRequestHeader *header = &req->header;
    NbdClient *client = req->client;
    uint8_t reply[NBD_ERROR_REPLY_MAX_BYTES];
    size_t n;

    if (error == NBD_OK && header->command == NBD_CMD_READ &&
        header->size_bytes > 0) {
        if (req->is_hole) {
            reply_with_hole(req);
        } else {
            reply_with_data(req);
        }
        return;
    }
    if (error != NBD_OK || header->command != NBD_CMD_BLOCK_STATUS) {
        n = nbd_put_reply(reply, client->form, header, error);
        aio_stream_queue(client->stream, reply, n);
    }
    nbd_request_release(req);
}

static void count_request(NbdClient *client, const NbdRequestHeader *header,
                          int64_t arrived_ns, NbdError error)
{
    nbd_counters_add_request(&client->counters,
                             nbd_operation(header->command),
                             header->size_bytes, error != NBD_OK,
                             clock_get_ns(AIO_CLOCK_REALTIME) - arrived_ns);
}

static void request_complete(NbdRequest *req, NbdError error)
{
    NbdClient *client = req->client;

    count_request(client, &req->header, req->arrived_ns, error);
    request_reply(req, error);
    if (!client->in_batch) {
        aio_stream_kick(client->stream);
    }
    if (--client->n_in_flight == 0) {
        nbd_client_check_idle(client);
    }
}

static void coroutine_fn request_run(void *opaque)
{
    NbdRequest *req = opaque;
    int ret = run_on_drive(req);

    if (ret < 0 && ret != -ENOTSUP) {
        nbd_export_report_error(req->client->export, req->client,
                                &req->header, -ret);
    }
    request_complete(req, nbd_error_from_errno(ret < 0 ? -ret : 0));
}

bool nbd_request_try_write(NbdClient *client, const NbdRequestHeader *header,
                           const void *data)
{
    uint8_t reply[NBD_ERROR_REPLY_MAX_BYTES];

    if ((header->flags & NBD_CMD_FLAG_FUA) ||
        !block_channel_try_write(client->loop->channel, header->offset_bytes,
                                 data, header->size_bytes)) {
        return false;
    }
    count_request(client, header, client->arrived_ns, NBD_OK);
    aio_stream_queue(client->stream, reply,
                     nbd_put_reply(reply, client->form, header, NBD_OK));
    return true;
}

void nbd_request_start(NbdRequest *req, NbdError error)
{
    req->client->n_in_flight++;
    if (error) {
        request_complete(req, error);
    } else {
        coroutine_enter(coroutine_create(request_run, req));
    }
}
