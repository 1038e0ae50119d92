/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Generating C code: runs the generators on each module and writes the files.
 * All files are created in memory first, so a failure to write one is the only
 * possible error.  A file whose contents would not change is left alone;
 * otherwise make would build everything again that depends on it.
 */
#include "qapi/compiler/compiler.h"

#include "qapi/compiler/gen-internal.h"
#include "qapi/file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* Returns true if the file exists and has this text. */
static bool is_unchanged(const char *path, const GString *text)
{
    g_autofree char *old = NULL;
    size_t len;

    old = qapi_file_read(path, text->len, &len, NULL);
    return old && len == text->len && memcmp(old, text->str, len) == 0;
}

/* Creates a folder and all folders above it. */
static bool make_folder(const char *path, Error **errp)
{
    if (g_mkdir_with_parents(path, 0777) < 0) {
        error_setg_errno(errp, errno, "can't make folder '%s'", path);
        return false;
    }
    return true;
}

/* Writes the whole text, however often the kernel takes only a part of it. */
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

/*
 * Writes a second file and renames it, so that no program reads half of a file.
 */
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

/* Writes a file below @folder unless it is unchanged. */
static bool write_file(const char *folder, const GenFile *file, Error **errp)
{
    g_autofree char *path = g_build_filename(folder, file->name, NULL);
    g_autofree char *parent = g_path_get_dirname(path);

    if (is_unchanged(path, file->text)) {
        return true;
    }
    return make_folder(parent, errp) && write_text(path, file->text, errp);
}

/* Appends a path in the form that make expects. */
static void out_make_name(GString *out, const char *path)
{
    for (; *path; path++) {
        if (strchr(" #$", *path)) {
            g_string_append_c(out, *path == '$' ? '$' : '\\');
        }
        g_string_append_c(out, *path);
    }
}

/* Every output depends on every schema file. */
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

/*
 * Creates the files of all modules in memory; of @module alone if it is not
 * NULL.
 */
static void create_files(Gen *gen, const char *module)
{
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
    bool ok = true;

    if (options->prefix && !is_prefix(options->prefix)) {
        error_setg(errp, "'%s' is no prefix: wanted are letters, digits, "
                   "'-', '_' and '.', and no digit first", options->prefix);
        return false;
    }
    gen_init(&gen, schema, options->prefix);
    create_files(&gen, options->module);
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
