/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Editing, history and completion of lines by libedit.
 *
 * libedit asks read_char() for each character of a terminal; waiting for it is
 * waiting for everything else, too.  Lines are UTF-8 on both sides; libedit
 * itself uses wide characters and the locale.
 */
#include "tools/line-editor-internal.h"

#include <fcntl.h>
#include <histedit.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

enum {
    MAX_LINES = 1000,       /* of the history */
    MAX_LINE_BYTES = 4096,  /* of a line that is remembered */
    MAX_HISTORY_BYTES = MAX_LINES * MAX_LINE_BYTES,
    MAX_LISTED = 200,       /* words that are listed at once */
};

struct LineEdit {
    EditLine *el;
    History *history;
    const char *prompt;
    bool is_interrupted;
    bool is_remembered; /* a line was added to the history */
};

/* ---- Characters ---- */

/* Handles what has arrived; returns true at SIGINT, which ends the line. */
static bool handle_signals(LineEditor *editor)
{
    int number;

    while ((number = line_editor_take_signal(editor))) {
        if (number == SIGINT) {
            return true;
        }
        if (number == SIGWINCH) {
            el_resize(editor->edit->el);
        } else {
            /* Continued after a stop: the terminal has another mode. */
            el_set(editor->edit->el, EL_PREP_TERM, 1);
            el_set(editor->edit->el, EL_REFRESH);
        }
    }
    return false;
}

/* Reads a byte; returns 1, 0 at the end of the input, -1 at SIGINT. */
static int read_byte(LineEditor *editor, char *byte)
{
    ssize_t n;

    do {
        line_editor_wait(editor);
        if (handle_signals(editor)) {
            editor->edit->is_interrupted = true;
            return -1;
        }
    } while (!line_editor_has_input());
    n = read(STDIN_FILENO, byte, 1);
    return n > 0 ? 1 : 0;
}

/*
 * The reader of libedit; returns as read_byte().  Bytes that are no character
 * are left out.
 */
static int read_char(EditLine *el, wchar_t *c)
{
    LineEditor *editor;
    mbstate_t state = { 0 };

    el_get(el, EL_CLIENTDATA, &editor);
    for (;;) {
        char byte;
        int n = read_byte(editor, &byte);
        size_t len;

        if (n <= 0) {
            return n;
        }
        len = mbrtowc(c, &byte, 1, &state);
        if (len == (size_t)-1) {
            memset(&state, 0, sizeof(state));
        } else if (len != (size_t)-2) {
            return 1;
        }
    }
}

/* libedit asks each time it draws the line. */
static char *get_prompt(EditLine *el)
{
    LineEditor *editor;

    el_get(el, EL_CLIENTDATA, &editor);
    return (char *)editor->edit->prompt;
}

/* ---- Completion ---- */

/* Returns the length of what all words begin with, before descriptions. */
static size_t common_length(const GPtrArray *words)
{
    const char *first = words->pdata[0];
    size_t len = strcspn(first, "\t");

    for (guint i = 1; i < words->len; i++) {
        const char *word = words->pdata[i];
        size_t same = 0;

        while (same < len && word[same] == first[same]) {
            same++;
        }
        len = same;
    }
    return len;
}

/* Prints the words below the line, with their descriptions, cut to fit. */
static void list_words(const GPtrArray *words)
{
    struct winsize size = { .ws_col = 80 };
    size_t width = 0;

    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    for (guint i = 0; i < words->len; i++) {
        width = MAX(width, strcspn(words->pdata[i], "\t"));
    }
    fputc('\n', stdout);
    for (guint i = 0; i < words->len && i < MAX_LISTED; i++) {
        const char *word = words->pdata[i];
        size_t len = strcspn(word, "\t");
        g_autofree char *line =
            g_strdup_printf("%-*.*s%s%s", (int)MIN(width, 40), (int)len, word,
                            word[len] ? "  " : "",
                            word[len] ? word + len + 1 : "");

        printf("%.*s\n", size.ws_col ? size.ws_col - 1 : 79, line);
    }
    if (words->len > MAX_LISTED) {
        printf("and %u more\n", words->len - MAX_LISTED);
    }
    fflush(stdout);
}

/* The function of the tabulator key */
static unsigned char complete(EditLine *el, int key)
{
    const LineInfo *info = el_line(el);
    g_autofree char *line = g_strndup(info->buffer,
                                      info->cursor - info->buffer);
    g_autofree char *text = NULL;
    g_autoptr(GPtrArray) words = NULL;
    g_autofree char *common = NULL;
    LineEditor *editor;
    size_t start = 0;
    size_t len;

    el_get(el, EL_CLIENTDATA, &editor);
    text = g_strconcat(editor->before, line, NULL);
    words = editor->funcs->complete(text, &start, editor->funcs->opaque);
    if (!words->len) {
        return CC_REFRESH_BEEP;
    }
    len = common_length(words);
    common = g_strndup(words->pdata[0], len);
    if (words->len > 1 && len <= strlen(text) - start) {
        list_words(words);
        return CC_REDISPLAY;
    }
    el_deletestr(el, g_utf8_strlen(text + start, -1));
    el_insertstr(el, common);
    /* After a whole word comes the next one, unless more of it follows. */
    if (words->len == 1 && (!len || !strchr("=,:/", common[len - 1]))) {
        el_insertstr(el, " ");
    }
    return CC_REFRESH;
}

/* ---- History ---- */

/* A file that is larger than this program writes is not read. */
static void load_history(LineEditor *editor)
{
    HistEvent event;
    struct stat st;

    history(editor->edit->history, &event, H_SETSIZE, MAX_LINES);
    history(editor->edit->history, &event, H_SETUNIQUE, 1);
    if (editor->history_path && !stat(editor->history_path, &st) &&
        S_ISREG(st.st_mode) && st.st_size <= 8 * MAX_HISTORY_BYTES) {
        history(editor->edit->history, &event, H_LOAD, editor->history_path);
    }
}

/*
 * A file that exists gets the mode, too: what a user has typed may be secret.
 * Failures are ignored, because the history is a convenience.
 */
static void save_history(LineEditor *editor)
{
    HistEvent event;
    FILE *file = NULL;
    int fd = open(editor->history_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0) {
        return;
    }
    if (!fchmod(fd, 0600) && !ftruncate(fd, 0)) {
        file = fdopen(fd, "w");
    }
    if (!file) {
        close(fd);
        return;
    }
    history(editor->edit->history, &event, H_SAVE_FP, file);
    fclose(file);
}

void line_editor_remember(LineEditor *editor, const char *line)
{
    g_autofree char *text = g_strdelimit(g_strdup(line), "\n", ' ');
    HistEvent event;

    if (!editor->edit || !*text || *text == ' ' ||
        strlen(text) > MAX_LINE_BYTES) {
        return;
    }
    history(editor->edit->history, &event, H_ENTER, text);
    editor->edit->is_remembered = true;
}

/* ---- The editor ---- */

void line_edit_init(LineEditor *editor, const char *program)
{
    struct LineEdit *edit = g_new0(struct LineEdit, 1);

    /*
     * libedit decodes by the locale; nothing else of it is used.  In the locale
     * "C" it would drop all bytes that are not ASCII, but QMP has UTF-8.
     */
    setlocale(LC_CTYPE, "");
    if (MB_CUR_MAX == 1) {
        setlocale(LC_CTYPE, "C.UTF-8");
    }
    edit->el = el_init(program, stdin, stdout, stderr);
    if (!edit->el) {
        g_free(edit);
        return;
    }
    edit->history = history_init();
    editor->edit = edit;
    load_history(editor);
    el_set(edit->el, EL_CLIENTDATA, editor);
    el_set(edit->el, EL_PROMPT, get_prompt);
    el_set(edit->el, EL_EDITOR, "emacs");
    el_set(edit->el, EL_SIGNAL, 0);
    el_set(edit->el, EL_HIST, history, edit->history);
    el_set(edit->el, EL_GETCFN, read_char);
    /* The function for narrow strings would leak copies of them. */
    el_wset(edit->el, EL_ADDFN, L"qom-complete", L"completes a word",
            complete);
    el_set(edit->el, EL_BIND, "^I", "qom-complete", NULL);
    el_set(edit->el, EL_BIND, "^R", "em-inc-search-prev", NULL);
    /* Settings of the user come last, so that they win. */
    el_source(edit->el, NULL);
}

void line_edit_cleanup(LineEditor *editor)
{
    struct LineEdit *edit = editor->edit;

    if (!edit) {
        return;
    }
    if (editor->history_path && edit->is_remembered) {
        save_history(editor);
    }
    el_end(edit->el);
    history_end(edit->history);
    g_free(edit);
    editor->edit = NULL;
}

LineEditorResult line_edit_read(LineEditor *editor, const char *prompt,
                                char **line)
{
    struct LineEdit *edit = editor->edit;
    const char *text;
    int n = 0;

    edit->prompt = prompt;
    edit->is_interrupted = false;
    /*
     * el_gets() would print the prompt first, and a control-D that was typed
     * before the mode has changed would be lost.
     */
    el_set(edit->el, EL_PREP_TERM, 1);
    text = el_gets(edit->el, &n);
    if (edit->is_interrupted) {
        el_reset(edit->el);
        return LINE_EDITOR_INTERRUPT;
    }
    if (!text || n <= 0) {
        return LINE_EDITOR_END;
    }
    if (n > LINE_EDITOR_MAX_BYTES) {
        return LINE_EDITOR_BAD;
    }
    *line = g_strndup(text, strcspn(text, "\n"));
    return LINE_EDITOR_LINE;
}

void line_editor_show(LineEditor *editor)
{
    if (editor->edit) {
        el_set(editor->edit->el, EL_REFRESH);
    } else if (editor->is_terminal) {
        fflush(stdout);
    }
}
