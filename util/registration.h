/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Registration as a transaction: a plugin's types, commands and events become
 * known together, or none of them does.
 *
 * Between registration_begin() and registration_end() a registry passes what it
 * is to register to registration_add() instead of adding it.
 * registration_end() checks all entries, and then commits or discards all of
 * them.  Outside of a transaction a clash of names is a programming error in
 * the program's own tables, and registries abort.
 *
 * Thread: any; what a thread registers belongs to the transaction of that
 * thread
 */
#ifndef QOM_UTIL_REGISTRATION_H
#define QOM_UTIL_REGISTRATION_H

#include "util/macros.h"

#include <stdbool.h>

QOM_BEGIN_DECLS

/*
 * The functions of one registry.  An entry is a pointer whose meaning only the
 * registry knows.
 */
typedef struct RegistrationKind {
    const char *what; /* in messages: "type" */
    /* Returns true if an entry of that name was committed before. */
    bool (*is_known)(const char *name);
    /* (nullable) Called at the end, before anything is committed.  Returns:
     * NULL, or (transfer full) what is wrong with the entry. */
    char *(*check)(void *entry);
    void (*commit)(void *entry);
    void (*discard)(void *entry); /* (nullable) called instead of commit() */
} RegistrationKind;

/**
 * registration_begin: begins a transaction of the calling thread
 *
 * A transaction inside of another one is a programming error and aborts.
 *
 * Thread: any
 */
void registration_begin(void);

/**
 * registration_is_open: finds out whether the calling thread has a transaction
 *
 * Returns: true between registration_begin() and registration_end()
 * Thread: any
 */
bool registration_is_open(void);

/**
 * registration_add: adds an entry to the transaction
 * @kind: the registry; static
 * @name: borrowed until the end of the transaction.  If an entry of this name
 *        is known already, the transaction fails
 * @entry: passed to the functions of @kind
 *
 * Thread: one with a transaction
 */
void registration_add(const RegistrationKind *kind, const char *name,
                      void *entry);

/**
 * registration_fail: makes the transaction fail
 * @format: what is wrong.  registration_end() returns the first such message
 *
 * Thread: one with a transaction
 */
void registration_fail(const char *format, ...) G_GNUC_PRINTF(1, 2);

/**
 * registration_find: finds an entry of the transaction
 * @kind: the registry
 * @name: as it was passed to registration_add()
 *
 * Returns: the entry; NULL if there is none
 * Thread: one with a transaction
 */
void *registration_find(const RegistrationKind *kind, const char *name);

/**
 * registration_end: commits all entries in the order of registration_add(), or
 *                   discard all of them
 *
 * Returns: NULL if they were committed; otherwise (transfer full) what is wrong
 * Thread: one with a transaction
 */
char *registration_end(void);

QOM_END_DECLS

#endif
