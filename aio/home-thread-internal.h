/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The home thread of a context, and how a thread knows itself.
 *
 * Each thread has a serial number, which no other thread ever gets.  The
 * address of a thread variable or the kernel's thread id would not do: both
 * are used again for a later thread.
 */
#ifndef QOM_AIO_HOME_THREAD_INTERNAL_H
#define QOM_AIO_HOME_THREAD_INTERNAL_H

#include "aio/aio.h"

#include <stdatomic.h>

typedef struct AioHome {
    _Atomic uint64_t serial; /* of the home thread; 0: none.  Any thread */
    atomic_int id;           /* the kernel's thread id, for messages */
} AioHome;

/* The context whose home thread the calling thread is; NULL: none. */
extern __thread AioContext *aio_current_ctx
    __attribute__((tls_model("initial-exec")));

/* 0 until aio_thread_serial() was called. */
extern __thread uint64_t aio_own_thread_serial
    __attribute__((tls_model("initial-exec")));

/* Returns: the serial number of the calling thread, never 0 */
uint64_t aio_thread_serial(void);

/* In a child process: the only thread is a new one. */
void aio_home_thread_forked(void);

/* Aborts unless the calling thread is the home thread of @ctx, or there is
 * none. */
void aio_assert_may_run(AioContext *ctx);

/* Aborts, naming @function and the home thread. */
G_NORETURN void aio_abort_not_home(AioContext *ctx, const char *function);
void aio_assert_home_slow(AioContext *ctx, const char *function);

/* Aborts unless the calling thread is the home thread of @ctx. */
static inline void aio_assert_home(AioContext *ctx, const char *function)
{
    if (G_UNLIKELY(aio_current_ctx != ctx)) {
        aio_assert_home_slow(ctx, function);
    }
}

/*
 * Around callbacks: a thread without a context adopts the one that it runs,
 * if that has no home thread, until aio_run_end().
 *
 * Returns: true if aio_run_end() must follow
 */
bool aio_adopt_begin(AioContext *ctx);
static inline bool aio_run_begin(AioContext *ctx)
{
    return G_LIKELY(aio_current_ctx == ctx) ? false : aio_adopt_begin(ctx);
}
void aio_run_end(void);

#endif
