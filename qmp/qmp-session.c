/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The life of a session, and what goes in and out of it.
 *
 * Input: requests and errors in the input are queued together, so the replies
 * have the order of the input.
 *
 * Output: replies and events wait in QmpOutput, which keeps their order.  The
 * greeting is the first text in it.
 *
 * State: the commands qmp_capabilities and `quit` change it.  What the second
 * thread reads of it is atomic.
 *
 * List: all sessions of the process are in a list, in the order of their
 * creation.  What query-qmp-sessions reports is read under its lock.
 */
#include "qmp/qmp-session-state-internal.h"

#include "qmp/qapi-types-control.h"
#include "qmp/qmp-events-internal.h"
#include "qmp/qmp-message-internal.h"
#include "qmp/qmp-watch-internal.h"
#include "util/programming-error.h"
#include "util/thread.h"

static GMutex sessions_lock;
static QueueLink sessions = { &sessions, &sessions }; /* under sessions_lock */
static uint64_t last_number; /* of a session; under sessions_lock */

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

/* ---- Life ---- */

/* Where commands are forwarded, the greeting is not that of this process. */
static void append_greeting(QmpSession *s)
{
    GString *text = s->replies[QMP_IN_BAND];
    QmpForward *forward = s->options.forward;

    if (forward) {
        s->output.events.source = forward->source;
        s->options.offers_oob = forward->ops->greet(forward, text,
                                                    s->options.pretty);
    } else {
        qmp_message_greeting(text, s->options.offers_oob, s->options.pretty);
    }
    qmp_output_move(&s->output, text);
}

static void add_to_list(QmpSession *s)
{
    g_mutex_lock(&sessions_lock);
    s->peer.number = ++last_number;
    queue_push(&sessions, &s->link);
    g_mutex_unlock(&sessions_lock);
}

/* Other threads do not find the session from here on.  Returns true if no
 * session is left. */
static bool remove_from_list(QmpSession *s)
{
    bool is_last;

    g_mutex_lock(&sessions_lock);
    queue_remove(&s->link);
    is_last = queue_is_empty(&sessions);
    g_mutex_unlock(&sessions_lock);
    return is_last;
}

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
                                 qmp_session_flush_watches, s);
    append_greeting(s);
    add_to_list(s);
    return s;
}

QmpSession *qmp_session_new(bool pretty)
{
    return qmp_session_new_full(&(QmpSessionOptions) { .pretty = pretty });
}

void qmp_session_free(QmpSession *s)
{
    if (!s) {
        return;
    }
    if (s->in_use) {
        g_autofree char *thread = thread_describe(thread_get_id());

        programming_error("in thread %s: a QMP session is freed by a command "
                          "that it executes; call qmp_server_free() in a "
                          "bottom half", thread);
    }
    qmp_fds_cleanup(&s->fds);
    /* Sets are shared, so they outlast the clients that have filled them. */
    if (remove_from_list(s)) {
        qmp_fdsets_forget();
    }
    /* First what may still call the session, then what it owns. */
    qmp_gate_forget(&s->gate_waiter);
    qmp_events_unsubscribe(&s->output.events);
    qmp_watches_free(s->watches);
    qmp_session_detach_jobs(s);
    qmp_output_cleanup(&s->output);
    qmp_input_queue_cleanup(&s->input);
    json_stream_free(s->stream);
    g_free((char *)s->options.server);
    g_string_free(s->replies[QMP_IN_BAND], TRUE);
    g_string_free(s->replies[QMP_OUT_OF_BAND], TRUE);
    g_free(s);
}

/* The gate asks the connection to run the session, as the session does. */
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

/* After `quit` no other request is executed. */
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

/* Forwarding does not block, so it needs no second thread. */
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
    /* Before the second thread uses them. */
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

/* What query-qmp-sessions reports about a session.  Thread: any */
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
