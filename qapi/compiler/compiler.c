/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The passes in their order, and what they work on.
 *
 * Every pass reads what the passes before it have built and adds to it.  A pass
 * runs only if there was no error before it, so it can rely on what they check.
 */
#include "qapi/compiler/compiler.h"

#include "qapi/compiler/ir-internal.h"
#include "qapi/file.h"
#include "qapi/json/json.h"

/*
 * The tails point to where the next element of each list is stored.  The words
 * of the language are interned first: a check then compares the number of a
 * keyword, not its text.
 */
static void schema_init(QapiSchema *schema)
{
    static const char *const texts[KW__MAX] = {
#define KEYWORD_TEXT(id, text) [KW_##id] = text,
        KEYWORD_LIST(KEYWORD_TEXT)
#undef KEYWORD_TEXT
    };

    name_table_init(&schema->names, &schema->arena);
    source_set_init(&schema->sources);
    diags_init(&schema->diags, &schema->sources);
    for (unsigned i = 1; i < KW__MAX; i++) {
        schema->keywords[i] = name_of(&schema->names, texts[i]);
        schema->keywords[i]->keyword = i;
    }
    schema->top_level_tail = &schema->top_levels;
    schema->module_tail = &schema->modules;
    schema->entity_tail = &schema->entities;
    schema->class_tail = &schema->classes;
    schema->features = g_ptr_array_new();
    schema->libraries = g_new0(char *, 1);
    schema->language = LANGUAGE_DEFAULT;
}

/*
 * Entities and values are in the arena; only what GLib allocated is freed one
 * by one.
 */
void qapi_schema_free(QapiSchema *schema)
{
    if (!schema) {
        return;
    }
    for (IrModule *m = schema->modules; m; m = m->next) {
        g_ptr_array_unref(m->includes);
        g_ptr_array_unref(m->needs);
    }
    g_ptr_array_unref(schema->features);
    diags_clear(&schema->diags);
    source_set_clear(&schema->sources);
    name_table_clear(&schema->names);
    arena_clear(&schema->arena);
    g_strfreev(schema->libraries);
    g_free(schema);
}

static bool run_passes(QapiSchema *schema, SourceFile *root)
{
    /* parse_schema() comes first; it needs the root file */
    static void (*const passes[])(QapiSchema *) = {
        check_expressions,
        define_entities,
        define_class_types,
        check_entities,
    };

    parse_schema(schema, root);
    for (unsigned i = 0; i < G_N_ELEMENTS(passes); i++) {
        if (schema->diags.n_errors) {
            return false;
        }
        passes[i](schema);
    }
    return schema->diags.n_errors == 0;
}

/* Consumes @schema and @read_error.  All diagnostics become one Error. */
static QapiSchema *compile(QapiSchema *schema, SourceFile *root,
                           const char *path, Error *read_error, Error **errp)
{
    if (!root) {
        diag(&schema->diags, DIAG_CANT_READ, 0, 0, "schema", path,
             error_get_pretty(read_error));
        error_free(read_error);
    } else if (run_passes(schema, root)) {
        return schema;
    }
    error_setg(errp, "%s", schema->diags.text->str);
    qapi_schema_free(schema);
    return NULL;
}

/*
 * Folders are made absolute, so that they can be compared with the paths of
 * included files.
 */
static char **absolute_folders(const char *const *folders)
{
    GPtrArray *absolute = g_ptr_array_new();

    for (; folders && *folders; folders++) {
        g_ptr_array_add(absolute, g_canonicalize_filename(*folders, NULL));
    }
    g_ptr_array_add(absolute, NULL);
    return (char **)g_ptr_array_free(absolute, FALSE);
}

QapiSchema *qapi_schema_load_with(const QapiLoad *load, Error **errp)
{
    Language language = LANGUAGE_DEFAULT;
    QapiSchema *schema;
    Error *err = NULL;
    SourceFile *root;

    if (load->language && !language_of(load->language, &language)) {
        error_setg(errp, "'%s' is no version of the schema language; known "
                   "are %s", load->language, language_names());
        return NULL;
    }
    schema = g_new0(QapiSchema, 1);
    schema_init(schema);
    schema->language = language;
    g_strfreev(schema->libraries);
    schema->libraries = absolute_folders(load->folders);
    root = source_load(&schema->sources, load->path, &err);
    return compile(schema, root, load->path, err, errp);
}

QapiSchema *qapi_schema_load(const char *path, Error **errp)
{
    return qapi_schema_load_from(path, NULL, errp);
}

QapiSchema *qapi_schema_load_from(const char *path, const char *folder,
                                  Error **errp)
{
    const char *const folders[] = { folder, NULL };
    const QapiLoad load = { .path = path, .folders = folders };

    return qapi_schema_load_with(&load, errp);
}

/* @told: see QapiSchema */
static QapiSchema *load_text(const char *path, const char *text, size_t len,
                             bool told, Error **errp)
{
    QapiSchema *schema = g_new0(QapiSchema, 1);
    Error *err = NULL;
    SourceFile *root;

    schema_init(schema);
    schema->told = told;
    root = source_from_text(&schema->sources, path, text, len, &err);
    return compile(schema, root, path, err, errp);
}

QapiSchema *qapi_schema_load_text(const char *path, const char *text,
                                  size_t len, Error **errp)
{
    return load_text(path, text, len, false, errp);
}

QapiSchema *schema_load_told(const char *name, const char *text, size_t len,
                             Error **errp)
{
    return load_text(name, text, len, true, errp);
}

/*
 * Tries introspection data first: no schema is valid JSON, because its strings
 * are in single quotes and its definitions are not in a list.
 */
JsonNode *qapi_schema_info_load(const QapiLoad *load, Error **errp)
{
    g_autofree char *text = NULL;
    g_autoptr(JsonNode) root = NULL;
    g_autoptr(GString) info = NULL;
    g_autoptr(QapiSchema) schema = NULL;
    size_t len = 0;

    text = qapi_file_read(load->path, JSON_MAX_TEXT, &len, NULL);
    if (text) {
        root = json_parse(text, len, NULL);
    }
    if (root && JSON_NODE_HOLDS_OBJECT(root)) {
        JsonObject *reply = json_node_get_object(root);
        JsonNode *ret = json_object_get_member(reply, "return");

        if (ret) {
            return json_node_ref(ret);
        }
    }
    if (root && JSON_NODE_HOLDS_ARRAY(root)) {
        return g_steal_pointer(&root);
    }
    schema = qapi_schema_load_with(load, errp);
    if (!schema) {
        return NULL;
    }
    info = g_string_new(NULL);
    qapi_schema_introspect(schema, true, info);
    return json_parse(info->str, info->len, &error_abort);
}

const char *qapi_diagnostic_name(unsigned index)
{
    return index < DIAG__MAX ? diag_name(index) : NULL;
}
