/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The words of arguments and values of `qom`.
 *
 * Kind      the name of an argument or value in the tables of verbs; each has a
 *           function here
 * Target    where the names of objects, types, commands and values come from:
 *           the program at the socket, or this process with its plugins
 *
 * All names come from replies that target_execute() has checked, or that
 * QapiInfo reads; completions_add() leaves out what a shell would act on.
 */
#include "tools/complete-values.h"
#include "qapi/json/json.h"
#include "qom/plugin.h"
#include "tools/output.h"
#include "tools/reply.h"
#include "tools/target-info.h"
#include "tools/target.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

/* A user who presses the tabulator key does not wait longer. */
#define TIME_LIMIT_S 2

/* ---- Replies ---- */

/* Returns (transfer full) the list that a command returns; NULL on failure. */
static JsonNode *ask(const char *command, const char *argument,
                     const char *value)
{
    JsonNode *list = target_execute(command, NULL, argument,
                                    value ? json_text_new(value) : NULL,
                                    NULL);

    if (list && !JSON_NODE_HOLDS_ARRAY(list)) {
        g_clear_pointer(&list, json_node_unref);
    }
    return list;
}

/*
 * ---- Objects of the line ----
 * They exist only when the line is executed: completion creates none.
 */

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
static char *given_object(const CompletionLine *line, const char *id,
                          const char *head, Completions *out)
{
    for (guint i = 0; i < line->options->len; i++) {
        const GivenOption *given = &g_array_index(line->options, GivenOption,
                                                  i);
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
static void add_given_ids(const CompletionLine *line, const char *head,
                          Completions *out)
{
    given_object(line, NULL, head, out);
}

/* Offers all words of an array, each after @head. */
static void add_words(const GPtrArray *words, const char *head,
                      Completions *out)
{
    for (guint i = 0; i < words->len; i++) {
        completions_add_after(out, head, words->pdata[i], NULL);
    }
}

/* ---- Objects ---- */

/* Offers the children of the object at @path, each after @head. */
static void add_children(const char *path, const char *head, Completions *out)
{
    g_autoptr(JsonNode) list = ask("qom-list", "path", path);

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
static char *describe(JsonObject *row)
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
    g_autoptr(JsonNode) type = target_execute(
        "qom-get", NULL, "path", json_text_new(path), "property",
        json_text_new("type"), NULL);

    return type && json_qtype(type) == QTYPE_QSTRING
               ? ask("qom-describe-type", "typename",
                     json_node_get_string(type))
               : NULL;
}

/*
 * Offers the properties of the object at @path that are no children.  The list
 * has those of the object itself, its type knows more about the others.
 */
static bool add_properties(const char *path, const char *head,
                           Completions *out)
{
    g_autoptr(JsonNode) list = ask("qom-list", "path", path);
    g_autoptr(JsonNode) rows = list ? describe_type_of(path) : NULL;

    for (guint i = 0; i < reply_length(list); i++) {
        JsonObject *property = reply_element(list, i);
        JsonObject *row = reply_find(rows, reply_text(property, "name"));
        g_autofree char *doc = describe(row ? row : property);

        if (!reply_is_child(property)) {
            completions_add_after(out, head, reply_text(property, "name"),
                                  doc);
        }
    }
    return list;
}

/*
 * Offers the children of the object before the last '/', or those of /objects.
 * @head: what stands before the path in the word
 */
static void add_paths(const char *head, Completions *out)
{
    const char *path = out->text + strlen(head);
    const char *slash = strrchr(path, '/');
    g_autofree char *parent = NULL;
    g_autofree char *whole = NULL;

    if (!slash) {
        add_children("/objects", head, out);
        completions_add_after(out, head, "/", NULL);
        return;
    }
    parent = slash == path ? g_strdup("/") : g_strndup(path, slash - path);
    whole = g_strndup(out->text, slash + 1 - out->text);
    add_children(parent, whole, out);
}

/* Any event that the program can send */
static void add_events(Completions *out)
{
    const QapiInfo *info;

    if (target_info(&info, NULL) && info) {
        g_autoptr(GPtrArray) names = qapi_info_names(info, "event");

        add_words(names, "", out);
    }
}

/* PATH, or PATH.PROPERTY where the verb takes it; events for watch -events */
static void complete_path(const CompletionLine *line, Completions *out)
{
    const char *dot = strrchr(out->text, '.');
    g_autofree char *path = NULL;
    g_autofree char *head = NULL;

    if (completion_option(line, "events", 0)) {
        add_events(out);
        return;
    }
    add_paths("", out);
    add_given_ids(line, "", out);
    if (dot && strstr(line->verb->args, "PATH.PROPERTY")) {
        path = g_strndup(out->text, dot - out->text);
        head = g_strndup(out->text, dot + 1 - out->text);
        add_properties(path, head, out);
    }
}

/* ID: an object that can be deleted is a child of /objects. */
static void complete_id(const CompletionLine *line, Completions *out)
{
    add_children("/objects", "", out);
    add_given_ids(line, "", out);
}

/* ---- Types ---- */

/* @implements: (nullable) the interface of the types; NULL offers all types */
static void add_types(const char *implements, const char *head,
                      const char *tail, Completions *out)
{
    JsonNode *abstract = json_node_init_boolean(json_node_alloc(),
                                                !implements);
    g_autoptr(JsonNode) list = target_execute(
        "qom-list-types", NULL, "implements",
        implements ? json_text_new(implements) : NULL, "abstract", abstract,
        NULL);

    for (guint i = 0; i < reply_length(list); i++) {
        g_autofree char *word =
            g_strconcat(reply_text(reply_element(list, i), "name"), tail,
                        NULL);

        completions_add_after(out, head, word, NULL);
    }
}

/* TYPE: also abstract ones, which can be described and filtered by */
static void complete_type(const CompletionLine *line, Completions *out)
{
    add_types(NULL, "", "", out);
}

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
    return qapi_info_members(*info,
                             qapi_info_argument_type(*info, "object-add"),
                             values);
}

/* Offers the values that object-add accepts for a property. */
static void add_schema_values(const char *type, const char *property,
                              const char *head, Completions *out)
{
    const QapiInfo *info;
    g_autoptr(GArray) members = object_add_members(type, &info);

    for (guint i = 0; members && i < members->len; i++) {
        const QapiInfoMember *member = &g_array_index(members, QapiInfoMember,
                                                      i);

        if (!strcmp(member->name, property)) {
            g_autoptr(GPtrArray) words = qapi_info_values(info, member->type);

            add_words(words, head, out);
        }
    }
}

/*
 * Offers the values of a property: those of an enumeration as the program
 * describes the type, or else as its schema does.
 */
static void add_values(const CompletionLine *line, const char *type,
                       const char *property, const char *head,
                       Completions *out)
{
    g_autoptr(JsonNode) list = ask("qom-describe-type", "typename", type);
    JsonObject *row = reply_find(list, property);
    const char *of = row ? reply_text(row, "type") : NULL;
    JsonNode *values = row ? json_object_get_member(row, "values") : NULL;

    if (values) {
        for (guint i = 0; i < reply_length(values); i++) {
            completions_add_after(out, head,
                                  json_array_get_string_element(
                                      json_node_get_array(values), i), NULL);
        }
    } else if (!g_strcmp0(of, "bool")) {
        completions_add_after(out, head, "on", NULL);
        completions_add_after(out, head, "off", NULL);
    } else if (of && g_str_has_prefix(of, "link<")) {
        add_paths(head, out);
        add_given_ids(line, head, out);
    } else {
        add_schema_values(type, property, head, out);
    }
}

/* Offers the values of the property of an object. */
static void add_object_values(const CompletionLine *line, const char *path,
                              const char *property, Completions *out)
{
    g_autofree char *given = given_object(line, path, NULL, NULL);
    g_autoptr(JsonNode) type = target_execute(
        "qom-get", NULL, "path", json_text_new(path), "property",
        json_text_new("type"), NULL);

    if (type && json_qtype(type) == QTYPE_QSTRING) {
        add_values(line, json_node_get_string(type), property, "", out);
    } else if (given) {
        add_values(line, given, property, "", out);
    }
}

/* VALUE after PATH PROPERTY */
static void complete_value(const CompletionLine *line, Completions *out)
{
    guint n = line->rest->len;

    if (n >= 2) {
        add_object_values(line, line->rest->pdata[n - 2],
                          line->rest->pdata[n - 1], out);
    }
}

/* PROPERTY after PATH; or VALUE, if that was PATH.PROPERTY */
static void complete_property(const CompletionLine *line, Completions *out)
{
    const char *path = line->rest->pdata[line->rest->len - 1];
    const char *dot = strrchr(path, '.');
    g_autofree char *given = given_object(line, path, NULL, NULL);

    if (given) {
        g_autoptr(JsonNode) list = ask("qom-describe-type", "typename", given);

        for (guint i = 0; i < reply_length(list); i++) {
            g_autofree char *doc = describe(reply_element(list, i));

            completions_add(out, reply_text(reply_element(list, i), "name"),
                            doc);
        }
    } else if (!add_properties(path, "", out) && dot) {
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
    g_autoptr(JsonNode) list = ask("qom-describe-type", "typename", type);

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
        g_autofree char *doc = describe(row);

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
static void complete_object(const CompletionLine *line, Completions *out)
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
        add_types("user-creatable", "", ",", out);
        return;
    }
    type = prefix ? g_strndup(prefix, strcspn(prefix, ","))
                  : g_strndup(out->text, strcspn(out->text, ","));
    head = g_strndup(out->text, (equals ? equals + 1 : part) - out->text);
    if (equals) {
        g_autofree char *name = g_strndup(part, equals - part);

        add_values(line, type, name, head, out);
    } else {
        add_options(type, head, out);
    }
}

/* ---- Commands ---- */

/* COMMAND: target_commands() also knows those of the guest agent */
static void complete_command(const CompletionLine *line, Completions *out)
{
    const GPtrArray *commands = target_commands(NULL);

    if (commands) {
        add_words(commands, "", out);
    }
}

/* Returns (transfer full) the arguments ARG=VALUE of the line, as an object. */
static JsonObject *given_arguments(const CompletionLine *line)
{
    JsonObject *object = json_object_new();

    for (guint i = 1; i < line->rest->len; i++) {
        const char *word = line->rest->pdata[i];
        const char *equals = strchr(word, '=');

        if (equals) {
            g_autofree char *name = g_strndup(word, equals - word);

            json_object_set_string_member(object, name, equals + 1);
        }
    }
    return object;
}

/* Returns (borrowed) the type of a member; NULL if there is none. */
static const char *type_of_member(const GArray *members, const char *name)
{
    for (guint i = 0; i < members->len; i++) {
        const QapiInfoMember *member = &g_array_index(members, QapiInfoMember,
                                                      i);

        if (!strcmp(member->name, name)) {
            return member->type;
        }
    }
    return NULL;
}

/*
 * Offers the values of an argument.  Strings have no values in the schema, so
 * those of QOM's commands are known by the argument's name.
 */
static void add_argument_values(const CompletionLine *line,
                                const QapiInfo *info, const char *type,
                                const char *name, const char *head,
                                JsonObject *given, Completions *out)
{
    g_autoptr(GPtrArray) words = qapi_info_values(info, type);
    const char *command = line->rest->pdata[0];

    add_words(words, head, out);
    if (words->len || (!g_str_has_prefix(command, "qom-") &&
                       !g_str_has_prefix(command, "object-"))) {
        return;
    }
    if (!strcmp(name, "path")) {
        add_paths(head, out);
    } else if (!strcmp(name, "id")) {
        add_children("/objects", head, out);
    } else if (!strcmp(name, "typename") || !strcmp(name, "implements")) {
        add_types(NULL, head, "", out);
    } else if (!strcmp(name, "property") && reply_text(given, "path")) {
        add_properties(reply_text(given, "path"), head, out);
    }
}

/* Offers "NAME=" for the members of the type that are not given yet. */
static void add_arguments(const QapiInfo *info, const GArray *members,
                          const char *head, JsonObject *given,
                          Completions *out)
{
    for (guint i = 0; i < members->len; i++) {
        const QapiInfoMember *member = &g_array_index(members, QapiInfoMember,
                                                      i);
        g_autofree char *whole = g_strconcat(head, member->name, NULL);
        g_autofree char *word = g_strconcat(whole, "=", NULL);
        g_autofree char *doc = qapi_info_describe(info, member->type);

        if (!json_object_has_member(given, whole)) {
            completions_add(out, word, doc);
        }
    }
}

/* ARG=VALUE; dots in ARG lead into structs */
static void complete_argument(const CompletionLine *line, Completions *out)
{
    g_autofree char *key = g_strndup(out->text, strcspn(out->text, "="));
    bool has_value = strchr(out->text, '=');
    g_auto(GStrv) parts = g_strsplit(key, ".", -1);
    g_autoptr(JsonObject) given = given_arguments(line);
    g_autoptr(GString) head = g_string_new(NULL);
    g_autoptr(GArray) members = NULL;
    const char *type;
    const QapiInfo *info;
    char **part = parts;

    if (!target_info(&info, NULL) || !info) {
        return;
    }
    type = qapi_info_argument_type(info, line->rest->pdata[0]);
    members = type ? qapi_info_members(info, type, given) : NULL;
    for (; members && *part && part[1]; part++) {
        type = type_of_member(members, *part);
        g_array_unref(members);
        members = type ? qapi_info_members(info, type, NULL) : NULL;
        g_string_append_printf(head, "%s.", *part);
    }
    if (!members) {
        return;
    }
    if (!has_value || !*part) {
        add_arguments(info, members, head->str, given, out);
        return;
    }
    type = type_of_member(members, *part);
    if (type) {
        g_string_append_printf(head, "%s=", *part);
        add_argument_values(line, info, type, *part, head->str, given, out);
    }
}

/* ---- Kinds ---- */

/* ADDR: the forms that docs/qmp.md describes; paths are the user's to type */
static void complete_address(const CompletionLine *line, Completions *out)
{
    static const char *const words[] = { "stdio", "unix:", "tcp:", "fd:" };

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        completions_add(out, words[i], NULL);
    }
}

void complete_values(const CompletionLine *line, const char *kind,
                     Completions *out)
{
    static const struct {
        const char *kind;
        void (*complete)(const CompletionLine *line, Completions *out);
    } kinds[] = {
        { "PATH", complete_path },       { "ID", complete_id },
        { "PROPERTY", complete_property }, { "VALUE", complete_value },
        { "TYPE", complete_type },       { "OPTS", complete_object },
        { "COMMAND", complete_command }, { "ARG=VALUE", complete_argument },
        { "ADDR", complete_address },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (!strcmp(kinds[i].kind, kind)) {
            kinds[i].complete(line, out);
        }
    }
}

/* ---- Command lines ---- */

/* Nothing was printed yet, so the shell offers nothing. */
static void give_up(int number)
{
    _exit(EXIT_DONE);
}

void complete_command_line(const CompletionLine *line, const char *kind,
                           Completions *out)
{
    const char *socket;
    const char *plugin;
    bool here;

    if (!line->verb) {
        return;
    }
    socket = completion_option(line, "s", 0);
    here = completion_option(line, "object", 0) ||
           completion_option(line, "plugin", 0);

    /*
     * A timer of the process covers all that can take time: connecting, any
     * number of replies, and a plugin.
     */
    signal(SIGALRM, give_up);
    alarm(TIME_LIMIT_S);
    for (guint i = 0; (plugin = completion_option(line, "plugin", i)); i++) {
        plugin_load(plugin, NULL);
    }
    if (!socket && !here) {
        socket = g_getenv("QOM_SOCKET");
    }
    /* run and what it has on its line are about this process alone. */
    if (socket && *socket && strcmp(line->verb->name, "run") &&
        !target_connect(socket, NULL)) {
        return;
    }
    complete_values(line, kind, out);
    target_disconnect();
}
