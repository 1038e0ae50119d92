/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Completion: the words that can stand at the end of a command line.
 *
 * The tables of verbs and options say where a word can stand, so completion
 * follows from them.  The names of values and arguments in these tables, such
 * as FILE or PATH, are kinds: "[PATH]" in Verb.args means that an argument of
 * the kind PATH may follow.  The tool knows which words a kind has.
 *
 * Contract: docs/installing.md, "Completion"
 */
#ifndef QOM_TOOLS_COMPLETE_H
#define QOM_TOOLS_COMPLETE_H

#include "tools/tool.h"

/* The words that are offered. */
typedef struct Completions Completions;

struct Completions {
    const char *text;  /* the text that is to be completed; borrowed */
    GPtrArray *words;  /* of char *: "WORD" or "WORD\tDESCRIPTION" */
    bool files;        /* names of files can stand there, too */
};

/* An option that stands on the line, with its value. */
typedef struct GivenOption {
    const Option *option;
    const char *value; /* NULL for a flag */
} GivenOption;

/* The words before the text that is to be completed; all are borrowed. */
struct CompletionLine {
    const Verb *verb; /* NULL: the verb itself is completed, kind "VERB" */
    const Option *option; /* whose value is completed; NULL for an argument */
    GPtrArray *rest; /* of const char *: arguments that are not options */
    GArray *options; /* of GivenOption */
};

/* completions_init: begins without words; @text is borrowed */
void completions_init(Completions *completions, const char *text);

/* completions_clear: frees the words */
void completions_clear(Completions *completions);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Completions, completions_clear)

/**
 * completions_add: offers a word, if the text is its beginning
 * @completions: where to add the word
 * @word: the word, whole; copied.  It is left out if it has other characters
 *        than letters, digits and those of names and paths: words come from
 *        other programs, and shells would act on their text
 * @doc: (nullable) what it means; only its first line is used
 */
void completions_add(Completions *completions, const char *word,
                     const char *doc);

/* completions_add_after: completions_add() of @head and @word in one */
void completions_add_after(Completions *completions, const char *head,
                           const char *word, const char *doc);

/**
 * completion_option: returns the value of an option on the line
 * @line: the line
 * @name: name of the option
 * @i: 0 for the first one with this name, 1 for the next
 *
 * Returns: the value, borrowed, "" for a flag; NULL if the option is not on the
 *          line so often
 */
const char *completion_option(const CompletionLine *line, const char *name,
                              guint i);

/**
 * tool_complete: finds the words that can stand at the end of a line
 * @tool: the tool
 * @words: the words of the line without the program's name, borrowed; the last
 *         one, which may be empty, is to be completed
 * @n_words: at least 1
 * @out: completions_init() with the last word
 */
void tool_complete(const Tool *tool, char *const *words, size_t n_words,
                   Completions *out);

/**
 * tool_print_completions: prints what tool_complete() finds, a word a line
 * @tool: the tool
 * @words: as for tool_complete(); ends with NULL
 *
 * The line ":files" means that names of files can stand there, too.
 *
 * Returns: the exit code
 */
int tool_print_completions(const Tool *tool, char **words);

#endif
