/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lines of `qom shell`, split into words.
 *
 * Blanks separate words.  '...' and "..." quote; a backslash quotes the next
 * character, except in '...'.  A '#' at the beginning of a word begins a
 * comment, which ends with the line.  A '{' or '[' at the beginning of a word
 * or after a '=' begins JSON, which is one word up to its last bracket and
 * needs no quotes:
 *
 *     call object-add { "qom-type": "iothread", "id": "io0" }
 *
 * A text whose quotes or brackets are open continues on the next line.
 *
 * Thread: any
 * Contract: docs/shell.md, "Lines"
 */
#ifndef QOM_TOOLS_SHELL_LINE_H
#define QOM_TOOLS_SHELL_LINE_H

#include <glib.h>
#include <stdbool.h>

/* What the end of a text is in. */
typedef enum ShellLineEnd {
    SHELL_LINE_BLANK,  /* nothing: the next character begins a word */
    SHELL_LINE_WORD,   /* a word without quotes */
    SHELL_LINE_QUOTES, /* open quotes, or after a backslash */
    SHELL_LINE_JSON,   /* open brackets */
    SHELL_LINE_COMMENT,
} ShellLineEnd;

/* The parts of a text. */
typedef struct ShellLine {
    GPtrArray *words;  /* of char *: without quotes; ends with NULL */
    size_t last_start; /* where the last word begins in the text */
    ShellLineEnd end;
} ShellLine;

/* shell_line_init: splits @text; shell_line_clear() frees the words */
void shell_line_init(ShellLine *line, const char *text);

/* shell_line_clear: frees what @line owns */
void shell_line_clear(ShellLine *line);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ShellLine, shell_line_clear)

/* shell_line_n_words: returns the number of words, without the NULL */
static inline guint shell_line_n_words(const ShellLine *line)
{
    return line->words->len - 1;
}

/* shell_line_is_open: returns true if the text continues on the next line */
static inline bool shell_line_is_open(const ShellLine *line)
{
    return line->end == SHELL_LINE_QUOTES || line->end == SHELL_LINE_JSON;
}

/**
 * shell_line_quote: quotes a word so that it is read as this word
 * @word: any text
 *
 * Returns: (transfer full) @word with backslashes, or in '...'
 */
char *shell_line_quote(const char *word);

#endif
