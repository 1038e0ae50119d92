/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lines of `qom shell`: any text has words, and words that are quoted are read
 * as the same words.  A text that ends in a word, followed by a word, has one
 * word more.
 */
#include "tests/fuzz/fuzz.h"
#include "tools/shell-line.h"

#include <string.h>

static void check_words(char *const *words, const char *text)
{
    g_auto(ShellLine) line = { NULL };

    shell_line_init(&line, text);
    g_assert_false(shell_line_is_open(&line));
    g_assert_cmpuint(shell_line_n_words(&line), ==,
                     g_strv_length((char **)words));
    for (guint i = 0; words[i]; i++) {
        g_assert_cmpstr(line.words->pdata[i], ==, words[i]);
    }
}

static void check_quoted(const ShellLine *line)
{
    g_autoptr(GString) text = g_string_new(NULL);
    char **words = (char **)line->words->pdata;

    for (guint i = 0; words[i]; i++) {
        g_autofree char *quoted = shell_line_quote(words[i]);

        g_string_append_printf(text, "%s%s", i ? " " : "", quoted);
    }
    check_words(words, text->str);
}

static void check_further_word(const ShellLine *line, const char *text)
{
    g_autofree char *longer = g_strconcat(text, " x", NULL);
    g_auto(ShellLine) more = { NULL };

    shell_line_init(&more, longer);
    g_assert_cmpuint(shell_line_n_words(&more), ==,
                     shell_line_n_words(line) + 1);
}

/* Puts a part of a line, which has a meaning of its own, at some place. */
static void mutate_line(GString *text, MutateRandom *r)
{
    static const char *const parts[] = {
        " ", "\n", "\\", "\\\n", "'", "\"", "#", "{", "}", "[", "]", "={", "=[",
        "{\"a\": ", "'b'", "\"c\"", " get ", " set a.b ", "x=", "\t", "\\\"",
    };
    const char *part = MUTATE_PICK(r, parts);

    if (!mutate_below(r, 8)) {
        mutate_bytes(text, r);
    } else {
        mutate_splice(text, mutate_below(r, text->len + 1), 0, part,
                      strlen(part));
    }
}

const FuzzMutator fuzz_mutator = { mutate_line };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(ShellLine) line = { NULL };

    shell_line_init(&line, text);
    g_assert_cmpuint(line.last_start, <=, strlen(text));
    check_quoted(&line);
    if (line.end == SHELL_LINE_BLANK || line.end == SHELL_LINE_WORD) {
        check_further_word(&line, text);
    }
    return 0;
}
