/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the target of a verb has.
 *
 * Replies are kept until the target changes.  They are read by hand and not
 * against this program's schema, because the guest agent has other commands
 * with other results.
 */
#include "tools/target-info.h"
#include "qapi/json/json.h"
#include "tools/target.h"

#include <string.h>

static unsigned number;     /* of the target that the rest is about */
static QapiInfo *info;      /* (nullable) owned */
static bool has_no_info;    /* the target lacks query-qmp-schema */
static GPtrArray *commands; /* (nullable) of char *, owned */

/* Forgets what another target has said. */
static void check_number(void)
{
    if (number != target_number()) {
        g_clear_pointer(&info, qapi_info_free);
        g_clear_pointer(&commands, g_ptr_array_unref);
        has_no_info = false;
        number = target_number();
    }
}

/* Returns (borrowed) a member; NULL if there is none or @node is no object. */
static JsonNode *member_of(JsonNode *node, const char *name)
{
    return node && JSON_NODE_HOLDS_OBJECT(node)
               ? json_object_get_member(json_node_get_object(node), name)
               : NULL;
}

static const char *text_of(JsonNode *node)
{
    return node && json_qtype(node) == QTYPE_QSTRING
               ? json_node_get_string(node)
               : NULL;
}

/* ---- Version ---- */

/* Appends "MAJOR.MINOR.MICRO" and the package of query-version. */
static void append_version(GString *out, JsonNode *reply)
{
    static const char *const names[] = { "major", "minor", "micro" };
    const char *package = text_of(member_of(reply, "package"));
    int64_t n;

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        JsonNode *level = member_of(member_of(reply, "qemu"), names[i]);

        if (level && json_number_get_int64(level, &n)) {
            g_string_append_printf(out, "%s%" G_GINT64_FORMAT, i ? "." : "",
                                   n);
        }
    }
    if (package && *package) {
        g_string_append_printf(out, "%s%s", out->len ? ", " : "", package);
    }
}

/* Returns (transfer full) the target's name, and its version if it has one. */
char *target_describe(void)
{
    g_autoptr(GString) version = g_string_new(NULL);
    g_autoptr(JsonNode) reply =
        target_call("query-version", NULL, NULL);

    if (reply) {
        append_version(version, reply);
    } else if (target_is_there()) {
        reply = target_call("guest-info", NULL, NULL);
        if (text_of(member_of(reply, "version"))) {
            g_string_append_printf(version, "guest agent %s",
                                   text_of(member_of(reply, "version")));
        }
    }
    if (!target_client()) {
        return g_strdup(target_name());
    }
    return version->len ? g_strdup_printf("'%s' (%s)", target_name(),
                                          version->str)
                        : g_strdup_printf("'%s'", target_name());
}

/*
 * ---- Commands ----
 * A command that a program has disabled counts as lacking, because its error
 * has the same class.
 */

bool target_lacks(Error **err)
{
    if (!*err || error_get_class(*err) != ERROR_CLASS_COMMAND_NOT_FOUND) {
        return false;
    }
    g_clear_pointer(err, error_free);
    return true;
}

void target_refuse(const char *verb, Error **errp)
{
    g_autofree char *target = NULL;

    if (error_get_class(*errp) == ERROR_CLASS_COMMAND_NOT_FOUND) {
        target = target_describe();
        error_prepend(errp, "%s cannot do '%s': ", target, verb);
    }
}

/* Adds the names of a list of objects; others are ignored. */
static void add_names(GPtrArray *names, JsonNode *list)
{
    JsonArray *array = list && JSON_NODE_HOLDS_ARRAY(list)
                           ? json_node_get_array(list)
                           : NULL;

    for (guint i = 0; array && i < json_array_get_length(array); i++) {
        JsonNode *element = json_array_get_element(array, i);
        const char *name = text_of(member_of(element, "name"));

        if (name) {
            g_ptr_array_add(names, g_strdup(name));
        }
    }
}

static int compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const GPtrArray *target_commands(Error **errp)
{
    g_autoptr(JsonNode) reply = NULL;
    JsonNode *list = NULL;
    Error *err = NULL;

    check_number();
    if (commands) {
        return commands;
    }
    list = reply = target_call("query-commands", NULL, &err);
    if (target_lacks(&err)) {
        reply = target_call("guest-info", NULL, &err);
        list = member_of(reply, "supported_commands");
    }
    if (err) {
        error_propagate(errp, err);
        return NULL;
    }
    commands = g_ptr_array_new_with_free_func(g_free);
    add_names(commands, list);
    g_ptr_array_sort(commands, compare_names);
    return commands;
}

bool target_answers(const char *command)
{
    g_autoptr(JsonNode) reply = NULL;
    JsonNode *list;

    /* Servers that send a greeting answer every command. */
    if (!target_client() || qmp_client_get_greeting(target_client())) {
        return true;
    }
    reply = target_call("guest-info", NULL, NULL);
    list = member_of(reply, "supported_commands");
    for (guint i = 0; list && JSON_NODE_HOLDS_ARRAY(list) &&
                      i < json_array_get_length(json_node_get_array(list));
         i++) {
        JsonNode *element =
            json_array_get_element(json_node_get_array(list), i);
        JsonNode *answers = member_of(element, "success-response");

        if (!g_strcmp0(text_of(member_of(element, "name")), command)) {
            return !answers || json_qtype(answers) != QTYPE_QBOOL ||
                   json_node_get_boolean(answers);
        }
    }
    return true;
}

/*
 * ---- Schema ----
 * It is the largest reply of a program (200 KiB in QEMU), so a verb asks for it
 * only when it needs types.
 */

bool target_info(const QapiInfo **result, Error **errp)
{
    g_autoptr(JsonNode) reply = NULL;
    Error *err = NULL;

    check_number();
    if (!info && !has_no_info) {
        reply = target_call("query-qmp-schema", NULL, &err);
        if (reply) {
            info = qapi_info_new(target_name(), reply, &err);
        }
        has_no_info = target_lacks(&err);
    }
    error_propagate(errp, err);
    *result = info;
    return info || has_no_info;
}
