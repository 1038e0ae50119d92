/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The schema files, the running program and the property tables of all
 * registered classes agree.
 */
#include "qapi-types.h"

#include "qapi/compiler/compiler.h"
#include "qapi/json/json.h"
#include "qapi/schema-info.h"
#include "qom/object.h"
#include "tests/unit/test-util.h"
#include "util/module.h"

#include <string.h>

/* Classes are ordered by name here, and as in the files there. */
static int compare_keys(gconstpointer a, gconstpointer b, gpointer key)
{
    JsonNode *const *node_a = a;
    JsonNode *const *node_b = b;

    if (json_qtype(*node_a) == QTYPE_QSTRING) {
        return strcmp(json_node_get_string(*node_a),
                      json_node_get_string(*node_b));
    }
    return strcmp(json_object_get_string_member(json_node_get_object(*node_a),
                                                key),
                  json_object_get_string_member(json_node_get_object(*node_b),
                                                key));
}

static void sort_member(JsonObject *object, const char *name, const char *key)
{
    g_autoptr(GPtrArray) nodes = g_ptr_array_new();
    JsonArray *sorted = json_array_new();
    JsonArray *array;

    if (!json_object_has_member(object, name)) {
        json_array_unref(sorted);
        return;
    }
    array = json_object_get_array_member(object, name);
    for (guint i = 0; i < json_array_get_length(array); i++) {
        g_ptr_array_add(nodes, json_node_copy(
                                   json_array_get_element(array, i)));
    }
    g_ptr_array_sort_with_data(nodes, compare_keys, (gpointer)key);
    for (guint i = 0; i < nodes->len; i++) {
        json_array_add_element(sorted, nodes->pdata[i]);
    }
    json_object_set_array_member(object, name, sorted);
}

/* Name -> entity; borrowed from @infos */
static GHashTable *index_by_name(JsonNode *infos)
{
    GHashTable *index = g_hash_table_new(g_str_hash, g_str_equal);
    JsonArray *array = json_node_get_array(infos);

    for (guint i = 0; i < json_array_get_length(array); i++) {
        JsonNode *info = json_array_get_element(array, i);
        JsonObject *object = json_node_get_object(info);
        const char *name = json_object_get_string_member(object, "name");

        if (!strcmp(name, "ObjectType")) {
            sort_member(object, "members", "name");
            sort_member(object, "values", NULL);
        } else if (!strcmp(name, "ObjectOptions")) {
            sort_member(object, "variants", "case");
        }
        g_assert_true(g_hash_table_insert(index, (gpointer)name, info));
    }
    return index;
}

static void assert_contains(GHashTable *all, GHashTable *part,
                            const char *whose)
{
    GHashTableIter iter;
    gpointer name;
    gpointer info;

    g_hash_table_iter_init(&iter, part);
    while (g_hash_table_iter_next(&iter, &name, &info)) {
        JsonNode *other = g_hash_table_lookup(all, name);
        g_autoptr(GString) text = g_string_new(NULL);
        g_autoptr(GString) other_text = g_string_new(NULL);

        json_write(text, info, false);
        if (!other) {
            g_test_message("only %s have '%s'", whose, (char *)name);
            g_test_fail();
        } else if (!json_node_equal_deep(info, other)) {
            json_write(other_text, other, false);
            g_assert_cmpstr(text->str, ==, other_text->str);
        }
    }
}

static void test_files_and_program(void)
{
    g_autoptr(QapiSchema) schema = qapi_schema_load(SCHEMA, &error_abort);
    g_autoptr(JsonNode) live = qapi_schema_info(true, false);
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GHashTable) in_files = NULL;
    g_autoptr(GHashTable) in_program = NULL;
    g_autoptr(JsonNode) files = NULL;

    qapi_schema_introspect(schema, true, text);
    files = json_parse(text->str, text->len, &error_abort);
    in_files = index_by_name(files);
    in_program = index_by_name(live);
    g_assert_cmpuint(g_hash_table_size(in_files), >, 40);
    assert_contains(in_program, in_files, "the files");
    assert_contains(in_files, in_program, "the program's tables");
}

/* Compares a member of the generated tables with the class's property. */
static void compare_member(ObjectClass *klass, const QapiMember *member)
{
    ObjectProperty *prop = object_class_property_find(klass, member->name);
    g_autoptr(GString) def = g_string_new(NULL);

    g_test_message("%s.%s", object_class_get_name(klass), member->name);
    g_assert_nonnull(prop);
    g_assert_nonnull(prop->set);
    g_assert_true(prop->row->type == member->type);
    if (prop->defval) {
        json_write(def, prop->defval, false);
        g_assert_cmpstr(def->str, ==, member->details->def);
    } else {
        g_assert_null(member->details->def);
    }
    g_assert_cmpstr(prop->row->unit, ==, member->details->unit);
    g_assert_cmpint(!!(property_row_flags(prop->row) & PROPERTY_HAS_MIN), ==,
                    !!member->details->min);
    g_assert_cmpint(!!(property_row_flags(prop->row) & PROPERTY_HAS_MAX), ==,
                    !!member->details->max);
}

static unsigned count_settable(ObjectClass *klass)
{
    ObjectPropertyIterator iter;
    ObjectProperty *prop;
    unsigned n = 0;

    object_class_property_iter_init(&iter, klass);
    while ((prop = object_property_iter_next(&iter))) {
        n += prop->set != NULL;
    }
    return n;
}

static void test_files_and_classes(void)
{
    const QapiType *options = &qapi_type_ObjectOptions;
    g_autoptr(GSList) classes = object_class_get_list("user-creatable",
                                                      false);

    g_assert_cmpuint(g_slist_length(classes), ==, options->n_branches);
    for (uint32_t i = 0; i < options->n_branches; i++) {
        const QapiType *type = options->branches[i].type;
        ObjectClass *klass = object_class_by_name(options->branches[i].name);

        g_assert_nonnull(klass);
        g_assert_cmpuint(count_settable(klass), ==, type->n_members);
        for (uint32_t m = 0; m < type->n_members; m++) {
            compare_member(klass, &type->members[m]);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    module_call_init(MODULE_INIT_QMP);
    g_test_add_func("/schema/drift/files-and-program",
                    test_files_and_program);
    g_test_add_func("/schema/drift/files-and-classes",
                    test_files_and_classes);
    return test_run();
}
