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
#include "qapi/compiler/info-set-internal.h"
#include "qapi/compiler/schema-internal.h"

#include "qapi/json/json.h"

#include <string.h>

/* Returns true if the name of a type is a number. */
static bool is_masked(const char *name)
{
    return g_ascii_isdigit(*name);
}

/* Returns true for a name that only the compiler gives. */
static bool is_in_place(const char *name)
{
    return g_str_has_prefix(name, "q_");
}

/*
 * Returns true for the empty object, which represents missing arguments and
 * results.
 */
static bool is_nothing(const InfoSet *set, const char *name)
{
    JsonObject *info = info_lookup(set, name);

    return (is_masked(name) || is_in_place(name)) && info &&
           info_is(info, "object") && !*info_string(info, "tag") &&
           info_length(info_array(info, "members")) == 0;
}


/*
 * Appends a name.  A character that no name can contain becomes '?', which the
 * compiler rejects, so that no data can add text of its own to the schema.
 */
static void out_name(GString *out, const char *name)
{
    for (; *name; name++) {
        bool fine = g_ascii_isalnum(*name) || strchr("-_.", *name);

        g_string_append_c(out, fine ? *name : '?');
    }
}

/* A type cannot be called by a number alone. */
static void out_type_name(GString *out, const char *name)
{
    g_string_append(out, is_masked(name) ? "Type" : "");
    out_name(out, name);
}

/* Appends a type, or a list of the element type of an array. */
static void out_type(const InfoSet *set, GString *out, const char *name)
{
    JsonObject *info = info_lookup(set, name);
    bool array = info && info_is(info, "array");

    g_string_append(out, array ? "[ '" : "'");
    out_type_name(out, array ? info_string(info, "element-type") : name);
    g_string_append(out, array ? "' ]" : "'");
}

/* ---- Documentation ---- */

/* Control characters would end the comment or the line. */
static void out_text(GString *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        g_string_append_c(out, (guchar)text[i] < ' ' ? ' ' : text[i]);
    }
}

/* Makes text of a line that would be a tag or a heading. */
static void out_body_line(GString *out, const char *line)
{
    size_t word;

    line += strspn(line, "@=");
    word = strcspn(line, ": ");
    g_string_append(out, *line ? "# " : "#");
    out_text(out, line, word);
    if (line[word] == ':' && line[word + 1] != ':') {
        g_string_append_c(out, ' ');
    }
    out_text(out, line + word, strlen(line + word));
    g_string_append_c(out, '\n');
}

static void out_body(GString *out, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line; line++) {
        out_body_line(out, *line);
    }
}

/* Returns the indentation that all lines have which are not blank. */
static size_t common_indent(char *const *lines)
{
    size_t common = G_MAXSIZE;

    for (; *lines; lines++) {
        size_t indent = strspn(*lines, " ");

        if ((*lines)[indent]) {
            common = MIN(common, indent);
        }
    }
    return common;
}

/*
 * The second line decides how far the lines after it have to be indented, so it
 * loses its own indentation.
 */
static void out_section(GString *out, const char *name, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    size_t common = common_indent(lines + 1);
    bool second = true;

    g_string_append(out, "#\n# @");
    out_name(out, name);
    g_string_append(out, ": ");
    out_text(out, lines[0], strlen(lines[0]));
    g_string_append_c(out, '\n');
    for (char **line = lines + 1; *line; line++) {
        size_t own = strspn(*line, " ");
        const char *rest = *line + (second ? own : MIN(own, common));

        g_string_append(out, *rest ? "#     " : "#");
        out_text(out, rest, strlen(rest));
        g_string_append_c(out, '\n');
        second = second && !*rest;
    }
}

/* @details: (nullable) */
static void add_fact(GString *text, JsonObject *details, const char *key,
                     const char *title)
{
    JsonNode *node = details ? json_object_get_member(details, key) : NULL;

    if (!node) {
        return;
    }
    g_string_append_printf(text, "%s%s: ", text->len ? ", " : "", title);
    if (json_qtype(node) == QTYPE_QSTRING) {
        g_string_append(text, json_node_get_string(node));
    } else {
        json_write(text, node, false);
    }
}

/*
 * Returns (transfer full) the documentation of a member and, in brackets, what
 * a schema cannot express of it.
 */
static char *member_text(JsonObject *member)
{
    JsonObject *details = info_object(member, "details");
    const char *doc = info_string(details, "doc");
    g_autoptr(GString) facts = g_string_new(NULL);

    add_fact(facts, details, "default", "default");
    add_fact(facts, details, "min", "least");
    add_fact(facts, details, "max", "greatest");
    add_fact(facts, details, "unit", "unit");
    add_fact(facts, details, "set", "set");
    if (!facts->len) {
        return g_strdup(doc);
    }
    return g_strdup_printf("%s%s(%s)", doc,
                           strchr(doc, '\n') ? "\n\n" : *doc ? " " : "",
                           facts->str);
}

/* Appends a documentation comment; none if there is no text. */
static void out_doc(GString *out, JsonObject *info, JsonArray *members)
{
    const char *doc = info_string(info_object(info, "details"), "doc");
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < info_length(members); i++) {
        JsonObject *member = info_object_at(members, i);
        g_autofree char *about = member_text(member);

        if (*g_strstrip(about)) {
            out_section(text, info_string(member, "name"), about);
        }
    }
    if (!*doc && !text->len) {
        return;
    }
    g_string_append(out, "##\n# @");
    out_type_name(out, info_string(info, "name"));
    g_string_append(out, ":\n");
    if (*doc) {
        g_string_append(out, "#\n");
        out_body(out, doc);
    }
    g_string_append_printf(out, "%s##\n", text->str);
}

/* ---- Definitions ---- */

/* @object: (nullable) */
static void out_features(GString *out, JsonObject *object)
{
    JsonArray *features = info_array(object, "features");
    const char *before = ", 'features': [ '";

    for (guint i = 0; i < info_length(features); i++) {
        g_string_append(out, before);
        out_name(out, info_string_at(features, i));
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
        out_name(out, info_string(member, "name"));
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

    out_doc(out, info, members);
    g_string_append(out, "{ 'enum': '");
    out_type_name(out, info_string(info, "name"));
    g_string_append(out, "', 'data': [");
    for (guint i = 0; i < n; i++) {
        JsonObject *member = members ? info_object_at(members, i) : NULL;

        g_string_append(out, i ? ",\n    { 'name': '" : "\n    { 'name': '");
        out_name(out, members ? info_string(member, "name")
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
        out_name(out, info_string(variant, "case"));
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

    out_doc(out, info, members);
    g_string_append(out, is_union ? "{ 'union': '" : "{ 'struct': '");
    out_type_name(out, info_string(info, "name"));
    g_string_append(out, is_union ? "', 'base': " : "', 'data': ");
    out_members(set, out, members);
    if (is_union) {
        g_string_append(out, ", 'discriminator': '");
        out_name(out, info_string(info, "tag"));
        g_string_append_printf(out, "', 'data': %s", branches->str);
    }
}

/* The branches' names, which only C uses, are not in the data. */
static void out_alternate(const InfoSet *set, GString *out, JsonObject *info)
{
    JsonArray *members = info_array(info, "members");

    out_doc(out, info, NULL);
    g_string_append(out, "{ 'alternate': '");
    out_type_name(out, info_string(info, "name"));
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
    JsonObject *type = info_lookup(set, name);
    bool is_union = type && *info_string(type, "tag");

    if (type && !is_union && (is_masked(name) || is_in_place(name))) {
        g_string_append(out, ", 'data': ");
        out_members(set, out, info_array(type, "members"));
    } else {
        g_string_append(out, ", 'data': ");
        out_type(set, out, name);
        g_string_append(out, is_union ? ", 'boxed': true" : "");
    }
}

/* The texts of inline members belong to the comment of the command or event. */
static void out_call(const InfoSet *set, GString *out, JsonObject *info)
{
    const char *arg = info_string(info, "arg-type");
    const char *ret = info_string(info, "ret-type");
    JsonObject *type = info_lookup(set, arg);
    bool in_place = type && !*info_string(type, "tag") &&
                    (is_masked(arg) || is_in_place(arg));

    out_doc(out, info, in_place ? info_array(type, "members") : NULL);
    g_string_append_printf(out, "{ '%s': '", info_string(info, "meta-type"));
    out_name(out, info_string(info, "name"));
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
    const char *before = "': [ '";

    g_string_append_printf(out, "{ 'pragma': { '%s", pragma);
    for (guint i = 0; i < info_length(array); i++) {
        JsonObject *info = info_object_at(array, i);

        if (info_is(info, "command") == calls) {
            g_string_append(out, before);
            out_type_name(out, info_string(info, "name"));
            before = "', '";
        }
    }
    g_string_append(out, *before == '\'' && before[1] == ':' ? "': [] } }\n"
                                                            : "' ] } }\n");
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
