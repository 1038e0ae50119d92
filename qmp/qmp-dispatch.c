/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One request: check its form, find the command, visit the arguments into
 * its C struct, run it, visit the result into a reply.  Values of the type
 * 'any' are nodes already and are passed as they are.
 */
#include "qmp/qmp-session-internal.h"

#include "qapi/json-visitor.h"
#include "qapi/qapi-command.h"

#include <string.h>

/* The parts of a request; borrowed from it. */
typedef struct QmpRequest {
    const char *verb;          /* "execute" or "exec-oob" */
    const char *command;
    const JsonItem *arguments; /* an object */
    const JsonItem *id;        /* (nullable) */
    bool allows_oob;           /* the session does */
    bool is_oob;
} QmpRequest;

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

/* Whatever is wrong, the id is found if there is one. */
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

bool qmp_is_oob(const JsonItem *input)
{
    return json_item_qtype(input) == QTYPE_QDICT &&
           json_item_member(input, "exec-oob") &&
           !json_item_member(input, "execute");
}

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

static bool refuse_arguments(const JsonItem *arguments, Error **errp)
{
    const char *name;

    if (json_item_next_member(arguments, NULL, &name)) {
        error_setg(errp, "Parameter '%s' is unexpected", name);
        return false;
    }
    return true;
}

/* @arg: filled as QapiCommand.run wants it */
static bool visit_arguments(const QapiCommand *cmd, const JsonItem *arguments,
                            void **arg, Error **errp)
{
    g_autoptr(Visitor) v = NULL;

    if (!cmd->arg_type) {
        return refuse_arguments(arguments, errp);
    }
    if (cmd->arg_type->kind == QAPI_KIND_ANY) {
        *arg = json_item_to_node(arguments);
        return true;
    }
    v = json_item_visitor_new(arguments);
    return qapi_type_visit(v, NULL, cmd->arg_type, arg, errp);
}

JsonNode *qmp_to_json(const QapiType *type, void *slot, Error **errp)
{
    g_autoptr(Visitor) v = NULL;
    JsonNode *node = NULL;

    v = json_output_visitor_new(&node);
    if (!qapi_type_visit(v, NULL, type, slot, errp)) {
        return NULL;
    }
    visit_complete(v, &node);
    return node;
}

static bool visit_result(const QapiCommand *cmd, QapiValue *ret,
                         JsonNode **result, Error **errp)
{
    if (!cmd->ret_type) {
        return true;
    }
    if (cmd->ret_type->kind == QAPI_KIND_ANY) {
        *result = g_steal_pointer(&ret->pointer);
    } else {
        *result = qmp_to_json(cmd->ret_type, ret, errp);
    }
    return *result != NULL;
}

static bool run_command(const QapiCommand *cmd, const JsonItem *arguments,
                        JsonNode **result, Error **errp)
{
    void *arg = NULL;
    QapiValue ret = { 0 };
    bool ok;

    ok = visit_arguments(cmd, arguments, &arg, errp) &&
         cmd->run(arg, &ret, errp) &&
         visit_result(cmd, &ret, result, errp);
    if (cmd->ret_type) {
        qapi_type_free(cmd->ret_type, &ret);
    }
    if (cmd->arg_type) {
        qapi_type_free(cmd->arg_type, &arg);
    }
    return ok;
}

static bool execute(QmpSession *s, const QmpRequest *request, GString *out,
                    Error **errp)
{
    const QapiCommand *cmd = find_command(s, request, errp);
    g_autoptr(JsonNode) result = NULL;
    bool ok;

    if (!cmd) {
        return false;
    }
    if (!request->is_oob) {
        qmp_session_note(s, cmd->name);
    }
    ok = run_command(cmd, request->arguments, &result, errp);
    if (!request->is_oob) {
        qmp_session_note(s, NULL);
    }
    if (ok && !(cmd->flags & QCO_NO_SUCCESS_RESP)) {
        qmp_session_reply(s, out, result, request->id);
    }
    return ok;
}

void qmp_dispatch(QmpSession *s, const JsonItem *input, GString *out)
{
    QmpRequest request = { .allows_oob = qmp_session_has_oob(s) };
    g_autoptr(Error) err = NULL;

    if (!parse_request(&request, input, &err) ||
        !execute(s, &request, out, &err)) {
        qmp_session_reply_error(s, out, err, request.id);
    }
}
