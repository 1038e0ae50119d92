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
    while (c->state == QMP_CLIENT_CONNECTING) {
        aio_poll(c->ctx, true);
    }
    qmp_client_on_state(c, NULL, NULL);
    qmp_client_leave(thread);
    if (c->state == QMP_CLIENT_READY) {
        error_free(err);
        return true;
    }
    error_propagate(errp, err);
    return false;
}

QmpClient *qmp_client_new_sync(const QmpClientOptions *options, Error **errp)
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
    if (!wait_ready(c, errp)) {
        qmp_client_free(c);
        return NULL;
    }
    return c;
}

/* ---- Waiting ---- */

/* A call whose reply the loop runs for. */
typedef struct SyncCall {
    QmpClient *client;
    bool is_done;
    QmpCallStatus status;
    JsonNode *result;
    Error *error;
} SyncCall;

static void on_reply(const QmpReply *reply, void *opaque)
{
    SyncCall *call = opaque;

    call->is_done = true;
    /* What follows the reply is for the next function that waits. */
    call->client->is_paused = call->client->owns_ctx;
    call->status = reply->status;
    if (reply->result) {
        call->result = json_item_to_node(reply->result);
    } else {
        call->error = error_copy(reply->error);
    }
}

JsonNode *qmp_client_execute(QmpClient *c, const char *command,
                             JsonNode *arguments, Error **errp)
{
    const QmpCall what = { .command = command, .arguments = arguments };
    QmpClientThread thread = qmp_client_enter(c);
    SyncCall call = { .client = c };

    /* In this order: the reply may have arrived. */
    qmp_client_call(c, &what, on_reply, &call);
    qmp_client_resume(c);
    while (!call.is_done) {
        aio_poll(c->ctx, true);
    }
    qmp_client_leave(thread);
    /* Tools would take the late reply for a server that is slow once more. */
    if (c->owns_ctx && call.status == QMP_CALL_TIMED_OUT) {
        qmp_client_close(c);
    }
    error_propagate(errp, call.error);
    return call.result;
}

/* ---- Events ---- */

static void on_stop(void *opaque)
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
    if (stop_fd >= 0) {
        aio_set_fd_handler(c->ctx, stop_fd, on_stop, NULL, NULL, NULL,
                           &is_stopped);
    }
    qmp_client_resume(c);
    while (!is_stopped && g_queue_is_empty(&c->kept) &&
           qmp_client_is_open(c)) {
        aio_poll(c->ctx, true);
    }
    c->is_paused = c->owns_ctx;
    if (stop_fd >= 0) {
        aio_set_fd_handler(c->ctx, stop_fd, NULL, NULL, NULL, NULL, NULL);
    }
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
