/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * IovCursor: a position in the buffers of a request, for drives that copy the
 * data themselves.
 */
#ifndef BLOCK_IOV_INTERNAL_H
#define BLOCK_IOV_INTERNAL_H

#include <glib.h>
#include <string.h>
#include <sys/uio.h>

typedef struct IovCursor {
    const struct iovec *iov;
    size_t done_bytes; /* of the first buffer */
} IovCursor;

/* Returns: up to *@n bytes at the cursor, which moves on by the new *@n */
static inline void *iov_next(IovCursor *cursor, size_t *n)
{
    void *data;

    while (cursor->done_bytes == cursor->iov->iov_len) {
        cursor->iov++;
        cursor->done_bytes = 0;
    }
    data = (char *)cursor->iov->iov_base + cursor->done_bytes;
    *n = MIN(*n, cursor->iov->iov_len - cursor->done_bytes);
    cursor->done_bytes += *n;
    return data;
}

/* Copies @size bytes at the cursor to @buf. */
static inline void iov_read(IovCursor *cursor, void *buf, size_t size)
{
    while (size > 0) {
        size_t n = size;
        const void *data = iov_next(cursor, &n);

        memcpy(buf, data, n);
        buf = (char *)buf + n;
        size -= n;
    }
}

/* Copies @buf to the cursor; a @buf of NULL stands for zeroes. */
static inline void iov_write(IovCursor *cursor, const void *buf, size_t size)
{
    while (size > 0) {
        size_t n = size;
        void *data = iov_next(cursor, &n);

        if (buf) {
            memcpy(data, buf, n);
            buf = (const char *)buf + n;
        } else {
            memset(data, 0, n);
        }
        size -= n;
    }
}

#endif
