/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The execution of a command: the arguments are visited into their C form, the
 * command runs, and its result becomes JSON.
 */
#include "qapi/qapi-command.h"

#include "qapi/visitor/json-visitor.h"

/* Rejects all arguments, for a command that has none. */
static bool refuse_arguments(Visitor *v, Error **errp)
{
    bool ok;

    if (!visit_start_struct(v, NULL, NULL, 0, errp)) {
        return false;
    }
    ok = visit_check_struct(v, errp);
    visit_end_struct(v, NULL);
    return ok;
}

/* Creates JSON from the result in @ret, or takes it if it is a node already. */
static bool visit_result(const QapiCommand *cmd, QapiValue *ret,
                         JsonNode **result, Error **errp)
{
    if (!cmd->ret_type) {
        return true;
    }
    if (cmd->ret_type->kind == QAPI_KIND_ANY) {
        *result = g_steal_pointer(&ret->pointer);
    } else {
        *result = qapi_type_to_json(cmd->ret_type, ret, errp);
    }
    return *result != NULL;
}

bool qapi_command_execute(const QapiCommand *cmd, Visitor *arguments,
                          JsonNode **result, Error **errp)
{
    void *arg = NULL;
    QapiValue ret = { 0 };
    bool ok;

    *result = NULL;
    ok = (cmd->arg_type
          ? qapi_type_visit(arguments, NULL, cmd->arg_type, &arg, errp)
          : refuse_arguments(arguments, errp)) &&
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
