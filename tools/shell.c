/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qom shell: executes lines on one connection.
 *
 * Line      what a user types, or a line of a script; shell-line.c splits it
 * Verb      the first word: a verb of `qom`, a verb of the shell itself, or a
 *           command of the target, which is executed by `call`
 * Target    is chosen once, by the options of the shell.  If a program ends,
 *           the next line connects to its socket again
 *
 * The shell is a Tool with a table of verbs of its own, so lines are parsed and
 * completed like command lines.
 */
#include "tools/shell-internal.h"
#include "tools/output.h"
#include "tools/shell-line.h"
#include "tools/target.h"
#include "tools/verb-functions.h"

#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define PROMPT "qom> "
#define PROMPT_OPEN "...> "

struct Shell shell;

/* ---- Executing ---- */

/*
 * After SIGINT the terminal has shown "^C" where the prompt would be written.
 * The signal is taken: it does not end the wait for the next connection.
 */
static void end_interrupted_line(void)
{
    struct signalfd_siginfo info;

    if (read(shell.interrupt_fd, &info, sizeof(info)) > 0) {
        output_text("\n");
    }
}

/*
 * Tool.call.  watch blocks signals and leaves its watches on the connection, so
 * both are made as before.
 */
static int call(const Verb *verb, void *args)
{
    sigset_t mask;
    Error *err = NULL;
    int status;

    if (verb->flags & VERB_OF_SHELL) {
        return verb->run(args);
    }
    if (verb->flags & VERB_ASKS && !shell.socket) {
        error_setg(&err, "the shell has no program to ask");
        output_error(verb->name, err);
        return EXIT_FAILED;
    }
    /* They end at SIGINT themselves, on a connection that is there. */
    if (verb->flags & VERB_ASKS) {
        target_set_stop_fd(-1);
    }
    /* What the verb blocks would stay blocked for all later lines. */
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    status = verb->run(args);
    end_interrupted_line();
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    target_set_stop_fd(shell.interrupt_fd);
    if (verb->flags & VERB_ASKS && shell_is_connected() &&
        !shell_connect_again(&err)) {
        output_error(NULL, err);
        return EXIT_FAILED;
    }
    return status;
}

/* Words are those of a verb, or of a command, which is for `call`. */
static int execute_words(char **words, guint n)
{
    g_autoptr(GPtrArray) called = g_ptr_array_new();
    Error *err = NULL;

    /* The tool has a text of its own for this. */
    if (n == 1 && !strcmp(words[0], "help")) {
        return shell_help_verbs();
    }
    if (shell_find_verb(words[0])) {
        return tool_main(&shell.tool, words);
    }
    /* It would end the program, while the user wants to leave the shell. */
    if (!strcmp(words[0], "quit")) {
        error_setg(&err, "'exit' ends the shell, 'call quit' the program");
        return tool_usage_error("quit", err);
    }
    if (!shell_has_command(words[0])) {
        shell_set_unknown(words[0], &err);
        return tool_usage_error(NULL, err);
    }
    g_ptr_array_add(called, (char *)"call");
    for (guint i = 0; i <= n; i++) {
        g_ptr_array_add(called, words[i]);
    }
    return tool_main(&shell.tool, (char **)called->pdata);
}

/* Executes a line; events that have arrived are shown before and after. */
static int execute_line(const ShellLine *line)
{
    Error *err = NULL;
    int status;

    /* Blank lines and comments need no connection. */
    if (!shell_line_n_words(line)) {
        return EXIT_DONE;
    }
    shell_handle_events(NULL, shell.ready_fd);
    if (!shell_ensure_connection(&err)) {
        output_error(NULL, err);
        return EXIT_FAILED;
    }
    status = execute_words((char **)line->words->pdata,
                           shell_line_n_words(line));
    shell_handle_events(NULL, shell.ready_fd);
    shell_note_loss();
    return status;
}

/* ---- The shell ---- */

/* The target of the shell is that of all lines: they cannot choose another. */
static Option *copy_options(const Option *table)
{
    static const char *const left_out[] = { "s", "object", "plugin", NULL };
    GArray *copy = g_array_new(true, true, sizeof(Option));

    for (const Option *option = table; option->name; option++) {
        if (!g_strv_contains(left_out, option->name)) {
            g_array_append_val(copy, *option);
        }
    }
    return (Option *)(void *)g_array_free(copy, FALSE);
}

/* Builds the table of verbs: those of `qom` without run and the like. */
static void init_verbs(void)
{
    shell.verbs = g_array_new(true, true, sizeof(Verb));
    shell.options = g_ptr_array_new_with_free_func(g_free);
    for (const Verb *verb = qom_tool.verbs; verb->name; verb++) {
        Verb copy = *verb;

        if (!(verb->flags & (VERB_ALONE | VERB_SERVES))) {
            copy.options = copy_options(verb->options);
            g_ptr_array_add(shell.options, (Option *)copy.options);
            g_array_append_val(shell.verbs, copy);
        }
    }
    for (const Verb *verb = shell_own_verbs; verb->name; verb++) {
        g_array_append_vals(shell.verbs, verb, 1);
    }
    shell.tool = qom_tool;
    shell.tool.verbs = (const Verb *)(void *)shell.verbs->data;
    shell.tool.call = call;
    shell.tool.complete = shell_complete_kinds;
}

/* Returns (transfer full) the path of the history; NULL for none. */
static char *history_path(void)
{
    const char *path = g_getenv("QOM_HISTORY");

    /* An empty path is a wish for no history. */
    if (path) {
        return *path ? g_strdup(path) : NULL;
    }
    return g_build_filename(g_get_home_dir(), ".qom_history", NULL);
}

/*
 * Reads a line with all that belongs to it into @text; returns the result of
 * the last line.
 */
static LineEditorResult read_text(LineEditor *editor, GString *text,
                                  ShellLine *line)
{
    LineEditorResult result;
    char *more = NULL;

    do {
        shell_line_clear(line);
        result = line_editor_read(editor, text->len ? PROMPT_OPEN : PROMPT,
                                  text->str, &more);
        if (result != LINE_EDITOR_LINE) {
            break;
        }
        g_string_append(text, more);
        g_free(more);
        shell_line_init(line, text->str);
        if (shell_line_is_open(line)) {
            g_string_append_c(text, '\n');
        }
        if (text->len > LINE_EDITOR_MAX_BYTES) {
            return LINE_EDITOR_BAD;
        }
    } while (shell_line_is_open(line));
    return result;
}

/* Reads and executes one line; returns its exit code. */
static int handle_line(LineEditor *editor)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_auto(ShellLine) line = { NULL };
    Error *err = NULL;

    switch (read_text(editor, text, &line)) {
    case LINE_EDITOR_LINE:
        /* Lines that fail are remembered, too: they are edited most. */
        line_editor_remember(editor, text->str);
        return execute_line(&line);
    case LINE_EDITOR_INTERRUPT:
        return EXIT_DONE;
    case LINE_EDITOR_BAD:
        error_setg(&err, "a line is too long, or has a NUL byte");
        return tool_usage_error(NULL, err);
    case LINE_EDITOR_END:
        shell.ends = true;
        if (!text->len) {
            return EXIT_DONE;
        }
        error_setg(&err, "the input ends inside quotes or brackets");
        return tool_usage_error(NULL, err);
    }
    g_assert_not_reached();
}

/*
 * The line editor blocks SIGINT, and takes what has arrived before it reads a
 * line.  Until then a command that waits for its reply sees it here.
 */
static int open_interrupt_fd(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int action_shell(void *opaque)
{
    static const LineEditorFuncs funcs = { shell_complete,
                                           shell_wait_for_input, NULL };
    const Args *args = opaque;
    g_autofree char *history = history_path();
    LineEditor *editor;
    int status = EXIT_DONE;

    init_verbs();
    shell.socket = target_client() ? g_strdup(target_name()) : NULL;
    shell.shows_events = args->events;
    shell.ready_fd = eventfd(1, EFD_CLOEXEC);
    /* A line is executed although lines before it have failed. */
    editor = line_editor_new("qom", history, &funcs);
    shell.interrupt_fd = line_editor_is_terminal(editor) ? open_interrupt_fd()
                                                         : -1;
    target_set_stop_fd(shell.interrupt_fd);
    if (target_client()) {
        shell_use_connection();
    }
    while (!shell.ends) {
        int failure = handle_line(editor);

        status = failure ? failure : status;
    }
    line_editor_free(editor);
    close(shell.ready_fd);
    if (shell.interrupt_fd >= 0) {
        close(shell.interrupt_fd);
    }
    g_free(shell.socket);
    g_ptr_array_unref(shell.options);
    g_array_unref(shell.verbs);
    return status;
}
