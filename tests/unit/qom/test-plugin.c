/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Plugins: what they add when they are taken, and that nothing is left of one
 * that is refused.  plugin-variants.c is what is loaded.
 */
#include "qapi/qapi-command.h"
#include "qapi/qapi-event.h"
#include "qom/object.h"
#include "qom/plugin.h"
#include "tests/unit/test-util.h"

#include <elf.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool run_nothing(void *arg, void *ret, Error **errp)
{
    return true;
}

static const QapiCommand own_command = {
    .name = "test-command",
    .run = run_nothing,
};
static const QapiEvent own_event = { .name = "TEST_EVENT" };
static const QapiEvent *const own_events[] = { &own_event };

static char *plugin_path(const char *variant)
{
    return g_strdup_printf("%s/plugin-%s.so", PLUGIN_DIR, variant);
}

static void count_event(const QapiEvent *event, void *opaque)
{
    ++*(unsigned *)opaque;
}

static unsigned count_events(void)
{
    unsigned n = 0;

    qapi_for_each_event(count_event, &n);
    return n;
}

/* ---- Taken ---- */

static void test_types(void)
{
    g_autoptr(Object) obj = object_new("plugin-child");

    g_assert_nonnull(object_dynamic_cast(obj, "plugin-thing"));
}

static void test_command(void)
{
    g_assert_nonnull(qapi_find_command("plugin-command"));
}

static void test_event(void)
{
    g_assert_cmpuint(count_events(), ==, 2);
}

static void test_again(void)
{
    g_autofree char *path = plugin_path("good");
    g_autofree char *message = g_strdup_printf(
        "Plugin '%s' is loaded already", path);
    Error *err = NULL;

    g_assert_false(plugin_load(path, &err));
    assert_error(err, message);
    g_assert_nonnull(qapi_find_command("plugin-command"));
}

/* ---- Refused ---- */

/* Names of this program have not changed by what was refused. */
static void assert_nothing_new(void)
{
    g_assert_null(type_get_by_name("plugin-half"));
    g_assert_null(qapi_find_command("plugin-half-command"));
    g_assert_cmpuint(count_events(), ==, 2);
}

static void assert_refused(const char *path, const char *message)
{
    Error *err = NULL;

    g_assert_false(plugin_load(path, &err));
    assert_error(err, message);
    assert_nothing_new();
}

typedef struct Refusal {
    const char *variant;
    const char *reason;
} Refusal;

static const Refusal refusals[] = {
    { "copy", "type 'plugin-thing' is registered already" },
    { "twice", "type 'plugin-half' is registered twice" },
    { "no-parent", "type 'plugin-half' is missing its parent "
                   "'plugin-no-such-parent'" },
    { "small", "type 'plugin-small' is smaller than its parent type "
               "'plugin-half'" },
    { "loop", "type 'plugin-egg' descends from itself" },
    { "no-interface", "type 'plugin-lonely' is missing its interface "
                      "'plugin-no-such-interface'" },
    { "bad-name", "cannot register type 'plugin half': the name is not a "
                  "valid type name" },
    { "command-clash", "command 'test-command' is registered already" },
    { "event-clash", "event 'TEST_EVENT' is registered already" },
};

static void test_refused(gconstpointer data)
{
    const Refusal *refusal = data;
    g_autofree char *path = plugin_path(refusal->variant);
    g_autofree char *message = g_strdup_printf(
        "Cannot use plugin '%s': %s", path, refusal->reason);

    assert_refused(path, message);
    /* And what was unloaded leaves nothing that stands in its own way. */
    assert_refused(path, message);
}

/*
 * The address sanitizer ends a program in which a variable exists twice, and it
 * reports what the constructors of an unloaded copy have allocated.
 */
static bool skip_copies(void)
{
#if defined(__SANITIZE_ADDRESS__)
    g_test_skip("the address sanitizer takes no second copy of the library");
    return true;
#else
    return false;
#endif
}

/* Its own copy of the library would know the types, and this one would not. */
static void test_other_library(gconstpointer variant)
{
    g_autofree char *path = plugin_path(variant);
    g_autofree char *message = NULL;

    if (skip_copies()) {
        return;
    }
    if (strcmp(variant, "static-hidden") == 0) {
        message = g_strdup_printf("Cannot use plugin '%s': it registers "
                                  "nothing with this program's copy of the "
                                  "library", path);
    } else {
        message = g_strdup_printf("Cannot use plugin '%s': it is linked with "
                                  "another copy of the library, in '%s'",
                                  path, path);
    }
    assert_refused(path, message);
    assert_refused(path, message);
}

static void test_second_shared(void)
{
    g_autofree char *path = plugin_path("second-shared");
    g_autofree char *message = g_strdup_printf(
        "Cannot use plugin '%s': it is linked with another copy of the "
        "library, in '*libqom-1.so*'", path);
    g_autoptr(Error) err = NULL;

    if (skip_copies()) {
        return;
    }
    g_assert_false(plugin_load(path, &err));
    g_assert_true(g_pattern_match_simple(message, error_get_pretty(err)));
    g_assert_cmpstr(error_get_hint(err), ==,
                    "Link it with the shared library that the program uses, "
                    "not with the static one.\n");
    assert_nothing_new();
}

static void test_other_abi(void)
{
    g_autofree char *path = plugin_path("other-abi");
    g_autofree char *message = g_strdup_printf(
        "Plugin '%s' is built for ABI 4711, and this program has ABI %d",
        path, QOM_PLUGIN_ABI);

    assert_refused(path, message);
}

static void test_unmarked(void)
{
    g_autofree char *path = plugin_path("unmarked");
    g_autofree char *message = g_strdup_printf(
        "'%s' is not a plugin: it does not say QOM_PLUGIN()", path);

    assert_refused(path, message);
}

static void test_unresolved(void)
{
    g_autofree char *path = plugin_path("unresolved");
    Error *err = NULL;

    g_assert_false(plugin_load(path, &err));
    g_assert_true(g_str_has_prefix(error_get_pretty(err),
                                   "Cannot load plugin '"));
    g_assert_nonnull(strstr(error_get_pretty(err),
                            "undefined symbol: plugin_no_such_function"));
    error_free(err);
    assert_nothing_new();
}

static void test_absent(void)
{
    assert_refused("/no/such/plugin.so", "Cannot open plugin "
                   "'/no/such/plugin.so': No such file or directory");
}

static void test_folder(void)
{
    assert_refused("/", "Cannot open plugin '/': Is a directory");
}

static void test_fifo(void)
{
    g_autofree char *dir = g_dir_make_tmp(NULL, NULL);
    g_autofree char *path = g_build_filename(dir, "fifo", NULL);
    g_autofree char *message = g_strdup_printf(
        "Cannot open plugin '%s': Not a regular file", path);

    g_assert_cmpint(mkfifo(path, 0600), ==, 0);
    assert_refused(path, message);
    g_unlink(path);
    g_rmdir(dir);
}

/* ---- Names ---- */

static void test_name(void)
{
    g_autofree char *good = plugin_path("good");
    g_autofree char *message = g_strdup_printf(
        "Plugin '%s' is loaded already", good);
    Error *err = NULL;

    g_setenv("QOM_PLUGIN_PATH", ":/no/such/folder:/dev/null:" PLUGIN_DIR, true);
    g_assert_false(plugin_load("plugin-good", &err));
    assert_error(err, message);
    g_assert_false(plugin_load("plugin-good.so", &err));
    assert_error(err, message);
    g_unsetenv("QOM_PLUGIN_PATH");
}

static void test_name_absent(void)
{
    g_autoptr(Error) err = NULL;

    g_setenv("QOM_PLUGIN_PATH", "/no/such/folder::relative", true);
    g_assert_false(plugin_load("absent", &err));
    g_unsetenv("QOM_PLUGIN_PATH");
    g_assert_true(g_pattern_match_simple(
        "Cannot find plugin 'absent': there is no 'absent.so' in "
        "'/no/such/folder', 'relative', '/*/qom-1/plugins'",
        error_get_pretty(err)));
    g_assert_cmpstr(error_get_hint(err), ==, "Folders with plugins can be "
                    "added to the variable QOM_PLUGIN_PATH.\n");
    assert_nothing_new();
}

/* The current folder is not searched. */
static void test_name_of_file_here(void)
{
    g_autofree char *old = g_get_current_dir();
    Error *err = NULL;

    g_assert_cmpint(chdir(PLUGIN_DIR), ==, 0);
    g_assert_false(plugin_load("plugin-copy.so", &err));
    g_assert_cmpstr(error_get_hint(err), ==, "To load the file "
                    "'plugin-copy.so' of the current folder, write "
                    "'./plugin-copy.so'.\n");
    error_free(err);
    g_assert_cmpint(chdir(old), ==, 0);
}

static void test_name_invalid(gconstpointer name)
{
    g_autofree char *message = g_strdup_printf(
        "'%s' is not the name of a plugin", (const char *)name);

    g_setenv("QOM_PLUGIN_PATH", PLUGIN_DIR, true);
    assert_refused(name, message);
    g_unsetenv("QOM_PLUGIN_PATH");
}

/* A file that is found and is not a plugin ends the search. */
static void test_name_first_wins(void)
{
    g_autofree char *dir = g_dir_make_tmp(NULL, NULL);
    g_autofree char *first = g_build_filename(dir, "plugin-copy.so", NULL);
    g_autofree char *folders = g_strconcat(dir, ":" PLUGIN_DIR, NULL);
    g_autofree char *not_elf = g_strdup_printf(
        "'%s' is not a plugin: it is no shared object for this machine",
        first);
    g_autofree char *folder = g_strdup_printf(
        "Cannot open plugin '%s': Is a directory", first);

    g_setenv("QOM_PLUGIN_PATH", folders, true);
    g_assert_true(g_file_set_contents(first, "text", -1, NULL));
    assert_refused("plugin-copy", not_elf);
    g_unlink(first);
    g_assert_cmpint(g_mkdir(first, 0700), ==, 0);
    assert_refused("plugin-copy", folder);
    g_rmdir(first);
    g_rmdir(dir);
    g_unsetenv("QOM_PLUGIN_PATH");
}

static void test_name_too_long(void)
{
    g_autofree char *name = g_strnfill(5000, 'a');
    g_autoptr(Error) err = NULL;

    g_setenv("QOM_PLUGIN_PATH", "/tmp", true);
    g_assert_false(plugin_load(name, &err));
    g_unsetenv("QOM_PLUGIN_PATH");
    g_assert_true(g_str_has_suffix(error_get_pretty(err),
                                   "aaa.so': File name too long"));
    assert_nothing_new();
}

/* ---- Damaged files ---- */

typedef struct Damage {
    char *dir;
    char *path;
    char *data; /* of the good plugin */
    gsize n_bytes;
} Damage;

static void damage_setup(Damage *damage, gconstpointer data)
{
    g_autofree char *good = plugin_path("copy");

    damage->dir = g_dir_make_tmp(NULL, NULL);
    damage->path = g_build_filename(damage->dir, "plugin.so", NULL);
    g_assert_true(g_file_get_contents(good, &damage->data, &damage->n_bytes,
                                      NULL));
}

static void damage_teardown(Damage *damage, gconstpointer data)
{
    g_unlink(damage->path);
    g_rmdir(damage->dir);
    g_free(damage->dir);
    g_free(damage->path);
    g_free(damage->data);
}

static void damage_refused(Damage *damage, gsize n_bytes, const char *reason)
{
    g_autofree char *message = g_strdup_printf("'%s' is not a plugin: %s",
                                               damage->path, reason);

    g_assert_true(g_file_set_contents(damage->path, damage->data, n_bytes,
                                      NULL));
    assert_refused(damage->path, message);
}

#define NOT_ELF "it is no shared object for this machine"
#define NO_NOTE "it does not say QOM_PLUGIN()"

static void test_empty(Damage *damage, gconstpointer data)
{
    damage_refused(damage, 0, NOT_ELF);
}

static void test_text(Damage *damage, gconstpointer data)
{
    memcpy(damage->data, "#!/bin/sh", 9);
    damage_refused(damage, damage->n_bytes, NOT_ELF);
}

/* The notes stand behind the headers. */
static void test_truncated(Damage *damage, gconstpointer data)
{
    for (gsize n = 0; n < 512; n++) {
        damage_refused(damage, n, n < sizeof(Elf64_Ehdr) ? NOT_ELF : NO_NOTE);
    }
}

/* Offsets and sizes of everything, one after the other, are absurd. */
static void test_absurd_offsets(Damage *damage, gconstpointer data)
{
    Elf64_Ehdr *header = (Elf64_Ehdr *)damage->data;
    Elf64_Phdr *segments;

    header->e_phoff = UINT64_MAX - 8;
    damage_refused(damage, damage->n_bytes, NO_NOTE);
    header->e_phoff = sizeof(*header);
    segments = (Elf64_Phdr *)(damage->data + header->e_phoff);
    for (unsigned i = 0; i < header->e_phnum; i++) {
        if (segments[i].p_type == PT_NOTE) {
            segments[i].p_offset = UINT64_MAX - 2;
            segments[i].p_filesz = 100;
        }
    }
    damage_refused(damage, damage->n_bytes, NO_NOTE);
}

static void test_absurd_notes(Damage *damage, gconstpointer data)
{
    Elf64_Ehdr *header = (Elf64_Ehdr *)damage->data;
    Elf64_Phdr *segments = (Elf64_Phdr *)(damage->data + header->e_phoff);

    for (unsigned i = 0; i < header->e_phnum; i++) {
        if (segments[i].p_type == PT_NOTE) {
            memset(damage->data + segments[i].p_offset, 0xff,
                   segments[i].p_filesz);
        }
    }
    damage_refused(damage, damage->n_bytes, NO_NOTE);
}

#define DAMAGE(name, fn) \
    g_test_add("/qom/plugin/" name, Damage, NULL, damage_setup, fn, \
               damage_teardown)

int main(int argc, char **argv)
{
    g_autofree char *good = plugin_path("good");

    g_test_init(&argc, &argv, NULL);
    qapi_register_commands(&own_command, 1);
    qapi_register_events(own_events, 1);
    plugin_load(good, &error_abort);

    g_test_add_func("/qom/plugin/types", test_types);
    g_test_add_func("/qom/plugin/command", test_command);
    g_test_add_func("/qom/plugin/event", test_event);
    g_test_add_func("/qom/plugin/loaded-already", test_again);
    for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
        g_autofree char *name = g_strconcat("/qom/plugin/refused/",
                                            refusals[i].variant, NULL);

        g_test_add_data_func(name, &refusals[i], test_refused);
    }
    g_test_add_data_func("/qom/plugin/refused/static", "static",
                         test_other_library);
    g_test_add_data_func("/qom/plugin/refused/static-bound", "static-bound",
                         test_other_library);
    g_test_add_data_func("/qom/plugin/refused/static-hidden", "static-hidden",
                         test_other_library);
    g_test_add_func("/qom/plugin/refused/second-shared", test_second_shared);
    g_test_add_func("/qom/plugin/refused/other-abi", test_other_abi);
    g_test_add_func("/qom/plugin/refused/unmarked", test_unmarked);
    g_test_add_func("/qom/plugin/refused/unresolved", test_unresolved);
    g_test_add_func("/qom/plugin/refused/absent", test_absent);
    g_test_add_func("/qom/plugin/refused/folder", test_folder);
    g_test_add_func("/qom/plugin/refused/fifo", test_fifo);
    g_test_add_func("/qom/plugin/name/found", test_name);
    g_test_add_func("/qom/plugin/name/absent", test_name_absent);
    g_test_add_func("/qom/plugin/name/file-in-current-folder",
                    test_name_of_file_here);
    g_test_add_data_func("/qom/plugin/name/empty", "", test_name_invalid);
    g_test_add_data_func("/qom/plugin/name/parent-folder", "..",
                         test_name_invalid);
    g_test_add_data_func("/qom/plugin/name/hidden-file", ".plugin-good",
                         test_name_invalid);
    g_test_add_data_func("/qom/plugin/name/newline", "plugin-good\n",
                         test_name_invalid);
    g_test_add_func("/qom/plugin/name/first-wins", test_name_first_wins);
    g_test_add_func("/qom/plugin/name/too-long", test_name_too_long);
    DAMAGE("refused/empty", test_empty);
    DAMAGE("refused/text", test_text);
    DAMAGE("refused/truncated", test_truncated);
    DAMAGE("refused/absurd-offsets", test_absurd_offsets);
    DAMAGE("refused/absurd-notes", test_absurd_notes);
    return test_run();
}
