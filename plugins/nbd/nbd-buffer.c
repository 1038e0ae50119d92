/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The memory of requests.
 *
 * - A *buffer* holds the data of a read or write.  It is aligned to pages, and
 *   the header of the reply is written right before the data, so that both are
 *   one element of the output.
 * - A *spare* request stays with the loop, with its buffer, and is used again.
 */
#include "nbd-request-internal.h"

#include <stdlib.h>

#define SPARE_MAX 64 /* requests that a loop keeps, each with a buffer */

/* Large buffers that a loop keeps.  Memory from the kernel costs a page fault
 * for each page, which is more than copying the data. */
#define SPARE_LARGE_BYTES (1024 * 1024)
#define SPARE_LARGE_MAX 8

/* ---- Spare requests ---- */

static void request_free(NbdRequest *req)
{
    free(req->buffer);
    g_free(req);
}

static void spare_free(NbdSpare *spare)
{
    while (spare->first) {
        NbdRequest *req = spare->first;

        spare->first = req->next;
        request_free(req);
    }
    spare->n = 0;
}

void nbd_loop_free_spare(NbdLoop *loop)
{
    spare_free(&loop->spare);
    spare_free(&loop->spare_large);
}

/* Returns: (nullable) */
static NbdRequest *spare_get(NbdSpare *spare)
{
    NbdRequest *req = spare->first;

    if (req) {
        spare->first = req->next;
        spare->n--;
    }
    return req;
}

static void spare_put(NbdSpare *spare, unsigned max, NbdRequest *req)
{
    if (spare->n == max) {
        request_free(req);
        return;
    }
    req->next = spare->first;
    spare->first = req;
    spare->n++;
}

static NbdRequest *request_get(NbdLoop *loop, uint64_t data_bytes)
{
    NbdRequest *req = spare_get(data_bytes > NBD_SPARE_DATA_BYTES
                                    ? &loop->spare_large : &loop->spare);

    return req ? req : g_new0(NbdRequest, 1);
}

static void request_put(NbdLoop *loop, NbdRequest *req)
{
    if (!loop || req->buffer_bytes > SPARE_LARGE_BYTES) {
        request_free(req);
    } else if (req->buffer_bytes > NBD_SPARE_DATA_BYTES) {
        spare_put(&loop->spare_large, SPARE_LARGE_MAX, req);
    } else {
        spare_put(&loop->spare, SPARE_MAX, req);
    }
}

/* ---- Creation ---- */

uint64_t nbd_request_get_data_bytes(const NbdRequestHeader *header)
{
    switch (header->command) {
    case NBD_CMD_READ:
    case NBD_CMD_WRITE:
        return header->size_bytes;
    case NBD_CMD_CACHE:
        return NBD_SPARE_DATA_BYTES;
    default:
        return 0;
    }
}

NbdRequest *nbd_request_new(NbdClient *client, const NbdRequestHeader *header,
                            uint64_t data_bytes)
{
    NbdRequest *req = request_get(client->loop, data_bytes);

    req->client = client;
    req->header = *header;
    req->arrived_ns = client->arrived_ns;
    req->data_bytes = data_bytes;
    req->used_bytes = data_bytes + NBD_REQUEST_BYTES;
    req->file_fd = -1;
    req->is_hole = false;
    client->n_unsent++;
    client->used_bytes += req->used_bytes;
    client->loop->used_bytes += req->used_bytes;
    return req;
}

void *nbd_request_alloc(NbdRequest *req)
{
    if (req->data_bytes > req->buffer_bytes) {
        g_clear_pointer(&req->buffer, free);
    }
    if (!req->buffer) {
        /* aligned_alloc() wants whole pages. */
        size_t n_pages = 1 + (MAX(req->data_bytes, NBD_SPARE_DATA_BYTES) - 1) /
                                 NBD_PAGE_BYTES;

        req->buffer_bytes = n_pages * NBD_PAGE_BYTES;
        req->buffer = aligned_alloc(NBD_PAGE_BYTES,
                                    NBD_PAGE_BYTES + req->buffer_bytes);
    }
    return req->buffer ? nbd_request_data(req) : NULL;
}

void nbd_request_release(void *opaque)
{
    NbdRequest *req = opaque;
    NbdClient *client = req->client;
    NbdLoop *loop = client->loop;

    client->n_unsent--;
    client->used_bytes -= req->used_bytes;
    if (loop) {
        loop->used_bytes -= req->used_bytes;
    }
    request_put(loop, req);
    nbd_client_made_room(client);
}
