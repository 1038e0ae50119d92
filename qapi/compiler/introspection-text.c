/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A text becomes a value of a type that is no alternate: a scalar, a list of
 * integers such as "0-3,8", or JSON for an object, an array or any value.
 */
#include "qapi/compiler/introspection-internal.h"
#include "qapi/json/json.h"
#include "qapi/qapi-command.h"
#include "qapi/scalar-text.h"
#include "qapi/suggestion.h"
#include "qapi/visitor/json-visitor.h"
#include "qapi/visitor/string-visitor.h"

#include <string.h>

/* The most values that a message lists if it suggests one of them. */
#define MAX_VALUES_TO_LIST 12

/*
 * Returns (transfer full) what the type accepts.
 * @near: the search for the value that was meant
 */
static char *expected_of(const InfoParser *parser, const char *type,
                         guint n_values, const Suggestion *near)
{
    return near->best && n_values > MAX_VALUES_TO_LIST
               ? g_strdup_printf("one of the %u accepted values", n_values)
               : qapi_info_describe(parser->info, type);
}

void info_set_mismatch(const InfoParser *parser, const char *type,
                       JsonNode *value, Error **errp)
{
    ERRP_GUARD();
    g_autofree char *expected = NULL;
    g_autoptr(GString) found = g_string_new(NULL);
    g_autoptr(GPtrArray) values = qapi_info_values(parser->info, type);
    Suggestion near;

    if (json_qtype(value) == QTYPE_QSTRING) {
        g_string_printf(found, "'%s'", json_node_get_string(value));
    } else {
        json_write(found, value, false);
    }
    suggestion_init(&near, json_qtype(value) == QTYPE_QSTRING
                               ? json_node_get_string(value)
                               : "");
    for (guint i = 0; i < values->len; i++) {
        suggestion_offer(&near, values->pdata[i]);
    }
    expected = expected_of(parser, type, values->len, &near);
    error_setg(errp, "argument '%s' of %s: %s is not %s", parser->path->str,
               parser->command, found->str, expected);
    suggestion_append_hint(&near, errp);
}

/* ---- Scalars ---- */

/*
 * The data calls every integer "int", so a range is not known, and a size is
 * not distinguished from a number: each accepts what the other one does.
 */
static JsonNode *parse_int(const char *text)
{
    int64_t i;
    uint64_t u;

    if (scalar_parse_int64(text, &i)) {
        return json_number_new_int64(i);
    }
    return scalar_parse_uint64(text, &u) || scalar_parse_size(text, &u)
               ? json_number_new_uint64(u)
               : NULL;
}

/* Returns true if the text can only be meant as JSON. */
static bool is_structured(const char *text)
{
    return *text == '{' || *text == '[';
}

/*
 * Returns JSON if the text is JSON, a string otherwise.  A text that begins
 * like an object or a list is never a string, because its writer meant JSON and
 * should learn where it is malformed.
 */
static JsonNode *parse_any(const InfoParser *parser, const char *text,
                           Error **errp)
{
    ERRP_GUARD();
    Error *err = NULL;
    JsonNode *node = json_parse(text, -1, &err);

    if (!node && is_structured(text)) {
        error_propagate(errp, err);
        error_prepend(errp, "argument '%s' of %s: ", parser->path->str,
                      parser->command);
        return NULL;
    }
    error_free(err);
    return node ? node : json_text_new(text);
}

JsonNode *info_parse_builtin(const char *json_type, const char *text)
{
    bool flag;
    double number;

    if (!strcmp(json_type, "string")) {
        return json_text_new(text);
    }
    if (!strcmp(json_type, "int")) {
        return parse_int(text);
    }
    if (!strcmp(json_type, "number") && scalar_parse_number(text, &number)) {
        return json_number_new_double(number);
    }
    if (!strcmp(json_type, "boolean") && scalar_parse_bool(text, &flag)) {
        return json_node_init_boolean(json_node_alloc(), flag);
    }
    if (!strcmp(json_type, "null") && !strcmp(text, "null")) {
        return json_node_new(JSON_NODE_NULL);
    }
    return NULL;
}

JsonNode *info_parse_enum(JsonObject *entity, const char *text)
{
    JsonArray *values = info_array(entity, "values");

    for (guint i = 0; i < info_length(values); i++) {
        if (!strcmp(info_string_at(values, i), text)) {
            return json_text_new(text);
        }
    }
    return NULL;
}

/* ---- Objects and lists ---- */

/* Returns (transfer full) NULL if @text is no value of @type. */
static JsonNode *parse_list_of(const QapiType *type, const char *text)
{
    g_autoptr(Visitor) in = string_input_visitor_new(text);
    JsonNode *node = NULL;
    g_autoptr(Visitor) out = json_output_visitor_new(&node);
    QapiValue value = { 0 };

    if (qapi_type_visit(in, NULL, type, &value, NULL) &&
        qapi_type_visit(out, NULL, type, &value, NULL)) {
        visit_complete(out, &node);
    }
    qapi_type_free(type, &value);
    return node;
}

/* Returns (transfer full) NULL if @text is no list of integers. */
static JsonNode *parse_int_list(const char *text)
{
    JsonNode *node = parse_list_of(&qapi_type_intList, text);

    return node ? node : parse_list_of(&qapi_type_uint64List, text);
}

/*
 * Parses @text for @entity, an object or an array type.  What is inside of JSON
 * is left to the program.
 */
static JsonNode *parse_structured(const InfoParser *parser, JsonObject *entity,
                                  JsonNode *value, Error **errp)
{
    ERRP_GUARD();
    const char *text = json_node_get_string(value);
    const char *path = parser->path->str;
    bool has_ints = !strcmp(info_string(entity, "element-type"), "int");
    JsonNode *node = NULL;

    if (*text == (info_is(entity, "object") ? '{' : '[')) {
        return parse_any(parser, text, errp);
    }
    if (has_ints) {
        node = parse_int_list(text);
    }
    if (!node) {
        info_set_mismatch(parser, info_string(entity, "name"), value, errp);
    }
    if (!node && info_is(entity, "array")) {
        error_append_hint(errp, "Its elements are %s.0=..., %s.1=...%s\n",
                          path, path, has_ints ? ", or a range 0-3" : "");
    }
    return node;
}

/* ---- Any type ---- */

JsonNode *info_parse_text(const InfoParser *parser, JsonObject *entity,
                          JsonNode *value, Error **errp)
{
    const char *text = json_node_get_string(value);
    const char *json_type = info_string(entity, "json-type");
    JsonNode *node;

    if (!entity || !strcmp(json_type, "value")) {
        return parse_any(parser, text, errp);
    }
    if (info_is(entity, "object") || info_is(entity, "array")) {
        return parse_structured(parser, entity, value, errp);
    }
    node = info_is(entity, "enum") ? info_parse_enum(entity, text)
                                   : info_parse_builtin(json_type, text);
    if (!node) {
        info_set_mismatch(parser, info_string(entity, "name"), value, errp);
    }
    return node;
}
