/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files that claim to be plugins: the reader of the ELF note accepts a file
 * only if the note is in it, and never reads after its end.
 */
#include "qom/plugin-file-internal.h"
#include "qom/plugin.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

/* What QOM_PLUGIN() puts into a file. */
typedef struct Note {
    uint32_t name_size;
    uint32_t size;
    uint32_t type;
    char name[4];
    uint32_t abi;
} Note;

static bool has_note(const char *data, size_t size, const uint32_t *abi)
{
    Note note = { 4, 4, 1, "qom", abi ? *abi : 0 };

    return memmem(data, size, &note,
                  abi ? sizeof(note) : offsetof(Note, abi));
}

static void check(const char *data, size_t size)
{
    static const uint32_t abi = QOM_PLUGIN_ABI;
    g_autoptr(Error) err = NULL;
    bool ok = plugin_data_check(data, size, "it", &err);

    g_assert_true(ok == !err);
    if (ok) {
        g_assert_true(has_note(data, size, &abi));
    } else if (g_str_has_prefix(error_get_pretty(err), "Plugin 'it' is ")) {
        g_assert_true(has_note(data, size, NULL));
    } else {
        g_assert_true(g_str_has_prefix(error_get_pretty(err),
                                       "'it' is not a plugin: "));
    }
}

const FuzzMutator fuzz_mutator = { mutate_bits };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* of just that size, so that a sanitizer sees its end */
    g_autofree char *copy = g_memdup2(data, size);

    check(copy, size);
    return 0;
}
