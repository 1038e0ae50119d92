/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qapi/suggestion.h"
#include "tests/unit/test-util.h"

#include <string.h>

typedef struct Row {
    const char *name;
    const char *text;
    const char *names[4];
    const char *best; /* NULL: none */
} Row;

static const Row rows[] = {
    { "missing-letter", "iothred", { "main-loop", "iothread" }, "iothread" },
    { "further-letter", "iotthread", { "iothread" }, "iothread" },
    { "wrong-letter", "iothreat", { "iothread" }, "iothread" },
    { "exchanged-letters", "iohtread", { "iothread" }, "iothread" },
    { "exchange-is-one-edit", "ste", { "set" }, "set" },
    { "first-letter", "othread", { "iothread" }, "iothread" },
    { "last-letter", "iothrea", { "iothread" }, "iothread" },
    { "last-letters", "iothreadsss", { "iothread" }, "iothread" },
    { "three-edits", "thredpol-max", { "thread-pool-max" },
      "thread-pool-max" },
    { "four-edits", "thrdpol-max", { "thread-pool-max" }, NULL },
    { "beginning", "poll", { "aio-max-batch", "poll-max-ns" },
      "poll-max-ns" },
    { "edits-before-beginning", "poll", { "poll-max-ns", "pool" }, "pool" },
    { "edits-after-beginning", "poll", { "pool", "poll-max-ns" }, "pool" },
    { "short-beginning", "pol", { "poll-max-ns" }, NULL },
    { "upper-case", "RED", { "green", "red" }, "red" },
    { "underscores", "poll_max_ns", { "poll-max-ns" }, "poll-max-ns" },
    { "nearest-wins", "prop", { "drop2", "props", "crops" }, "props" },
    { "five-allow-one", "speed", { "peer" }, NULL },
    { "first-of-equals-wins", "gat", { "get", "gut" }, "get" },
    { "short-allows-one", "gxx", { "get" }, NULL },
    { "one-letter", "s", { "set", "t" }, NULL },
    { "no-letter-in-common", "ab", { "xy" }, NULL },
    { "itself", "red", { "red" }, NULL },
    { "itself-and-near", "red", { "red", "rod" }, "rod" },
    { "empty-text", "", { "a", "" }, NULL },
    { "empty-name", "a", { "" }, NULL },
    { "nothing-offered", "red", { NULL }, NULL },
};

static void test_best(const void *data)
{
    const Row *row = data;
    Suggestion s;

    suggestion_init(&s, row->text);
    for (size_t i = 0; i < G_N_ELEMENTS(row->names) && row->names[i]; i++) {
        suggestion_offer(&s, row->names[i]);
    }
    g_assert_cmpstr(s.best, ==, row->best);
}

/* The plain algorithm: the whole table of the same distance. */
static unsigned whole_distance(const char *a, const char *b)
{
    unsigned cells[16][16];
    size_t n = strlen(a);
    size_t m = strlen(b);

    for (size_t i = 0; i <= n; i++) {
        for (size_t j = 0; j <= m; j++) {
            unsigned *cell = &cells[i][j];

            if (!i || !j) {
                *cell = i + j;
                continue;
            }
            *cell = cells[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            *cell = MIN(*cell, cells[i - 1][j] + 1);
            *cell = MIN(*cell, cells[i][j - 1] + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
                a[i - 2] == b[j - 1]) {
                *cell = MIN(*cell, cells[i - 2][j - 2] + 1);
            }
        }
    }
    return cells[n][m];
}

static bool resembles(const char *text, const char *name, unsigned bound)
{
    unsigned distance = whole_distance(text, name);

    return (distance && distance < bound && distance < strlen(name)) ||
           (strlen(text) >= 4 && g_str_has_prefix(name, text) && distance);
}

static void random_word(GRand *rand, char *word)
{
    int len = g_rand_int_range(rand, 1, 13);

    for (int i = 0; i < len; i++) {
        word[i] = g_rand_int_range(rand, 'a', 'd');
    }
    word[len] = '\0';
}

static void test_random(void)
{
    guint32 seed = g_random_int();
    g_autoptr(GRand) rand = g_rand_new_with_seed(seed);

    g_test_message("seed %u", seed);
    for (int i = 0; i < 20000; i++) {
        char text[16];
        char name[16];
        Suggestion s;
        bool near;

        random_word(rand, text);
        random_word(rand, name);
        suggestion_init(&s, text);
        near = resembles(text, name, s.distance);
        suggestion_offer(&s, name);
        g_assert_cmpstr(s.best, ==, near ? name : NULL);
    }
}

static void test_long(void)
{
    g_autofree char *limit = g_strnfill(64, 'x');
    g_autofree char *above = g_strnfill(65, 'x');
    g_autofree char *huge = g_strnfill(1 << 20, 'x');
    Suggestion s;

    suggestion_init(&s, limit);
    suggestion_offer(&s, above);
    g_assert_cmpstr(s.best, ==, above);
    suggestion_offer(&s, huge);
    g_assert_cmpstr(s.best, ==, above);
    suggestion_init(&s, above);
    suggestion_offer(&s, huge);
    g_assert_null(s.best);
}

static void fail(const char *text, const char *name, Error **errp)
{
    ERRP_GUARD();
    Suggestion s;

    error_setg(errp, "there is no '%s'", text);
    suggestion_init(&s, text);
    suggestion_offer(&s, name);
    suggestion_append_hint(&s, errp);
}

static void test_hint(void)
{
    Error *err = NULL;

    fail("ste", "set", &err);
    g_assert_cmpstr(error_get_hint(err), ==, "Did you mean 'set'?\n");
    assert_error(err, "there is no 'ste'");
    err = NULL;
    fail("ste", "other", &err);
    g_assert_null(error_get_hint(err));
    error_free(err);
    fail("ste", "set", NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/qapi/suggestion/best/%s",
                                                rows[i].name);

        g_test_add_data_func(path, &rows[i], test_best);
    }
    g_test_add_func("/qapi/suggestion/random", test_random);
    g_test_add_func("/qapi/suggestion/long", test_long);
    g_test_add_func("/qapi/suggestion/hint", test_hint);
    return test_run();
}
