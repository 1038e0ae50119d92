/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Loading a plugin in five steps: find its file, check the file, link it, let
 * it register, and check what it has registered.
 *
 * Linking runs the constructors of the file, which queue its module_init()
 * functions.  The functions of the program itself run before, so the queues
 * then contain only those of the plugin.
 */
#include "qom/plugin.h"
#include "qom/plugin-file-internal.h"
#include "util/module.h"
#include "util/registration.h"

#include <dlfcn.h>
#include <gmodule.h>

/* Plugins (GModule) that are never unloaded */
static GHashTable *loaded;

static void run_registration(void)
{
    for (int type = 0; type < MODULE_INIT_MAX; type++) {
        module_call_init(type);
    }
}

static GModule *plugin_open(const char *file, Error **errp)
{
    g_autofree char *path = g_canonicalize_filename(file, NULL);
    GModule *module = g_module_open(path, G_MODULE_BIND_LOCAL);

    if (!module) {
        error_setg(errp, "Cannot load plugin '%s': %s", file,
                   g_module_error());
        return NULL;
    }
    if (loaded && g_hash_table_contains(loaded, module)) {
        error_setg(errp, "Plugin '%s' is loaded already", file);
        g_module_close(module);
        return NULL;
    }
    return module;
}

/*
 * Returns the file of the library with which the plugin is linked; NULL if it
 * is this library.  The lookup begins in the plugin and continues in the
 * libraries with which it is linked, so it finds a second copy even if the
 * dynamic linker prefers this one.
 */
static const char *find_other_library(GModule *module)
{
    gpointer symbol = NULL;
    Dl_info theirs;
    Dl_info ours;

    if (g_module_symbol(module, "register_module_init", &symbol) && symbol &&
        dladdr(symbol, &theirs) &&
        dladdr((const void *)find_other_library, &ours) &&
        theirs.dli_fbase != ours.dli_fbase) {
        return theirs.dli_fname;
    }
    return NULL;
}

/*
 * A second copy of the library has registries of its own: the types of the
 * plugin would be missing here, and casts of this copy reject its objects.
 */
static bool check_library(GModule *module, const char *file, Error **errp)
{
    const char *other = find_other_library(module);

    if (other) {
        error_setg(errp, "Cannot use plugin '%s': it is linked with another "
                   "copy of the library, in '%s'", file, other);
    } else if (!module_has_init()) {
        error_setg(errp, "Cannot use plugin '%s': it registers nothing with "
                   "this program's copy of the library", file);
    } else {
        return true;
    }
    error_append_hint(errp, "Link it with the shared library that the program "
                      "uses, not with the static one.\n");
    return false;
}

bool plugin_load(const char *name, Error **errp)
{
    ERRP_GUARD();
    g_autofree char *file = plugin_find(name, errp);
    g_autofree char *problem = NULL;
    GModule *module;

    if (!file) {
        return false;
    }
    run_registration();
    if (!plugin_file_check(file, errp)) {
        return false;
    }
    module = plugin_open(file, errp);
    if (!module) {
        return false;
    }
    if (!check_library(module, file, errp)) {
        module_drop_init();
        g_module_close(module);
        return false;
    }
    registration_begin();
    run_registration();
    problem = registration_end();
    if (problem) {
        error_setg(errp, "Cannot use plugin '%s': %s", file, problem);
        g_module_close(module);
        return false;
    }
    g_module_make_resident(module);
    if (!loaded) {
        loaded = g_hash_table_new(NULL, NULL);
    }
    g_hash_table_add(loaded, module);
    return true;
}
