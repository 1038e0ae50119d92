/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Input of any length and of the deepest nesting on a small stack.
 *
 * What follows the nesting of values by recursion must do with STACK_BYTES at
 * the limit of JSON_MAX_NESTING.
 */
#include "qapi/visitor/clone-visitor.h"
#include "qapi/visitor/dealloc-visitor.h"
#include "qapi/json/json-doc.h"
#include "qapi/visitor/json-visitor.h"
#include "qapi/json/json.h"
#include "qapi/visitor/keyval.h"
#include "tests/unit/test-types.h"
#include "tests/unit/test-util.h"
#include "util/thread.h"

#include <string.h>

/* Sanitizers and -O0 make frames larger. */
#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    !defined(__OPTIMIZE__)
#define STACK_BYTES (4 * 1024 * 1024)
#else
#define STACK_BYTES (256 * 1024)
#endif

/* @open as often as it fits into the limit, @middle, and as often @close. */
static char *nest(const char *open, unsigned levels, const char *middle,
                  const char *close)
{
    unsigned n = JSON_MAX_NESTING / levels - 1;
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < n; i++) {
        g_string_append(text, open);
    }
    g_string_append(text, middle);
    for (unsigned i = 0; i < n; i++) {
        g_string_append(text, close);
    }
    return g_string_free(text, FALSE);
}

static char *nested_structs(void)
{
    return nest("{\"id\": \"a\", \"size\": 1, \"next\": ", 1,
                "{\"id\": \"a\", \"size\": 1}", "}");
}

static char *nested_lists(void)
{
    return nest("{\"id\": \"a\", \"size\": 1, \"parts\": [", 2,
                "{\"id\": \"a\", \"size\": 1}", "]}");
}

/* ---- The functions ---- */

static void use_nodes(const char *text)
{
    g_autoptr(JsonNode) node = json_parse(text, -1, &error_abort);
    g_autoptr(JsonNode) copy = json_node_copy_deep(node);
    g_autoptr(GString) out = g_string_new(NULL);

    g_assert_true(json_node_equal_deep(node, copy));
    json_write(out, node, false);
    g_assert_cmpuint(out->len, >=, strlen(text));
    json_write(out, node, true);
}

static void nodes(void)
{
    g_autofree char *lists = nest("[", 1, "1", "]");
    g_autofree char *objects = nest("{\"a\": ", 1, "1", "}");

    use_nodes(lists);
    use_nodes(objects);
}

static void use_doc(const char *text)
{
    g_autoptr(JsonDoc) doc = json_doc_parse(text, -1, &error_abort);
    g_autoptr(JsonNode) node = json_item_to_node(json_doc_root(doc));

    g_assert_nonnull(node);
}

static void docs(void)
{
    g_autofree char *lists = nest("[", 1, "1", "]");
    g_autofree char *objects = nest("{\"a\": ", 1, "1", "}");

    use_doc(lists);
    use_doc(objects);
}

static void use_struct(const char *text)
{
    g_autoptr(JsonNode) node = json_parse(text, -1, &error_abort);
    g_autoptr(Visitor) v = json_input_visitor_new(node);
    g_autoptr(Visitor) dealloc = dealloc_visitor_new();
    g_autoptr(JsonNode) again = NULL;
    void *disk = NULL;
    void *clone = NULL;

    g_assert_true(qapi_type_visit(v, NULL, &Disk_type, &disk, &error_abort));
    qapi_type_clone(&Disk_type, &clone, &disk);
    g_assert_true(qapi_type_equal(&Disk_type, &disk, &clone));
    again = qapi_type_to_json(&Disk_type, &clone, &error_abort);
    g_assert_true(json_node_equal_deep(node, again));
    qapi_type_free(&Disk_type, &disk);
    qapi_type_visit(dealloc, NULL, &Disk_type, &clone, NULL);
}

static void structs(void)
{
    g_autofree char *next = nested_structs();
    g_autofree char *parts = nested_lists();

    use_struct(next);
    use_struct(parts);
}

static void keyval(void)
{
    g_autofree char *names = nest("a.", 1, "a=1", "");
    g_autofree char *indexes = nest(".0", 1, "=1", "");
    g_autofree char *list = g_strconcat("a", indexes, NULL);
    g_autoptr(JsonNode) a = keyval_parse(names, NULL, NULL, &error_abort);
    g_autoptr(JsonNode) b = keyval_parse(list, NULL, NULL, &error_abort);

    g_assert_true(keyval_merge(a, a, &error_abort));
    g_assert_true(keyval_merge(b, b, &error_abort));
}

/* ---- The thread ---- */

static void *run_on_stack(void *opaque)
{
    void (*function)(void) = *(void (**)(void))opaque;

    function();
    return NULL;
}

static void test_small(const void *data)
{
    Thread thread;

    g_assert_cmpint(thread_create(&thread, "small", STACK_BYTES, run_on_stack,
                                  (void *)data), ==, 0);
    thread_join(&thread);
}

int main(int argc, char **argv)
{
    static void (*const functions[])(void) = { nodes, docs, structs, keyval };

    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/stack/nodes", &functions[0], test_small);
    g_test_add_data_func("/stack/docs", &functions[1], test_small);
    g_test_add_data_func("/stack/structs", &functions[2], test_small);
    g_test_add_data_func("/stack/keyval", &functions[3], test_small);
    return test_run();
}
