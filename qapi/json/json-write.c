/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writing JSON text.  Consecutive bytes that need no escape are copied
 * together.  The one-line form has a space after each comma and colon, as in
 * QMP.  Only ASCII is written, so that the text survives every channel and
 * terminal.
 */
#include "qapi/json/json-doc-internal.h"
#include "qapi/json/json-internal.h"
#include "util/digits.h"

#include <math.h>
#include <string.h>

#define INDENT 4

/*
 * The number of levels that are indented.  Anything nested deeper is written on
 * one line.  Otherwise a few bytes of input could become lines with thousands
 * of blanks.
 */
#define MAX_INDENTED 16

/* Does what g_string_append_len() does, without a call if there is room. */
static inline void put(GString *out, const char *text, gsize n)
{
    if (G_LIKELY(out->len + n < out->allocated_len)) {
        memcpy(out->str + out->len, text, n);
        out->len += n;
        out->str[out->len] = 0;
    } else {
        g_string_append_len(out, text, n);
    }
}

/* Begins a line with the indentation of @depth levels. */
static void newline(GString *out, unsigned depth)
{
    gsize at = out->len + 1;

    g_string_append_c(out, '\n');
    g_string_set_size(out, at + depth * INDENT);
    memset(out->str + at, ' ', depth * INDENT);
}

/* Bytes that are written without an escape. */
static const bool is_plain[256] = {
    [0x20 ... '"' - 1] = true,
    ['"' + 1 ... '\\' - 1] = true,
    ['\\' + 1 ... 0x7E] = true,
};

/* Characters beyond the first plane are two escapes, a surrogate pair. */
static void write_unicode(GString *out, gunichar c)
{
    if (c >= 0x10000) {
        c -= 0x10000;
        g_string_append_printf(out, "\\u%04X\\u%04X", 0xD800 + (c >> 10),
                               0xDC00 + (c & 0x3FF));
    } else {
        g_string_append_printf(out, "\\u%04X", c);
    }
}

/*
 * Writes the character at @p, which needs an escape.  C0 80 is a NUL that the
 * parser has kept.  Bytes that are not UTF-8 are replaced one by one.  Returns
 * the byte after the character.
 */
static const char *write_escape(GString *out, const char *p)
{
    static const char from[] = "\"\\\b\f\n\r\t";
    static const char to[] = "\"\\bfnrt";
    const char *at = strchr(from, *p);
    gunichar c;

    if (at) {
        char escape[2] = { '\\', to[at - from] };

        put(out, escape, 2);
        return p + 1;
    }
    if ((unsigned char)p[0] == 0xC0 && (unsigned char)p[1] == 0x80) {
        g_string_append(out, "\\u0000");
        return p + 2;
    }
    c = g_utf8_get_char_validated(p, -1);
    if (c == (gunichar)-1 || c == (gunichar)-2) {
        write_unicode(out, 0xFFFD);
        return p + 1;
    }
    write_unicode(out, c);
    return g_utf8_next_char(p);
}

/* @p is NUL-terminated; a NUL inside it is C0 80. */
static void write_string(GString *out, const char *p)
{
    put(out, "\"", 1);
    while (*p) {
        const char *start = p;

        while (is_plain[(unsigned char)*p]) {
            p++;
        }
        put(out, start, p - start);
        if (*p) {
            p = write_escape(out, p);
        }
    }
    put(out, "\"", 1);
}

/* The number is written from its end: first the digits, then the sign. */
static void write_int(GString *out, int64_t value)
{
    /* The magnitude of the least int64_t does not fit into one. */
    uint64_t n = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    char text[1 + DIGITS_MAX];
    char *end = text + sizeof(text);
    char *p = digits_write(end, n);

    if (value < 0) {
        *--p = '-';
    }
    put(out, p, end - p);
}

/*
 * Writes the shortest form of 15 to 17 digits that is parsed as the same
 * double; 17 are always enough.
 */
static void write_double(GString *out, double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    int precision;

    if (!isfinite(value)) {
        g_string_append(out, "null");
        return;
    }
    for (precision = 15; precision <= 17; precision++) {
        char format[8];

        g_snprintf(format, sizeof(format), "%%.%dg", precision);
        g_ascii_formatd(text, sizeof(text), format, value);
        if (g_ascii_strtod(text, NULL) == value) {
            break;
        }
    }
    g_string_append(out, text);
}

/* A number that is kept as text is written as it came. */
static void write_value(GString *out, JsonNode *node)
{
    const char *text;

    switch (json_node_get_value_type(node)) {
    case G_TYPE_STRING:
        text = json_number_text(node);
        if (text) {
            put(out, text, strlen(text));
        } else {
            text = json_node_get_string(node);
            write_string(out, text ? text : "");
        }
        break;
    case G_TYPE_INT64:
        write_int(out, json_node_get_int(node));
        break;
    case G_TYPE_BOOLEAN:
        g_string_append(out, json_node_get_boolean(node) ? "true" : "false");
        break;
    default:
        write_double(out, json_node_get_double(node));
        break;
    }
}

static void write_node(GString *out, JsonNode *node, bool pretty,
                       unsigned depth);

/* Writes what comes before a member or element. */
static void separate(GString *out, bool first, bool pretty, unsigned depth)
{
    if (pretty) {
        if (!first) {
            put(out, ",", 1);
        }
        newline(out, depth);
    } else if (!first) {
        put(out, ", ", 2);
    }
}

/* Members are written in the order in which they were added. */
static void write_object(GString *out, JsonObject *object, bool pretty,
                         unsigned depth)
{
    bool first = true;
    JsonObjectIter iter;
    const char *name;
    JsonNode *node;

    put(out, "{", 1);
    json_object_iter_init_ordered(&iter, object);
    while (json_object_iter_next_ordered(&iter, &name, &node)) {
        separate(out, first, pretty, depth + 1);
        first = false;
        write_string(out, name);
        put(out, ": ", 2);
        write_node(out, node, pretty, depth + 1);
    }
    if (!first && pretty) {
        newline(out, depth);
    }
    put(out, "}", 1);
}

/* An empty array stays on one line. */
static void write_array(GString *out, JsonArray *array, bool pretty,
                        unsigned depth)
{
    guint n = json_array_get_length(array);
    guint i;

    put(out, "[", 1);
    for (i = 0; i < n; i++) {
        separate(out, !i, pretty, depth + 1);
        write_node(out, json_array_get_element(array, i), pretty, depth + 1);
    }
    if (n && pretty) {
        newline(out, depth);
    }
    put(out, "]", 1);
}

/* Beyond MAX_INDENTED levels everything inside is on one line. */
static void write_node(GString *out, JsonNode *node, bool pretty,
                       unsigned depth)
{
    pretty = pretty && depth < MAX_INDENTED;
    switch (json_node_get_node_type(node)) {
    case JSON_NODE_OBJECT:
        write_object(out, json_node_get_object(node), pretty, depth);
        break;
    case JSON_NODE_ARRAY:
        write_array(out, json_node_get_array(node), pretty, depth);
        break;
    case JSON_NODE_NULL:
        put(out, "null", 4);
        break;
    case JSON_NODE_VALUE:
        write_value(out, node);
        break;
    }
}

/*
 * Values of nodes nest at most as deep as the parser or the C code has built
 * them.
 */
void json_write(GString *out, JsonNode *node, bool pretty)
{
    write_node(out, node, pretty, 0);
}

/* ---- Items of documents ---- */

static void write_item(GString *out, const JsonItem *item, bool compact);

/* The compact form leaves out the blank, the second byte. */
static void separate_items(GString *out, bool first, bool compact)
{
    if (!first) {
        put(out, ", ", compact ? 1 : 2);
    }
}

/* A member is its name followed by its value. */
static void write_item_object(GString *out, const JsonItem *object,
                              bool compact)
{
    const JsonItem *name = object + 1;

    put(out, "{", 1);
    for (uint32_t i = 0; i < object->n; i++) {
        separate_items(out, !i, compact);
        write_string(out, name->text);
        put(out, ": ", compact ? 1 : 2);
        write_item(out, name + 1, compact);
        name = json_item_behind(name + 1);
    }
    put(out, "}", 1);
}

static void write_item_array(GString *out, const JsonItem *array,
                             bool compact)
{
    const JsonItem *element = array + 1;

    put(out, "[", 1);
    for (uint32_t i = 0; i < array->n; i++) {
        separate_items(out, !i, compact);
        write_item(out, element, compact);
        element = json_item_behind(element);
    }
    put(out, "]", 1);
}

/* The nesting is limited by the parser. */
static void write_item(GString *out, const JsonItem *item, bool compact)
{
    switch ((JsonKind)item->kind) {
    case JSON_KIND_NULL:
        put(out, "null", 4);
        break;
    case JSON_KIND_FALSE:
        put(out, "false", 5);
        break;
    case JSON_KIND_TRUE:
        put(out, "true", 4);
        break;
    case JSON_KIND_INT64:
        write_int(out, item->i64);
        break;
    case JSON_KIND_NUMBER:
        put(out, item->text, strlen(item->text));
        break;
    case JSON_KIND_STRING:
        write_string(out, item->text);
        break;
    case JSON_KIND_OBJECT:
        write_item_object(out, item, compact);
        break;
    case JSON_KIND_ARRAY:
        write_item_array(out, item, compact);
        break;
    }
}

/* No node is created: programs pass on what they have received. */
void json_item_write(GString *out, const JsonItem *item)
{
    write_item(out, item, false);
}

/* For programs that read byte by byte, as QEMU does. */
void json_item_write_compact(GString *out, const JsonItem *item)
{
    write_item(out, item, true);
}
