/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Input: requests and errors in the input are queued together, so the replies
 * have the order of the input.
 *
 * Bands: run_one() is the only place that executes a request, and take_next()
 * the only one that decides whether a request may be executed now.  `oob` only
 * decides which thread calls them for which band.
 *
 * Threads: each field says which thread uses it.  The input queue and the
 * output have their own locks, which are not taken before `oob` is enabled.
 */
#include "qmp/qmp-session-internal.h"

#include "qapi/json/json-doc.h"
#include "qmp/qapi-types-control.h"
#include "qmp/qmp-dispatch-internal.h"
#include "qmp/qmp-events-internal.h"
#include "qmp/qmp-fd-internal.h"
#include "qmp/qmp-gate-internal.h"
#include "qmp/qmp-message-internal.h"
#include "qmp/qmp-output-internal.h"
#include "qmp/qmp-watch-internal.h"
#include "util/programming-error.h"
#include "util/thread.h"

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

/* A request out of band that is being executed somewhere else. */
typedef struct OobJob {
    QueueLink link;
    QmpSession *s;
    QmpJob *job;
} OobJob;

static GMutex sessions_lock;
static QueueLink sessions = { &sessions, &sessions }; /* under sessions_lock */
static uint64_t last_number; /* of a session; under sessions_lock */

static __thread QmpSession *current_session;

/* ---- Output ---- */

/* Changed properties have waited for room.  Called in either thread. */
static void on_events_taken(void *opaque)
{
    QmpSession *s = opaque;

    qmp_watches_flush_later(s->watches);
}

bool qmp_session_send(QmpSession *s, QmpOutputWrite *write, void *opaque)
{
    return qmp_output_send(&s->output, write, opaque);
}

size_t qmp_session_unsent(const QmpSession *s)
{
    return qmp_output_unsent(&s->output);
}

bool qmp_session_has_events(QmpSession *s)
{
    return !qmp_event_queue_is_empty(&s->output.events);
}

size_t qmp_session_events_size(QmpSession *s)
{
    return qmp_event_queue_size(&s->output.events);
}

/* ---- Input ---- */

/* The callback of the stream: takes one request or one error. */
static void queue_input(void *opaque, JsonDoc *doc, Error *err)
{
    QmpSession *s = opaque;

    qmp_input_queue_add(&s->input, doc, err);
}

void qmp_session_feed(QmpSession *s, const char *bytes, size_t n_bytes)
{
    json_stream_feed(s->stream, bytes, n_bytes);
}

void qmp_session_end_input(QmpSession *s)
{
    json_stream_flush(s->stream);
}

/* Without queued requests, no command is left for those of earlier messages. */
void qmp_session_receive_fds(QmpSession *s, const int *fds, unsigned n_fds)
{
    qmp_fds_receive(&s->fds, fds, n_fds,
                    qmp_input_queue_is_idle(&s->input, false));
}

bool qmp_session_wants_input(QmpSession *s)
{
    return !qmp_session_has_quit(s) && !qmp_output_is_full(&s->output) &&
           qmp_input_queue_has_room(&s->input);
}

/* ---- Execution ---- */

QmpSession *qmp_session_current(void)
{
    return current_session;
}

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
           !qmp_session_has_quit(s) && !qmp_output_is_full(&s->output) &&
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

/* A job copies it, because it may outlive the session. */
static QmpDispatchContext dispatch_context(QmpSession *s)
{
    return (QmpDispatchContext) {
        .negotiated = s->negotiated,
        .has_oob = qmp_session_has_oob(s),
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
    bool had_oob = qmp_session_has_oob(s);
    QmpSession *outer = current_session;
    QmpInput input;

    current_session = s;
    while (take_next(s, band, &input)) {
        if (band == QMP_IN_BAND) {
            begin_inband(s, &input, now);
        }
        run_one(s, band, &input);
        now = g_get_monotonic_time();
        if (now >= end || qmp_session_has_oob(s) != had_oob) {
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

/* Called from the main loop when watched properties have changed. */
static void flush_watches(void *opaque)
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

/* ---- Life ---- */

QmpSession *qmp_session_new_full(const QmpSessionOptions *options)
{
    QmpSession *s = g_new0(QmpSession, 1);

    s->options = *options;
    s->limits = options->limits ? *options->limits
                                : (QmpLimits) QMP_DEFAULT_LIMITS;
    s->options.limits = &s->limits;
    s->options.server = g_strdup(options->server);
    s->peer.is_known = options->has_peer;
    s->peer.pid = options->peer_pid;
    s->peer.uid = options->peer_uid;
    queue_init(&s->oob_jobs);
    s->stream = json_stream_new_doc(queue_input, s);
    json_stream_set_max_text(s->stream, s->limits.request_bytes);
    qmp_input_queue_init(&s->input, s->limits.queue);
    /* Watching the input all the time is cheaper than stopping and starting
     * for each request. */
    s->input.reads_ahead = options->forward != NULL;
    qmp_output_init(&s->output, s->limits.output_bytes, s->limits.event_bytes,
                    options->pretty, on_events_taken, s);
    s->replies[QMP_IN_BAND] = g_string_new(NULL);
    s->replies[QMP_OUT_OF_BAND] = g_string_new(NULL);
    s->watches = qmp_watches_new(&s->output.events, s->limits.watches,
                                 flush_watches, s);
    if (options->forward) {
        s->output.events.source = options->forward->source;
        s->options.offers_oob = options->forward->ops->greet(
            options->forward, s->replies[QMP_IN_BAND], options->pretty);
    } else {
        qmp_message_greeting(s->replies[QMP_IN_BAND], options->offers_oob,
                             options->pretty);
    }
    qmp_output_move(&s->output, s->replies[QMP_IN_BAND]);
    g_mutex_lock(&sessions_lock);
    s->peer.number = ++last_number;
    queue_push(&sessions, &s->link);
    g_mutex_unlock(&sessions_lock);
    return s;
}

QmpSession *qmp_session_new(bool pretty)
{
    return qmp_session_new_full(&(QmpSessionOptions) { .pretty = pretty });
}

void qmp_session_free(QmpSession *s)
{
    bool is_last;

    if (!s) {
        return;
    }
    if (s->in_use) {
        g_autofree char *thread = thread_describe(thread_get_id());

        programming_error("in thread %s: a QMP session is freed by a command "
                          "that it executes; call qmp_server_free() in a "
                          "bottom half", thread);
    }
    g_mutex_lock(&sessions_lock);
    queue_remove(&s->link);
    is_last = queue_is_empty(&sessions);
    g_mutex_unlock(&sessions_lock);
    qmp_fds_cleanup(&s->fds);
    /* Sets are shared, so they outlast the clients that have filled them. */
    if (is_last) {
        qmp_fdsets_forget();
    }
    qmp_gate_forget(&s->gate_waiter);
    qmp_events_unsubscribe(&s->output.events);
    qmp_watches_free(s->watches);
    if (s->job) {
        qmp_job_detach(s->job);
    }
    while (!queue_is_empty(&s->oob_jobs)) {
        OobJob *job = container_of(s->oob_jobs.next, OobJob, link);

        qmp_job_detach(job->job);
        oob_job_free(job);
    }
    qmp_output_cleanup(&s->output);
    qmp_input_queue_cleanup(&s->input);
    json_stream_free(s->stream);
    g_free((char *)s->options.server);
    g_string_free(s->replies[QMP_IN_BAND], TRUE);
    g_string_free(s->replies[QMP_OUT_OF_BAND], TRUE);
    g_free(s);
}

void qmp_session_set_ops(QmpSession *s, const QmpSessionOps *ops, void *opaque)
{
    s->ops = ops;
    s->opaque = opaque;
    s->gate_waiter.run_later = ops->run_later;
    s->gate_waiter.opaque = opaque;
}

void qmp_session_set_wake(QmpSession *s, void (*wake)(void *opaque),
                          void *opaque)
{
    qmp_event_queue_set_wake(&s->output.events, wake, opaque);
}

/* ---- State ---- */

bool qmp_session_has_requests(QmpSession *s)
{
    return !qmp_session_has_quit(s) && qmp_input_queue_length(&s->input) > 0;
}

bool qmp_session_is_idle(QmpSession *s)
{
    return qmp_input_queue_is_idle(&s->input, qmp_session_has_quit(s)) &&
           queue_is_empty(&s->oob_jobs);
}

bool qmp_session_is_in_use(const QmpSession *s)
{
    return s->in_use;
}

bool qmp_session_has_oob(const QmpSession *s)
{
    return atomic_load(&s->has_oob);
}

bool qmp_session_needs_thread(const QmpSession *s)
{
    return qmp_session_has_oob(s) && !s->options.forward;
}

bool qmp_session_has_quit(const QmpSession *s)
{
    return atomic_load(&s->has_quit);
}

const QmpLimits *qmp_session_limits(const QmpSession *s)
{
    return &s->limits;
}

/* ---- For commands ---- */

bool qmp_session_is_negotiated(const QmpSession *s)
{
    return s->negotiated;
}

bool qmp_session_enable_oob(QmpSession *s, Error **errp)
{
    if (!s->options.offers_oob) {
        error_setg(errp, "Capability '%s' is not available",
                   qapi_enum_lookup(&QMPCapability_lookup,
                                    QMP_CAPABILITY_OOB));
        return false;
    }
    /* If the thread cannot be started, nothing has changed. */
    if (!s->options.forward && s->ops && s->ops->start_oob &&
        !s->ops->start_oob(s->opaque, errp)) {
        return false;
    }
    qmp_input_queue_enable_oob(&s->input);
    qmp_output_share(&s->output);
    atomic_store(&s->has_oob, true);
    return true;
}

void qmp_session_negotiate(QmpSession *s)
{
    s->negotiated = true;
    qmp_events_subscribe(&s->output.events);
}

void qmp_session_quit(QmpSession *s)
{
    atomic_store(&s->has_quit, true);
}

QmpFds *qmp_session_fds(QmpSession *s)
{
    return &s->fds;
}

QmpWatches *qmp_session_watches(QmpSession *s)
{
    return s->watches;
}

/* What query-qmp-sessions reports about a session. */
static QmpSessionStatus status_of(QmpSession *s)
{
    return (QmpSessionStatus) {
        .session = s,
        .options = &s->options,
        .has_oob = qmp_session_has_oob(s),
        .n_queued = qmp_input_queue_length(&s->input),
        /* Relaxed: the two may belong to different commands. */
        .command = atomic_load_explicit(&s->command, memory_order_relaxed),
        .since_us = atomic_load_explicit(&s->since_us, memory_order_relaxed),
    };
}

void qmp_session_for_each(void (*fn)(const QmpSessionStatus *status,
                                     void *opaque), void *opaque)
{
    QueueLink *link;

    g_mutex_lock(&sessions_lock);
    QUEUE_FOREACH(link, &sessions) {
        QmpSessionStatus status = status_of(container_of(link, QmpSession,
                                                         link));

        fn(&status, opaque);
    }
    g_mutex_unlock(&sessions_lock);
}
