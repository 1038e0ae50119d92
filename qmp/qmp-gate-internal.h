/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The gate: the process executes one in-band command at a time.
 *
 * Thread: main, for all functions
 */
#ifndef QOM_QMP_QMP_GATE_INTERNAL_H
#define QOM_QMP_QMP_GATE_INTERNAL_H

#include "util/queue.h"

#include <stdbool.h>

/* What wants to execute commands; zero bytes are one that cannot wait. */
typedef struct QmpGateWaiter {
    QueueLink link; /* in the queue of the gate */
    /*
     * (nullable) schedules another attempt to enter; NULL: the waiter is not
     * queued, and tries again on its own
     */
    void (*run_later)(void *opaque);
    void *opaque;
} QmpGateWaiter;

/**
 * qmp_gate_enter: tries to take the gate, which allows to execute commands
 * @w: the waiter
 *
 * The gate is closed while another waiter holds it or has to be served first.
 * @w then waits in the queue of the gate, and its `run_later` is called when it
 * may try again.
 *
 * Returns: true if @w holds the gate; it then calls qmp_gate_leave().  False if
 *          the gate is closed
 */
bool qmp_gate_enter(QmpGateWaiter *w);

/**
 * qmp_gate_leave: releases the gate and asks the next waiter to run
 */
void qmp_gate_leave(void);

/**
 * qmp_gate_is_waiting: returns true if a waiter is in the queue of the gate
 * @w: the waiter
 */
bool qmp_gate_is_waiting(const QmpGateWaiter *w);

/**
 * qmp_gate_forget: removes a waiter that has nothing to execute, or is being
 * freed, from the queue of the gate
 * @w: the waiter; it need not be in the queue
 */
void qmp_gate_forget(QmpGateWaiter *w);

#endif
