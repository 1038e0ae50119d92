/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The AioContext lock, which this library does not use itself.
 *
 * It is created when a program first acquires it, so a context without one
 * costs a pointer, and freed with the context.
 */
#include "aio/context-internal.h"
#include "util/programming-error.h"
#include "util/rfifolock.h"

/* A thread waits for the lock: makes the holder's aio_poll() return. */
static void aio_lock_contended(void *opaque)
{
    aio_notify(opaque);
}

static RFifoLock *aio_context_lock(AioContext *ctx)
{
    RFifoLock *lock = atomic_load(&ctx->context_lock);
    RFifoLock *mine;

    if (lock) {
        return lock;
    }
    mine = g_new(RFifoLock, 1);
    rfifolock_init(mine, aio_lock_contended, ctx);
    if (atomic_compare_exchange_strong(&ctx->context_lock, &lock, mine)) {
        return mine;
    }
    rfifolock_destroy(mine);
    g_free(mine);
    return lock;
}

void aio_context_acquire(AioContext *ctx)
{
    rfifolock_lock(aio_context_lock(ctx));
}

void aio_context_release(AioContext *ctx)
{
    RFifoLock *lock = atomic_load(&ctx->context_lock);

    if (!lock) {
        programming_error("aio_context_release() without "
                          "aio_context_acquire()");
    }
    rfifolock_unlock(lock);
}

void aio_context_lock_cleanup(AioContext *ctx)
{
    RFifoLock *lock = atomic_load(&ctx->context_lock);

    if (lock) {
        rfifolock_destroy(lock);
        g_free(lock);
    }
}
