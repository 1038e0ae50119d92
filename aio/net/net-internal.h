/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the files of this folder share.
 *
 * - An `AioNet` is what this layer keeps for a context: buffers for its
 *   streams, and which coroutine waits for which file descriptor.
 * - A `NetWait` is one wait of a coroutine, with a deadline.
 *
 * Thread: the home thread of the context
 */
#ifndef QOM_AIO_NET_NET_INTERNAL_H
#define QOM_AIO_NET_NET_INTERNAL_H

#include "aio/attachment-internal.h"
#include "aio/coroutine/coroutine-cancel.h"
#include "aio/timer.h"

#include <sys/uio.h>

/* ---- Waits ---- */

typedef struct NetWait {
    Coroutine *co; /* NULL: no coroutine waits, or it was woken up */
    int ret;       /* why it was woken up */
    int64_t deadline_ns; /* -1: none */
    bool has_timer;      /* `timer` is armed or has expired */
    AioTimer timer;
} NetWait;

/*
 * Yields until net_wait_wake(), the deadline or a cancellation.  @wait is not
 * in use.  The caller has tested coroutine_is_cancelled().
 *
 * Returns: what was passed to net_wait_wake(); -ETIMEDOUT or -ECANCELED
 */
int coroutine_fn net_wait(NetWait *wait, AioContext *ctx,
                          int64_t deadline_ns);

/* Wakes up the coroutine that waits.  It may have ended when this returns. */
void net_wait_wake(NetWait *wait, int ret);

/* Makes a wait continue in another context: the first call in the old home
 * thread, the second one in the new. */
void net_wait_leave_context(NetWait *wait, AioContext *ctx);
void net_wait_enter_context(NetWait *wait, AioContext *ctx);

/* ---- Contexts ---- */

#define NET_BUFFER_BYTES (256 * 1024)

/* What a list of free memory keeps; a burst of clients occupies no more. */
#define NET_FREE_MAX 16

/* Results without waiting in succession, after which a coroutine yields. */
#define NET_IMMEDIATE_MAX 64

/* Free memory of one size; the link is in the first bytes of each piece. */
typedef struct NetFreeList {
    void *first;
    unsigned n;
} NetFreeList;

typedef struct AioNet {
    AioAttachment attachment;
    GHashTable *fds; /* of NetFd by file descriptor, see co-io.c; NULL until
                        needed */
    NetFreeList buffers; /* of NET_BUFFER_BYTES */
    NetFreeList blocks;  /* of output, see stream-queue.c */
    unsigned n_immediate;
} AioNet;

/* Returns: that of @ctx, created by the first call */
AioNet *net_get(AioContext *ctx);

/* Returns: (transfer full) @size_bytes bytes of any content */
static inline void *net_memory_get(NetFreeList *list, size_t size_bytes)
{
    void *memory = list->first;

    if (G_UNLIKELY(!memory)) {
        return g_malloc(size_bytes);
    }
    list->first = *(void **)memory;
    list->n--;
    return memory;
}

/* Keeps or frees @memory, which is consumed. */
static inline void net_memory_put(NetFreeList *list, void *memory)
{
    if (G_UNLIKELY(list->n >= NET_FREE_MAX)) {
        g_free(memory);
        return;
    }
    *(void **)memory = list->first;
    list->first = memory;
    list->n++;
}

/* Writes as writev(), without SIGPIPE.  Any thread. */
ssize_t net_writev(int fd, const struct iovec *iov, int n_iov);

/* An operation had not to wait.  Returns: true after a series of these; the
 * coroutine should let the loop do other work then */
static inline bool net_is_series(AioNet *net)
{
    if (G_LIKELY(++net->n_immediate < NET_IMMEDIATE_MAX)) {
        return false;
    }
    net->n_immediate = 0;
    return true;
}

#endif
