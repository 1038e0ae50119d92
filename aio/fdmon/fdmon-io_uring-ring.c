/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The ring of the io_uring monitor, and the requests in it.
 *
 * A request belongs to the thread that submitted it and ends with that thread.
 * So only the home thread submits requests, and the ring is created again when
 * another thread becomes the home thread.
 *
 * A request keeps its file open.  It is therefore cancelled as soon as the
 * handler is removed.  A completion that is still on its way carries an old
 * generation and is ignored.
 */
#include "aio/fdmon/fdmon-io_uring-internal.h"
#include "aio/io-uring-internal.h"
#include "qapi/error.h"

#include <sys/syscall.h>
#include <unistd.h>

#define SQ_ENTRIES 64
#define CQ_ENTRIES_MIN 256

/* ---- Life ---- */

/*
 * Returns room for two completions of each handler.  An overflow loses no
 * event, but ends requests, which must then be submitted again.
 */
static unsigned wanted_cq_entries(AioContext *ctx)
{
    unsigned n = CQ_ENTRIES_MIN;
    unsigned n_handlers = 0;
    QueueLink *link;

    lock_acquire(&ctx->handlers.lock);
    QUEUE_FOREACH(link, &ctx->handlers.all) {
        n_handlers++;
    }
    lock_release(&ctx->handlers.lock);
    while (n < CQ_ENTRIES_MAX && n < 2 * n_handlers) {
        n *= 2;
    }
    return n;
}

void *fdmon_uring_open(AioContext *ctx, Error **errp)
{
    /*
     * With DEFER_TASKRUN the kernel only sets a flag when an event happens,
     * and posts the completions of all events when the home thread enters the
     * ring.  SINGLE_ISSUER binds the ring to the thread that enables it.  The
     * calling thread need not be the home thread, hence R_DISABLED: the home
     * thread enables the ring when it first uses it.
     */
    struct io_uring_params params = {
        .flags = IORING_SETUP_CQSIZE | IORING_SETUP_R_DISABLED |
                 IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                 IORING_SETUP_TASKRUN_FLAG,
        .cq_entries = wanted_cq_entries(ctx),
    };
    UringState *s = g_new0(UringState, 1);
    int ret = io_uring_queue_init_params(SQ_ENTRIES, &s->ring, &params);

    if (ret < 0) {
        io_uring_set_refused(errp, -ret);
        g_free(s);
        return NULL;
    }
    s->ctx = ctx;
    s->needs_bind = true;
    return s;
}

static int register_op(UringState *s, unsigned op,
                       struct io_uring_rsrc_update *update)
{
    return syscall(__NR_io_uring_register, s->ring.ring_fd, op, update, 1);
}

/* Saves the kernel the lookup of the ring's file in each system call. */
static void register_ring(UringState *s)
{
    struct io_uring_rsrc_update update = {
        .offset = -1U,
        .data = s->ring.ring_fd,
    };

    s->enter_fd = s->ring.ring_fd;
    if (register_op(s, IORING_REGISTER_RING_FDS, &update) == 1) {
        s->enter_fd = update.offset;
        s->enter_flags = IORING_ENTER_REGISTERED_RING;
    }
}

/*
 * A registration keeps the ring alive until the thread ends.  So the home
 * thread removes it when it leaves the context, which it may outlive.
 */
static void unregister_ring(UringState *s)
{
    struct io_uring_rsrc_update update = { .offset = s->enter_fd };

    if (s->enter_flags && s->thread == aio_own_thread_serial) {
        register_op(s, IORING_UNREGISTER_RING_FDS, &update);
        s->enter_fd = s->ring.ring_fd;
        s->enter_flags = 0;
    }
}

/*
 * Closing the ring cancels its requests later, in a kernel thread.  Cancelling
 * them here releases their files before this function returns.
 */
static void cancel_all(UringState *s)
{
    struct io_uring_sqe *sqe;

    if (s->thread == 0 || s->thread != aio_own_thread_serial) {
        return;
    }
    io_uring_submit(&s->ring);
    sqe = io_uring_get_sqe(&s->ring);
    if (sqe) {
        io_uring_prep_cancel64(sqe, 0, IORING_ASYNC_CANCEL_ANY |
                                           IORING_ASYNC_CANCEL_ALL);
        io_uring_sqe_set_data64(sqe, NO_SLOT);
        io_uring_submit_and_get_events(&s->ring);
    }
}

void fdmon_uring_close(void *state)
{
    UringState *s = state;

    cancel_all(s);
    unregister_ring(s);
    io_uring_queue_exit(&s->ring);
    g_free(s->ended);
    g_free(s->to_check);
    g_free(s->check_fds);
    g_free(s);
}

/* ---- Requests ---- */

/*
 * Returns: (nullable) an entry of the submission queue, which is submitted if
 *          it is full; NULL, with has_failed set, if the kernel takes none
 */
static struct io_uring_sqe *new_request(UringState *s)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&s->ring);

    for (int i = 0; !sqe && i < 3; i++) {
        if (io_uring_submit(&s->ring) < 0) {
            io_uring_get_events(&s->ring);
        }
        sqe = io_uring_get_sqe(&s->ring);
    }
    if (sqe) {
        s->n_queued++;
    } else {
        uring_set_failed(s);
    }
    return sqe;
}

static void watch(UringState *s, int fd, unsigned events, uint64_t data)
{
    struct io_uring_sqe *sqe = new_request(s);

    if (sqe) {
        io_uring_prep_poll_multishot(sqe, fd, events);
        io_uring_sqe_set_data64(sqe, data);
        s->n_armed++;
        s->needs_bind |= uring_has_outgrown(s);
    }
}

static uint64_t slot_data(AioFdSlot *slot)
{
    return (uint64_t)uring_slot(slot)->generation << 32 | (unsigned)slot->fd;
}

void fdmon_uring_watch(UringState *s, AioFdSlot *slot)
{
    UringSlot *data = uring_slot(slot);

    data->generation++;
    data->known = slot->watched->events;
    watch(s, slot->fd, data->known, slot_data(slot));
}

static void unwatch_slot(UringState *s, AioFdSlot *slot)
{
    struct io_uring_sqe *sqe = new_request(s);

    uring_slot(slot)->known = 0;
    if (sqe) {
        io_uring_prep_poll_remove(sqe, slot_data(slot));
        io_uring_sqe_set_flags(sqe, IOSQE_CQE_SKIP_SUCCESS);
        io_uring_sqe_set_data64(sqe, NO_SLOT);
        s->n_armed--;
    }
}

/* io_uring_enable_rings(), which liburing 2.3 does not export. */
static bool enable_ring(UringState *s)
{
    return syscall(__NR_io_uring_register, s->ring.ring_fd,
                   IORING_REGISTER_ENABLE_RINGS, NULL, 0) == 0;
}

/*
 * Binds the ring to the thread that uses it first, and watches the context's
 * notifier.  Home thread.
 */
void fdmon_uring_bind(UringState *s)
{
    if (s->thread == 0) {
        s->thread = aio_thread_serial();
        s->ctx->monitor.thread = s->thread;
        s->has_failed |= !enable_ring(s);
        register_ring(s);
    }
    if (!s->own_is_armed) {
        s->own_is_armed = true;
        watch(s, s->ctx->handlers.own.fd, POLLIN, OWN_NOTIFIER);
    }
    s->needs_bind = s->has_failed || uring_has_outgrown(s);
}

bool fdmon_uring_update(AioContext *ctx, AioFdSlot *slot)
{
    UringState *s = uring_own_state(ctx);
    UringSlot *data = uring_slot(slot);

    if (data->known) {
        unwatch_slot(s, slot);
    }
    data->n_drained = 0;
    if (slot->watched && slot->watched->events) {
        fdmon_uring_watch(s, slot);
    }
    return !s->has_failed;
}

void fdmon_uring_flush(UringState *s)
{
    io_uring_submit_and_get_events(&s->ring);
    s->n_queued = io_uring_sq_ready(&s->ring);
}

void fdmon_uring_submit(AioContext *ctx)
{
    UringState *s = uring_own_state(ctx);

    /* The kernel also releases the files of cancelled requests now. */
    if (s->n_queued > 0) {
        fdmon_uring_flush(s);
    }
}

void fdmon_uring_thread_leaves(AioContext *ctx)
{
    unregister_ring(ctx->monitor.state);
}
