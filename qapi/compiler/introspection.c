/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a client asks of introspection data.
 *
 * Entity   an element of the data: a command, an event or a type.
 * Branch   the further members of a union, which the value of its tag selects.
 *          A branch may be a union itself.  The data of a hostile program may
 *          contain a union that is its own branch, so depth is limited.
 */
#include "qapi/compiler/introspection-internal.h"

#include <string.h>

/* The shape of the data is checked here once, by info_set_init(). */
QapiInfo *qapi_info_new(const char *name, JsonNode *data, Error **errp)
{
    g_autoptr(QapiInfo) info = g_new0(QapiInfo, 1);

    return info_set_init(&info->set, data, name, errp)
               ? g_steal_pointer(&info)
               : NULL;
}

void qapi_info_free(QapiInfo *info)
{
    if (info) {
        info_set_clear(&info->set);
        g_free(info);
    }
}

/* ---- Commands and events ---- */

bool qapi_info_has(const QapiInfo *info, const char *kind, const char *name)
{
    JsonObject *entity = info_lookup(&info->set, name);

    return entity && info_is(entity, kind);
}

/* For g_ptr_array_sort(), which passes pointers to the elements. */
static int compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *qapi_info_names(const QapiInfo *info, const char *kind)
{
    JsonArray *all = json_node_get_array(info->set.root);
    GPtrArray *names = g_ptr_array_new();

    for (guint i = 0; i < info_length(all); i++) {
        JsonObject *entity = info_object_at(all, i);

        if (info_is(entity, kind)) {
            g_ptr_array_add(names, (char *)info_string(entity, "name"));
        }
    }
    g_ptr_array_sort(names, compare_names);
    return names;
}

const char *qapi_info_argument_type(const QapiInfo *info, const char *name)
{
    JsonObject *entity = info_lookup(&info->set, name);

    return entity && (info_is(entity, "command") || info_is(entity, "event"))
               ? info_string(entity, "arg-type")
               : NULL;
}

/* ---- Types ---- */

/* A value of the tag that is no text, or no case, selects nothing. */
JsonObject *qapi_info_branch(const QapiInfo *info, JsonObject *object,
                             JsonObject *values)
{
    const char *tag = info_string(object, "tag");
    JsonObject *variant;

    if (!*tag || !values) {
        return NULL;
    }
    variant = info_find(&info->set, info_array(object, "variants"), "case",
                        info_string(values, tag));
    return info_lookup(&info->set, info_string(variant, "type"));
}

/* The members of a branch follow those of its union, as the schema has them. */
GArray *qapi_info_members(const QapiInfo *info, const char *type,
                          JsonObject *values)
{
    GArray *members = g_array_new(FALSE, FALSE, sizeof(QapiInfoMember));
    JsonObject *object = type ? info_lookup(&info->set, type) : NULL;

    for (int depth = 0; object && depth < QAPI_INFO_MAX_DEPTH; depth++) {
        JsonArray *some = info_is(object, "object")
                              ? info_array(object, "members")
                              : NULL;

        for (guint i = 0; i < info_length(some); i++) {
            JsonObject *of_data = info_object_at(some, i);
            QapiInfoMember member = {
                .name = info_string(of_data, "name"),
                .type = info_string(of_data, "type"),
                .optional = info_is_optional(of_data),
            };

            g_array_append_val(members, member);
        }
        object = qapi_info_branch(info, object, values);
    }
    return members;
}

const char *qapi_info_element_type(const QapiInfo *info, const char *type)
{
    JsonObject *entity = info_lookup(&info->set, type);

    return entity && info_is(entity, "array")
               ? info_string(entity, "element-type")
               : NULL;
}

/* Appends the words of a type; @depth counts alternates in alternates. */
static void add_values(const QapiInfo *info, JsonObject *entity,
                       GPtrArray *values, int depth)
{
    JsonArray *array;

    if (!entity || depth == QAPI_INFO_MAX_DEPTH) {
        return;
    }
    if (info_is(entity, "enum")) {
        array = info_array(entity, "values");
        for (guint i = 0; i < info_length(array); i++) {
            g_ptr_array_add(values, (char *)info_string_at(array, i));
        }
    } else if (info_is(entity, "alternate")) {
        array = info_array(entity, "members");
        for (guint i = 0; i < info_length(array); i++) {
            const char *type = info_string(info_object_at(array, i), "type");

            add_values(info, info_lookup(&info->set, type), values,
                       depth + 1);
        }
    } else if (!strcmp(info_string(entity, "json-type"), "boolean")) {
        g_ptr_array_add(values, (char *)"on");
        g_ptr_array_add(values, (char *)"off");
    }
}

GPtrArray *qapi_info_values(const QapiInfo *info, const char *type)
{
    GPtrArray *values = g_ptr_array_new();

    add_values(info, info_lookup(&info->set, type), values, 0);
    return values;
}

/* ---- Texts for messages ---- */

/*
 * The JSON types of built-in types, as the data has them.  Keyval has on and
 * off for booleans, so messages have them, too.  The built-in type "any" has
 * the JSON type "value"; its description is that of types that the data does
 * not define.
 */
static const struct {
    const char *json_type;
    const char *text;
} builtins[] = {
    { "string", "a string" },   { "int", "an integer" },
    { "number", "a number" },   { "boolean", "on or off" },
    { "null", "null" },         { "object", "an object" },
    { "array", "a list" },
};

static void describe(const QapiInfo *info, JsonObject *entity, GString *out,
                     int depth);

/* The branches are few, so all of them are described. */
static void describe_alternate(const QapiInfo *info, JsonObject *entity,
                               GString *out, int depth)
{
    JsonArray *branches = info_array(entity, "members");

    for (guint i = 0; i < info_length(branches); i++) {
        const char *type = info_string(info_object_at(branches, i), "type");

        g_string_append(out, i ? " or " : "");
        describe(info, info_lookup(&info->set, type), out, depth + 1);
    }
}

/* All values are listed, as nothing else tells a user what they are. */
static void describe_enum(JsonObject *entity, GString *out)
{
    JsonArray *values = info_array(entity, "values");

    g_string_append(out, "one of ");
    for (guint i = 0; i < info_length(values); i++) {
        g_string_append_printf(out, "%s%s", i ? ", " : "",
                               info_string_at(values, i));
    }
}

/*
 * Appends the description of a type.
 * @entity: (nullable) the type; NULL: one that the data does not define
 * @depth: number of alternates around it
 */
static void describe(const QapiInfo *info, JsonObject *entity, GString *out,
                     int depth)
{
    const char *text = "any value";

    if (entity && info_is(entity, "enum")) {
        describe_enum(entity, out);
        return;
    }
    if (entity && info_is(entity, "alternate") &&
        depth < QAPI_INFO_MAX_DEPTH) {
        describe_alternate(info, entity, out, depth);
        return;
    }
    if (entity && (info_is(entity, "object") || info_is(entity, "array"))) {
        text = info_is(entity, "object") ? "an object" : "a list";
    }
    for (size_t i = 0; i < G_N_ELEMENTS(builtins); i++) {
        if (!strcmp(info_string(entity, "json-type"),
                    builtins[i].json_type)) {
            text = builtins[i].text;
        }
    }
    g_string_append(out, text);
}

char *qapi_info_describe(const QapiInfo *info, const char *type)
{
    GString *out = g_string_new(NULL);

    describe(info, info && type ? info_lookup(&info->set, type) : NULL, out,
             0);
    return g_string_free(out, FALSE);
}
