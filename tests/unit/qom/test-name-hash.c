/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hash of names, with many keys.
 */
#include "qom/name-hash-internal.h"
#include "tests/unit/test-util.h"

#define N_KEYS 4000
#define N_NAMES 400
#define N_SLOTS 1024

/* The keys are the same in each run. */
static void set_key(uint64_t i)
{
    static const uint64_t fixed_keys[2][2] = { { 1, 2 }, { 3, 4 } };

    hash_key[0] = hash_siphash13(fixed_keys[0], &i, sizeof(i));
    hash_key[1] = hash_siphash13(fixed_keys[1], &i, sizeof(i));
}

/* Returns: the slots that are read to find all names of a table, which is
 * filled as those of the library are */
static unsigned count_probes(char *const *names)
{
    bool used[N_SLOTS] = { false };
    unsigned n = 0;

    for (unsigned i = 0; i < N_NAMES; i++) {
        unsigned slot = qom_name_hash(names[i]) % N_SLOTS;

        for (n++; used[slot]; n++) {
            slot = (slot + 1) % N_SLOTS;
        }
        used[slot] = true;
    }
    return n;
}

static char **number_names(const char *prefix, const char *suffix)
{
    char **names = g_new0(char *, N_NAMES + 1);

    for (unsigned i = 0; i < N_NAMES; i++) {
        names[i] = g_strdup_printf("%s%u%s", prefix, i, suffix);
    }
    return names;
}

/*
 * With random numbers as hashes, a search reads 1.32 slots on average.  The
 * average over all keys must be as good; a single key may be twice as bad.
 */
static void test_spreads_names(gconstpointer data)
{
    const char *const *affixes = data;
    const uint64_t saved[2] = { hash_key[0], hash_key[1] };
    g_auto(GStrv) names = number_names(affixes[0], affixes[1]);
    uint64_t n_all = 0;

    for (unsigned i = 0; i < N_KEYS; i++) {
        unsigned n;

        set_key(i);
        n = count_probes(names);
        g_assert_cmpuint(n, <, 2.64 * N_NAMES);
        n_all += n;
    }
    memcpy(hash_key, saved, sizeof(saved));
    g_assert_cmpuint(n_all, <, (uint64_t)(1.36 * N_NAMES * N_KEYS));
}

/* A longer name may repeat bytes of a shorter one. */
static void test_tells_lengths_apart(void)
{
    static const char *const pairs[][2] = {
        { "22", "322" }, { "2222", "32222" }, { "22222222", "322222222" },
        { "2", "22" }, { "22", "222" }, { "222", "2222" },
        { "2222", "22222" }, { "2222222", "22222222" },
        { "2222222222222222", "22222222222222222" },
    };
    const uint64_t saved[2] = { hash_key[0], hash_key[1] };

    for (unsigned i = 0; i < N_KEYS; i++) {
        set_key(i);
        for (unsigned j = 0; j < G_N_ELEMENTS(pairs); j++) {
            g_assert_cmphex(qom_name_hash(pairs[j][0]), !=,
                            qom_name_hash(pairs[j][1]));
        }
    }
    memcpy(hash_key, saved, sizeof(saved));
}

int main(int argc, char **argv)
{
    static const char *const affixes[][2] = {
        { "", "" }, { "p", "" }, { "part", "" }, { "export-", "" },
        { "", "-of-a-name-with-more-than-16-bytes" },
    };

    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(affixes); i++) {
        g_autofree char *path = g_strdup_printf(
            "/qom/name-hash/spreads/%sN%s", affixes[i][0], affixes[i][1]);

        g_test_add_data_func(path, affixes[i], test_spreads_names);
    }
    g_test_add_func("/qom/name-hash/tells-lengths-apart",
                    test_tells_lengths_apart);
    return test_run();
}
