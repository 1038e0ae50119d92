/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Registration as a transaction: a plugin's types, commands and events become
 * known together, or none of them does.
 *
 * Between registration_begin() and registration_end() a registry hands what it
 * is asked to register to registration_add() instead of filing it.  The end
 * looks at everything and files all of it, or drops it and says why.  Outside
 * of a transaction, a clash is a mistake in the program's own tables, and
 * registries abort.
 *
 * Thread: what a thread registers belongs to the transaction of that thread
 */
#ifndef QOM_UTIL_REGISTRATION_H
#define QOM_UTIL_REGISTRATION_H

#include "util/macros.h"

#include <stdbool.h>

QOM_BEGIN_DECLS

/* What one registry files; a row is a pointer that it knows the meaning of. */
typedef struct RegistrationKind {
    const char *what; /* in messages: "type" */
    bool (*is_known)(const char *name); /* filed before */
    char *(*check)(void *row); /* (nullable) at the end, before anything is
                                  filed; returns NULL, or (transfer full)
                                  what is wrong */
    void (*file)(void *row);
    void (*drop)(void *row); /* (nullable) instead of file() */
} RegistrationKind;

/* registration_begin: from now on, this thread files nothing; no nesting */
void registration_begin(void);

/* registration_is_open: is this thread between begin and end? */
bool registration_is_open(void);

/**
 * registration_add: remember a row
 * @kind: static; the registry's
 * @name: borrowed until the end; one name twice spoils the transaction
 * @row: for the functions of @kind
 */
void registration_add(const RegistrationKind *kind, const char *name,
                      void *row);

/**
 * registration_refuse: spoil the transaction
 * @format: what is wrong; the first message is the one that is told
 */
void registration_refuse(const char *format, ...) G_GNUC_PRINTF(1, 2);

/**
 * registration_find: a row of this transaction
 *
 * Returns: what was added as @name; NULL when nothing was
 */
void *registration_find(const RegistrationKind *kind, const char *name);

/**
 * registration_end: file all rows, in the order of registration_add(), or none
 *
 * Returns: NULL; (transfer full) what was wrong, and all rows are dropped
 */
char *registration_end(void);

QOM_END_DECLS

#endif
