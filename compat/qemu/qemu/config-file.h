/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lists of options that a program or plugin has. */
#ifndef QOM_COMPAT_QEMU_CONFIG_FILE_H
#define QOM_COMPAT_QEMU_CONFIG_FILE_H

#include "qapi/error.h"
#include "qemu/option.h"

#include <string.h>

enum {
    QEMU_OPTS_LISTS_MAX = 64,
};

/* Shared by all source files of a program or plugin; ends with NULL. */
__attribute__((__weak__, __visibility__("hidden")))
QemuOptsList *qemu_compat_opts_lists[QEMU_OPTS_LISTS_MAX + 1];

/* @list is borrowed for the rest of the program. */
static inline void qemu_add_opts(QemuOptsList *list)
{
    for (int i = 0; i < QEMU_OPTS_LISTS_MAX; i++) {
        if (!qemu_compat_opts_lists[i]) {
            qemu_compat_opts_lists[i] = list;
            return;
        }
    }
    g_error("qemu_add_opts: too many lists");
}

/* Returns: the list of this name; NULL with @errp set */
static inline QemuOptsList *qemu_find_opts_err(const char *group,
                                               Error **errp)
{
    for (int i = 0; qemu_compat_opts_lists[i]; i++) {
        if (strcmp(qemu_compat_opts_lists[i]->name, group) == 0) {
            return qemu_compat_opts_lists[i];
        }
    }
    error_setg(errp, "There is no option group '%s'", group);
    return NULL;
}

/* Returns: the list of this name; NULL, which is reported on stderr */
static inline QemuOptsList *qemu_find_opts(const char *group)
{
    Error *err = NULL;
    QemuOptsList *list = qemu_find_opts_err(group, &err);

    if (!list) {
        error_report_err(err);
    }
    return list;
}

#endif
