/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verbs of `qom`.
 *
 * Contract: the man pages
 */
#ifndef QOM_TOOLS_VERBS_H
#define QOM_TOOLS_VERBS_H

#include "tools/tool.h"

/* What the command line of a verb says; lists are NULL when empty. */
typedef struct Args {
    ToolArgs base;
    GPtrArray *plugins;
    GPtrArray *objects;
    GPtrArray *qmp;
    const char *config;
    const char *pid_file;
    bool daemonize;
    const char *socket;
    const char *implements;
    const char *count;
    bool abstract;
    bool dry_run;
    bool json;
} Args;

/* Verb.flags */
enum {
    /*
     * The verb makes and deletes the objects of -object itself; for others
     * they exist, and are deleted afterwards.
     */
    VERB_SERVES = 1 << 0,
    /* The verb is for programs that serve QMP. */
    VERB_ASKS = 1 << 1,
    /*
     * The verb changes objects, so it needs some: -s, -object or $QOM_SOCKET.
     * A dry run changes nothing and needs none.
     */
    VERB_CHANGES = 1 << 2,
};

extern const Tool qom_tool;

#endif
