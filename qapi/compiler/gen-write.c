/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writing the files that the generators have created in memory.
 *
 * Staging    each file is written under another name first.
 * The end    all staged files are renamed; after an error they are removed, and
 *            the files from before are still there.
 * Unchanged  a file whose contents would not change is left alone; otherwise
 *            make would build everything again that depends on it.
 */
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

/* Returns (transfer full) the name of a file until it is complete. */
static char *new_path_of(const char *path)
{
    return g_strdup_printf("%s.%d.new", path, (int)getpid());
}

/* Writes a file of this name.  @path: its name in messages */
static bool write_path(const char *new_path, const char *path,
                       const GString *text, Error **errp)
{
    int fd = open(new_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool ok = fd >= 0 && write_fd(fd, text);

    if (fd >= 0) {
        ok = close(fd) == 0 && ok;
    }
    if (!ok) {
        error_setg_errno(errp, errno, "can't write file '%s'", path);
    }
    return ok;
}

/*
 * Returns true if the file is written to, such as /dev/null, or cannot be, such
 * as a folder.  A FIFO is replaced, because it may have no reader, but not a
 * link to one, as /dev/stdout may be.
 */
static bool is_fixed(const char *path)
{
    GStatBuf st;

    return g_stat(path, &st) == 0 && !S_ISREG(st.st_mode) &&
           g_lstat(path, &st) == 0 && !S_ISFIFO(st.st_mode);
}

/*
 * Writes a second file next to @path, to be renamed when all files are written.
 * A device is written at once.  @staged: gets @path
 */
static bool stage_text(GPtrArray *staged, const char *path,
                       const GString *text, Error **errp)
{
    g_autofree char *new_path = NULL;

    if (is_fixed(path)) {
        return write_path(path, path, text, errp);
    }
    new_path = new_path_of(path);
    g_ptr_array_add(staged, g_strdup(path));
    return write_path(new_path, path, text, errp);
}

/* Stages a file below @folder unless it is unchanged. */
static bool stage_file(GPtrArray *staged, const char *folder,
                       const GenFile *file, Error **errp)
{
    g_autofree char *path = g_build_filename(folder, file->name, NULL);
    g_autofree char *parent = g_path_get_dirname(path);

    if (is_unchanged(path, file->text)) {
        return true;
    }
    return make_folder(parent, errp) &&
           stage_text(staged, path, file->text, errp);
}

/*
 * Renames the staged files, or removes them if one was not written: a build
 * never sees half of a file, or files of two schemas.
 */
static bool end_staging(GPtrArray *staged, bool ok, Error **errp)
{
    for (guint i = 0; i < staged->len; i++) {
        const char *path = g_ptr_array_index(staged, i);
        g_autofree char *new_path = new_path_of(path);

        if (ok && rename(new_path, path) < 0) {
            error_setg_errno(errp, errno, "can't write file '%s'", path);
            ok = false;
        }
        if (!ok) {
            unlink(new_path);
        }
    }
    g_ptr_array_unref(staged);
    return ok;
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
static bool stage_depfile(GPtrArray *staged, Gen *gen,
                          const QapiGenerate *options, Error **errp)
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
    return stage_text(staged, options->depfile, out, errp);
}

bool gen_write(Gen *gen, const QapiGenerate *options, Error **errp)
{
    GPtrArray *staged = g_ptr_array_new_with_free_func(g_free);
    bool ok = true;

    for (guint i = 0; ok && i < gen->files->len; i++) {
        ok = stage_file(staged, options->folder,
                        g_ptr_array_index(gen->files, i), errp);
    }
    if (ok && options->depfile) {
        ok = stage_depfile(staged, gen, options, errp);
    }
    return end_staging(staged, ok, errp);
}
