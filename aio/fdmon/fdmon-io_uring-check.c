/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The io_uring monitor: which file descriptors are still ready.
 *
 * A completion reports that a file descriptor became ready.  Handlers are
 * level-triggered: a handler is called as long as something is left to read,
 * and is not called when nothing is.  So a file descriptor whose handler was
 * called is put on the list `to_check`, and stays there until poll(2) reports
 * that it is not ready.  One call of poll(2) checks the whole list, and
 * fdmon_uring_must_check() avoids even this call while every file descriptor on
 * the list posts new completions:
 *
 * - Doubt: a completion that was posted before all handlers of an iteration
 *   had returned may be stale, because a handler may have consumed the event.
 *   Later completions are reliable.
 * - Drained: a handler that left nothing unread in DRAINED_MIN consecutive
 *   checks is expected to do so again.  While other file descriptors are ready,
 *   its check may be delayed by CHECK_TICKS.
 * - All file descriptors on the list are checked before the loop sleeps, and
 *   before an iteration reports that nothing is ready.
 */
#include "aio/fdmon/fdmon-io_uring-internal.h"
#include "aio/ticks-internal.h"

#include <errno.h>

/* How long the check of a drained handler may be delayed: about 20 us. */
#define CHECK_TICKS (8 * AIO_QUANTUM_TICKS)

/* Most file descriptors in one call of poll(2). */
#define CHECK_BATCH 256

void fdmon_uring_list_slot(UringState *s, AioFdSlot *slot)
{
    if (s->n_to_check == s->capacity) {
        s->capacity = MAX(64, s->capacity * 2);
        s->to_check = g_renew(AioFdSlot *, s->to_check, s->capacity);
        s->check_fds = g_renew(struct pollfd, s->check_fds, s->capacity);
    }
    s->to_check[s->n_to_check++] = slot;
    uring_slot(slot)->is_listed = true;
}

bool fdmon_uring_must_check(UringState *s, bool was_due)
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
            (data->ready_seq != s->wait_seq || uring_has_two_kinds(data));

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
            uring_slot_ready(s, slot, revents);
        } else if (data->n_drained < DRAINED_MIN) {
            data->n_drained++;
        }
    }
    return data->ready_seq == s->wait_seq;
}

void fdmon_uring_check(UringState *s)
{
    /*
     * Events that are pending in the kernel now are older than what poll(2)
     * will report.  The slots stay listed, so that such completions are
     * doubted.
     */
    bool has_more = uring_flags(s) & IORING_SQ_TASKRUN;
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
