/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Completion of a line of `qom shell`: that of a command line, and the words
 * that only the shell has.
 */
#include "tools/shell-internal.h"
#include "tools/complete-values.h"
#include "tools/shell-line.h"
#include "tools/target-info.h"

#include <string.h>

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
void shell_complete_kinds(const CompletionLine *line, const char *kind,
                           Completions *out)
{
    /* A topic of help is a verb or a command, and so is the first word. */
    bool is_topic = !strcmp(kind, "TOPIC");
    const GPtrArray *names;

    if (!strcmp(kind, "ON-OFF")) {
        completions_add(out, "on", NULL);
        completions_add(out, "off", NULL);
    } else if (is_topic || !strcmp(kind, "VERB")) {
        names = shell_commands();
        for (guint i = 0; names && i < names->len; i++) {
            completions_add(out, names->pdata[i], NULL);
        }
        for (const Verb *verb = shell.tool.verbs; is_topic && verb->name;
             verb++) {
            completions_add(out, verb->name, verb->summary);
        }
    } else if (shell_is_connected()) {
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
GPtrArray *shell_complete(const char *text, size_t *start, void *opaque)
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
    if (words->len > 1 && !shell_find_verb(words->pdata[0])) {
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
