/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Error: the reason why a call failed, for the caller that can handle it.
 *
 * A function that can fail for a reason takes `Error **errp` as its last
 * argument.  Its return value (false, NULL or a negative number) says that it
 * failed.  The caller tests the return value, never *errp.
 *
 * The caller passes one of these:
 * - NULL, to ignore the reason
 * - the address of an `Error *` that is NULL; on failure the caller then owns
 *   the error (free it with error_free(), report it, or pass it on)
 * - its own @errp, to pass the failure on to its caller
 * - &error_abort, where a failure is a programming error: the function that
 *   sets the error prints the message and its own position in the source, and
 *   aborts the process
 * - &error_fatal, in the main() of a program: the function that sets the error
 *   prints the message and exits with status 1
 *
 * A function that reads *errp, prepends to the message or appends a hint begins
 * with ERRP_GUARD(), so that it also works when the caller passed NULL or
 * &error_fatal.
 *
 * A message is one phrase without a full stop or a newline.  Advice to the user
 * goes into the hint.
 *
 * Thread: any; one thread at a time uses an Error
 * Contract: the API of QEMU 10's "qapi/error.h"
 */
#ifndef QOM_QAPI_ERROR_H
#define QOM_QAPI_ERROR_H

#include "util/macros.h"

#include <stdarg.h>
#include <stdbool.h>

QOM_BEGIN_DECLS

typedef struct Error Error;

/*
 * The class of an error.  Classes are part of the QMP protocol: clients act on
 * them.
 */
typedef enum ErrorClass {
    ERROR_CLASS_GENERIC_ERROR,
    ERROR_CLASS_COMMAND_NOT_FOUND,
    ERROR_CLASS_DEVICE_NOT_ACTIVE,
    ERROR_CLASS_DEVICE_NOT_FOUND,
    ERROR_CLASS_KVM_MISSING_CAP,
    ERROR_CLASS__MAX,
} ErrorClass;

/**
 * error_class_str: returns the name of an error class in QMP
 * @err_class: the class
 *
 * Returns: static text such as "GenericError"
 * Thread: any
 */
const char *error_class_str(ErrorClass err_class);

/**
 * error_get_pretty: returns the message of an error
 * @err: (nullable) the error
 *
 * Returns: the message, borrowed until @err is freed or changed; NULL if @err
 *          is NULL
 * Thread: any; one thread at a time uses @err
 */
const char *error_get_pretty(const Error *err);

/**
 * error_get_hint: returns the advice to the user that an error carries
 * @err: the error
 *
 * Returns: (nullable) the hint, borrowed until @err is freed or changed; NULL
 *          if there is no hint
 * Thread: any; one thread at a time uses @err
 */
const char *error_get_hint(const Error *err);

/**
 * error_print: prints an error on stderr: "PREFIX: message", and the hint
 * @err: borrowed
 * @prefix: (nullable) such as the name of the program; without it, the line
 *          begins with the message
 *
 * Control characters are printed as "\xNN", because a message may contain
 * names that come from outside.
 *
 * Thread: any; one thread at a time uses @err
 */
void error_print(const Error *err, const char *prefix);

/**
 * error_get_class: returns the class of an error
 * @err: the error
 *
 * Returns: the class
 * Thread: any; one thread at a time uses @err
 */
ErrorClass error_get_class(const Error *err);

/**
 * error_get_origin: reports where in the source the error was set
 * @err: the error
 * @file: (out) (nullable) the source file, static text
 * @line: (out) (nullable) the line in @file
 * @func: (out) (nullable) the function, static text
 *
 * Thread: any; one thread at a time uses @err
 */
void error_get_origin(const Error *err, const char **file, int *line,
                      const char **func);

/**
 * error_setg: creates an error of class GenericError
 * @errp: (nullable) (out) (transfer full) where the error is stored; *@errp
 *        must be NULL
 * @...: printf format and arguments of the message
 *
 * It is a programming error to set an error on top of another one; the process
 * aborts.  The value of errno is kept.
 *
 * Thread: any
 */
#define error_setg(errp, ...)                                           \
    error_setg_internal((errp), __FILE__, __LINE__, __func__, __VA_ARGS__)
/* error_setg_internal: implements error_setg().  Thread: any */
void error_setg_internal(Error **errp, const char *src, int line,
                         const char *func, const char *fmt, ...)
    G_GNUC_PRINTF(5, 6);

/**
 * error_setg_errno: creates an error as error_setg() does, and appends ": " and
 * the description of an errno value to the message
 * @errp: (nullable) (out) (transfer full) as for error_setg()
 * @os_errno: an errno value; 0 appends nothing
 * @...: printf format and arguments of the message
 *
 * Thread: any
 */
#define error_setg_errno(errp, os_errno, ...)                           \
    error_setg_errno_internal((errp), __FILE__, __LINE__, __func__,     \
                              (os_errno), __VA_ARGS__)
/* error_setg_errno_internal: implements error_setg_errno().  Thread: any */
void error_setg_errno_internal(Error **errp, const char *src, int line,
                               const char *func, int os_errno,
                               const char *fmt, ...) G_GNUC_PRINTF(6, 7);

/**
 * error_setg_file_open: creates an error that says that a file could not be
 * opened
 * @errp: (nullable) (out) (transfer full) as for error_setg()
 * @os_errno: the errno value of the failed call
 * @filename: the name of the file as the user wrote it; copied
 *
 * Thread: any
 */
#define error_setg_file_open(errp, os_errno, filename)                  \
    error_setg_file_open_internal((errp), __FILE__, __LINE__, __func__, \
                                  (os_errno), (filename))
/*
 * error_setg_file_open_internal: implements error_setg_file_open().  Thread:
 * any
 */
void error_setg_file_open_internal(Error **errp, const char *src, int line,
                                   const char *func, int os_errno,
                                   const char *filename);

/**
 * error_set: creates an error of a given class
 * @errp: (nullable) (out) (transfer full) as for error_setg()
 * @err_class: the class; GenericError unless clients must be able to recognize
 *          this error
 * @...: printf format and arguments of the message
 *
 * Thread: any
 */
#define error_set(errp, err_class, ...)                                 \
    error_set_internal((errp), __FILE__, __LINE__, __func__,            \
                       (err_class), __VA_ARGS__)
/* error_set_internal: implements error_set().  Thread: any */
void error_set_internal(Error **errp, const char *src, int line,
                        const char *func, ErrorClass err_class,
                        const char *fmt, ...) G_GNUC_PRINTF(6, 7);

/**
 * error_propagate: passes a local error on to the caller
 * @dst_errp: (nullable) the caller's errp
 * @local_err: (nullable) the error; consumed
 *
 * If *@dst_errp is already set, it is kept and @local_err is freed.  If
 * @dst_errp is NULL, @local_err is freed.  A function that passes its own @errp
 * to the functions it calls does not need this call.
 *
 * Thread: any
 */
void error_propagate(Error **dst_errp, Error *local_err);

/**
 * error_propagate_prepend: prepends text to a local error and passes the error
 * on to the caller
 * @dst_errp: (nullable) the caller's errp
 * @local_err: (nullable) the error; consumed
 * @fmt: printf format of the text that is put before the message
 *
 * Thread: any
 */
void error_propagate_prepend(Error **dst_errp, Error *local_err,
                             const char *fmt, ...) G_GNUC_PRINTF(3, 4);

/**
 * error_prepend: puts context before the message of an error
 * @errp: the errp of a function that begins with ERRP_GUARD(); nothing happens
 *        if no error is set
 * @fmt: printf format of the text, which usually ends with ": "
 *
 * Thread: any; one thread at a time uses the error
 */
void error_prepend(Error *const *errp, const char *fmt, ...)
    G_GNUC_PRINTF(2, 3);

/**
 * error_vprepend: puts context before the message of an error, with a va_list
 * @errp: as for error_prepend()
 * @fmt: as for error_prepend()
 * @ap: the arguments of @fmt
 *
 * Thread: any; one thread at a time uses the error
 */
void error_vprepend(Error *const *errp, const char *fmt, va_list ap)
    G_GNUC_PRINTF(2, 0);

/**
 * error_append_hint: appends advice for the user to the hint of an error
 * @errp: the errp of a function that begins with ERRP_GUARD(); nothing happens
 *        if no error is set
 * @fmt: printf format of whole lines, each of which ends with a newline
 *
 * Thread: any; one thread at a time uses the error
 */
void error_append_hint(Error *const *errp, const char *fmt, ...)
    G_GNUC_PRINTF(2, 3);

/**
 * error_copy: copies an error
 * @err: the error
 *
 * Returns: (transfer full) the copy
 * Thread: any; one thread at a time uses @err
 */
Error *error_copy(const Error *err);

/**
 * error_free: frees an error
 * @err: (nullable) consumed
 *
 * Thread: any; no other thread may use @err
 */
void error_free(Error *err);

/**
 * error_free_or_abort: frees an error that must have been set
 * @errp: address of the error; *@errp is consumed and then NULL
 *
 * If no error is set, the process aborts.  Tests use it after a call that must
 * fail.
 *
 * Thread: any
 */
void error_free_or_abort(Error **errp);

/*
 * Values for @errp where a failure must not happen; see the top of this file.
 */
extern Error *error_abort;
extern Error *error_fatal;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Error, error_free)

/* The state of ERRP_GUARD(); other code does not use it. */
typedef struct ErrorPropagator {
    Error *local_err;
    Error **errp;
} ErrorPropagator;

/* error_propagator_cleanup: ends the scope of ERRP_GUARD().  Thread: any */
static inline void error_propagator_cleanup(ErrorPropagator *prop)
{
    if (prop->local_err) {
        error_propagate(prop->errp, prop->local_err);
    }
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ErrorPropagator, error_propagator_cleanup)

/**
 * ERRP_GUARD: Makes sure that *errp can be read.
 *
 * It is the first statement of a function with a parameter `errp` that reads
 * *errp or calls error_prepend() or error_append_hint().  If the caller passed
 * NULL or &error_fatal, errors are collected in a local variable and passed on
 * when the function returns.  Otherwise it costs nothing.
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
