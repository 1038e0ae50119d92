/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files: names, first and last lines, and putting them on disk. */
#include "qapi/compiler/gen-internal.h"

#include "qapi/compiler/compiler.h"
#include "qapi/file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static void gen_file_free(gpointer data)
{
    GenFile *file = data;

    g_free(file->name);
    g_free(file->guard);
    g_string_free(file->text, TRUE);
    g_free(file);
}

/* "../" would lead out of the output folder. */
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

static char *module_stem(const IrModule *module)
{
    char *stem = g_path_get_basename(module->name);
    char *dot = strrchr(stem, '.');

    if (dot && dot != stem) {
        *dot = '\0';
    }
    return stem;
}

/* (transfer full) Such as "sub/PREFIXqapi-types-foo.h"; of the whole schema if
   @module is NULL. */
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

GenFile *gen_source(Gen *gen, const IrModule *module, const char *what,
                    const char *const *includes)
{
    GenFile *file = gen_file(gen, module, what, ".c");
    g_autofree char *header = gen_file_name(gen, module, what, ".h");

    if (has_long_text(module)) {
        out_puts(file->text,
                 "#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n");
    }
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

static bool is_unchanged(const char *path, const GString *text)
{
    g_autofree char *old = NULL;
    size_t len;

    old = qapi_file_read(path, text->len, &len, NULL);
    return old && len == text->len && memcmp(old, text->str, len) == 0;
}

static bool make_folder(const char *path, Error **errp)
{
    if (g_mkdir_with_parents(path, 0777) < 0) {
        error_setg_errno(errp, errno, "can't make folder '%s'", path);
        return false;
    }
    return true;
}

static bool write_fd(int fd, const GString *text)
{
    size_t done = 0;

    while (done < text->len) {
        ssize_t n = write(fd, text->str + done, text->len - done);

        if (n < 0 && errno != EINTR) {
            return false;
        }
        done += MAX(n, 0);
    }
    return true;
}

/* By way of a second file, so that no half of one is ever seen. */
static bool write_text(const char *path, const GString *text, Error **errp)
{
    g_autofree char *new_path =
        g_strdup_printf("%s.%d.new", path, (int)getpid());
    int fd = open(new_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool ok = fd >= 0 && write_fd(fd, text);

    if (fd >= 0) {
        ok = close(fd) == 0 && ok;
    }
    if (!ok || rename(new_path, path) < 0) {
        error_setg_errno(errp, errno, "can't write file '%s'", path);
        unlink(new_path);
        return false;
    }
    return true;
}

static bool write_file(const char *folder, const GenFile *file, Error **errp)
{
    g_autofree char *path = g_build_filename(folder, file->name, NULL);
    g_autofree char *parent = g_path_get_dirname(path);

    if (is_unchanged(path, file->text)) {
        return true;
    }
    return make_folder(parent, errp) && write_text(path, file->text, errp);
}

static void out_make_name(GString *out, const char *path)
{
    for (; *path; path++) {
        if (strchr(" #$", *path)) {
            g_string_append_c(out, *path == '$' ? '$' : '\\');
        }
        g_string_append_c(out, *path);
    }
}

/* All outputs depend on all schema files. */
static bool write_depfile(Gen *gen, const QapiGenerate *options, Error **errp)
{
    g_autoptr(GString) out = g_string_new(NULL);

    for (guint i = 0; !options->target && i < gen->files->len; i++) {
        GenFile *file = g_ptr_array_index(gen->files, i);
        g_autofree char *name =
            g_build_filename(options->folder, file->name, NULL);

        out_puts(out, i ? " " : "");
        out_make_name(out, name);
    }
    if (options->target) {
        out_make_name(out, options->target);
    }
    out_puts(out, ":");
    for (IrModule *m = gen->schema->modules; m; m = m->next) {
        out_puts(out, " ");
        out_make_name(out, m->file->path);
    }
    out_puts(out, "\n");
    return write_text(options->depfile, out, errp);
}

static void generate(Gen *gen)
{
    for (IrModule *m = gen->schema->modules; m; m = m->next) {
        if (gen->module && strcmp(gen->module, m->name) != 0) {
            continue;
        }
        gen_types(gen, m);
        gen_visit(gen, m);
        gen_commands(gen, m);
        gen_events(gen, m);
        gen_classes(gen, m);
    }
}

/* What a name can begin with in a file name and in C. */
static bool is_prefix(const char *prefix)
{
    for (const char *p = prefix; *p; p++) {
        if (!g_ascii_isalnum(*p) && !strchr("_-.", *p)) {
            return false;
        }
    }
    return !g_ascii_isdigit(*prefix);
}

static void gen_init(Gen *gen, QapiSchema *schema, const char *prefix,
                     const char *module)
{
    *gen = (Gen){
        .schema = schema,
        .prefix = prefix ? prefix : "",
        .module = module,
        .files = g_ptr_array_new_with_free_func(gen_file_free),
    };
    generate(gen);
}

bool qapi_schema_generate(QapiSchema *schema, const QapiGenerate *options,
                          Error **errp)
{
    Gen gen;
    bool ok = true;

    if (options->prefix && !is_prefix(options->prefix)) {
        error_setg(errp, "'%s' is no prefix: wanted are letters, digits, "
                   "'-', '_' and '.', and no digit first", options->prefix);
        return false;
    }
    gen_init(&gen, schema, options->prefix, options->module);
    if (!gen.files->len) {
        error_setg(errp, "the schema has no module '%s'", options->module);
        ok = false;
    }
    for (guint i = 0; ok && i < gen.files->len; i++) {
        ok = write_file(options->folder, g_ptr_array_index(gen.files, i),
                        errp);
    }
    if (ok && options->depfile) {
        ok = write_depfile(&gen, options, errp);
    }
    g_ptr_array_unref(gen.files);
    return ok;
}

void qapi_schema_list_files(QapiSchema *schema, const char *prefix,
                            GString *out)
{
    Gen gen;

    gen_init(&gen, schema, prefix, NULL);
    for (guint i = 0; i < gen.files->len; i++) {
        const GenFile *file = g_ptr_array_index(gen.files, i);

        out_printf(out, "%s\n", file->name);
    }
    g_ptr_array_unref(gen.files);
}
