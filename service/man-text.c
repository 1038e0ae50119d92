/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Texts and option tables as roff.
 *
 * Words      text inside of a line
 * Text       paragraphs and examples, each of which is a block of lines
 */
#include "service/man-text.h"

/*
 * Appends a text with all escapes that roff needs.  A period or a quote at the
 * beginning of a line would be a request and a backslash an escape.  A bare '-'
 * would be printed as a hyphen, which cannot be copied to a shell.
 */
void man_append_words(GString *out, const char *text)
{
    if (*text == '.' || *text == '\'') {
        g_string_append(out, "\\&");
    }
    for (; *text; text++) {
        if (*text == '\\') {
            g_string_append(out, "\\e");
        } else if (*text == '-') {
            g_string_append(out, "\\-");
        } else {
            g_string_append_c(out, *text);
        }
    }
}

void man_append_line(GString *out, const char *text)
{
    man_append_words(out, text);
    g_string_append_c(out, '\n');
}

/* Appends paragraphs; lines that begin with four blanks keep their breaks. */
void man_append_text(GString *out, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    bool literal = false;

    for (char **line = lines; *line; line++) {
        bool indented = g_str_has_prefix(*line, "    ");

        /* An empty line inside an example does not end the example. */
        if (indented != literal && (indented || **line)) {
            g_string_append(out, indented ? ".PP\n.nf\n.RS 4\n"
                                          : ".RE\n.fi\n.PP\n");
            literal = indented;
        } else if (!**line && line[1] && *line[1]) {
            g_string_append(out, literal ? "\n" : ".PP\n");
        }
        if (**line) {
            man_append_line(out, *line + (indented ? 4 : 0));
        }
    }
    if (literal) {
        g_string_append(out, ".RE\n.fi\n");
    }
}

/* Appends a tagged paragraph for each option that is not hidden. */
void man_append_options(GString *out, const Option *table)
{
    for (const Option *option = table; option->name; option++) {
        if (!option->doc) {
            continue;
        }
        g_string_append_printf(out, ".TP\n\\fB\\-");
        man_append_words(out, option->name);
        g_string_append(out, "\\fR");
        if (option->value) {
            g_string_append(out, " \\fI");
            man_append_words(out, option->value);
            g_string_append(out, "\\fR");
        }
        g_string_append_c(out, '\n');
        man_append_text(out, option->doc);
    }
}

void man_append_exit_status(GString *out)
{
    g_string_append(out, ".SH EXIT STATUS\n.TP\n0\nDone.\n.TP\n1\nFailed: a "
                    "message on standard error says what.\n.TP\n2\nWrong "
                    "usage: a message on standard error names the "
                    "argument.\n.PP\nResults go to standard output, messages "
                    "to standard error.\n");
}
