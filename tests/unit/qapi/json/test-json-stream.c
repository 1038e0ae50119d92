/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qapi/json/json-doc.h"
#include "qapi/json/json.h"
#include "tests/unit/test-util.h"

#include <string.h>

/*
 * Input, and what comes of it: values one a line, "!" for an error.  Each row
 * runs as one piece, byte by byte, and in pieces of three bytes.
 */
typedef struct Row {
    const char *name;
    const char *input;
    const char *output;
    size_t size; /* of @input; 0: it is NUL-ended */
} Row;

static const Row rows[] = {
    { "nothing", "", "" },
    { "blanks", " \r\n\t\n", "" },
    { "object", "{\"a\": 1}", "{\"a\": 1}\n" },
    { "object-then-newline", "{\"a\": 1}\r\n", "{\"a\": 1}\n" },
    { "two-objects", "{}\n{}\n", "{}\n{}\n" },
    { "two-objects-adjacent", "{}[]", "{}\n[]\n" },
    { "over-several-lines", "{\n  \"a\":\n  [ 1,\n 2 ]\n}\n",
      "{\"a\": [1, 2]}\n" },
    { "scalar-ended-by-newline", "123\n", "123\n" },
    { "scalar-ended-by-bracket", "123{}", "123\n{}\n" },
    { "scalar-ended-by-end", "123", "123\n" },
    { "keyword-ended-by-end", "true", "true\n" },
    { "string", "\"a\\u00e9\\n\"", "\"a\\u00E9\\n\"\n" },
    { "string-utf8", "'\xc3\xa9\xf0\x9f\x98\x80'",
      "\"\\u00E9\\uD83D\\uDE00\"\n" },
    { "string-escaped-quote", "\"a\\\"b\\\\\" 1",
      "\"a\\\"b\\\\\"\n1\n" },
    { "id-exact", "[0.1, 1.0, 1e2, 123456789012345678901234567890]",
      "[0.1, 1.0, 1e2, 123456789012345678901234567890]\n" },

    { "end-in-object", "{\"a\": 1", "!\n" },
    { "end-in-string", "\"abc", "!\n" },
    { "end-in-escape", "\"abc\\", "!\n" },
    { "end-after-bad-number", "1e", "!\n" },

    { "keyword-then-line", "{\"a\": nul}\n{}\n", "!\n{}\n" },
    { "keyword-then-rest-of-line", "{\"a\": nul} {}\n", "!\n{}\n" },
    { "error-in-nested", "{\"a\": {\"b\": [1 2]}, \"c\": {}}\n{}\n",
      "!\n{}\n" },
    { "error-over-several-lines",
      "{\n \"a\": foo,\n \"b\": {\n  \"c\": 1\n }\n}\n{}\n", "!\n{}\n" },
    { "wrong-bracket", "{\"a\": [1, 2}\n{}\n", "!\n{}\n" },
    { "wrong-bracket-nested", "{\"a\": {]}, \"b\": 1}\n{}\n", "!\n{}\n" },
    { "unclosed-then-line", "{\"a\": 1\n{}\n", "!\n{}\n" },
    { "unclosed-bad-then-line", "{\"a\": foo\n{}\n", "!\n{}\n" },
    { "bracket-in-skipped-string", "{\"a\": foo, \"b\": \"}\"}{}",
      "!\n{}\n" },
    { "bracket-in-skipped-string-escape",
      "{\"a\": foo, \"b\": \"\\\"}\"}{}", "!\n{}\n" },
    { "bracket-in-skipped-single-quotes",
      "{\"a\": foo, \"b\": '}\"}'}{}", "!\n{}\n" },
    { "open-string-in-skipped", "{\"a\": foo, \"b\": \"\n{}\n", "!\n{}\n" },
    { "newline-in-string", "{\"a\": \"x\n{}\n", "!\n{}\n" },
    { "control-in-string", "{\"a\": \"x\001}\"}\n{}\n", "!\n{}\n" },
    { "control-in-object", "{\001\"a\": 1}\n{}\n", "!\n{}\n" },
    { "control-then-object", "\001{}\n", "!\n{}\n" },
    { "nul-then-object", "\0{}\n", "!\n{}\n", 4 },
    { "nul-in-object", "{\0}\n{}\n", "!\n{}\n", 7 },
    { "stray-close", "}\n{}\n", "!\n{}\n" },
    { "stray-closes", "}}]]\n{}\n", "!\n{}\n" },
    { "stray-word", "hello world\n{}\n", "!\n{}\n" },
    { "stray-apostrophe", "don't\n{}\n", "!\n{}\n" },
    { "stray-array-after-word", "foo [1]\n{}\n", "!\n{}\n" },
    { "trailing-comma", "[1,]\n{}\n", "!\n{}\n" },
    { "duplicate-key", "{\"a\": 1, \"a\": {\"b\": 2}}\n{}\n", "!\n{}\n" },
    { "bad-escape", "{\"a\": \"\\x\", \"b\": {}}\n{}\n", "!\n{}\n" },
    { "bad-utf8", "{\"a\": \"\xc3\", \"b\": {}}\n{}\n", "!\n{}\n" },
    { "two-bad-lines", "foo\nbar\n{}\n", "!\n!\n{}\n" },

    { "reset-byte", "\xff{}\n", "!\n{}\n" },
    { "reset-byte-in-object", "{\"a\": [\xff{}\n", "!\n{}\n" },
    { "reset-byte-in-string", "{\"a\": \"x\xff{}\n", "!\n{}\n" },
    { "reset-byte-in-skipped", "{\"a\": foo, [\xff{}\n", "!\n{}\n" },
    { "reset-byte-in-skipped-string", "{\"a\": foo, \"x\xff{}\n",
      "!\n{}\n" },
};

static void collect(void *opaque, JsonNode *node, Error *err)
{
    GString *out = opaque;

    g_assert_true(!node != !err);
    if (node) {
        json_write(out, node, false);
        json_node_unref(node);
    } else {
        g_string_append_c(out, '!');
        g_assert_true(g_utf8_validate(error_get_pretty(err), -1, NULL));
        error_free(err);
    }
    g_string_append_c(out, '\n');
}

/* The same of documents. */
static void collect_doc(void *opaque, JsonDoc *doc, Error *err)
{
    JsonNode *node = doc ? json_item_to_node(json_doc_root(doc)) : NULL;

    collect(opaque, node, err);
    json_doc_free(doc);
}

static void feed(JsonStream *stream, const char *input, size_t size,
                 size_t piece)
{
    size_t at;

    for (at = 0; at < size; at += piece) {
        json_stream_feed(stream, input + at, MIN(piece, size - at));
    }
    json_stream_flush(stream);
}

/* What comes of it, as nodes and as documents, is @output. */
static void assert_stream(const char *input, size_t size, size_t piece,
                          const char *output)
{
    g_autoptr(GString) nodes = g_string_new(NULL);
    g_autoptr(GString) docs = g_string_new(NULL);
    g_autoptr(JsonStream) node_stream = json_stream_new(collect, nodes);
    g_autoptr(JsonStream) doc_stream = json_stream_new_doc(collect_doc, docs);

    feed(node_stream, input, size, piece);
    g_assert_cmpstr(nodes->str, ==, output);
    feed(doc_stream, input, size, piece);
    g_assert_cmpstr(docs->str, ==, output);
}

static void test_row(const void *data)
{
    static const size_t pieces[] = { 1 << 20, 1, 3 };
    const Row *row = data;
    size_t size = row->size ? row->size : strlen(row->input);
    size_t i;

    for (i = 0; i < G_N_ELEMENTS(pieces); i++) {
        assert_stream(row->input, size, pieces[i], row->output);
    }
}

/* One bracket too many, and all its closing ones, make one error. */
static void test_nesting(void)
{
    g_autoptr(GString) input = g_string_new(NULL);
    int i;

    for (i = 0; i < JSON_MAX_NESTING + 100; i++) {
        g_string_append(input, i % 2 ? "[" : "{\"a\":");
    }
    for (i = JSON_MAX_NESTING + 100; i-- > 0;) {
        g_string_append_c(input, i % 2 ? ']' : '}');
    }
    g_string_append(input, "{}");
    assert_stream(input->str, input->len, 7, "!\n{}\n");
}

/* A string is refused when it grows too big, not only when it ends. */
static void test_endless_string(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(JsonStream) stream = json_stream_new(collect, out);
    g_autofree char *piece = g_strnfill(1 << 20, 'a');
    int i;

    json_stream_feed(stream, "\"", 1);
    for (i = 0; i < 66; i++) {
        json_stream_feed(stream, piece, 1 << 20);
    }
    g_assert_cmpstr(out->str, ==, "!\n");
    json_stream_feed(stream, "\"\n{}", 4);
    g_assert_cmpstr(out->str, ==, "!\n{}\n");
}

static void test_flush_begins_anew(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(JsonStream) stream = json_stream_new(collect, out);

    json_stream_feed(stream, "{\"a", 3);
    json_stream_flush(stream);
    json_stream_feed(stream, "{}", 2);
    g_assert_cmpstr(out->str, ==, "!\n{}\n");
}

static void test_free_in_the_middle(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(JsonStream) stream = json_stream_new(collect, out);

    json_stream_feed(stream, "{\"a\": [1, {\"b\": \"xyz", 20);
    g_assert_cmpstr(out->str, ==, "");
}

static void test_free_doc_in_the_middle(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(JsonStream) stream = json_stream_new_doc(collect_doc, out);

    json_stream_feed(stream, "{\"a\": [1, {\"b\": \"xyz", 20);
    g_assert_cmpstr(out->str, ==, "");
}

static void keep_message(void *opaque, JsonNode *node, Error *err)
{
    char **message = opaque;

    g_assert_null(node);
    *message = g_strdup(error_get_pretty(err));
    error_free(err);
}

/* Lines are those of the value, columns those of the stream's line. */
static void test_position(void)
{
    g_autofree char *message = NULL;
    g_autoptr(JsonStream) stream = json_stream_new(keep_message, &message);

    json_stream_feed(stream, "\n\n{\n \"a\": fo", 12);
    g_assert_null(message);
    json_stream_feed(stream, "o }", 3);
    g_assert_cmpstr(message, ==, "JSON parse error,"
                    " invalid keyword 'foo' (line 2, column 7)");
}

int main(int argc, char **argv)
{
    size_t i;

    g_test_init(&argc, &argv, NULL);
    for (i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strconcat("/qapi/json-stream/",
                                            rows[i].name, NULL);

        g_test_add_data_func(path, &rows[i], test_row);
    }
    g_test_add_func("/qapi/json-stream/limit/nesting", test_nesting);
    g_test_add_func("/qapi/json-stream/limit/endless-string",
                    test_endless_string);
    g_test_add_func("/qapi/json-stream/flush-restarts",
                    test_flush_begins_anew);
    g_test_add_func("/qapi/json-stream/free-in-the-middle",
                    test_free_in_the_middle);
    g_test_add_func("/qapi/json-stream/free-doc-in-the-middle",
                    test_free_doc_in_the_middle);
    g_test_add_func("/qapi/json-stream/position", test_position);
    return test_run();
}
