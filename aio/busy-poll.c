/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Busy polling: before the loop sleeps, it checks for a while whether work has
 * appeared in memory.
 *
 * Each spin calls io_poll of the handlers in the poll set, peeks into the fd
 * monitor if that is possible, and reads the ring, the head of `bh_pending`,
 * and the wake word.  The clock and the timers are checked every SPINS spins.
 * So is the fd monitor, with a system call, if only the kernel knows of some
 * handler's events: one without io_poll, with a monitor that cannot peek.
 *
 * The loop is not armed, so a thread that schedules work makes no system call.
 * Anything that polling misses is found when the loop arms itself before it
 * sleeps.
 *
 * Polling mode begins with the first polling window and lasts until the loop
 * sleeps.  It begins with a call of each handler's io_poll_begin, which may
 * switch a device's notifications off.  In this mode every iteration must
 * therefore call io_poll, because nothing else might report an event.
 *
 * The poll set is an array that only the home thread uses, rebuilt when
 * handlers.poll_version has changed.  Removing a handler changes the version,
 * and handlers are freed only while no callback is running.  Comparing the
 * version before each use is therefore enough to keep the array valid.
 */
#include "aio/context-internal.h"

/*
 * Spins between two readings of the clock.  A spin takes a few nanoseconds, a
 * reading 20, and a check of the fd monitor 500; with io_poll callbacks a spin
 * takes longer.  With fewer spins the loop finds events sooner, but slows down
 * a client on the next virtual CPU: with 16, an NBD client that waits for each
 * reply gets 7 % fewer replies.
 */
#define SPINS 40
#define SPINS_HANDLERS 4

static inline void busy_poll_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb");
#endif
}

/* ---- The poll set ---- */

static void poll_set_add(AioBusyPoll *bp, AioHandler *node)
{
    if (bp->n == bp->capacity) {
        bp->capacity = MAX(8, bp->capacity * 2);
        bp->handlers = g_renew(AioHandler *, bp->handlers, bp->capacity);
    }
    bp->handlers[bp->n++] = node;
}

static void poll_set_refresh(AioContext *ctx)
{
    AioBusyPoll *bp = &ctx->busy;
    QueueLink *link;

    if (bp->version == atomic_load_explicit(&ctx->handlers.poll_version,
                                            memory_order_acquire)) {
        return;
    }
    lock_acquire(&ctx->handlers.lock);
    bp->version = atomic_load(&ctx->handlers.poll_version);
    bp->n = 0;
    QUEUE_FOREACH(link, &ctx->handlers.polled) {
        AioHandler *node = container_of(link, AioHandler, poll_link);

        if (!node->poll_is_idle) {
            poll_set_add(bp, node);
        }
    }
    lock_release(&ctx->handlers.lock);
}

/* Calls each io_poll and puts those that have work on the ready list.  Returns:
 * true if there is one */
static bool poll_set_ask(AioContext *ctx)
{
    AioBusyPoll *bp = &ctx->busy;
    bool found = false;

    for (unsigned i = 0; i < bp->n; i++) {
        AioHandler *node = bp->handlers[i];

        if (!aio_handler_is_deleted(node) && !node->poll_running &&
            node->io_poll(node->opaque)) {
            node->poll_ready = true;
            node->poll_idle_ns = 0;
            aio_handler_ready(ctx, node, 0);
            found = true;
        }
    }
    return found;
}

static void handler_begin(AioHandler *node)
{
    IOHandler *hook = atomic_load(&node->io_poll_begin);

    if (!node->poll_started && !aio_handler_is_deleted(node)) {
        node->poll_started = true;
        if (hook) {
            hook(node->opaque);
        }
    }
}

static void handler_end(AioHandler *node)
{
    IOHandler *hook = atomic_load(&node->io_poll_end);

    if (node->poll_started && !aio_handler_is_deleted(node)) {
        node->poll_started = false;
        if (hook) {
            hook(node->opaque);
        }
    }
}

static void busy_poll_start(AioContext *ctx)
{
    AioBusyPoll *bp = &ctx->busy;

    for (unsigned i = 0; i < bp->n; i++) {
        handler_begin(bp->handlers[i]);
    }
    bp->started = bp->n > 0;
}

/*
 * An event that came before io_poll_end switched notifications on again is
 * known only to io_poll, which is therefore called once more.
 */
bool aio_busy_poll_stop(AioContext *ctx)
{
    AioBusyPoll *bp = &ctx->busy;

    if (!bp->started) {
        return false;
    }
    bp->started = false;
    poll_set_refresh(ctx);
    for (unsigned i = 0; i < bp->n; i++) {
        handler_end(bp->handlers[i]);
    }
    return poll_set_ask(ctx);
}

bool aio_busy_poll_once(AioContext *ctx)
{
    if (!ctx->busy.started) {
        return false;
    }
    poll_set_refresh(ctx);
    return poll_set_ask(ctx);
}

/* ---- Idle handlers ---- */

/* The monitor reports its events, too, so polling it is only faster. */
static void handler_set_idle(AioHandler *node)
{
    node->poll_is_idle = true;
    node->poll_idle_ns = 0;
    handler_end(node);
}

static void poll_set_drop_idle(AioContext *ctx, int64_t now_ns)
{
    AioBusyPoll *bp = &ctx->busy;
    bool dropped = false;

    for (unsigned i = 0; i < bp->n; i++) {
        AioHandler *node = bp->handlers[i];

        if (node->poll_idle_ns == 0) {
            node->poll_idle_ns = now_ns;
        } else if (now_ns - node->poll_idle_ns >= ctx->params.poll_idle_ns &&
                   node->events) {
            handler_set_idle(node);
            dropped = true;
        }
    }
    if (dropped) {
        poll_set_ask(ctx); /* as after every io_poll_end */
        bp->version--;
    }
    bp->idle_check_ns = now_ns + ctx->params.poll_idle_ns / 8;
}

void aio_busy_poll_readd(AioContext *ctx, AioHandler *node)
{
    node->poll_is_idle = false;
    ctx->busy.version--;
}

/* ---- A polling window ---- */

static bool busy_poll_has_bh(AioContext *ctx)
{
    return bh_ring_is_filled(aio_bh_ring(ctx), ctx->busy.seen_end) ||
           atomic_load_explicit(&ctx->bh_pending, memory_order_relaxed) !=
               ctx->busy.seen_head;
}

static bool busy_poll_has_work(AioContext *ctx)
{
    if (ctx->busy.n > 0 && poll_set_ask(ctx)) {
        return true;
    }
    if (ctx->monitor.ops->peek && ctx->monitor.ops->peek(ctx)) {
        aio_fdmon_wait(ctx, 0);
        return true;
    }
    return busy_poll_has_bh(ctx) ||
           (atomic_load_explicit(&ctx->wake.word, memory_order_relaxed) &
            AIO_WAKE_NOTIFIED);
}

/*
 * Checks file descriptors if polling in memory does not see all events.
 * Returns: true if a handler is ready
 */
static bool busy_poll_check_monitor(AioContext *ctx)
{
    if (ctx->monitor.ops->peek ||
        atomic_load_explicit(&ctx->handlers.n_without_poll,
                             memory_order_relaxed) == 0) {
        return false;
    }
    aio_fdmon_wait(ctx, 0);
    return !queue_is_empty(&ctx->iteration.ready);
}

static int64_t busy_poll_elapsed_ns(AioBusyPoll *bp)
{
    int64_t now_ns = clock_get_ns(AIO_CLOCK_REALTIME);

    if (bp->begin_ns == 0) {
        bp->begin_ns = now_ns;
    }
    return now_ns - bp->begin_ns;
}

/* Returns: true if there is work or @timeout_ns has elapsed; false if the
 * polling window has */
static bool busy_poll_spin(AioContext *ctx, int64_t timeout_ns)
{
    AioBusyPoll *bp = &ctx->busy;
    int spins = bp->n > 0 ? SPINS_HANDLERS : SPINS;
    int64_t elapsed_ns;

    do {
        if (busy_poll_check_monitor(ctx)) {
            return true;
        }
        for (int i = 0; i < spins; i++) {
            if (busy_poll_has_work(ctx)) {
                return true;
            }
            busy_poll_relax();
        }
        elapsed_ns = busy_poll_elapsed_ns(bp);
        bp->waited_ns = elapsed_ns;
        /* Another thread may have armed a timer since @timeout_ns was
         * computed. */
        if (aio_compute_timeout(ctx) == 0 ||
            (timeout_ns >= 0 && elapsed_ns >= timeout_ns)) {
            return true;
        }
    } while (elapsed_ns < bp->window_ns);
    return false;
}

/* Enters polling mode, with the poll set and the monitor up to date. */
static void busy_poll_prepare(AioContext *ctx)
{
    AioBusyPoll *bp = &ctx->busy;

    aio_bh_make_ring(ctx);
    if (ctx->monitor.ops->peek && aio_watches(ctx)) {
        aio_fdmon_flush(ctx);
    }
    poll_set_refresh(ctx);
    if (bp->n > 0 && ctx->monitor.ops->peek) {
        int64_t now_ns = clock_get_ns(AIO_CLOCK_REALTIME);

        if (now_ns >= bp->idle_check_ns) {
            poll_set_drop_idle(ctx, now_ns);
            poll_set_refresh(ctx);
        }
    }
    busy_poll_start(ctx);
}

bool aio_busy_poll(AioContext *ctx)
{
    AioBusyPoll *bp = &ctx->busy;
    int64_t timeout_ns;

    if (bp->update_pending) {
        bp->update_pending = false;
        aio_busy_poll_update_ns(bp, bp->waited_ns);
    }
    bp->begin_ns = -1;
    if (atomic_load(&ctx->params.poll_changed)) {
        aio_busy_poll_take_params(ctx);
    }
    if (bp->max_ns == 0) {
        return aio_busy_poll_stop(ctx);
    }
    bp->seen_end = bh_ring_end(aio_bh_ring(ctx));
    bp->seen_head = atomic_load(&ctx->bh_pending);
    timeout_ns = aio_compute_timeout(ctx);
    if (timeout_ns == 0 ||
        (atomic_load(&ctx->wake.word) & AIO_WAKE_NOTIFIED)) {
        aio_busy_poll_once(ctx);
        if (aio_watches(ctx)) {
            aio_fdmon_wait(ctx, 0);
        }
        return true;
    }
    bp->window_ns = aio_busy_poll_window_ns(bp);
    if (bp->window_ns == 0) {
        bp->begin_ns = clock_get_ns(AIO_CLOCK_REALTIME);
    } else {
        bp->begin_ns = 0;
        bp->waited_ns = 0;
        busy_poll_prepare(ctx);
        bp->update_pending = busy_poll_spin(ctx, timeout_ns);
        if (bp->update_pending) {
            return true;
        }
    }
    return aio_busy_poll_stop(ctx);
}

/*
 * If polling has found work, another thread may be waiting for the answer.
 * The polling time is then updated at the next wait, and the clock is not read
 * here.
 */
void aio_busy_poll_update(AioContext *ctx)
{
    AioBusyPoll *bp = &ctx->busy;

    if (bp->begin_ns >= 0 && !bp->update_pending) {
        aio_busy_poll_update_ns(bp, clock_get_ns(AIO_CLOCK_REALTIME) -
                                   bp->begin_ns);
    }
}

void aio_busy_poll_cleanup(AioContext *ctx)
{
    g_clear_pointer(&ctx->busy.handlers, g_free);
}
