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
#include "qapi/json/json.h"
#include "qapi/suggestion.h"
#include "tools/complete-values.h"
#include "tools/line-editor.h"
#include "tools/output.h"
#include "tools/shell-line.h"
#include "tools/target-info.h"
#include "tools/target.h"
#include "tools/verb-functions.h"
#include "tools/watch-names.h"
#include "util/safe-text.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define PROMPT "qom> "
#define PROMPT_OPEN "...> "

/* A process has one shell, so it is a variable, like the target. */
static struct Shell {
    Tool tool;
    GArray *verbs;       /* of Verb, ends with one without a name */
    GPtrArray *options;  /* of Option *: the tables of `verbs` */
    char *socket;        /* (nullable) of the target */
    bool shows_events;
    bool is_lost;        /* the user knows that the connection has ended */
    bool ends;
    int ready_fd;        /* always readable */
} shell;

/* ---- Connection ---- */

/* This process is always there. */
static bool is_connected(void)
{
    return !shell.socket || (target_client() && target_is_there());
}

/* Reports once that the connection has ended. */
static void note_loss(void)
{
    g_autoptr(GString) text = g_string_new("qom: ");

    if (is_connected() || shell.is_lost) {
        return;
    }
    shell.is_lost = true;
    safe_text_append(text, shell.socket, "");
    g_string_append(text, ": the connection has ended; the next line "
                          "connects again\n");
    output_diagnostics(text->str);
}

/*
 * Connects to the socket, also if there is a connection.  Nothing of the old
 * one remains: neither watches nor kept events.
 */
static bool connect_again(Error **errp)
{
    target_disconnect();
    if (!target_connect(shell.socket, errp)) {
        return false;
    }
    if (shell.shows_events) {
        qmp_client_keep_events(target_client());
    }
    return true;
}

/* Connects if there is no connection; returns false with @errp set. */
static bool ensure_connection(Error **errp)
{
    g_autofree char *text = NULL;

    if (is_connected()) {
        return true;
    }
    if (!connect_again(errp)) {
        return false;
    }
    text = g_strdup_printf("qom: %s: connected again\n", shell.socket);
    output_diagnostics(text);
    shell.is_lost = false;
    return true;
}

/* ---- Events ---- */

/*
 * Prints events until @fd is readable or the connection ends.
 * @editor: (nullable) whose line is on the terminal
 */
static void handle_events(LineEditor *editor, int fd)
{
    while (target_client() && target_is_there()) {
        g_autoptr(Error) err = NULL;
        g_autoptr(JsonNode) event =
            qmp_client_next_event(target_client(), fd, &err);

        if (!event && target_is_there()) {
            return;
        }
        if (editor) {
            line_editor_hide(editor);
        }
        if (event) {
            watch_names_output(event);
        } else {
            note_loss();
        }
        if (editor) {
            line_editor_show(editor);
        }
    }
}

/* LineEditorFuncs.wait: without a connection, input is all there is. */
static void wait_for_input(LineEditor *editor, int fd, void *opaque)
{
    struct pollfd input = { .fd = fd, .events = POLLIN };

    handle_events(editor, fd);
    if (!target_client() || !target_is_there()) {
        poll(&input, 1, -1);
    }
}

/* ---- Verbs of the shell ---- */

/* Returns the verb of the shell with a name; NULL if there is none. */
static const Verb *find_verb(const char *name)
{
    for (const Verb *verb = shell.tool.verbs; verb->name; verb++) {
        if (!strcmp(verb->name, name)) {
            return verb;
        }
    }
    return NULL;
}

/* Returns the commands of the target; NULL if it has none or is not there. */
static const GPtrArray *commands(void)
{
    return is_connected() ? target_commands(NULL) : NULL;
}

/* Returns true if the target has a command. */
static bool has_command(const char *name)
{
    const GPtrArray *names = commands();

    for (guint i = 0; names && i < names->len; i++) {
        if (!strcmp(names->pdata[i], name)) {
            return true;
        }
    }
    return false;
}

/* Prints the verbs; the tool's own text is about its command line. */
static int help_verbs(void)
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
    return output_text(text->str);
}

/* Sets the error of a name that is neither a verb nor a command. */
static void set_unknown(const char *name, Error **errp)
{
    ERRP_GUARD();
    const GPtrArray *names = commands();
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

/* help TOPIC: a verb is explained like by its option -help. */
static int run_help(void *opaque)
{
    const Args *args = opaque;
    char *name = args->base.rest->pdata[0];
    char *words[] = { name, (char *)"-help", NULL };
    Error *err = NULL;

    if (find_verb(name)) {
        return tool_main(&shell.tool, words);
    }
    if (has_command(name)) {
        return help_command(name);
    }
    set_unknown(name, &err);
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
    if (!connect_again(&err)) {
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

/* The verbs of the shell itself; they come after those of `qom`. */
static const Verb shell_verbs[] = {
    {
        .name = "help",
        .args = "[TOPIC]",
        .options = no_options,
        .min_args = 1,
        .max_args = 1,
        .summary = "list the verbs, or explain a verb or a command",
        .doc = "Explains the verb or the command TOPIC.\n",
        .example = "help get",
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
        .run = run_events,
    },
    {
        .name = "exit",
        .options = no_options,
        .summary = "end the shell",
        .doc = "Ends the shell, not the program.\n",
        .example = "exit",
        .run = run_exit,
    },
};

/* ---- Executing ---- */

/*
 * Tool.call.  watch blocks signals and leaves its watches on the connection, so
 * both are made as before.
 */
static int call(const Verb *verb, void *args)
{
    sigset_t mask;
    Error *err = NULL;
    int status;

    /* They work on the shell. */
    if (verb->run == run_exit || verb->run == run_help ||
        verb->run == run_events) {
        return verb->run(args);
    }
    if (verb->flags & VERB_ASKS && !shell.socket) {
        error_setg(&err, "the shell has no program to ask");
        output_error(verb->name, err);
        return EXIT_FAILED;
    }
    /* What the verb blocks would stay blocked for all later lines. */
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    status = verb->run(args);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    if (verb->flags & VERB_ASKS && is_connected() && !connect_again(&err)) {
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
        return help_verbs();
    }
    if (find_verb(words[0])) {
        return tool_main(&shell.tool, words);
    }
    /* It would end the program, while the user wants to leave the shell. */
    if (!strcmp(words[0], "quit")) {
        error_setg(&err, "'exit' ends the shell, 'call quit' the program");
        return tool_usage_error("quit", err);
    }
    if (!has_command(words[0])) {
        set_unknown(words[0], &err);
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
    handle_events(NULL, shell.ready_fd);
    if (!ensure_connection(&err)) {
        output_error(NULL, err);
        return EXIT_FAILED;
    }
    status = execute_words((char **)line->words->pdata,
                           shell_line_n_words(line));
    handle_events(NULL, shell.ready_fd);
    note_loss();
    return status;
}

/* ---- Completion ---- */

/*
 * Offers the names in the folder before the last '/'.  Names of folders end in
 * '/', so that completion can go on in them.
 */
static void add_files(Completions *out)
{
    const char *slash = strrchr(out->text, '/');
    g_autofree char *head = g_strndup(out->text,
                                      slash ? slash + 1 - out->text : 0);
    g_autoptr(GDir) dir = g_dir_open(*head ? head : ".", 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_strconcat(head, name, NULL);
        const char *tail = g_file_test(path, G_FILE_TEST_IS_DIR) ? "/" : "";

        completions_add_after(out, path, tail, NULL);
    }
}

/* Tool.complete */
static void complete_kinds(const CompletionLine *line, const char *kind,
                           Completions *out)
{
    /* A topic of help is a verb or a command, and so is the first word. */
    bool is_topic = !strcmp(kind, "TOPIC");
    const GPtrArray *names;

    if (!strcmp(kind, "ON-OFF")) {
        completions_add(out, "on", NULL);
        completions_add(out, "off", NULL);
    } else if (is_topic || !strcmp(kind, "VERB")) {
        names = commands();
        for (guint i = 0; names && i < names->len; i++) {
            completions_add(out, names->pdata[i], NULL);
        }
        for (const Verb *verb = shell.tool.verbs; is_topic && verb->name;
             verb++) {
            completions_add(out, verb->name, verb->summary);
        }
    } else if (is_connected()) {
        complete_values(line, kind, out);
    }
}

/*
 * Quotes what a line would read in another way.  A description, after a
 * tabulator, stays as it is.
 */
static void quote_words(GPtrArray *words)
{
    for (guint i = 0; i < words->len; i++) {
        char *line = words->pdata[i];
        size_t len = strcspn(line, "\t");
        g_autofree char *word = g_strndup(line, len);
        g_autofree char *quoted = shell_line_quote(word);

        words->pdata[i] = g_strconcat(quoted, line + len, NULL);
        g_free(line);
    }
}

/* LineEditorFuncs.complete */
static GPtrArray *complete(const char *text, size_t *start, void *opaque)
{
    g_auto(ShellLine) line = { NULL };
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    g_auto(Completions) found = { NULL };
    bool is_new;

    shell_line_init(&line, text);
    is_new = line.end == SHELL_LINE_BLANK || !shell_line_n_words(&line);
    *start = is_new ? strlen(text) : line.last_start;
    for (guint i = 0; i < shell_line_n_words(&line); i++) {
        g_ptr_array_add(words, line.words->pdata[i]);
    }
    if (is_new) {
        g_ptr_array_add(words, (char *)"");
    }
    /* A command is completed like the argument of `call` that it is. */
    if (words->len > 1 && !find_verb(words->pdata[0])) {
        g_ptr_array_insert(words, 0, (char *)"call");
    }
    completions_init(&found, words->pdata[words->len - 1]);
    if (!shell_line_is_open(&line) && line.end != SHELL_LINE_COMMENT) {
        tool_complete(&shell.tool, (char **)words->pdata, words->len, &found);
        if (found.files) {
            add_files(&found);
        }
        quote_words(found.words);
    }
    return g_steal_pointer(&found.words);
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
    g_array_append_vals(shell.verbs, shell_verbs, G_N_ELEMENTS(shell_verbs));
    shell.tool = qom_tool;
    shell.tool.verbs = (const Verb *)(void *)shell.verbs->data;
    shell.tool.call = call;
    shell.tool.complete = complete_kinds;
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

int action_shell(void *opaque)
{
    static const LineEditorFuncs funcs = { complete, wait_for_input, NULL };
    const Args *args = opaque;
    g_autofree char *history = history_path();
    LineEditor *editor;
    int status = EXIT_DONE;

    init_verbs();
    shell.socket = target_client() ? g_strdup(target_name()) : NULL;
    shell.shows_events = args->events;
    shell.ready_fd = eventfd(1, EFD_CLOEXEC);
    if (shell.shows_events && target_client()) {
        qmp_client_keep_events(target_client());
    }
    /* A line is executed although lines before it have failed. */
    editor = line_editor_new("qom", history, &funcs);
    while (!shell.ends) {
        int failure = handle_line(editor);

        status = failure ? failure : status;
    }
    line_editor_free(editor);
    close(shell.ready_fd);
    g_free(shell.socket);
    g_ptr_array_unref(shell.options);
    g_array_unref(shell.verbs);
    return status;
}
