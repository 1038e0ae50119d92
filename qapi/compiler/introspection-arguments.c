/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Arguments as text become values of the types that a command wants.
 *
 * Text      a value of keyval: it means what its type says.
 * Path      the dotted key of the argument that is parsed, for messages.
 *
 * A value that is no text is copied as it is, because its writer has chosen its
 * type; the program checks it.
 */
#include "qapi/compiler/introspection-internal.h"
#include "qapi/json/json.h"
#include "qapi/suggestion.h"

#include <string.h>

/* Extends the path by a key; returns the length to which to shorten it. */
static size_t push_key(InfoParser *parser, const char *key)
{
    size_t len = parser->path->len;

    g_string_append_printf(parser->path, "%s%s", len ? "." : "", key);
    return len;
}

/*
 * Returns (transfer full) @value as @type, the name of a type (nullable); NULL
 * with @errp set.  Only a failure leaves the path extended.
 */
static JsonNode *parse(InfoParser *parser, const char *type, JsonNode *value,
                       Error **errp);

/* ---- Alternates ---- */

/*
 * Returns how well a branch of an alternate suits a value; 0 means not at all.
 * The JSON type of a value distinguishes the branches, and a text may still
 * become any JSON type.
 */
static int suits(JsonObject *branch, JsonNode *value)
{
    const char *text = json_qtype(value) == QTYPE_QSTRING
                           ? json_node_get_string(value)
                           : NULL;
    g_autoptr(JsonNode) parsed = NULL;
    char open = text ? *text : JSON_NODE_HOLDS_OBJECT(value) ? '{' : '[';

    if (info_is(branch, "object") || info_is(branch, "array")) {
        return open == (info_is(branch, "object") ? '{' : '[') ? 3 : 0;
    }
    if (!text) {
        return 0;
    }
    parsed = info_is(branch, "enum")
                 ? info_parse_enum(branch, text)
                 : info_parse_builtin(info_string(branch, "json-type"), text);
    /* As in QEMU, a text is a string if there may be one. */
    return !parsed ? 0 : json_qtype(parsed) == QTYPE_QSTRING ? 2 : 1;
}

/* Returns (nullable) the type of the branch that suits @value best. */
static const char *choose_branch(const QapiInfo *info, JsonObject *alternate,
                                 JsonNode *value)
{
    JsonArray *branches = info_array(alternate, "members");
    const char *best = NULL;
    int best_suits = 0;

    for (guint i = 0; i < info_length(branches); i++) {
        const char *type = info_string(info_object_at(branches, i), "type");
        JsonObject *branch = info_lookup(&info->set, type);
        /* An alternate has no alternate, so this does not recurse. */
        int n = branch ? suits(branch, value) : 0;

        if (n > best_suits) {
            best_suits = n;
            best = type;
        }
    }
    return best;
}

/* ---- Objects and lists ---- */

/* Returns (nullable) a member of the object type or of its branches. */
static JsonObject *find_member(const QapiInfo *info, JsonObject *object,
                               JsonObject *values, const char *name)
{
    JsonObject *member = NULL;

    for (int depth = 0; object && !member && depth < QAPI_INFO_MAX_DEPTH;
         depth++) {
        member = info_find(&info->set, info_array(object, "members"), "name",
                           name);
        object = qapi_info_branch(info, object, values);
    }
    return member;
}

/* Sets an error that names the arguments that exist instead of @name. */
static void set_unknown(InfoParser *parser, const char *type,
                        JsonObject *values, const char *name, Error **errp)
{
    ERRP_GUARD();
    g_autoptr(GArray) members =
        qapi_info_members(parser->info, type, values);
    g_autoptr(GString) names = g_string_new(NULL);
    Suggestion near;

    suggestion_init(&near, name);
    for (guint i = 0; i < members->len; i++) {
        const char *known = g_array_index(members, QapiInfoMember, i).name;

        g_string_append_printf(names, "%s%s", i ? ", " : "", known);
        suggestion_offer(&near, known);
    }
    error_setg(errp, "%s has no argument '%s'%s%s", parser->command,
               parser->path->str, members->len ? "; expected one of " : "",
               names->str);
    suggestion_append_hint(&near, errp);
}

/* Checks that no member that must be given is missing. */
static bool check_required(InfoParser *parser, const char *type,
                           JsonObject *values, Error **errp)
{
    g_autoptr(GArray) members =
        qapi_info_members(parser->info, type, values);

    for (guint i = 0; i < members->len; i++) {
        QapiInfoMember *member = &g_array_index(members, QapiInfoMember, i);

        if (!member->optional &&
            !json_object_has_member(values, member->name)) {
            g_autofree char *expected =
                qapi_info_describe(parser->info, member->type);

            push_key(parser, member->name);
            error_setg(errp, "%s needs the argument '%s', %s",
                       parser->command, parser->path->str, expected);
            return false;
        }
    }
    return true;
}

/*
 * Parses each member, and checks that none is missing.  The branch of a union
 * is selected by all members, so the tag may come after them.
 * @type: (nullable) an object type; NULL: its members may have any value
 */
static JsonNode *parse_object(InfoParser *parser, const char *type,
                              JsonObject *values, Error **errp)
{
    g_autoptr(JsonObject) object = json_object_new();
    JsonObject *entity = type ? info_lookup(&parser->info->set, type) : NULL;
    JsonNode *node = NULL;
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;

    json_object_iter_init_ordered(&iter, values);
    while (json_object_iter_next_ordered(&iter, &name, &value)) {
        size_t len = push_key(parser, name);
        JsonObject *member =
            entity ? find_member(parser->info, entity, values, name) : NULL;
        JsonNode *parsed = NULL;

        if (entity && !member) {
            set_unknown(parser, type, values, name, errp);
        } else {
            parsed = parse(parser, member ? info_string(member, "type")
                                          : NULL, value, errp);
        }
        if (!parsed) {
            return NULL;
        }
        json_object_set_member(object, name, parsed);
        g_string_truncate(parser->path, len);
    }
    if (entity && !check_required(parser, type, values, errp)) {
        return NULL;
    }
    node = json_node_new(JSON_NODE_OBJECT);
    json_node_set_object(node, object);
    return node;
}

/*
 * Parses each element, whose index is a part of the path.
 * @element_type: (nullable) NULL: any value
 */
static JsonNode *parse_array(InfoParser *parser, const char *element_type,
                             JsonArray *values, Error **errp)
{
    g_autoptr(JsonArray) array = json_array_new();
    JsonNode *node = NULL;

    for (guint i = 0; i < json_array_get_length(values); i++) {
        g_autofree char *key = g_strdup_printf("%u", i);
        size_t len = push_key(parser, key);
        JsonNode *parsed = parse(parser, element_type,
                                 json_array_get_element(values, i), errp);

        if (!parsed) {
            return NULL;
        }
        json_array_add_element(array, parsed);
        g_string_truncate(parser->path, len);
    }
    node = json_node_new(JSON_NODE_ARRAY);
    json_node_set_array(node, array);
    return node;
}

/* ---- Any type ---- */

/* A type that the data does not define accepts any value. */
static JsonNode *parse(InfoParser *parser, const char *type, JsonNode *value,
                       Error **errp)
{
    JsonObject *entity =
        type ? info_lookup(&parser->info->set, type) : NULL;
    const char *wanted = type;
    bool any;

    if (entity && info_is(entity, "alternate")) {
        wanted = choose_branch(parser->info, entity, value);
        entity = wanted ? info_lookup(&parser->info->set, wanted) : NULL;
        if (!entity || info_is(entity, "alternate")) {
            info_set_mismatch(parser, type, value, errp);
            return NULL;
        }
    }
    any = !entity || !strcmp(info_string(entity, "json-type"), "value");
    if (json_qtype(value) == QTYPE_QSTRING) {
        return info_parse_text(parser, entity, value, errp);
    }
    if (JSON_NODE_HOLDS_OBJECT(value) && (any || info_is(entity, "object"))) {
        return parse_object(parser, any ? NULL : wanted,
                            json_node_get_object(value), errp);
    }
    if (JSON_NODE_HOLDS_ARRAY(value) && (any || info_is(entity, "array"))) {
        return parse_array(parser,
                           any ? NULL : info_string(entity, "element-type"),
                           json_node_get_array(value), errp);
    }
    if (JSON_NODE_HOLDS_OBJECT(value) || JSON_NODE_HOLDS_ARRAY(value)) {
        info_set_mismatch(parser, wanted, value, errp);
        return NULL;
    }
    return json_node_ref(value);
}

/*
 * Returns (transfer full) the values of @given.  A key that was set more than
 * once has its last text, unless its type is a list: then it has all.
 * @type: (nullable) that of the arguments
 */
static JsonNode *values_of(const QapiInfo *info, const char *type,
                           const Keyval *given)
{
    JsonObject *entity = type ? info_lookup(&info->set, type) : NULL;
    JsonObject *values = json_object_new();
    JsonNode *node = json_node_new(JSON_NODE_OBJECT);

    json_node_take_object(node, values);
    for (size_t i = 0; i < given->n_entries; i++) {
        const KeyvalEntry *entry = &given->entries[i];

        json_object_set_member(values, entry->key,
                               entry->node ? json_node_ref(entry->node)
                                           : json_text_new(entry->text));
    }
    /* Afterwards, because the values select the branch that has a member. */
    for (size_t i = 0; entity && i < given->n_entries; i++) {
        const KeyvalEntry *entry = &given->entries[i];
        JsonObject *member =
            entry->all ? find_member(info, entity, values, entry->key) : NULL;

        if (member &&
            qapi_info_element_type(info, info_string(member, "type"))) {
            json_object_set_member(values, entry->key,
                                   json_text_new(entry->all->str));
        }
    }
    return node;
}

JsonNode *qapi_info_parse_arguments(const QapiInfo *info, const char *command,
                                    const Keyval *given, Error **errp)
{
    g_autoptr(GString) path = g_string_new(NULL);
    InfoParser parser = { .info = info, .command = command, .path = path };
    const char *type =
        info ? qapi_info_argument_type(info, command) : NULL;
    g_autoptr(JsonNode) values = values_of(info, type, given);

    return parse_object(&parser, type, json_node_get_object(values), errp);
}
