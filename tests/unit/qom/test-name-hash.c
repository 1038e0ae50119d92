/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hash of names, with many keys.
 */
#include "qom/name-hash-internal.h"
#include "tests/unit/test-util.h"

/* Returns: the slots that are read to find all names of a table, which is
 * filled as those of the library are */
static unsigned count_probes(const char *format, unsigned n_names)
{
    bool used[1024] = { false };
    unsigned n = 0;

    for (unsigned i = 0; i < n_names; i++) {
        g_autofree char *name = g_strdup_printf(format, i);
        unsigned slot = qom_name_hash(name) % G_N_ELEMENTS(used);

        for (n++; used[slot]; n++) {
            slot = (slot + 1) % G_N_ELEMENTS(used);
        }
        used[slot] = true;
    }
    return n;
}

/* With any key, names that differ in a number are spread over a table. */
static void test_name_hash(void)
{
    static const uint64_t fixed_keys[2][2] = { { 1, 2 }, { 3, 4 } };
    const uint64_t saved[2] = { hash_key[0], hash_key[1] };

    for (uint64_t i = 0; i < 4000; i++) {
        hash_key[0] = hash_siphash13(fixed_keys[0], &i, sizeof(i));
        hash_key[1] = hash_siphash13(fixed_keys[1], &i, sizeof(i));
        g_assert_cmpuint(count_probes("part%u", 400), <, 800);
    }
    memcpy(hash_key, saved, sizeof(saved));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/type/name-hash", test_name_hash);
    return test_run();
}
