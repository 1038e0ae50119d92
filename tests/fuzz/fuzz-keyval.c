/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keyval text: the entries and the object that it yields agree.
 */
#include "qapi/visitor/keyval.h"
#include "tests/fuzz/fuzz.h"

/* A node may have U+FFFD for what is not UTF-8. */
static void check_text(const char *text, const char *in_node)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);

    g_assert_true(g_str_equal(in_node, text) || g_str_equal(in_node, valid));
}

static void check_entries(const Keyval *keyval, JsonNode *node)
{
    JsonObject *object = json_node_get_object(node);

    g_assert_cmpuint(keyval->n_entries, ==, json_object_get_size(object));
    for (size_t i = 0; i < keyval->n_entries; i++) {
        const KeyvalEntry *entry = &keyval->entries[i];
        JsonNode *member = json_object_get_member(object, entry->key);

        g_assert_nonnull(member);
        g_assert_true(!entry->text == !!entry->node);
        if (entry->text) {
            check_text(entry->text, json_node_get_string(member));
        }
    }
}

static void check(const char *text, const char *implied_key, bool *help)
{
    g_autoptr(Error) err = NULL;
    g_autoptr(Error) entries_err = NULL;
    g_autoptr(JsonNode) node = keyval_parse(text, implied_key, help, &err);
    g_autoptr(Keyval) keyval = keyval_parse_entries(text, implied_key, help,
                                                    &entries_err);

    g_assert_cmpstr(error_get_pretty(err), ==, error_get_pretty(entries_err));
    g_assert_true(!node == !!err);
    g_assert_true(!keyval == !!err);
    if (node) {
        check_entries(keyval, node);
    }
}

const FuzzMutator fuzz_mutator = { mutate_keyval, mutate_keyval_cross };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    bool help;

    check(text, NULL, NULL);
    check(text, "qom-type", &help);
    return 0;
}
