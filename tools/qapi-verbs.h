/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The functions of the verbs of `qapi`.  Each one is Verb.run of an entry of
 * the table in qapi.c: it calls the compiler's library and writes the result.
 */
#ifndef QOM_TOOLS_QAPI_VERBS_H
#define QOM_TOOLS_QAPI_VERBS_H

#include "tools/tool.h"

/* The parsed command line of a verb; lists are NULL if empty. */
typedef struct QapiArgs {
    ToolArgs base;
    const char *library;
    const char *language;
    const char *folder;
    const char *prefix;
    const char *module;
    const char *depfile;
    const char *target;
    const char *socket;
    GPtrArray *sockets; /* the arguments that are sockets, of diff */
    bool list;
    bool unmask;
    bool html;
    bool man;
    bool md;
} QapiArgs;

/* @args is a QapiArgs.  Returns: the exit code, after a message on failure */
int qapi_run_gen(void *args);
int qapi_run_check(void *args);
int qapi_run_lint(void *args);
int qapi_run_introspect(void *args);
int qapi_run_show(void *args);
int qapi_run_diff(void *args);
int qapi_run_doc(void *args);

/* qapi_report: prints an error, which is consumed; returns EXIT_FAILED */
int qapi_report(Error *err);

#endif
