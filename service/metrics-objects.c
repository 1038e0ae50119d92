/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Metrics of objects that are no event loops: all numbers of their statistics.
 *
 * A number has the name of its type and member, and the base unit.  Which of
 * them only grow is not known, so the type of their families is "unknown".
 */
#include "service/metrics-internal.h"

#include "qapi/json/json.h"
#include "util/hash.h"

#include <string.h>

/* Names have letters, digits and '_'. */
static void append_name(GString *out, const char *text)
{
    for (const char *p = text; *p; p++) {
        g_string_append_c(out, g_ascii_isalnum(*p) ? *p : '_');
    }
}

/*
 * Lines of families that several objects have, by the family's name.  All lines
 * of a family follow each other, so they are collected first.
 */
typedef struct Others {
    GHashTable *lines; /* char * -> GString * */
    GPtrArray *names;  /* in the order in which they were found */
} Others;

static void string_free(void *string)
{
    g_string_free(string, TRUE);
}

/* Returns: borrowed; the lines of a family, which are created on first use */
static GString *lines_of(Others *others, const char *name)
{
    GString *lines = g_hash_table_lookup(others->lines, name);
    char *key;

    if (!lines) {
        key = g_strdup(name);
        lines = g_string_new(NULL);
        g_hash_table_insert(others->lines, key, lines);
        g_ptr_array_add(others->names, key);
    }
    return lines;
}

/* Adds a number.  The name of one in nanoseconds ends with "seconds". */
static void add_number(Others *others, const char *prefix, const char *id,
                       const char *member, double number)
{
    bool is_ns = g_str_has_suffix(member, "-ns");
    g_autofree char *base = g_strndup(member, strlen(member) - 3 * is_ns);
    g_autoptr(GString) name = g_string_new(prefix);
    GString *lines;

    g_string_append_c(name, '_');
    append_name(name, base);
    g_string_append(name, is_ns ? "_seconds" : "");
    lines = lines_of(others, name->str);
    g_string_append_printf(lines, "%s{object=\"", name->str);
    metrics_append_label_value(lines, id);
    g_string_append(lines, "\"} ");
    metrics_append_number(lines, is_ns ? number / 1e9 : number);
    g_string_append_c(lines, '\n');
}

/* Adds the numbers of an object, and those of objects in it. */
static void add_numbers(Others *others, const char *prefix, const char *id,
                        JsonObject *stats)
{
    JsonObjectIter iter;
    const char *member;
    JsonNode *value;

    json_object_iter_init_ordered(&iter, stats);
    while (json_object_iter_next_ordered(&iter, &member, &value)) {
        if (JSON_NODE_HOLDS_OBJECT(value)) {
            g_autoptr(GString) name = g_string_new(prefix);

            g_string_append_c(name, '_');
            append_name(name, member);
            add_numbers(others, name->str, id, json_node_get_object(value));
        } else if (json_qtype(value) == QTYPE_QNUM) {
            add_number(others, prefix, id, member, json_number_round(value));
        }
    }
}

/* Appends a family of which only the name is known. */
static void append_family(GString *out, const char *name, const GString *lines)
{
    static const char *const units[] = { "seconds", "bytes" };

    g_string_append_printf(out, "# TYPE %s unknown\n", name);
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
        g_autofree char *suffix = g_strconcat("_", units[i], NULL);

        if (g_str_has_suffix(name, suffix)) {
            g_string_append_printf(out, "# UNIT %s %s\n", name, units[i]);
        }
    }
    g_string_append(out, lines->str);
}

/* Families of types that several objects have are one family. */
void metrics_append_objects(GString *out, JsonArray *objects)
{
    Others others = {
        .lines = g_hash_table_new_full(hash_str, g_str_equal, g_free,
                                       string_free),
        .names = g_ptr_array_new(),
    };

    for (guint i = 0; i < json_array_get_length(objects); i++) {
        JsonObject *object = json_array_get_object_element(objects, i);
        JsonObject *stats = json_member_object(object, "stats");
        g_autoptr(GString) prefix = g_string_new("qom_");

        append_name(prefix, json_object_get_string_member_with_default(
                                object, "qom-type", "object"));
        if (stats && !metrics_loop_stats(object)) {
            add_numbers(&others, prefix->str, metrics_id_of(object), stats);
        }
    }
    for (guint i = 0; i < others.names->len; i++) {
        const char *name = others.names->pdata[i];

        append_family(out, name, g_hash_table_lookup(others.lines, name));
    }
    g_ptr_array_unref(others.names);
    g_hash_table_unref(others.lines);
}
