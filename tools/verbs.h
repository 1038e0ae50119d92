/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verbs of `qom`, as rows of a table: how each is called, which options
 * it takes, and the function that does it.  Parsing, -help and the checks of
 * the man page all read the same rows.
 *
 * Contract: DESIGN.md section 6; docs/man/qom.rst
 */
#ifndef QOM_TOOLS_VERBS_H
#define QOM_TOOLS_VERBS_H

#include "tools/options.h"

#include <glib.h>
#include <stdbool.h>

/* What the command line of a verb says. */
typedef struct Args {
    GPtrArray *rest; /* borrowed texts, ends with NULL */
    GPtrArray *plugins;
    GPtrArray *objects;
    GPtrArray *qmp;
    const char *implements;
    bool abstract;
    bool json;
    bool help;
} Args;

typedef struct Verb {
    const char *name; /* NULL ends the table */
    const char *args; /* (nullable) the arguments that are no options */
    const Option *options;
    unsigned min_args;
    unsigned max_args;
    const char *summary; /* one line, no full stop */
    const char *doc;     /* lines */
    const char *example; /* what to type, in full */

    /*
     * Do it.  Plugins are loaded; the objects of -object exist and are
     * deleted afterwards, unless the verb `serves`: then it makes and deletes
     * them itself.
     * Returns: the exit code, after a message when that is not EXIT_DONE
     */
    int (*run)(const Args *args);
    bool serves;
} Verb;

/**
 * verbs_main: do what a command line says
 * @argv: ends with NULL; without the program's name
 *
 * Returns: the exit code
 */
int verbs_main(char **argv);

#endif
