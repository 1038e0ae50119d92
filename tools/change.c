/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verbs that change objects, and `config`, which prints all of them.
 *
 * set, add, del   change one object with one QMP command each.
 * apply           changes all objects to what a file says.  The command
 *                 object-apply computes a *plan*, a list of steps, and returns
 *                 it; with -dry-run it does nothing else.
 * config          is the inverse of apply: it prints a file that apply reads.
 */
#include "qapi/json/json.h"
#include "service/config-file.h"
#include "tools/output.h"
#include "util/safe-text.h"
#include "tools/path.h"
#include "tools/target-info.h"
#include "tools/target.h"
#include "tools/verb-functions.h"

#include <string.h>

/*
 * Ends a command of a verb whose result is of no interest.  @result is
 * consumed; if it is NULL, @err is printed and consumed.
 */
static int finish(const char *verb, JsonNode *result, Error *err)
{
    if (!result) {
        target_refuse(verb, &err);
        output_error(NULL, err);
        return EXIT_FAILED;
    }
    json_node_unref(result);
    return EXIT_DONE;
}

/* ---- One object ---- */

int action_set(void *opaque)
{
    const Args *args = opaque;
    const char *text = args->base.rest->pdata[args->base.n_rest - 1];
    g_auto(PropertyPath) where = { NULL };
    JsonNode *value = NULL;
    JsonNode *result = NULL;
    Error *err = NULL;

    if (!property_path_init(&where, args, 1, "set")) {
        return EXIT_USAGE;
    }
    if (args->json) {
        value = json_parse(text, -1, &err);
    }
    /* Only the program knows the property's type, so it parses plain text. */
    if (!err) {
        result = target_execute(
            args->json ? "qom-set" : "qom-set-text", &err, "path",
            json_text_new(where.path), "property",
            json_text_new(where.property), args->json ? "value" : "text",
            value ? value : json_text_new(text), NULL);
    }
    if (err) {
        property_explain(&where, &err);
    }
    return finish("set", result, err);
}

int action_add(void *opaque)
{
    const Args *args = opaque;
    Error *err = NULL;
    /* QEMU's object-add takes JSON alone; this one parses as -object does. */
    JsonNode *result = target_execute(
        "object-add-text", &err, "options",
        json_text_new(args->base.rest->pdata[0]), NULL);

    return finish("add", result, err);
}

int action_del(void *opaque)
{
    const Args *args = opaque;
    int status = EXIT_DONE;

    /* Objects before the first failure stay deleted, as with rm(1). */
    for (guint i = 0; status == EXIT_DONE && i < args->base.n_rest; i++) {
        const char *id = args->base.rest->pdata[i];
        Error *err = NULL;
        JsonNode *result;

        if (g_str_has_prefix(id, "/objects/")) {
            id += strlen("/objects/");
        }
        result = target_execute("object-del", &err, "id", json_text_new(id),
                                NULL);
        status = finish("del", result, err);
    }
    return status;
}

/* ---- All objects ---- */

/* How text shows the steps of a plan; the actions are the schema's. */
static const struct {
    const char *action;
    const char *sign;
    Paint paint;
} signs[] = {
    { "add", "+", PAINT_GOOD },
    { "delete", "-", PAINT_BAD },
    { "change", "~", PAINT_NEWS },
};

/* Appends a blank and a word that comes from the program or the file. */
static void append_word(GString *out, const char *word)
{
    g_string_append_c(out, ' ');
    safe_text_append(out, word, "");
}

/* Appends a step as a line: "+ iothread io0 poll-max-ns=4096" */
static void append_step(GString *out, JsonObject *step)
{
    const char *action = json_object_get_string_member(step, "action");
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;

    for (size_t i = 0; i < G_N_ELEMENTS(signs); i++) {
        if (!strcmp(signs[i].action, action)) {
            output_paint(out, signs[i].paint, signs[i].sign);
        }
    }
    append_word(out, json_object_get_string_member(step, "qom-type"));
    append_word(out, json_object_get_string_member(step, "id"));
    if (json_object_has_member(step, "properties")) {
        json_object_iter_init_ordered(
            &iter, json_object_get_object_member(step, "properties"));
        while (json_object_iter_next_ordered(&iter, &name, &value)) {
            append_word(out, name);
            g_string_append_c(out, '=');
            json_write(out, value, false);
        }
    }
    g_string_append_c(out, '\n');
}

/*
 * Checks that each step's "properties" is an object.  The schema gives the
 * member the type 'any', so the check of the reply has accepted any value.
 */
static bool check_plan(JsonArray *steps, Error **errp)
{
    ERRP_GUARD();

    for (guint i = 0; i < json_array_get_length(steps); i++) {
        JsonObject *step = json_array_get_object_element(steps, i);
        JsonNode *properties = json_object_get_member(step, "properties");

        if (properties && !JSON_NODE_HOLDS_OBJECT(properties)) {
            error_setg(errp, "Invalid parameter type for "
                       "'return[%u].properties', expected: object", i);
            target_bad_reply("object-apply", errp);
            return false;
        }
    }
    return true;
}

/* Prints a plan as text, one line per step. */
static int output_plan(JsonNode *plan)
{
    JsonArray *steps = json_node_get_array(plan);
    g_autoptr(GString) text = g_string_new(NULL);
    Error *err = NULL;

    if (!check_plan(steps, &err)) {
        return finish("apply", NULL, err);
    }
    for (guint i = 0; i < json_array_get_length(steps); i++) {
        append_step(text, json_array_get_object_element(steps, i));
    }
    return output_text(text->str);
}

/* Returns (transfer full) a node for @array, which is referenced. */
static JsonNode *array_node(JsonArray *array)
{
    JsonNode *node = json_node_new(JSON_NODE_ARRAY);

    json_node_set_array(node, array);
    return node;
}

int action_apply(void *opaque)
{
    const Args *args = opaque;
    Error *err = NULL;
    g_autoptr(ConfigFile) config =
        config_file_load(args->base.rest->pdata[0], &err);
    g_autoptr(JsonNode) plan = NULL;

    if (!config) {
        return finish("apply", NULL, err);
    }
    plan = target_execute(
        "object-apply", &err, "objects", array_node(config->objects),
        "dry-run", json_node_init_boolean(json_node_alloc(), args->dry_run),
        NULL);
    if (!plan) {
        /* Other errors are not about a place in the file. */
        if (target_is_there() &&
            error_get_class(err) != ERROR_CLASS_COMMAND_NOT_FOUND) {
            config_file_locate(config, &err);
        }
        return finish("apply", NULL, err);
    }
    return args->json ? output_json(plan) : output_plan(plan);
}

/* Appends objects as a JSON array with one object per line. */
static void append_objects(GString *out, JsonArray *objects)
{
    g_string_append(out, "[");
    for (guint i = 0; i < json_array_get_length(objects); i++) {
        g_string_append(out, i ? ",\n        " : "\n        ");
        json_write(out, json_array_get_element(objects, i), false);
    }
    g_string_append(out, json_array_get_length(objects) ? "\n    ]" : "]");
}

int action_config(void *opaque)
{
    const Args *args = opaque;
    Error *err = NULL;
    g_autoptr(JsonNode) objects = target_execute("query-objects", &err, NULL);
    g_autoptr(GString) text = g_string_new(NULL);

    if (!objects) {
        return finish("config", NULL, err);
    }
    if (args->json) {
        return output_json(objects);
    }
    g_string_append(text, "{\n    \"objects\": ");
    append_objects(text, json_node_get_array(objects));
    g_string_append(text, "\n}\n");
    return output_text(text->str);
}
