/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The state of a session.
 *
 *     qmp-session.c      life, input and output
 *     qmp-session-run.c  executes requests
 *
 * Threads: each field says which thread uses it.  The input queue and the
 * output have their own locks, which are not taken before `oob` is enabled.
 */
#ifndef QOM_QMP_QMP_SESSION_STATE_INTERNAL_H
#define QOM_QMP_QMP_SESSION_STATE_INTERNAL_H

#include "qapi/json/json-doc.h"
#include "qmp/qmp-dispatch-internal.h"
#include "qmp/qmp-fd-internal.h"
#include "qmp/qmp-gate-internal.h"
#include "qmp/qmp-session-internal.h"

struct QmpSession {
    QmpSessionOptions options; /* constant; `limits` are those below, and
                                  `server` is owned */
    QmpLimits limits;          /* constant */
    QmpPeer peer;              /* constant */
    QueueLink link;            /* in `sessions`; under sessions_lock */

    JsonStream *stream; /* used by the reader */
    QmpInputQueue input;

    /* Used by the main thread. */
    const QmpSessionOps *ops; /* (nullable) */
    void *opaque;
    bool negotiated;
    bool in_use;  /* a command is being executed, or watches are flushed */
    QmpJob *job;  /* (nullable) a command whose coroutine has yielded */
    QueueLink oob_jobs; /* of OobJob: forwarded requests out of band */
    unsigned n_oob_jobs;
    QmpGateWaiter gate_waiter;
    QmpWatches *watches;
    QmpFds fds; /* it says which thread uses what */

    atomic_bool has_oob; /* written by the main thread */
    atomic_bool has_quit; /* written by the main thread */

    /*
     * The reply to the request that is being executed, one for each band and so
     * for each thread.
     */
    GString *replies[QMP_OUT_OF_BAND + 1];

    QmpOutput output;

    /* For qmp_session_for_each(): written by the main thread. */
    QmpCommandName command;
    _Atomic int64_t since_us; /* start of the request that is executed */
};

/* Detaches the commands of a session that have yielded, or are forwarded. */
void qmp_session_detach_jobs(QmpSession *s);

/* Called from the main loop when watched properties have changed; an argument
 * of qmp_watches_new().  @opaque: the session */
void qmp_session_flush_watches(void *opaque);

#endif
