/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Runs a fuzz target over files and folders named on the command line, in
 * order of their names, and prints TAP.  The input is copied to a block of
 * just its size, so that the sanitizers and valgrind see an overrun.
 */
#include "tests/fuzz/fuzz.h"

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_folder(GPtrArray *files, const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while ((name = g_dir_read_name(dir))) {
        g_ptr_array_add(files, g_build_filename(path, name, NULL));
    }
}

static bool run_file(const char *path)
{
    g_autofree char *text = NULL;
    uint8_t *data;
    size_t size;

    if (!g_file_get_contents(path, &text, &size, NULL)) {
        return false;
    }
    data = malloc(size); /* not NULL for no bytes */
    memcpy(data, text, size);
    printf("# %s\n", path);
    fflush(stdout);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return true;
}

int main(int argc, char **argv)
{
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);

    for (int i = 1; i < argc; i++) {
        if (g_file_test(argv[i], G_FILE_TEST_IS_DIR)) {
            add_folder(files, argv[i]);
        } else {
            g_ptr_array_add(files, g_strdup(argv[i]));
        }
    }
    g_ptr_array_sort(files, compare_names);
    for (unsigned i = 0; i < files->len; i++) {
        const char *path = g_ptr_array_index(files, i);
        g_autofree char *name = g_path_get_basename(path);

        printf("%s %u - %s\n", run_file(path) ? "ok" : "not ok", i + 1, name);
    }
    printf("1..%u\n", files->len);
    return files->len ? 0 : 1;
}
