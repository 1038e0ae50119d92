/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * AIO_WAIT_WHILE().  Until 8.2 it released the context's lock while it waited:
 * callers in the main thread had acquired the context, once.
 */
#ifndef QOM_COMPAT_QEMU_AIO_WAIT_H
#define QOM_COMPAT_QEMU_AIO_WAIT_H

#include "aio/aio-wait.h"
#include "qemu/aio.h"

#if QOM_COMPAT_QEMU < 900
/* One iteration of the waiting loop, without the lock of the other context. */
static inline void qemu_wait_round(AioContext *run_ctx, AioContext *ctx)
{
    bool locked = ctx && ctx != run_ctx;

    if (locked) {
        aio_context_release(ctx);
    }
    aio_poll(run_ctx, true);
    if (locked) {
        aio_context_acquire(ctx);
    }
}

#undef AIO_WAIT_WHILE
#define AIO_WAIT_WHILE(ctx, cond)                                       \
    (__extension__({                                                    \
        bool waited_ = false;                                           \
        AioContext *wait_ctx_ = (ctx);                                  \
        AioContext *run_ctx_ = aio_wait_begin(wait_ctx_);               \
        while ((cond)) {                                                \
            qemu_wait_round(run_ctx_, wait_ctx_);                       \
            waited_ = true;                                             \
        }                                                               \
        aio_wait_end();                                                 \
        waited_;                                                        \
    }))
#endif

#endif
