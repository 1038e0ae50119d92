/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Included files and the modules that they become: where a file is searched,
 * what its module is called, and that no file includes itself.
 */
#include "qapi/compiler/parser-internal.h"

#include <string.h>

/* Returns the part of @path below @folder; NULL if it is elsewhere. */
static const char *path_below(const char *path, const char *folder)
{
    size_t len = strlen(folder);

    return strncmp(path, folder, len) == 0 && path[len] == '/'
               ? path + len + 1
               : NULL;
}

/*
 * Returns the path of a file as seen from the root's folder, or as seen from
 * the library's folder if the file belongs to the library.  The root may be
 * below the library's folder, as that of a plugin is which is built with the
 * library; the files below the root's folder are then its own.
 */
static const char *module_name(const QapiSchema *schema,
                               const SourceFile *file)
{
    const SourceFile *root = schema->modules ? schema->modules->file : file;
    const char *slash = strrchr(root->path, '/');
    size_t len = slash ? slash + 1 - root->path : 0;
    g_autofree char *folder = g_path_get_dirname(root->abs_path);

    for (char **library = schema->libraries; *library; library++) {
        if (path_below(file->abs_path, *library) &&
            !(path_below(root->abs_path, *library) &&
              path_below(file->abs_path, folder))) {
            return path_below(file->abs_path, *library);
        }
    }
    return file->path + (strncmp(file->path, root->path, len) ? 0 : len);
}

IrModule *add_module(QapiSchema *schema, SourceFile *file)
{
    IrModule *module = arena_new(&schema->arena, IrModule);

    module->name = module_name(schema, file);
    module->file = file;
    module->includes = g_ptr_array_new();
    module->needs = g_ptr_array_new();
    module->tail = &module->first;
    *schema->module_tail = module;
    schema->module_tail = &module->next;
    return module;
}

/* Returns true if the file with this path is @file or includes it. */
static bool is_loop(const SourceFile *file, const char *abs_path)
{
    for (; file; file = file->includer) {
        if (strcmp(file->abs_path, abs_path) == 0) {
            return true;
        }
    }
    return false;
}

/* Returns the module of a file that has been parsed. */
static IrModule *module_of(QapiSchema *schema, const SourceFile *file)
{
    for (IrModule *m = schema->modules; m; m = m->next) {
        if (m->file == file) {
            return m;
        }
    }
    return NULL;
}

/*
 * A file that is included twice is parsed once.  The include is recorded each
 * time, because generated headers include each other likewise.
 */
static void load_include(Parser *p, const char *path, const char *abs_path,
                         SrcLoc loc)
{
    QapiSchema *schema = p->schema;
    SourceFile *file = g_hash_table_lookup(schema->sources.by_path, abs_path);
    Error *err = NULL;

    if (!file) {
        file = source_load(&schema->sources, path, &err);
        if (!file) {
            diag(&schema->diags, DIAG_CANT_READ, loc, 0, "include", path,
                 error_get_pretty(err));
            error_free(err);
            return;
        }
        file->includer = (SourceFile *)p->lexer.file;
        file->include_loc = loc;
        parse_file(schema, file, p->include_depth + 1);
    }
    g_ptr_array_add(p->module->includes, module_of(schema, file));
}

/*
 * Returns the path of an included file: relative to the file that includes it,
 * or, if that does not exist, in the library if it exists there.
 */
static char *include_path(const Parser *p, const char *name)
{
    char **libraries = p->schema->libraries;
    g_autofree char *folder = NULL;
    g_autofree char *path = NULL;

    if (g_path_is_absolute(name)) {
        return g_strdup(name);
    }
    if (strchr(p->lexer.file->path, '/')) {
        folder = g_path_get_dirname(p->lexer.file->path);
    }
    path = folder ? g_build_filename(folder, name, NULL) : g_strdup(name);
    if (g_file_test(path, G_FILE_TEST_EXISTS)) {
        return g_steal_pointer(&path);
    }
    for (; *libraries; libraries++) {
        g_autofree char *other = g_build_filename(*libraries, name, NULL);

        if (g_file_test(other, G_FILE_TEST_EXISTS)) {
            return g_steal_pointer(&other);
        }
    }
    return g_steal_pointer(&path);
}

void parse_include(Parser *p, AstValue *expr)
{
    Diags *diags = &p->schema->diags;
    AstValue *value = ast_get(expr, p->schema->keywords[KW_INCLUDE]);
    g_autofree char *path = NULL;
    g_autofree char *abs_path = NULL;

    if (expr->n != 1) {
        diag(diags, DIAG_INCLUDE_KEYS, expr->loc, 0);
        return;
    }
    if (value->kind != AST_STRING) {
        diag(diags, DIAG_INCLUDE_TYPE, expr->loc, value->loc);
        return;
    }
    path = include_path(p, value->str->str);
    abs_path = g_canonicalize_filename(path, NULL);
    if (is_loop(p->lexer.file, abs_path)) {
        diag(diags, DIAG_INCLUDE_LOOP, expr->loc, 0, value->str->str);
        return;
    }
    if (p->include_depth == MAX_DEPTH) {
        diag(diags, DIAG_INCLUDE_DEPTH, expr->loc, 0, MAX_DEPTH_TEXT);
        return;
    }
    load_include(p, path, abs_path, expr->loc);
}
