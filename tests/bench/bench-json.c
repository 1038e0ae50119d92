/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Values: JSON text of the size of QMP messages, keyval text, and scalars.  The
 * floor of reading JSON is to build and free the same nodes without a text.
 * The floor of writing is to copy the text.
 */
#include "qapi/json/json-doc.h"
#include "qapi/visitor/json-visitor.h"
#include "qapi/json/json.h"
#include "qapi/visitor/keyval.h"
#include "qapi/scalar-text.h"
#include "tests/bench/bench.h"

#include <stdlib.h>
#include <string.h>

static const char command[] =
    "{\"execute\": \"qom-get\", \"arguments\": {\"path\": \"/objects/io0\","
    " \"property\": \"poll-max-ns\"}, \"id\": 42}";

static const char reply[] =
    "{\"return\": [{\"id\": \"io0\", \"thread-id\": 1234,"
    " \"poll-max-ns\": 32768, \"poll-grow\": 0}], \"id\": 42}";

static void ours_parse(void *state, uint64_t n)
{
    while (n--) {
        JsonNode *node = json_parse(command, sizeof(command) - 1, NULL);

        BENCH_KEEP(node);
        json_node_unref(node);
    }
}

static void *json_glib_parser(const void *arg)
{
    return json_parser_new();
}

static void json_glib_parse(void *state, uint64_t n)
{
    while (n--) {
        json_parser_load_from_data(state, command, sizeof(command) - 1,
                                   NULL);
        BENCH_KEEP(json_parser_get_root(state));
    }
}

static JsonNode *string_node(const char *text)
{
    return json_node_init_string(json_node_alloc(), text);
}

static void floor_parse(void *state, uint64_t n)
{
    while (n--) {
        JsonNode *node = json_node_new(JSON_NODE_OBJECT);
        JsonNode *inner = json_node_new(JSON_NODE_OBJECT);
        JsonObject *object = json_object_new();
        JsonObject *arguments = json_object_new();

        json_node_take_object(node, object);
        json_object_set_member(object, "execute", string_node("qom-get"));
        json_node_take_object(inner, arguments);
        json_object_set_member(object, "arguments", inner);
        json_object_set_member(arguments, "path",
                               string_node("/objects/io0"));
        json_object_set_member(arguments, "property",
                               string_node("poll-max-ns"));
        json_object_set_member(object, "id",
                               json_node_init_int(json_node_alloc(), 42));
        BENCH_KEEP(node);
        json_node_unref(node);
    }
}

static void take(void *opaque, JsonNode *node, Error *err)
{
    BENCH_KEEP(node);
    json_node_unref(node);
}

static void *ours_stream(const void *arg)
{
    return json_stream_new(take, NULL);
}

static void ours_feed(void *state, uint64_t n)
{
    while (n--) {
        json_stream_feed(state, command, sizeof(command) - 1);
    }
}

static void ours_stream_free(void *state)
{
    json_stream_free(state);
}

static void take_doc(void *opaque, JsonDoc *doc, Error *err)
{
    BENCH_KEEP(doc);
    json_doc_free(doc);
}

static void *ours_doc_stream(const void *arg)
{
    return json_stream_new_doc(take_doc, NULL);
}

static void *parsed_reply(const void *arg)
{
    return json_parse(reply, -1, NULL);
}

static void ours_write(void *state, uint64_t n)
{
    GString *out = g_string_sized_new(256);

    while (n--) {
        g_string_truncate(out, 0);
        json_write(out, state, false);
        BENCH_KEEP(out->str);
    }
    g_string_free(out, TRUE);
}

static void json_glib_write(void *state, uint64_t n)
{
    JsonGenerator *generator = json_generator_new();

    json_generator_set_root(generator, state);
    while (n--) {
        char *text = json_generator_to_data(generator, NULL);

        BENCH_KEEP(text);
        g_free(text);
    }
    g_object_unref(generator);
}

static void floor_write(void *state, uint64_t n)
{
    GString *out = g_string_sized_new(256);

    while (n--) {
        g_string_truncate(out, 0);
        g_string_append_len(out, reply, sizeof(reply) - 1);
        BENCH_KEEP(out->str);
    }
    g_string_free(out, TRUE);
}

static void free_node(void *state)
{
    json_node_unref(state);
}

static void ours_visit_int(void *state, uint64_t n)
{
    while (n--) {
        Visitor *v = json_input_visitor_new(state);
        int64_t value;

        visit_type_int(v, "x", &value, NULL);
        BENCH_KEEP(value);
        visit_free(v);
    }
}

static void *int_node(const void *arg)
{
    return json_number_new_int64(32768);
}

static const char options[] =
    "iothread,id=io0,poll-max-ns=4096,poll-grow=2,poll-shrink=2";

static void ours_keyval(void *state, uint64_t n)
{
    while (n--) {
        Keyval *kv = keyval_parse_entries(options, "qom-type", NULL, NULL);

        BENCH_KEEP(kv);
        keyval_free(kv);
    }
}

static void glib_split(void *state, uint64_t n)
{
    while (n--) {
        char **pairs = g_strsplit(options, ",", 0);
        char **pair;

        for (pair = pairs; *pair; pair++) {
            char **halves = g_strsplit(*pair, "=", 2);

            BENCH_KEEP(halves);
            g_strfreev(halves);
        }
        g_strfreev(pairs);
    }
}

static void ours_int64(void *state, uint64_t n)
{
    const char *text = "32768";
    int64_t value;

    while (n--) {
        BENCH_KEEP(text);
        scalar_parse_int64(text, &value);
        BENCH_KEEP(value);
    }
}

static void libc_int64(void *state, uint64_t n)
{
    const char *text = "32768";
    char *end;
    long long value;

    while (n--) {
        BENCH_KEEP(text);
        value = strtoll(text, &end, 0);
        BENCH_KEEP(value);
    }
}

static void ours_size(void *state, uint64_t n)
{
    const char *text = "64M";
    uint64_t value;

    while (n--) {
        BENCH_KEEP(text);
        scalar_parse_size(text, &value);
        BENCH_KEEP(value);
    }
}

static const BenchCase cases[] = {
    {
        .name = "json/parse/command",
        .ours = { .run = ours_parse },
        .peers = {
            { .name = "json-glib", .setup = json_glib_parser,
              .run = json_glib_parse, .teardown = g_object_unref },
            { .name = "floor", .run = floor_parse },
        },
    },
    {
        .name = "json/stream/command",
        .ours = { .setup = ours_stream, .run = ours_feed,
                  .teardown = ours_stream_free },
        .peers = {
            { .name = "floor", .run = floor_parse },
        },
    },
    {
        .name = "json/doc-stream/command",
        .ours = { .setup = ours_doc_stream, .run = ours_feed,
                  .teardown = ours_stream_free },
        .peers = {
            { .name = "floor", .run = floor_parse },
        },
    },
    {
        .name = "json/write/reply",
        .ours = { .setup = parsed_reply, .run = ours_write,
                  .teardown = free_node },
        .peers = {
            { .name = "json-glib", .setup = parsed_reply,
              .run = json_glib_write, .teardown = free_node },
            { .name = "floor", .run = floor_write },
        },
    },
    {
        .name = "visitor/json-input/int",
        .ours = { .setup = int_node, .run = ours_visit_int,
                  .teardown = free_node },
    },
    {
        .name = "keyval/entries/five",
        .ours = { .run = ours_keyval },
        .peers = {
            { .name = "glib", .run = glib_split },
        },
    },
    {
        .name = "scalar-text/int64/five-digits",
        .ours = { .run = ours_int64 },
        .peers = {
            { .name = "libc", .run = libc_int64 },
        },
    },
    {
        .name = "scalar-text/size/suffix",
        .ours = { .run = ours_size },
    },
    { NULL },
};

int main(int argc, char **argv)
{
    return bench_main(argc, argv, cases);
}
