/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Contexts in a child process.
 *
 * fork() copies a context's memory, but the epoll set, the rings and the event
 * notifier behind its file descriptors stay shared with the parent: a child
 * that used them would take events away from the parent, or change what the
 * parent watches.  So an *inherited* context, one that was created before the
 * last fork(), is never run: using it aborts with a message.  Freeing it, its
 * files and its handlers changes nothing but the child's memory and closes the
 * child's copies of the descriptors.
 *
 * The check costs the loop nothing.  In the child no thread has a current
 * context, so each function that a home thread calls takes its slow path, and
 * that one checks.
 */
#include "aio/context-internal.h"
#include "util/programming-error.h"
#include "util/thread.h"

#include <pthread.h>

/* Written in a child before it has a second thread. */
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

/* Contexts whose memory stays, for tools that look for lost memory. */
static GPtrArray *closed_contexts;

/*
 * The memory stays: a thread that the child does not have may have been
 * changing it, with a lock held, when the parent called fork().
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
