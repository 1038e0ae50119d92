/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A tool: a program of verbs, described by tables.
 *
 * A row of a verb says how it is called, which options it takes, what it is
 * for and the function that does it.  One walker parses command lines, one
 * writes help, one writes the man page, all from the same rows.
 *
 * Contract: the man pages
 */
#ifndef QOM_TOOLS_TOOL_H
#define QOM_TOOLS_TOOL_H

#include "tools/options.h"

#include <glib.h>
#include <stdbool.h>

/* What every struct of values begins with. */
typedef struct ToolArgs {
    GPtrArray *rest; /* arguments that are no options; ends with NULL */
    guint n_rest;    /* without the NULL */
    bool help;
} ToolArgs;

typedef struct Verb {
    const char *name; /* NULL ends the table */
    const char *args; /* (nullable) the arguments that are no options */
    const Option *options;
    unsigned min_args;
    unsigned max_args;
    const char *summary; /* one line, no full stop */
    const char *doc;     /* lines */
    const char *more;    /* (nullable) paragraphs for the man page alone */
    const char *example; /* what to type, in full */
    unsigned flags;      /* the tool's own */

    /*
     * Do it.
     * @args: the tool's struct of values
     * Returns: the exit code, after a message when that is not EXIT_DONE
     */
    int (*run)(void *args);
} Verb;

/* A section of the man page; paragraphs are apart by an empty line. */
typedef struct ToolSection {
    const char *title; /* NULL ends the table */
    const char *text;  /* lines that begin with four blanks stay as they are */
} ToolSection;

typedef struct Tool {
    const char *name;
    const char *version;
    const char *summary; /* one line, for the man page */
    const char *intro;   /* lines, for help */
    const char *description; /* paragraphs, for the man page */
    const Verb *verbs;
    const ToolSection *sections; /* after the options */
    size_t args_size; /* of the struct of values */

    /* Do what a verb says; as Verb.run. */
    int (*call)(const Verb *verb, void *args);
} Tool;

/**
 * tool_main: do what a command line says
 * @tool: what the program is
 * @argv: ends with NULL; without the program's name
 *
 * Returns: the exit code
 */
int tool_main(const Tool *tool, char **argv);

/* tool_usage_error: write a message on wrong usage; EXIT_USAGE */
int tool_usage_error(const char *verb, Error *err);

/**
 * tool_append_man: the man page of a tool, as roff
 * @tool: what the program is
 * @main_options: options that stand in place of a verb
 * @out: where to append
 */
void tool_append_man(const Tool *tool, const Option *main_options,
                     GString *out);

#endif
