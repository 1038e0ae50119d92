/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How JSON values are stored in json-glib's nodes.
 *
 * A number that a gint64 cannot hold as it is spelt is a string node: the byte
 * 0xFF, which never occurs in UTF-8, and the spelling.  C code might create a
 * string that begins with 0xFF.  Therefore json_text_new() repairs such a
 * string, and json_number_text() also checks the text after the byte.
 *
 * Reading a number never rounds an integer: a reader whose type cannot hold the
 * value exactly fails.
 */
#include "qapi/json/json-internal.h"
#include "qapi/scalar-text.h"

#include <math.h>
#include <string.h>

const char *json_number_text(JsonNode *node)
{
    const char *text;

    if (json_node_get_value_type(node) != G_TYPE_STRING) {
        return NULL;
    }
    text = json_node_get_string(node);
    if (!text || (unsigned char)text[0] != JSON_NUMBER_MARK) {
        return NULL;
    }
    text++;
    /* Other C code may have created a string that begins with the byte 0xFF. */
    return *text && !text[strspn(text, "0123456789+-.eE")] ? text : NULL;
}

/* Only a string node needs a second look at its contents. */
QType json_qtype(JsonNode *node)
{
    switch (json_node_get_node_type(node)) {
    case JSON_NODE_OBJECT:
        return QTYPE_QDICT;
    case JSON_NODE_ARRAY:
        return QTYPE_QLIST;
    case JSON_NODE_NULL:
        return QTYPE_QNULL;
    case JSON_NODE_VALUE:
        break;
    }
    switch (json_node_get_value_type(node)) {
    case G_TYPE_BOOLEAN:
        return QTYPE_QBOOL;
    case G_TYPE_STRING:
        return json_number_text(node) ? QTYPE_QNUM : QTYPE_QSTRING;
    default:
        return QTYPE_QNUM;
    }
}

/* The usual string is copied once and not checked. */
JsonNode *json_text_new(const char *text)
{
    JsonNode *node = json_node_alloc();

    if (text && (unsigned char)text[0] == JSON_NUMBER_MARK) {
        g_autofree char *valid = g_utf8_make_valid(text, -1);

        return json_node_init_string(node, valid);
    }
    return json_node_init_string(node, text ? text : "");
}

/* Usual numbers are composed on the stack. */
JsonNode *json_number_new_text(const char *text, size_t len)
{
    char small[64];
    g_autofree char *big = NULL;
    char *marked = small;

    if (len + 2 > sizeof(small)) {
        marked = big = g_malloc(len + 2);
    }
    marked[0] = (char)JSON_NUMBER_MARK;
    memcpy(marked + 1, text, len);
    marked[len + 1] = 0;
    return json_node_init_string(json_node_alloc(), marked);
}

JsonNode *json_number_new_int64(int64_t value)
{
    return json_node_init_int(json_node_alloc(), value);
}

JsonNode *json_number_new_uint64(uint64_t value)
{
    char text[24];
    int len;

    /* Small values become a gint64 node, as the parser creates it. */
    if (value <= INT64_MAX) {
        return json_number_new_int64(value);
    }
    len = g_snprintf(text, sizeof(text), "%" G_GUINT64_FORMAT, value);
    return json_number_new_text(text, len);
}

JsonNode *json_number_new_double(double value)
{
    return json_node_init_double(json_node_alloc(), value);
}

/* json-glib's accessors convert between types, so the type is checked first. */
static bool is_int_node(JsonNode *node)
{
    return JSON_NODE_HOLDS_VALUE(node) &&
        json_node_get_value_type(node) == G_TYPE_INT64;
}

/* Nodes of this type come from C code; the parser keeps text. */
static bool is_double_node(JsonNode *node)
{
    return JSON_NODE_HOLDS_VALUE(node) &&
        json_node_get_value_type(node) == G_TYPE_DOUBLE;
}

bool json_number_text_is_integer(const char *text)
{
    return !strpbrk(text, ".eE");
}

/*
 * Returns the spelling of an integer that is kept as text; NULL for any other
 * node.
 */
static const char *integer_text(JsonNode *node)
{
    const char *text = JSON_NODE_HOLDS_VALUE(node)
        ? json_number_text(node) : NULL;

    return text && json_number_text_is_integer(text) ? text : NULL;
}

bool json_number_is_integer(JsonNode *node)
{
    return is_int_node(node) || integer_text(node);
}

/*
 * A text node may hold an integer that fits but is spelt in another way, such
 * as -0.
 */
bool json_number_get_int64(JsonNode *node, int64_t *value)
{
    const char *text;

    if (is_int_node(node)) {
        *value = json_node_get_int(node);
        return true;
    }
    text = integer_text(node);
    return text && scalar_parse_int64(text, value);
}

/* Integers from 2^63 to 2^64-1 are always text. */
bool json_number_get_uint64(JsonNode *node, uint64_t *value)
{
    const char *text;

    if (is_int_node(node)) {
        int64_t n = json_node_get_int(node);

        if (n < 0) {
            return false;
        }
        *value = n;
        return true;
    }
    text = integer_text(node);
    return text && scalar_parse_uint64(text, value);
}

/* 2^63 itself must not be converted back, because an int64_t cannot hold it. */
bool json_number_int64_to_double(int64_t n, double *value)
{
    double number = n;

    if (number >= 0x1p63 || (int64_t)number != n) {
        return false;
    }
    *value = number;
    return true;
}

/*
 * A text is parsed by the rules for scalars, which reject an integer that would
 * be rounded.
 */
bool json_number_get_double(JsonNode *node, double *value)
{
    const char *text;

    if (is_int_node(node)) {
        return json_number_int64_to_double(json_node_get_int(node), value);
    }
    if (is_double_node(node)) {
        *value = json_node_get_double(node);
        return isfinite(*value);
    }
    text = JSON_NODE_HOLDS_VALUE(node) ? json_number_text(node) : NULL;
    return text && scalar_parse_number(text, value);
}

double json_number_round(JsonNode *node)
{
    double number = 0;
    uint64_t magnitude;
    int64_t integer;

    if (!node || json_number_get_double(node, &number)) {
        return number;
    }
    if (json_number_get_int64(node, &integer)) {
        return integer;
    }
    return json_number_get_uint64(node, &magnitude) ? magnitude : 0;
}

double json_member_round(JsonObject *object, const char *name)
{
    return json_number_round(object ? json_object_get_member(object, name)
                                    : NULL);
}

JsonObject *json_member_object(JsonObject *object, const char *name)
{
    JsonNode *node = object ? json_object_get_member(object, name) : NULL;

    return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node)
                                                : NULL;
}

/* Members keep their order. */
static JsonNode *copy_object(JsonObject *from)
{
    g_autoptr(JsonObject) to = json_object_new();
    JsonObjectIter iter;
    const char *name;
    JsonNode *node;

    json_object_iter_init_ordered(&iter, from);
    while (json_object_iter_next_ordered(&iter, &name, &node)) {
        json_object_set_member(to, name, json_node_copy_deep(node));
    }
    return json_node_init_object(json_node_alloc(), to);
}

/* The recursion is limited: the parser limits how deep values nest. */
static JsonNode *copy_array(JsonArray *from)
{
    guint n = json_array_get_length(from);
    g_autoptr(JsonArray) to = json_array_sized_new(n);
    guint i;

    for (i = 0; i < n; i++) {
        JsonNode *node = json_array_get_element(from, i);

        json_array_add_element(to, json_node_copy_deep(node));
    }
    return json_node_init_array(json_node_alloc(), to);
}

/* Scalars are copied by json-glib; the copy owns its text. */
JsonNode *json_node_copy_deep(JsonNode *node)
{
    switch (json_node_get_node_type(node)) {
    case JSON_NODE_OBJECT:
        return copy_object(json_node_get_object(node));
    case JSON_NODE_ARRAY:
        return copy_array(json_node_get_array(node));
    default:
        return json_node_copy(node);
    }
}

/*
 * Both have the same number of members, so each member of one must be in the
 * other.
 */
static bool equal_objects(JsonObject *a, JsonObject *b)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *node;

    if (json_object_get_size(a) != json_object_get_size(b)) {
        return false;
    }
    json_object_iter_init_ordered(&iter, a);
    while (json_object_iter_next_ordered(&iter, &name, &node)) {
        JsonNode *other = json_object_get_member(b, name);

        if (!other || !json_node_equal_deep(node, other)) {
            return false;
        }
    }
    return true;
}

static bool equal_arrays(JsonArray *a, JsonArray *b)
{
    guint n = json_array_get_length(a);
    guint i;

    if (n != json_array_get_length(b)) {
        return false;
    }
    for (i = 0; i < n; i++) {
        if (!json_node_equal_deep(json_array_get_element(a, i),
                                  json_array_get_element(b, i))) {
            return false;
        }
    }
    return true;
}

/*
 * Integers are compared exactly first, because a double may round.  Numbers
 * that a double cannot hold are compared as text.
 */
static bool equal_numbers(JsonNode *a, JsonNode *b)
{
    const char *a_text = json_number_text(a);
    const char *b_text = json_number_text(b);
    uint64_t ua, ub;
    int64_t ia, ib;
    double da, db;

    if (json_number_get_int64(a, &ia) && json_number_get_int64(b, &ib)) {
        return ia == ib;
    }
    if (json_number_get_uint64(a, &ua) && json_number_get_uint64(b, &ub)) {
        return ua == ub;
    }
    if (json_number_get_double(a, &da) && json_number_get_double(b, &db)) {
        return da == db;
    }
    return a_text && b_text && !strcmp(a_text, b_text);
}

/* Values of different JSON types are never equal. */
bool json_node_equal_deep(JsonNode *a, JsonNode *b)
{
    QType qtype = json_qtype(a);

    if (qtype != json_qtype(b)) {
        return false;
    }
    switch (qtype) {
    case QTYPE_QNUM:
        return equal_numbers(a, b);
    case QTYPE_QSTRING:
        return !strcmp(json_node_get_string(a), json_node_get_string(b));
    case QTYPE_QDICT:
        return equal_objects(json_node_get_object(a),
                             json_node_get_object(b));
    case QTYPE_QLIST:
        return equal_arrays(json_node_get_array(a), json_node_get_array(b));
    case QTYPE_QBOOL:
        return json_node_get_boolean(a) == json_node_get_boolean(b);
    default:
        return true;
    }
}
