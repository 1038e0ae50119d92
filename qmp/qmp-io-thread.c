/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Holders: each connection with `oob` holds the thread.  The first one starts
 * it, the last one stops it.
 *
 * Stopping: the thread runs its loop until the bottom half stop() sets
 * `stopped`, which only the thread uses while it runs.
 *
 * Calls: the main thread runs a function in the thread, and sleeps on a
 * semaphore until it has returned.  The main loop does not run in the meantime.
 */
#include "qmp/qmp-io-thread-internal.h"

#include "aio/aio.h"
#include "util/thread.h"

#include <errno.h>
#include <semaphore.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct Call {
    void (*fn)(void *opaque);
    void *opaque;
    sem_t done;
} Call;

/* Used only by the main thread, except `stopped` and, in the thread, `ctx`. */
static AioContext *ctx;
static Thread thread;
static pid_t process_id; /* the process that has the thread */
static unsigned n_holders;
static bool stopped; /* used only by the thread while it runs */

static void *run(void *opaque)
{
    aio_set_current_context(ctx);
    while (!stopped) {
        aio_poll(ctx, true);
    }
    aio_set_current_context(NULL);
    return NULL;
}

static bool start(Error **errp)
{
    int ret;

    ctx = aio_context_new(errp);
    if (!ctx) {
        return false;
    }
    stopped = false;
    process_id = getpid();
    ret = thread_create(&thread, "qmp", 0, run, NULL);
    if (ret < 0) {
        error_setg_errno(errp, -ret, "Cannot start the thread of QMP");
        g_clear_pointer(&ctx, aio_context_unref);
        return false;
    }
    return true;
}

AioContext *qmp_io_thread_get(Error **errp)
{
    if (!n_holders && !start(errp)) {
        return NULL;
    }
    n_holders++;
    return ctx;
}

/* Runs in the thread, which owns `stopped`. */
static void stop(void *opaque)
{
    stopped = true;
}

void qmp_io_thread_put(void)
{
    if (--n_holders) {
        return;
    }
    aio_bh_schedule_oneshot(ctx, stop, NULL);
    thread_join(&thread);
    g_clear_pointer(&ctx, aio_context_unref);
}

/*
 * Runs in the thread.  @opaque is on the stack of the main thread, which waits.
 */
static void on_call(void *opaque)
{
    Call *call = opaque;

    call->fn(call->opaque);
    sem_post(&call->done);
}

void qmp_io_thread_call(void (*fn)(void *opaque), void *opaque)
{
    Call call = { .fn = fn, .opaque = opaque };

    /* A child process does not have the thread, so nothing can disturb @fn. */
    if (process_id != getpid()) {
        fn(opaque);
        return;
    }
    sem_init(&call.done, 0, 0);
    aio_bh_schedule_oneshot(ctx, on_call, &call);
    while (sem_wait(&call.done) < 0) {
        g_assert(errno == EINTR);
    }
    sem_destroy(&call.done);
}
