/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Paths on the command line.
 *
 * If a path names no object or several, QMP commands fail with the texts of
 * QEMU, which differ from command to command.  path_explain() replaces them, so
 * that all verbs print the same message.
 */
#include "tools/path.h"
#include "tools/output.h"

#include <string.h>

bool property_path_init(PropertyPath *where, const Args *args, guint n_after,
                        const char *verb)
{
    const char *first = args->base.rest->pdata[0];
    const char *dot = strrchr(first, '.');
    Error *err = NULL;

    /* An id may contain dots, so two arguments are never split. */
    if (args->base.n_rest > n_after + 1) {
        where->path = g_strdup(first);
        where->property = g_strdup(args->base.rest->pdata[1]);
    } else if (dot) {
        where->path = g_strndup(first, dot - first);
        where->property = g_strdup(dot + 1);
    } else {
        error_setg(&err, "'%s' names no property; see 'qom %s -help'", first,
                   verb);
        tool_usage_error(verb, err);
        return false;
    }
    return true;
}

void property_path_clear(PropertyPath *where)
{
    g_clear_pointer(&where->path, g_free);
    g_clear_pointer(&where->property, g_free);
}

/* Returns true if the error's text is @format with @path in place of %s. */
static bool says(const Error *err, const char *format, const char *path)
{
    g_auto(GStrv) parts = g_strsplit(format, "%s", 2);
    g_autofree char *text = g_strconcat(parts[0], path, parts[1], NULL);

    return !strcmp(error_get_pretty(err), text);
}

void path_explain(const char *path, Error **errp)
{
    const char *format = NULL;

    if (says(*errp, "Device '%s' not found", path)) {
        format = "object '%s' not found";
    } else if (says(*errp, "Device '%s' not found: the path is ambiguous",
                    path) ||
               says(*errp, "Path '%s' is ambiguous", path)) {
        format = "path '%s' matches more than one object";
    }
    if (format) {
        g_auto(GStrv) parts = g_strsplit(format, "%s", 2);

        g_clear_pointer(errp, error_free);
        error_setg(errp, "%s%s%s", parts[0], path, parts[1]);
    }
}
