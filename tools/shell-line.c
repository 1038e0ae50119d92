/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Splitting a line into words.
 *
 * Cursor: the rest of the text.  Each function below reads one part of a word
 * and moves the cursor behind it.  A part that the text does not end is `open`.
 *
 * One pass over the text; every text has a result, so there are no errors.
 */
#include "tools/shell-line.h"

#include <string.h>

typedef struct Cursor {
    const char *at;
    bool open;
    GString *word;
} Cursor;

/* A line break is a blank, because a text may have several lines. */
static bool is_blank(char c)
{
    return c && strchr(" \t\r\n\v\f", c);
}

/* '...': no character but the quote has a meaning. */
static void read_single(Cursor *c)
{
    const char *end = strchr(c->at + 1, '\'');
    const char *from = c->at + 1;

    c->open = !end;
    c->at = end ? end + 1 : from + strlen(from);
    g_string_append_len(c->word, from, (end ? end : c->at) - from);
}

/* A backslash before a line break joins the lines. */
static void read_backslash(Cursor *c)
{
    c->at++;
    if (!*c->at) {
        c->open = true;
        return;
    }
    if (*c->at != '\n') {
        g_string_append_c(c->word, *c->at);
    }
    c->at++;
}

/* "...": a backslash quotes the next character. */
static void read_double(Cursor *c)
{
    c->at++;
    while (*c->at && *c->at != '"') {
        if (*c->at == '\\') {
            read_backslash(c);
        } else {
            g_string_append_c(c->word, *c->at++);
        }
    }
    /* The closing quote may be on a line that comes later. */
    if (*c->at) {
        c->at++;
    } else {
        c->open = true;
    }
}

/* Copies a JSON string as it is, with its quotes and backslashes. */
static void copy_json_string(Cursor *c)
{
    char quote = *c->at;

    do {
        if (*c->at == '\\' && c->at[1]) {
            g_string_append_c(c->word, *c->at++);
        }
        g_string_append_c(c->word, *c->at++);
    } while (*c->at && *c->at != quote);
    if (*c->at) {
        g_string_append_c(c->word, *c->at++);
    }
}

/*
 * Copies JSON up to the bracket that closes the first one.  Brackets are only
 * counted: whether they match is left to the JSON parser, whose error says
 * more.
 */
static void copy_json(Cursor *c)
{
    size_t depth = 0;

    do {
        if (*c->at == '"' || *c->at == '\'') {
            copy_json_string(c);
            continue;
        }
        depth += *c->at == '{' || *c->at == '[';
        depth -= *c->at == '}' || *c->at == ']';
        g_string_append_c(c->word, *c->at++);
    } while (*c->at && depth);
    c->open = depth;
}

/* JSON can begin a word, and a value: path[0] is a path. */
static bool begins_json(const Cursor *c)
{
    return (*c->at == '{' || *c->at == '[') &&
           (!c->word->len || c->word->str[c->word->len - 1] == '=');
}

/* Reads a word up to a blank; returns what the end of the text is in. */
static ShellLineEnd read_word(Cursor *c)
{
    while (*c->at && !is_blank(*c->at)) {
        if (begins_json(c)) {
            copy_json(c);
            if (c->open) {
                return SHELL_LINE_JSON;
            }
        } else if (*c->at == '\'') {
            read_single(c);
        } else if (*c->at == '"') {
            read_double(c);
        } else if (*c->at == '\\') {
            read_backslash(c);
        } else {
            g_string_append_c(c->word, *c->at++);
        }
        if (c->open) {
            return SHELL_LINE_QUOTES;
        }
    }
    return *c->at ? SHELL_LINE_BLANK : SHELL_LINE_WORD;
}

/* A backslash before a line break between words is a blank. */
static bool is_joint(const char *text)
{
    return text[0] == '\\' && text[1] == '\n';
}

/* Moves behind blanks and comments; returns true if it ends in a comment. */
static bool skip_blanks(Cursor *c)
{
    while (is_blank(*c->at) || *c->at == '#' || is_joint(c->at)) {
        if (*c->at == '#') {
            c->at += strcspn(c->at, "\n");
            if (!*c->at) {
                return true;
            }
        }
        c->at++;
    }
    return false;
}

void shell_line_init(ShellLine *line, const char *text)
{
    Cursor c = { .at = text };

    line->words = g_ptr_array_new_with_free_func(g_free);
    line->end = SHELL_LINE_BLANK;
    line->last_start = 0;
    for (;;) {
        bool comment = skip_blanks(&c);

        if (!*c.at) {
            line->end = comment ? SHELL_LINE_COMMENT : line->end;
            break;
        }
        line->last_start = c.at - text;
        c.word = g_string_new(NULL);
        line->end = read_word(&c);
        g_ptr_array_add(line->words, g_string_free(c.word, FALSE));
    }
    g_ptr_array_add(line->words, NULL);
}

void shell_line_clear(ShellLine *line)
{
    g_clear_pointer(&line->words, g_ptr_array_unref);
}

/* Backslashes keep a word completable, quotes keep line breaks. */
char *shell_line_quote(const char *word)
{
    GString *out = g_string_new(NULL);

    if (!*word || strchr(word, '\n')) {
        g_auto(GStrv) parts = g_strsplit(word, "'", -1);
        g_autofree char *inner = g_strjoinv("'\\''", parts);

        g_string_append_printf(out, "'%s'", inner);
        return g_string_free(out, FALSE);
    }
    for (const char *c = word; *c; c++) {
        if (is_blank(*c) || strchr("'\"\\#{[", *c)) {
            g_string_append_c(out, '\\');
        }
        g_string_append_c(out, *c);
    }
    return g_string_free(out, FALSE);
}
