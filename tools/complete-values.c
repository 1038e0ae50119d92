/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The words of arguments and values of `qom`.
 *
 * Kind      the name of an argument or value in the tables of verbs; each has a
 *           function, which offers its words
 * Target    where the names of objects, types, commands and values come from:
 *           the program at the socket, or this process with its plugins
 *
 * All names come from replies that target_execute() has checked, or that
 * QapiInfo reads; completions_add() leaves out what a shell would act on.
 */
#include "tools/complete-values.h"
#include "qom/plugin.h"
#include "tools/complete-internal.h"
#include "tools/output.h"
#include "tools/target.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

/* A user who presses the tabulator key does not wait longer. */
#define TIME_LIMIT_S 2

/* ---- Kinds ---- */

/* ADDR: the forms that docs/qmp.md describes; paths are the user's to type */
static void complete_address(const CompletionLine *line, Completions *out)
{
    static const char *const words[] = { "stdio", "unix:", "tcp:", "fd:" };

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        completions_add(out, words[i], NULL);
    }
}

void complete_values(const CompletionLine *line, const char *kind,
                     Completions *out)
{
    static const struct {
        const char *kind;
        void (*complete)(const CompletionLine *line, Completions *out);
    } kinds[] = {
        { "PATH", complete_path },       { "ID", complete_id },
        { "PROPERTY", complete_property }, { "VALUE", complete_value },
        { "TYPE", complete_type },       { "OPTS", complete_object },
        { "COMMAND", complete_command }, { "ARG=VALUE", complete_argument },
        { "ADDR", complete_address },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (!strcmp(kinds[i].kind, kind)) {
            kinds[i].complete(line, out);
        }
    }
}

/* ---- Command lines ---- */

/* Nothing was printed yet, so the shell offers nothing. */
static void give_up(int number)
{
    _exit(EXIT_DONE);
}

void complete_command_line(const CompletionLine *line, const char *kind,
                           Completions *out)
{
    const char *socket;
    const char *plugin;
    bool here;

    if (!line->verb) {
        return;
    }
    socket = completion_option(line, "s", 0);
    here = completion_option(line, "object", 0) ||
           completion_option(line, "plugin", 0);

    /*
     * A timer of the process covers all that can take time: connecting, any
     * number of replies, and a plugin.
     */
    signal(SIGALRM, give_up);
    alarm(TIME_LIMIT_S);
    for (guint i = 0; (plugin = completion_option(line, "plugin", i)); i++) {
        plugin_load(plugin, NULL);
    }
    if (!socket && !here) {
        socket = g_getenv("QOM_SOCKET");
    }
    /* run and what it has on its line are about this process alone. */
    if (socket && *socket && strcmp(line->verb->name, "run") &&
        !target_connect(socket, NULL)) {
        return;
    }
    complete_values(line, kind, out);
    target_disconnect();
}
