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

static bool is_option(const char *arg, const char *name)
{
    if (*arg++ != '-') {
        return false;
    }
    return strcmp(arg + (*arg == '-'), name) == 0;
}

/* Remove one of the options from the arguments. */
static void remove_args(char **args, int *n_args, int at, int n)
{
    *n_args -= n;
    memmove(&args[at], &args[at + n], sizeof(*args) * (*n_args - at));
}

/* Was the option -@name given?  It is gone from @args afterwards. */
static bool take_flag(char **args, int *n_args, const char *name)
{
    bool found = false;

    for (int i = 0; i < *n_args && strcmp(args[i], "--") != 0;) {
        if (is_option(args[i], name)) {
            remove_args(args, n_args, i, 1);
            found = true;
        } else {
            i++;
        }
    }
    return found;
}

/* What is left must be arguments, and as many as the verb takes. */
static bool check_args(const Verb *verb, char **args, int *n_args)
{
    for (int i = 0; i < *n_args; i++) {
        if (strcmp(args[i], "--") == 0) {
            remove_args(args, n_args, i, 1);
            break;
        }
        if (args[i][0] == '-' && args[i][1]) {
            usage_error(verb, "unknown option '%s'", args[i]);
            return false;
        }
    }
    if (*n_args < verb->min_args || *n_args > verb->max_args) {
        usage_error(verb, "usage: qapi %s %s", verb->name, verb->usage);
        return false;
    }
    return true;
}

/* Diagnostics end with a newline and say where they are from. */
static int report(Error *err)
{
    const char *text = error_get_pretty(err);

    if (g_str_has_suffix(text, "\n")) {
        fputs(text, stderr);
    } else {
        fprintf(stderr, "qapi: %s\n", text);
    }
    error_free(err);
    return EXIT_FAILED;
}

static QapiSchema *load(const char *path)
{
    Error *err = NULL;
    QapiSchema *schema = qapi_schema_load(path, &err);

    if (!schema) {
        report(err);
    }
    return schema;
}

static int print(const GString *out)
{
    if (fwrite(out->str, 1, out->len, stdout) != out->len ||
        fflush(stdout) != 0) {
        perror("qapi: stdout");
        return EXIT_FAILED;
    }
    return EXIT_DONE;
}

static int run_check(const Verb *verb, char **args, int n_args)
{
    g_autoptr(QapiSchema) schema = NULL;

    if (!check_args(verb, args, &n_args)) {
        return EXIT_USAGE;
    }
    schema = load(args[0]);
    return schema ? EXIT_DONE : EXIT_FAILED;
}

static int run_introspect(const Verb *verb, char **args, int n_args)
{
    bool unmask = take_flag(args, &n_args, "unmask");
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(QapiSchema) schema = NULL;

    if (!check_args(verb, args, &n_args)) {
        return EXIT_USAGE;
    }
    schema = load(args[0]);
    if (!schema) {
        return EXIT_FAILED;
    }
    qapi_schema_introspect(schema, unmask, out);
    return print(out);
}

/*
 * The value of an option -@name VALUE or -@name=VALUE, or NULL.  It is gone
 * from @args afterwards.
 */
static char *take_value(char **args, int *n_args, const char *name)
{
    g_autofree char *with_value = g_strconcat(name, "=", NULL);
    char *value = NULL;

    for (int i = 0; i < *n_args && strcmp(args[i], "--") != 0;) {
        const char *arg = args[i] + strspn(args[i], "-");

        if (is_option(args[i], name) && i + 1 < *n_args) {
            value = args[i + 1];
            remove_args(args, n_args, i, 2);
        } else if (args[i][0] == '-' && arg - args[i] <= 2 &&
                   g_str_has_prefix(arg, with_value)) {
            value = args[i] + (arg - args[i]) + strlen(with_value);
            remove_args(args, n_args, i, 1);
        } else {
            i++;
        }
    }
    return value;
}

static int run_gen(const Verb *verb, char **args, int n_args)
{
    QapiGenerate options = {
        .folder = take_value(args, &n_args, "o"),
        .prefix = take_value(args, &n_args, "p"),
        .depfile = take_value(args, &n_args, "depfile"),
        .target = take_value(args, &n_args, "target"),
        .module = take_value(args, &n_args, "module"),
    };
    bool list = take_flag(args, &n_args, "list");
    g_autoptr(QapiSchema) schema = NULL;
    Error *err = NULL;

    if (!check_args(verb, args, &n_args)) {
        return EXIT_USAGE;
    }
    if (!options.folder && !list) {
        return usage_error(verb, "missing option '-o DIR'");
    }
    schema = load(args[0]);
    if (!schema) {
        return EXIT_FAILED;
    }
    if (list) {
        g_autoptr(GString) names = g_string_new(NULL);

        qapi_schema_list_files(schema, options.prefix, names);
        return print(names);
    }
    if (!qapi_schema_generate(schema, &options, &err)) {
        return report(err);
    }
    return EXIT_DONE;
}

/* The schema may be left out if the environment has it. */
static int run_show(const Verb *verb, char **args, int n_args)
{
    const char *path = g_getenv("QAPI_SCHEMA");
    const char *name = NULL;
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(QapiSchema) schema = NULL;
    Error *err = NULL;

    if (!check_args(verb, args, &n_args)) {
        return EXIT_USAGE;
    }
    if (n_args == 2) {
        name = args[0];
        path = args[1];
    } else if (n_args == 1 && path && !g_str_has_suffix(args[0], ".json")) {
        name = args[0];
    } else if (n_args == 1) {
        path = args[0];
    }
    if (!path) {
        return usage_error(verb, "missing SCHEMA; $QAPI_SCHEMA would do");
    }
    schema = load(path);
    if (!schema) {
        return EXIT_FAILED;
    }
    if (!qapi_schema_show(schema, name, out, &err)) {
        return report(err);
    }
    return print(out);
}

static int run_diff(const Verb *verb, char **args, int n_args)
{
    g_autoptr(GString) out = g_string_new(NULL);
    Error *err = NULL;
    bool breaks;

    if (!check_args(verb, args, &n_args)) {
        return EXIT_USAGE;
    }
    if (!qapi_schema_diff(args[0], args[1], out, &breaks, &err)) {
        return report(err);
    }
    return print(out) == EXIT_DONE && !breaks ? EXIT_DONE : EXIT_FAILED;
}

static int run_doc(const Verb *verb, char **args, int n_args)
{
    bool html = take_flag(args, &n_args, "html");
    bool man = take_flag(args, &n_args, "man");
    bool md = take_flag(args, &n_args, "md");
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(QapiSchema) schema = NULL;

    if (!check_args(verb, args, &n_args)) {
        return EXIT_USAGE;
    }
    if (html + man + md != 1) {
        return usage_error(verb, "one of -html, -man and -md must be given");
    }
    schema = load(args[0]);
    if (!schema) {
        return EXIT_FAILED;
    }
    qapi_schema_manual(schema, html  ? QAPI_MANUAL_HTML
                               : man ? QAPI_MANUAL_MAN
                                     : QAPI_MANUAL_MD, out);
    return print(out);
}

static const Verb verbs[] = {
    { "gen", "-o DIR [-p PREFIX] [-module FILE] SCHEMA", 1, 1, run_gen,
      "write the C code of a schema"  },
    { "check", "SCHEMA", 1, 1, run_check,
      "say what is wrong with a schema" },
    { "introspect", "[-unmask] SCHEMA", 1, 1, run_introspect,
      "print what query-qmp-schema tells of a schema" },
    { "show", "[NAME] [SCHEMA]", 0, 2, run_show,
      "a definition and who uses it, or an overview" },
    { "diff", "OLD NEW", 2, 2, run_diff,
      "what changed for clients; fails if it breaks any" },
    { "doc", "-html|-man|-md SCHEMA", 1, 1, run_doc,
      "the manual of a schema" },
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
