/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Options of a command line, as entries of a table.
 *
 * An entry has an option's name, the kind of its value, the field that stores
 * the value, and the text of its help.  One function parses by the table,
 * another one prints help.
 *
 * An option begins with one dash or two.  Its value is the next argument or
 * follows a '='.  Options and other arguments may be mixed; "--" ends the
 * options. An argument that begins with a dash and a digit is not an option, so
 * negative numbers need no "--".
 *
 * Contract: the man pages, "OPTIONS"
 */
#ifndef QOM_SERVICE_OPTIONS_H
#define QOM_SERVICE_OPTIONS_H

#include "qapi/error.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

QOM_BEGIN_DECLS

typedef enum OptionKind {
    OPTION_FLAG,  /* bool: true if the option is given */
    OPTION_TEXT,  /* const char *: the value; at most once */
    OPTION_LIST,  /* GPtrArray *: the values in order, each after `prefix` */
    OPTION_PLACE, /* as OPTION_LIST; each value is also an argument */
} OptionKind;

typedef struct Option {
    const char *name; /* without dashes; NULL ends a table */
    OptionKind kind;
    uint32_t offset;    /* of the field in the struct of values */
    const char *value;  /* the value's name in help; NULL for a flag */
    const char *doc;    /* lines without a full stop at the end; NULL: hidden */
    const char *prefix; /* (nullable) of each value of an OPTION_LIST */
} Option;

/**
 * options_parse: stores the values of options and collects other arguments
 * @table: the options
 * @argv: arguments without the program's name; ends with NULL; borrowed by
 *        @values and @rest
 * @values: the struct to which the offsets refer, zeroed; options_clear() it
 * @rest: arguments that are not options are appended
 * @errp: set on wrong usage; the message names the option
 *
 * Returns: true; false with @errp set, and some of @values are filled in
 */
bool options_parse(const Option *table, char **argv, void *values,
                   GPtrArray *rest, Error **errp);

/*
 * option_is: returns true if an argument is an option.  "-" and negative
 * numbers are not.
 */
bool option_is(const char *arg);

/**
 * options_find: finds the option that an argument is
 * @table: the options
 * @arg: an argument for which option_is() returns true
 * @value: (out) the text after a '=', borrowed from @arg; NULL if there is none
 *
 * Returns: the option; NULL if the table has none of this name
 */
const Option *options_find(const Option *table, const char *arg,
                           const char **value);

/* options_clear: frees the lists that options_parse() has created. */
void options_clear(const Option *table, void *values);

/**
 * options_append_synopsis: appends " [-flag] [-list VALUE]..."
 * @table: the options
 * @out: where to append
 */
void options_append_synopsis(const Option *table, GString *out);

/**
 * options_append_help: appends a paragraph for each option
 * @table: the options
 * @out: where to append
 */
void options_append_help(const Option *table, GString *out);

QOM_END_DECLS

#endif
