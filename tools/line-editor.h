/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading lines from standard input: with editing, history and completion on a
 * terminal, if the build has libedit; as they are otherwise.
 *
 * Thread: main
 */
#ifndef QOM_TOOLS_LINE_EDITOR_H
#define QOM_TOOLS_LINE_EDITOR_H

#include <glib.h>
#include <stdbool.h>

typedef struct LineEditor LineEditor;

/* Longer lines are not read. */
#define LINE_EDITOR_MAX_BYTES (1024 * 1024)

typedef struct LineEditorFuncs {
    /*
     * Returns (transfer full) the words that can follow, "WORD" or
     * "WORD\tDESCRIPTION".
     * @text: the line up to the cursor, with the lines before it
     * @start: (out) where in @text the words begin
     */
    GPtrArray *(*complete)(const char *text, size_t *start, void *opaque);

    /*
     * Waits until @fd is readable; called on a terminal before each read.  It
     * may print, after line_editor_hide().
     */
    void (*wait)(LineEditor *editor, int fd, void *opaque);

    void *opaque;
} LineEditorFuncs;

/**
 * line_editor_new: prepares standard input
 * @program: the program's name, for the settings of libedit; static
 * @history: (nullable) path of the file with the history; copied
 * @funcs: borrowed
 *
 * On a terminal SIGINT is blocked from now on; it ends a line.
 *
 * Returns: (transfer full) to be freed by line_editor_free()
 */
LineEditor *line_editor_new(const char *program, const char *history,
                            const LineEditorFuncs *funcs);

/*
 * line_editor_free: writes the history, readable by the user alone, and makes
 * the terminal as it was.
 */
void line_editor_free(LineEditor *editor);

/* line_editor_is_terminal: returns true if a user types the lines */
bool line_editor_is_terminal(const LineEditor *editor);

/* What line_editor_read() has read. */
typedef enum LineEditorResult {
    LINE_EDITOR_LINE,
    LINE_EDITOR_INTERRUPT, /* SIGINT */
    LINE_EDITOR_END,       /* the end of the input */
    LINE_EDITOR_BAD,       /* a line that is too long, or has a NUL */
} LineEditorResult;

/**
 * line_editor_read: reads a line
 * @editor: the editor
 * @prompt: what a terminal shows before the line; borrowed
 * @before: the lines before this one, to which it belongs; "" for none
 * @line: (out) (transfer full) the line without its line break; only with
 *        LINE_EDITOR_LINE
 *
 * Returns: what was read
 */
LineEditorResult line_editor_read(LineEditor *editor, const char *prompt,
                                  const char *before, char **line);

/**
 * line_editor_remember: appends a line to the history
 * @editor: the editor
 * @line: the line; line breaks become blanks.  Lines that begin with a blank,
 *        or are longer than 4096 bytes, are not remembered
 */
void line_editor_remember(LineEditor *editor, const char *line);

/* line_editor_hide: clears the line of the terminal that is being edited */
void line_editor_hide(LineEditor *editor);

/* line_editor_show: shows it again */
void line_editor_show(LineEditor *editor);

#endif
