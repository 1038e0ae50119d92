/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test-util.h"
#include "tools/shell-line.h"

typedef struct Row {
    const char *name;
    const char *text;
    const char *words; /* with '|' between them; "" for none */
    ShellLineEnd end;
    size_t last_start;
} Row;

static const Row rows[] = {
    { "empty", "", "", SHELL_LINE_BLANK, 0 },
    { "blanks", " \t ", "", SHELL_LINE_BLANK, 0 },
    { "words", "get io0 x", "get|io0|x", SHELL_LINE_WORD, 8 },
    { "blank-at-the-end", "get io0 ", "get|io0", SHELL_LINE_BLANK, 4 },
    { "comment", "get # io0", "get", SHELL_LINE_COMMENT, 0 },
    { "hash-in-a-word", "a#b", "a#b", SHELL_LINE_WORD, 0 },
    { "line-after-a-comment", "get #\nx", "get|x", SHELL_LINE_WORD, 6 },
    { "single-quotes", "'a b'c '\\'", "a bc|\\", SHELL_LINE_WORD, 7 },
    { "double-quotes", "\"a \\\" b\"", "a \" b", SHELL_LINE_WORD, 0 },
    { "empty-word", "''", "", SHELL_LINE_WORD, 0 },
    { "backslash", "a\\ b \\#", "a b|#", SHELL_LINE_WORD, 5 },
    { "backslash-joins", "ab\\\ncd", "abcd", SHELL_LINE_WORD, 0 },
    { "backslash-between", "a \\\n b", "a|b", SHELL_LINE_WORD, 5 },
    { "open-single", "a 'b c", "a|b c", SHELL_LINE_QUOTES, 2 },
    { "open-double", "\"b c", "b c", SHELL_LINE_QUOTES, 0 },
    { "open-backslash", "a\\", "a", SHELL_LINE_QUOTES, 0 },
    { "json", "c {\"a b\": [1, 2]} d", "c|{\"a b\": [1, 2]}|d",
      SHELL_LINE_WORD, 18 },
    { "json-value", "x=[1, {}] y", "x=[1, {}]|y", SHELL_LINE_WORD, 10 },
    { "json-brackets-in-strings", "{\"}\\\"}\": ']'}", "{\"}\\\"}\": ']'}",
      SHELL_LINE_WORD, 0 },
    { "json-on-lines", "{\n\"a\": 1\n}", "{\n\"a\": 1\n}", SHELL_LINE_WORD, 0 },
    { "open-json", "c {\"a\": [1]", "c|{\"a\": [1]", SHELL_LINE_JSON, 2 },
    { "open-json-string", "{\"a}", "{\"a}", SHELL_LINE_JSON, 0 },
    { "bracket-in-a-path", "a[0] b", "a[0]|b", SHELL_LINE_WORD, 5 },
};

static void test_words(const void *data)
{
    const Row *row = data;
    g_auto(ShellLine) line = { NULL };
    g_autofree char *words = NULL;

    shell_line_init(&line, row->text);
    words = g_strjoinv("|", (char **)line.words->pdata);
    g_assert_cmpstr(words, ==, row->words);
    g_assert_cmpint(line.end, ==, row->end);
    g_assert_cmpuint(line.last_start, ==, row->last_start);
}

static void test_quote(void)
{
    static const struct {
        const char *word;
        const char *quoted;
    } quotes[] = {
        { "", "''" },
        { "iothread,id=x", "iothread,id=x" },
        { "a b'c", "a\\ b\\'c" },
        { "device[0]", "device\\[0]" },
        { "a'\nb", "'a'\\''\nb'" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(quotes); i++) {
        g_autofree char *quoted = shell_line_quote(quotes[i].word);
        g_auto(ShellLine) line = { NULL };

        g_assert_cmpstr(quoted, ==, quotes[i].quoted);
        shell_line_init(&line, quoted);
        g_assert_cmpuint(shell_line_n_words(&line), ==, 1);
        g_assert_cmpstr(line.words->pdata[0], ==, quotes[i].word);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/tools/shell-line/%s",
                                                rows[i].name);

        g_test_add_data_func(path, &rows[i], test_words);
    }
    g_test_add_func("/tools/shell-line/quote", test_quote);
    return test_run();
}
