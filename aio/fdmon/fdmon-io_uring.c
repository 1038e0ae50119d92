/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fd monitor with io_uring: one multishot poll request per file descriptor.
 *
 * The kernel posts a completion when a file descriptor becomes ready.  In each
 * wait the monitor enters the ring if the kernel has events to post, reads the
 * completions, and has fdmon-io_uring-check.c check the file descriptors whose
 * handlers were called before.  If nothing is ready, it sleeps in the ring.
 *
 * A completion carries the file descriptor and the generation of its request.
 * One with an old generation is ignored.  One that may be stale, because a
 * handler may have consumed the event, is doubted and leads to a check.
 *
 * The monitor has no source_attach(), because GLib cannot wait for this ring:
 * see docs/design/fd-monitors.md, "epoll replaces io_uring under GLib".
 */
#include "aio/fdmon/fdmon-io_uring-internal.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * How often an iteration enters the kernel at most.  Each time the kernel
 * processes about 20 of the pending events.
 */
#define ENTER_MAX 16

/* ---- Completions ---- */

/*
 * Returns true if the slot's handler may already have consumed the event that
 * the completion at @index reports.
 */
static bool is_doubtful(UringState *s, AioFdSlot *slot, unsigned index)
{
    const UringSlot *data = uring_slot(slot);

    if (!data->is_listed || queue_is_linked(&slot->watched->ready_link)) {
        return false;
    }
    return (int)(index - s->dispatched_tail) < 0 || s->dispatched_pending ||
           uring_has_two_kinds(data);
}

/*
 * A multishot request ends if the kernel cannot continue it: its file cannot
 * be waited for, the completion queue overflowed, or the request failed.
 */
static void request_ended(UringState *s, AioFdSlot *slot, int res)
{
    s->n_armed--;
    uring_slot(slot)->known = 0;
    if (res >= 0 || res == -ECANCELED) {
        if (s->n_ended == s->ended_capacity) {
            s->ended_capacity = MAX(16, s->ended_capacity * 2);
            s->ended = g_renew(AioFdSlot *, s->ended, s->ended_capacity);
        }
        s->ended[s->n_ended++] = slot;
    } else if (res != -EBADF) {
        uring_set_failed(s);
    }
}

static void slot_completion(UringState *s, AioFdSlot *slot, unsigned index,
                            const struct io_uring_cqe *cqe)
{
    const UringSlot *data = uring_slot(slot);

    if (data->generation != cqe->user_data >> 32 || !data->known) {
        return;
    }
    if (!slot->watched || is_doubtful(s, slot, index)) {
        s->has_doubt = true;
    } else if (cqe->res > 0) {
        uring_slot_ready(s, slot, cqe->res);
    }
    if (G_UNLIKELY(!(cqe->flags & IORING_CQE_F_MORE))) {
        request_ended(s, slot, cqe->res);
    }
}

/*
 * Watches slots whose request ended again.  A file that cannot be waited for
 * is always ready, and each request reports that once.
 */
static void watch_ended_again(UringState *s)
{
    for (unsigned i = 0; i < s->n_ended; i++) {
        AioFdSlot *slot = s->ended[i];

        if (slot->watched && slot->watched->events &&
            !uring_slot(slot)->known) {
            fdmon_uring_watch(s, slot);
        }
    }
    s->n_ended = 0;
}

/*
 * Processes all completions that are in the queue.
 *
 * Returns: true if one of them is about the context's notifier
 */
static bool read_completions(UringState *s)
{
    struct io_uring_cq *cq = &s->ring.cq;
    unsigned head = *cq->khead;
    unsigned tail = io_uring_smp_load_acquire(cq->ktail);
    bool is_woken = false;

    for (; head != tail; head++) {
        const struct io_uring_cqe *cqe = &cq->cqes[head & cq->ring_mask];

        if (G_UNLIKELY(cqe->user_data == OWN_NOTIFIER)) {
            is_woken = true;
            aio_notifier_seen(s->ctx);
            s->own_is_armed = cqe->flags & IORING_CQE_F_MORE;
            s->needs_bind |= !s->own_is_armed;
        } else if (cqe->user_data != NO_SLOT) {
            slot_completion(s,
                            fd_table_find_ready(&s->ctx->handlers.fd_table,
                                                (int)(uint32_t)cqe->user_data),
                            head, cqe);
        }
    }
    io_uring_smp_store_release(cq->khead, head);
    if (s->n_ended > 0) {
        watch_ended_again(s);
    }
    return is_woken;
}

/* ---- Waiting ---- */

/* Calls io_uring_enter() with nothing to submit. */
static void enter_ring(UringState *s, unsigned n_wanted)
{
    syscall(__NR_io_uring_enter, s->enter_fd, 0, n_wanted,
            IORING_ENTER_GETEVENTS | s->enter_flags, NULL, 0);
}

/*
 * Submits requests and lets the kernel post the pending events.  It posts a
 * limited number in each call, hence the loop.
 */
static void enter(UringState *s)
{
    for (int i = 0; i < ENTER_MAX; i++) {
        if (s->n_queued > 0) {
            fdmon_uring_flush(s);
        } else if (uring_flags(s)) {
            enter_ring(s, 0);
        } else {
            return;
        }
    }
}

static void sleep_ns(UringState *s, int64_t timeout_ns)
{
    struct __kernel_timespec ts = {
        .tv_sec = timeout_ns / NANOSECONDS_PER_SECOND,
        .tv_nsec = timeout_ns % NANOSECONDS_PER_SECOND,
    };
    struct io_uring_cqe *cqe;

    if (timeout_ns < 0 && s->n_queued == 0) {
        enter_ring(s, 1);
        return;
    }
    if (timeout_ns < 0) {
        io_uring_submit_and_wait(&s->ring, 1);
    } else {
        io_uring_submit_and_wait_timeout(&s->ring, &cqe, 1, &ts, NULL);
    }
    s->n_queued = io_uring_sq_ready(&s->ring);
}

/*
 * Finds what is ready without sleeping; if nothing is, sleeps for up to
 * @timeout_ns (-1: without limit).
 */
static void check_and_wait(AioContext *ctx, UringState *s, int64_t timeout_ns)
{
    bool was_due = s->must_check;

    s->must_check = false;
    s->n_ready_again = 0;
    s->wait_seq++;
    if (timeout_ns == 0 || s->n_to_check > 0 ||
        io_uring_cq_ready(&s->ring) > 0) {
        enter(s);
    }
    if (read_completions(s)) {
        timeout_ns = 0;
    }
    if (fdmon_uring_must_check(s, was_due)) {
        fdmon_uring_check(s);
    }
    if (timeout_ns != 0 && queue_is_empty(&ctx->iteration.ready)) {
        sleep_ns(s, timeout_ns);
        read_completions(s);
        if (s->has_doubt) {
            fdmon_uring_check(s);
        }
    }
}

static void fdmon_uring_wait(AioContext *ctx, int64_t timeout_ns)
{
    UringState *s = uring_own_state(ctx);

    if (G_UNLIKELY(s->needs_bind) && uring_has_outgrown(s)) {
        aio_fdmon_reopen(ctx);
        aio_fdmon_wait(ctx, timeout_ns);
        return;
    }
    check_and_wait(ctx, s, timeout_ns);
    if (G_UNLIKELY(s->needs_bind) && s->has_failed) {
        aio_fdmon_fall_back(ctx);
    }
}

/* A slot on `to_check` may be ready without a completion. */
static bool fdmon_uring_peek(AioContext *ctx)
{
    UringState *s = ctx->monitor.state;

    return io_uring_cq_ready(&s->ring) > 0 || uring_flags(s) ||
           s->n_to_check > 0;
}

static void fdmon_uring_dispatched(AioContext *ctx)
{
    UringState *s = ctx->monitor.state;

    s->dispatched_tail = io_uring_smp_load_acquire(s->ring.cq.ktail);
    s->dispatched_pending = uring_flags(s) & IORING_SQ_TASKRUN;
}

const FdMonOps fdmon_io_uring_ops = {
    .name = "io_uring",
    .kind = AIO_FD_MONITOR_IO_URING,
    .open = fdmon_uring_open,
    .close = fdmon_uring_close,
    .update = fdmon_uring_update,
    .submit = fdmon_uring_submit,
    .wait = fdmon_uring_wait,
    .peek = fdmon_uring_peek,
    .dispatched = fdmon_uring_dispatched,
    .thread_leaves = fdmon_uring_thread_leaves,
};
