/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Error: why a call failed, told to whoever can do something about it.
 *
 * A function that can fail for a reason takes `Error **errp` as its last
 * argument and says by its return value whether it did: false, NULL or a
 * negative number.  The caller tests the return value, never *errp.
 *
 * The caller passes
 * - NULL, to ignore the reason;
 * - the address of an `Error *` that is NULL, to be told it, and then owns
 *   it (free with error_free(), report it, or pass it on);
 * - its own @errp, to pass the failure on;
 * - &error_abort, where a failure is a programming error: the message and
 *   the place where the error was set are printed and the process aborts;
 * - &error_fatal, in a program's main(): the message is printed and the
 *   process exits with status 1.
 *
 * A function that looks into *errp, or prepends or appends a hint to it,
 * starts with ERRP_GUARD(), so that it also works for the special cases.
 *
 * Messages are one phrase without a full stop or newline.  Advice to the user
 * goes into the hint.
 *
 * Thread: any function here may be called from any thread; one Error is used
 * by one thread at a time.
 * Contract: the API of QEMU 10's "qapi/error.h"
 */
#ifndef QOM_QAPI_ERROR_H
#define QOM_QAPI_ERROR_H

#include "util/macros.h"

#include <stdarg.h>
#include <stdbool.h>

QOM_BEGIN_DECLS

typedef struct Error Error;

/* Error classes are part of the QMP protocol; clients match on them. */
typedef enum ErrorClass {
    ERROR_CLASS_GENERIC_ERROR,
    ERROR_CLASS_COMMAND_NOT_FOUND,
    ERROR_CLASS_DEVICE_NOT_ACTIVE,
    ERROR_CLASS_DEVICE_NOT_FOUND,
    ERROR_CLASS_KVM_MISSING_CAP,
    ERROR_CLASS__MAX,
} ErrorClass;

/**
 * error_class_str: the name of an error class on the wire
 * @err_class: the class
 *
 * Returns: static text such as "GenericError"
 */
const char *error_class_str(ErrorClass err_class);

/**
 * error_get_pretty: the message
 * @err: (nullable) the error
 *
 * Returns: borrowed until @err is freed; NULL when @err is NULL
 */
const char *error_get_pretty(const Error *err);

/**
 * error_get_hint: the advice that goes with the message
 * @err: the error
 *
 * Returns: borrowed until @err is freed; NULL when there is none
 */
const char *error_get_hint(const Error *err);

/**
 * error_get_class: the class of an error
 * @err: the error
 */
ErrorClass error_get_class(const Error *err);

/**
 * error_get_origin: where the error was set
 * @err: the error
 * @file: (out) (nullable) source file
 * @line: (out) (nullable) line in @file
 * @func: (out) (nullable) function
 *
 * The texts are static.
 */
void error_get_origin(const Error *err, const char **file, int *line,
                      const char **func);

/**
 * error_setg: make an error of class GenericError
 * @errp: (nullable) where to put it; *@errp must be NULL
 * @...: printf format and arguments
 *
 * Setting an error that is already set is a programming error and aborts.
 */
#define error_setg(errp, ...)                                           \
    error_setg_internal((errp), __FILE__, __LINE__, __func__, __VA_ARGS__)
void error_setg_internal(Error **errp, const char *src, int line,
                         const char *func, const char *fmt, ...)
    G_GNUC_PRINTF(5, 6);

/**
 * error_setg_errno: as error_setg(), followed by ": " and strerror(@os_errno)
 * @os_errno: an errno value; 0 adds nothing
 */
#define error_setg_errno(errp, os_errno, ...)                           \
    error_setg_errno_internal((errp), __FILE__, __LINE__, __func__,     \
                              (os_errno), __VA_ARGS__)
void error_setg_errno_internal(Error **errp, const char *src, int line,
                               const char *func, int os_errno,
                               const char *fmt, ...) G_GNUC_PRINTF(6, 7);

/**
 * error_setg_file_open: a file could not be opened
 * @os_errno: an errno value
 * @filename: the file, as the user wrote it
 */
#define error_setg_file_open(errp, os_errno, filename)                  \
    error_setg_file_open_internal((errp), __FILE__, __LINE__, __func__, \
                                  (os_errno), (filename))
void error_setg_file_open_internal(Error **errp, const char *src, int line,
                                   const char *func, int os_errno,
                                   const char *filename);

/**
 * error_set: as error_setg(), with a class
 * @err_class: the class; only where clients are meant to match on it
 */
#define error_set(errp, err_class, ...)                                 \
    error_set_internal((errp), __FILE__, __LINE__, __func__,            \
                       (err_class), __VA_ARGS__)
void error_set_internal(Error **errp, const char *src, int line,
                        const char *func, ErrorClass err_class,
                        const char *fmt, ...) G_GNUC_PRINTF(6, 7);

/**
 * error_propagate: hand a local error to the caller
 * @dst_errp: (nullable) the caller's errp
 * @local_err: (nullable) consumed
 *
 * When *@dst_errp is already set, the first error stays and @local_err is
 * freed.  Passing @errp straight down saves this call.
 */
void error_propagate(Error **dst_errp, Error *local_err);

/**
 * error_propagate_prepend: error_prepend() and error_propagate() in one
 * @dst_errp: (nullable) the caller's errp
 * @local_err: consumed
 * @fmt: text put in front of the message
 */
void error_propagate_prepend(Error **dst_errp, Error *local_err,
                             const char *fmt, ...) G_GNUC_PRINTF(3, 4);

/**
 * error_prepend: put context in front of the message
 * @errp: the errp of a function that says ERRP_GUARD()
 * @fmt: text put in front; ends with ": " by custom
 */
void error_prepend(Error *const *errp, const char *fmt, ...)
    G_GNUC_PRINTF(2, 3);
void error_vprepend(Error *const *errp, const char *fmt, va_list ap)
    G_GNUC_PRINTF(2, 0);

/**
 * error_append_hint: add advice for the user
 * @errp: the errp of a function that says ERRP_GUARD()
 * @fmt: whole lines, each with its newline
 */
void error_append_hint(Error *const *errp, const char *fmt, ...)
    G_GNUC_PRINTF(2, 3);

/**
 * error_copy: an independent copy
 * @err: the error
 *
 * Returns: (transfer full)
 */
Error *error_copy(const Error *err);

/**
 * error_free: free an error
 * @err: (nullable) consumed
 */
void error_free(Error *err);

/**
 * error_free_or_abort: assert that an error was set, and free it
 * @errp: its address; *@errp must be set, and is NULL afterwards
 */
void error_free_or_abort(Error **errp);

/* What to pass as @errp where a failure must not happen; see above. */
extern Error *error_abort;
extern Error *error_fatal;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Error, error_free)

/* The machinery of ERRP_GUARD(). */
typedef struct ErrorPropagator {
    Error *local_err;
    Error **errp;
} ErrorPropagator;

static inline void error_propagator_cleanup(ErrorPropagator *prop)
{
    if (prop->local_err) {
        error_propagate(prop->errp, prop->local_err);
    }
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ErrorPropagator, error_propagator_cleanup)

/**
 * ERRP_GUARD: make it safe to look into *errp
 *
 * First statement of a function with a parameter `errp` that dereferences it
 * or calls error_prepend() or error_append_hint().  Without cost when the
 * caller passed a plain address.
 */
#define ERRP_GUARD()                                                    \
    g_auto(ErrorPropagator) _errp_guard = { NULL, errp };               \
    do {                                                                \
        if (!errp || errp == &error_fatal) {                            \
            errp = &_errp_guard.local_err;                              \
        }                                                               \
    } while (0)

QOM_END_DECLS

#endif
