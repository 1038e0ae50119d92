/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The queue of a stream's output.
 *
 * The queue is a list of blocks.  A *block* is an array of entries, which are
 * sent with one system call, and memory for copies.  Copies that follow each
 * other are one entry.  An entry may also be a part of a file, which the kernel
 * sends without copying it through this process, or a byte that carries file
 * descriptors.  Blocks come from the context and go back when they are sent.
 *
 * After an error the queue stays empty.  Memory of the user is then released at
 * once, as if it had been sent.
 */
#include "aio/net/stream-queue-internal.h"

#include "util/programming-error.h"

#include <string.h>

/* Larger copies have memory of their own. */
#define COPY_MAX_BYTES (STREAM_BLOCK_COPY_BYTES / 4)

/* ---- Blocks ---- */

/* Returns: (transfer full) an empty block */
static NetBlock *block_get(AioNet *net)
{
    NetBlock *block = net_memory_get(&net->blocks, sizeof(*block));

    block->next = NULL;
    block->first = 0;
    block->n = 0;
    block->copied_bytes = 0;
    return block;
}

/* Returns: the last block, with room for an entry and @copy_bytes */
static NetBlock *output_room(AioStream *s, size_t copy_bytes)
{
    NetBlock *block = s->last_block;

    if (s->first_block && block->n < STREAM_BLOCK_ENTRIES &&
        block->copied_bytes + copy_bytes <= STREAM_BLOCK_COPY_BYTES) {
        return block;
    }
    block = block_get(s->net);
    if (s->first_block) {
        s->last_block->next = block;
    } else {
        s->first_block = block;
    }
    s->last_block = block;
    return block;
}

/* Appends an entry; the caller has made sure that there is room. */
static void block_add(NetBlock *block, const void *data, size_t size_bytes,
                      AioStreamReleaseFunc *release, void *opaque)
{
    unsigned i = block->n++;

    block->iov[i].iov_base = (void *)data;
    block->iov[i].iov_len = size_bytes;
    block->owner[i].release = release;
    block->owner[i].opaque = opaque;
    block->owner[i].kind = ENTRY_MEMORY;
}

/* ---- Queueing ---- */

void aio_stream_queue_borrowed(AioStream *s, const void *data,
                               size_t size_bytes,
                               AioStreamReleaseFunc *release, void *opaque)
{
    stream_enter(s);
    if (s->out_error || size_bytes == 0) {
        if (release) {
            release(opaque);
        }
        return;
    }
    block_add(output_room(s, 0), data, size_bytes, release, opaque);
    s->unsent_bytes += size_bytes;
}

/* The size counts as memory does, so `unsent_bytes` includes the file. */
void aio_stream_queue_file(AioStream *s, int fd, int64_t offset_bytes,
                           size_t size_bytes, AioStreamReleaseFunc *release,
                           void *opaque)
{
    NetBlock *block;

    stream_enter(s);
    if (s->out_error || size_bytes == 0) {
        if (release) {
            release(opaque);
        }
        return;
    }
    block = output_room(s, 0);
    block_add(block, "", size_bytes, release, opaque);
    block->owner[block->n - 1].kind = ENTRY_FILE;
    block->owner[block->n - 1].fd = fd;
    block->owner[block->n - 1].offset_bytes = offset_bytes;
    s->unsent_bytes += size_bytes;
}

/* Makes the last entry longer if the copy follows it.  Returns: true if so */
static bool block_extend(NetBlock *block, const char *copy, size_t size_bytes)
{
    struct iovec *last;

    if (block->n == block->first || block->owner[block->n - 1].release ||
        block->owner[block->n - 1].kind != ENTRY_MEMORY) {
        return false;
    }
    last = &block->iov[block->n - 1];
    if ((char *)last->iov_base + last->iov_len != copy) {
        return false;
    }
    last->iov_len += size_bytes;
    return true;
}

void aio_stream_queue(AioStream *s, const void *data, size_t size_bytes)
{
    NetBlock *block;
    char *copy;

    /* It would not leave room for others in the block. */
    if (size_bytes > COPY_MAX_BYTES) {
        copy = g_memdup2(data, size_bytes);
        aio_stream_queue_borrowed(s, copy, size_bytes, g_free, copy);
        return;
    }
    stream_enter(s);
    if (s->out_error || size_bytes == 0) {
        return;
    }
    block = output_room(s, size_bytes);
    copy = block->copies + block->copied_bytes;
    memcpy(copy, data, size_bytes);
    block->copied_bytes += size_bytes;
    if (!block_extend(block, copy, size_bytes)) {
        block_add(block, copy, size_bytes, NULL, NULL);
    }
    s->unsent_bytes += size_bytes;
}

/* The file descriptors travel with the first byte, so only this byte needs an
 * entry of its own. */
void aio_stream_queue_with_fds(AioStream *s, const void *data,
                               size_t size_bytes, const int *fds,
                               unsigned n_fds)
{
    StreamSentFds *sent = stream_sent_fds_new(s, fds, n_fds);
    NetBlock *block;
    char *copy;

    if (size_bytes == 0) {
        programming_error("aio_stream_queue_with_fds(): without data");
    }
    stream_enter(s);
    if (s->out_error) {
        stream_sent_fds_free(sent);
        return;
    }
    block = output_room(s, 1);
    copy = block->copies + block->copied_bytes++;
    *copy = *(const char *)data;
    block_add(block, copy, 1, stream_sent_fds_free, sent);
    block->owner[block->n - 1].kind = ENTRY_WITH_FDS;
    s->unsent_bytes++;
    aio_stream_queue(s, (const char *)data + 1, size_bytes - 1);
}

size_t aio_stream_get_unsent(const AioStream *s)
{
    return s->unsent_bytes;
}

/* ---- Sent and dropped output ---- */

/* The first entry was sent or is dropped. */
static void block_pop(NetBlock *block)
{
    unsigned i = block->first++;

    if (block->owner[i].release) {
        block->owner[i].release(block->owner[i].opaque);
    }
}

/* A release function may add entries to the block.  Returns: true if all of it
 * was sent */
static bool block_consume(NetBlock *block, size_t n)
{
    while (block->first < block->n && n >= block->iov[block->first].iov_len) {
        n -= block->iov[block->first].iov_len;
        block_pop(block);
    }
    /* A part of an entry; one byte with file descriptors has no parts. */
    if (n > 0) {
        struct iovec *iov = &block->iov[block->first];

        if (block->owner[block->first].kind == ENTRY_FILE) {
            block->owner[block->first].offset_bytes += n;
        } else {
            iov->iov_base = (char *)iov->iov_base + n;
        }
        iov->iov_len -= n;
    }
    return block->first == block->n;
}

/* The first block was sent. */
static void queue_pop(AioStream *s)
{
    NetBlock *block = s->first_block;

    s->first_block = block->next;
    net_memory_put(&s->net->blocks, block);
}

bool stream_queue_consume(AioStream *s, size_t n)
{
    s->unsent_bytes -= n;
    if (!block_consume(s->first_block, n)) {
        return false;
    }
    queue_pop(s);
    return true;
}

void stream_queue_drop(AioStream *s)
{
    while (s->first_block) {
        while (s->first_block->first < s->first_block->n) {
            block_pop(s->first_block);
        }
        queue_pop(s);
    }
    s->unsent_bytes = 0;
}
