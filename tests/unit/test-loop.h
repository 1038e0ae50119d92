/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A context in a thread of its own, for tests of the event loop. */
#ifndef QOM_TESTS_TEST_LOOP_H
#define QOM_TESTS_TEST_LOOP_H

#include "aio/aio.h"
#include "qapi/error.h"
#include "util/thread.h"

typedef struct Loop {
    AioContext *ctx;
    Thread thread;
    bool running; /* home thread */
} Loop;

static inline void *loop_run(void *opaque)
{
    Loop *loop = opaque;

    aio_set_current_context(loop->ctx);
    while (loop->running) {
        aio_poll(loop->ctx, true);
    }
    aio_set_current_context(NULL);
    return NULL;
}

static inline void loop_start(Loop *loop)
{
    *loop = (Loop) {
        .ctx = aio_context_new(&error_abort), .running = true,
    };
    g_assert_cmpint(thread_create(&loop->thread, "loop", 0, loop_run, loop),
                    ==, 0);
}

static inline void loop_end_bh(void *opaque)
{
    ((Loop *)opaque)->running = false;
}

/* loop_end: after what is scheduled by now; loop_join() follows */
static inline void loop_end(Loop *loop)
{
    aio_bh_schedule_oneshot(loop->ctx, loop_end_bh, loop);
}

/* loop_join: the context is the caller's afterwards */
static inline void loop_join(Loop *loop)
{
    thread_join(&loop->thread);
}

#endif
