/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Executing one request, from its JSON to the text of its reply.
 */
#ifndef QOM_QMP_QMP_DISPATCH_INTERNAL_H
#define QOM_QMP_QMP_DISPATCH_INTERNAL_H

#include "qapi/json/json-doc.h"
#include "qmp/qmp-forward-internal.h"
#include "util/log.h"

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>

/* A command whose coroutine has yielded. */
typedef struct QmpJob QmpJob;

/*
 * The in-band command that is being executed, static text; NULL: none.  The
 * main thread writes it; any thread reads it.
 */
typedef _Atomic(const char *) QmpCommandName;

/* Messages of servers, clients and requests */
extern LogArea qmp_log;

/* What the execution of a request depends on. */
typedef struct QmpDispatchContext {
    bool negotiated; /* else qmp_capabilities is the only command */
    bool has_oob;    /* "exec-oob" is a member of requests */
    bool pretty;     /* replies are on several lines */
    QmpForward *forward; /* (nullable) executes all commands except
                            qmp_capabilities */
    const QmpPeer *peer; /* for `forward`; copied */
    QmpCommandName *command; /* set while a command is executed in band */
    /* called when a job has ended; @reply is borrowed, its text may be taken */
    void (*job_ended)(void *opaque, GString *reply);
    void *opaque;
} QmpDispatchContext;

/**
 * qmp_dispatch: executes one request and appends its reply
 * @ctx: borrowed
 * @doc: (inout) the request; consumed and set to NULL if it becomes a job
 * @reply: the string to append to
 *
 * Returns: (nullable) NULL if the request is done.  The job if the command runs
 *          in a coroutine that has yielded: nothing is appended, and @ctx's
 *          `job_ended` is called later, with the reply.  The job is owned by
 *          its coroutine, and is valid until then
 * Thread: main; out of band, any
 */
QmpJob *qmp_dispatch(const QmpDispatchContext *ctx, JsonDoc **doc,
                     GString *reply);

/**
 * qmp_job_detach: discards the reply of a job: `job_ended` is not called
 * @job: the job; it continues
 *
 * Thread: main
 */
void qmp_job_detach(QmpJob *job);

#endif
