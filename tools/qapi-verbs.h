/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the verbs of `qapi` do.  Each function is the `run` of one row of the
 * table of verbs: it calls the library and writes the result.  @args is a
 * QapiArgs.
 */
#ifndef QOM_TOOLS_QAPI_VERBS_H
#define QOM_TOOLS_QAPI_VERBS_H

#include "tools/tool.h"

/* What the command line of a verb says; lists are NULL when empty. */
typedef struct QapiArgs {
    ToolArgs base;
    const char *library;
    const char *folder;
    const char *prefix;
    const char *module;
    const char *depfile;
    const char *target;
    const char *socket;
    GPtrArray *sockets; /* which of the arguments are sockets */
    bool list;
    bool unmask;
    bool html;
    bool man;
    bool md;
} QapiArgs;

int qapi_run_gen(void *args);
int qapi_run_check(void *args);
int qapi_run_introspect(void *args);
int qapi_run_show(void *args);
int qapi_run_diff(void *args);
int qapi_run_doc(void *args);

#endif
