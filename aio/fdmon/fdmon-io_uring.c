/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fd monitor with io_uring: one multishot poll request per file descriptor.
 *
 * The kernel posts one completion when a file descriptor becomes ready.
 * Handlers are level-triggered: a handler is called as long as something is
 * left to read, and is not called when nothing is.  So a file descriptor whose
 * handler was called is put on the list `to_check`, and stays there until
 * poll(2) reports that it is not ready.  One call of poll(2) checks the whole
 * list.  must_check() avoids even this call while every file descriptor on the
 * list posts new completions:
 *
 * - Doubt: a completion that was posted before all handlers of an iteration
 *   had returned may be stale, because a handler may have consumed the event.
 *   Later completions are reliable.
 * - Drained: a handler that left nothing unread in DRAINED_MIN consecutive
 *   checks is expected to do so again.  While other file descriptors are ready,
 *   its check may be delayed by CHECK_TICKS.
 * - All file descriptors on the list are checked before the loop sleeps, and
 *   before an iteration reports that nothing is ready.
 *
 * A request belongs to the thread that submitted it and ends with that thread.
 * So only the home thread submits requests, and the ring is created again when
 * another thread becomes the home thread.
 *
 * A request keeps its file open.  It is therefore cancelled as soon as the
 * handler is removed.  A completion that is still on its way carries an old
 * generation and is ignored.
 *
 * The monitor has no source_attach(), because GLib cannot wait for this ring:
 * see docs/design/fd-monitors.md, "epoll replaces io_uring under GLib".
 */
#include "aio/context-internal.h"
#include "aio/io-uring-internal.h"
#include "aio/ticks-internal.h"
#include "qapi/error.h"

#include <errno.h>
#include <liburing.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SQ_ENTRIES 64
#define CQ_ENTRIES_MIN 256
#define CQ_ENTRIES_MAX 32768

/*
 * A handler that left nothing unread in this many consecutive checks need not
 * be checked in each iteration.
 */
#define DRAINED_MIN 4

/* How long the check of such a handler may be delayed: about 20 us. */
#define CHECK_TICKS (8 * AIO_QUANTUM_TICKS)

/* Most file descriptors in one call of poll(2). */
#define CHECK_BATCH 256

/*
 * How often an iteration enters the kernel at most.  Each time the kernel
 * processes about 20 of the pending events.
 */
#define ENTER_MAX 16

/* user_data of requests that are not about the file descriptor of a slot. */
#define OWN_NOTIFIER UINT64_MAX
#define NO_SLOT (UINT64_MAX - 1) /* the completion is ignored */

typedef struct UringState {
    struct io_uring ring;
    AioContext *ctx;
    uint64_t thread;      /* serial of the thread that submits the requests;
                             0: the ring was not used yet */
    int enter_fd;         /* argument of io_uring_enter(): the ring's file
                             descriptor, or its index if it is registered */
    unsigned enter_flags; /* says which of the two */
    unsigned n_queued;    /* requests that the kernel does not have yet */
    unsigned n_armed;     /* poll requests, submitted or queued */
    bool needs_bind;      /* bind_ring() must run before the next use, or one
                             of the next two fields has to be handled */
    bool has_failed;      /* the kernel refused a request */
    bool own_is_armed;    /* the context's notifier is watched */

    /* Slots whose handler was called and that poll(2) has to check. */
    AioFdSlot **to_check;       /* n_to_check entries; is_listed is set */
    struct pollfd *check_fds;   /* argument of poll(2), in the same order */
    unsigned n_to_check;
    unsigned n_ready_again;     /* of these, found ready again in this wait */
    unsigned capacity;
    AioFdSlot **ended;          /* n_ended slots whose request ended, although
                                   it is multishot */
    unsigned n_ended;
    unsigned ended_capacity;

    uint32_t wait_seq;          /* number of the current wait */
    bool must_check;            /* in the next wait: n_drained is too low */
    bool has_doubt;             /* in this wait: a completion may be stale */
    unsigned dispatched_tail;   /* tail of the completion queue after the last
                                   dispatch: completions before it may be
                                   stale */
    bool dispatched_pending;    /* the kernel had events to post then */
    uint64_t checked_ticks;     /* when `to_check` was last checked */
} UringState;

/* The monitor's data in each slot. */
typedef struct UringSlot {
    uint32_t generation; /* of the last request; half of its user_data */
    unsigned known;      /* events that the kernel watches; 0: none */
    uint32_t ready_seq;  /* wait_seq of the wait that last found it ready */
    bool is_listed;      /* in UringState.to_check */
    uint8_t n_drained;   /* consecutive checks that found nothing, at most
                            DRAINED_MIN */
} UringSlot;
G_STATIC_ASSERT(sizeof(UringSlot) <= AIO_FD_MONITOR_DATA);

static UringSlot *uring_slot(AioFdSlot *slot)
{
    return (void *)slot->monitor_data;
}

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

static void *fdmon_io_uring_open(AioContext *ctx, Error **errp)
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

static void fdmon_io_uring_close(void *state)
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

static void set_failed(UringState *s)
{
    s->has_failed = true;
    s->needs_bind = true;
}

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
        set_failed(s);
    }
    return sqe;
}

/* Returns true if a larger completion queue is needed and possible. */
static bool has_outgrown(UringState *s)
{
    return s->n_armed > s->ring.cq.ring_entries &&
           s->n_armed < CQ_ENTRIES_MAX;
}

static void watch(UringState *s, int fd, unsigned events, uint64_t data)
{
    struct io_uring_sqe *sqe = new_request(s);

    if (sqe) {
        io_uring_prep_poll_multishot(sqe, fd, events);
        io_uring_sqe_set_data64(sqe, data);
        s->n_armed++;
        s->needs_bind |= has_outgrown(s);
    }
}

static uint64_t slot_data(AioFdSlot *slot)
{
    return (uint64_t)uring_slot(slot)->generation << 32 | (unsigned)slot->fd;
}

static void watch_slot(UringState *s, AioFdSlot *slot)
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
static void bind_ring(UringState *s)
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
    s->needs_bind = s->has_failed || has_outgrown(s);
}

/* Returns: the state, with a ring that the calling thread may enter */
static inline UringState *own_state(AioContext *ctx)
{
    UringState *s = ctx->monitor.state;

    if (G_UNLIKELY(s->needs_bind)) {
        bind_ring(s);
    }
    return s;
}

static bool fdmon_io_uring_update(AioContext *ctx, AioFdSlot *slot)
{
    UringState *s = own_state(ctx);
    UringSlot *data = uring_slot(slot);

    if (data->known) {
        unwatch_slot(s, slot);
    }
    data->n_drained = 0;
    if (slot->watched && slot->watched->events) {
        watch_slot(s, slot);
    }
    return !s->has_failed;
}

static void submit(UringState *s)
{
    io_uring_submit_and_get_events(&s->ring);
    s->n_queued = io_uring_sq_ready(&s->ring);
}

static void fdmon_io_uring_submit(AioContext *ctx)
{
    UringState *s = own_state(ctx);

    /* The kernel also releases the files of cancelled requests now. */
    if (s->n_queued > 0) {
        submit(s);
    }
}

/* ---- Completions ---- */

/*
 * Returns flags that are set while events are pending in the kernel, which it
 * posts when the thread enters the ring.
 */
static unsigned ring_flags(UringState *s)
{
    return IO_URING_READ_ONCE(*s->ring.sq.kflags) &
           (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW);
}

static void to_check_push(UringState *s, AioFdSlot *slot)
{
    if (s->n_to_check == s->capacity) {
        s->capacity = MAX(64, s->capacity * 2);
        s->to_check = g_renew(AioFdSlot *, s->to_check, s->capacity);
        s->check_fds = g_renew(struct pollfd, s->check_fds, s->capacity);
    }
    s->to_check[s->n_to_check++] = slot;
    uring_slot(slot)->is_listed = true;
}

/* The file descriptor of @slot is ready for @revents. */
static void slot_ready(UringState *s, AioFdSlot *slot, unsigned revents)
{
    UringSlot *data = uring_slot(slot);

    s->n_ready_again += data->ready_seq != s->wait_seq;
    data->ready_seq = s->wait_seq;
    aio_handler_ready(s->ctx, slot->watched, revents);
    if (!data->is_listed) {
        to_check_push(s, slot);
    }
    s->must_check |= data->n_drained < DRAINED_MIN;
}

/*
 * Returns true if the slot is watched for reading and for writing.  A
 * completion reports one of the two, and the other may be ready as well.
 */
static bool has_two_kinds(const UringSlot *data)
{
    return (data->known & (POLLIN | POLLOUT)) == (POLLIN | POLLOUT);
}

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
           has_two_kinds(data);
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
        set_failed(s);
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
        slot_ready(s, slot, cqe->res);
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
            watch_slot(s, slot);
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

/* ---- Checking slots whose handlers were called ---- */

/*
 * Returns true if the slots on `to_check` have to be checked in this wait.
 *
 * @was_due: the wait before set UringState.must_check
 */
static bool must_check(UringState *s, bool was_due)
{
    uint64_t now;

    /* All of them have reported new events: no check could add one. */
    if (s->n_to_check == s->n_ready_again && !s->has_doubt) {
        return false;
    }
    now = aio_counters_last_check(&s->ctx->counters);
    if (was_due || s->has_doubt || queue_is_empty(&s->ctx->iteration.ready) ||
        now - s->checked_ticks > CHECK_TICKS) {
        s->checked_ticks = now;
        return true;
    }
    return false;
}

/*
 * Fills `check_fds`.  A slot whose handler is about to be called is left out,
 * because the check after that call decides; but of two kinds of events only
 * one is known to be ready.
 *
 * Returns: the number of slots to check
 */
static unsigned fill_check_fds(UringState *s)
{
    unsigned n_checked = 0;

    for (unsigned i = 0; i < s->n_to_check; i++) {
        AioFdSlot *slot = s->to_check[i];
        const UringSlot *data = uring_slot(slot);
        bool is_checked = slot->watched && slot->watched->events &&
            (data->ready_seq != s->wait_seq || has_two_kinds(data));

        s->check_fds[i] = (struct pollfd) {
            .fd = is_checked ? slot->fd : -1,
            .events = data->known,
        };
        n_checked += is_checked;
    }
    return n_checked;
}

/*
 * Returns: true; false if poll(2) failed, for example for lack of memory: then
 *          the next wait checks again
 */
static bool poll_check_fds(UringState *s)
{
    for (unsigned i = 0; i < s->n_to_check; i += CHECK_BATCH) {
        static const struct timespec no_time = { 0 };
        unsigned n = MIN(s->n_to_check - i, CHECK_BATCH);
        int ret;

        do {
            ret = aio_poll_fds(s->check_fds + i, n, &no_time);
        } while (ret < 0 && errno == EINTR);
        if (ret < 0) {
            s->must_check = true;
            return false;
        }
    }
    return true;
}

/*
 * Evaluates what poll(2) found for @slot.
 *
 * Returns: true if the slot stays on `to_check`, because its handler is about
 *          to be called
 */
static bool slot_was_checked(UringState *s, AioFdSlot *slot,
                             const struct pollfd *pollfd)
{
    UringSlot *data = uring_slot(slot);

    if (pollfd->fd >= 0) {
        unsigned revents = pollfd->revents & ~POLLNVAL;

        if (revents) {
            if (!queue_is_linked(&slot->watched->ready_link)) {
                data->n_drained = 0;
            }
            slot_ready(s, slot, revents);
        } else if (data->n_drained < DRAINED_MIN) {
            data->n_drained++;
        }
    }
    return data->ready_seq == s->wait_seq;
}

static void check_listed(UringState *s)
{
    /*
     * Events that are pending in the kernel now are older than what poll(2)
     * will report.  The slots stay listed, so that such completions are
     * doubted.
     */
    bool has_more = ring_flags(s) & IORING_SQ_TASKRUN;
    unsigned n_kept = 0;

    s->has_doubt = false;
    if (fill_check_fds(s) > 0 && !poll_check_fds(s)) {
        return;
    }
    for (unsigned i = 0; i < s->n_to_check; i++) {
        AioFdSlot *slot = s->to_check[i];
        bool is_kept = slot_was_checked(s, slot, &s->check_fds[i]) || has_more;

        uring_slot(slot)->is_listed = is_kept;
        if (is_kept) {
            s->to_check[n_kept++] = slot;
        }
    }
    s->n_to_check = n_kept;
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
            submit(s);
        } else if (ring_flags(s)) {
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
    if (must_check(s, was_due)) {
        check_listed(s);
    }
    if (timeout_ns != 0 && queue_is_empty(&ctx->iteration.ready)) {
        sleep_ns(s, timeout_ns);
        read_completions(s);
        if (s->has_doubt) {
            check_listed(s);
        }
    }
}

static void fdmon_io_uring_wait(AioContext *ctx, int64_t timeout_ns)
{
    UringState *s = own_state(ctx);

    if (G_UNLIKELY(s->needs_bind) && has_outgrown(s)) {
        aio_fdmon_reopen(ctx);
        aio_fdmon_wait(ctx, timeout_ns);
        return;
    }
    check_and_wait(ctx, s, timeout_ns);
    if (G_UNLIKELY(s->needs_bind) && s->has_failed) {
        aio_fdmon_fall_back(ctx);
    }
}

static void fdmon_io_uring_thread_leaves(AioContext *ctx)
{
    unregister_ring(ctx->monitor.state);
}

/* A slot on `to_check` may be ready without a completion. */
static bool fdmon_io_uring_peek(AioContext *ctx)
{
    UringState *s = ctx->monitor.state;

    return io_uring_cq_ready(&s->ring) > 0 || ring_flags(s) ||
           s->n_to_check > 0;
}

static void fdmon_io_uring_dispatched(AioContext *ctx)
{
    UringState *s = ctx->monitor.state;

    s->dispatched_tail = io_uring_smp_load_acquire(s->ring.cq.ktail);
    s->dispatched_pending = ring_flags(s) & IORING_SQ_TASKRUN;
}

const FdMonOps fdmon_io_uring_ops = {
    .name = "io_uring",
    .kind = AIO_FD_MONITOR_IO_URING,
    .open = fdmon_io_uring_open,
    .close = fdmon_io_uring_close,
    .update = fdmon_io_uring_update,
    .submit = fdmon_io_uring_submit,
    .wait = fdmon_io_uring_wait,
    .peek = fdmon_io_uring_peek,
    .dispatched = fdmon_io_uring_dispatched,
    .thread_leaves = fdmon_io_uring_thread_leaves,
};
