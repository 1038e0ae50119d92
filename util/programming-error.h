/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The end of a program that breaks a rule of the library.
 *
 * Bad input is an Error; only a mistake in the program's own code ends it.
 * The message names what is concerned (type, property, path, thread) and says
 * what to do, as a bare assertion would not.
 *
 * Contract: docs/programming-errors.md
 */
#ifndef QOM_UTIL_PROGRAMMING_ERROR_H
#define QOM_UTIL_PROGRAMMING_ERROR_H

#include "util/macros.h"

QOM_BEGIN_DECLS

/**
 * programming_error: print a message to stderr and abort
 * @format: one sentence or more, without full stop and newline at the end
 *
 * The message begins with the place in the library that found the mistake.
 *
 * Thread: any
 */
#define programming_error(...) \
    programming_error_at(__FILE__, __LINE__, __func__, __VA_ARGS__)

G_NORETURN void programming_error_at(const char *file, int line,
                                     const char *func, const char *format,
                                     ...) G_GNUC_PRINTF(4, 5);

QOM_END_DECLS

#endif
