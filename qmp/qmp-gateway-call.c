/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How a gateway executes a command: it checks the rules, and then answers from
 * its copy of the schema, or calls the monitor and waits.
 *
 * File descriptors that a client passes with a command go to the monitor with
 * that command.  QEMU keeps only the last ones that it has received, so one
 * such command is in flight at a time.
 *
 * The text of query-qmp-schema, which is most of what clients ask for when they
 * connect, is kept as long as the connection to the monitor.
 */
#include "qmp/qmp-gateway-internal.h"

#include "qmp/qmp-fd-internal.h"
#include "qmp/qmp-message-internal.h"

#include <string.h>
#include <unistd.h>

/* A command that waits for the monitor. */
typedef struct GatewayCall {
    QmpGateway *gateway;
    const QmpForwardRequest *request;
    GString *reply;       /* of the client */
    bool is_schema;       /* the result is kept */
    const char *outcome;  /* (nullable) NULL: it has not ended */
    Coroutine *co;        /* (nullable) set while it waits */
} GatewayCall;

static void append_error(const QmpForwardRequest *request, GString *reply,
                         const Error *err)
{
    qmp_message_error(reply, err, request->id, request->pretty);
}

/* The commands that were in flight are those with LOST: the client has to find
 * out whether they were executed. */
static void append_lost(const QmpForwardRequest *request, GString *reply,
                        const Error *reason)
{
    g_autoptr(Error) err = NULL;

    error_setg(&err, "The monitor was lost while it executed '%s', which may "
               "have had an effect: %s", request->command,
               error_get_pretty(reason));
    append_error(request, reply, err);
}

static void append_result(GatewayCall *call, const JsonItem *result)
{
    QmpGateway *gateway = call->gateway;

    qmp_message_return_item(call->reply, result, call->request->id,
                            call->request->pretty);
    if (call->is_schema && !gateway->schema) {
        gateway->schema = g_string_new(NULL);
        json_item_write(gateway->schema, result);
    }
}

/* The reply is written at once, because the result is borrowed. */
static void on_reply(const QmpReply *reply, void *opaque)
{
    static const char *const outcomes[] = {
        [QMP_CALL_RETURNED] = "returned",
        [QMP_CALL_REFUSED] = "refused",
        [QMP_CALL_NOT_SENT] = "not-sent",
        [QMP_CALL_LOST] = "lost",
        [QMP_CALL_TIMED_OUT] = "lost",
    };
    GatewayCall *call = opaque;

    call->outcome = outcomes[reply->status];
    if (reply->result) {
        append_result(call, reply->result);
    } else if (!strcmp(call->outcome, "lost")) {
        append_lost(call->request, call->reply, reply->error);
    } else {
        append_error(call->request, call->reply, reply->error);
    }
    if (call->co) {
        aio_co_wake(g_steal_pointer(&call->co));
    }
}

static bool has_arguments(const QmpForwardRequest *request)
{
    const char *name;

    return json_item_next_member(request->arguments, NULL, &name) != NULL;
}

static bool is_schema_request(const QmpForwardRequest *request)
{
    return !strcmp(request->command, "query-qmp-schema") &&
           !has_arguments(request);
}

/* Returns: the outcome */
static const char *coroutine_fn call_monitor(QmpGateway *gateway,
                                             const QmpForwardRequest *request,
                                             const QmpCall *what,
                                             GString *reply)
{
    GatewayCall call = {
        .gateway = gateway, .request = request, .reply = reply,
    };

    call.is_schema = is_schema_request(request);
    qmp_client_call(gateway->client, what, on_reply, &call);
    if (!call.outcome) {
        call.co = coroutine_self();
        coroutine_yield();
    }
    return call.outcome;
}

/* As call_monitor().  @fd: consumed */
static const char *coroutine_fn call_with_fd(QmpGateway *gateway,
                                             const QmpForwardRequest *request,
                                             QmpCall *what, int fd,
                                             GString *reply)
{
    const char *outcome;

    what->fds = &fd;
    what->n_fds = 1;
    co_mutex_lock(&gateway->fd_lock);
    outcome = call_monitor(gateway, request, what, reply);
    co_mutex_unlock(&gateway->fd_lock);
    close(fd);
    return outcome;
}

/*
 * These commands take a file descriptor.  A client that has passed none gets
 * the error of the monitor.
 *
 * Returns: (transfer full) the file descriptor of a request; -1 if it has none
 */
static int take_fd(const QmpForwardRequest *request)
{
    return !strcmp(request->command, "getfd") ||
                   !strcmp(request->command, "add-fd")
               ? qmp_fd_take_held(NULL) : -1;
}

static const char *deny(const QmpForwardRequest *request, GString *reply)
{
    g_autoptr(Error) err = NULL;

    error_set(&err, ERROR_CLASS_COMMAND_NOT_FOUND,
              "The gateway does not allow the command %s", request->command);
    append_error(request, reply, err);
    return "denied";
}

/* Returns: the outcome */
static const char *coroutine_fn execute(const GatewayListener *listener,
                                        const QmpForwardRequest *request,
                                        GString *reply)
{
    QmpGateway *gateway = listener->gateway;
    int fd = take_fd(request);
    QmpCall what = {
        .command = request->command,
        .arguments_item = has_arguments(request) ? request->arguments : NULL,
        .oob = request->is_oob,
    };

    if (!qmp_gateway_rules_allow(listener->rules, request->peer,
                                 request->command)) {
        if (fd >= 0) {
            close(fd);
        }
        return deny(request, reply);
    }
    if (fd >= 0) {
        return call_with_fd(gateway, request, &what, fd, reply);
    }
    if (gateway->schema && is_schema_request(request)) {
        qmp_message_return_text(reply, gateway->schema, request->id,
                                request->pretty);
        return "cached";
    }
    return call_monitor(gateway, request, &what, reply);
}

/* The message of a command that has ended; arguments may be secret. */
static void log_command(const GatewayListener *listener,
                        const QmpForwardRequest *request,
                        const char *outcome, int64_t duration_us)
{
    const QmpPeer *peer = request->peer;
    LogField fields[7];
    unsigned n = 0;

    fields[n++] = log_int("client", peer->number);
    if (peer->is_known) {
        fields[n++] = log_int("uid", peer->uid);
        fields[n++] = log_int("pid", peer->pid);
    }
    fields[n++] = log_str("listener", listener->address);
    fields[n++] = log_str(request->is_oob ? "exec-oob" : "execute",
                          request->command);
    fields[n++] = log_str("outcome", outcome);
    fields[n++] = log_int("us", duration_us);
    log_write(&gateway_log, LOG_LEVEL_DEBUG, "command ended", fields, n);
}

void qmp_gateway_execute(QmpForward *forward, const QmpForwardRequest *request,
                         GString *reply)
{
    GatewayListener *listener = container_of(forward, GatewayListener,
                                             forward);
    bool is_logged = log_is_on(&gateway_log, LOG_LEVEL_DEBUG);
    int64_t start_us = is_logged ? g_get_monotonic_time() : 0;
    const char *outcome = execute(listener, request, reply);

    if (is_logged) {
        log_command(listener, request, outcome,
                    g_get_monotonic_time() - start_us);
    }
}
