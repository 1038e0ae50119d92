/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Executing one request: check its form, find the command, execute the command,
 * append the reply.
 */
#include "qmp/qmp-session-internal.h"
#include "qapi/visitor/json-visitor.h"

#include <string.h>

/* The parts of a request; borrowed from it. */
typedef struct QmpRequest {
    const char *verb;          /* "execute" or "exec-oob" */
    const char *command;
    const JsonItem *arguments; /* an object */
    const JsonItem *id;        /* (nullable) */
    bool allows_oob;           /* the session has `oob` enabled */
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
    if (!strcmp(name, "exec-oob") && request->allows_oob) {
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

/*
 * A request with both verbs is malformed.  It counts as in band, where its
 * error reply keeps its place among the others.
 */
bool qmp_is_oob(const JsonItem *input)
{
    return json_item_qtype(input) == QTYPE_QDICT &&
           json_item_member(input, "exec-oob") &&
           !json_item_member(input, "execute");
}

/* Before the negotiation no command but qmp_capabilities can be found. */
static const QapiCommand *find_command(QmpSession *s,
                                       const QmpRequest *request,
                                       Error **errp)
{
    const char *name = request->command;
    const QapiCommand *cmd = NULL;

    if (!s->negotiated && strcmp(name, "qmp_capabilities")) {
        error_set(errp, ERROR_CLASS_COMMAND_NOT_FOUND,
                  "Expecting capabilities negotiation with "
                  "'qmp_capabilities'");
        return NULL;
    }
    cmd = qapi_find_command(name);
    if (!cmd) {
        error_set(errp, ERROR_CLASS_COMMAND_NOT_FOUND,
                  "The command %s has not been found", name);
    } else if (request->is_oob && !(cmd->flags & QCO_ALLOW_OOB)) {
        error_setg(errp, "The command %s does not support OOB", name);
        cmd = NULL;
    }
    return cmd;
}

void qmp_execute(QmpSession *s, const QapiCommand *cmd,
                 const JsonItem *arguments, const JsonItem *id, GString *out)
{
    g_autoptr(Visitor) v = json_item_visitor_new(arguments);
    g_autoptr(JsonNode) result = NULL;
    g_autoptr(Error) err = NULL;

    if (!qapi_command_execute(cmd, v, &result, &err)) {
        qmp_session_reply_error(s, out, err, id);
    } else if (!(cmd->flags & QCO_NO_SUCCESS_RESP)) {
        qmp_session_reply(s, out, result, id);
    }
}

/* query-qmp-sessions reports the command while it is being executed. */
static void execute_inband(QmpSession *s, const QapiCommand *cmd,
                           const QmpRequest *request, GString *out)
{
    qmp_session_note(s, cmd->name);
    qmp_execute(s, cmd, request->arguments, request->id, out);
    qmp_session_note(s, NULL);
}

bool qmp_dispatch(QmpSession *s, JsonDoc **doc, GString *out)
{
    QmpRequest request = { .allows_oob = qmp_session_has_oob(s) };
    const QapiCommand *cmd = NULL;
    g_autoptr(Error) err = NULL;

    if (parse_request(&request, json_doc_root(*doc), &err)) {
        cmd = find_command(s, &request, &err);
    }
    if (!cmd) {
        qmp_session_reply_error(s, out, err, request.id);
    } else if (request.is_oob) {
        qmp_execute(s, cmd, request.arguments, request.id, out);
    } else if (cmd->flags & QCO_COROUTINE) {
        return qmp_job_start(s, cmd, request.arguments, request.id, doc, out);
    } else {
        execute_inband(s, cmd, &request, out);
    }
    return true;
}
