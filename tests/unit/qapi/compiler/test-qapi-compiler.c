/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The schema compiler on input that is no schema: each gives one clear error.
 * What is wrong within schemas is tested by tests/schema/.
 */
#include "qapi/compiler/compiler.h"
#include "qapi/compiler/doc-text-internal.h"
#include "qapi/json/json.h"
#include "tests/unit/test-util.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Schemas are in a folder of their own, which is the current one. */
static char *folder;

static void write_file(const char *name, const char *text)
{
    g_assert_true(g_file_set_contents(name, text, -1, NULL));
}

static void assert_refused(const char *path, const char *message)
{
    Error *err = NULL;
    QapiSchema *schema = qapi_schema_load(path, &err);

    g_assert_null(schema);
    g_assert_cmpstr(error_get_pretty(err), ==, message);
    error_free(err);
}

static void assert_text_refused(const char *text, size_t len,
                                const char *message)
{
    Error *err = NULL;
    QapiSchema *schema = qapi_schema_load_text("t.json", text, len, &err);

    g_assert_null(schema);
    g_assert_cmpstr(error_get_pretty(err), ==, message);
    error_free(err);
}

static void assert_text_accepted(const char *text)
{
    Error *err = NULL;
    QapiSchema *schema =
        qapi_schema_load_text("t.json", text, strlen(text), &err);

    g_assert_cmpstr(err ? error_get_pretty(err) : NULL, ==, NULL);
    qapi_schema_free(schema);
}

static void test_missing(void)
{
    assert_refused("nowhere.json",
                   "qapi: can't read schema file 'nowhere.json': "
                   "No such file or directory [cant-read]\n");
}

/* The header of each module of a schema with a library in "library". */
static char *library_headers_of(const char *root)
{
    g_autoptr(QapiSchema) schema = qapi_schema_load_from(root, "library",
                                                         &error_abort);
    g_autoptr(GString) names = g_string_new(NULL);
    g_auto(GStrv) lines = NULL;
    GString *headers = g_string_new(NULL);

    qapi_schema_list_files(schema, NULL, names);
    lines = g_strsplit(names->str, "\n", -1);
    for (char **line = lines; *line; line++) {
        if (strstr(*line, "qapi-visit")) {
            g_string_append_printf(headers, "%s ", *line);
        }
    }
    return g_string_free(headers, FALSE);
}

static char *library_headers(void)
{
    return library_headers_of("own.json");
}

static void test_library(void)
{
    g_autofree char *headers = NULL;

    g_mkdir_with_parents("library/a", 0755);
    g_mkdir_with_parents("library/b", 0755);
    write_file("library/a/a.json", "{ 'include': '../b/b.json' }\n");
    write_file("library/b/b.json", "{ 'struct': 'Base', 'data': { } }\n");
    write_file("own.json", "{ 'include': 'a/a.json' }\n"
                           "{ 'struct': 'Own', 'base': 'Base',"
                           " 'data': { } }\n");
    headers = library_headers();
    g_assert_cmpstr(headers, ==, "qapi-visit.h a/qapi-visit-a.h "
                                 "b/qapi-visit-b.h ");
}

/* The schema of a plugin that is built in the library's own folder. */
static void test_library_around(void)
{
    g_autofree char *headers = NULL;

    g_mkdir_with_parents("library/a", 0755);
    g_mkdir_with_parents("library/plugin", 0755);
    write_file("library/a/a.json", "{ 'struct': 'Base', 'data': { } }\n");
    write_file("library/plugin/own.json", "{ 'include': 'a/a.json' }\n");
    write_file("library/plugin/schema.json", "{ 'include': 'own.json' }\n");
    headers = library_headers_of("library/plugin/schema.json");
    g_assert_cmpstr(headers, ==, "qapi-visit.h qapi-visit-own.h "
                                 "a/qapi-visit-a.h ");
}

static void test_library_comes_second(void)
{
    g_autofree char *headers = NULL;

    g_mkdir_with_parents("library", 0755);
    write_file("library/c.json", "{ 'struct': 'Nope' }\n");
    write_file("c.json", "{ 'struct': 'Other', 'data': { } }\n");
    write_file("own.json", "{ 'include': 'c.json' }\n");
    headers = library_headers();
    g_assert_cmpstr(headers, ==, "qapi-visit.h qapi-visit-c.h ");
}

static void test_library_has_it_not(void)
{
    Error *err = NULL;

    write_file("own.json", "{ 'include': 'nowhere.json' }\n");
    g_assert_null(qapi_schema_load_from("own.json", "library", &err));
    g_assert_cmpstr(error_get_pretty(err), ==,
                    "own.json:1:1: can't read include file 'nowhere.json': "
                    "No such file or directory [cant-read]\n");
    error_free(err);
}

static void test_folder(void)
{
    assert_refused(".", "qapi: can't read schema file '.': "
                        "Is a directory [cant-read]\n");
}

static void test_include_folder(void)
{
    write_file("a.json", "\n{ 'include': '.' }\n");
    assert_refused("a.json", "a.json:2:1: can't read include file '.': "
                             "Is a directory [cant-read]\n");
}

static void test_unreadable(void)
{
    write_file("a.json", "");
    g_chmod("a.json", 0);
    if (access("a.json", R_OK) == 0) {
        g_test_skip("this user may read anything");
    } else {
        assert_refused("a.json", "qapi: can't read schema file 'a.json': "
                                 "Permission denied [cant-read]\n");
    }
    g_unlink("a.json");
}

static void test_fifo(void)
{
    g_assert_cmpint(mkfifo("fifo.json", 0600), ==, 0);
    assert_refused("fifo.json", "qapi: can't read schema file 'fifo.json': "
                                "Not a regular file [cant-read]\n");
}

static void test_binary(void)
{
    g_assert_true(g_file_set_contents("a.json", "\x7f""ELF\xff\xfe", 6,
                                      NULL));
    assert_refused("a.json", "a.json:1:5: invalid byte 0xff: a schema is "
                             "UTF-8 text [not-text]\n");
}

static void test_nul(void)
{
    assert_text_refused("# \0 in a comment\n\0", 18,
                        "t.json:1:3: invalid byte 0x00: a schema is UTF-8 "
                        "text [not-text]\n");
}

static void test_large(void)
{
    write_file("large.json", "");
    g_assert_cmpint(truncate("large.json", 100 << 20), ==, 0);
    assert_refused("large.json",
                   "qapi: can't read schema file 'large.json': "
                   "File is larger than 64 MiB [cant-read]\n");
    g_unlink("large.json");
}

static void test_brackets(void)
{
    g_autofree char *text = g_strnfill(100000, '[');

    assert_text_refused(text, 100000, "t.json:1:401: brackets nest deeper "
                                      "than 400 [depth]\n");
}

static void test_braces(void)
{
    GString *text = g_string_new(NULL);

    for (int i = 0; i < 100000; i++) {
        g_string_append(text, "{ 'a':\n");
    }
    assert_text_refused(text->str, text->len,
                        "t.json:401:1: brackets nest deeper than 400 "
                        "[depth]\n");
    g_string_free(text, TRUE);
}

static void test_include_depth(void)
{
    QapiSchema *schema;
    Error *err = NULL;

    for (int i = 0; i < 402; i++) {
        g_autofree char *name = g_strdup_printf("chain%d.json", i);
        g_autofree char *text =
            g_strdup_printf("{ 'include': 'chain%d.json' }\n", i + 1);

        write_file(name, text);
    }
    schema = qapi_schema_load("chain0.json", &err);
    g_assert_null(schema);
    g_assert_true(g_str_has_suffix(
        error_get_pretty(err), "In file included from chain390.json:1:\n"
                               "In file included from further files:\n"
                               "chain400.json:1:1: includes nest deeper "
                               "than 400 [include-depth]\n"));
    error_free(err);
}

static void test_loop(void)
{
    write_file("a.json", "{ 'include': './b.json' }\n");
    write_file("b.json", "\n{ 'include': 'a.json' }\n");
    assert_refused("a.json", "In file included from a.json:1:\n"
                             "./b.json:2:1: inclusion loop for a.json "
                             "[include-loop]\n");
}

static void test_same_file(void)
{
    QapiSchema *schema;

    write_file("b.json", "{ 'struct': 'Foo', 'data': {} }\n");
    write_file("a.json", "{ 'include': 'b.json' }\n"
                         "{ 'include': './/b.json' }\n");
    schema = qapi_schema_load("a.json", &error_abort);
    g_assert_nonnull(schema);
    qapi_schema_free(schema);
}

static void test_line_ends(void)
{
    assert_text_refused("# a\r\n# b\r# c\n?", 14,
                        "t.json:4:1: stray '?' [stray]\n");
}

static void test_wide_space(void)
{
    assert_text_accepted("\xc2\xa0{ 'struct':\xe2\x80\x83'Foo',\v'data': {} }");
}

static void test_no_final_newline(void)
{
    assert_text_accepted("# comment");
    assert_text_accepted("{ 'struct': 'Foo', 'data': {} }");
    assert_text_accepted("");
}

static void test_many_errors(void)
{
    GString *text = g_string_new(NULL);
    Error *err = NULL;

    for (int i = 0; i < 1000; i++) {
        g_string_append(text, "{ 'struct': 'foo', 'data': {} }\n");
    }
    g_assert_null(qapi_schema_load_text("t.json", text->str, text->len,
                                        &err));
    g_assert_true(g_str_has_suffix(error_get_pretty(err),
                                   "[name-camel]\ntoo many errors\n"));
    error_free(err);
    g_string_free(text, TRUE);
}

static void test_escape_sequences(void)
{
    assert_text_refused("{ 'a\x1b': 1 }", 11,
                        "t.json:1:3: funny character in string "
                        "[string-char]\n");
    assert_text_refused("\x1b[31m", 5,
                        "t.json:1:1: stray 'U+001B' [stray]\n");
}

/* Unions within unions: as many ways through as there are atoms. */
static void test_nested_unions(void)
{
    GString *text = g_string_new("{ 'enum': 'Tag', 'data': ['a', 'b'] }\n"
                                 "{ 'struct': 'U200x', 'data': {} }\n"
                                 "{ 'struct': 'U200y', 'data': {} }\n");

    for (int i = 0; i < 200; i++) {
        for (char side = 'x'; side <= 'y'; side++) {
            g_string_append_printf(
                text, "{ 'union': 'U%d%c', 'base': { 't%d': 'Tag' }, "
                "'discriminator': 't%d', "
                "'data': { 'a': 'U%dx', 'b': 'U%dy' } }\n",
                i, side, i, i, i + 1, i + 1);
        }
    }
    assert_text_accepted(text->str);
    g_string_free(text, TRUE);
}

/* Text of documentation as written, and as a value. */
static const char *const joined_texts[][2] = {
    { "", "" },
    { "one line", "one line" },
    { "at most so many;\n    the rest is dropped",
      "at most so many; the rest is dropped" },
    { "A sentence.  Another\nin two lines.",
      "A sentence. Another in two lines." },
    { "one paragraph\nof two lines\n\n\nand another",
      "one paragraph of two lines\n\nand another" },
    { "\n    the name stood alone,\n    and its text is below",
      "the name stood alone, and its text is below" },
    { "one of\n\n    - the first, which\n      goes on\n    - the second",
      "one of\n\n- the first, which goes on\n- the second" },
    { "in steps:\n1. first\n2. second,\n   later",
      "in steps:\n1. first\n2. second, later" },
    { "as this::\n\n    { 'a':\n        1 }\n\n    { }\n\nand on",
      "as this::\n\n    { 'a':\n        1 }\n\n    { }\n\nand on" },
    { "first\n    as this::\n\n        { 'a':   1 }\n",
      "first as this::\n\n    { 'a':   1 }" },
};

static void test_join_text(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(joined_texts); i++) {
        g_autofree char *joined = doc_join(joined_texts[i][0]);

        g_assert_cmpstr(joined, ==, joined_texts[i][1]);
    }
}

static void test_diagnostic_names(void)
{
    unsigned n = 0;

    while (qapi_diagnostic_name(n)) {
        for (unsigned i = 0; i < n; i++) {
            g_assert_cmpstr(qapi_diagnostic_name(i), !=,
                            qapi_diagnostic_name(n));
        }
        n++;
    }
    g_assert_cmpuint(n, >, 100);
}

static void remove_files(const char *path)
{
    GDir *dir = g_dir_open(path, 0, NULL);
    const char *name;

    while ((name = g_dir_read_name(dir))) {
        g_autofree char *file = g_build_filename(path, name, NULL);

        if (g_file_test(file, G_FILE_TEST_IS_DIR)) {
            remove_files(file);
        }
        g_remove(file);
    }
    g_dir_close(dir);
}

/*
 * What programs send: an empty object that is the type of a member, and names
 * that no schema may use.
 */
static void test_info_of_a_program(void)
{
    static const char text[] =
        "[{'name': 'go', 'meta-type': 'command', 'arg-type': '0',"
        "  'ret-type': '1'},"
        " {'name': '0', 'meta-type': 'object', 'members': ["
        "  {'name': 'bps_rd', 'type': 'int'}, {'name': 'X', 'type': '2'},"
        "  {'name': 'all', 'type': '[2]'}]},"
        " {'name': '1', 'meta-type': 'object', 'members': []},"
        " {'name': '2', 'meta-type': 'object', 'members': []},"
        " {'name': '[2]', 'meta-type': 'array', 'element-type': '2'},"
        " {'name': 'int', 'meta-type': 'builtin', 'json-type': 'int'}]";
    g_autoptr(JsonNode) info = json_parse(text, -1, &error_abort);
    g_autoptr(GString) out = g_string_new(NULL);
    Error *err = NULL;
    g_autoptr(QapiSchema) schema = qapi_schema_load_info("peer", info, &err);

    g_assert_cmpstr(error_get_pretty(err), ==, NULL);
    qapi_schema_show(schema, "go", out, &error_abort);
    g_assert_cmpstr(out->str, ==, "command go\n  arguments\n"
                    "    bps_rd: int\n    X: Type2\n    all: [Type2]\n");
    g_string_truncate(out, 0);
    qapi_schema_show(schema, "Type2", out, &error_abort);
    g_assert_cmpstr(out->str, ==, "struct Type2\n  used by: go, Type0\n");
}

/* The option is for a schema that does not name its version itself. */
static void test_language(void)
{
    QapiLoad load = { .path = "old.json", .language = NULL };
    Error *err = NULL;

    write_file("old.json", "##\n# One blank. That was enough.\n##\n");
    g_assert_null(qapi_schema_load_with(&load, &err));
    assert_error(err, "old.json:2:13: Use two spaces between sentences"
                 " [doc-sentences]\n");
    load.language = "10.1";
    qapi_schema_free(qapi_schema_load_with(&load, &error_abort));
    load.language = "9.2";
    g_assert_null(qapi_schema_load_with(&load, &err));
    assert_error(err, "'9.2' is no version of the schema language; known are"
                 " '7.2', '10.0', '10.1', '10.2', '11.0', '11.1'");
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } tests[] = {
        { "info/of-a-program", test_info_of_a_program },
        { "language", test_language },
        { "missing-file", test_missing },
        { "folder", test_folder },
        { "include-folder", test_include_folder },
        { "unreadable-file", test_unreadable },
        { "fifo", test_fifo },
        { "binary-file", test_binary },
        { "nul-byte", test_nul },
        { "large-file", test_large },
        { "many-brackets", test_brackets },
        { "many-braces", test_braces },
        { "include-depth", test_include_depth },
        { "include-loop", test_loop },
        { "include-same-file-twice", test_same_file },
        { "line-ends-of-other-systems", test_line_ends },
        { "wide-space", test_wide_space },
        { "no-final-newline", test_no_final_newline },
        { "many-errors", test_many_errors },
        { "terminal-escapes-are-not-echoed", test_escape_sequences },
        { "unions-nested-exponentially", test_nested_unions },
        { "library", test_library },
        { "library-around", test_library_around },
        { "library-comes-second", test_library_comes_second },
        { "library-has-it-not", test_library_has_it_not },
        { "documentation-is-joined", test_join_text },
        { "diagnostic-names-differ", test_diagnostic_names },
    };
    int status;

    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path =
            g_strconcat("/qapi/compiler/", tests[i].name, NULL);

        g_test_add_func(path, tests[i].run);
    }
    folder = g_dir_make_tmp("test-qapi-compiler-XXXXXX", NULL);
    g_assert_cmpint(g_chdir(folder), ==, 0);
    status = test_run();
    remove_files(".");
    g_assert_cmpint(g_chdir("/"), ==, 0);
    g_rmdir(folder);
    g_free(folder);
    return status;
}
