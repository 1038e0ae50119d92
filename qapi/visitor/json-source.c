/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The two kinds of values that an input visitor reads: nodes of json-glib, and
 * items of a document.  Each function of one table does what its counterpart in
 * the other table does, so that a command accepts the same arguments in both
 * forms.
 */
#include "qapi/visitor/json-source-internal.h"

#include "qapi/json/json-doc-internal.h"
#include "qapi/json/json-internal.h"
#include "qapi/scalar-text.h"

#include <string.h>

/* ---- Nodes; json-glib takes no `const` ---- */

/* Removes the const of a value, which is a JsonNode. */
static JsonNode *to_node(const void *value)
{
    return (JsonNode *)value;
}

static QType node_qtype(const void *value)
{
    return json_qtype(to_node(value));
}

/* Only for a string; a number that is kept as text is none. */
static const char *node_get_string(const void *value)
{
    return json_node_get_string(to_node(value));
}

static bool node_get_boolean(const void *value)
{
    return json_node_get_boolean(to_node(value));
}

static bool node_is_integer(const void *value)
{
    return json_number_is_integer(to_node(value));
}

static bool node_get_int64(const void *value, int64_t *n)
{
    return json_number_get_int64(to_node(value), n);
}

static bool node_get_uint64(const void *value, uint64_t *n)
{
    return json_number_get_uint64(to_node(value), n);
}

static bool node_get_double(const void *value, double *n)
{
    return json_number_get_double(to_node(value), n);
}

/*
 * Objects and arrays are shared with the original, which does not change while
 * it is visited.
 */
static JsonNode *node_to_node(const void *value)
{
    return json_node_copy(to_node(value));
}

static JsonObject *node_object(const void *value)
{
    return json_node_get_object(to_node(value));
}

static size_t node_n_members(const void *object)
{
    return json_object_get_size(node_object(object));
}

/* A hash lookup by json-glib. */
static const void *node_member(const void *object, const char *name)
{
    return json_object_get_member(node_object(object), name);
}

/* In the order of the text, so that the error names the first member. */
static const char *node_find_member(const void *object,
                                    bool (*match)(const void *, void *),
                                    void *opaque)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *node;

    json_object_iter_init_ordered(&iter, node_object(object));
    while (json_object_iter_next_ordered(&iter, &name, &node)) {
        if (match(node, opaque)) {
            return name;
        }
    }
    return NULL;
}

static size_t node_n_elements(const void *array)
{
    return json_array_get_length(json_node_get_array(to_node(array)));
}

/* Arrays of json-glib are indexed, so @previous is not needed. */
static const void *node_element(const void *array, size_t index,
                                const void *previous)
{
    return json_array_get_element(json_node_get_array(to_node(array)), index);
}

const JsonSource json_node_source = {
    .qtype = node_qtype,
    .get_string = node_get_string,
    .get_boolean = node_get_boolean,
    .is_integer = node_is_integer,
    .get_int64 = node_get_int64,
    .get_uint64 = node_get_uint64,
    .get_double = node_get_double,
    .to_node = node_to_node,
    .n_members = node_n_members,
    .member = node_member,
    .find_member = node_find_member,
    .n_elements = node_n_elements,
    .element = node_element,
};

/* ---- Items ---- */

/* The root of a document, or a part of it. */
static const JsonItem *to_item(const void *value)
{
    return value;
}

/*
 * The functions of items have the parameters of the table, which knows no
 * types.
 */
static QType item_qtype(const void *value)
{
    return json_item_qtype(value);
}

static const char *item_get_string(const void *value)
{
    return json_item_string(value);
}

static bool item_get_boolean(const void *value)
{
    return to_item(value)->kind == JSON_KIND_TRUE;
}

/*
 * Returns the spelling of an integer that is kept as text; NULL for any other
 * item.
 */
static const char *item_integer_text(const JsonItem *item)
{
    return item->kind == JSON_KIND_NUMBER &&
        json_number_text_is_integer(item->text) ? item->text : NULL;
}

static bool item_is_integer(const void *value)
{
    const JsonItem *item = value;

    return item->kind == JSON_KIND_INT64 || item_integer_text(item);
}

/* Follows json_number_get_int64(). */
static bool item_get_int64(const void *value, int64_t *n)
{
    const JsonItem *item = value;
    const char *text;

    if (item->kind == JSON_KIND_INT64) {
        *n = item->i64;
        return true;
    }
    text = item_integer_text(item);
    return text && scalar_parse_int64(text, n);
}

/* Follows json_number_get_uint64(). */
static bool item_get_uint64(const void *value, uint64_t *n)
{
    const JsonItem *item = value;
    const char *text;

    if (item->kind == JSON_KIND_INT64) {
        if (item->i64 < 0) {
            return false;
        }
        *n = item->i64;
        return true;
    }
    text = item_integer_text(item);
    return text && scalar_parse_uint64(text, n);
}

/* Follows json_number_get_double(); an item is never a double. */
static bool item_get_double(const void *value, double *n)
{
    const JsonItem *item = value;

    if (item->kind == JSON_KIND_INT64) {
        return json_number_int64_to_double(item->i64, n);
    }
    return item->kind == JSON_KIND_NUMBER &&
        scalar_parse_number(item->text, n);
}

/* Creates nodes, because the document is freed after the request. */
static JsonNode *item_to_node(const void *value)
{
    return json_item_to_node(value);
}

/* Objects and arrays count their members and elements in the same field. */
static size_t item_n(const void *container)
{
    return to_item(container)->n;
}

/* A linear search in the members' names. */
static const void *item_member(const void *object, const char *name)
{
    return json_item_member(object, name);
}

/* In the order of the text, like node_find_member(). */
static const char *item_find_member(const void *object,
                                    bool (*match)(const void *, void *),
                                    void *opaque)
{
    const JsonItem *member = NULL;
    const char *name;

    while ((member = json_item_next_member(object, member, &name))) {
        if (match(member, opaque)) {
            return name;
        }
    }
    return NULL;
}

/* An item is found from the one before it; the visitor keeps that one. */
static const void *item_element(const void *array, size_t index,
                                const void *previous)
{
    return previous ? json_item_behind(previous) : json_item_first(array);
}

/* Objects and arrays differ only in what follows the container. */
const JsonSource json_item_source = {
    .qtype = item_qtype,
    .get_string = item_get_string,
    .get_boolean = item_get_boolean,
    .is_integer = item_is_integer,
    .get_int64 = item_get_int64,
    .get_uint64 = item_get_uint64,
    .get_double = item_get_double,
    .to_node = item_to_node,
    .n_members = item_n,
    .member = item_member,
    .find_member = item_find_member,
    .n_elements = item_n,
    .element = item_element,
};
