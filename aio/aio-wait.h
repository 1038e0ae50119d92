/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Wait until something has happened in a context.
 *
 * AIO_WAIT_WHILE() runs the loop of the calling thread until a condition is
 * false.  In the home thread of the context that is the context's own loop;
 * the main thread runs the main loop meanwhile, and who makes the condition
 * false elsewhere says aio_wait_kick() afterwards.
 *
 * Contract: the API of QEMU 10's "block/aio-wait.h"
 */
#ifndef QOM_AIO_AIO_WAIT_H
#define QOM_AIO_AIO_WAIT_H

#include "aio/aio.h"

QOM_BEGIN_DECLS

/* The machinery of AIO_WAIT_WHILE(): which context to run; count waiters. */
AioContext *aio_wait_begin(AioContext *ctx);
void aio_wait_end(void);

/**
 * AIO_WAIT_WHILE: run the loop while a condition holds
 * @ctx: (nullable) the context in which the condition changes; NULL when
 *       it may be several
 * @cond: an expression; evaluated after each round
 *
 * Value: true if it had to wait
 * Thread: @ctx's home, or the main thread
 */
#define AIO_WAIT_WHILE(ctx, cond)                                   \
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

/* QEMU's name for it where locks are not dropped meanwhile: none are here. */
#define AIO_WAIT_WHILE_UNLOCKED(ctx, cond) AIO_WAIT_WHILE(ctx, cond)

/**
 * aio_wait_kick: have those who wait evaluate their conditions again
 *
 * Call it after each change that such a condition may depend on.  Cheap
 * when nobody waits.
 *
 * Thread: any
 */
void aio_wait_kick(void);

/**
 * aio_wait_bh_oneshot: run a function in a context and wait for it
 * @ctx: the context that runs it
 * @cb: the callback
 * @opaque: passed to @cb
 *
 * Thread: @ctx's home, or the main thread
 */
void aio_wait_bh_oneshot(AioContext *ctx, AioBHFunc *cb, void *opaque);

QOM_END_DECLS

#endif
