/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Error objects.
 *
 * An Error is set exactly once: error_setv() aborts if *errp already holds one,
 * so a function that continues after a failure is found at once.  error_abort
 * takes effect where the error is set, not where it is passed on, so that the
 * stack of the core dump shows the function that failed.
 *
 * Errors are ordinary memory without a lock; one thread at a time uses an
 * Error.
 */
#include "qapi/error.h"
#include "util/programming-error.h"
#include "util/safe-text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct Error {
    char *msg;
    GString *hint; /* (nullable) */
    const char *src; /* the place of error_setg(), for error_abort */
    const char *func;
    int line;
    ErrorClass err_class;
};

Error *error_abort;
Error *error_fatal;

static const char *const error_class_names[ERROR_CLASS__MAX] = {
    [ERROR_CLASS_GENERIC_ERROR] = "GenericError",
    [ERROR_CLASS_COMMAND_NOT_FOUND] = "CommandNotFound",
    [ERROR_CLASS_DEVICE_NOT_ACTIVE] = "DeviceNotActive",
    [ERROR_CLASS_DEVICE_NOT_FOUND] = "DeviceNotFound",
    [ERROR_CLASS_KVM_MISSING_CAP] = "KVMMissingCap",
};

const char *error_class_str(ErrorClass err_class)
{
    if ((unsigned)err_class >= ERROR_CLASS__MAX) {
        programming_error("%d is no class of errors", err_class);
    }
    return error_class_names[err_class];
}

/*
 * A message may contain names that come from outside, so it is made safe for a
 * terminal.  One call of fputs(), so that lines of several threads do not mix.
 */
void error_print(const Error *err, const char *prefix)
{
    g_autoptr(GString) text = g_string_new(NULL);

    if (prefix) {
        safe_text_append(text, prefix, "");
        g_string_append(text, ": ");
    }
    safe_text_append(text, err->msg, "");
    g_string_append_c(text, '\n');
    if (err->hint) {
        safe_text_append(text, err->hint->str, "\n");
    }
    fputs(text->str, stderr);
}

/* Handles the two special destinations; returns for all others. */
static void error_handle(Error *const *errp, const Error *err)
{
    if (errp == &error_abort) {
        fprintf(stderr, "Unexpected error in %s() at %s:%d:\n",
                err->func, err->src, err->line);
        error_print(err, g_get_prgname());
        abort();
    }
    if (errp == &error_fatal) {
        error_print(err, g_get_prgname());
        exit(1);
    }
}

/*
 * The cause is not the second error, but that the caller did not return after
 * the first one; the message names both.
 */
static void G_GNUC_PRINTF(5, 0)
abort_set_twice(const Error *first, const char *src, int line,
                const char *func, const char *fmt, va_list ap)
{
    g_autofree char *second = g_strdup_vprintf(fmt, ap);

    programming_error_at(src, line, func,
                         "the error '%s' is set on top of '%s', which %s() "
                         "set at %s:%d; return after a failure, or free its "
                         "error", second, first->msg, first->func,
                         first->src, first->line);
}

/* All setters end here.  If @errp is NULL, no message is built. */
static void error_setv(Error **errp, const char *src, int line,
                       const char *func, ErrorClass err_class, int os_errno,
                       const char *fmt, va_list ap)
{
    Error *err;

    if (!errp) {
        return;
    }
    if (G_UNLIKELY(*errp)) {
        abort_set_twice(*errp, src, line, func, fmt, ap);
    }

    err = g_new0(Error, 1);
    err->msg = g_strdup_vprintf(fmt, ap);
    if (os_errno) {
        char *msg = g_strdup_printf("%s: %s", err->msg,
                                    g_strerror(os_errno));

        g_free(err->msg);
        err->msg = msg;
    }
    err->err_class = err_class;
    err->src = src;
    err->line = line;
    err->func = func;

    error_handle(errp, err);
    *errp = err;
}

/*
 * The setters keep errno, because callers often set an error and then return
 * -errno.
 */

void error_setg_internal(Error **errp, const char *src, int line,
                         const char *func, const char *fmt, ...)
{
    int saved_errno = errno;
    va_list ap;

    va_start(ap, fmt);
    error_setv(errp, src, line, func, ERROR_CLASS_GENERIC_ERROR, 0, fmt, ap);
    va_end(ap);
    errno = saved_errno;
}

void error_setg_errno_internal(Error **errp, const char *src, int line,
                               const char *func, int os_errno,
                               const char *fmt, ...)
{
    int saved_errno = errno;
    va_list ap;

    va_start(ap, fmt);
    error_setv(errp, src, line, func, ERROR_CLASS_GENERIC_ERROR, os_errno,
               fmt, ap);
    va_end(ap);
    errno = saved_errno;
}

void error_setg_file_open_internal(Error **errp, const char *src, int line,
                                   const char *func, int os_errno,
                                   const char *filename)
{
    error_setg_errno_internal(errp, src, line, func, os_errno,
                              "Could not open '%s'", filename);
}

void error_set_internal(Error **errp, const char *src, int line,
                        const char *func, ErrorClass err_class,
                        const char *fmt, ...)
{
    int saved_errno = errno;
    va_list ap;

    va_start(ap, fmt);
    error_setv(errp, src, line, func, err_class, 0, fmt, ap);
    va_end(ap);
    errno = saved_errno;
}

void error_propagate(Error **dst_errp, Error *local_err)
{
    if (!local_err) {
        return;
    }
    error_handle(dst_errp, local_err);
    if (dst_errp && !*dst_errp) {
        *dst_errp = local_err;
    } else {
        error_free(local_err);
    }
}

/* The message changes in place, so the Error keeps its place and class. */
void error_vprepend(Error *const *errp, const char *fmt, va_list ap)
{
    g_autofree char *msg = NULL;
    g_autofree char *prefix = NULL;

    if (!errp || !*errp) {
        return;
    }
    prefix = g_strdup_vprintf(fmt, ap);
    msg = (*errp)->msg;
    (*errp)->msg = g_strconcat(prefix, msg, NULL);
}

void error_prepend(Error *const *errp, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    error_vprepend(errp, fmt, ap);
    va_end(ap);
}

/* The prefix is formatted only if the Error is kept. */
void error_propagate_prepend(Error **dst_errp, Error *local_err,
                             const char *fmt, ...)
{
    va_list ap;

    if (dst_errp && !*dst_errp) {
        va_start(ap, fmt);
        error_vprepend(&local_err, fmt, ap);
        va_end(ap);
    }
    error_propagate(dst_errp, local_err);
}

/*
 * A hint comes after the error was set, but error_abort and error_fatal have
 * ended the process by then.  The call is an error of the caller: ERRP_GUARD()
 * gives it a local Error first.
 */
void error_append_hint(Error *const *errp, const char *fmt, ...)
{
    int saved_errno = errno;
    va_list ap;
    Error *err;

    if (!errp || !*errp) {
        return;
    }
    if (errp == &error_abort || errp == &error_fatal) {
        programming_error("error_append_hint() on error_abort or error_fatal; "
                          "use ERRP_GUARD()");
    }
    err = *errp;
    if (!err->hint) {
        err->hint = g_string_new(NULL);
    }
    va_start(ap, fmt);
    g_string_append_vprintf(err->hint, fmt, ap);
    va_end(ap);
    errno = saved_errno;
}

/*
 * NULL has no message, so that a caller can print the Error of a call that did
 * not fail.
 */
const char *error_get_pretty(const Error *err)
{
    return err ? err->msg : NULL;
}

const char *error_get_hint(const Error *err)
{
    return err->hint ? err->hint->str : NULL;
}

ErrorClass error_get_class(const Error *err)
{
    return err->err_class;
}

void error_get_origin(const Error *err, const char **file, int *line,
                      const char **func)
{
    if (file) {
        *file = err->src;
    }
    if (line) {
        *line = err->line;
    }
    if (func) {
        *func = err->func;
    }
}

/* The copy has the place of the original. */
Error *error_copy(const Error *err)
{
    Error *copy = g_new0(Error, 1);

    *copy = *err;
    copy->msg = g_strdup(err->msg);
    copy->hint = err->hint ? g_string_new(err->hint->str) : NULL;
    return copy;
}

void error_free(Error *err)
{
    if (!err) {
        return;
    }
    g_free(err->msg);
    if (err->hint) {
        g_string_free(err->hint, TRUE);
    }
    g_free(err);
}

/* For tests: the failure of the call before it is what they check. */
void error_free_or_abort(Error **errp)
{
    if (!errp || !*errp) {
        programming_error("error_free_or_abort(): there is no error, but the "
                          "call before it had to fail");
    }
    error_free(*errp);
    *errp = NULL;
}
