/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a tool says: results to stdout, messages to stderr, one exit code.
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
 * output_append_safe: append a text that comes from outside
 * @out: where to append
 * @text: any bytes
 * @keep: control characters that pass, such as "\n"
 *
 * A terminal acts on control characters (C0, DEL, and C1 as UTF-8 or as bare
 * bytes), and characters that change the direction of writing make it show a
 * text in another order.  Each byte of these, and each that is not UTF-8, is
 * written as "\xNN".
 *
 * Everything that users or peers have named, and everything that plugins and
 * peers say, goes through this function before a terminal may see it.
 */
void output_append_safe(GString *out, const char *text, const char *keep);

/* output_is_safe: would output_append_safe() change nothing? */
bool output_is_safe(const char *text, const char *keep);

/**
 * output_text: write a result
 * @text: whole lines, of which all that comes from outside is safe
 *
 * Returns: EXIT_DONE; EXIT_FAILED after a message when stdout takes it not
 */
int output_text(const char *text);

/**
 * output_foreign_text: write a result that may hold anything
 * @text: bytes from outside
 *
 * A terminal gets it as by output_append_safe(), with tabs and line breaks as
 * they are; a file or a pipe gets the bytes.
 */
int output_foreign_text(const char *text);

/* output_paint: append a text as what it is */
void output_paint(GString *out, Paint paint, const char *text);

/* output_json: write a result as one line of JSON; as output_text() */
int output_json(JsonNode *node);

/*
 * output_value: write a value: a string bare, all else as JSON; as
 * output_foreign_text()
 */
int output_value(JsonNode *node);

/**
 * output_table: write an array of objects as aligned columns
 * @rows: an array of objects from anywhere, whose absent members show as '-'
 * @columns: what to show
 */
int output_table(JsonNode *rows, const Column *columns);

/**
 * output_error: write a message to stderr, "PROGRAM: @what: message", and hints
 * @what: (nullable) the argument that it is about
 * @err: consumed
 */
void output_error(const char *what, Error *err);

/* output_diagnostics: write messages to stderr that are whole lines already */
void output_diagnostics(const char *lines);

#endif
