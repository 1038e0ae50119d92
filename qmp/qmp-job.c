/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Commands with QCO_COROUTINE are executed in a coroutine.  If the coroutine
 * ends without yielding, the command is like any other.  If it yields, it
 * becomes the session's job.  The job owns the request, because the arguments
 * are part of it, and the text of the reply.  When the coroutine ends, in a
 * later iteration of the loop, the reply goes where the session's other replies
 * go, and the connection is woken up to continue.
 *
 * A session that is freed while it has a job stays allocated, without a client,
 * until the job has ended.
 */
#include "qmp/qmp-session-internal.h"

#include "aio/coroutine/coroutine.h"

struct QmpJob {
    QmpSession *s;
    const QapiCommand *cmd;
    const JsonItem *arguments; /* borrowed from the request */
    const JsonItem *id;        /* (nullable) borrowed from the request */
    JsonDoc *doc; /* the request; NULL until the coroutine has yielded */
    GString *reply;
    bool done;
};

static void job_free(QmpJob *job)
{
    json_doc_free(job->doc);
    g_string_free(job->reply, TRUE);
    g_free(job);
}

static void job_end(QmpJob *job)
{
    QmpSession *s = job->s;

    s->job = NULL;
    if (s->is_orphan) {
        qmp_session_destroy(s);
    } else if (qmp_session_has_oob(s)) {
        qmp_oob_end_job(s, job->reply);
    } else {
        qmp_session_append(s, s->out, job->reply);
        qmp_session_wake(s);
    }
    job_free(job);
}

static void coroutine_fn job_run(void *opaque)
{
    QmpJob *job = opaque;

    qmp_session_note(job->s, job->cmd->name);
    qmp_execute(job->s, job->cmd, job->arguments, job->id, job->reply);
    qmp_session_note(job->s, NULL);
    job->done = true;
    if (job->s->job == job) {
        job_end(job);
    }
}

bool qmp_job_start(QmpSession *s, const QapiCommand *cmd,
                   const JsonItem *arguments, const JsonItem *id,
                   JsonDoc **doc, GString *out)
{
    QmpJob *job = g_new0(QmpJob, 1);

    job->s = s;
    job->cmd = cmd;
    job->arguments = arguments;
    job->id = id;
    job->reply = g_string_new(NULL);
    coroutine_enter(coroutine_create(job_run, job));
    if (!job->done) {
        job->doc = g_steal_pointer(doc);
        s->job = job;
        return false;
    }
    qmp_session_append(s, out, job->reply);
    job_free(job);
    return true;
}
