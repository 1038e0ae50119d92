/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Generating C code: runs the generators on each module and writes the files.
 * All files are created in memory first, so a failure to write one is the only
 * possible error.
 */
#include "qapi/compiler/compiler.h"

#include "qapi/compiler/gen-internal.h"

#include <string.h>

/*
 * Creates the files of all modules in memory; of @module alone if it is not
 * NULL.
 */
static void create_files(Gen *gen, const char *module)
{
    gen_group_modules(gen->schema);
    for (IrModule *m = gen->schema->modules; m; m = m->next) {
        if (module && strcmp(module, m->name) != 0) {
            continue;
        }
        gen_types(gen, m);
        gen_visit(gen, m);
        gen_commands(gen, m);
        gen_events(gen, m);
        gen_classes(gen, m);
    }
}

/* Returns true if names of files and of C may begin with @prefix. */
static bool is_prefix(const char *prefix)
{
    for (const char *p = prefix; *p; p++) {
        if (!g_ascii_isalnum(*p) && !strchr("_-.", *p)) {
            return false;
        }
    }
    return !g_ascii_isdigit(*prefix);
}

/* The module is checked here: without files, there is no such module. */
bool qapi_schema_generate(QapiSchema *schema, const QapiGenerate *options,
                          Error **errp)
{
    Gen gen;
    bool ok = false;

    if (options->prefix && !is_prefix(options->prefix)) {
        error_setg(errp, "'%s' is no prefix: wanted are letters, digits, "
                   "'-', '_' and '.', and no digit first", options->prefix);
        return false;
    }
    gen_init(&gen, schema, options->prefix);
    create_files(&gen, options->module);
    if (gen.files->len) {
        ok = gen_write(&gen, options, errp);
    } else {
        error_setg(errp, "the schema has no module '%s'", options->module);
    }
    gen_clear(&gen);
    return ok;
}

/*
 * The files are created as usual, because only the generators know which ones
 * there are.
 */
void qapi_schema_list_files(QapiSchema *schema, const char *prefix,
                            GString *out)
{
    Gen gen;

    gen_init(&gen, schema, prefix);
    create_files(&gen, NULL);
    for (guint i = 0; i < gen.files->len; i++) {
        const GenFile *file = g_ptr_array_index(gen.files, i);

        out_printf(out, "%s\n", file->name);
    }
    gen_clear(&gen);
}
