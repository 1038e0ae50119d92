/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Monitor with io_uring: a multishot poll request for each descriptor.
 *
 * The kernel tells of a descriptor when it becomes ready, once, by writing to
 * memory that we share.  Handlers are promised more: to be called as long as
 * there is something, and not to be called when there is nothing any more.
 * So a number whose handler is called is on the list `to_check` until poll(2)
 * has found nothing for it.  One system call asks about all of them, and not
 * even that one is made while numbers tell anew, see must_check():
 *
 * - What was told before a round's handlers had all returned may have been
 *   dealt with by them.  Later news are good.
 * - A handler that has always left nothing behind is trusted; while others
 *   are ready, asking about it may wait for a moment (CHECK_TICKS).
 * - The loop does not sleep, and a round finds nothing, before all were asked.
 *
 * A request belongs to the thread that submits it, and is gone with it: so
 * the home thread submits all, and a ring that another one finds is renewed.
 *
 * GLib cannot wait for this ring: with DEFER_TASKRUN the kernel makes
 * completions only while the home thread is inside the ring, so poll(2) on the
 * ring's file descriptor does not return.  A context that GLib drives has
 * another monitor; see docs/event-loop.md, "Monitors".
 *
 * A request keeps its file open, so it is withdrawn as soon as the handler is;
 * what the kernel still has to say about it bears an old generation.
 */
#include "aio/aio-internal.h"
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

/* So many times nothing was left behind; then a handler is trusted. */
#define DRAINED_MIN 4

/* How long asking about trusted ones may wait. */
#define CHECK_TICKS (8 * AIO_TICKS_MOMENT)

/* Most descriptors in one poll(2). */
#define CHECK_BATCH 256

/* So often the kernel is entered in a round: some 20 events each time. */
#define ENTER_MAX 16

/* In place of a number and its generation. */
#define OWN_NOTIFIER UINT64_MAX
#define NOBODY (UINT64_MAX - 1)

typedef struct UringState {
    struct io_uring ring;
    AioContext *ctx;
    uint64_t thread; /* whose requests these are; 0: nobody's yet */
    int enter_fd;         /* what the thread enters the ring by, */
    unsigned enter_flags; /* and how: registered or not */
    unsigned n_queued;    /* requests for the kernel */
    unsigned n_armed;     /* poll requests that it has or is to have */
    bool needs_bind;      /* bind_ring() is to come first, or one of these: */
    bool has_failed;      /* the kernel refuses something */
    bool own_is_armed;    /* the notifier is watched */

    AioFdSlot **to_check; /* n_to_check of them, is_listed */
    struct pollfd *check_fds;
    unsigned n_to_check;
    unsigned n_ready_again; /* of these, those found ready in this wait */
    unsigned capacity;
    AioFdSlot **ended; /* n_ended of them: the request ended by itself */
    unsigned n_ended;
    unsigned ended_capacity;

    uint32_t wait_seq;    /* number of this fdmon_io_uring_wait() */
    bool must_check;      /* in the next round: one was not trusted */
    bool has_doubt;       /* in this one: news may be old */
    unsigned dispatched_tail; /* of the completions, after the last calls */
    bool dispatched_pending;  /* and there was more to come */
    uint64_t checked_ticks;
} UringState;

/* Of each slot. */
typedef struct UringSlot {
    uint32_t generation; /* of the last request */
    unsigned known;      /* events that the kernel watches, 0: none */
    uint32_t ready_seq;  /* of the wait that last found it ready */
    bool is_listed;      /* in UringState.to_check */
    uint8_t n_drained;   /* consecutive checks that found nothing */
} UringSlot;
G_STATIC_ASSERT(sizeof(UringSlot) <= AIO_FD_MONITOR_DATA);

static UringSlot *uring_slot(AioFdSlot *slot)
{
    return (void *)slot->monitor_data;
}

/* ---- Life ---- */

static unsigned wanted_cq_entries(AioContext *ctx)
{
    unsigned n = CQ_ENTRIES_MIN;
    unsigned n_handlers = 0;
    QueueLink *link;

    lock_take(&ctx->handler_lock);
    QUEUE_FOREACH(link, &ctx->handlers) {
        n_handlers++;
    }
    lock_leave(&ctx->handler_lock);
    while (n < CQ_ENTRIES_MAX && n < 2 * n_handlers) {
        n *= 2;
    }
    return n;
}

static void set_refused(Error **errp, int err)
{
    switch (err) {
    case EPERM:
    case EACCES:
        error_setg_errno(errp, err, "io_uring is forbidden by the sysctl "
                         "kernel.io_uring_disabled or by a seccomp filter");
        break;
    case ENOSYS:
        error_setg_errno(errp, err, "The kernel has no io_uring");
        break;
    case EINVAL:
        error_setg_errno(errp, err, "io_uring needs Linux 6.1 or newer");
        break;
    default:
        error_setg_errno(errp, err, "Cannot set up io_uring");
        break;
    }
}

static void *fdmon_io_uring_open(AioContext *ctx, Error **errp)
{
    /*
     * The kernel only sets a flag when something happens, and does the rest
     * for all of it when the home thread enters the ring.  Whose thread that
     * is need not be known yet, hence disabled.
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
        set_refused(errp, -ret);
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

/* Saves the kernel a lookup of the ring for each call. */
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

/* What is registered with a thread keeps the ring. */
static void unregister_ring(UringState *s)
{
    struct io_uring_rsrc_update update = { .offset = s->enter_fd };

    if (s->enter_flags && s->thread == aio_own_thread_serial) {
        register_op(s, IORING_UNREGISTER_RING_FDS, &update);
        s->enter_fd = s->ring.ring_fd;
        s->enter_flags = 0;
    }
}

/* The kernel lets go of the files at leisure when a ring is closed. */
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
        io_uring_sqe_set_data64(sqe, NOBODY);
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

/* A larger completion queue is needed, and can be had. */
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
        io_uring_sqe_set_data64(sqe, NOBODY);
        s->n_armed--;
    }
}

/* io_uring_enable_rings(), which liburing 2.3 forgot to export. */
static bool enable_ring(UringState *s)
{
    return syscall(__NR_io_uring_register, s->ring.ring_fd,
                   IORING_REGISTER_ENABLE_RINGS, NULL, 0) == 0;
}

/* The ring becomes that of the thread that uses it first. */
static void bind_ring(UringState *s)
{
    if (s->thread == 0) {
        s->thread = aio_thread_serial();
        s->ctx->fdmon_thread = s->thread;
        s->has_failed |= !enable_ring(s);
        register_ring(s);
    }
    if (!s->own_is_armed) {
        s->own_is_armed = true;
        watch(s, s->ctx->own_handler.fd, POLLIN, OWN_NOTIFIER);
    }
    s->needs_bind = s->has_failed || has_outgrown(s);
}

static inline UringState *own_state(AioContext *ctx)
{
    UringState *s = ctx->fdmon_state;

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

    /* With what follows from it: files are let go of. */
    if (s->n_queued > 0) {
        submit(s);
    }
}

/* ---- News ---- */

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

/* Of two kinds of events the news tell one, and the other may be there too. */
static bool has_two_kinds(const UringSlot *data)
{
    return (data->known & (POLLIN | POLLOUT)) == (POLLIN | POLLOUT);
}

/* May its handler have dealt with what is told at @index? */
static bool is_doubtful(UringState *s, AioFdSlot *slot, unsigned index)
{
    const UringSlot *data = uring_slot(slot);

    if (!data->is_listed || queue_is_linked(&slot->watched->ready_link)) {
        return false;
    }
    return (int)(index - s->dispatched_tail) < 0 || s->dispatched_pending ||
           has_two_kinds(data);
}

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

/* Descriptors that cannot be waited for are always ready, and told once. */
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

/* Returns: was it told that somebody wakes us up? */
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
        } else if (cqe->user_data != NOBODY) {
            slot_completion(s,
                            fd_table_find_ready(&s->ctx->fd_table,
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

/* ---- Asking about those that were called ---- */

static bool must_check(UringState *s, bool was_due)
{
    uint64_t now;

    if (s->n_to_check == s->n_ready_again && !s->has_doubt) {
        return false;
    }
    now = aio_counters_last_look(&s->ctx->counters);
    if (was_due || s->has_doubt || queue_is_empty(&s->ctx->ready) ||
        now - s->checked_ticks > CHECK_TICKS) {
        s->checked_ticks = now;
        return true;
    }
    return false;
}

/* Those that are about to be called are not asked about. */
static unsigned fill_check_fds(UringState *s)
{
    unsigned n_asked = 0;

    for (unsigned i = 0; i < s->n_to_check; i++) {
        AioFdSlot *slot = s->to_check[i];
        const UringSlot *data = uring_slot(slot);
        bool is_asked = slot->watched && slot->watched->events &&
            (data->ready_seq != s->wait_seq || has_two_kinds(data));

        s->check_fds[i] = (struct pollfd) {
            .fd = is_asked ? slot->fd : -1,
            .events = data->known,
        };
        n_asked += is_asked;
    }
    return n_asked;
}

/* What cannot be asked now is asked again in the next round. */
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

/* Returns: does it stay on the list? */
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
    /* What it will tell is older than the answer. */
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

/* Short for io_uring_enter() with nothing to submit. */
static void enter_ring(UringState *s, unsigned n_wanted)
{
    syscall(__NR_io_uring_enter, s->enter_fd, 0, n_wanted,
            IORING_ENTER_GETEVENTS | s->enter_flags, NULL, 0);
}

/* The kernel does but some of what there is at a time. */
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
    if (timeout_ns != 0 && queue_is_empty(&ctx->ready)) {
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
        aio_fdmon_renew(ctx);
        aio_fdmon_wait(ctx, timeout_ns);
        return;
    }
    check_and_wait(ctx, s, timeout_ns);
    if (G_UNLIKELY(s->needs_bind) && s->has_failed) {
        aio_fdmon_fall_back(ctx);
    }
}

static void fdmon_io_uring_leave(AioContext *ctx)
{
    unregister_ring(ctx->fdmon_state);
}

static bool fdmon_io_uring_peek(AioContext *ctx)
{
    UringState *s = ctx->fdmon_state;

    return io_uring_cq_ready(&s->ring) > 0 || ring_flags(s) ||
           s->n_to_check > 0;
}

static void fdmon_io_uring_dispatched(AioContext *ctx)
{
    UringState *s = ctx->fdmon_state;

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
    .leave = fdmon_io_uring_leave,
};
