/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verbs of `qapi`.  Each one loads a schema, calls the compiler's library
 * once and writes the result.
 *
 * Source: verbs that only read a schema can also read it from a running
 * program. Option -s names its QMP socket, and the reply to query-qmp-schema,
 * the *introspection data*, is turned into a schema.
 *
 * Diagnostics: errors of schemas are whole lines, "file:line: text".  All other
 * errors are one message of the tool.
 */
#include "tools/qapi-verbs.h"
#include "qapi/compiler/compiler.h"
#include "qapi/json/json.h"
#include "tools/output.h"
#include "tools/qmp-client.h"

/* The time that a running program has to send its introspection data. */
enum {
    TIMEOUT_MS = 10000,
};

/* Prints a message about wrong usage of a verb; returns EXIT_USAGE. */
static int usage_error(const char *verb, const char *text)
{
    Error *err = NULL;

    error_setg(&err, "%s", text);
    return tool_usage_error(verb, err);
}

/*
 * Prints an error, which is consumed, and returns EXIT_FAILED.  Diagnostics end
 * with a newline and begin with a file name, so the tool's name is left out.
 */
static int report(Error *err)
{
    const char *text = error_get_pretty(err);

    if (g_str_has_suffix(text, "\n")) {
        output_diagnostics(text);
    } else {
        output_error(NULL, err);
        return EXIT_FAILED;
    }
    error_free(err);
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

/* Returns (transfer full) a schema from files; NULL after a message. */
static QapiSchema *load(const QapiArgs *args, const char *path)
{
    Error *err = NULL;
    Load with;
    QapiSchema *schema;

    load_init(&with, args, path);
    schema = qapi_schema_load_with(&with.load, &err);
    if (!schema) {
        report(err);
    }
    return schema;
}

/* ---- A running program ---- */

/* Returns (transfer full) the arguments of query-qmp-schema. */
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

/*
 * Queries introspection data.  QEMU's query-qmp-schema has no arguments and
 * refuses ours, so on an error the query is repeated without them.
 */
static JsonNode *query(QmpClient *client, bool unmask, bool details,
                       Error **errp)
{
    if (unmask || details) {
        g_autoptr(JsonNode) flags = flags_new(unmask, details);
        Error *err = NULL;
        JsonNode *info =
            qmp_client_execute(client, "query-qmp-schema", flags, &err);

        /* A failed connection cannot be used for the second query. */
        if (info || !qmp_client_is_open(client)) {
            error_propagate(errp, err);
            return info;
        }
        error_free(err);
    }
    return qmp_client_execute(client, "query-qmp-schema", NULL, errp);
}

/* Returns (transfer full) a program's data; NULL after a message. */
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

/* Returns (transfer full) the schema of a program; NULL after a message. */
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

/* Checks that either a schema or a socket is given. */
static bool check_source(const QapiArgs *args, const char *verb)
{
    if (args->base.n_rest + (args->socket != NULL) != 1) {
        usage_error(verb, "either SCHEMA or '-s SOCKET' is needed");
        return false;
    }
    return true;
}

/* Returns (transfer full) the schema; NULL after a message. */
static QapiSchema *load_source(const QapiArgs *args)
{
    return args->socket ? load_live(args->socket)
                        : load(args, args->base.rest->pdata[0]);
}

/* ---- Verbs ---- */

int qapi_run_check(void *opaque)
{
    const QapiArgs *args = opaque;
    g_autoptr(QapiSchema) schema = load(args, args->base.rest->pdata[0]);

    return schema ? EXIT_DONE : EXIT_FAILED;
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
    g_autoptr(JsonNode) info = load_live_info(socket, unmask, false);
    g_autoptr(GString) out = g_string_new(NULL);

    if (!info) {
        return EXIT_FAILED;
    }
    if (!JSON_NODE_HOLDS_ARRAY(info)) {
        Error *err = NULL;

        error_setg(&err, "what '%s' tells is no introspection data", socket);
        return report(err);
    }
    write_info(out, info);
    return output_foreign_text(out->str);
}

int qapi_run_introspect(void *opaque)
{
    const QapiArgs *args = opaque;
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(QapiSchema) schema = NULL;

    if (!check_source(args, "introspect")) {
        return EXIT_USAGE;
    }
    if (args->socket) {
        return introspect_live(args->socket, args->unmask);
    }
    schema = load_source(args);
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
        return report(err);
    }
    return EXIT_DONE;
}

/*
 * Splits the arguments [NAME] [SCHEMA] of show.  A single argument is the
 * schema, unless $QAPI_SCHEMA is set and the argument does not end in ".json".
 * Returns: the schema's path; NULL if there is none
 */
static const char *schema_of(const QapiArgs *args, const char **name)
{
    const char *path = g_getenv("QAPI_SCHEMA");
    const char *first = args->base.rest->pdata[0];

    if (args->base.n_rest == 2) {
        *name = first;
        return args->base.rest->pdata[1];
    }
    if (first && path && !g_str_has_suffix(first, ".json")) {
        *name = first;
        return path;
    }
    return first ? first : path;
}

int qapi_run_show(void *opaque)
{
    const QapiArgs *args = opaque;
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(QapiSchema) schema = NULL;
    const char *name = NULL;
    const char *path = NULL;
    Error *err = NULL;

    if (!args->socket) {
        path = schema_of(args, &name);
    } else if (args->base.n_rest < 2) {
        name = args->base.rest->pdata[0];
    } else {
        return usage_error("show", "either SCHEMA or '-s SOCKET' is needed");
    }
    if (!path && !args->socket) {
        return usage_error("show", "missing SCHEMA; $QAPI_SCHEMA would do");
    }
    /* show is the only verb that takes its schema from the environment. */
    schema = path ? load(args, path) : load_live(args->socket);
    if (!schema) {
        return EXIT_FAILED;
    }
    if (!qapi_schema_show(schema, name, out, &err)) {
        return report(err);
    }
    return output_foreign_text(out->str);
}

/* Loads one side of a comparison: a file, or a program if -s named it. */
static bool load_side(const QapiArgs *args, guint number, QapiDiffSide *side)
{
    Error *err = NULL;
    Load with;

    side->name = args->base.rest->pdata[number];
    if (args->sockets && g_ptr_array_find(args->sockets, side->name, NULL)) {
        side->info = load_live_info(side->name, true, false);
        return side->info != NULL;
    }
    load_init(&with, args, side->name);
    side->info = qapi_schema_info_load_with(&with.load, &err);
    if (!side->info) {
        report(err);
    }
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

    /* Without a result `breaks` stays true, so that scripts notice errors. */
    if (load_side(args, 0, &old) && load_side(args, 1, &new) &&
        !qapi_schema_diff(&old, &new, out, &breaks, &err)) {
        report(err);
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

    if (!check_source(args, "doc")) {
        return EXIT_USAGE;
    }
    if (args->html + args->man + args->md != 1) {
        return usage_error("doc",
                           "one of -html, -man and -md must be given");
    }
    schema = load_source(args);
    if (!schema) {
        return EXIT_FAILED;
    }
    qapi_schema_manual(schema, args->html  ? QAPI_MANUAL_HTML
                               : args->man ? QAPI_MANUAL_MAN
                                           : QAPI_MANUAL_MD, out);
    return output_foreign_text(out->str);
}
