/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Loading a plugin: look at the file, link it, let it register, look at what
 * it registered.
 *
 * Linking runs the constructors of the file, which queue its module_init()
 * functions; those of the program itself are run first, so the queues hold
 * nothing but the plugin's.
 */
#include "qom/plugin.h"
#include "qom/plugin-file-internal.h"
#include "util/module.h"
#include "util/registration.h"

#include <gmodule.h>

/* Never unloaded. */
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

bool plugin_load(const char *file, Error **errp)
{
    g_autofree char *problem = NULL;
    GModule *module;

    run_registration();
    if (!plugin_file_check(file, errp)) {
        return false;
    }
    module = plugin_open(file, errp);
    if (!module) {
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
