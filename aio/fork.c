/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Contexts in a child process.
 *
 * fork() copies a context's memory.  The epoll set, the rings and the event
 * notifier behind its file descriptors stay shared with the parent: a child
 * that used them would take events from the parent, or change what the parent
 * watches.  So an *inherited* context, which was created before the last
 * fork(), is never run: using it aborts with a message.  Freeing it, its files
 * and its handlers changes only the child's memory and closes the child's
 * copies of the file descriptors.
 *
 * The check costs the loop nothing.  In the child no thread has a current
 * context.  So every function that a home thread calls takes its slow path,
 * and the slow path checks.
 */
#include "aio/context-internal.h"
#include "util/programming-error.h"
#include "util/thread.h"

#include <pthread.h>

/*
 * How many fork() calls led from the program's first process to this one.  It
 * is written in a child before a second thread exists, so it needs no lock.
 */
static unsigned n_forks;

static void on_fork_in_child(void)
{
    n_forks++;
    aio_home_thread_forked();
}

static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, on_fork_in_child);
}

void aio_fork_init(AioContext *ctx)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, watch_forks);
    ctx->n_forks = n_forks;
}

bool aio_is_inherited(AioContext *ctx)
{
    return ctx->n_forks != n_forks;
}

void aio_assert_not_inherited(AioContext *ctx, const char *function)
{
    if (aio_is_inherited(ctx)) {
        programming_error("%s: the event loop was created before fork(); a "
                          "child process must create its own", function);
    }
}

/* Inherited contexts that are not freed; reachable for leak checkers. */
static GPtrArray *closed_contexts;

/*
 * Closes the child's file descriptors of the context.  Its memory is not freed:
 * a thread that does not exist in the child may have been changing it, with a
 * lock held, when the parent called fork().
 */
void aio_close_inherited(AioContext *ctx)
{
    static GMutex lock;

    g_mutex_lock(&lock);
    if (!closed_contexts) {
        closed_contexts = g_ptr_array_new();
    }
    g_ptr_array_add(closed_contexts, ctx);
    g_mutex_unlock(&lock);
    aio_attachments_close_inherited(&ctx->attachments);
    aio_fdmon_cleanup(ctx);
    event_notifier_cleanup(&ctx->wake.notifier);
}
