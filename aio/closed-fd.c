/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * File descriptors that are closed while a handler watches them.
 *
 * This is a programming error, and the kernel reports it only to poll(2): epoll
 * forgets the file, and io_uring keeps it open.  So about once a second, before
 * it sleeps, a loop checks whether each file descriptor that it watches is
 * open.  A closed one is reported once.  It is not watched again until it gets
 * another handler.
 */
#include "aio/context-internal.h"
#include "aio/function-name-internal.h"
#include "aio/ticks-internal.h"

#include <errno.h>
#include <fcntl.h>

/* About a second: 2^18 quanta of 2 to 4 us. */
#define CHECK_TICKS ((uint64_t)AIO_QUANTUM_TICKS << 18)

/* Set by the program before loops run. */
static AioClosedFdFunc *closed_fd_func;
static void *closed_fd_opaque;

void aio_set_closed_fd_func(AioClosedFdFunc *func, void *opaque)
{
    closed_fd_opaque = opaque;
    closed_fd_func = func;
}

/* Reports the closed file descriptor with the name of its first callback. */
static void report(AioContext *ctx, const AioHandler *node)
{
    IOHandler *callback = node->io_read ? node->io_read
                        : node->io_write ? node->io_write
                        : node->io_poll_ready;
    g_autofree char *name = aio_function_name((void *)callback);

    closed_fd_func(ctx, node->fd, name, closed_fd_opaque);
}

/*
 * Returns true if the file descriptor of @node is closed.  Another thread may
 * have removed the handler before it closed the file descriptor; then the
 * handler is marked as deleted by the time that fcntl() fails.
 */
static bool is_closed(const AioHandler *node)
{
    return !node->is_closed && node->events && fcntl(node->fd, F_GETFD) < 0 &&
           errno == EBADF && !aio_handler_is_deleted(node);
}

static void check_slot(AioFdSlot *slot, void *opaque)
{
    AioContext *ctx = opaque;
    AioHandler *node = slot->watched;

    if (!node || !is_closed(node)) {
        return;
    }
    node->is_closed = true;
    lock_acquire(&ctx->handlers.lock);
    fd_changes_add(&ctx->handlers.changes, slot); /* the monitor drops it */
    lock_release(&ctx->handlers.lock);
    if (closed_fd_func) {
        report(ctx, node);
    }
}

/*
 * Needs no lock: the table only grows, and only the home thread uses
 * slot->watched.
 */
void aio_find_closed_fds(AioContext *ctx)
{
    ctx->iteration.walk_depth++;
    fd_table_foreach(&ctx->handlers.fd_table, check_slot, ctx);
    ctx->iteration.walk_depth--;
}

void aio_find_closed_fds_if_due(AioContext *ctx)
{
    uint64_t now = aio_counters_last_check(&ctx->counters);

    if (now - ctx->closed_fds.last_ticks >= ctx->closed_fds.interval_ticks) {
        ctx->closed_fds.last_ticks = now;
        aio_find_closed_fds(ctx);
    }
}

void aio_closed_fds_init(AioContext *ctx)
{
    ctx->closed_fds.interval_ticks = CHECK_TICKS;
}
