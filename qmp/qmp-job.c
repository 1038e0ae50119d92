/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Commands with QCO_COROUTINE are executed in a coroutine.  If that ends at
 * once, nobody notices.  If it yields, it is the session's job: it owns the
 * request, whose arguments it has been given, and a text for its reply.  When
 * it ends, in whatever turn of the loop, the reply goes the way of the
 * session's others and whoever carries the bytes is woken up to go on.
 *
 * A session that is freed before is kept, without its client, until then.
 */
#include "qmp/qmp-session-internal.h"

#include "aio/coroutine/coroutine.h"

struct QmpJob {
    QmpSession *s;
    const QapiCommand *cmd;
    const JsonItem *arguments; /* of `doc` */
    const JsonItem *id;        /* (nullable) the same */
    JsonDoc *doc;              /* once it has yielded */
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
