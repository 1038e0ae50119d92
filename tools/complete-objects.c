/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Words that name objects and types: paths, ids, properties and types.
 *
 * Given object   one that an option of the line creates.  It exists only when
 *                the line is executed, because completion creates no objects
 */
#include "tools/complete-internal.h"

#include "qapi/json/json.h"
#include "tools/reply.h"
#include "tools/target-info.h"
#include "tools/target.h"

#include <string.h>

/* Returns (transfer full) the list that a command returns; NULL on failure. */
JsonNode *completion_ask(const char *command, const char *argument,
                         const char *value)
{
    JsonNode *list = target_execute(command, NULL, argument,
                                    value ? json_text_new(value) : NULL, NULL);

    if (list && !JSON_NODE_HOLDS_ARRAY(list)) {
        g_clear_pointer(&list, json_node_unref);
    }
    return list;
}

/* ---- Objects of the line ---- */

/* Returns (transfer full) the id in the text of an object; NULL if none. */
static char *id_of_text(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);

    for (char **part = parts; *part; part++) {
        if (g_str_has_prefix(*part, "id=")) {
            return g_strdup(*part + strlen("id="));
        }
    }
    return NULL;
}

/*
 * Returns (transfer full) the type of the object with an id; NULL if there is
 * none.  @id: NULL to offer all ids, each after @head
 */
char *completion_given_object(const CompletionLine *line, const char *id,
                              const char *head, Completions *out)
{
    for (guint i = 0; i < line->options->len; i++) {
        const GivenOption *given =
            &g_array_index(line->options, GivenOption, i);
        const char *prefix = given->option->prefix;
        g_autofree char *own = NULL;

        if (g_strcmp0(given->option->value, "OPTS")) {
            continue;
        }
        own = id_of_text(given->value);
        if (own && !id) {
            completions_add_after(out, head, own, NULL);
        } else if (own && !strcmp(own, id)) {
            const char *text = prefix ? prefix : given->value;

            return g_strndup(text, strcspn(text, ","));
        }
    }
    return NULL;
}

/* Offers the ids of the options -object, -device and -iothread. */
void completions_add_given_ids(const CompletionLine *line, const char *head,
                               Completions *out)
{
    completion_given_object(line, NULL, head, out);
}

/* Offers all words of an array, each after @head. */
void completions_add_words(const GPtrArray *words, const char *head,
                           Completions *out)
{
    for (guint i = 0; i < words->len; i++) {
        completions_add_after(out, head, words->pdata[i], NULL);
    }
}

/* ---- Objects ---- */

/* Offers the children of the object at @path, each after @head. */
void completions_add_children(const char *path, const char *head,
                              Completions *out)
{
    g_autoptr(JsonNode) list = completion_ask("qom-list", "path", path);

    for (guint i = 0; i < reply_length(list); i++) {
        JsonObject *property = reply_element(list, i);

        if (reply_is_child(property)) {
            completions_add_after(out, head, reply_text(property, "name"),
                                  reply_text(property, "type"));
        }
    }
}

/* Appends @before and the JSON value of a member, if there is one. */
static void append_member(GString *out, const char *before, JsonObject *row,
                          const char *name)
{
    JsonNode *node = json_object_get_member(row, name);

    if (node) {
        g_string_append(out, before);
        json_write(out, node, false);
    }
}

/*
 * Returns (transfer full) what is known about a property, on a line: "int
 * 0..63, default 3: weight of the latest wait"
 */
char *completion_describe(JsonObject *row)
{
    GString *out = g_string_new(reply_text(row, "type"));
    const char *unit = reply_text(row, "unit");
    const char *doc = reply_text(row, "description");

    append_member(out, " ", row, "min");
    if (json_object_has_member(row, "min") ||
        json_object_has_member(row, "max")) {
        g_string_append(out, json_object_has_member(row, "min") ? "" : " ");
        append_member(out, "..", row, "max");
        g_string_append(out, json_object_has_member(row, "max") ? "" : "..");
    }
    g_string_append_printf(out, "%s%s", unit ? " " : "", unit ? unit : "");
    append_member(out, ", default ", row, "default");
    g_string_append_printf(out, "%s%s", doc ? ": " : "", doc ? doc : "");
    return g_string_free(out, FALSE);
}

/* Returns (transfer full) the properties of an object's type; or NULL. */
static JsonNode *describe_type_of(const char *path)
{
    g_autoptr(JsonNode) type =
        target_execute("qom-get", NULL, "path", json_text_new(path), "property",
                       json_text_new("type"), NULL);

    return type && json_qtype(type) == QTYPE_QSTRING
               ? completion_ask("qom-describe-type", "typename",
                                json_node_get_string(type))
               : NULL;
}

/*
 * Offers the properties of the object at @path that are no children.  The list
 * has those of the object itself, its type knows more about the others.
 */
bool completions_add_properties(const char *path, const char *head,
                                Completions *out)
{
    g_autoptr(JsonNode) list = completion_ask("qom-list", "path", path);
    g_autoptr(JsonNode) rows = list ? describe_type_of(path) : NULL;

    for (guint i = 0; i < reply_length(list); i++) {
        JsonObject *property = reply_element(list, i);
        JsonObject *row = reply_find(rows, reply_text(property, "name"));
        g_autofree char *doc = completion_describe(row ? row : property);

        if (!reply_is_child(property)) {
            completions_add_after(out, head, reply_text(property, "name"), doc);
        }
    }
    return list;
}

/* Returns true if the object at a path has children. */
static bool has_children(const char *path)
{
    g_autoptr(JsonNode) list = completion_ask("qom-list", "path", path);

    for (guint i = 0; i < reply_length(list); i++) {
        if (reply_is_child(reply_element(list, i))) {
            return true;
        }
    }
    return false;
}

/*
 * Offers the children of an object, each after @head.  If only one suits and
 * has children of its own, its path with '/' is offered, too: the path may end
 * or continue there, so the word is not complete.
 * @start: where the path begins in a word
 */
static void add_paths_below(const char *parent, size_t start, const char *head,
                            Completions *out)
{
    guint n = out->words->len;
    g_autofree char *only = NULL;

    completions_add_children(parent, head, out);
    if (out->words->len == n + 1) {
        const char *line = out->words->pdata[n];

        only = g_strndup(line, strcspn(line, "\t"));
        if (has_children(only + start)) {
            completions_add_after(out, only, "/", NULL);
        }
    }
}

/*
 * Offers the children of the object before the last '/', or those of /objects.
 * @head: what stands before the path in the word
 */
void completions_add_paths(const char *head, Completions *out)
{
    size_t start = strlen(head);
    const char *path = out->text + start;
    const char *slash = strrchr(path, '/');
    g_autofree char *parent = NULL;
    g_autofree char *whole = NULL;

    if (!slash) {
        add_paths_below("/objects", start, head, out);
        completions_add_after(out, head, "/", NULL);
        return;
    }
    parent = slash == path ? g_strdup("/") : g_strndup(path, slash - path);
    whole = g_strndup(out->text, slash + 1 - out->text);
    add_paths_below(parent, start, whole, out);
}

/* Any event that the program can send */
static void add_events(Completions *out)
{
    const QapiInfo *info;

    if (target_info(&info, NULL) && info) {
        g_autoptr(GPtrArray) names = qapi_info_names(info, "event");

        completions_add_words(names, "", out);
    }
}

/* PATH, or PATH.PROPERTY where the verb takes it; events for watch -events */
void complete_path(const CompletionLine *line, Completions *out)
{
    const char *dot = strrchr(out->text, '.');
    g_autofree char *path = NULL;
    g_autofree char *head = NULL;

    if (completion_option(line, "events", 0)) {
        add_events(out);
        return;
    }
    completions_add_paths("", out);
    completions_add_given_ids(line, "", out);
    if (dot && strstr(line->verb->args, "PATH.PROPERTY")) {
        path = g_strndup(out->text, dot - out->text);
        head = g_strndup(out->text, dot + 1 - out->text);
        completions_add_properties(path, head, out);
    }
}

/* ID: an object that can be deleted is a child of /objects. */
void complete_id(const CompletionLine *line, Completions *out)
{
    completions_add_children("/objects", "", out);
    completions_add_given_ids(line, "", out);
}

/* ---- Types ---- */

/* @implements: (nullable) the interface of the types; NULL offers all types */
void completions_add_types(const char *implements, const char *head,
                           const char *tail, Completions *out)
{
    JsonNode *abstract = json_node_init_boolean(json_node_alloc(), !implements);
    g_autoptr(JsonNode) list =
        target_execute("qom-list-types", NULL, "implements",
                       implements ? json_text_new(implements) : NULL,
                       "abstract", abstract, NULL);

    for (guint i = 0; i < reply_length(list); i++) {
        g_autofree char *word =
            g_strconcat(reply_text(reply_element(list, i), "name"), tail, NULL);

        completions_add_after(out, head, word, NULL);
    }
}

/* TYPE: also abstract ones, which can be described and filtered by */
void complete_type(const CompletionLine *line, Completions *out)
{
    completions_add_types(NULL, "", "", out);
}
