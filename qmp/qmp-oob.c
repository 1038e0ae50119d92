/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sessions whose client has enabled `oob`.
 *
 * The reading thread parses requests into `queue` and takes them from there in
 * order.  It executes an out-of-band request at once.  Everything else,
 * including errors of the input, it moves to `inband`, which `lock` protects
 * and which holds QMP_INBAND_LIMIT requests.  While `inband` is full, parsed
 * requests stay in `queue`, even those that are out of band: a client that
 * floods the server with in-band requests does not get out-of-band service.
 * The main thread takes requests from `inband` one at a time.  When it takes
 * one from a full queue, it wakes the reading thread up before it executes the
 * request.
 *
 * `inband_busy` is cleared only after the reply is in the output queue.  A
 * thread that finds `inband` empty and not busy will find all replies there.
 */
#include "qmp/qmp-session-internal.h"

bool qmp_session_has_inband_room(QmpSession *s)
{
    bool has_room;

    g_mutex_lock(&s->lock);
    has_room = s->inband->len < QMP_INBAND_LIMIT;
    g_mutex_unlock(&s->lock);
    return has_room;
}

/* Called with `lock` held. */
static void note_length(QmpSession *s)
{
    __atomic_store_n(&s->n_queued, s->inband->len, __ATOMIC_RELAXED);
}

/* ---- The reading thread ---- */

bool qmp_session_can_route(QmpSession *s)
{
    return qmp_session_has_requests(s) && !qmp_session_has_quit(s) &&
           qmp_session_unsent(s) < QMP_OUTPUT_LIMIT &&
           qmp_session_has_inband_room(s);
}

/* Moves a request to `inband`; @input is empty afterwards. */
static void queue_inband(QmpSession *s, QmpInput *input)
{
    g_mutex_lock(&s->lock);
    g_array_append_val(s->inband, *input);
    note_length(s);
    g_mutex_unlock(&s->lock);
    *input = (QmpInput) { NULL };
}

/*
 * Executes an out-of-band request.  The reading thread owns `out`, so the reply
 * needs no lock.
 */
static void execute_oob(QmpSession *s, QmpInput *input)
{
    QmpSession *outer = qmp_session_enter(s);

    qmp_dispatch(s, &input->doc, s->out);
    qmp_session_enter(outer);
    qmp_input_clear(input);
}

static void route_one(QmpSession *s)
{
    QmpInput *input = &g_array_index(s->queue, QmpInput, s->queue_head++);

    if (input->doc && qmp_is_oob(json_doc_root(input->doc))) {
        execute_oob(s, input);
    } else {
        queue_inband(s, input);
    }
}

void qmp_session_route(QmpSession *s, int64_t time_limit_us)
{
    int64_t end = g_get_monotonic_time() + time_limit_us;

    while (qmp_session_can_route(s)) {
        route_one(s);
        if (g_get_monotonic_time() >= end) {
            break;
        }
    }
    if (!qmp_session_has_requests(s)) {
        g_array_set_size(s->queue, 0);
        s->queue_head = 0;
    }
}

/* ---- The main thread ---- */

bool qmp_session_can_run_inband(QmpSession *s)
{
    bool has_some;

    g_mutex_lock(&s->lock);
    has_some = s->inband->len > 0 && !s->inband_waits;
    g_mutex_unlock(&s->lock);
    return has_some && !qmp_session_has_quit(s) &&
           qmp_mailbox_reply_size(&s->mailbox) < QMP_OUTPUT_LIMIT;
}

bool qmp_session_is_inband_idle(QmpSession *s)
{
    bool is_idle;

    g_mutex_lock(&s->lock);
    is_idle = !s->inband_busy && !s->inband->len;
    g_mutex_unlock(&s->lock);
    return is_idle;
}

static void take_inband(QmpSession *s, QmpInput *input)
{
    bool was_full;

    g_mutex_lock(&s->lock);
    was_full = s->inband->len == QMP_INBAND_LIMIT;
    /*
     * The array holds few requests, so removing the first one is cheap.  It is
     * cleared before, because the array would free its contents.
     */
    *input = g_array_index(s->inband, QmpInput, 0);
    g_array_index(s->inband, QmpInput, 0) = (QmpInput) { NULL };
    g_array_remove_index(s->inband, 0);
    s->inband_busy = true;
    note_length(s);
    g_mutex_unlock(&s->lock);
    if (was_full) {
        qmp_session_wake(s);
    }
}

static void set_waits(QmpSession *s, bool waits)
{
    g_mutex_lock(&s->lock);
    s->inband_waits = waits;
    g_mutex_unlock(&s->lock);
}

static void run_one(QmpSession *s)
{
    g_autoptr(GString) reply = g_string_new(NULL);
    QmpInput input;

    take_inband(s, &input);
    if (input.err) {
        qmp_session_reply_error(s, reply, input.err, NULL);
    } else if (!qmp_dispatch(s, &input.doc, reply)) {
        set_waits(s, true);
    }
    qmp_input_clear(&input);
    qmp_mailbox_put_reply(&s->mailbox, reply->str, reply->len);
}

/*
 * Ends a series of in-band requests; after `quit` the remaining ones are
 * discarded.  The reading thread is woken up, because it may be waiting for the
 * replies or for the end of the conversation.
 */
static void end_run(QmpSession *s)
{
    g_mutex_lock(&s->lock);
    s->inband_busy = false;
    if (qmp_session_has_quit(s)) {
        g_array_set_size(s->inband, 0);
        note_length(s);
    }
    g_mutex_unlock(&s->lock);
    qmp_session_wake(s);
}

void qmp_session_run_inband(QmpSession *s, int64_t time_limit_us)
{
    int64_t now = g_get_monotonic_time();
    int64_t end = now + time_limit_us;
    QmpSession *outer;

    g_assert(!s->running);
    if (!qmp_gate_enter(s)) {
        return;
    }
    outer = qmp_session_enter(s);
    s->running = true;
    while (qmp_session_can_run_inband(s)) {
        __atomic_store_n(&s->since_us, now, __ATOMIC_RELAXED);
        run_one(s);
        now = g_get_monotonic_time();
        if (now >= end) {
            break;
        }
    }
    s->running = false;
    qmp_session_enter(outer);
    qmp_gate_leave();
    if (!s->job) {
        end_run(s);
    }
}

void qmp_oob_end_job(QmpSession *s, const GString *reply)
{
    qmp_mailbox_put_reply(&s->mailbox, reply->str, reply->len);
    set_waits(s, false);
    end_run(s);
}
