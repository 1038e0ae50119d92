/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verbs of `qom shell` itself, which work on the shell, and the names of
 * all that can be typed there.
 *
 * Name      the first word of a line: a verb of the table, which begins with
 *           those of `qom`, or a command of the target
 * Help      of a verb comes from the table, of a command from the schema of the
 *           target
 */
#include "tools/shell-internal.h"
#include "qapi/suggestion.h"
#include "tools/output.h"
#include "tools/target-info.h"
#include "tools/target.h"
#include "util/safe-text.h"

#include <string.h>

/* ---- Names ---- */

/* Returns the verb of the shell with a name; NULL if there is none. */
const Verb *shell_find_verb(const char *name)
{
    for (const Verb *verb = shell.tool.verbs; verb->name; verb++) {
        if (!strcmp(verb->name, name)) {
            return verb;
        }
    }
    return NULL;
}

/* Returns the commands of the target; NULL if it has none or is not there. */
const GPtrArray *shell_commands(void)
{
    return shell_is_connected() ? target_commands(NULL) : NULL;
}

/* Returns true if the target has a command. */
bool shell_has_command(const char *name)
{
    const GPtrArray *names = shell_commands();

    for (guint i = 0; names && i < names->len; i++) {
        if (!strcmp(names->pdata[i], name)) {
            return true;
        }
    }
    return false;
}

/* Prints the verbs; the tool's own text is about its command line. */
int shell_help_verbs(void)
{
    g_autoptr(GString) text = g_string_new("verbs:\n");

    for (const Verb *verb = shell.tool.verbs; verb->name; verb++) {
        g_string_append_printf(text, "  %-12s%s\n", verb->name, verb->summary);
    }
    g_string_append(text, "\nA command of the program is a verb, too: COMMAND "
                          "ARG=VALUE..., or COMMAND JSON.\n'help NAME' says "
                          "more about a verb or a command.\n");
    return output_text(text->str);
}

/*
 * Prints the arguments of a command with their types, as the schema of the
 * target has them.  Texts of a schema are not part of introspection.
 */
static int help_command(const char *name)
{
    g_autoptr(GString) text = g_string_new("usage: ");
    g_autoptr(GArray) members = NULL;
    const QapiInfo *info;
    Error *err = NULL;

    if (!target_info(&info, &err)) {
        output_error(NULL, err);
        return EXIT_FAILED;
    }
    safe_text_append(text, name, "");
    members = info && qapi_info_has(info, "command", name)
                  ? qapi_info_members(info, qapi_info_argument_type(info, name),
                                      NULL)
                  : NULL;
    /* Without a schema any argument may be right. */
    g_string_append(text, !members || members->len
                              ? " [ARG=VALUE... | JSON]\n" : "\n");
    if (members && members->len) {
        g_string_append(text, "\narguments:\n");
    }
    for (guint i = 0; members && i < members->len; i++) {
        const QapiInfoMember *member = &g_array_index(members, QapiInfoMember,
                                                      i);
        g_autofree char *doc = qapi_info_describe(info, member->type);

        g_string_append(text, "  ");
        safe_text_append(text, member->name, "");
        g_string_append(text, "=  ");
        safe_text_append(text, doc, "");
        g_string_append(text, member->optional ? " (optional)\n" : "\n");
    }
    /* The schema has no more of a device than its driver and its id. */
    if (!strcmp(name, "device_add")) {
        g_string_append(text, "  PROPERTY=  one of the device: 'props DRIVER' "
                              "lists them (optional)\n");
    }
    return output_text(text->str);
}

/* Sets the error of a name that is neither a verb nor a command. */
void shell_set_unknown(const char *name, Error **errp)
{
    ERRP_GUARD();
    const GPtrArray *names = shell_commands();
    Suggestion suggestion;

    error_setg(errp, "there is no verb or command '%s'; see 'help'", name);
    suggestion_init(&suggestion, name);
    for (const Verb *verb = shell.tool.verbs; verb->name; verb++) {
        suggestion_offer(&suggestion, verb->name);
    }
    for (guint i = 0; names && i < names->len; i++) {
        suggestion_offer(&suggestion, names->pdata[i]);
    }
    suggestion_append_hint(&suggestion, errp);
}

/* ---- Verbs ---- */

/* help TOPIC: a verb is explained like by its option -help. */
static int run_help(void *opaque)
{
    const Args *args = opaque;
    char *name = args->base.rest->pdata[0];
    char *words[] = { name, (char *)"-help", NULL };
    Error *err = NULL;

    if (shell_find_verb(name)) {
        return tool_main(&shell.tool, words);
    }
    if (shell_has_command(name)) {
        return help_command(name);
    }
    shell_set_unknown(name, &err);
    return tool_usage_error(NULL, err);
}

/* events on, events off */
static int run_events(void *opaque)
{
    const Args *args = opaque;
    const char *state = args->base.rest->pdata[0];
    Error *err = NULL;

    if (strcmp(state, "on") && strcmp(state, "off")) {
        error_setg(&err, "'on' or 'off' is needed, not '%s'", state);
        return tool_usage_error("events", err);
    }
    if (!shell.socket) {
        error_setg(&err, "the shell has no program that sends events");
        output_error("events", err);
        return EXIT_FAILED;
    }
    shell.shows_events = !strcmp(state, "on");
    /* A connection either keeps events or not, so "off" needs a new one. */
    if (!shell_connect_again(&err)) {
        output_error(NULL, err);
        return EXIT_FAILED;
    }
    return EXIT_DONE;
}

/* The loop ends after the line. */
static int run_exit(void *opaque)
{
    shell.ends = true;
    return EXIT_DONE;
}

static const Option no_options[] = {
    { "help", OPTION_FLAG, offsetof(Args, base.help), NULL, "print this text" },
    { NULL },
};

const Verb shell_own_verbs[] = {
    {
        .name = "help",
        .args = "[TOPIC]",
        .options = no_options,
        .min_args = 1,
        .max_args = 1,
        .summary = "list the verbs, or explain a verb or a command",
        .doc = "Explains the verb or the command TOPIC.\n",
        .example = "help get",
        .flags = VERB_OF_SHELL,
        .run = run_help,
    },
    {
        .name = "events",
        .args = "ON-OFF",
        .options = no_options,
        .min_args = 1,
        .max_args = 1,
        .summary = "begin or end to show events",
        .doc = "With 'on', events of the program are shown when they arrive; "
               "with 'off', no\nlonger.\n",
        .example = "events on",
        .flags = VERB_OF_SHELL,
        .run = run_events,
    },
    {
        .name = "exit",
        .options = no_options,
        .summary = "end the shell",
        .doc = "Ends the shell, not the program.\n",
        .example = "exit",
        .flags = VERB_OF_SHELL,
        .run = run_exit,
    },
    { .name = NULL },
};
