/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The objects of a service are those of its options and those of its file.  The
 * first never change; they are kept as `base`.  At a reload the file is read
 * again, and both lists are applied as one change.  If that fails, all objects
 * are as before.
 */
#include "service/config-internal.h"

#include "qmp/qmp-server.h"
#include "qom/object-apply.h"
#include "qom/object.h"
#include "qom/plugin.h"

#include <string.h>

/* The program may change its folder before it reads the file again. */
Config *config_new(const char *name, Error **errp)
{
    ConfigFile *file = config_file_load(name, errp);
    Config *config;

    if (!file) {
        error_prepend(errp, "-config: ");
        return NULL;
    }
    config = g_new0(Config, 1);
    config->file = file;
    config->path = strcmp(name, "-") ? g_canonicalize_filename(name, NULL)
                                     : g_strdup(name);
    return config;
}

/* The objects stay. */
void config_free(Config *config)
{
    if (!config) {
        return;
    }
    config_file_free(config->file);
    g_free(config->path);
    g_clear_pointer(&config->base, json_node_unref);
    g_free(config);
}

/* In the background there is neither stdin nor stdout. */
static bool serves_stdio(const GPtrArray *addresses)
{
    for (guint i = 0; addresses && i < addresses->len; i++) {
        if (g_str_has_prefix(addresses->pdata[i], "stdio")) {
            return true;
        }
    }
    return false;
}

bool config_check_options(const Config *config, const ServiceOptions *options,
                          Error **errp)
{
    if (options->check && !config) {
        error_setg(errp, "-check needs -config");
        return false;
    }
    if (options->check && options->objects) {
        error_setg(errp, "-check checks the file of -config alone; leave out "
                   "-object");
        return false;
    }
    /* The parent of the daemon ends as soon as it is ready. */
    if (options->daemonize && options->exit_with_parent) {
        error_setg(errp, "-daemonize and -exit-with-parent exclude each other");
        return false;
    }
    if (options->daemonize &&
        (serves_stdio(options->qmp) ||
         (config && serves_stdio(config->file->qmp)))) {
        error_setg(errp, "-daemonize and QMP on stdio exclude each other");
        return false;
    }
    return true;
}

/* ---- Plugins and addresses ---- */

void config_locate_element(const Config *config, const char *member,
                           unsigned index, Error **errp)
{
    config_file_locate_element(config->file, member, index, errp);
    error_prepend(errp, "-config: ");
}

/* They provide types of objects, and may add commands. */
bool config_load_plugins(const Config *config, Error **errp)
{
    const GPtrArray *plugins = config->file->plugins;

    for (guint i = 0; i < plugins->len; i++) {
        if (!plugin_load(plugins->pdata[i], errp)) {
            config_locate_element(config, "plugin", i, errp);
            return false;
        }
    }
    return true;
}

/* Only their form; whether they can be opened is found at the start. */
static bool check_addresses(const Config *config, Error **errp)
{
    const GPtrArray *addresses = config->file->qmp;

    /* As in a start, the first error is the one that is shown. */
    for (guint i = 0; i < addresses->len; i++) {
        if (!qmp_server_check_address(addresses->pdata[i], errp)) {
            config_locate_element(config, "qmp", i, errp);
            return false;
        }
    }
    return true;
}

/* ---- Objects ---- */

/*
 * Returns (transfer full) the objects of @file and then those of the options.
 * In this order the index in an error is the index in the file.
 */
static JsonArray *all_objects(const Config *config, const ConfigFile *file)
{
    JsonArray *all = json_array_new();
    JsonArray *lists[] = {
        file->objects,
        config->base ? json_node_get_array(config->base) : NULL,
    };

    for (size_t l = 0; l < G_N_ELEMENTS(lists) && lists[l]; l++) {
        for (guint i = 0; i < json_array_get_length(lists[l]); i++) {
            json_array_add_element(
                all, json_node_ref(json_array_get_element(lists[l], i)));
        }
    }
    return all;
}

/* Makes the objects those of @file and of the options. */
static bool apply(const Config *config, const ConfigFile *file, bool dry_run,
                  Error **errp)
{
    g_autoptr(JsonArray) objects = all_objects(config, file);
    g_autoptr(JsonNode) plan = object_apply(objects, dry_run, NULL, errp);

    if (!plan) {
        config_file_locate(file, errp);
    }
    return plan;
}

/* Called once, when the only objects are those of the options. */
bool config_add_objects(Config *config, Error **errp)
{
    config->base = object_snapshot();
    if (!apply(config, config->file, false, errp)) {
        error_prepend(errp, "-config: ");
        return false;
    }
    return true;
}

bool config_check(const Config *config, Error **errp)
{
    object_get_objects_root();
    if (!apply(config, config->file, true, errp)) {
        error_prepend(errp, "-config: ");
        return false;
    }
    return check_addresses(config, errp);
}

/* Plugins and addresses of the new file are ignored. */
bool config_reload(const Config *config, Error **errp)
{
    g_autoptr(ConfigFile) file = NULL;

    if (!strcmp(config->path, "-")) {
        error_setg(errp, "standard input cannot be read again");
        return false;
    }
    file = config_file_load(config->path, errp);
    return file && apply(config, file, false, errp);
}
