/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Executing the requests of a session.
 *
 * Bands: run_one() is the only place that executes a request, and take_next()
 * the only one that decides whether a request may be executed now.  `oob` only
 * decides which thread calls them for which band.
 *
 * Jobs: a command whose coroutine has yielded becomes a job.  In band there is
 * one at a time; of requests that are forwarded out of band, any number up to
 * the length of the queue.
 */
#include "qmp/qmp-session-state-internal.h"

#include "qmp/qmp-message-internal.h"
#include "qmp/qmp-watch-internal.h"

/* A request out of band that is being executed somewhere else. */
typedef struct OobJob {
    QueueLink link;
    QmpSession *s;
    QmpJob *job;
} OobJob;

static __thread QmpSession *current_session;

QmpSession *qmp_session_current(void)
{
    return current_session;
}

/* ---- What may be executed ---- */

/*
 * The rule: a request may be executed if the client has not quit, reads its
 * replies, and the queue lets a request of that band be taken.  A client has a
 * limited number of forwarded requests out of band in flight.
 *
 * @input: (nullable) (out) the request, which is taken; NULL: only checks
 */
static bool take_next(QmpSession *s, QmpBand band, QmpInput *input)
{
    return qmp_input_queue_length(&s->input) > 0 &&
           !atomic_load(&s->has_quit) && !qmp_output_is_full(&s->output) &&
           (band == QMP_IN_BAND || s->n_oob_jobs < s->limits.queue) &&
           qmp_input_queue_take(&s->input, band, input);
}

bool qmp_session_may_run(QmpSession *s, QmpBand band)
{
    return take_next(s, band, NULL);
}

bool qmp_session_is_ready(const QmpSession *s)
{
    QmpSession *session = (QmpSession *)s;

    return (qmp_session_may_run(session, QMP_IN_BAND) &&
            !qmp_gate_is_waiting(&s->gate_waiter)) ||
           (s->options.forward &&
            qmp_session_may_run(session, QMP_OUT_OF_BAND));
}

/* ---- Jobs ---- */

/*
 * Sends the reply of a job, and lets the next request run.  The reply to a
 * forwarded request is sent at once, which saves an iteration of the loop, and
 * often that is all there is to do.
 */
static void continue_after_job(QmpSession *s)
{
    if (!s->ops || (s->options.forward && s->ops->send_now(s->opaque) &&
                    !qmp_session_has_requests(s))) {
        return;
    }
    s->ops->run_later(s->opaque);
}

static void on_job_ended(void *opaque, GString *reply)
{
    QmpSession *s = opaque;

    s->job = NULL;
    qmp_output_move(&s->output, reply);
    qmp_input_queue_done(&s->input);
    continue_after_job(s);
}

/* Removes a job of the session's list. */
static void oob_job_free(OobJob *job)
{
    job->s->n_oob_jobs--;
    queue_remove(&job->link);
    g_free(job);
}

/* The client gets the reply at once, before replies to requests in band. */
static void on_oob_job_ended(void *opaque, GString *reply)
{
    OobJob *job = opaque;
    QmpSession *s = job->s;

    qmp_output_move(&s->output, reply);
    oob_job_free(job);
    continue_after_job(s);
}

void qmp_session_detach_jobs(QmpSession *s)
{
    if (s->job) {
        qmp_job_detach(s->job);
    }
    while (!queue_is_empty(&s->oob_jobs)) {
        OobJob *job = container_of(s->oob_jobs.next, OobJob, link);

        qmp_job_detach(job->job);
        oob_job_free(job);
    }
}

/* ---- Executing one request ---- */

/* A job copies it, because it may outlive the session. */
static QmpDispatchContext dispatch_context(QmpSession *s)
{
    return (QmpDispatchContext) {
        .negotiated = s->negotiated,
        .has_oob = atomic_load(&s->has_oob),
        .pretty = s->options.pretty,
        .forward = s->options.forward,
        .peer = &s->peer,
        .command = &s->command,
        .job_ended = on_job_ended,
        .opaque = s,
    };
}

/* Executes a request out of band in the main thread; any number may wait. */
static void forward_oob(QmpSession *s, QmpInput *input, GString *reply)
{
    QmpDispatchContext ctx = dispatch_context(s);
    OobJob *job = g_new0(OobJob, 1);

    job->s = s;
    queue_push(&s->oob_jobs, &job->link);
    s->n_oob_jobs++;
    ctx.job_ended = on_oob_job_ended;
    ctx.opaque = job;
    job->job = qmp_dispatch(&ctx, &input->doc, reply);
    if (!job->job) {
        oob_job_free(job);
    }
}

/* Returns: (nullable) the job if the command has yielded */
static QmpJob *execute(QmpSession *s, QmpInput *input, GString *reply)
{
    const QmpDispatchContext ctx = dispatch_context(s);

    if (input->err) {
        qmp_message_error(reply, input->err, NULL, s->options.pretty);
        return NULL;
    }
    return qmp_dispatch(&ctx, &input->doc, reply);
}

static void run_one(QmpSession *s, QmpBand band, QmpInput *input)
{
    GString *reply = s->replies[band];
    QmpJob *job = NULL;

    if (band == QMP_OUT_OF_BAND && s->options.forward && input->doc) {
        forward_oob(s, input, reply);
    } else {
        job = execute(s, input, reply);
    }

    qmp_input_clear(input);
    if (job) {
        s->job = job;
        return;
    }
    qmp_output_move(&s->output, reply);
    if (band == QMP_IN_BAND) {
        qmp_input_queue_done(&s->input);
    }
}

/* ---- Running a band ---- */

/* Prepares the execution of a request; @now_us is the monotonic time. */
static void begin_inband(QmpSession *s, const QmpInput *input, int64_t now_us)
{
    /* Relaxed: readers may combine the time with another command. */
    atomic_store_explicit(&s->since_us, now_us, memory_order_relaxed);
    /* Before the command, which may take long. */
    if (input->made_room) {
        qmp_event_queue_wake(&s->output.events);
    }
}

/*
 * Executes requests until none may run, the time is over, or the client has
 * enabled `oob`: other requests then belong to another thread.
 */
static void run_requests(QmpSession *s, QmpBand band, int64_t time_limit_us)
{
    int64_t now = g_get_monotonic_time();
    int64_t end = now + time_limit_us;
    bool had_oob = atomic_load(&s->has_oob);
    QmpSession *outer = current_session;
    QmpInput input;

    current_session = s;
    while (take_next(s, band, &input)) {
        if (band == QMP_IN_BAND) {
            begin_inband(s, &input, now);
        }
        run_one(s, band, &input);
        now = g_get_monotonic_time();
        if (now >= end || atomic_load(&s->has_oob) != had_oob) {
            break;
        }
    }
    current_session = outer;
}

void qmp_session_run(QmpSession *s, QmpBand band, int64_t time_limit_us)
{
    if (band == QMP_OUT_OF_BAND) {
        run_requests(s, band, time_limit_us);
        return;
    }
    if (s->in_use) {
        return;
    }
    /* Forwarding does not block, so there is no second thread. */
    if (s->options.forward) {
        run_requests(s, QMP_OUT_OF_BAND, time_limit_us);
    }
    if (!qmp_session_may_run(s, band)) {
        qmp_gate_forget(&s->gate_waiter);
    } else if (qmp_gate_enter(&s->gate_waiter)) {
        s->in_use = true;
        run_requests(s, band, time_limit_us);
        s->in_use = false;
        qmp_gate_leave();
    }
}

/* A getter may run the loop. */
void qmp_session_flush_watches(void *opaque)
{
    QmpSession *s = opaque;
    bool was_in_use = s->in_use;
    bool called;

    s->in_use = true;
    called = qmp_watches_flush(s->watches, s->limits.output_bytes);
    s->in_use = was_in_use;
    /* A slice that became due while a getter ran the loop was skipped. */
    if (called && !was_in_use && s->ops) {
        s->ops->run_later(s->opaque);
    }
}
