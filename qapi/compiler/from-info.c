/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A schema from introspection data: the data is written as schema text, and the
 * text is compiled like any other.  Whatever takes a schema therefore takes a
 * running program as well, and the data of an unknown peer is checked by the
 * same passes.
 *
 * Types that exist only as inline members in the peer's schema
 * ("q_obj_NAME-arg") become inline members again.  Masked data does not show
 * which types these are, so all arguments become inline members.
 */
#include "qapi/compiler/compiler.h"
#include "qapi/compiler/from-info-internal.h"
#include "qapi/compiler/schema-internal.h"

#include "qapi/json/json.h"

#include <string.h>

/* Returns true for a name that only the compiler gives. */
static bool is_in_place(const char *name)
{
    return g_str_has_prefix(name, "q_");
}

/*
 * Returns (nullable) the object type of this name if its members are written
 * where it is used.  A union has no such form.
 */
static JsonObject *inline_object(const InfoSet *set, const char *name)
{
    JsonObject *info = info_lookup(set, name);
    bool unnamed = from_info_is_masked(name) || is_in_place(name);

    return info && unnamed && !*info_string(info, "tag") ? info : NULL;
}

/*
 * Returns true for the empty object, which represents missing arguments and
 * results.
 */
static bool is_nothing(const InfoSet *set, const char *name)
{
    JsonObject *info = inline_object(set, name);

    return info && info_is(info, "object") &&
           info_length(info_array(info, "members")) == 0;
}

/* Appends a type, or a list of the element type of an array. */
static void out_type(const InfoSet *set, GString *out, const char *name)
{
    JsonObject *info = info_lookup(set, name);
    bool array = info && info_is(info, "array");

    g_string_append(out, array ? "[ '" : "'");
    from_info_type_name(out, array ? info_string(info, "element-type") : name);
    g_string_append(out, array ? "' ]" : "'");
}

/* @object: (nullable) */
static void out_features(GString *out, JsonObject *object)
{
    JsonArray *features = info_array(object, "features");
    const char *before = ", 'features': [ '";

    for (guint i = 0; i < info_length(features); i++) {
        g_string_append(out, before);
        from_info_name(out, info_string_at(features, i));
        before = "', '";
    }
    g_string_append(out, info_length(features) ? "' ]" : "");
}

/* Every member is an object, so that it may have features. */
static void out_members(const InfoSet *set, GString *out, JsonArray *members)
{
    g_string_append(out, "{");
    for (guint i = 0; i < info_length(members); i++) {
        JsonObject *member = info_object_at(members, i);

        g_string_append(out, i ? ",\n    '" : "\n    '");
        g_string_append(out, info_is_optional(member) ? "*" : "");
        from_info_name(out, info_string(member, "name"));
        g_string_append(out, "': { 'type': ");
        out_type(set, out, info_string(member, "type"));
        out_features(out, member);
        g_string_append(out, " }");
    }
    g_string_append(out, " }");
}

/* Data of old programs has "values" alone. */
static void out_enum(GString *out, JsonObject *info)
{
    JsonArray *members = info_array(info, "members");
    JsonArray *values = members ? NULL : info_array(info, "values");
    guint n = info_length(members) + info_length(values);

    from_info_doc(out, info, members);
    g_string_append(out, "{ 'enum': '");
    from_info_type_name(out, info_string(info, "name"));
    g_string_append(out, "', 'data': [");
    for (guint i = 0; i < n; i++) {
        JsonObject *member = members ? info_object_at(members, i) : NULL;

        g_string_append(out, i ? ",\n    { 'name': '" : "\n    { 'name': '");
        from_info_name(out, members ? info_string(member, "name")
                                    : info_string_at(values, i));
        g_string_append(out, "'");
        out_features(out, member);
        g_string_append(out, " }");
    }
    g_string_append(out, " ]");
}

/*
 * Branches that add nothing are implied if there are others.  Returns true if
 * there are.
 */
static bool out_branches(const InfoSet *set, GString *out, JsonObject *info)
{
    JsonArray *variants = info_array(info, "variants");
    const char *before = "{\n    '";

    for (guint i = 0; i < info_length(variants); i++) {
        JsonObject *variant = info_object_at(variants, i);
        const char *type = info_string(variant, "type");

        if (is_nothing(set, type)) {
            continue;
        }
        g_string_append(out, before);
        from_info_name(out, info_string(variant, "case"));
        g_string_append(out, "': ");
        out_type(set, out, type);
        before = ",\n    '";
    }
    g_string_append(out, " }");
    return *before == ',';
}

/*
 * A union all of whose branches are empty becomes a struct; clients see no
 * difference.
 */
static void out_object(const InfoSet *set, GString *out, JsonObject *info)
{
    JsonArray *members = info_array(info, "members");
    g_autoptr(GString) branches = g_string_new(NULL);
    bool is_union = out_branches(set, branches, info);

    from_info_doc(out, info, members);
    g_string_append(out, is_union ? "{ 'union': '" : "{ 'struct': '");
    from_info_type_name(out, info_string(info, "name"));
    g_string_append(out, is_union ? "', 'base': " : "', 'data': ");
    out_members(set, out, members);
    if (is_union) {
        g_string_append(out, ", 'discriminator': '");
        from_info_name(out, info_string(info, "tag"));
        g_string_append_printf(out, "', 'data': %s", branches->str);
    }
}

/* The branches' names, which only C uses, are not in the data. */
static void out_alternate(const InfoSet *set, GString *out, JsonObject *info)
{
    JsonArray *members = info_array(info, "members");

    from_info_doc(out, info, NULL);
    g_string_append(out, "{ 'alternate': '");
    from_info_type_name(out, info_string(info, "name"));
    g_string_append(out, "', 'data': {");
    for (guint i = 0; i < info_length(members); i++) {
        g_string_append_printf(out, "%s\n    'choice-%u': ", i ? "," : "",
                               i + 1);
        out_type(set, out, info_string(info_object_at(members, i), "type"));
    }
    g_string_append(out, " }");
}

/* A union as the argument must be boxed. */
static void out_arguments(const InfoSet *set, GString *out, const char *name)
{
    JsonObject *members_of = inline_object(set, name);
    bool is_union = *info_string(info_lookup(set, name), "tag");

    g_string_append(out, ", 'data': ");
    if (members_of) {
        out_members(set, out, info_array(members_of, "members"));
    } else {
        out_type(set, out, name);
        g_string_append(out, is_union ? ", 'boxed': true" : "");
    }
}

/* The texts of inline members belong to the comment of the command or event. */
static void out_call(const InfoSet *set, GString *out, JsonObject *info)
{
    const char *arg = info_string(info, "arg-type");
    const char *ret = info_string(info, "ret-type");

    from_info_doc(out, info, info_array(inline_object(set, arg), "members"));
    g_string_append_printf(out, "{ '%s': '", info_string(info, "meta-type"));
    from_info_name(out, info_string(info, "name"));
    g_string_append(out, "'");
    if (*arg && !is_nothing(set, arg)) {
        out_arguments(set, out, arg);
    }
    if (*ret && !is_nothing(set, ret)) {
        g_string_append(out, ", 'returns': ");
        out_type(set, out, ret);
    }
    g_string_append(out, json_object_has_member(info, "allow-oob")
                             ? ", 'allow-oob': true"
                             : "");
}

/* Arrays and built-in types need no definition. */
static void out_entity(const InfoSet *set, GString *out, JsonObject *info)
{
    const char *name = info_string(info, "name");

    if (info_is(info, "command") || info_is(info, "event")) {
        out_call(set, out, info);
    } else if (is_in_place(name) || strcmp(name, "QType") == 0) {
        return;
    } else if (info_is(info, "enum")) {
        out_enum(out, info);
    } else if (info_is(info, "object")) {
        out_object(set, out, info);
    } else if (info_is(info, "alternate")) {
        out_alternate(set, out, info);
    } else {
        return;
    }
    out_features(out, info);
    g_string_append(out, " }\n");
}

/*
 * The peer's names are accepted as they are, because no user of this program
 * can change them.
 */
static void out_exceptions(GString *out, JsonArray *array, const char *pragma,
                           bool calls)
{
    const char *before = "";

    g_string_append_printf(out, "{ 'pragma': { '%s': [", pragma);
    for (guint i = 0; i < info_length(array); i++) {
        JsonObject *info = info_object_at(array, i);

        if (info_is(info, "command") == calls) {
            g_string_append_printf(out, "%s'", before);
            from_info_type_name(out, info_string(info, "name"));
            before = "', ";
        }
    }
    g_string_append(out, *before ? "'] } }\n" : "] } }\n");
}

/*
 * The schema has no classes; introspection data has only the types that they
 * imply.
 */
QapiSchema *qapi_schema_load_info(const char *name, JsonNode *info,
                                  Error **errp)
{
    InfoSet set = { 0 };
    g_autoptr(GString) text = g_string_new(NULL);
    QapiSchema *schema = NULL;

    if (info_set_init(&set, info, name, errp)) {
        JsonArray *array = json_node_get_array(info);

        out_exceptions(text, array, "command-name-exceptions", true);
        out_exceptions(text, array, "command-returns-exceptions", true);
        out_exceptions(text, array, "member-name-exceptions", false);
        for (guint i = 0; i < info_length(array); i++) {
            out_entity(&set, text, info_object_at(array, i));
        }
        schema = schema_load_told(name, text->str, text->len, errp);
    }
    info_set_clear(&set);
    return schema;
}
