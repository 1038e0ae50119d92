/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verbs of `qom`.
 *
 * Contract: the man pages
 */
#ifndef QOM_TOOLS_VERBS_H
#define QOM_TOOLS_VERBS_H

#include "service/service.h"
#include "tools/tool.h"

/* The parsed command line of a verb; lists are NULL if empty. */
typedef struct Args {
    ToolArgs base;
    ServiceOptions service; /* other verbs than run: -object and -plugin */
    const char *socket;
    const char *implements;
    const char *count;
    const char *interval;
    const char *sort;
    const char *record;
    const char *output;
    bool once;
    const char *to;
    GPtrArray *addresses;
    const char *log;
    const char *poll_max_ns;
    bool abstract;
    bool dry_run;
    bool values;
    bool events;
    bool json;
} Args;

/* Verb.flags */
enum {
    /*
     * The verb handles all its options itself.  For other verbs the objects of
     * -object are created before and deleted afterwards.
     */
    VERB_SERVES = 1 << 0,
    /* The target must be a program that serves QMP. */
    VERB_ASKS = 1 << 1,
    /*
     * The verb changes objects, so -s, -object or $QOM_SOCKET must be given.  A
     * dry run changes nothing and needs none of them.
     */
    VERB_CHANGES = 1 << 2,
    /* The verb cannot be executed by `qom shell`, nor can VERB_SERVES. */
    VERB_ALONE = 1 << 3,
    /* The verb exists in `qom shell` alone, and works on the shell itself. */
    VERB_OF_SHELL = 1 << 4,
};

/*
 * verb_call: tool.call: chooses the target of a verb, connects to it or creates
 * it, and executes the verb
 */
int verb_call(const Verb *verb, void *args);

extern const Tool qom_tool;

#endif
