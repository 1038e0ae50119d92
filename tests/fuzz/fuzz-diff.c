/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Pairs of schemas for `qapi diff`.
 *
 * The input is the old schema, a line "----" and the new one.  A side may also
 * be introspection data, which is a JSON array and may come from another
 * program.  For any pair:
 *
 * - The same pair yields the same lines.
 * - Each line begins with "breaks" or "fine", and `breaks` is set if one
 *   breaks.
 * - A side does not differ from itself.
 * - Names of types have no meaning, so the lines do not change if numbers
 *   replace them.
 */
#include "qapi/compiler/compiler.h"
#include "qapi/json/json.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#define SEPARATOR "\n----\n"

/* Includes are looked for where there are none. */
#define PATH "/nowhere/fuzz.json"

typedef struct Side {
    JsonNode *info;   /* with names; NULL if it is neither */
    JsonNode *masked; /* with numbers for names; NULL if it is no schema */
} Side;

/* ---- Mutator ---- */

static const char *const keys[] = {
    "include", "enum", "struct", "union", "alternate", "command", "event",
    "class", "data", "base", "discriminator", "returns", "boxed", "allow-oob",
    "features", "name", "type", "properties", "default", "*opt", "a", "*a",
    "meta-type", "members", "arg-type", "ret-type", "element-type", "variants",
    "case", "tag", "json-type", "values", NULL,
};

static const char *const values[] = {
    "str", "int", "bool", "number", "null", "any", "size", "deprecated",
    "unstable", "Enum", "Struct", "Union", "Alternate", "builtin", "array",
    "object", "command", "event", "string", "value", "a", "b", "0", "1", NULL,
};

static const MutateWords words = { keys, values };

/* Where the separator begins; the end of the text if there is none. */
static size_t find_separator(const GString *text)
{
    const char *at = g_strstr_len(text->str, text->len, SEPARATOR);

    return at ? (size_t)(at - text->str) : text->len;
}

static void split(const GString *text, GString *old, GString *new)
{
    size_t at = find_separator(text);
    size_t next = MIN(at + strlen(SEPARATOR), text->len);

    g_string_append_len(old, text->str, at);
    g_string_append_len(new, text->str + next, text->len - next);
}

static void join(GString *text, const GString *old, const GString *new)
{
    g_string_truncate(text, 0);
    g_string_append_len(text, old->str, old->len);
    g_string_append(text, SEPARATOR);
    g_string_append_len(text, new->str, new->len);
}

/* Most pairs are a schema and what a few changes make of it. */
static void mutate(GString *text, MutateRandom *r)
{
    g_autoptr(GString) old = g_string_new(NULL);
    g_autoptr(GString) new = g_string_new(NULL);

    split(text, old, new);
    switch (mutate_below(r, 8)) {
    case 0:
        join(text, new, old);
        return;
    case 1:
        mutate_json(old, r, &words);
        join(text, old, new);
        return;
    case 2:
        g_string_truncate(new, 0);
        g_string_append_len(new, old->str, old->len);
        break;
    }
    mutate_json(new, r, &words);
    join(text, old, new);
}

/* Puts a part of the other pair's sides into the new side. */
static void cross(GString *text, const GString *other, MutateRandom *r)
{
    g_autoptr(GString) old = g_string_new(NULL);
    g_autoptr(GString) new = g_string_new(NULL);

    split(text, old, new);
    mutate_json_cross(new, other, r);
    join(text, old, new);
}

const FuzzMutator fuzz_mutator = { mutate, cross };

/* ---- Sides ---- */

static JsonNode *introspect(QapiSchema *schema, bool unmask)
{
    g_autoptr(GString) text = g_string_new(NULL);

    qapi_schema_introspect(schema, unmask, text);
    return json_parse(text->str, text->len, &error_abort);
}

static void side_load(Side *side, const GString *text)
{
    g_autoptr(JsonNode) root = json_parse(text->str, text->len, NULL);
    g_autoptr(QapiSchema) schema = NULL;

    if (root && JSON_NODE_HOLDS_ARRAY(root)) {
        side->info = g_steal_pointer(&root);
        return;
    }
    schema = qapi_schema_load_text(PATH, text->str, text->len, NULL);
    if (schema) {
        side->info = introspect(schema, true);
        side->masked = introspect(schema, false);
    }
}

static void side_clear(Side *side)
{
    g_clear_pointer(&side->info, json_node_unref);
    g_clear_pointer(&side->masked, json_node_unref);
}

/* ---- What must be so ---- */

/* Returns: (transfer full) the lines; NULL if a side is refused */
static char *diff(JsonNode *old, JsonNode *new, bool *breaks)
{
    QapiDiffSide before = { "old", old };
    QapiDiffSide after = { "new", new };
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(Error) err = NULL;
    bool ok;

    *breaks = false;
    ok = qapi_schema_diff(&before, &after, out, breaks, &err);
    g_assert_true(ok == !err);
    return ok ? g_strdup(out->str) : NULL;
}

/* A name in foreign data may hold a line break; then lines cannot be told. */
static void check_lines(const char *text, bool breaks)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    bool any = false;

    for (size_t i = 0; lines[i] && *lines[i]; i++) {
        bool line_breaks = g_str_has_prefix(lines[i], "breaks: ");

        g_assert_true(line_breaks || g_str_has_prefix(lines[i], "fine: "));
        any |= line_breaks;
    }
    g_assert_true(any == breaks);
}

static void check_same_side(JsonNode *info)
{
    bool breaks;
    g_autofree char *text = diff(info, info, &breaks);

    g_assert_false(breaks);
    g_assert_cmpstr(text, ==, "");
}

static void check_pair(const Side *old, const Side *new)
{
    bool breaks;
    bool again_breaks;
    g_autofree char *text = diff(old->info, new->info, &breaks);
    g_autofree char *again = diff(old->info, new->info, &again_breaks);

    g_assert_cmpstr(text, ==, again);
    g_assert_true(breaks == again_breaks);
    if (old->masked && new->masked) {
        g_autofree char *masked = diff(old->masked, new->masked,
                                       &again_breaks);

        g_assert_cmpstr(text, ==, masked);
        g_assert_true(breaks == again_breaks);
        check_lines(text, breaks);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GString) text = g_string_new_len((const char *)data, size);
    g_autoptr(GString) old_text = g_string_new(NULL);
    g_autoptr(GString) new_text = g_string_new(NULL);
    Side old = { NULL };
    Side new = { NULL };

    split(text, old_text, new_text);
    side_load(&old, old_text);
    side_load(&new, new_text);
    if (old.masked) {
        check_same_side(old.info);
        check_same_side(old.masked);
    }
    if (old.info && new.info) {
        check_pair(&old, &new);
    }
    side_clear(&old);
    side_clear(&new);
    return 0;
}
