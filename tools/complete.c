/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where on a line a word stands, and which words can stand there.
 *
 * Verb      the first word; all after it are its options and arguments
 * Option    begins with a dash; its value is the next word or follows a '='
 * Kind      the name of a value or an argument in the tables.  FILE, SOCKET and
 *           the like are files; all others are the tool's
 *
 * The line is incomplete and may be wrong, so nothing here reports an error:
 * where no word fits, none is offered.
 */
#include "tools/complete.h"
#include "tools/output.h"
#include "util/safe-text.h"

#include <string.h>

/* ---- The words that are offered ---- */

/* A program with a million objects must not fill a terminal. */
#define MAX_WORDS 10000

void completions_init(Completions *completions, const char *text)
{
    completions->text = text;
    completions->words = g_ptr_array_new_with_free_func(g_free);
    completions->files = false;
}

void completions_clear(Completions *completions)
{
    g_clear_pointer(&completions->words, g_ptr_array_unref);
}

/* Brackets are in paths of QEMU: "device[0]"; shells quote them. */
static bool is_harmless(const char *word)
{
    for (; *word; word++) {
        if (!g_ascii_isalnum(*word) && !strchr("_./,:=@%+-[]", *word)) {
            return false;
        }
    }
    return true;
}

void completions_add(Completions *completions, const char *word,
                     const char *doc)
{
    GString *line;

    if (!g_str_has_prefix(word, completions->text) || !is_harmless(word) ||
        completions->words->len >= MAX_WORDS) {
        return;
    }
    line = g_string_new(word);
    if (doc && *doc) {
        g_autofree char *first = g_strndup(doc, strcspn(doc, "\n"));

        g_string_append_c(line, '\t');
        safe_text_append(line, first, "");
    }
    g_ptr_array_add(completions->words, g_string_free(line, FALSE));
}

void completions_add_after(Completions *completions, const char *head,
                           const char *word, const char *doc)
{
    g_autofree char *whole = g_strconcat(head, word, NULL);

    completions_add(completions, whole, doc);
}

/* ---- The line ---- */

const char *completion_option(const CompletionLine *line, const char *name,
                              guint i)
{
    for (guint k = 0; k < line->options->len; k++) {
        const GivenOption *given = &g_array_index(line->options, GivenOption,
                                                  k);

        if (!strcmp(given->option->name, name) && !i--) {
            return given->value ? given->value : "";
        }
    }
    return NULL;
}

/*
 * Sorts the words of a verb into options and arguments.  Returns the option of
 * which the last word is the value; NULL if it is no value.
 */
static const Option *sort_words(CompletionLine *line, char *const *words,
                                size_t n)
{
    bool only_rest = false;

    for (size_t i = 0; i + 1 < n; i++) {
        GivenOption given = { NULL, NULL };

        if (!only_rest && !strcmp(words[i], "--")) {
            only_rest = true;
            continue;
        }
        if (!only_rest && option_is(words[i])) {
            given.option = options_find(line->verb->options, words[i],
                                        &given.value);
        }
        if (!given.option) {
            g_ptr_array_add(line->rest, words[i]);
            continue;
        }
        if (given.option->kind != OPTION_FLAG && !given.value) {
            if (i + 2 == n) {
                return given.option;
            }
            given.value = words[++i];
        }
        g_array_append_val(line->options, given);
    }
    return NULL;
}

/* ---- Kinds ---- */

/* Names of arguments and values that are files */
static const char *const file_kinds[] = { "FILE", "SOCKET", "DIR", "FOLDER",
                                          "SCHEMA", "OLD", "NEW", "PATH.SVG" };

/* The tool may have words of a kind that is a file, too. */
static void complete_kind(const Tool *tool, const CompletionLine *line,
                          const char *kind, Completions *out)
{
    for (size_t i = 0; i < G_N_ELEMENTS(file_kinds); i++) {
        out->files |= !strcmp(kind, file_kinds[i]);
    }
    if (tool->complete) {
        tool->complete(line, kind, out);
    }
}

/*
 * Returns (transfer full) the kind of argument @i in a text such as "PATH
 * PROPERTY | PATH.PROPERTY" or "[ID...]": that of the first alternative.  The
 * last kind repeats if the text has dots.  NULL if there is none.
 */
static char *kind_of_argument(const char *args, guint i)
{
    g_auto(GStrv) parts = g_strsplit_set(args ? args : "", " []", -1);
    bool repeats = args && strstr(args, "...");
    const char *last = NULL;

    for (char **part = parts; *part && strcmp(*part, "|"); part++) {
        char *dots = strstr(*part, "...");

        if (dots) {
            *dots = '\0';
        }
        if (!**part) {
            continue;
        }
        if (!i--) {
            return g_strdup(*part);
        }
        last = *part;
    }
    return repeats ? g_strdup(last) : NULL;
}

/* ---- Options and verbs ---- */

/* Offers the options with as many dashes as the text has. */
static void complete_options(const Option *table, Completions *out)
{
    const char *dashes = out->text[1] == '-' ? "--" : "-";

    for (const Option *option = table; option->name; option++) {
        /* Options without a text are not for users. */
        if (option->doc) {
            completions_add_after(out, dashes, option->name, option->doc);
        }
    }
}

/* Completes the value in "-option=VALUE"; the words begin with the option. */
static void complete_option_value(const Tool *tool, CompletionLine *line,
                                  const Option *option, const char *value,
                                  Completions *out)
{
    g_auto(Completions) values = { NULL };
    g_autofree char *head = g_strndup(out->text, value - out->text);

    completions_init(&values, value);
    line->option = option;
    complete_kind(tool, line, option->value, &values);
    for (guint i = 0; i < values.words->len; i++) {
        g_ptr_array_add(out->words,
                        g_strconcat(head, values.words->pdata[i], NULL));
    }
}

/* The first word is a verb, or an option of the program itself. */
static void complete_verb(const Tool *tool, Completions *out)
{
    static const CompletionLine line = { .verb = NULL };

    for (const Verb *verb = tool->verbs; verb->name; verb++) {
        completions_add(out, verb->name, verb->summary);
    }
    if (out->text[0] == '-') {
        complete_options(tool_main_options, out);
    }
    complete_kind(tool, &line, "VERB", out);
}

/* Completes the last word after a verb. */
static void complete_word(const Tool *tool, CompletionLine *line,
                          Completions *out)
{
    g_autofree char *kind = NULL;
    const char *value = NULL;
    const Option *option;

    if (line->option) {
        complete_kind(tool, line, line->option->value, out);
        return;
    }
    if (out->text[0] == '-') {
        option = option_is(out->text)
                     ? options_find(line->verb->options, out->text, &value)
                     : NULL;
        if (option && value && option->kind != OPTION_FLAG) {
            complete_option_value(tool, line, option, value, out);
        } else {
            complete_options(line->verb->options, out);
        }
        return;
    }
    /* Arguments that the verb would refuse are not completed. */
    if (line->rest->len < line->verb->max_args) {
        kind = kind_of_argument(line->verb->args, line->rest->len);
    }
    if (kind) {
        complete_kind(tool, line, kind, out);
    }
}

void tool_complete(const Tool *tool, char *const *words, size_t n_words,
                   Completions *out)
{
    CompletionLine line = { .verb = NULL };

    if (n_words == 1) {
        complete_verb(tool, out);
        return;
    }
    for (const Verb *verb = tool->verbs; verb->name; verb++) {
        if (!strcmp(verb->name, words[0])) {
            line.verb = verb;
        }
    }
    if (!line.verb) {
        return;
    }
    line.rest = g_ptr_array_new();
    line.options = g_array_new(false, false, sizeof(GivenOption));
    line.option = sort_words(&line, words + 1, n_words - 1);
    complete_word(tool, &line, out);
    g_ptr_array_unref(line.rest);
    g_array_unref(line.options);
}

int tool_print_completions(const Tool *tool, char **words)
{
    size_t n = g_strv_length(words);
    g_auto(Completions) found = { NULL };
    g_autoptr(GString) text = g_string_new(NULL);

    if (!n) {
        return EXIT_DONE;
    }
    completions_init(&found, words[n - 1]);
    tool_complete(tool, words, n, &found);
    for (guint i = 0; i < found.words->len; i++) {
        g_string_append_printf(text, "%s\n", (char *)found.words->pdata[i]);
    }
    if (found.files) {
        g_string_append(text, ":files\n");
    }
    return output_text(text->str);
}
