/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verbs of `qapi`.  Each one loads a schema, calls the compiler's library
 * once and writes the result.
 *
 * Source: verbs that only read a schema can also read it from a running program
 * (qapi-live.c).  Option -s names its QMP socket, or $QOM_SOCKET if there is no
 * schema on the command line.
 *
 * Diagnostics: errors of schemas are whole lines, "file:line: text".  All other
 * errors are one message of the tool.
 */
#include "tools/qapi-verbs.h"
#include "qapi/compiler/compiler.h"
#include "qapi/json/json.h"
#include "tools/output.h"
#include "tools/qapi-live.h"

#include <string.h>

/* Prints a message about wrong usage of a verb; returns EXIT_USAGE. */
static int usage_error(const char *verb, const char *text)
{
    Error *err = NULL;

    error_setg(&err, "%s", text);
    return tool_usage_error(verb, err);
}

/* Diagnostics begin with a file name, so the tool's name is left out. */
int qapi_report(Error *err)
{
    const char *text = error_get_pretty(err);

    if (g_str_has_suffix(text, "\n")) {
        output_diagnostics(text);
        error_free(err);
    } else {
        output_error(NULL, err);
    }
    return EXIT_FAILED;
}

/*
 * Returns (nullable) the folder of the library's own schema modules.  It is
 * found from the program's place, so that an installation can be moved; a
 * program that was linked elsewhere uses the place of the installation.
 */
static const char *schema_folder(void)
{
    static char *folder;
    g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);

    if (!folder && program) {
        g_autofree char *bin = g_path_get_dirname(program);

        folder = g_canonicalize_filename("../share/qom-1/schema", bin);
    }
    if (!folder || !g_file_test(folder, G_FILE_TEST_IS_DIR)) {
        g_free(folder);
        folder = g_strdup(QOM_SCHEMADIR);
    }
    return folder;
}

/* How a schema is loaded: the folders of -I and of the library itself. */
typedef struct Load {
    QapiLoad load;
    const char *folders[3];
} Load;

static void load_init(Load *load, const QapiArgs *args, const char *path)
{
    unsigned n = 0;

    *load = (Load){ .load = { .path = path, .language = args->language } };
    if (args->library) {
        load->folders[n++] = args->library;
    }
    load->folders[n] = schema_folder();
    load->load.folders = load->folders;
}

/*
 * Versions of the language by which verbs that only read a schema try to load
 * it, unless an option names one.  The verdict on it is not their purpose, and
 * later versions of QEMU refuse schemas of earlier ones for their style.
 */
static const char *const read_versions[] = { NULL, "10.1", "7.2" };

/* Returns true if there is an error that older versions did not know. */
static bool has_new_errors(Error *err)
{
    const char *text = error_get_pretty(err);

    return strstr(text, "[doc-long-line]") ||
           strstr(text, "[doc-sentences]") ||
           strstr(text, "[doc-section-gone]");
}

/* Names an older version of the language that accepts a refused schema. */
static void suggest_language(const QapiArgs *args, const char *path)
{
    for (unsigned i = 1; i < G_N_ELEMENTS(read_versions); i++) {
        g_autoptr(QapiSchema) schema = NULL;
        Load with;

        load_init(&with, args, path);
        with.load.language = read_versions[i];
        schema = qapi_schema_load_with(&with.load, NULL);
        if (schema) {
            g_autofree char *hint = g_strdup_printf(
                "qapi: '-language %s' accepts the schema\n", read_versions[i]);

            output_diagnostics(hint);
            return;
        }
    }
}

/* Returns (transfer full) a schema from files; NULL after a message. */
static QapiSchema *load(const QapiArgs *args, const char *path)
{
    Error *err = NULL;
    Load with;
    QapiSchema *schema;
    bool suggest;

    load_init(&with, args, path);
    schema = qapi_schema_load_with(&with.load, &err);
    if (!schema) {
        suggest = !args->language && has_new_errors(err);
        qapi_report(err);
        if (suggest) {
            suggest_language(args, path);
        }
    }
    return schema;
}

/*
 * Loads a schema for reading, or introspection data from a file.  @info: (out)
 * (nullable) the data instead of the schema; NULL: the schema is wanted
 * Returns: (transfer full) (nullable) the schema
 */
static QapiSchema *read_schema(const QapiArgs *args, const char *path,
                               JsonNode **info)
{
    QapiSchema *schema = NULL;
    Error *first = NULL;
    bool loaded = false;

    for (unsigned i = 0; i < G_N_ELEMENTS(read_versions) && !loaded; i++) {
        Error *err = NULL;
        Load with;

        load_init(&with, args, path);
        if (i > 0) {
            with.load.language = read_versions[i];
        }
        if (info) {
            *info = qapi_schema_info_load(&with.load, &err);
        } else {
            schema = qapi_schema_load_with(&with.load, &err);
        }
        loaded = !err;
        error_propagate(&first, err);
        if (args->language) {
            break;
        }
    }
    if (loaded) {
        error_free(first);
    } else {
        qapi_report(first); /* that of the newest version */
    }
    return schema;
}

/* Returns (nullable) the socket that is used if there is no schema. */
static const char *default_socket(void)
{
    const char *socket = g_getenv("QOM_SOCKET");

    return socket && *socket ? socket : NULL;
}

/*
 * Finds out where the schema is: in a file, or else in a program.  @socket:
 * (out) (nullable) the program's socket; NULL: the argument is a file
 * Returns: false after a message about wrong usage
 */
static bool find_source(const QapiArgs *args, const char *verb,
                        const char **socket)
{
    *socket = args->socket;
    if (!*socket && args->base.n_rest == 0) {
        *socket = default_socket();
    }
    if (args->base.n_rest + (*socket != NULL) != 1) {
        usage_error(verb, "either SCHEMA or '-s SOCKET' is needed");
        return false;
    }
    return true;
}

/* ---- Verbs ---- */

int qapi_run_check(void *opaque)
{
    const QapiArgs *args = opaque;
    g_autoptr(QapiSchema) schema = load(args, args->base.rest->pdata[0]);

    return schema ? EXIT_DONE : EXIT_FAILED;
}

/* Warnings go to stdout: they are what the verb is asked for. */
int qapi_run_lint(void *opaque)
{
    const QapiArgs *args = opaque;
    g_autoptr(QapiSchema) schema = load(args, args->base.rest->pdata[0]);
    g_autoptr(GString) out = g_string_new(NULL);
    unsigned n;

    if (!schema) {
        return EXIT_FAILED;
    }
    n = qapi_schema_lint(schema, out);
    return output_foreign_text(out->str) == EXIT_DONE && n == 0 ? EXIT_DONE
                                                                : EXIT_FAILED;
}

/* Appends introspection data as JSON, with one entity per line. */
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

/* Prints the data as they came: unlike a schema, they lose nothing. */
static int introspect_live(const char *socket, bool unmask)
{
    g_autoptr(JsonNode) info = live_info(socket, unmask, false);
    g_autoptr(GString) out = g_string_new(NULL);

    if (!info) {
        return EXIT_FAILED;
    }
    if (!JSON_NODE_HOLDS_ARRAY(info)) {
        Error *err = NULL;

        error_setg(&err, "what '%s' tells is no introspection data", socket);
        return qapi_report(err);
    }
    write_info(out, info);
    return output_foreign_text(out->str);
}

int qapi_run_introspect(void *opaque)
{
    const QapiArgs *args = opaque;
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(QapiSchema) schema = NULL;
    const char *socket;

    if (!find_source(args, "introspect", &socket)) {
        return EXIT_USAGE;
    }
    if (socket) {
        return introspect_live(socket, args->unmask);
    }
    schema = read_schema(args, args->base.rest->pdata[0], NULL);
    if (!schema) {
        return EXIT_FAILED;
    }
    qapi_schema_introspect(schema, args->unmask, out);
    return output_foreign_text(out->str);
}

int qapi_run_gen(void *opaque)
{
    const QapiArgs *args = opaque;
    const QapiGenerate options = {
        .folder = args->folder,
        .prefix = args->prefix,
        .depfile = args->depfile,
        .target = args->target,
        .module = args->module,
    };
    g_autoptr(GString) names = g_string_new(NULL);
    g_autoptr(QapiSchema) schema = NULL;
    Error *err = NULL;

    if (!args->folder && !args->list) {
        return usage_error("gen", "missing option '-o DIR'");
    }
    schema = load(args, args->base.rest->pdata[0]);
    if (!schema) {
        return EXIT_FAILED;
    }
    /* For build systems, which have to know the outputs before they exist. */
    if (args->list) {
        qapi_schema_list_files(schema, args->prefix, names);
        return output_foreign_text(names->str);
    }
    if (!qapi_schema_generate(schema, &options, &err)) {
        return qapi_report(err);
    }
    return EXIT_DONE;
}

/* What show describes, and where it is. */
typedef struct ShowSource {
    const char *name;   /* (nullable) the definition; NULL: an overview */
    const char *path;   /* (nullable) the schema, or else */
    const char *socket; /* (nullable) the program */
} ShowSource;

/*
 * Splits the arguments [NAME] [SCHEMA] of show.  A single argument is the
 * schema, unless the environment names a schema or program and the argument
 * does not end in ".json".  Returns: false after a message about wrong usage
 */
static bool find_show_source(const QapiArgs *args, ShowSource *source)
{
    const char *first = args->base.rest->pdata[0];
    const char *path = g_getenv("QAPI_SCHEMA");

    *source = (ShowSource){ .name = first, .socket = args->socket };
    if (source->socket) {
        if (args->base.n_rest == 2) {
            usage_error("show", "either SCHEMA or '-s SOCKET' is needed");
        }
        return args->base.n_rest < 2;
    }
    source->socket = path ? NULL : default_socket();
    if (args->base.n_rest == 2) {
        path = args->base.rest->pdata[1];
    } else if (first && (g_str_has_suffix(first, ".json") ||
                         (!path && !source->socket))) {
        path = first;
        source->name = NULL;
    }
    source->path = path;
    if (!path && !source->socket) {
        usage_error("show", "missing SCHEMA; $QAPI_SCHEMA would do");
        return false;
    }
    return true;
}

int qapi_run_show(void *opaque)
{
    const QapiArgs *args = opaque;
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(QapiSchema) schema = NULL;
    ShowSource source;
    Error *err = NULL;

    if (!find_show_source(args, &source)) {
        return EXIT_USAGE;
    }
    if (!source.path) {
        return live_show(source.socket, source.name, out)
                   ? output_foreign_text(out->str)
                   : EXIT_FAILED;
    }
    schema = read_schema(args, source.path, NULL);
    if (!schema) {
        return EXIT_FAILED;
    }
    if (!qapi_schema_show(schema, source.name, out, &err)) {
        return qapi_report(err);
    }
    return output_foreign_text(out->str);
}

/*
 * Loads one side of a comparison: a file, or a program if -s named it.  The
 * second one may be that of $QOM_SOCKET.
 */
static bool load_side(const QapiArgs *args, guint number, QapiDiffSide *side)
{
    side->name = number < args->base.n_rest ? args->base.rest->pdata[number]
                                            : default_socket();
    if (number == args->base.n_rest ||
        (args->sockets && g_ptr_array_find(args->sockets, side->name, NULL))) {
        side->info = live_info(side->name, true, false);
        return side->info != NULL;
    }
    read_schema(args, side->name, &side->info);
    return side->info != NULL;
}

int qapi_run_diff(void *opaque)
{
    const QapiArgs *args = opaque;
    g_autoptr(GString) out = g_string_new(NULL);
    QapiDiffSide old = { 0 };
    QapiDiffSide new = { 0 };
    Error *err = NULL;
    bool breaks = true;

    if (args->base.n_rest < 2 && !default_socket()) {
        return usage_error("diff", "missing NEW; $QOM_SOCKET would do");
    }
    /* Without a result `breaks` stays true, so that scripts notice errors. */
    if (load_side(args, 0, &old) && load_side(args, 1, &new) &&
        !qapi_schema_diff(&old, &new, out, &breaks, &err)) {
        qapi_report(err);
    }
    g_clear_pointer(&old.info, json_node_unref);
    g_clear_pointer(&new.info, json_node_unref);
    return output_foreign_text(out->str) == EXIT_DONE && !breaks ? EXIT_DONE
                                                         : EXIT_FAILED;
}

/* The three forms have the same content; see qapi/compiler/manual.c. */
int qapi_run_doc(void *opaque)
{
    const QapiArgs *args = opaque;
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(QapiSchema) schema = NULL;
    const char *socket;

    if (!find_source(args, "doc", &socket)) {
        return EXIT_USAGE;
    }
    if (args->html + args->man + args->md != 1) {
        return usage_error("doc",
                           "one of -html, -man and -md must be given");
    }
    schema = socket ? live_schema(socket)
                    : read_schema(args, args->base.rest->pdata[0], NULL);
    if (!schema) {
        return EXIT_FAILED;
    }
    qapi_schema_manual(schema, args->html  ? QAPI_MANUAL_HTML
                               : args->man ? QAPI_MANUAL_MAN
                                           : QAPI_MANUAL_MD, out);
    return output_foreign_text(out->str);
}
