/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The mutators of the fuzz targets: their results usually follow the grammar,
 * depend only on the seed, and fit into the buffer.
 */
#include "qapi/json/json.h"
#include "qapi/visitor/keyval.h"
#include "qapi/qapi-command.h"
#include "qom/object.h"
#include "tests/fuzz/mutate.h"
#include "tests/unit/test-util.h"
#include "util/module.h"

#include <stdlib.h>
#include <string.h>

enum {
    N_SEEDS = 2000,
};

static void mutate_plain_json(GString *text, MutateRandom *r)
{
    static const char *const none[] = { NULL };
    static const MutateWords words = { none, none };

    mutate_json(text, r, &words);
}

typedef struct Row {
    const char *name;
    FuzzMutator mutator;
    const char *text;
} Row;

static const Row rows[] = {
    { "json", { mutate_plain_json, mutate_json_cross },
      "{\"a\": [1, \"x\", {\"b\": null}], \"c\": -0.5}" },
    { "json-broken", { mutate_plain_json, mutate_json_cross },
      "}{\"a\": [1, /* \"x\" ]]] 'b\\" },
    { "keyval", { mutate_keyval, mutate_keyval_cross },
      "iothread,id=a,list.0=1,list.1=b,,c" },
    { "scalar-text", { mutate_scalar_text }, "1-3,0x10,7k" },
    { "requests", { mutate_requests, mutate_json_cross },
      "{\"execute\": \"qom-list\", \"arguments\": {\"path\": \"/\"}}\n" },
    { "links", { mutate_links, mutate_json_cross },
      "[{\"qom-type\": \"fuzz\", \"id\": \"n0\", \"mate\": \"n0\"}]" },
    { "nbd", { mutate_nbd }, "IHAVEOPT....%`\x95\x13......." },
    { "bytes", { mutate_bytes }, "abc" },
    { "bits", { mutate_bits }, "abcdefgh" },
};

static GString *mutation(const Row *row, size_t size, size_t room,
                         uint64_t seed)
{
    uint8_t *data = malloc(room); /* of just that size, for the sanitizer */
    GString *result;

    memcpy(data, row->text, size);
    size = mutate_input(&row->mutator, data, size, room, seed);
    g_assert_cmpuint(size, <=, room);
    result = g_string_new_len((char *)data, size);
    free(data);
    return result;
}

static void test_same_seed(const void *opaque)
{
    const Row *row = opaque;
    size_t size = strlen(row->text);

    for (uint64_t seed = 0; seed < 50; seed++) {
        g_autoptr(GString) once = mutation(row, size, 4096, seed);
        g_autoptr(GString) again = mutation(row, size, 4096, seed);

        g_assert_true(g_string_equal(once, again));
    }
}

static void test_changes(const void *opaque)
{
    const Row *row = opaque;
    size_t size = strlen(row->text);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(
        g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);

    for (uint64_t seed = 0; seed < 200; seed++) {
        g_autoptr(GString) text = mutation(row, size, 4096, seed);

        g_hash_table_add(seen, g_bytes_new(text->str, text->len));
    }
    g_assert_cmpuint(g_hash_table_size(seen), >, 50);
}

/* With any room, and with all of the text or a part of it. */
static void test_room(const void *opaque)
{
    const Row *row = opaque;

    for (uint64_t seed = 0; seed < N_SEEDS; seed++) {
        size_t size = seed % (strlen(row->text) + 1);
        size_t room = size + seed % 7;
        g_autoptr(GString) text = mutation(row, size, room, seed);

        g_assert_cmpuint(text->len, <=, room);
    }
}

static void test_cross(const void *opaque)
{
    const Row *row = opaque;

    for (uint64_t seed = 0; row->mutator.cross && seed < N_SEEDS; seed++) {
        g_autoptr(GString) text = mutation(row, strlen(row->text), 4096,
                                           seed);
        g_autoptr(GString) other = mutation(row, strlen(row->text), 4096,
                                            seed + 1);
        MutateRandom r;

        mutate_random_init(&r, seed);
        row->mutator.cross(text, other, &r);
    }
}

/* ---- The grammar ---- */

static void count_value(void *opaque, JsonNode *node, Error *err)
{
    unsigned *counts = opaque;

    counts[err != NULL]++;
    error_free(err);
    g_clear_pointer(&node, json_node_unref);
}

/* counts[0]: values, counts[1]: errors, of all mutations of a row's text */
static void count_values(const Row *row, unsigned *counts)
{
    for (uint64_t seed = 0; seed < N_SEEDS; seed++) {
        g_autoptr(GString) text = mutation(row, strlen(row->text), 4096,
                                           seed);
        g_autoptr(JsonStream) stream = json_stream_new(count_value, counts);

        json_stream_feed(stream, text->str, text->len);
        json_stream_flush(stream);
    }
}

static void test_json_is_mostly_valid(void)
{
    unsigned counts[2] = { 0, 0 };

    count_values(&rows[0], counts);
    g_test_message("%u values, %u errors", counts[0], counts[1]);
    g_assert_cmpuint(counts[0], >, 2 * counts[1]);
    g_assert_cmpuint(counts[1], >, N_SEEDS / 50);
}

static void test_requests_are_mostly_valid(void)
{
    unsigned counts[2] = { 0, 0 };

    count_values(&rows[4], counts);
    g_test_message("%u values, %u errors", counts[0], counts[1]);
    g_assert_cmpuint(counts[0], >, 4 * counts[1]);
}

static void test_keyval_is_mostly_valid(void)
{
    unsigned n_valid = 0;

    for (uint64_t seed = 0; seed < N_SEEDS; seed++) {
        g_autoptr(GString) text = mutation(&rows[2], strlen(rows[2].text),
                                           4096, seed);
        bool help = false;
        g_autoptr(JsonNode) node = keyval_parse(text->str, "qom-type", &help,
                                                NULL);

        n_valid += node || help;
    }
    g_test_message("%u of %u", n_valid, N_SEEDS);
    g_assert_cmpuint(n_valid, >, N_SEEDS / 3);
    g_assert_cmpuint(n_valid, <, N_SEEDS);
}

static void check_has_command(const QapiCommand *cmd, void *opaque)
{
    GString *all = opaque;
    g_autofree char *name = g_strdup_printf("\"%s\"", cmd->name);

    g_assert_nonnull(strstr(all->str, name));
}

static void test_requests_have_all_commands(void)
{
    g_autoptr(GString) all = g_string_new(NULL);

    for (uint64_t seed = 0; seed < N_SEEDS; seed++) {
        g_autoptr(GString) text = mutation(&rows[4], 0, 4096, seed);

        g_string_append(all, text->str);
    }
    qapi_for_each_command(check_has_command, all);
}

static void add_rows(const char *what, GTestDataFunc test)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/fuzz/mutate/%s/%s",
                                                rows[i].name, what);

        g_test_add_data_func(path, &rows[i], test);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    module_call_init(MODULE_INIT_QMP);
    add_rows("same-seed-same-input", test_same_seed);
    add_rows("seeds-differ", test_changes);
    add_rows("fits-its-room", test_room);
    add_rows("cross", test_cross);
    g_test_add_func("/fuzz/mutate/json/mostly-valid",
                    test_json_is_mostly_valid);
    g_test_add_func("/fuzz/mutate/requests/mostly-valid",
                    test_requests_are_mostly_valid);
    g_test_add_func("/fuzz/mutate/requests/all-commands",
                    test_requests_have_all_commands);
    g_test_add_func("/fuzz/mutate/keyval/mostly-valid",
                    test_keyval_is_mostly_valid);
    return test_run();
}
