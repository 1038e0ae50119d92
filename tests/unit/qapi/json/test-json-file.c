/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json_parse_file(): comments, and positions in errors and of values. */
#include "qapi/json/json.h"
#include "tests/unit/test-util.h"

static void test_file_comments(void)
{
    g_autoptr(JsonNode) node = json_parse_file(
        "f", "# a\n{ // b\n\"a\": [1, /* [2,\n* / */ 3] } /**/ //", -1, NULL,
        &error_abort);
    g_autoptr(GString) text = g_string_new(NULL);

    json_write(text, node, false);
    g_assert_cmpstr(text->str, ==, "{\"a\": [1, 3]}");
}

static void test_file_strings(void)
{
    g_autoptr(JsonNode) node = json_parse_file("f", "\"# // /* */\"", -1,
                                               NULL, &error_abort);

    g_assert_cmpstr(json_node_get_string(node), ==, "# // /* */");
}

static void test_file_errors(void)
{
    static const char *const cases[][2] = {
        { "", "f:1:1: expecting value" },
        { "// x", "f:1:5: expecting value" },
        { "[1,\n 2", "f:2:3: unexpected end of input" },
        { "[1 /* \n */ 2]", "f:2:5: expecting ',' or ']'" },
        { "[\n /* \n\n", "f:2:2: comment without end" },
        { "[] x", "f:1:4: expecting nothing more" },
        { "[/]", "f:1:2: stray '/'" },
        { "{\"a\": 1,\n \"a\": 2}", "f:2:7: duplicate key 'a'" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        GHashTable *positions = NULL;
        Error *err = NULL;

        g_assert_null(json_parse_file("f", cases[i][0], -1, &positions,
                                      &err));
        assert_error(err, cases[i][1]);
        g_assert_null(positions);
    }
}

static void test_file_positions(void)
{
    GHashTable *positions;
    g_autoptr(JsonNode) node = json_parse_file("f", "[ 5,\n  {\"a\": \"x\"}]",
                                               -1, &positions, &error_abort);
    JsonArray *array = json_node_get_array(node);
    JsonObject *object = json_array_get_object_element(array, 1);
    const JsonPosition *at;

    at = g_hash_table_lookup(positions, json_array_get_element(array, 0));
    g_assert_cmpuint(at->line, ==, 1);
    g_assert_cmpuint(at->column, ==, 3);
    at = g_hash_table_lookup(positions, json_object_get_member(object, "a"));
    g_assert_cmpuint(at->line, ==, 2);
    g_assert_cmpuint(at->column, ==, 9);
    g_hash_table_unref(positions);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qapi/json/file/comments", test_file_comments);
    g_test_add_func("/qapi/json/file/strings", test_file_strings);
    g_test_add_func("/qapi/json/file/errors", test_file_errors);
    g_test_add_func("/qapi/json/file/positions", test_file_positions);
    return test_run();
}
