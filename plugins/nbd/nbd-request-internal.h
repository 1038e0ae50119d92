/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * NbdRequest, which nbd-buffer.c creates and nbd-request.c runs.
 */
#ifndef NBD_REQUEST_INTERNAL_H
#define NBD_REQUEST_INTERNAL_H

#include "nbd-internal.h"

#define NBD_PAGE_BYTES 4096 /* room before the data, for the header */
#define NBD_SPARE_DATA_BYTES (64 * 1024) /* each buffer has as many or more */

struct NbdRequest {
    NbdRequest *next; /* of spare ones */
    NbdClient *client;
    NbdRequestHeader header;
    int64_t arrived_ns;
    uint64_t data_bytes;
    uint64_t used_bytes; /* counted for the client and the loop */
    uint8_t *buffer; /* (nullable) of NBD_PAGE_BYTES and the data */
    size_t buffer_bytes; /* for the data */
    int file_fd; /* of a read whose data is sent from a file; or -1 */
    int64_t file_offset_bytes;
    bool is_hole; /* a read that finds no data */
};

/* Returns where the data of a request that has a buffer begins. */
static inline uint8_t *nbd_request_data(const NbdRequest *req)
{
    return req->buffer + NBD_PAGE_BYTES;
}

#endif
