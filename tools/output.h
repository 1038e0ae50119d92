/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a tool says: results to stdout, messages to stderr, one exit code.
 *
 * A result is a JSON value.  With -json it is written as it is, on one line;
 * otherwise as text: a table, a tree, or the bare value.
 *
 * Contract: DESIGN.md section 6
 */
#ifndef QOM_TOOLS_OUTPUT_H
#define QOM_TOOLS_OUTPUT_H

#include "qapi/error.h"

#include <glib.h>
#include <json-glib/json-glib.h>

enum {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
};

/* A column of a table: the rows' member and the column's title. */
typedef struct Column {
    const char *member; /* NULL ends the columns */
    const char *title;  /* NULL in all of them: no line of titles */
} Column;

/* What a text is; without colours it looks like any other. */
typedef enum Paint {
    PAINT_GOOD, /* green */
    PAINT_BAD,  /* red */
    PAINT_NEWS, /* yellow */
    PAINT_TITLE, /* bold */
} Paint;

/**
 * output_init: make stdin, stdout and stderr safe to use
 * @program: the program's name, which messages begin with; static
 *
 * Colours are used if stdout is a terminal that knows any and $NO_COLOR is
 * not set.
 *
 * One that is closed is opened on /dev/null, such that writing to it fails
 * and no other file gets its number; a broken pipe is an error and no signal.
 */
void output_init(const char *program);

/**
 * output_text: write a result
 * @text: whole lines
 *
 * Returns: EXIT_DONE; EXIT_FAILED after a message when stdout takes it not
 */
int output_text(const char *text);

/* output_paint: append a text as what it is */
void output_paint(GString *out, Paint paint, const char *text);

/* output_json: write a result as one line of JSON; as output_text() */
int output_json(JsonNode *node);

/* output_value: write a value: a string bare, all else as JSON */
int output_value(JsonNode *node);

/**
 * output_table: write an array of objects as aligned columns
 * @rows: an array of objects, whose absent members show as '-'
 * @columns: what to show
 */
int output_table(JsonNode *rows, const Column *columns);

/**
 * output_error: write a message to stderr, "PROGRAM: @what: message", and hints
 * @what: (nullable) the argument that it is about
 * @err: consumed
 */
void output_error(const char *what, Error *err);

#endif
