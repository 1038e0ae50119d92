/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keyed hashes of text. */
#include "util/hash.h"
#include "tests/unit/test-util.h"

#include <string.h>

/* What another implementation says, with a key of zeros. */
static void test_reference(void)
{
    static const struct {
        const char *text;
        uint64_t hash;
    } rows[] = {
        { "a", 0x407448d2b89b1813u },
        { "abcdefg", 0x6db12aae9070f506u },
        { "abcdefgh", 0x3f7b849c0b8e35eau },
        { "a longer text of 25 bytes", 0x4abbddef53d653efu },
    };
    static const uint64_t key[2];

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_assert_cmphex(hash_siphash13(key, rows[i].text,
                                       strlen(rows[i].text)),
                        ==, rows[i].hash);
    }
}

static void print_hash(void)
{
    g_print("%u\n", hash_str("name"));
}

static char *hash_of_other_process(const char *program)
{
    const char *argv[] = { program, "--hash", NULL };
    char *out = NULL;
    int status;

    g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT,
                               NULL, NULL, &out, NULL, &status, NULL));
    g_assert_cmpint(status, ==, 0);
    return out;
}

/* Of three processes two may agree by chance, once in a billion runs. */
static void test_key(const void *data)
{
    g_autofree char *a = hash_of_other_process(data);
    g_autofree char *b = hash_of_other_process(data);
    g_autofree char *c = hash_of_other_process(data);

    g_assert_true(strcmp(a, b) || strcmp(a, c));
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "--hash")) {
        print_hash();
        return 0;
    }
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/util/hash/siphash13", test_reference);
    g_test_add_data_func("/util/hash/key-of-process", argv[0], test_key);
    return test_run();
}
