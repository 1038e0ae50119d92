/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waiting in coroutines: for a connection, and for a reply.
 *
 * A coroutine that waits for a reply may belong to any context.  It moves to
 * the context of the client, makes the call there, and moves back.  If it is
 * cancelled, the call is forgotten: the server executes it, and the reply is
 * dropped.
 */
#include "qmp/qmp-client-internal.h"

#include "aio/coroutine/coroutine-cancel.h"

/* ---- The connection ---- */

static bool report_failure(const QmpClient *c, Error **errp)
{
    if (c->failure) {
        error_propagate(errp, error_copy(c->failure));
    } else {
        error_setg(errp, "'%s' is not connected any more", c->name);
    }
    return false;
}

/* The wait ends with the present attempt, whether it succeeds or not. */
bool qmp_client_co_wait_ready(QmpClient *c, Error **errp)
{
    while (c->state == QMP_CLIENT_CONNECTING) {
        if (co_queue_wait_until(&c->changed, NULL, -1) < 0) {
            error_setg(errp, "the wait for '%s' was cancelled", c->name);
            return false;
        }
    }
    return c->state == QMP_CLIENT_READY || report_failure(c, errp);
}

/* ---- Calls ---- */

/* A coroutine that waits for a call. */
typedef struct CallWait {
    QmpClient *client;
    uint64_t id;
    Coroutine *co; /* (nullable) set while it has yielded */
    bool is_done;
    QmpCallStatus status;
    JsonNode *result;
    Error *error;
} CallWait;

/* The reply may come before the coroutine has yielded. */
static void call_wait_done(CallWait *wait)
{
    wait->is_done = true;
    if (wait->co) {
        aio_co_wake(g_steal_pointer(&wait->co));
    }
}

static void on_waited_reply(const QmpReply *reply, void *opaque)
{
    CallWait *wait = opaque;

    /* The reply is borrowed, and the coroutine may continue later. */
    wait->status = reply->status;
    if (reply->result) {
        wait->result = json_item_to_node(reply->result);
    } else {
        wait->error = error_copy(reply->error);
    }
    call_wait_done(wait);
}

/* The client exists, because the call has not ended. */
static void on_wait_cancelled(void *opaque)
{
    CallWait *wait = opaque;

    if (wait->is_done) {
        return;
    }
    qmp_client_forget(wait->client, wait->id);
    wait->status = QMP_CALL_LOST;
    error_setg(&wait->error, "the wait for a reply was cancelled");
    call_wait_done(wait);
}

/* Called in the context of the client. */
static void coroutine_fn call_and_wait(CallWait *wait, const QmpCall *call)
{
    if (coroutine_is_cancelled()) {
        wait->status = QMP_CALL_NOT_SENT;
        error_setg(&wait->error, "the wait for a reply was cancelled");
        return;
    }
    wait->id = qmp_client_call(wait->client, call, on_waited_reply, wait);
    if (!wait->is_done) {
        wait->co = coroutine_self();
        coroutine_yield_cancellable(on_wait_cancelled, wait);
    }
}

JsonNode *qmp_client_co_call(QmpClient *c, const QmpCall *call,
                             QmpCallStatus *status, Error **errp)
{
    AioContext *outer = aio_get_current_context();
    AioContext *ctx = c->ctx; /* the client may be freed in the wait */
    CallWait wait = { .client = c };

    if (outer != ctx) {
        aio_co_reschedule_self(ctx);
    }
    call_and_wait(&wait, call);
    if (outer != ctx) {
        aio_co_reschedule_self(outer);
    }
    if (status) {
        *status = wait.status;
    }
    error_propagate(errp, wait.error);
    return wait.result;
}
