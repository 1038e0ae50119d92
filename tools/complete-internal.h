/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the functions of the kinds share.  `complete_KIND` offers the words of
 * one kind.
 */
#ifndef QOM_TOOLS_COMPLETE_INTERNAL_H
#define QOM_TOOLS_COMPLETE_INTERNAL_H

#include "tools/complete.h"

#include <json-glib/json-glib.h>

/* ---- complete-objects.c ---- */

void complete_path(const CompletionLine *line, Completions *out);
void complete_id(const CompletionLine *line, Completions *out);
void complete_type(const CompletionLine *line, Completions *out);

/*
 * completion_ask: returns (transfer full) the list that a command returns; NULL
 * on failure
 */
JsonNode *completion_ask(const char *command, const char *argument,
                         const char *value);

/*
 * completion_given_object: returns (transfer full) the type of the object with
 * an id that an option of the line creates; NULL if there is none
 * @id: NULL to offer all ids, each after @head
 */
char *completion_given_object(const CompletionLine *line, const char *id,
                              const char *head, Completions *out);

/*
 * completion_describe: returns (transfer full) what is known about a property,
 * on a line: "int 0..63, default 3: weight of the latest wait"
 */
char *completion_describe(JsonObject *row);

/* The functions below offer words, each after @head. */

void completions_add_words(const GPtrArray *words, const char *head,
                           Completions *out);

/* The ids of the options -object, -device and -iothread */
void completions_add_given_ids(const CompletionLine *line, const char *head,
                               Completions *out);

void completions_add_children(const char *path, const char *head,
                              Completions *out);

/*
 * completions_add_properties: those of an object that are no children; returns
 * false if there is no such object
 */
bool completions_add_properties(const char *path, const char *head,
                                Completions *out);

/*
 * completions_add_paths: the children of the object before the last '/', or
 * those of /objects
 * @head: what stands before the path in the word
 */
void completions_add_paths(const char *head, Completions *out);

/*
 * completions_add_types: types, each followed by @tail
 * @implements: (nullable) the interface of the types; NULL offers all types
 */
void completions_add_types(const char *implements, const char *head,
                           const char *tail, Completions *out);

/* ---- complete-properties.c ---- */

/*
 * completions_add_values: the values of a property of a type: those of an
 * enumeration, or the paths that a link can have
 */
void completions_add_values(const CompletionLine *line, const char *type,
                            const char *property, const char *head,
                            Completions *out);

void complete_property(const CompletionLine *line, Completions *out);
void complete_value(const CompletionLine *line, Completions *out);
void complete_object(const CompletionLine *line, Completions *out);

/* ---- complete-commands.c ---- */

void complete_command(const CompletionLine *line, Completions *out);
void complete_argument(const CompletionLine *line, Completions *out);

#endif
