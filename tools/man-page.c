/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writing the man page of a tool from the tables that also make its help.  The
 * build calls this by `qom -man-page`.
 */
#include "service/man-text.h"
#include "tools/tool.h"

#include <string.h>

/* Appends the synopsis of a verb on one line. */
static void append_usage(GString *out, const Tool *tool, const Verb *verb)
{
    g_autoptr(GString) options = g_string_new(NULL);

    options_append_synopsis(verb->options, options);
    g_string_append_printf(out, "\\fB%s %s\\fR", tool->name, verb->name);
    man_append_words(out, options->str);
    if (verb->args) {
        g_string_append_c(out, ' ');
        man_append_words(out, verb->args);
    }
    g_string_append_c(out, '\n');
}

/* Appends the section of a verb: synopsis, text, options, example. */
static void append_verb(GString *out, const Tool *tool, const Verb *verb)
{
    g_string_append_printf(out, ".SS %s\n", verb->name);
    append_usage(out, tool, verb);
    g_string_append(out, ".PP\n");
    man_append_text(out, verb->doc);
    if (verb->more) {
        g_string_append(out, ".PP\n");
        man_append_text(out, verb->more);
    }
    man_append_options(out, verb->options);
    g_string_append(out, ".PP\nExample:\n.PP\n.nf\n.RS 4\n");
    man_append_line(out, verb->example);
    g_string_append(out, ".RE\n.fi\n");
}

/* Verbs, options of the program, and the texts that no table has. */
void tool_append_man(const Tool *tool, const Option *main_options,
                     GString *out)
{
    g_autofree char *upper = g_ascii_strup(tool->name, -1);

    g_string_append_printf(out,
                           ".\\\" SPDX-License-Identifier: LGPL-2.1-or-later\n"
                           ".TH %s 1 \"\" \"qom %s\" \"qom\"\n"
                           ".SH NAME\n%s \\- ", upper, tool->version,
                           tool->name);
    man_append_line(out, tool->summary);
    g_string_append(out, ".SH SYNOPSIS\n");
    for (const Verb *verb = tool->verbs; verb->name; verb++) {
        append_usage(out, tool, verb);
        g_string_append(out, ".br\n");
    }
    g_string_append_printf(out, "\\fB%s\\fR [VERB] \\fB\\-help\\fR\n",
                           tool->name);
    /* DESCRIPTION is for all verbs; each verb has its own section below. */
    g_string_append(out, ".SH DESCRIPTION\n");
    man_append_text(out, tool->description);
    /* The synopsis stands again before the text that explains it. */
    g_string_append(out, ".SH VERBS\n");
    for (const Verb *verb = tool->verbs; verb->name; verb++) {
        append_verb(out, tool, verb);
    }
    g_string_append(out, ".SH OPTIONS\nOptions take one dash or two, and may "
                    "stand before, between and after the arguments.  A value "
                    "is the next argument or follows an equals sign.  "
                    "\\-\\- ends the options; what begins with a dash and a "
                    "digit is an argument.\nWithout a verb:\n");
    man_append_options(out, main_options);
    /* What no table says */
    for (const ToolSection *s = tool->sections; s->title; s++) {
        g_string_append_printf(out, ".SH %s\n", s->title);
        man_append_text(out, s->text);
    }
    man_append_exit_status(out);
}
