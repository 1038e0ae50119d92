/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading lines: what is common to a terminal and other input, and lines
 * without editing.  line-editor-edit.c has what libedit does.
 *
 * Waiting: an epoll file descriptor joins standard input and the signals that
 * end a line, so that the caller can wait for both and for its own events.
 */
#include "tools/line-editor-internal.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* ---- Waiting ---- */

/*
 * Signals are blocked and read as data.  A handler would have to interrupt
 * whatever the caller waits for.
 */
static void open_wait_fd(LineEditor *editor)
{
    struct epoll_event event = { .events = EPOLLIN };
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGWINCH);
    sigaddset(&set, SIGCONT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    editor->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    editor->wait_fd = epoll_create1(EPOLL_CLOEXEC);
    if (editor->signal_fd >= 0 && editor->wait_fd >= 0) {
        epoll_ctl(editor->wait_fd, EPOLL_CTL_ADD, editor->signal_fd, &event);
        epoll_ctl(editor->wait_fd, EPOLL_CTL_ADD, STDIN_FILENO, &event);
    }
}

int line_editor_take_signal(LineEditor *editor)
{
    struct signalfd_siginfo info;

    if (read(editor->signal_fd, &info, sizeof(info)) != sizeof(info)) {
        return 0;
    }
    return info.ssi_signo;
}

/* Waiting ends with a signal, too; reading would then block. */
bool line_editor_has_input(void)
{
    struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };

    return poll(&in, 1, 0) > 0;
}

void line_editor_wait(LineEditor *editor)
{
    if (editor->funcs->wait && editor->wait_fd >= 0) {
        editor->funcs->wait(editor, editor->wait_fd, editor->funcs->opaque);
    }
}

/* ---- Lines without editing ---- */

/*
 * Bytes of a terminal are read one by one, so that none waits in a buffer of
 * stdio while the caller waits for the file descriptor.  stdio reads other
 * input.
 */
static int read_byte(LineEditor *editor)
{
    unsigned char byte;

    if (!editor->is_terminal) {
        return getc_unlocked(stdin);
    }
    do {
        line_editor_wait(editor);
        if (line_editor_take_signal(editor) == SIGINT) {
            return LINE_EDITOR_SIGNAL;
        }
    } while (!line_editor_has_input());
    return read(STDIN_FILENO, &byte, 1) == 1 ? byte : EOF;
}

static LineEditorResult read_plain(LineEditor *editor, const char *prompt,
                                   char **line)
{
    g_autoptr(GString) text = g_string_new(NULL);
    bool is_bad = false;
    int c;

    if (editor->is_terminal) {
        fputs(prompt, stdout);
        fflush(stdout);
    }
    while ((c = read_byte(editor)) >= 0 && c != '\n') {
        /* A NUL would cut the line in silence. */
        is_bad = is_bad || !c || text->len >= LINE_EDITOR_MAX_BYTES;
        if (!is_bad) {
            g_string_append_c(text, c);
        }
    }
    if (c == LINE_EDITOR_SIGNAL) {
        return LINE_EDITOR_INTERRUPT;
    }
    if (is_bad) {
        return LINE_EDITOR_BAD;
    }
    if (c == EOF && !text->len) {
        return LINE_EDITOR_END;
    }
    *line = g_string_free(g_steal_pointer(&text), FALSE);
    return LINE_EDITOR_LINE;
}

/* ---- The editor ---- */

LineEditor *line_editor_new(const char *program, const char *history,
                            const LineEditorFuncs *funcs)
{
    LineEditor *editor = g_new0(LineEditor, 1);

    editor->funcs = funcs;
    editor->history_path = g_strdup(history);
    editor->signal_fd = -1;
    editor->wait_fd = -1;
    editor->is_terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    if (editor->is_terminal) {
        open_wait_fd(editor);
        line_edit_init(editor, program);
    }
    return editor;
}

void line_editor_free(LineEditor *editor)
{
    line_edit_cleanup(editor);
    if (editor->signal_fd >= 0) {
        close(editor->signal_fd);
    }
    if (editor->wait_fd >= 0) {
        close(editor->wait_fd);
    }
    g_free(editor->history_path);
    g_free(editor);
}

bool line_editor_is_terminal(const LineEditor *editor)
{
    return editor->is_terminal;
}

LineEditorResult line_editor_read(LineEditor *editor, const char *prompt,
                                  const char *before, char **line)
{
    LineEditorResult result;

    /* SIGINT during the last command is about that command. */
    while (editor->is_terminal && line_editor_take_signal(editor)) {
    }
    editor->before = before;
    result = editor->edit ? line_edit_read(editor, prompt, line)
                          : read_plain(editor, prompt, line);
    if (editor->is_terminal && result != LINE_EDITOR_LINE) {
        /* Without editing, the terminal has shown the "^C" itself. */
        fputs(editor->edit && result == LINE_EDITOR_INTERRUPT ? "^C\n" : "\n",
              stdout);
        fflush(stdout);
    }
    return result;
}

void line_editor_hide(LineEditor *editor)
{
    if (editor->is_terminal) {
        fputs("\r\033[K", stdout);
        fflush(stdout);
    }
}
