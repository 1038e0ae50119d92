/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The io_uring monitor: its state, and the interface between its files.
 *
 * - fdmon-io_uring.c: completions and waiting.
 * - fdmon-io_uring-ring.c: the ring and its requests.
 * - fdmon-io_uring-check.c: the file descriptors that poll(2) has to check.
 *
 * All functions are for the home thread, except open() and close().
 */
#ifndef QOM_AIO_FDMON_IO_URING_INTERNAL_H
#define QOM_AIO_FDMON_IO_URING_INTERNAL_H

#include "aio/context-internal.h"

#include <liburing.h>
#include <poll.h>

/* The largest completion queue. */
#define CQ_ENTRIES_MAX 32768

/*
 * A handler that left nothing unread in this many consecutive checks need not
 * be checked in each iteration.
 */
#define DRAINED_MIN 4

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
    bool needs_bind;      /* call fdmon_uring_bind() before the next use, or
                             handle one of the next two fields */
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

static inline UringSlot *uring_slot(AioFdSlot *slot)
{
    return (void *)slot->monitor_data;
}

/* ---- fdmon-io_uring-ring.c ---- */

/* Binds the ring to the calling thread and watches the context's notifier. */
void fdmon_uring_bind(UringState *s);

/* Returns: (transfer full) a state; NULL with @errp set */
void *fdmon_uring_open(AioContext *ctx, Error **errp);
void fdmon_uring_close(void *state);

/* FdMonOps.update(), .submit() and .thread_leaves() */
bool fdmon_uring_update(AioContext *ctx, AioFdSlot *slot);
void fdmon_uring_submit(AioContext *ctx);
void fdmon_uring_thread_leaves(AioContext *ctx);

/* Gives the kernel the queued requests and has it post pending events. */
void fdmon_uring_flush(UringState *s);

/* Watches the slot by a new request. */
void fdmon_uring_watch(UringState *s, AioFdSlot *slot);

/* Returns: the state, with a ring that the calling thread may enter */
static inline UringState *uring_own_state(AioContext *ctx)
{
    UringState *s = ctx->monitor.state;

    if (G_UNLIKELY(s->needs_bind)) {
        fdmon_uring_bind(s);
    }
    return s;
}

/* Returns true if a larger completion queue is needed and possible. */
static inline bool uring_has_outgrown(UringState *s)
{
    return s->n_armed > s->ring.cq.ring_entries &&
           s->n_armed < CQ_ENTRIES_MAX;
}

/* A request was refused: the context falls back to another monitor. */
static inline void uring_set_failed(UringState *s)
{
    s->has_failed = true;
    s->needs_bind = true;
}

/*
 * Returns flags that are set while events are pending in the kernel, which it
 * posts when the thread enters the ring.
 */
static inline unsigned uring_flags(UringState *s)
{
    return IO_URING_READ_ONCE(*s->ring.sq.kflags) &
           (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW);
}

/* ---- fdmon-io_uring-check.c ---- */

/* Puts the slot on `to_check`. */
void fdmon_uring_list_slot(UringState *s, AioFdSlot *slot);

/*
 * Returns true if the slots on `to_check` have to be checked in this wait.
 *
 * @was_due: the wait before set UringState.must_check
 */
bool fdmon_uring_must_check(UringState *s, bool was_due);

/* Checks them by poll(2). */
void fdmon_uring_check(UringState *s);

/*
 * Returns true if the slot is watched for reading and for writing.  A
 * completion reports one of the two, and the other may be ready as well.
 */
static inline bool uring_has_two_kinds(const UringSlot *data)
{
    return (data->known & (POLLIN | POLLOUT)) == (POLLIN | POLLOUT);
}

/* The file descriptor of @slot is ready for @revents. */
static inline void uring_slot_ready(UringState *s, AioFdSlot *slot,
                                    unsigned revents)
{
    UringSlot *data = uring_slot(slot);

    s->n_ready_again += data->ready_seq != s->wait_seq;
    data->ready_seq = s->wait_seq;
    aio_handler_ready(s->ctx, slot->watched, revents);
    if (!data->is_listed) {
        fdmon_uring_list_slot(s, slot);
    }
    s->must_check |= data->n_drained < DRAINED_MIN;
}

#endif
