/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What both tools do: find the verb, parse its options, execute it, print help.
 *
 * A command line is a verb and its options and arguments, or options of the
 * program itself, such as -version.  Options of a verb are parsed into a struct
 * that the tool defines, of Tool.args_size bytes; this file knows only its
 * first member, a ToolArgs.
 */
#include "tools/tool.h"
#include "qapi/suggestion.h"
#include "tools/complete.h"
#include "tools/output.h"

#include <stddef.h>
#include <string.h>

#define VERB_COLUMN 12

/* Options of the program itself, given in place of a verb. */
typedef struct MainArgs {
    bool help;
    bool version;
    bool man_page;
} MainArgs;

const Option tool_main_options[] = {
    { "help", OPTION_FLAG, offsetof(MainArgs, help), NULL,
      "print this text" },
    { "version", OPTION_FLAG, offsetof(MainArgs, version), NULL,
      "print the version" },
    /* Only the build uses it, so help does not show it. */
    { "man-page", OPTION_FLAG, offsetof(MainArgs, man_page), NULL, NULL },
    { NULL },
};

/* ---- Help ---- */

/* Prints the help of the program, which lists the verbs. */
static int print_main_help(const Tool *tool)
{
    g_autoptr(GString) text = g_string_new(NULL);

    g_string_append_printf(text,
                           "usage: %s VERB [OPTION | ARGUMENT]...\n\n%s\n"
                           "verbs:\n", tool->name, tool->intro);
    for (const Verb *verb = tool->verbs; verb->name; verb++) {
        g_string_append_printf(text, "  %-*s%s\n", VERB_COLUMN, verb->name,
                               verb->summary);
    }
    g_string_append(text, "\noptions:\n");
    options_append_help(tool_main_options, text);
    g_string_append_printf(text,
                           "\n'%s VERB -help' says more.  Options take one "
                           "dash or two.\n"
                           "Exit status: 0 done, 1 failed, 2 wrong usage.\n",
                           tool->name);
    return output_text(text->str);
}

/* Prints the help of a verb: its Verb.doc, where the list has the summary. */
static int print_verb_help(const Tool *tool, const Verb *verb)
{
    g_autoptr(GString) text = g_string_new(NULL);

    g_string_append_printf(text, "usage: %s %s", tool->name, verb->name);
    options_append_synopsis(verb->options, text);
    g_string_append_printf(text, "%s%s\n\n%s\noptions:\n",
                           verb->args ? " " : "",
                           verb->args ? verb->args : "", verb->doc);
    options_append_help(verb->options, text);
    g_string_append_printf(text, "\nexample:\n  %s\n", verb->example);
    return output_text(text->str);
}

/* Prints roff, which the build redirects to a file. */
static int print_man_page(const Tool *tool)
{
    g_autoptr(GString) text = g_string_new(NULL);

    tool_append_man(tool, tool_main_options, text);
    return output_text(text->str);
}

/* ---- Executing ---- */

int tool_usage_error(const char *verb, Error *err)
{
    output_error(verb, err);
    return EXIT_USAGE;
}

/* Checks the number of arguments that are not options. */
static bool check_n_args(const Tool *tool, const Verb *verb,
                         const ToolArgs *args, Error **errp)
{
    if (args->n_rest < verb->min_args) {
        error_setg(errp, "too few arguments; see '%s %s -help'", tool->name,
                   verb->name);
        return false;
    }
    if (args->n_rest > verb->max_args) {
        error_setg(errp, "unexpected argument '%s'",
                   (char *)args->rest->pdata[verb->max_args]);
        return false;
    }
    return true;
}

/* Executes a verb whose options are in @args; -help wins over all else. */
static int run_parsed(const Tool *tool, const Verb *verb, ToolArgs *args)
{
    Error *err = NULL;

    if (args->help) {
        return print_verb_help(tool, verb);
    }
    /* Count before the NULL is added, which lets verbs read rest[0] as is. */
    args->n_rest = args->rest->len;
    if (!check_n_args(tool, verb, args, &err)) {
        return tool_usage_error(verb->name, err);
    }
    g_ptr_array_add(args->rest, NULL);
    return tool->call(verb, args);
}

/* Parses the options and arguments after the verb, and executes it. */
static int run_verb(const Tool *tool, const Verb *verb, char **argv)
{
    g_autofree ToolArgs *args = g_malloc0(tool->args_size);
    g_autoptr(GPtrArray) rest = g_ptr_array_new();
    Error *err = NULL;
    int status;

    /* Lists are freed also if parsing stops in the middle. */
    args->rest = rest;
    if (options_parse(verb->options, argv, args, rest, &err)) {
        status = run_parsed(tool, verb, args);
    } else {
        status = tool_usage_error(verb->name, err);
    }
    options_clear(verb->options, args);
    return status;
}

/* Executes a command line that begins with an option, or is empty. */
static int run_main_options(const Tool *tool, char **argv)
{
    g_autoptr(GPtrArray) rest = g_ptr_array_new();
    MainArgs args = { false };
    Error *err = NULL;

    if (!options_parse(tool_main_options, argv, &args, rest, &err)) {
        return tool_usage_error(NULL, err);
    }
    if (args.help) {
        return print_main_help(tool);
    }
    if (args.man_page) {
        return print_man_page(tool);
    }
    if (args.version) {
        g_autofree char *text = g_strdup_printf("%s %s\n", tool->name,
                                                tool->version);

        return output_text(text);
    }
    error_setg(&err, "a verb is needed; see '%s -help'", tool->name);
    return tool_usage_error(NULL, err);
}

/* Reports a verb that does not exist, and the one that was probably meant. */
static void unknown_verb(const Tool *tool, const char *name, Error **errp)
{
    ERRP_GUARD();
    Suggestion suggestion;

    error_setg(errp, "unknown verb '%s'; see '%s -help'", name, tool->name);
    suggestion_init(&suggestion, name);
    for (const Verb *verb = tool->verbs; verb->name; verb++) {
        suggestion_offer(&suggestion, verb->name);
    }
    suggestion_append_hint(&suggestion, errp);
}

/* Returns: (nullable) the verb of this name */
static const Verb *find_verb(const Tool *tool, const char *name)
{
    for (const Verb *verb = tool->verbs; verb->name; verb++) {
        if (!strcmp(verb->name, name)) {
            return verb;
        }
    }
    return NULL;
}

int tool_main(const Tool *tool, char **argv)
{
    char *asks_help[] = { NULL, (char *)"-help", NULL };
    Error *err = NULL;
    const Verb *verb;

    if (!argv[0] || argv[0][0] == '-') {
        return run_main_options(tool, argv);
    }
    verb = find_verb(tool, argv[0]);
    /*
     * Many programs have this verb, and users try it first.  A tool may have
     * its own.
     */
    if (!verb && !strcmp(argv[0], "help")) {
        if (!argv[1]) {
            return print_main_help(tool);
        }
        asks_help[0] = argv[1];
        argv = asks_help;
        verb = find_verb(tool, argv[0]);
    }
    /* For the completion of shells; no help shows it. */
    if (!strcmp(argv[0], "complete")) {
        argv += argv[1] && !strcmp(argv[1], "--");
        return tool_print_completions(tool, argv + 1);
    }
    if (verb) {
        return run_verb(tool, verb, argv + 1);
    }
    unknown_verb(tool, argv[0], &err);
    return tool_usage_error(NULL, err);
}
