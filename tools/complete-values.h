/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The words of arguments and values of `qom`: what the target has. */
#ifndef QOM_TOOLS_COMPLETE_VALUES_H
#define QOM_TOOLS_COMPLETE_VALUES_H

#include "tools/complete.h"

/*
 * complete_values: tool.complete for lines that are executed on the present
 * target.  It executes commands; where one fails, no words are offered.
 */
void complete_values(const CompletionLine *line, const char *kind,
                     Completions *out);

/*
 * complete_command_line: tool.complete for a command line of `qom`, called once
 * per process.  It makes the target that the line names the target.  If that
 * takes longer than two seconds in all, the process exits in silence.
 */
void complete_command_line(const CompletionLine *line, const char *kind,
                           Completions *out);

#endif
