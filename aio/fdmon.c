/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Selects the fd monitor of a context and passes changes of handlers to it.
 *
 * The thread that asks for another monitor opens it, so that a failure is
 * reported to that thread.  The home thread, which alone uses monitors,
 * installs it before it next checks file descriptors, and passes all handlers
 * to it.  No event is lost, because every monitor reports a file descriptor
 * that was ready before it was added.
 *
 * AIO_FD_MONITOR_AUTO is epoll: creating a ring costs more than most loops gain
 * by it (docs/design/fd-monitors.md).
 *
 * If a monitor cannot watch a file descriptor, the context falls back to
 * another one: from io_uring to epoll, and from epoll to poll.  io_uring is
 * also replaced when a GSource is about to sleep, because poll(2) does not
 * enter the ring, and only that makes the kernel post completions.
 */
#include "aio/context-internal.h"
#include "qapi/error.h"
#include "util/log.h"
#include "util/programming-error.h"

LOG_AREA_DEFINE(aio_log, "aio")

static const FdMonOps *const all_ops[] = {
    [AIO_FD_MONITOR_AUTO] = &fdmon_epoll_ops,
    [AIO_FD_MONITOR_POLL] = &fdmon_poll_ops,
    [AIO_FD_MONITOR_EPOLL] = &fdmon_epoll_ops,
    [AIO_FD_MONITOR_IO_URING] = &fdmon_io_uring_ops,
};

/* ---- Installing a monitor ---- */

/* The new monitor watches nothing yet, so every handler is a change. */
static void slot_reset(AioFdSlot *slot, void *opaque)
{
    AioContext *ctx = opaque;

    memset(slot->monitor_data, 0, sizeof(slot->monitor_data));
    if (slot->node) {
        fd_changes_add(&ctx->handlers.changes, slot);
    }
}

/*
 * Replaces the monitor; @state is consumed.  Home thread, or the thread that
 * creates @ctx.
 */
static void fdmon_install(AioContext *ctx, const FdMonOps *ops, void *state)
{
    GSource *source;

    lock_acquire(&ctx->source.lock);
    lock_acquire(&ctx->handlers.lock);
    source = aio_polled_source(ctx);
    if (source && ctx->monitor.ops->source_detach) {
        ctx->monitor.ops->source_detach(ctx, source);
    }
    ctx->monitor.ops->close(ctx->monitor.state);
    fd_table_foreach(&ctx->handlers.fd_table, slot_reset, ctx);
    ctx->monitor.thread = 0;
    ctx->monitor.refused = false;
    ctx->monitor.ops = ops;
    ctx->monitor.state = state;
    if (source && ops->source_attach) {
        ops->source_attach(ctx, source);
    }
    lock_release(&ctx->handlers.lock);
    lock_release(&ctx->source.lock);
}

/* epoll, or poll, whose open() cannot fail. */
void aio_fdmon_fall_back(AioContext *ctx)
{
    const FdMonOps *from = ctx->monitor.ops;
    const FdMonOps *ops = &fdmon_poll_ops;
    void *state = NULL;

    if (ctx->monitor.ops != &fdmon_epoll_ops) {
        ops = &fdmon_epoll_ops;
        state = ops->open(ctx, NULL);
    }
    if (!state) {
        ops = &fdmon_poll_ops;
        state = ops->open(ctx, NULL);
    }
    fdmon_install(ctx, ops, state);
    log_info(&aio_log, "fd monitor cannot watch all, another one is used",
             log_str("from", from->name), log_str("to", ops->name));
}

void aio_fdmon_reopen(AioContext *ctx)
{
    void *state = ctx->monitor.ops->open(ctx, NULL);

    if (state) {
        fdmon_install(ctx, ctx->monitor.ops, state);
    } else {
        aio_fdmon_fall_back(ctx);
    }
}

/* Installs the monitor that a user asked for. */
static void fdmon_install_next(AioContext *ctx)
{
    const FdMonOps *ops;
    void *state;

    lock_acquire(&ctx->handlers.lock);
    ops = ctx->next_monitor.ops;
    state = ctx->next_monitor.state;
    ctx->next_monitor.ops = NULL;
    ctx->next_monitor.state = NULL;
    atomic_store(&ctx->next_monitor.is_pending, false);
    lock_release(&ctx->handlers.lock);
    if (ops) {
        fdmon_install(ctx, ops, state);
    }
}

/* ---- Changes ---- */

/*
 * Returns: (nullable) the next changed slot, whose handler is now
 *          slot->watched; NULL if there is none
 */
static AioFdSlot *fdmon_next_change(AioContext *ctx)
{
    AioFdSlot *slot;

    lock_acquire(&ctx->handlers.lock);
    slot = fd_changes_pop(&ctx->handlers.changes);
    if (slot) {
        slot->watched = slot->node;
    }
    lock_release(&ctx->handlers.lock);
    return slot;
}

static void fdmon_apply_changes(AioContext *ctx)
{
    while (!fd_changes_is_empty(&ctx->handlers.changes)) {
        AioFdSlot *slot = fdmon_next_change(ctx);

        if (slot && !ctx->monitor.ops->update(ctx, slot)) {
            ctx->monitor.refused = true;
        }
        if (ctx->monitor.refused) {
            aio_fdmon_fall_back(ctx);
        }
    }
}

void aio_fdmon_sync_slow(AioContext *ctx)
{
    if (atomic_load(&ctx->next_monitor.is_pending)) {
        fdmon_install_next(ctx);
    }
    if (ctx->monitor.thread && ctx->monitor.thread != aio_thread_serial()) {
        aio_fdmon_reopen(ctx);
    }
    fdmon_apply_changes(ctx);
}

void aio_fdmon_prepare_source(AioContext *ctx)
{
    aio_fdmon_sync(ctx);
    if (!ctx->monitor.ops->source_attach) {
        aio_fdmon_fall_back(ctx);
        aio_fdmon_sync(ctx);
    }
}

/* ---- Life ---- */

bool aio_fdmon_init(AioContext *ctx, Error **errp)
{
    ctx->monitor.ops = &fdmon_epoll_ops;
    ctx->monitor.state = ctx->monitor.ops->open(ctx, errp);
    return ctx->monitor.state;
}

void aio_fdmon_cleanup(AioContext *ctx)
{
    ctx->monitor.ops->close(ctx->monitor.state);
    if (ctx->next_monitor.ops) {
        ctx->next_monitor.ops->close(ctx->next_monitor.state);
    }
}

/* ---- For users ---- */

/* Under handlers.lock. */
static const FdMonOps *fdmon_in_use(AioContext *ctx)
{
    return ctx->next_monitor.ops ? ctx->next_monitor.ops : ctx->monitor.ops;
}

/*
 * Returns true if the monitor in use is one that @kind allows.  Under
 * handlers.lock.
 */
static bool fdmon_is_right(AioContext *ctx, AioFdMonitor kind)
{
    const FdMonOps *ops = fdmon_in_use(ctx);

    return kind == AIO_FD_MONITOR_AUTO ? ops != &fdmon_poll_ops
                                       : ops->kind == kind;
}

bool aio_context_set_fd_monitor(AioContext *ctx, AioFdMonitor kind,
                                Error **errp)
{
    const FdMonOps *ops;
    const FdMonOps *old_ops;
    void *state = NULL;
    void *old_state;
    bool is_right;

    if ((unsigned)kind >= G_N_ELEMENTS(all_ops)) {
        programming_error("aio_context_set_fd_monitor(): %d is no "
                          "AioFdMonitor", kind);
    }
    ops = all_ops[kind];
    lock_acquire(&ctx->handlers.lock);
    is_right = fdmon_is_right(ctx, kind);
    lock_release(&ctx->handlers.lock);
    if (!is_right) {
        state = ops->open(ctx, kind == AIO_FD_MONITOR_AUTO ? NULL : errp);
        if (!state && kind != AIO_FD_MONITOR_AUTO) {
            return false;
        }
    }

    lock_acquire(&ctx->handlers.lock);
    ctx->next_monitor.kind = kind;
    old_ops = ctx->next_monitor.ops;
    old_state = ctx->next_monitor.state;
    if (state) {
        ctx->next_monitor.ops = ops;
        ctx->next_monitor.state = state;
        atomic_store(&ctx->next_monitor.is_pending, true);
    }
    lock_release(&ctx->handlers.lock);

    if (state) {
        if (old_ops) {
            old_ops->close(old_state);
        }
        if (!in_aio_context_home_thread(ctx)) {
            aio_notify(ctx);
        }
    }
    return true;
}

AioFdMonitor aio_context_get_fd_monitor(AioContext *ctx)
{
    AioFdMonitor kind;

    lock_acquire(&ctx->handlers.lock);
    kind = ctx->next_monitor.kind;
    lock_release(&ctx->handlers.lock);
    return kind;
}

AioFdMonitor aio_context_get_fd_monitor_in_use(AioContext *ctx)
{
    AioFdMonitor kind;

    lock_acquire(&ctx->handlers.lock);
    kind = fdmon_in_use(ctx)->kind;
    lock_release(&ctx->handlers.lock);
    return kind;
}
