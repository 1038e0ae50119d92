/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finding the file of a plugin by its name.
 *
 * Plugins are installed in the folder qom-1/plugins next to the library.  The
 * library asks the dynamic linker where it was loaded from, so plugins are
 * also found after an installation was moved, and in a build folder, which
 * has a symbolic link of that name.
 */
#include "qom/plugin-file-internal.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_VARIABLE "QOM_PLUGIN_PATH"
#define SUFFIX ".so"

/* Returns true if @name cannot leave the folder in which it is looked up. */
static bool name_is_valid(const char *name)
{
    if (!g_ascii_isalnum(name[0])) {
        return false;
    }
    for (const char *c = name; *c; c++) {
        if (!g_ascii_isalnum(*c) && !strchr("-_.", *c)) {
            return false;
        }
    }
    return true;
}

/* Returns: (transfer full) (nullable) the folder of installed plugins */
static char *installed_folder(void)
{
    Dl_info info;
    g_autofree char *file = NULL;
    g_autofree char *folder = NULL;

    if (!dladdr((const void *)installed_folder, &info)) {
        return NULL;
    }
    file = g_canonicalize_filename(info.dli_fname, NULL);
    folder = g_path_get_dirname(file);
    return g_build_filename(folder, "qom-1", "plugins", NULL);
}

/* Returns: (transfer full) the folders in the order of the search */
static GPtrArray *list_folders(void)
{
    GPtrArray *folders = g_ptr_array_new_with_free_func(g_free);
    /* A set-user-ID program does not load plugins of its caller. */
    const char *variable = secure_getenv(PATH_VARIABLE);
    g_auto(GStrv) parts = g_strsplit(variable ? variable : "", ":", -1);
    char *installed = installed_folder();

    for (char **part = parts; *part; part++) {
        if (**part) {
            g_ptr_array_add(folders, g_strdup(*part));
        }
    }
    if (installed) {
        g_ptr_array_add(folders, installed);
    }
    return folders;
}

/* Returns true unless it is certain that there is no such file. */
static bool may_exist(const char *path)
{
    return access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

/* Sets an error that lists the folders that were searched. */
static void report_missing(const char *name, const char *file,
                           const GPtrArray *folders, Error **errp)
{
    g_autoptr(GString) list = g_string_new(NULL);

    for (guint i = 0; i < folders->len; i++) {
        g_string_append_printf(list, "%s'%s'", i > 0 ? ", " : "",
                               (const char *)folders->pdata[i]);
    }
    error_setg(errp, "Cannot find plugin '%s': there is no '%s' in %s", name,
               file, list->str);
    if (may_exist(name)) {
        error_append_hint(errp, "To load the file '%s' of the current folder, "
                          "write './%s'.\n", name, name);
    } else {
        error_append_hint(errp, "Folders with plugins can be added to the "
                          "variable " PATH_VARIABLE ".\n");
    }
}

char *plugin_find(const char *name, Error **errp)
{
    ERRP_GUARD();
    g_autoptr(GPtrArray) folders = NULL;
    g_autofree char *file = NULL;

    /* As in a shell: a name with '/' is a path and is not searched for. */
    if (strchr(name, '/')) {
        return g_strdup(name);
    }
    if (!name_is_valid(name)) {
        error_setg(errp, "'%s' is not the name of a plugin", name);
        error_append_hint(errp, "A name consists of letters, digits, '-', '_' "
                          "and '.', and begins with a letter or a digit; a "
                          "file is named with a '/'.\n");
        return NULL;
    }
    file = g_strconcat(name, g_str_has_suffix(name, SUFFIX) ? "" : SUFFIX,
                       NULL);
    folders = list_folders();
    for (guint i = 0; i < folders->len; i++) {
        char *path = g_build_filename(folders->pdata[i], file, NULL);

        if (may_exist(path)) {
            return path;
        }
        g_free(path);
    }
    report_missing(name, file, folders, errp);
    return NULL;
}
