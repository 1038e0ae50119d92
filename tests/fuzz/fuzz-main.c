/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Runs a fuzz target over the files and folders named on the command line, in
 * the order of their names, and prints TAP.
 *
 *     fuzz-NAME [--mutations N] [--seed SEED] [--dump] FILE...
 *
 * After each file follow N inputs that mutators make of it.  The seed and the
 * files before it determine them, so an input that fails does so again.  It is
 * then written to the file `finding-NAME`. With `--dump`, inputs are printed
 * before they run.
 *
 * Each input is copied to a block of exactly its size, so that the sanitizers
 * and valgrind report an overrun.
 */
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    MAX_SIZE = 4096, /* of a mutated input, as with libFuzzer */
    MAX_STEPS = 12,  /* from the file to the last mutation in a row */
};

static int n_mutations;
static int first_seed = 1;
static gboolean dump;
static char *finding_name;

/* What is being run. */
static const uint8_t *input;
static size_t input_size;

/* Only there with a sanitizer. */
void __sanitizer_set_death_callback(void (*callback)(void))
    __attribute__((weak));

/* ---- Findings ---- */

static void keep_finding(void)
{
    int fd = open(finding_name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                  0666);

    if (fd < 0 || write(fd, input, input_size) != (ssize_t)input_size) {
        return;
    }
    close(fd);
}

static void on_abort(int signum)
{
    keep_finding();
    signal(signum, SIG_DFL);
    raise(signum);
}

static void watch_for_findings(const char *program)
{
    g_autofree char *name = g_path_get_basename(program);

    finding_name = g_strconcat("finding-", name, NULL);
    signal(SIGABRT, on_abort);
    if (__sanitizer_set_death_callback) {
        __sanitizer_set_death_callback(keep_finding);
    } else {
        signal(SIGSEGV, on_abort);
    }
}

/* ---- Inputs ---- */

static void run(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size); /* not NULL for no bytes */

    memcpy(copy, data, size);
    input = copy;
    input_size = size;
    if (dump) {
        printf("# %zu bytes\n", size);
        fwrite(copy, 1, size, stdout);
        putchar('\n');
        fflush(stdout);
    }
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

/*
 * Mutations of mutations, up to MAX_STEPS of them, and then from the file
 * again; now and then mixed with the file before.
 */
static void run_mutations(const GString *text, const GString *other)
{
    static unsigned seed;
    uint8_t data[MAX_SIZE];
    size_t size = 0;

    for (int i = 0; i < n_mutations; i++) {
        unsigned now = first_seed + seed++;

        if (i % MAX_STEPS == 0) {
            size = MIN(text->len, MAX_SIZE);
            memcpy(data, text->str, size);
        }
        if (i % MAX_STEPS == MAX_STEPS / 2) {
            size = LLVMFuzzerCustomCrossOver(
                (const uint8_t *)text->str, text->len,
                (const uint8_t *)other->str, other->len, data, MAX_SIZE, now);
        } else {
            size = LLVMFuzzerCustomMutator(data, size, MAX_SIZE, now);
        }
        run(data, size);
    }
}

static bool run_file(const char *path, GString *other)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *contents = NULL;
    size_t size;

    if (!g_file_get_contents(path, &contents, &size, NULL)) {
        return false;
    }
    g_string_append_len(text, contents, size);
    printf("# %s\n", path);
    fflush(stdout);
    run((const uint8_t *)text->str, text->len);
    run_mutations(text, other);
    g_string_assign(other, "");
    g_string_append_len(other, text->str, text->len);
    return true;
}

/* ---- Files ---- */

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_folder(GPtrArray *files, const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_ptr_array_add(files, g_build_filename(path, name, NULL));
    }
}

static GPtrArray *find_files(char **paths)
{
    GPtrArray *files = g_ptr_array_new_with_free_func(g_free);

    for (; paths && *paths; paths++) {
        if (g_file_test(*paths, G_FILE_TEST_IS_DIR)) {
            add_folder(files, *paths);
        } else {
            g_ptr_array_add(files, g_strdup(*paths));
        }
    }
    g_ptr_array_sort(files, compare_names);
    return files;
}

static void run_files(GPtrArray *files)
{
    g_autoptr(GString) other = g_string_new(NULL);

    for (unsigned i = 0; i < files->len; i++) {
        const char *path = g_ptr_array_index(files, i);
        g_autofree char *name = g_path_get_basename(path);
        bool ok = run_file(path, other);

        printf("%s %u - %s\n", ok ? "ok" : "not ok", i + 1, name);
    }
    printf("1..%u\n", files->len);
}

int main(int argc, char **argv)
{
    g_auto(GStrv) paths = NULL;
    const GOptionEntry entries[] = {
        { "mutations", 0, 0, G_OPTION_ARG_INT, &n_mutations,
          "inputs to make of each file", "N" },
        { "seed", 0, 0, G_OPTION_ARG_INT, &first_seed,
          "where mutations begin", "SEED" },
        { "dump", 0, 0, G_OPTION_ARG_NONE, &dump, "print inputs", NULL },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &paths,
          NULL, "FILE..." },
        { NULL }
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GError) err = NULL;
    g_autoptr(GPtrArray) files = NULL;

    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &err)) {
        fprintf(stderr, "%s: %s\n", argv[0], err->message);
        return 2;
    }
    watch_for_findings(argv[0]);
    if (LLVMFuzzerInitialize) {
        LLVMFuzzerInitialize(&argc, &argv);
    }
    files = find_files(paths);
    run_files(files);
    g_free(finding_name);
    return files->len ? 0 : 1;
}
