/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What options of a service ask for: plugins, objects and help of types.
 * Commands that run no service use these functions, too.
 */
#include "service/service.h"

#include "qom/object.h"
#include "qom/plugin.h"
#include "qom/user-creatable.h"

/* A plugin cannot be loaded twice. */
bool service_load(ServiceOptions *options, Error **errp)
{
    const GPtrArray *plugins = options->loaded ? NULL : options->plugins;

    for (guint i = 0; plugins && i < plugins->len; i++) {
        if (!plugin_load(plugins->pdata[i], errp)) {
            error_prepend(errp, "-plugin: ");
            return false;
        }
    }
    options->loaded = true;
    return true;
}

char *service_get_help(const ServiceOptions *options)
{
    char *text = NULL;

    for (guint i = 0; !text && options->objects && i < options->objects->len;
         i++) {
        text = user_creatable_help(options->objects->pdata[i]);
    }
    return text;
}

bool service_add_objects(const ServiceOptions *options, Error **errp)
{
    const GPtrArray *objects = options->objects;
    unsigned failed = 0;

    /* Clients find /objects, also when it is empty. */
    object_get_objects_root();
    if (objects && !user_creatable_add_list(
                       (const char *const *)objects->pdata, objects->len,
                       &failed, errp)) {
        error_prepend(errp, "-object %s: ",
                      (const char *)objects->pdata[failed]);
        return false;
    }
    return true;
}
