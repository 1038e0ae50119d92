/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qom call: executes any command of the target.
 *
 * Arguments on the command line are text.  The schema of the target says which
 * types they have; a target without introspection gets JSON where the text is
 * JSON.  Arguments that are JSON already are sent as they are.
 *
 * The arguments of device_add are those of the device; see device-add.c.
 */
#include "qapi/json/json.h"
#include "qapi/suggestion.h"
#include "qapi/visitor/keyval.h"
#include "tools/device-add.h"
#include "tools/output.h"
#include "tools/target-info.h"
#include "tools/target.h"
#include "tools/verb-functions.h"

#include <string.h>

/* Returns (transfer full) the words as keyval. */
static Keyval *parse_words(char **words, guint n, Error **errp)
{
    g_autoptr(GString) params = g_string_new(NULL);

    for (guint i = 0; i < n; i++) {
        if (!strchr(words[i], '=')) {
            error_setg(errp, "'%s' is not of the form ARG=VALUE", words[i]);
            return NULL;
        }
        /* Each word is one argument, so a comma belongs to its value. */
        g_string_append(params, i ? "," : "");
        for (const char *c = words[i]; *c; c++) {
            g_string_append(params, *c == ',' ? "," : "");
            g_string_append_c(params, *c);
        }
    }
    return keyval_parse_entries(params->str, NULL, NULL, errp);
}

/* Appends a command of the target that a misspelt one may mean to the hint. */
static void suggest_command(const char *command, Error **errp)
{
    ERRP_GUARD();
    const GPtrArray *names = NULL;
    Suggestion near;

    if (error_get_class(*errp) != ERROR_CLASS_COMMAND_NOT_FOUND ||
        error_get_hint(*errp)) {
        return;
    }
    names = target_commands(NULL);
    suggestion_init(&near, command);
    for (guint i = 0; names && i < names->len; i++) {
        suggestion_offer(&near, names->pdata[i]);
    }
    suggestion_append_hint(&near, errp);
}

/* Returns (transfer full) the object of arguments that the words describe. */
static JsonNode *arguments_of(const char *command, const Keyval *given,
                              Error **errp)
{
    const QapiInfo *info;

    if (!target_info(&info, errp)) {
        return NULL;
    }
    if (info && !qapi_info_has(info, "command", command)) {
        error_set(errp, ERROR_CLASS_COMMAND_NOT_FOUND,
                  "The command %s has not been found", command);
        return NULL;
    }
    return info && !strcmp(command, "device_add")
               ? device_add_parse(info, given, errp)
               : qapi_info_parse_arguments(info, command, given, errp);
}

/*
 * Prints a result.  An empty object is what commands without a result return,
 * so text has nothing for it; values with parts are made readable.
 */
static int output_result(const Args *args, JsonNode *result)
{
    g_autoptr(GString) text = g_string_new(NULL);

    if (args->json) {
        return output_json(result);
    }
    if (JSON_NODE_HOLDS_OBJECT(result) &&
        !json_object_get_size(json_node_get_object(result))) {
        return EXIT_DONE;
    }
    if (!JSON_NODE_HOLDS_OBJECT(result) && !JSON_NODE_HOLDS_ARRAY(result)) {
        return output_value(result);
    }
    json_write(text, result, true);
    g_string_append_c(text, '\n');
    return output_foreign_text(text->str);
}

/*
 * Wrong arguments that are found without the target are wrong usage; all other
 * errors depend on the target.
 */
int action_call(void *opaque)
{
    const Args *args = opaque;
    char **words = (char **)args->base.rest->pdata;
    const char *command = words[0];
    guint n = args->base.n_rest - 1;
    g_autoptr(Keyval) given = NULL;
    g_autoptr(JsonNode) arguments = NULL;
    g_autoptr(JsonNode) result = NULL;
    Error *err = NULL;

    if (n == 1 && words[1][0] == '{') {
        arguments = json_parse(words[1], -1, &err);
    } else if (n) {
        given = parse_words(words + 1, n, &err);
    }
    if (err) {
        return tool_usage_error("call", err);
    }
    if (given) {
        arguments = arguments_of(command, given, &err);
    }
    if (!err && target_is_there() && !target_answers(command)) {
        if (target_call_silent(command, arguments, &err)) {
            return EXIT_DONE;
        }
    }
    result = err ? NULL : target_call(command, arguments, &err);
    if (!result) {
        target_refuse("call", &err);
        suggest_command(command, &err);
        output_error(NULL, err);
        return EXIT_FAILED;
    }
    return output_result(args, result);
}
