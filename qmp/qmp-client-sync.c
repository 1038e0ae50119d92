/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Clients without an event loop.
 *
 * Such a client owns a context.  A function that waits makes the calling thread
 * the home thread of that context, runs it, and then gives the thread back to
 * the context that it ran before.
 *
 * In between the client is paused: it handles no message, so what the server
 * sends stays in the socket, and the server has to wait when that is full.
 */
#include "qmp/qmp-client-internal.h"

#include <errno.h>
#include <string.h>

QmpClientThread qmp_client_enter(const QmpClient *c)
{
    QmpClientThread thread = { .outer = aio_get_current_context() };

    if (!c->owns_ctx || in_aio_context_home_thread(c->ctx)) {
        return thread;
    }
    /* What is returned for a thread without a context is not its own. */
    if (!in_aio_context_home_thread(thread.outer)) {
        thread.outer = NULL;
    }
    thread.has_switched = true;
    aio_set_current_context(c->ctx);
    return thread;
}

void qmp_client_leave(QmpClientThread thread)
{
    if (thread.has_switched) {
        aio_set_current_context(thread.outer);
    }
}

/* ---- Stopping ---- */

void qmp_client_set_stop_fd(QmpClient *c, int stop_fd)
{
    c->stop_fd = stop_fd;
}

/* stop_fd is readable: what waits ends with the connection. */
static void on_stop_fd(void *opaque)
{
    qmp_client_close(opaque);
}

/* @func: (nullable) NULL: no longer; @fd: -1: none */
static void watch_fd(QmpClient *c, int fd, IOHandler *func, void *opaque)
{
    if (fd >= 0) {
        aio_set_fd_handler(c->ctx, fd, func, NULL, NULL, NULL, opaque);
    }
}

/* ---- Connecting ---- */

/* Keeps the reason why the client is closed. */
static void keep_reason(QmpClient *c, QmpClientState state,
                        const Error *reason, void *opaque)
{
    Error **err = opaque;

    if (reason && !*err) {
        *err = error_copy(reason);
    }
}

/* Runs the loop until the client is no longer connecting. */
static bool wait_ready(QmpClient *c, Error **errp)
{
    QmpClientThread thread = qmp_client_enter(c);
    Error *err = NULL;

    qmp_client_on_state(c, keep_reason, &err);
    watch_fd(c, c->stop_fd, on_stop_fd, c);
    while (c->state == QMP_CLIENT_CONNECTING) {
        aio_poll(c->ctx, true);
    }
    watch_fd(c, c->stop_fd, NULL, NULL);
    qmp_client_on_state(c, NULL, NULL);
    qmp_client_leave(thread);
    if (c->state == QMP_CLIENT_READY) {
        error_free(err);
        return true;
    }
    if (!err) { /* closed because of stop_fd */
        qmp_client_set_stream_error(c, -ECANCELED, &err);
    }
    error_propagate(errp, err);
    return false;
}

QmpClient *qmp_client_new_sync(const QmpClientOptions *options, int stop_fd,
                               Error **errp)
{
    AioContext *ctx = aio_context_new(errp);
    AioContext *outer = aio_get_current_context();
    QmpClient *c;

    if (!ctx) {
        return NULL;
    }
    if (!in_aio_context_home_thread(outer)) {
        outer = NULL;
    }
    /* The coroutine of the client is started in the client's context. */
    aio_set_current_context(ctx);
    c = qmp_client_new(ctx, options, errp);
    aio_set_current_context(outer);
    if (!c) {
        aio_context_unref(ctx);
        return NULL;
    }
    c->owns_ctx = true;
    c->stop_fd = stop_fd;
    if (!wait_ready(c, errp)) {
        qmp_client_free(c);
        return NULL;
    }
    return c;
}

/* ---- Waiting ---- */

/* Calls whose replies the loop runs for. */
typedef struct SyncCalls {
    QmpClient *client;
    unsigned n_left;
    bool has_timed_out;
} SyncCalls;

/* One of them, and where its end is stored. */
typedef struct SyncCall {
    SyncCalls *all;
    JsonNode **result; /* NULL before it has ended, and if it has failed */
    Error **error;     /* NULL unless it has failed */
} SyncCall;

/* After the last reply the client is paused, before another message. */
static void on_reply(const QmpReply *reply, void *opaque)
{
    SyncCall *call = opaque;
    SyncCalls *all = call->all;

    all->has_timed_out |= reply->status == QMP_CALL_TIMED_OUT;
    if (--all->n_left == 0) {
        all->client->is_paused = all->client->owns_ctx;
    }
    if (reply->result) {
        *call->result = json_item_to_node(reply->result);
    } else {
        *call->error = error_copy(reply->error);
    }
}

/* Runs the loop until all calls have ended. */
static void wait_for_calls(SyncCalls *all)
{
    QmpClient *c = all->client;

    if (!all->n_left) {
        return;
    }
    watch_fd(c, c->stop_fd, on_stop_fd, c);
    qmp_client_resume(c);
    while (all->n_left) {
        aio_poll(c->ctx, true);
    }
    watch_fd(c, c->stop_fd, NULL, NULL);
}

/*
 * Calls that do not fit into the window of qmp-client-call.c are sent when
 * replies arrive, so neither side has to store all of them.
 */
void qmp_client_execute_all(QmpClient *c, const QmpCall *calls,
                            unsigned n_calls, JsonNode **results,
                            Error **errors)
{
    SyncCalls all = { .client = c, .n_left = n_calls };
    g_autofree SyncCall *waits = g_new(SyncCall, n_calls);
    QmpClientThread thread;

    if (!n_calls) {
        return;
    }
    memset(results, 0, n_calls * sizeof(*results));
    memset(errors, 0, n_calls * sizeof(*errors));
    thread = qmp_client_enter(c);
    for (unsigned i = 0; i < n_calls; i++) {
        waits[i] = (SyncCall) { &all, &results[i], &errors[i] };
        qmp_client_call(c, &calls[i], on_reply, &waits[i]);
    }
    /* Now that all are known: replies may have arrived already. */
    wait_for_calls(&all);
    qmp_client_leave(thread);
    if (c->owns_ctx && all.has_timed_out) {
        qmp_client_close(c);
    }
}

JsonNode *qmp_client_execute(QmpClient *c, const char *command,
                             JsonNode *arguments, Error **errp)
{
    const QmpCall call = { .command = command, .arguments = arguments };
    JsonNode *result;
    Error *err;

    qmp_client_execute_all(c, &call, 1, &result, &err);
    error_propagate(errp, err);
    return result;
}

/* ---- Events ---- */

static void on_stop_events(void *opaque)
{
    *(bool *)opaque = true;
}

/* Keeps the reason why the connection has ended, unless the server has closed
 * it. */
static void keep_failure(QmpClient *c, QmpClientState state,
                         const Error *reason, void *opaque)
{
    if (!c->has_eof) {
        keep_reason(c, state, reason, opaque);
    }
}

JsonNode *qmp_client_next_event(QmpClient *c, int stop_fd, Error **errp)
{
    JsonNode *event = qmp_client_take_event(c);
    QmpClientThread thread;
    bool is_stopped = false;
    Error *err = NULL;

    if (event || !qmp_client_is_open(c)) {
        return event;
    }
    thread = qmp_client_enter(c);
    qmp_client_on_state(c, keep_failure, &err);
    watch_fd(c, stop_fd, on_stop_events, &is_stopped);
    qmp_client_resume(c);
    while (!is_stopped && g_queue_is_empty(&c->kept) &&
           qmp_client_is_open(c)) {
        aio_poll(c->ctx, true);
    }
    c->is_paused = c->owns_ctx;
    watch_fd(c, stop_fd, NULL, NULL);
    qmp_client_on_state(c, NULL, NULL);
    qmp_client_leave(thread);
    /* An error is of no interest while there is an event. */
    event = qmp_client_take_event(c);
    if (event) {
        error_free(err);
    } else {
        error_propagate(errp, err);
    }
    return event;
}
