/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Words of `qom call`: commands, and their arguments and values, as the schema
 * of the target has them.
 *
 * Given      the arguments on the line.  They select the branch of a union, and
 *            are not offered again
 */
#include "tools/complete-internal.h"

#include "tools/device-add.h"
#include "tools/reply.h"
#include "tools/target-info.h"

#include <string.h>

/* COMMAND: target_commands() also knows those of the guest agent */
void complete_command(const CompletionLine *line, Completions *out)
{
    const GPtrArray *commands = target_commands(NULL);

    if (commands) {
        completions_add_words(commands, "", out);
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
        const QapiInfoMember *member =
            &g_array_index(members, QapiInfoMember, i);

        if (!strcmp(member->name, name)) {
            return member->type;
        }
    }
    return NULL;
}

/* ---- Arguments that are strings and name something ---- */

static void add_paths(const char *head, JsonObject *given, Completions *out)
{
    completions_add_paths(head, out);
}

/* Objects that object-del can delete are children of /objects. */
static void add_ids(const char *head, JsonObject *given, Completions *out)
{
    completions_add_children("/objects", head, out);
}

static void add_types(const char *head, JsonObject *given, Completions *out)
{
    completions_add_types(NULL, head, "", out);
}

/* Those of the object that another argument names. */
static void add_properties(const char *head, JsonObject *given,
                           Completions *out)
{
    const char *path = reply_text(given, "path");

    if (path) {
        completions_add_properties(path, head, out);
    }
}

/* Types of which device_add can create devices */
static void add_drivers(const char *head, JsonObject *given, Completions *out)
{
    completions_add_types("device", head, "", out);
}

/* QEMU keeps devices with an id there. */
static void add_devices(const char *head, JsonObject *given, Completions *out)
{
    completions_add_children("/machine/peripheral", head, out);
}

/*
 * The schema has no values for strings, so those below are known by name: only
 * commands about objects and devices, whose names the target can list.
 */
static const struct {
    const char *command; /* the beginning of its name */
    const char *argument;
    void (*add)(const char *head, JsonObject *given, Completions *out);
} named[] = {
    { "qom-", "path", add_paths },
    { "qom-", "typename", add_types },
    { "qom-", "implements", add_types },
    { "qom-", "property", add_properties },
    { "object-", "id", add_ids },
    { "device_add", "driver", add_drivers },
    { "device_del", "id", add_devices },
    { "device-list-properties", "typename", add_drivers },
};

/* Offers the values of an argument. */
static void add_argument_values(const CompletionLine *line,
                                const QapiInfo *info, const char *type,
                                const char *name, const char *head,
                                JsonObject *given, Completions *out)
{
    g_autoptr(GPtrArray) words = qapi_info_values(info, type);
    const char *command = line->rest->pdata[0];

    completions_add_words(words, head, out);
    for (size_t i = 0; !words->len && i < G_N_ELEMENTS(named); i++) {
        if (g_str_has_prefix(command, named[i].command) &&
            !strcmp(name, named[i].argument)) {
            named[i].add(head, given, out);
        }
    }
}

/* Offers "NAME=" for the members of the type that are not given yet. */
static void add_arguments(const QapiInfo *info, const GArray *members,
                          const char *head, JsonObject *given, Completions *out)
{
    for (guint i = 0; i < members->len; i++) {
        const QapiInfoMember *member =
            &g_array_index(members, QapiInfoMember, i);
        g_autofree char *whole = g_strconcat(head, member->name, NULL);
        g_autofree char *word = g_strconcat(whole, "=", NULL);
        g_autofree char *doc = qapi_info_describe(info, member->type);

        if (!json_object_has_member(given, whole)) {
            completions_add(out, word, doc);
        }
    }
}

/*
 * Offers the properties that a device can be created with, or the values of one
 * of them.  The schema has none of them.
 */
static void add_device_arguments(const CompletionLine *line,
                                 const char *driver, JsonObject *given,
                                 Completions *out)
{
    const char *equals = strchr(out->text, '=');
    g_autoptr(JsonNode) properties = NULL;

    if (equals) {
        g_autofree char *name = g_strndup(out->text, equals - out->text);
        g_autofree char *head = g_strconcat(name, "=", NULL);

        completions_add_values(line, driver, name, head, out);
        return;
    }
    properties = device_add_properties(driver, NULL);
    for (guint i = 0; i < reply_length(properties); i++) {
        JsonObject *property = reply_element(properties, i);
        const char *name = reply_text(property, "name");
        g_autofree char *word = g_strconcat(name, "=", NULL);
        g_autofree char *doc = completion_describe(property);

        if (!json_object_has_member(given, name)) {
            completions_add(out, word, doc);
        }
    }
}

/* ARG=VALUE; dots in ARG lead into structs */
void complete_argument(const CompletionLine *line, Completions *out)
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
    if (!strcmp(line->rest->pdata[0], "device_add") &&
        reply_text(given, "driver")) {
        add_device_arguments(line, reply_text(given, "driver"), given, out);
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
