/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The thread pool of a context.
 *
 * Until 8.0 requests named the pool.  Here the pool is that of the calling
 * thread's context; naming another one aborts.
 */
#ifndef QOM_COMPAT_QEMU_BLOCK_THREAD_POOL_H
#define QOM_COMPAT_QEMU_BLOCK_THREAD_POOL_H

#include "aio/thread-pool/thread-pool.h"
#include "qemu/aio.h"

#define THREAD_POOL_MAX_THREADS_DEFAULT 64

#if QOM_COMPAT_QEMU < 801
static inline void qemu_assert_own_pool(ThreadPool *pool)
{
    g_assert(pool == aio_get_current_context());
}

#define thread_pool_submit_aio(pool, func, arg, cb, opaque) \
    (qemu_assert_own_pool(pool),                            \
     qemu_pool_submit_aio((func), (arg), (cb), (opaque)))
#define thread_pool_submit_co(pool, func, arg) \
    (qemu_assert_own_pool(pool), thread_pool_submit_co((func), (arg)))
#define thread_pool_submit(pool, func, arg) \
    (qemu_assert_own_pool(pool), thread_pool_submit((func), (arg)))
#else
#define thread_pool_submit_aio(func, arg, cb, opaque) \
    qemu_pool_submit_aio((func), (arg), (cb), (opaque))
#endif

#endif
