/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The output of a tool: results to stdout, messages to stderr, one exit code.
 *
 * A result is a JSON value.  With -json it is written as it is, on one line;
 * otherwise as text: a table, a tree, or the bare value.
 *
 * Contract: the man pages
 */
#ifndef QOM_TOOLS_OUTPUT_H
#define QOM_TOOLS_OUTPUT_H

#include "qapi/error.h"

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>

enum {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
};

/* A column of a table. */
typedef struct Column {
    const char *member; /* of the objects of the array; NULL ends the columns */
    const char *title;  /* NULL in all columns: no line of titles */
} Column;

/* The meaning of a text, which a terminal shows as a colour. */
typedef enum Paint {
    PAINT_GOOD, /* green */
    PAINT_BAD,  /* red */
    PAINT_NEWS, /* yellow */
    PAINT_TITLE, /* bold */
} Paint;

/**
 * output_init: makes stdin, stdout and stderr safe to use
 * @program: the program's name, with which messages begin; static
 *
 * Colours are used if stdout is a terminal that has colours and $NO_COLOR is
 * not set.
 *
 * If one of the three is closed, /dev/null is opened for reading in its place:
 * no other file gets its file descriptor, and writing to it fails.  Writing to
 * a broken pipe is an error and raises no signal.
 */
void output_init(const char *program);

/*
 * output_append_value: appends a value on one line: a string without quotes if
 * it has no control characters, and JSON otherwise
 */
void output_append_value(GString *out, JsonNode *node);

/*
 * output_shorten: returns (transfer full) at most @max characters of a name:
 * both ends if it is longer, because names differ at either
 */
char *output_shorten(const char *name, unsigned max);

/**
 * output_text: writes a result
 * @text: whole lines; texts from outside went through safe_text_append()
 *
 * Returns: EXIT_DONE; EXIT_FAILED after a message if stdout cannot be written
 */
int output_text(const char *text);

/**
 * output_foreign_text: writes a result that may contain any bytes
 * @text: bytes from outside
 *
 * A terminal gets what safe_text_append() makes of the text, except that tabs
 * and line breaks stay.  A file or a pipe gets the bytes.
 *
 * Returns: as output_text()
 */
int output_foreign_text(const char *text);

/* output_paint: appends a text, in its colour if colours are used. */
void output_paint(GString *out, Paint paint, const char *text);

/* output_json: writes a result as one line of JSON; returns as output_text() */
int output_json(JsonNode *node);

/*
 * output_value: writes a string without quotes, any other value as JSON;
 * returns as output_foreign_text()
 */
int output_value(JsonNode *node);

/*
 * output_table_lines: returns (transfer full) the lines that output_table()
 * writes, without colours; the first one has the titles
 */
GPtrArray *output_table_lines(JsonNode *rows, const Column *columns);

/**
 * output_table: writes an array of objects as aligned columns
 * @rows: an array of objects; absent members are shown as '-'
 * @columns: the members to show
 *
 * Returns: as output_text()
 */
int output_table(JsonNode *rows, const Column *columns);

/**
 * output_error: writes "PROGRAM: @what: message" and hints to stderr
 * @what: (nullable) the argument that is in error
 * @err: consumed
 */
void output_error(const char *what, Error *err);

/* output_diagnostics: writes messages to stderr that are whole lines. */
void output_diagnostics(const char *lines);

#endif
