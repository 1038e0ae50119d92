/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waiting for a condition that callbacks change.
 *
 * AIO_WAIT_WHILE() runs a loop until a condition is false.  The home thread of
 * the context runs the context's own loop.  The main thread may wait for
 * another thread's context: it runs the main loop, and a thread that makes the
 * condition false calls aio_wait_kick() afterwards.
 *
 * Contract: the API of QEMU 10's "block/aio-wait.h"
 */
#ifndef QOM_AIO_AIO_WAIT_H
#define QOM_AIO_AIO_WAIT_H

#include "aio/aio.h"

QOM_BEGIN_DECLS

/*
 * aio_wait_begin: private, for AIO_WAIT_WHILE()
 * @ctx: (nullable) the context in which the condition changes
 *
 * Returns: borrowed; the context that the calling thread is to run
 * Thread: the home thread of @ctx, or the main thread
 */
AioContext *aio_wait_begin(AioContext *ctx);

/* aio_wait_end: private, for AIO_WAIT_WHILE(); ends aio_wait_begin().
 * Thread: the one that called it */
void aio_wait_end(void);

/**
 * AIO_WAIT_WHILE: runs the loop while a condition holds
 * @ctx: (nullable) the context in which the condition changes; NULL if it may
 *       be several
 * @cond: an expression; evaluated before the first iteration and after each one
 *
 * Value: true if it had to wait
 * Thread: the home thread of @ctx, or the main thread
 */
#define AIO_WAIT_WHILE(ctx, cond) AIO_WAIT_WHILE_UNLOCKED(ctx, cond)

/* The name that QEMU uses where waiting must not release the AioContext lock.
 * It never does here. */
#define AIO_WAIT_WHILE_UNLOCKED(ctx, cond)                          \
    (__extension__({                                                \
        bool waited_ = false;                                       \
        AioContext *run_ctx_ = aio_wait_begin(ctx);                 \
        while ((cond)) {                                            \
            aio_poll(run_ctx_, true);                               \
            waited_ = true;                                         \
        }                                                           \
        aio_wait_end();                                             \
        waited_;                                                    \
    }))

/**
 * aio_wait_kick: has all waiters evaluate their conditions again
 *
 * Call it after each change that such a condition may depend on.  It is cheap
 * if no thread waits.
 *
 * Thread: any
 */
void aio_wait_kick(void);

/**
 * aio_wait_bh_oneshot: runs a function in a context and waits until it has
 * returned
 * @ctx: the context that runs it
 * @cb: the callback
 * @opaque: passed to @cb
 *
 * Thread: the home thread of @ctx, or the main thread
 */
void aio_wait_bh_oneshot(AioContext *ctx, AioBHFunc *cb, void *opaque);

QOM_END_DECLS

#endif
