/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Configuration files.  A text is either a list of objects, or it is rejected
 * with the file's name and, if the error is in the text, a line and a column
 * that exist.  A list can be applied or is rejected in the same way.  The file
 * that is written afterwards changes nothing when it is applied, see
 * check_apply().
 *
 * A text that is JSON without comments has the same value if comments are
 * allowed, and each value has its position in the text.
 */
#include "qapi/json/json.h"
#include "tests/fuzz/check-apply.h"
#include "tests/fuzz/fuzz-types.h"
#include "tests/fuzz/fuzz.h"
#include "service/config-file.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char *file_name; /* of a file in memory */
static int file_fd;

static void write_file(const uint8_t *data, size_t size)
{
    g_assert_cmpint(ftruncate(file_fd, 0), ==, 0);
    g_assert_cmpint(pwrite(file_fd, data, size, 0), ==, size);
}

/* ---- Places ---- */

/* The rest of the text from a place on; NULL if there is no such place. */
static const char *find_place(const GString *text, unsigned line,
                              unsigned column)
{
    const char *at = text->str;
    const char *end = text->str + text->len;

    for (unsigned i = 1; i < line; i++) {
        at = memchr(at, '\n', end - at);
        if (!at) {
            return NULL;
        }
        at++;
    }
    return column && column - 1 <= end - at ? at + column - 1 : NULL;
}

/* "NAME:LINE:COLUMN: what", or, if it is about no place, "NAME: what" */
static void check_message(const char *message, const GString *text,
                          bool needs_place)
{
    unsigned line;
    unsigned column;
    int n = 0;

    g_assert_true(g_str_has_prefix(message, file_name));
    message += strlen(file_name);
    if (sscanf(message, ":%u:%u: %n", &line, &column, &n) == 2 && n) {
        g_assert_nonnull(find_place(text, line, column));
    } else {
        g_assert_false(needs_place);
        g_assert_true(g_str_has_prefix(message, ": "));
    }
}

static void check_position(void *key, void *value, void *opaque)
{
    const JsonPosition *position = value;
    const char *at = find_place(opaque, position->line, position->column);

    g_assert_nonnull(at);
    g_assert_nonnull(strchr("{[\"'-0123456789tfn", *at));
    g_assert_cmpint(*at == '{', ==, JSON_NODE_HOLDS_OBJECT((JsonNode *)key));
    g_assert_cmpint(*at == '[', ==, JSON_NODE_HOLDS_ARRAY((JsonNode *)key));
}

static void check_json(const GString *text)
{
    g_autoptr(JsonNode) strict = json_parse(text->str, text->len, NULL);
    g_autoptr(GHashTable) positions = NULL;
    g_autoptr(Error) err = NULL;
    g_autoptr(JsonNode) node = json_parse_file(file_name, text->str,
                                               text->len, &positions, &err);

    g_assert_true(!node == !!err);
    if (strict) {
        g_assert_true(node && json_node_equal_deep(strict, node));
    }
    if (node) {
        g_hash_table_foreach(positions, check_position, (void *)text);
    } else {
        check_message(error_get_pretty(err), text, true);
    }
}

/* ---- Files ---- */

static void check_file(const GString *text)
{
    g_autoptr(Error) err = NULL;
    g_autoptr(ConfigFile) config = config_file_load(file_name, &err);
    g_autofree char *refused = NULL;

    g_assert_true(!config == !!err);
    if (!config) {
        check_message(error_get_pretty(err), text, true);
        return;
    }
    refused = check_apply(config->objects);
    if (refused) {
        error_setg(&err, "%s", refused);
        config_file_locate(config, &err);
        check_message(error_get_pretty(err), text, false);
    }
}

static void mutate(GString *text, MutateRandom *r)
{
    if (mutate_chance(r, 5)) {
        mutate_json_comment(text, r);
    } else {
        mutate_list(text, r);
    }
}

const FuzzMutator fuzz_mutator = { mutate, mutate_json_cross };

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    fuzz_types_init();
    file_fd = memfd_create("fuzz-config", MFD_CLOEXEC);
    g_assert_cmpint(file_fd, >=, 0);
    file_name = g_strdup_printf("/proc/self/fd/%d", file_fd);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GString) text = g_string_new_len((const char *)data, size);

    write_file(data, size);
    check_json(text);
    check_file(text);
    fuzz_types_cleanup();
    return 0;
}
