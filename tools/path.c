/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Paths on the command line.
 *
 * If a path names no object or several, QMP commands fail with the texts of
 * QEMU, which differ from command to command.  path_explain() replaces them, so
 * that all verbs print the same message.
 */
#include "tools/path.h"
#include "qapi/json/json.h"
#include "qapi/suggestion.h"
#include "tools/output.h"
#include "tools/target.h"

#include <string.h>

bool property_path_init(PropertyPath *where, const Args *args, guint n_after,
                        const char *verb)
{
    const char *first = args->base.rest->pdata[0];
    const char *dot = strrchr(first, '.');
    Error *err = NULL;

    /* An id may contain dots, so two arguments are never split. */
    if (args->base.n_rest > n_after + 1) {
        where->path = g_strdup(first);
        where->property = g_strdup(args->base.rest->pdata[1]);
    } else if (dot) {
        where->path = g_strndup(first, dot - first);
        where->property = g_strdup(dot + 1);
    } else {
        error_setg(&err, "'%s' names no property; see 'qom %s -help'", first,
                   verb);
        tool_usage_error(verb, err);
        return false;
    }
    return true;
}

void property_path_clear(PropertyPath *where)
{
    g_clear_pointer(&where->path, g_free);
    g_clear_pointer(&where->property, g_free);
}

/* Returns true if the error's text is @format with @path in place of %s. */
static bool says(const Error *err, const char *format, const char *path)
{
    g_auto(GStrv) parts = g_strsplit(format, "%s", 2);
    g_autofree char *text = g_strconcat(parts[0], path, parts[1], NULL);

    return !strcmp(error_get_pretty(err), text);
}

void path_explain(const char *path, Error **errp)
{
    const char *format = NULL;

    if (says(*errp, "Device '%s' not found", path)) {
        format = "object '%s' not found";
    } else if (says(*errp, "Device '%s' not found: the path is ambiguous",
                    path) ||
               says(*errp, "Path '%s' is ambiguous", path)) {
        format = "path '%s' matches more than one object";
    }
    if (format) {
        g_auto(GStrv) parts = g_strsplit(format, "%s", 2);

        g_clear_pointer(errp, error_free);
        error_setg(errp, "%s%s%s", parts[0], path, parts[1]);
    }
}

/* ---- Suggestions ---- */

/*
 * Appends a suggestion to the hint: an element of the list that a command
 * returns.  Without a reply there is none.
 */
static void suggest(const char *name, const char *command,
                    const char *argument, JsonNode *value, Error **errp)
{
    ERRP_GUARD();
    g_autoptr(JsonNode) list =
        target_execute(command, NULL, argument, value, NULL);
    JsonArray *array = list ? json_node_get_array(list) : NULL;
    Suggestion suggestion;

    suggestion_init(&suggestion, name);
    for (guint i = 0; array && i < json_array_get_length(array); i++) {
        JsonObject *row = json_array_get_object_element(array, i);

        suggestion_offer(&suggestion,
                         json_object_get_string_member(row, "name"));
    }
    suggestion_append_hint(&suggestion, errp);
}

void property_explain(const PropertyPath *where, Error **errp)
{
    g_autofree char *end = g_strdup_printf(".%s' not found", where->property);

    path_explain(where->path, errp);
    if (!error_get_hint(*errp) &&
        g_str_has_suffix(error_get_pretty(*errp), end)) {
        suggest(where->property, "qom-list", "path",
                json_text_new(where->path), errp);
    }
}

/* Another class of error is about another thing, such as the connection. */
void type_explain(const char *type, Error **errp)
{
    Error *old = *errp;

    if (error_get_class(old) != ERROR_CLASS_DEVICE_NOT_FOUND) {
        return;
    }
    *errp = NULL;
    error_setg(errp, "type '%s' not found", type);
    if (error_get_hint(old)) {
        error_append_hint(errp, "%s", error_get_hint(old));
    } else {
        suggest(type, "qom-list-types", "abstract",
                json_node_init_boolean(json_node_alloc(), true), errp);
    }
    error_free(old);
}
