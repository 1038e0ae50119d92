/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writing the man page of a tool from the tables that also make its help.
 *
 * The texts of the tables are plain: lines, an empty line between paragraphs,
 * and four blanks before lines that keep their breaks.  The functions here turn
 * them into roff for man(7).  The build calls this by `qom -man-page`.
 */
#include "tools/tool.h"

#include <string.h>

/*
 * Appends a text with all escapes that roff needs.  A period or a quote at the
 * beginning of a line would be a request and a backslash an escape.  A bare '-'
 * would be printed as a hyphen, which cannot be copied to a shell.
 */
static void append_plain(GString *out, const char *text)
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

static void append_line(GString *out, const char *text)
{
    append_plain(out, text);
    g_string_append_c(out, '\n');
}

/* Appends paragraphs; lines that begin with four blanks keep their breaks. */
static void append_text(GString *out, const char *text)
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
            append_line(out, *line + (indented ? 4 : 0));
        }
    }
    if (literal) {
        g_string_append(out, ".RE\n.fi\n");
    }
}

/* Appends a tagged paragraph for each option that is not hidden. */
static void append_options(GString *out, const Option *table)
{
    for (const Option *option = table; option->name; option++) {
        if (!option->doc) {
            continue;
        }
        g_string_append_printf(out, ".TP\n\\fB\\-");
        append_plain(out, option->name);
        g_string_append(out, "\\fR");
        if (option->value) {
            g_string_append(out, " \\fI");
            append_plain(out, option->value);
            g_string_append(out, "\\fR");
        }
        g_string_append_c(out, '\n');
        append_text(out, option->doc);
    }
}

/* Appends the synopsis of a verb on one line. */
static void append_usage(GString *out, const Tool *tool, const Verb *verb)
{
    g_autoptr(GString) options = g_string_new(NULL);

    options_append_synopsis(verb->options, options);
    g_string_append_printf(out, "\\fB%s %s\\fR", tool->name, verb->name);
    append_plain(out, options->str);
    if (verb->args) {
        g_string_append_c(out, ' ');
        append_plain(out, verb->args);
    }
    g_string_append_c(out, '\n');
}

/* Appends the section of a verb: synopsis, text, options, example. */
static void append_verb(GString *out, const Tool *tool, const Verb *verb)
{
    g_string_append_printf(out, ".SS %s\n", verb->name);
    append_usage(out, tool, verb);
    g_string_append(out, ".PP\n");
    append_text(out, verb->doc);
    if (verb->more) {
        g_string_append(out, ".PP\n");
        append_text(out, verb->more);
    }
    append_options(out, verb->options);
    g_string_append(out, ".PP\nExample:\n.PP\n.nf\n.RS 4\n");
    append_line(out, verb->example);
    g_string_append(out, ".RE\n.fi\n");
}

void tool_append_man(const Tool *tool, const Option *main_options,
                     GString *out)
{
    g_autofree char *upper = g_ascii_strup(tool->name, -1);

    g_string_append_printf(out,
                           ".\\\" SPDX-License-Identifier: LGPL-2.1-or-later\n"
                           ".TH %s 1 \"\" \"qom %s\" \"qom\"\n"
                           ".SH NAME\n%s \\- ", upper, tool->version,
                           tool->name);
    append_line(out, tool->summary);
    g_string_append(out, ".SH SYNOPSIS\n");
    for (const Verb *verb = tool->verbs; verb->name; verb++) {
        append_usage(out, tool, verb);
        g_string_append(out, ".br\n");
    }
    g_string_append_printf(out, "\\fB%s\\fR [VERB] \\fB\\-help\\fR\n",
                           tool->name);
    /* DESCRIPTION is for all verbs; each verb has its own section below. */
    g_string_append(out, ".SH DESCRIPTION\n");
    append_text(out, tool->description);
    g_string_append(out, ".SH VERBS\n");
    for (const Verb *verb = tool->verbs; verb->name; verb++) {
        append_verb(out, tool, verb);
    }
    g_string_append(out, ".SH OPTIONS\nOptions take one dash or two, and may "
                    "stand before, between and after the arguments.  A value "
                    "is the next argument or follows an equals sign.  "
                    "\\-\\- ends the options; what begins with a dash and a "
                    "digit is an argument.\nWithout a verb:\n");
    append_options(out, main_options);
    for (const ToolSection *s = tool->sections; s->title; s++) {
        g_string_append_printf(out, ".SH %s\n", s->title);
        append_text(out, s->text);
    }
    g_string_append(out, ".SH EXIT STATUS\n.TP\n0\nDone.\n.TP\n1\nFailed: a "
                    "message on standard error says what.\n.TP\n2\nWrong "
                    "usage: a message on standard error names the "
                    "argument.\n.PP\nResults go to standard output, messages "
                    "to standard error.\n");
}
