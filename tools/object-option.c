/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The options -object and -plugin.
 *
 * The library creates all objects of a list or none; this file prints the error
 * together with the option that it is about.
 */
#include "tools/object-option.h"
#include "qom/plugin.h"
#include "qom/user-creatable.h"
#include "tools/output.h"

int plugins_load(const GPtrArray *files)
{
    for (guint i = 0; files && i < files->len; i++) {
        Error *err = NULL;

        if (!plugin_load(files->pdata[i], &err)) {
            output_error("-plugin", err);
            return EXIT_FAILED;
        }
    }
    return EXIT_DONE;
}

bool objects_help(const GPtrArray *objects, int *exit_code)
{
    for (guint i = 0; objects && i < objects->len; i++) {
        g_autofree char *text = user_creatable_help(objects->pdata[i]);

        if (text) {
            *exit_code = output_foreign_text(text);
            return true;
        }
    }
    return false;
}

int objects_add(const GPtrArray *objects)
{
    unsigned failed = 0;
    Error *err = NULL;

    /* Clients find /objects, also when it is empty. */
    object_get_objects_root();
    if (objects && !user_creatable_add_list(
                       (const char *const *)objects->pdata, objects->len,
                       &failed, &err)) {
        g_autofree char *what = g_strdup_printf(
            "-object %s", (const char *)objects->pdata[failed]);

        output_error(what, err);
        return EXIT_FAILED;
    }
    return EXIT_DONE;
}

void objects_del(void)
{
    user_creatable_cleanup();
}
