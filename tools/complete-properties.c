/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Words of properties: their names and values, and the parts of -object.
 *
 * The program describes the type of an object, and with it the values of
 * enumerations.  Where it does not, its schema has the values that object-add
 * accepts.
 */
#include "tools/complete-internal.h"

#include "qapi/json/json.h"
#include "tools/reply.h"
#include "tools/target-info.h"
#include "tools/target.h"

#include <string.h>

/* ---- Values of properties ---- */

/*
 * Returns (transfer full) the members that object-add has for a type, an array
 * of QapiInfoMember; NULL if the target has no schema.
 */
static GArray *object_add_members(const char *type, const QapiInfo **info)
{
    g_autoptr(JsonObject) values = json_object_new();

    if (!target_info(info, NULL) || !*info ||
        !qapi_info_has(*info, "command", "object-add")) {
        return NULL;
    }
    json_object_set_string_member(values, "qom-type", type);
    return qapi_info_members(
        *info, qapi_info_argument_type(*info, "object-add"), values);
}

/* Offers the values that object-add accepts for a property. */
static void add_schema_values(const char *type, const char *property,
                              const char *head, Completions *out)
{
    const QapiInfo *info;
    g_autoptr(GArray) members = object_add_members(type, &info);

    for (guint i = 0; members && i < members->len; i++) {
        const QapiInfoMember *member =
            &g_array_index(members, QapiInfoMember, i);

        if (!strcmp(member->name, property)) {
            g_autoptr(GPtrArray) words = qapi_info_values(info, member->type);

            completions_add_words(words, head, out);
        }
    }
}

/*
 * Offers the values of a property: those of an enumeration as the program
 * describes the type, or else as its schema does.
 */
void completions_add_values(const CompletionLine *line, const char *type,
                       const char *property, const char *head, Completions *out)
{
    g_autoptr(JsonNode) list =
        completion_ask("qom-describe-type", "typename", type);
    JsonObject *row = reply_find(list, property);
    const char *of = row ? reply_text(row, "type") : NULL;
    JsonNode *values = row ? json_object_get_member(row, "values") : NULL;

    if (values) {
        for (guint i = 0; i < reply_length(values); i++) {
            completions_add_after(
                out, head,
                json_array_get_string_element(json_node_get_array(values), i),
                NULL);
        }
    } else if (!g_strcmp0(of, "bool")) {
        completions_add_after(out, head, "on", NULL);
        completions_add_after(out, head, "off", NULL);
    } else if (of && g_str_has_prefix(of, "link<")) {
        completions_add_paths(head, out);
        completions_add_given_ids(line, head, out);
    } else {
        add_schema_values(type, property, head, out);
    }
}

/* Offers the values of the property of an object. */
static void add_object_values(const CompletionLine *line, const char *path,
                              const char *property, Completions *out)
{
    g_autofree char *given = completion_given_object(line, path, NULL, NULL);
    g_autoptr(JsonNode) type =
        target_execute("qom-get", NULL, "path", json_text_new(path), "property",
                       json_text_new("type"), NULL);

    if (type && json_qtype(type) == QTYPE_QSTRING) {
        completions_add_values(line, json_node_get_string(type), property, "",
                               out);
    } else if (given) {
        completions_add_values(line, given, property, "", out);
    }
}

/* VALUE after PATH PROPERTY */
void complete_value(const CompletionLine *line, Completions *out)
{
    guint n = line->rest->len;

    if (n >= 2) {
        add_object_values(line, line->rest->pdata[n - 2],
                          line->rest->pdata[n - 1], out);
    }
}

/* PROPERTY after PATH; or VALUE, if that was PATH.PROPERTY */
void complete_property(const CompletionLine *line, Completions *out)
{
    const char *path = line->rest->pdata[line->rest->len - 1];
    const char *dot = strrchr(path, '.');
    g_autofree char *given = completion_given_object(line, path, NULL, NULL);

    if (given) {
        g_autoptr(JsonNode) list =
            completion_ask("qom-describe-type", "typename", given);

        for (guint i = 0; i < reply_length(list); i++) {
            g_autofree char *doc = completion_describe(reply_element(list, i));

            completions_add(out, reply_text(reply_element(list, i), "name"),
                            doc);
        }
    } else if (!completions_add_properties(path, "", out) && dot) {
        g_autofree char *before = g_strndup(path, dot - path);

        add_object_values(line, before, dot + 1, out);
    }
}

/* ---- -object ---- */

/* Returns true if "NAME=" is in the text of an object. */
static bool is_given(const char *text, const char *name)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);

    for (char **part = parts; *part; part++) {
        size_t len = strlen(name);

        if (!strncmp(*part, name, len) && (*part)[len] == '=') {
            return true;
        }
    }
    return false;
}

/* Offers "NAME=" for what the schema says about a type. */
static void add_schema_options(const char *type, const char *head,
                               Completions *out)
{
    const QapiInfo *info;
    g_autoptr(GArray) members = object_add_members(type, &info);

    for (guint i = 0; members && i < members->len; i++) {
        const char *name = g_array_index(members, QapiInfoMember, i).name;
        g_autofree char *word = g_strconcat(name, "=", NULL);

        if (strcmp(name, "qom-type") && strcmp(name, "id") &&
            !is_given(head, name)) {
            completions_add_after(out, head, word, NULL);
        }
    }
}

/* Offers "NAME=" for what an object of the type can be created with. */
static void add_options(const char *type, const char *head, Completions *out)
{
    g_autoptr(JsonNode) list =
        completion_ask("qom-describe-type", "typename", type);

    if (!is_given(head, "id")) {
        completions_add_after(out, head, "id=", "name of the new object");
    }
    if (!list) {
        add_schema_options(type, head, out);
    }
    for (guint i = 0; i < reply_length(list); i++) {
        JsonObject *row = reply_element(list, i);
        const char *name = reply_text(row, "name");
        g_autofree char *word = g_strconcat(name, "=", NULL);
        g_autofree char *doc = completion_describe(row);

        /* Programs other than ours do not say what can be set. */
        if (g_strcmp0(reply_text(row, "set"), "never") &&
            strcmp(name, "type") && !reply_is_child(row) &&
            !is_given(head, name)) {
            completions_add_after(out, head, word, doc);
        }
    }
}

/*
 * The next part of "TYPE,id=ID,PROPERTY=VALUE".  The text of an option with a
 * prefix begins after the type.
 */
void complete_object(const CompletionLine *line, Completions *out)
{
    const char *prefix = line->option ? line->option->prefix : NULL;
    const char *comma = strrchr(out->text, ',');
    const char *part = comma ? comma + 1 : out->text;
    const char *equals = strchr(part, '=');
    g_autofree char *head = NULL;
    g_autofree char *type = NULL;

    /* The same as JSON; its parts have no fixed order. */
    if (out->text[0] == '{') {
        return;
    }
    if (!comma && !prefix) {
        completions_add_types("user-creatable", "", ",", out);
        return;
    }
    type = prefix ? g_strndup(prefix, strcspn(prefix, ","))
                  : g_strndup(out->text, strcspn(out->text, ","));
    head = g_strndup(out->text, (equals ? equals + 1 : part) - out->text);
    if (equals) {
        g_autofree char *name = g_strndup(part, equals - part);

        completions_add_values(line, type, name, head, out);
    } else {
        add_options(type, head, out);
    }
}
