/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The JSON reader: a text that it accepts survives a round trip through the
 * writer.  A stream yields the same values and errors however the text is cut,
 * as nodes and as documents.
 */
#include "qapi/json/json-doc.h"
#include "qapi/json/json.h"
#include "tests/fuzz/fuzz.h"

static void check_round_trip(JsonNode *node, bool pretty)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(JsonNode) again = NULL;

    json_write(text, node, pretty);
    again = json_parse(text->str, text->len, &error_abort);
    g_assert_true(json_node_equal_deep(node, again));
}

static void check_parse(const char *text, size_t size)
{
    g_autoptr(Error) err = NULL;
    g_autoptr(JsonNode) node = json_parse(text, size, &err);
    g_autoptr(JsonNode) copy = NULL;

    g_assert_true(!node == !!err);
    if (node) {
        copy = json_node_copy_deep(node);
        g_assert_true(json_node_equal_deep(node, copy));
        check_round_trip(node, false);
        check_round_trip(node, true);
    }
}

static void take(void *opaque, JsonNode *node, Error *err)
{
    GString *log = opaque;

    if (node) {
        json_write(log, node, false);
        json_node_unref(node);
    } else {
        g_string_append(log, error_get_pretty(err));
        error_free(err);
    }
    g_string_append_c(log, '\n');
}

static void take_doc(void *opaque, JsonDoc *doc, Error *err)
{
    GString *log = opaque;
    size_t start = log->len;
    g_autoptr(GString) text = g_string_new(NULL);

    take(opaque, doc ? json_item_to_node(json_doc_root(doc)) : NULL, err);
    if (doc) {
        json_item_write(text, json_doc_root(doc));
        g_string_append_c(text, '\n');
        g_assert_cmpstr(text->str, ==, log->str + start);
    }
    json_doc_free(doc);
}

/* All of a text, @piece bytes at a time. */
static void feed(JsonStream *stream, const char *text, size_t size,
                 size_t piece)
{
    for (size_t at = 0; at < size; at += piece) {
        json_stream_feed(stream, text + at, MIN(piece, size - at));
    }
    json_stream_flush(stream);
}

/* Returns: (transfer full) all values and errors of a stream */
static GString *read_stream(const char *text, size_t size, size_t piece)
{
    GString *log = g_string_new(NULL);
    g_autoptr(JsonStream) stream = json_stream_new(take, log);

    feed(stream, text, size, piece);
    return log;
}

static GString *read_docs(const char *text, size_t size, size_t piece)
{
    GString *log = g_string_new(NULL);
    g_autoptr(JsonStream) stream = json_stream_new_doc(take_doc, log);

    feed(stream, text, size, piece);
    return log;
}

static void mutate(GString *text, MutateRandom *r)
{
    static const char *const keys[] = { "a", "b", "\\u0061", NULL };
    static const char *const values[] = { NULL };
    static const MutateWords words = { keys, values };

    mutate_json(text, r, &words);
}

const FuzzMutator fuzz_mutator = { mutate, mutate_json_cross };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    g_autoptr(GString) whole = read_stream(text, size, MAX(size, 1));
    g_autoptr(GString) bytes = read_stream(text, size, 1);
    g_autoptr(GString) cut = read_stream(text, size, 7);
    g_autoptr(GString) docs = read_docs(text, size, 5);

    g_assert_cmpstr(whole->str, ==, bytes->str);
    g_assert_cmpstr(whole->str, ==, cut->str);
    g_assert_cmpstr(whole->str, ==, docs->str);
    check_parse(text, size);
    return 0;
}
