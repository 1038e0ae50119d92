/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Options of a command line, as rows of a table.
 *
 * A row says how an option is called, what it takes, where its value goes and
 * what it is for; one walker parses, another prints help.  An option takes one
 * dash or two, and its value is the next argument or follows a '='.  Options
 * and other arguments may be mixed; "--" ends the options.  What begins with a
 * dash and a digit is no option, so a negative number needs no care.
 *
 * Contract: the man pages, "OPTIONS"
 */
#ifndef QOM_TOOLS_OPTIONS_H
#define QOM_TOOLS_OPTIONS_H

#include "qapi/error.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum OptionKind {
    OPTION_FLAG, /* bool: set when the option is there */
    OPTION_TEXT, /* const char *: its value; given once at most */
    OPTION_LIST, /* GPtrArray *: its values in order, each after `prefix` */
    OPTION_PLACE, /* as OPTION_LIST; each value is an argument, too */
} OptionKind;

typedef struct Option {
    const char *name; /* without dashes; NULL ends a table */
    OptionKind kind;
    uint32_t offset;   /* of the field in the struct of values */
    const char *value; /* what help calls the value; NULL for a flag */
    const char *doc;   /* lines without a full stop at the end; NULL: hidden */
    const char *prefix; /* (nullable) of each value of an OPTION_LIST */
} Option;

/**
 * options_parse: sort arguments into options and the rest
 * @table: the options
 * @argv: ends with NULL; without the program's name
 * @values: struct that the rows' offsets refer to, zeroed; options_clear() it
 * @rest: arguments that are no options are added, borrowed from @argv
 * @errp: set on wrong usage, naming the option
 *
 * Returns: true; false with @errp set and some of @values filled in
 */
bool options_parse(const Option *table, char **argv, void *values,
                   GPtrArray *rest, Error **errp);

/* options_clear: free the lists that options_parse() has made */
void options_clear(const Option *table, void *values);

/**
 * options_append_synopsis: " [-flag] [-list VALUE]..." for each option
 * @table: the options
 * @out: where to append
 */
void options_append_synopsis(const Option *table, GString *out);

/**
 * options_append_help: a paragraph for each option
 * @table: the options
 * @out: where to append
 */
void options_append_help(const Option *table, GString *out);

#endif
