/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Introspection data of any peer, as `qapi show -s` and `doc -s` read it.
 *
 * The input is the reply to query-qmp-schema, or to one of the commands that
 * describe classes.  For any input:
 *
 * - It becomes a schema, or there is an error.
 * - Every definition of the schema can be shown, and looks the same each time.
 * - A definition that the schema lacks is an error.
 * - The manual can be written in each format.
 * - The schema's own introspection data becomes a schema again.
 * - It can be read as a class, or there is an error.
 */
#include "qapi/compiler/compiler.h"
#include "qapi/json/json.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#define MAX_NAMES 100 /* that are shown; a description takes linear time */

static const char *const keys[] = {
    "name", "meta-type", "members", "arg-type", "ret-type", "element-type",
    "variants", "case", "tag", "json-type", "values", "type", "default",
    "features", "details", "doc", "min", "max", "unit", "set", "allow-oob",
    "parent", "abstract", "description", "default-value", NULL,
};

static const char *const values[] = {
    "builtin", "enum", "array", "object", "alternate", "command", "event",
    "string", "number", "int", "boolean", "null", "value", "str", "any",
    "0", "1", "2", "[1]", "[[1]]", "q_empty", "q_obj_go-arg", "Type1",
    "deprecated", "unstable", "bps_rd", "a_b", "A", "go", "GONE", "create",
    "never", "List", "intList", "", NULL,
};

static const MutateWords words = { keys, values };

static void mutate(GString *text, MutateRandom *r)
{
    mutate_json(text, r, &words);
}

static void cross(GString *text, const GString *other, MutateRandom *r)
{
    mutate_json_cross(text, other, r);
}

const FuzzMutator fuzz_mutator = { mutate, cross };

/* Returns (transfer full) the description; NULL if the schema lacks @name. */
static char *show(QapiSchema *schema, const char *name)
{
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(Error) err = NULL;

    if (!qapi_schema_show(schema, name, out, &err)) {
        g_assert_nonnull(err);
        g_assert_cmpuint(out->len, ==, 0);
        return NULL;
    }
    g_assert_null(err);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* Shows a definition twice; a masked one is called by its number. */
static void show_twice(QapiSchema *schema, const char *name)
{
    g_autofree char *masked = g_strconcat("Type", name, NULL);
    g_autofree char *first = show(schema, name);
    g_autofree char *second = show(schema, name);

    g_free(show(schema, masked));
    g_assert_cmpstr(first, ==, second);
}

/* Shows the entities that the data names; entries of other kinds are wrong. */
static void show_names(QapiSchema *schema, JsonArray *info)
{
    guint n = MIN(json_array_get_length(info), MAX_NAMES);

    for (guint i = 0; i < n; i++) {
        JsonObject *entity = json_array_get_object_element(info, i);

        show_twice(schema, json_object_get_string_member(entity, "name"));
    }
}

static void check_manual(QapiSchema *schema)
{
    for (int form = QAPI_MANUAL_HTML; form <= QAPI_MANUAL_MD; form++) {
        g_autoptr(GString) out = g_string_new(NULL);

        qapi_schema_manual(schema, form, out);
        g_assert_cmpuint(out->len, >, 0);
    }
}

/* Returns (transfer full) the schema's data as a schema. */
static QapiSchema *load_again(QapiSchema *schema, bool unmask)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(JsonNode) info = NULL;

    qapi_schema_introspect(schema, unmask, text);
    info = json_parse(text->str, text->len, &error_abort);
    return qapi_schema_load_info("again", info, &error_abort);
}

static void check_schema(JsonNode *info)
{
    g_autoptr(Error) err = NULL;
    g_autoptr(QapiSchema) schema = qapi_schema_load_info("peer", info, &err);
    g_autofree char *overview = NULL;

    g_assert_true(!schema == !!err);
    if (!schema) {
        return;
    }
    overview = show(schema, NULL);
    g_assert_nonnull(overview);
    show_names(schema, json_node_get_array(info));
    check_manual(schema);
    for (int unmask = 0; unmask < 2; unmask++) {
        g_autoptr(QapiSchema) again = load_again(schema, unmask);

        qapi_schema_free(load_again(again, unmask));
    }
}

/* The same reply serves as both; only their shapes differ. */
static void check_class(JsonNode *reply)
{
    g_autoptr(GString) one = g_string_new(NULL);
    g_autoptr(GString) all = g_string_new(NULL);
    g_autoptr(Error) err = NULL;

    g_assert_true(qapi_show_class("go", reply, reply, one, &err) == !err);
    if (!err) {
        g_assert_true(g_str_has_prefix(one->str, "class go"));
        qapi_show_classes(reply, all, &error_abort);
        g_assert_true(g_str_has_prefix(all->str, "class ("));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(JsonNode) root = json_parse((const char *)data, size, NULL);

    if (root) {
        check_schema(root);
        check_class(root);
    }
    return 0;
}
