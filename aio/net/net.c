/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waits with a deadline, and what this layer keeps for a context.
 *
 * A wait ends by the first of three events: the file descriptor is ready, the
 * timer expires, or the coroutine is cancelled.  All of them happen in the home
 * thread, and the first one takes the coroutine out of the wait.
 */
#include "aio/net/net-internal.h"

#include "aio/context-internal.h"
#include "aio/coroutine/coroutine-internal.h"
#include "util/programming-error.h"
#include "util/sigpipe.h"

#include <errno.h>

/* ---- Waits ---- */

/* The coroutine may run, and free @wait, before this returns. */
void net_wait_wake(NetWait *wait, int ret)
{
    Coroutine *co = wait->co;

    wait->co = NULL;
    wait->ret = ret;
    aio_co_wake(co);
}

/* The timer may expire after the file descriptor has become ready. */
static void net_wait_expired(void *opaque)
{
    NetWait *wait = opaque;

    if (wait->co) {
        net_wait_wake(wait, -ETIMEDOUT);
    }
}

/* In the home thread; the coroutine may have been woken up before. */
static void net_wait_cancel(void *opaque)
{
    NetWait *wait = opaque;

    if (wait->co) {
        net_wait_wake(wait, -ECANCELED);
    }
}

/* The timer belongs to the context in which the coroutine waits. */
static void net_wait_arm(NetWait *wait, AioContext *ctx)
{
    aio_timer_init(ctx, &wait->timer, AIO_CLOCK_REALTIME, SCALE_NS,
                   net_wait_expired, wait);
    timer_mod_ns(&wait->timer, wait->deadline_ns);
    wait->has_timer = true;
}

static void net_wait_disarm(NetWait *wait)
{
    wait->has_timer = false;
    timer_del(&wait->timer);
    timer_deinit(&wait->timer);
}

int net_wait(NetWait *wait, AioContext *ctx, int64_t deadline_ns)
{
    wait->co = coroutine_self();
    if (G_UNLIKELY(!wait->co->caller)) {
        programming_error("a wait for a file descriptor outside of a "
                          "coroutine");
    }
    wait->deadline_ns = deadline_ns;
    if (deadline_ns >= 0) {
        net_wait_arm(wait, ctx);
    }
    coroutine_yield_cancellable(net_wait_cancel, wait);
    if (wait->has_timer) {
        net_wait_disarm(wait);
    }
    return wait->ret;
}

/*
 * The coroutine belongs to @ctx from here on: what wakes it up in this thread
 * schedules it there.
 */
void net_wait_leave_context(NetWait *wait, AioContext *ctx)
{
    if (wait->co) {
        if (wait->has_timer) {
            net_wait_disarm(wait);
        }
        atomic_store_explicit(&wait->co->ctx, ctx, memory_order_release);
    }
}

void net_wait_enter_context(NetWait *wait, AioContext *ctx)
{
    if (wait->co && wait->deadline_ns >= 0) {
        net_wait_arm(wait, ctx);
    }
}

/*
 * ---- Memory ----
 *
 * A buffer is larger than what malloc() keeps for itself, so without the list
 * of free ones each use would map and unmap memory.  Only its first bytes are
 * touched by small requests.
 */

static void free_list_clear(NetFreeList *list)
{
    while (list->first) {
        g_free(net_memory_get(list, 0));
    }
}

/* ---- Contexts ---- */

/* The context is freed.  Its streams and waits were ended before. */
static void net_free(AioAttachment *attachment)
{
    AioNet *net = container_of(attachment, AioNet, attachment);

    free_list_clear(&net->buffers);
    free_list_clear(&net->blocks);
    g_clear_pointer(&net->fds, g_hash_table_unref);
    g_free(net);
}

/* Above the thread pool, which looks up names. */
static const AioAttachmentOps net_ops = {
    .layer = 2,
    .free = net_free,
};

/* A context that never uses sockets has no AioNet. */
AioNet *net_get(AioContext *ctx)
{
    AioAttachment *attachment = aio_attachment_find(&ctx->attachments,
                                                    &net_ops);
    AioNet *net;

    if (attachment) {
        return container_of(attachment, AioNet, attachment);
    }
    net = g_new0(AioNet, 1);
    net->attachment.ops = &net_ops;
    aio_attach(&ctx->attachments, &net->attachment);
    return net;
}

ssize_t net_writev(int fd, const struct iovec *iov, int n_iov)
{
    SigPipe sigpipe;
    ssize_t n;

    sigpipe_block(&sigpipe);
    n = writev(fd, iov, n_iov);
    sigpipe_unblock(&sigpipe, n < 0 && errno == EPIPE);
    return n;
}
