/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Completion of a service's command line, for service_main().
 *
 * A script for the user's shell calls "PROGRAM complete -- WORD..." and gets a
 * line for each word that can stand in place of the last one.
 */
#ifndef QOM_SERVICE_COMPLETION_INTERNAL_H
#define QOM_SERVICE_COMPLETION_INTERNAL_H

#include "service/options.h"

/**
 * completion_append_words: finds the words that can end a command line
 * @table: the options of the program
 * @words: the words after the program's name, ends with NULL; the last one,
 *         which may be empty, is to be completed.  Plugins that they name are
 *         loaded, because they provide types
 * @out: a line "WORD" or "WORD\tDESCRIPTION" is appended for each; the line
 *       ":files" means that names of files can stand there, too
 */
void completion_append_words(const Option *table, char **words, GString *out);

/**
 * completion_append_script: writes the script for a shell
 * @shell: "bash", "zsh" or "fish"
 * @program: the name of the program
 * @out: where to append
 * @errp: set if the shell is another one
 *
 * Returns: true; false with @errp set
 */
bool completion_append_script(const char *shell, const char *program,
                              GString *out, Error **errp);

#endif
