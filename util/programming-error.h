/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Aborting a program that breaks a rule of the library.
 *
 * Bad input is an Error; only a programming error aborts.  The message names
 * what is affected (type, property, path, thread) and says what to do, which an
 * assertion would not.
 *
 * Contract: docs/programming-errors.md
 */
#ifndef QOM_UTIL_PROGRAMMING_ERROR_H
#define QOM_UTIL_PROGRAMMING_ERROR_H

#include "util/macros.h"

QOM_BEGIN_DECLS

/**
 * programming_error: prints a message to stderr and aborts
 * @format: one sentence or more, without full stop and newline at the end
 *
 * The message begins with the place in the library that found the error.
 *
 * Thread: any
 */
#define programming_error(...) \
    programming_error_at(__FILE__, __LINE__, __func__, __VA_ARGS__)

/* programming_error_at: the function behind programming_error(). */
G_NORETURN void programming_error_at(const char *file, int line,
                                     const char *func, const char *format,
                                     ...) G_GNUC_PRINTF(4, 5);

QOM_END_DECLS

#endif
