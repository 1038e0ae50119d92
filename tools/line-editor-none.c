/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a build without libedit has in place of line-editor-edit.c. */
#include "tools/line-editor-internal.h"

void line_edit_init(LineEditor *editor, const char *program)
{
}

void line_edit_cleanup(LineEditor *editor)
{
}

/* Not called, because line_edit_init() leaves LineEditor.edit NULL. */
LineEditorResult line_edit_read(LineEditor *editor, const char *prompt,
                                char **line)
{
    g_assert_not_reached();
}

/* No line is remembered. */
void line_editor_remember(LineEditor *editor, const char *line)
{
}

void line_editor_show(LineEditor *editor)
{
}
