/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parts of `qom shell` share. */
#ifndef QOM_TOOLS_SHELL_INTERNAL_H
#define QOM_TOOLS_SHELL_INTERNAL_H

#include "tools/complete.h"
#include "tools/line-editor.h"
#include "tools/verbs.h"

/* A process has one shell, so it is a variable, like the target. */
extern struct Shell {
    Tool tool;
    GArray *verbs;       /* of Verb, ends with one without a name */
    GPtrArray *options;  /* of Option *: the tables of `verbs` */
    char *socket;        /* (nullable) of the target */
    bool shows_events;
    bool is_lost;        /* the user knows that the connection has ended */
    bool ends;
    int ready_fd;        /* always readable */
    int interrupt_fd;    /* readable at SIGINT on a terminal; -1: none */
} shell;

/* ---- shell-target.c ---- */

/* shell_is_connected: returns true for this process, which is always there. */
bool shell_is_connected(void);

/* shell_note_loss: reports once that the connection has ended. */
void shell_note_loss(void);

/*
 * shell_connect_again: connects to the socket, also if there is a connection.
 * Nothing of the old one remains: neither watches nor kept events.
 */
bool shell_connect_again(Error **errp);

/* shell_use_connection: prepares a new connection for lines. */
void shell_use_connection(void);

/* shell_ensure_connection: connects if there is no connection. */
bool shell_ensure_connection(Error **errp);

/*
 * shell_handle_events: prints events until @fd is readable or the connection
 * ends.
 * @editor: (nullable) whose line is on the terminal
 */
void shell_handle_events(LineEditor *editor, int fd);

/* LineEditorFuncs.wait */
void shell_wait_for_input(LineEditor *editor, int fd, void *opaque);

/* ---- shell-verbs.c ---- */

/* The verbs that only the shell has; they come after those of `qom`. */
extern const Verb shell_own_verbs[];

/* shell_find_verb: returns the verb with a name; NULL if there is none. */
const Verb *shell_find_verb(const char *name);

/*
 * shell_commands: returns (borrowed) the commands of the target; NULL if it has
 * none or is not there.
 */
const GPtrArray *shell_commands(void);

bool shell_has_command(const char *name);

/* shell_set_unknown: the error of a name that is neither verb nor command */
void shell_set_unknown(const char *name, Error **errp);

/* shell_help_verbs: prints the verbs; returns the exit code. */
int shell_help_verbs(void);

/* ---- shell-complete.c ---- */

/* Tool.complete */
void shell_complete_kinds(const CompletionLine *line, const char *kind,
                          Completions *out);

/* LineEditorFuncs.complete */
GPtrArray *shell_complete(const char *text, size_t *start, void *opaque);

#endif
