/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The queue of a stream's output.  stream-queue.c explains it.
 *
 * Thread: the home thread of the stream's context
 */
#ifndef QOM_AIO_NET_STREAM_QUEUE_INTERNAL_H
#define QOM_AIO_NET_STREAM_QUEUE_INTERNAL_H

#include "aio/net/stream-internal.h"

#define STREAM_BLOCK_ENTRIES 256
#define STREAM_BLOCK_COPY_BYTES (16 * 1024)

typedef enum EntryKind {
    ENTRY_MEMORY,
    ENTRY_FILE,     /* `fd` of the owner is the file */
    ENTRY_WITH_FDS, /* one byte; `opaque` of the owner is a StreamSentFds */
} EntryKind;

struct NetBlock {
    NetBlock *next;
    unsigned first; /* entries before it are sent */
    unsigned n;
    size_t copied_bytes; /* of `copies` */
    /* Of a file, only the size has a meaning. */
    struct iovec iov[STREAM_BLOCK_ENTRIES];
    struct {
        AioStreamReleaseFunc *release; /* NULL: none */
        void *opaque;
        EntryKind kind;
        int fd; /* of a file */
        int64_t offset_bytes; /* in the file */
    } owner[STREAM_BLOCK_ENTRIES];
    char copies[STREAM_BLOCK_COPY_BYTES];
};

/*
 * The first @n bytes of the first block were sent.  Calls the release functions
 * of the entries that are sent, which may queue output.
 *
 * Returns: true if all of the block was sent, and it is removed
 */
bool stream_queue_consume(AioStream *s, size_t n);

/* Drops what is queued, and calls the release functions of all entries. */
void stream_queue_drop(AioStream *s);

#endif
