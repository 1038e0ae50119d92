/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The files that generators create in memory: their names, their first lines
 * and their last ones.
 */
#include "qapi/compiler/gen-internal.h"

#include <string.h>

/* For the array of files. */
static void gen_file_free(gpointer data)
{
    GenFile *file = data;

    g_free(file->name);
    g_free(file->guard);
    g_string_free(file->text, TRUE);
    g_free(file);
}

void gen_init(Gen *gen, QapiSchema *schema, const char *prefix)
{
    *gen = (Gen){
        .schema = schema,
        .prefix = prefix ? prefix : "",
        .files = g_ptr_array_new_with_free_func(gen_file_free),
    };
}

void gen_clear(Gen *gen)
{
    g_ptr_array_unref(gen->files);
}

/*
 * Returns (transfer full) (nullable) the folder of a module below the output
 * folder.  A part ".." would lead out of the output folder, so it becomes "__".
 */
static char *module_folder(const IrModule *module)
{
    g_autofree char *folder = g_path_get_dirname(module->name);
    g_auto(GStrv) parts = g_strsplit(folder, "/", -1);

    for (unsigned i = 0; parts[i]; i++) {
        if (strcmp(parts[i], "..") == 0) {
            memcpy(parts[i], "__", 2);
        }
    }
    return strcmp(folder, ".") == 0 ? NULL : g_strjoinv("/", parts);
}

/* Returns (transfer full) the name of the module's file without its suffix. */
static char *module_stem(const IrModule *module)
{
    char *stem = g_path_get_basename(module->name);
    char *dot = strrchr(stem, '.');

    if (dot && dot != stem) {
        *dot = '\0';
    }
    return stem;
}

/*
 * Returns (transfer full) a name such as "sub/PREFIXqapi-types-foo.h".  The
 * files of the root module have no stem in their names, as in QEMU.
 */
static char *gen_file_name(Gen *gen, const IrModule *module, const char *what,
                           const char *suffix)
{
    g_autofree char *folder = NULL;
    g_autofree char *stem = NULL;

    if (!module || module == gen->schema->modules) {
        return g_strconcat(gen->prefix, what, suffix, NULL);
    }
    folder = module_folder(module);
    stem = module_stem(module);
    return g_strconcat(folder ? folder : "", folder ? "/" : "", gen->prefix,
                       what, "-", stem, suffix, NULL);
}

/*
 * Adds a file to @gen, with its first line.  @module: (nullable) NULL: the
 * whole schema
 */
static GenFile *gen_file(Gen *gen, const IrModule *module, const char *what,
                         const char *suffix)
{
    const IrModule *from = module ? module : gen->schema->modules;
    GenFile *file = g_new0(GenFile, 1);

    file->name = gen_file_name(gen, module, what, suffix);
    file->text = g_string_new(NULL);
    g_ptr_array_add(gen->files, file);
    out_printf(file->text,
               "/* Made from %s by qapi gen; not to be edited. */\n",
               from->name);
    return file;
}

static void out_includes(GString *out, const char *const *includes)
{
    for (; *includes; includes++) {
        out_printf(out, "#include \"%s\"\n", *includes);
    }
}

/*
 * The guard is the name of the file, so it is unique below the output folder.
 */
GenFile *gen_header(Gen *gen, const IrModule *module, const char *what,
                    const char *const *includes)
{
    GenFile *file = gen_file(gen, module, what, ".h");

    file->guard = c_identifier(file->name);
    for (char *p = file->guard; *p; p++) {
        *p = g_ascii_toupper(*p);
    }
    out_printf(file->text, "#ifndef %s\n#define %s\n\n", file->guard,
               file->guard);
    out_includes(file->text, includes);
    return file;
}

void gen_end_header(GenFile *file)
{
    out_puts(file->text, "\n#endif\n");
}

/* ISO C guarantees literals of this many characters. */
#define MAX_LITERAL 4095

/*
 * Returns true if a text of the module's documentation does not fit into a
 * literal that ISO C guarantees.
 */
static bool has_long_text(const IrModule *module)
{
    for (const IrEntity *e = module->first; e; e = e->next_in_module) {
        for (const DocSection *s = e->doc ? e->doc->sections : NULL; s;
             s = s->next) {
            if (strlen(s->text) > MAX_LITERAL) {
                return true;
            }
        }
    }
    return false;
}

/*
 * A source file includes its header first, which proves that the header needs
 * no other.  Long literals work in all compilers; the warning about them is
 * switched off.  The source may be compiled as C++, where g++ wants all fields
 * to be listed.
 */
GenFile *gen_source(Gen *gen, const IrModule *module, const char *what,
                    const char *const *includes)
{
    GenFile *file = gen_file(gen, module, what, ".c");
    g_autofree char *header = gen_file_name(gen, module, what, ".h");

    if (has_long_text(module)) {
        out_puts(file->text,
                 "#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n");
    }
    out_puts(file->text, "#ifdef __cplusplus\n#pragma GCC diagnostic ignored "
             "\"-Wmissing-field-initializers\"\n#endif\n");
    out_printf(file->text, "#include \"%s\"\n\n", header);
    out_includes(file->text, includes);
    return file;
}

void gen_include(Gen *gen, GString *out, const IrModule *module,
                 const char *what)
{
    g_autofree char *name = gen_file_name(gen, module, what, ".h");

    out_printf(out, "#include \"%s\"\n", name);
}

void gen_need(Gen *gen, GString *out, const IrEntity *type, uint32_t epoch)
{
    IrModule *m;

    if (!type || !gen_is_own_type(type)) {
        return;
    }
    m = type->kind == IR_ARRAY ? type->u.array_of.element->module
                               : type->module;
    m = m ? m : gen->schema->modules; /* the list of QType */
    if (m->visit != epoch) {
        m->visit = epoch;
        gen_include(gen, out, m, "qapi-types");
    }
}
