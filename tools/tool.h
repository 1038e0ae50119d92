/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A tool: a program with verbs, described by tables.
 *
 * The entry of a verb has its name, its options, its texts and its function.
 * Three walkers use the same entries: one parses command lines, one writes help
 * and one writes the man page.
 *
 * Contract: the man pages
 */
#ifndef QOM_TOOLS_TOOL_H
#define QOM_TOOLS_TOOL_H

#include "service/options.h"

#include <glib.h>
#include <stdbool.h>

/* The first member of every struct into which options are parsed. */
typedef struct ToolArgs {
    GPtrArray *rest; /* of char *: arguments that are not options, then NULL */
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
    const char *doc;     /* lines of at most 80 columns */
    const char *more;    /* (nullable) paragraphs for the man page alone */
    const char *example; /* a complete command line */
    unsigned flags;      /* defined by the tool */

    /*
     * Executes the verb.
     * @args: the tool's struct of values
     * Returns: the exit code, after a message if that is not EXIT_DONE
     */
    int (*run)(void *args);
} Verb;

/* A section of the man page; empty lines separate paragraphs. */
typedef struct ToolSection {
    const char *title; /* NULL ends the table */
    const char *text;  /* lines after four blanks keep their breaks */
} ToolSection;

typedef struct CompletionLine CompletionLine;
struct Completions;

typedef struct Tool {
    const char *name;
    const char *version;
    const char *summary; /* one line, for the man page */
    const char *intro;   /* lines, for help */
    const char *description; /* paragraphs, for the man page */
    const Verb *verbs;
    const ToolSection *sections; /* of the man page, after the options */
    size_t args_size; /* of the struct of values */

    /* Executes a verb, usually by its run(); returns what run() returns. */
    int (*call)(const Verb *verb, void *args);

    /*
     * (nullable) Adds the words of a kind to completions; see complete.h.
     * @line: the words before
     * @kind: the name of the value or argument in the tables: "PATH"
     */
    void (*complete)(const CompletionLine *line, const char *kind,
                     struct Completions *out);
} Tool;

/* tool_main_options: options of the program itself, in place of a verb */
extern const Option tool_main_options[];

/**
 * tool_main: parses a command line and executes its verb
 * @tool: the tool
 * @argv: ends with NULL; without the program's name
 *
 * Returns: the exit code
 */
int tool_main(const Tool *tool, char **argv);

/**
 * tool_usage_error: writes a message about wrong usage
 * @verb: (nullable) the verb that the message names
 * @err: consumed
 *
 * Returns: EXIT_USAGE
 */
int tool_usage_error(const char *verb, Error *err);

/**
 * tool_append_man: appends the man page of a tool, as roff
 * @tool: the tool
 * @main_options: options that are given in place of a verb
 * @out: where to append
 */
void tool_append_man(const Tool *tool, const Option *main_options,
                     GString *out);

#endif
