/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What line-editor.c shares with line-editor-edit.c or line-editor-none.c. */
#ifndef QOM_TOOLS_LINE_EDITOR_INTERNAL_H
#define QOM_TOOLS_LINE_EDITOR_INTERNAL_H

#include "tools/line-editor.h"

struct LineEditor {
    const LineEditorFuncs *funcs;
    char *history_path; /* (nullable) */
    const char *before; /* of line_editor_read() */
    bool is_terminal;
    int signal_fd; /* -1: none */
    int wait_fd;   /* readable at input and at a signal; -1: none */
    struct LineEdit *edit; /* (nullable) what libedit needs */
};

/* A byte that was not read because of SIGINT; EOF is -1. */
#define LINE_EDITOR_SIGNAL (-2)

/* line_editor_take_signal: returns a signal that has arrived; 0 for none */
int line_editor_take_signal(LineEditor *editor);

/* line_editor_has_input: returns true if reading would not wait */
bool line_editor_has_input(void);

/* line_editor_wait: waits for input or a signal */
void line_editor_wait(LineEditor *editor);

/* line_edit_init: sets up libedit; @editor->edit stays NULL without it */
void line_edit_init(LineEditor *editor, const char *program);

/* line_edit_cleanup: undoes line_edit_init() and writes the history */
void line_edit_cleanup(LineEditor *editor);

/* line_edit_read: line_editor_read() by libedit */
LineEditorResult line_edit_read(LineEditor *editor, const char *prompt,
                                char **line);

#endif
