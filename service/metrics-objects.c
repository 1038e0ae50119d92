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
static void append_name(GString *out, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        g_string_append_c(out, g_ascii_isalnum(text[i]) ? text[i] : '_');
    }
}

/*
 * Lines of families that several objects have, by the family's name.  All lines
 * of a family follow each other, so they are collected first.
 */
struct MetricsOthers {
    GHashTable *lines; /* char * -> GString * */
    GPtrArray *names;  /* in the order in which they were found */
};

static void string_free(void *string)
{
    g_string_free(string, TRUE);
}

MetricsOthers *metrics_others_new(void)
{
    MetricsOthers *others = g_new(MetricsOthers, 1);

    others->lines = g_hash_table_new_full(hash_str, g_str_equal, g_free,
                                          string_free);
    others->names = g_ptr_array_new();
    return others;
}

/* Returns: borrowed; the lines of a family, which are created on first use */
static GString *lines_of(MetricsOthers *others, const char *name)
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

/*
 * ---- Numbers ----
 * @name is the name of the object that has a number.  Names of members are
 * appended to it and cut off again.
 */

/* Adds a number.  The name of one in nanoseconds ends with "seconds". */
static void add_number(MetricsOthers *others, GString *name, const char *label,
                       const char *member, double number)
{
    bool is_ns = g_str_has_suffix(member, "-ns");
    size_t size = name->len;
    GString *lines;

    g_string_append_c(name, '_');
    append_name(name, member, strlen(member) - 3 * is_ns);
    g_string_append(name, is_ns ? "_seconds" : "");
    lines = lines_of(others, name->str);
    g_string_append_len(lines, name->str, name->len);
    g_string_append(lines, "{object=\"");
    g_string_append(lines, label);
    g_string_append(lines, "\"} ");
    metrics_append_number(lines, is_ns ? number / 1e9 : number);
    g_string_append_c(lines, '\n');
    g_string_truncate(name, size);
}

/* Adds the numbers of an object, and those of objects in it. */
static void add_numbers(MetricsOthers *others, GString *name,
                        const char *label, JsonObject *stats)
{
    size_t size = name->len;
    JsonObjectIter iter;
    const char *member;
    JsonNode *value;

    json_object_iter_init_ordered(&iter, stats);
    while (json_object_iter_next_ordered(&iter, &member, &value)) {
        if (JSON_NODE_HOLDS_OBJECT(value)) {
            g_string_append_c(name, '_');
            append_name(name, member, strlen(member));
            add_numbers(others, name, label, json_node_get_object(value));
            g_string_truncate(name, size);
        } else if (json_qtype(value) == QTYPE_QNUM) {
            add_number(others, name, label, member, json_number_round(value));
        }
    }
}

void metrics_others_add(MetricsOthers *others, const char *label,
                        JsonObject *object)
{
    JsonObject *stats = json_member_object(object, "stats");
    const char *type = json_object_get_string_member_with_default(
        object, "qom-type", "object");

    if (stats && !metrics_loop_stats(object)) {
        g_autoptr(GString) name = g_string_new("qom_");

        append_name(name, type, strlen(type));
        add_numbers(others, name, label, stats);
    }
}

/* ---- Families ---- */

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
    g_string_append_len(out, lines->str, lines->len);
}

/* Families of types that several objects have are one family. */
void metrics_others_finish(MetricsOthers *others, GString *out)
{
    for (guint i = 0; i < others->names->len; i++) {
        const char *name = others->names->pdata[i];

        append_family(out, name, g_hash_table_lookup(others->lines, name));
    }
    g_ptr_array_unref(others->names);
    g_hash_table_unref(others->lines);
    g_free(others);
}
