/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The gate: the process executes one in-band command at a time.
 *
 * A command, or a hook that it calls, may run the loop while it waits.  The
 * loop then reads the requests of other clients, but executing them would
 * change objects that the first command is working on.  So a session holds the
 * gate while it executes requests, and a session that finds the gate closed
 * waits in a queue.  When the gate opens, the first session of the queue is
 * asked to run.  Until it has run, no other session may enter: a session waits
 * for each other session once at most.
 *
 * A command in a coroutine holds the gate until it yields.  If it runs the loop
 * later, between two yields, the gate is not held but still closed, because the
 * loop then runs inside a coroutine.
 */
#include "qmp/qmp-gate-internal.h"

#include "aio/coroutine/coroutine.h"
#include "util/nesting.h"

static bool is_held;
static uint64_t outer_nesting;
static QueueLink waiting = { &waiting, &waiting }; /* QmpGateWaiter */
static bool wakes_later;

static QmpGateWaiter *first_waiting(void)
{
    return queue_is_empty(&waiting)
               ? NULL
               : container_of(waiting.next, QmpGateWaiter, link);
}

static void wake_first(void)
{
    QmpGateWaiter *w = is_held ? NULL : first_waiting();

    if (w) {
        w->run_later(w->opaque);
    }
}

static void coroutine_fn wake_first_entry(void *opaque)
{
    wakes_later = false;
    wake_first();
}

/*
 * Inside a coroutine, aio_co_enter() does not switch at once: the new coroutine
 * runs when the running one yields.
 */
static void wake_when_coroutine_yields(void)
{
    AioContext *ctx = aio_get_current_context();

    if (!wakes_later && ctx) {
        wakes_later = true;
        aio_co_enter(ctx, coroutine_create(wake_first_entry, NULL));
    }
}

static void queue_up(QmpGateWaiter *w)
{
    if (w->run_later && !queue_is_linked(&w->link)) {
        queue_push(&waiting, &w->link);
    }
}

bool qmp_gate_enter(QmpGateWaiter *w)
{
    QmpGateWaiter *first = first_waiting();
    bool in_co = in_coroutine();

    if (is_held || in_co || (first && first != w)) {
        queue_up(w);
        if (in_co) {
            wake_when_coroutine_yields();
        }
        return false;
    }
    if (first) {
        queue_remove(&w->link);
    }
    is_held = true;
    outer_nesting = nesting_enter();
    return true;
}

void qmp_gate_leave(void)
{
    is_held = false;
    nesting_leave(outer_nesting);
    wake_first();
}

bool qmp_gate_is_waiting(const QmpGateWaiter *w)
{
    return queue_is_linked(&w->link);
}

void qmp_gate_forget(QmpGateWaiter *w)
{
    bool was_first = w == first_waiting();

    if (qmp_gate_is_waiting(w)) {
        queue_remove(&w->link);
    }
    if (was_first) {
        wake_first();
    }
}
