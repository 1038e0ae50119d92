/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qapi: the schema compiler as a command.
 *
 * Each verb is a row: its usage, how many arguments it takes, and a function
 * that calls the library.  Results go to stdout, messages to stderr; the exit
 * status is 0 for done, 1 for failed, 2 for wrong usage.
 */
#include "qapi/compiler/compiler.h"

#include <stdio.h>
#include <string.h>

enum {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
};

typedef struct Verb {
    const char *name;
    const char *usage; /* after the name */
    int min_args;
    int max_args;
    int (*run)(const struct Verb *verb, char **args, int n_args);
    const char *help;
} Verb;

static int usage_error(const Verb *verb, const char *fmt, ...)
    G_GNUC_PRINTF(2, 3);

static int usage_error(const Verb *verb, const char *fmt, ...)
{
    va_list ap;

    fputs("qapi: ", stderr);
    if (verb) {
        fprintf(stderr, "%s: ", verb->name);
    }
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    return EXIT_USAGE;
}

/* Diagnostics end with a newline and say where they are from. */
static QapiSchema *load(const char *path)
{
    Error *err = NULL;
    QapiSchema *schema = qapi_schema_load(path, &err);

    if (!schema) {
        fputs(error_get_pretty(err), stderr);
        error_free(err);
    }
    return schema;
}

static int run_check(const Verb *verb, char **args, int n_args)
{
    g_autoptr(QapiSchema) schema = load(args[0]);

    return schema ? EXIT_DONE : EXIT_FAILED;
}

static const Verb verbs[] = {
    { "check", "SCHEMA", 1, 1, run_check,
      "say what is wrong with a schema" },
};

static void print_help(void)
{
    puts("usage: qapi VERB [OPTION...] ARGUMENT...\n");
    for (unsigned i = 0; i < G_N_ELEMENTS(verbs); i++) {
        g_autofree char *line =
            g_strdup_printf("%s %s", verbs[i].name, verbs[i].usage);

        printf("  qapi %-44s %s\n", line, verbs[i].help);
    }
    puts("\nLong options take one dash or two.  Exit status: 0 done, "
         "1 failed, 2 wrong usage.");
}

static bool is_option(const char *arg, const char *name)
{
    if (*arg++ != '-') {
        return false;
    }
    return strcmp(arg + (*arg == '-'), name) == 0;
}

static const Verb *find_verb(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(verbs); i++) {
        if (strcmp(name, verbs[i].name) == 0) {
            return &verbs[i];
        }
    }
    return NULL;
}

int main(int argc, char **argv)
{
    const Verb *verb;

    if (argc < 2) {
        return usage_error(NULL, "missing verb; try 'qapi help'");
    }
    if (is_option(argv[1], "help") || is_option(argv[1], "h") ||
        strcmp(argv[1], "help") == 0) {
        print_help();
        return EXIT_DONE;
    }
    verb = find_verb(argv[1]);
    if (!verb) {
        return usage_error(NULL, "unknown verb '%s'; try 'qapi help'",
                           argv[1]);
    }
    return verb->run(verb, argv + 2, argc - 2);
}
