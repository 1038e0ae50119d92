/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A request is executed in four steps: check its form, find the command,
 * execute the command, append the reply.
 *
 * Coroutines: a command with QCO_COROUTINE is executed in a coroutine.  If the
 * coroutine ends without yielding, the command is like any other.  If it
 * yields, it becomes a job.  The job owns the request, because the arguments
 * are part of it, and the text of the reply.  The coroutine ends in a later
 * iteration of the loop, and delivers the reply then.
 *
 * Forwarding: a request that is executed somewhere else becomes a job in the
 * same way.  It has no command of this process.
 *
 * Nothing can end a coroutine from outside.  When the client goes away, its job
 * is detached: it continues, and its reply is discarded.
 */
#include "qmp/qmp-dispatch-internal.h"

#include "aio/coroutine/coroutine.h"
#include "qapi/qapi-command.h"
#include "qapi/visitor/json-visitor.h"
#include "qmp/qmp-message-internal.h"
#include "util/probe.h"

#include <string.h>

/* ---- Form ---- */

/* The parts of a request; borrowed from it. */
typedef struct QmpRequest {
    const char *verb;          /* "execute" or "exec-oob" */
    const char *command;
    const JsonItem *arguments; /* an object */
    const JsonItem *id;        /* (nullable) */
    bool has_oob;              /* "exec-oob" is a member */
    bool is_oob;
} QmpRequest;

/* Stores the command's name; a request must not have both verbs. */
static bool take_command(QmpRequest *request, const char *verb,
                         const JsonItem *value, Error **errp)
{
    if (request->verb) {
        error_setg(errp, "QMP input member '%s' clashes with '%s'", verb,
                   request->verb);
        return false;
    }
    if (json_item_qtype(value) != QTYPE_QSTRING) {
        error_setg(errp, "QMP input member '%s' must be a string", verb);
        return false;
    }
    request->verb = verb;
    request->command = json_item_string(value);
    return true;
}

/*
 * Checks one member of a request.  Before the client has enabled `oob`,
 * "exec-oob" is an unknown member like any other.
 */
static bool check_member(QmpRequest *request, const char *name,
                         const JsonItem *value, Error **errp)
{
    if (!strcmp(name, "execute")) {
        return take_command(request, name, value, errp);
    }
    if (!strcmp(name, "exec-oob") && request->has_oob) {
        request->is_oob = true;
        return take_command(request, name, value, errp);
    }
    if (!strcmp(name, "arguments")) {
        if (json_item_qtype(value) != QTYPE_QDICT) {
            error_setg(errp,
                       "QMP input member 'arguments' must be an object");
            return false;
        }
        request->arguments = value;
        return true;
    }
    if (!strcmp(name, "id")) {
        return true;
    }
    error_setg(errp, "QMP input member '%s' is unexpected", name);
    return false;
}

/*
 * The id is read first, so that an error reply carries it whatever else is
 * wrong.
 */
static bool parse_request(QmpRequest *request, const JsonItem *input,
                          Error **errp)
{
    const JsonItem *member = NULL;
    const char *name;

    if (json_item_qtype(input) != QTYPE_QDICT) {
        error_setg(errp, "QMP input must be a JSON object");
        return false;
    }
    request->id = json_item_member(input, "id");
    request->arguments = json_item_empty_object();
    while ((member = json_item_next_member(input, member, &name))) {
        if (!check_member(request, name, member, errp)) {
            return false;
        }
    }
    if (!request->command) {
        error_setg(errp, "QMP input lacks member 'execute'");
        return false;
    }
    return true;
}

/* Before the negotiation no command but qmp_capabilities can be found. */
static const QapiCommand *find_command(const QmpRequest *request,
                                       bool negotiated, Error **errp)
{
    const char *name = request->command;
    const QapiCommand *cmd = NULL;

    if (!negotiated && strcmp(name, "qmp_capabilities")) {
        error_set(errp, ERROR_CLASS_COMMAND_NOT_FOUND,
                  "Expecting capabilities negotiation with "
                  "'qmp_capabilities'");
        return NULL;
    }
    cmd = qapi_find_command_err(name, errp);
    if (cmd && request->is_oob && !(cmd->flags & QCO_ALLOW_OOB)) {
        error_setg(errp, "The command %s does not support OOB", name);
        cmd = NULL;
    }
    return cmd;
}

/* ---- Execution ---- */

LOG_AREA_DEFINE(qmp_log, "qmp")

/* @err: (nullable) why the command has failed */
static void log_command(const QapiCommand *cmd, const Error *err)
{
    if (err) {
        log_debug(&qmp_log, "command failed", log_str("command", cmd->name),
                  log_str("error", error_get_pretty(err)));
    } else {
        log_debug(&qmp_log, "command executed",
                  log_str("command", cmd->name));
    }
}

static void execute(const QapiCommand *cmd, const QmpRequest *request,
                    bool pretty, GString *reply)
{
    g_autoptr(Visitor) v = json_item_visitor_new(request->arguments);
    g_autoptr(JsonNode) result = NULL;
    g_autoptr(Error) err = NULL;

    PROBE(qmp_command_begin, cmd->name);
    if (!qapi_command_execute(cmd, v, &result, &err)) {
        qmp_message_error(reply, err, request->id, pretty);
    } else if (!(cmd->flags & QCO_NO_SUCCESS_RESP)) {
        qmp_message_return(reply, result, request->id, pretty);
    }
    PROBE(qmp_command_end, cmd->name);
    log_command(cmd, err);
}

/* @at: (nullable) see QmpDispatchContext.command */
static void note_command(QmpCommandName *at, const char *name)
{
    if (at) {
        /* Relaxed: the text is static, and nothing else goes with it. */
        atomic_store_explicit(at, name, memory_order_relaxed);
    }
}

static void execute_inband(const QmpDispatchContext *ctx,
                           const QapiCommand *cmd, const QmpRequest *request,
                           GString *reply)
{
    note_command(ctx->command, cmd->name);
    execute(cmd, request, ctx->pretty, reply);
    note_command(ctx->command, NULL);
}

/* ---- Jobs ---- */

struct QmpJob {
    QmpDispatchContext ctx; /* `command` and `job_ended` are NULL: detached */
    const QapiCommand *cmd; /* (nullable) NULL: forwarded */
    QmpRequest request;     /* borrowed from `doc` */
    QmpPeer peer;           /* of a forwarded request */
    JsonDoc *doc;  /* (nullable) NULL: the coroutine has not yielded yet */
    GString *reply;
    bool done;
};

static void job_free(QmpJob *job)
{
    json_doc_free(job->doc);
    g_string_free(job->reply, TRUE);
    g_free(job);
}

/* The request and the peer belong to the job, so they outlive the session. */
static void coroutine_fn job_forward(QmpJob *job)
{
    QmpForward *forward = job->ctx.forward;
    const QmpForwardRequest request = {
        .peer = &job->peer,
        .command = job->request.command,
        .arguments = job->request.arguments,
        .id = job->request.id,
        .is_oob = job->request.is_oob,
        .pretty = job->ctx.pretty,
    };

    forward->ops->execute(forward, &request, job->reply);
}

static void coroutine_fn job_execute(QmpJob *job)
{
    note_command(job->ctx.command, job->cmd->name);
    execute(job->cmd, &job->request, job->ctx.pretty, job->reply);
    note_command(job->ctx.command, NULL);
}

static void coroutine_fn job_run(void *opaque)
{
    QmpJob *job = opaque;

    if (job->cmd) {
        job_execute(job);
    } else {
        job_forward(job);
    }
    job->done = true;
    if (!job->doc) {
        return; /* execute_in_coroutine() is still waiting */
    }
    if (job->ctx.job_ended) {
        job->ctx.job_ended(job->ctx.opaque, job->reply);
    }
    job_free(job);
}

static QmpJob *execute_in_coroutine(const QmpDispatchContext *ctx,
                                    const QapiCommand *cmd,
                                    const QmpRequest *request, JsonDoc **doc,
                                    GString *reply)
{
    QmpJob *job = g_new0(QmpJob, 1);

    job->ctx = *ctx;
    job->cmd = cmd;
    job->request = *request;
    if (!cmd) {
        job->peer = *ctx->peer;
    }
    job->reply = g_string_new(NULL);
    coroutine_enter(coroutine_create(job_run, job));
    if (!job->done) {
        job->doc = g_steal_pointer(doc);
        return job;
    }
    g_string_append_len(reply, job->reply->str, job->reply->len);
    job_free(job);
    return NULL;
}

void qmp_job_detach(QmpJob *job)
{
    job->ctx.command = NULL;
    job->ctx.job_ended = NULL;
}

/* ---- The steps ---- */

/* The negotiation concerns the session, so it is never forwarded. */
static bool is_forwarded(const QmpDispatchContext *ctx,
                         const QmpRequest *request)
{
    return ctx->forward && ctx->negotiated &&
           strcmp(request->command, "qmp_capabilities");
}

QmpJob *qmp_dispatch(const QmpDispatchContext *ctx, JsonDoc **doc,
                     GString *reply)
{
    QmpRequest request = { .has_oob = ctx->has_oob };
    const QapiCommand *cmd = NULL;
    g_autoptr(Error) err = NULL;

    if (parse_request(&request, json_doc_root(*doc), &err)) {
        if (is_forwarded(ctx, &request)) {
            return execute_in_coroutine(ctx, NULL, &request, doc, reply);
        }
        cmd = find_command(&request, ctx->negotiated, &err);
    }
    if (!cmd) {
        qmp_message_error(reply, err, request.id, ctx->pretty);
    } else if (request.is_oob) {
        execute(cmd, &request, ctx->pretty, reply);
    } else if (cmd->flags & QCO_COROUTINE) {
        return execute_in_coroutine(ctx, cmd, &request, doc, reply);
    } else {
        execute_inband(ctx, cmd, &request, reply);
    }
    return NULL;
}
