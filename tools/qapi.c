/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qapi: the schema compiler as a command.
 *
 * Each verb is a row: its usage, how many arguments it takes, and a function
 * that calls the library.  Results go to stdout, messages to stderr; the exit
 * status is 0 for done, 1 for failed, 2 for wrong usage.
 *
 * Where a schema is only looked at it may be a running program's: option -s
 * names its socket of QMP, and what it tells of itself is taken for a schema.
 */
#include "qapi/compiler/compiler.h"
#include "qapi/json.h"
#include "tools/qmp-client.h"

#include <stdio.h>
#include <string.h>

enum {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
};

enum {
    TIMEOUT_MS = 10000,
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

/*
 * What is left must be arguments, and as many as the verb takes, of which
 * @n_given were options.
 */
static bool check_count(const Verb *verb, char **args, int *n_args,
                        int n_given)
{
    for (int i = 0; i < *n_args; i++) {
        if (strcmp(args[i], "--") == 0) {
            remove_args(args, n_args, i, 1);
            break;
        }
        if (is_option(args[i], "s") && strstr(verb->usage, "-s SOCKET")) {
            usage_error(verb, "option '%s' needs a socket", args[i]);
            return false;
        }
        if (args[i][0] == '-' && args[i][1]) {
            usage_error(verb, "unknown option '%s'", args[i]);
            return false;
        }
    }
    if (*n_args + n_given < verb->min_args ||
        *n_args + n_given > verb->max_args) {
        usage_error(verb, "usage: qapi %s %s", verb->name, verb->usage);
        return false;
    }
    return true;
}

static bool check_args(const Verb *verb, char **args, int *n_args)
{
    return check_count(verb, args, n_args, 0);
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

static QapiSchema *load(const char *path, const char *library)
{
    Error *err = NULL;
    QapiSchema *schema = qapi_schema_load_from(path, library, &err);

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

/* ---- A running program ---- */

static JsonNode *flags_new(bool unmask, bool details)
{
    JsonNode *node = json_node_new(JSON_NODE_OBJECT);
    JsonObject *object = json_object_new();

    if (unmask) {
        json_object_set_boolean_member(object, "unmask", true);
    }
    if (details) {
        json_object_set_boolean_member(object, "details", true);
    }
    json_node_take_object(node, object);
    return node;
}

/* A peer that knows less is asked for less. */
static JsonNode *query(QmpClient *client, bool unmask, bool details,
                       Error **errp)
{
    if (unmask || details) {
        g_autoptr(JsonNode) flags = flags_new(unmask, details);
        Error *err = NULL;
        JsonNode *info =
            qmp_client_execute(client, "query-qmp-schema", flags, &err);

        if (info || !qmp_client_is_open(client)) {
            error_propagate(errp, err);
            return info;
        }
        error_free(err);
    }
    return qmp_client_execute(client, "query-qmp-schema", NULL, errp);
}

static JsonNode *load_live_info(const char *socket, bool unmask, bool details)
{
    Error *err = NULL;
    g_autoptr(QmpClient) client =
        qmp_client_connect(socket, TIMEOUT_MS, &err);
    JsonNode *info = client ? query(client, unmask, details, &err) : NULL;

    if (!info) {
        report(err);
    }
    return info;
}

static QapiSchema *load_live(const char *socket)
{
    g_autoptr(JsonNode) info = load_live_info(socket, true, true);
    Error *err = NULL;
    QapiSchema *schema;

    if (!info) {
        return NULL;
    }
    schema = qapi_schema_load_info(socket, info, &err);
    if (!schema) {
        report(err);
    }
    return schema;
}

/* ---- Verbs ---- */

static int run_check(const Verb *verb, char **args, int n_args)
{
    const char *library = take_value(args, &n_args, "I");
    g_autoptr(QapiSchema) schema = NULL;

    if (!check_args(verb, args, &n_args)) {
        return EXIT_USAGE;
    }
    schema = load(args[0], library);
    return schema ? EXIT_DONE : EXIT_FAILED;
}

/* An entity a line */
static void write_info(GString *out, JsonNode *info)
{
    JsonArray *array = json_node_get_array(info);

    g_string_append(out, "[");
    for (guint i = 0; i < json_array_get_length(array); i++) {
        g_string_append(out, i ? ",\n  " : "\n  ");
        json_write(out, json_array_get_element(array, i), false);
    }
    g_string_append(out, "\n]\n");
}

static int introspect_live(const char *socket, bool unmask)
{
    g_autoptr(JsonNode) info = load_live_info(socket, unmask, false);
    g_autoptr(GString) out = g_string_new(NULL);

    if (!info) {
        return EXIT_FAILED;
    }
    if (!JSON_NODE_HOLDS_ARRAY(info)) {
        fprintf(stderr, "qapi: what '%s' tells is no introspection data\n",
                socket);
        return EXIT_FAILED;
    }
    write_info(out, info);
    return print(out);
}

static int run_introspect(const Verb *verb, char **args, int n_args)
{
    const char *library = take_value(args, &n_args, "I");
    const char *socket = take_value(args, &n_args, "s");
    bool unmask = take_flag(args, &n_args, "unmask");
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(QapiSchema) schema = NULL;

    if (!check_count(verb, args, &n_args, socket != NULL)) {
        return EXIT_USAGE;
    }
    if (socket) {
        return introspect_live(socket, unmask);
    }
    schema = load(args[0], library);
    if (!schema) {
        return EXIT_FAILED;
    }
    qapi_schema_introspect(schema, unmask, out);
    return print(out);
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
    const char *library = take_value(args, &n_args, "I");
    bool list = take_flag(args, &n_args, "list");
    g_autoptr(QapiSchema) schema = NULL;
    Error *err = NULL;

    if (!check_args(verb, args, &n_args)) {
        return EXIT_USAGE;
    }
    if (!options.folder && !list) {
        return usage_error(verb, "missing option '-o DIR'");
    }
    schema = load(args[0], library);
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
    const char *library = take_value(args, &n_args, "I");
    const char *socket = take_value(args, &n_args, "s");
    const char *path = g_getenv("QAPI_SCHEMA");
    const char *name = NULL;
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(QapiSchema) schema = NULL;
    Error *err = NULL;

    if (!check_count(verb, args, &n_args, socket != NULL)) {
        return EXIT_USAGE;
    }
    if (socket) {
        name = n_args ? args[0] : NULL;
    } else if (n_args == 2) {
        name = args[0];
        path = args[1];
    } else if (n_args == 1 && path && !g_str_has_suffix(args[0], ".json")) {
        name = args[0];
    } else if (n_args == 1) {
        path = args[0];
    }
    if (!path && !socket) {
        return usage_error(verb, "missing SCHEMA; $QAPI_SCHEMA would do");
    }
    schema = socket ? load_live(socket) : load(path, library);
    if (!schema) {
        return EXIT_FAILED;
    }
    if (!qapi_schema_show(schema, name, out, &err)) {
        return report(err);
    }
    return print(out);
}

/* One side of a comparison: a file, or -s SOCKET. */
static bool take_side(char **args, int *n_args, QapiDiffSide *side)
{
    bool apart = is_option(args[0], "s");
    bool live = apart || g_str_has_prefix(args[0], "-s=");
    Error *err = NULL;

    side->name = apart ? args[1] : args[0] + (live ? strlen("-s=") : 0);
    remove_args(args, n_args, 0, apart ? 2 : 1);
    if (live) {
        side->info = load_live_info(side->name, true, false);
    } else {
        side->info = qapi_schema_info_load(side->name, &err);
        if (!side->info) {
            report(err);
        }
    }
    return side->info != NULL;
}

/* Are there two sides, and nothing else? */
static bool check_sides(const Verb *verb, char **args, int n_args)
{
    int n = 0;

    for (int i = 0; i < n_args; i++, n++) {
        if (is_option(args[i], "s")) {
            i++;
            n += i == n_args ? 2 : 0;
        } else if (args[i][0] == '-' && args[i][1] &&
                   !g_str_has_prefix(args[i], "-s=")) {
            usage_error(verb, "unknown option '%s'", args[i]);
            return false;
        }
    }
    if (n != 2) {
        usage_error(verb, "usage: qapi %s %s", verb->name, verb->usage);
    }
    return n == 2;
}

static int run_diff(const Verb *verb, char **args, int n_args)
{
    g_autoptr(GString) out = g_string_new(NULL);
    QapiDiffSide old = { 0 };
    QapiDiffSide new = { 0 };
    Error *err = NULL;
    bool breaks = true;

    if (!check_sides(verb, args, n_args)) {
        return EXIT_USAGE;
    }
    if (take_side(args, &n_args, &old) && take_side(args, &n_args, &new) &&
        !qapi_schema_diff(&old, &new, out, &breaks, &err)) {
        report(err);
    }
    g_clear_pointer(&old.info, json_node_unref);
    g_clear_pointer(&new.info, json_node_unref);
    return print(out) == EXIT_DONE && !breaks ? EXIT_DONE : EXIT_FAILED;
}

static int run_doc(const Verb *verb, char **args, int n_args)
{
    const char *library = take_value(args, &n_args, "I");
    const char *socket = take_value(args, &n_args, "s");
    bool html = take_flag(args, &n_args, "html");
    bool man = take_flag(args, &n_args, "man");
    bool md = take_flag(args, &n_args, "md");
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(QapiSchema) schema = NULL;

    if (!check_count(verb, args, &n_args, socket != NULL)) {
        return EXIT_USAGE;
    }
    if (html + man + md != 1) {
        return usage_error(verb, "one of -html, -man and -md must be given");
    }
    schema = socket ? load_live(socket) : load(args[0], library);
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
    { "introspect", "[-unmask] SCHEMA|-s SOCKET", 1, 1, run_introspect,
      "print what query-qmp-schema tells of a schema" },
    { "show", "[NAME] [SCHEMA|-s SOCKET]", 0, 2, run_show,
      "a definition and who uses it, or an overview" },
    { "diff", "OLD|-s SOCKET NEW|-s SOCKET", 2, 2, run_diff,
      "what changed for clients; fails if it breaks any" },
    { "doc", "-html|-man|-md SCHEMA|-s SOCKET", 1, 1, run_doc,
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
    puts("\nWith -I DIR, files that are included are looked for in DIR, too.\n"
         "Long options take one dash or two.  Exit status: 0 done, "
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
