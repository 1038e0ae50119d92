/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bottom halves: the object, and the home thread's queue.  bh.c explains them.
 */
#ifndef QOM_AIO_BH_INTERNAL_H
#define QOM_AIO_BH_INTERNAL_H

#include "aio/bh-ring-internal.h"
#include "util/depot.h"

#define BH_PENDING (1u << 0)   /* in a list or the ring of the context */
#define BH_SCHEDULED (1u << 1) /* the callback is to be called */
#define BH_DELETED (1u << 2)   /* to be freed when it is dequeued */
#define BH_ONESHOT (1u << 3)   /* returns to the pool before its call */
#define BH_IDLE (1u << 4)      /* no progress, can wait 10 ms */

struct AioBH {
    union {
        struct {
            AioContext *ctx;
            AioBHFunc *cb;
        };
        DepotItem free_item; /* in the pool, see bh-pool.c */
    };
    void *opaque;
    const char *name;
    union {
        MemReentrancyGuard *guard; /* (nullable) */
        struct AioBHChunk *chunk;  /* of a one-shot one: memory it is part of */
    };
    AioBH *next; /* owned by the thread that set BH_PENDING, then by the home
                    thread */
    atomic_uint flags;
    unsigned long ring_pos; /* bh_ring_tail() when it was pushed */
};

/* What the home thread has taken and not run yet. */
typedef struct AioBhQueue {
    AioBH *first;
    AioBH **last; /* where to link the next one */
} AioBhQueue;

/* Aligned to a cache line, as it moves from one CPU to another. */
static inline AioBH *aio_bh_alloc(void)
{
    return g_aligned_alloc(1, sizeof(AioBH), AIO_CACHE_LINE);
}

/* ---- bh.c; the home thread ---- */

/* Creates the ring unless there is one. */
void aio_bh_make_ring(AioContext *ctx);

/* Returns: nanoseconds until a bottom half is due: 0, 10 ms, or -1: none. */
int64_t aio_bh_timeout(AioContext *ctx);

/* Runs what was scheduled before.  Returns: how many were progress. */
int aio_run_bhs(AioContext *ctx);

/* The last reference was dropped: frees those that were deleted. */
void aio_bh_cleanup(AioContext *ctx);

/* ---- bh-pool.c: memory of one-shot bottom halves; any thread ---- */

AioBH *aio_bh_pool_get(void);
void aio_bh_pool_put(AioBH *bh);

#endif
