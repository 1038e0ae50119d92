/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Errors, whose names QEMU and the library share, and reports on stderr, which
 * the library never prints.
 *
 * The library's own headers include this one under the same name, so it
 * contains only what an Error needs.
 */
#ifndef QOM_COMPAT_QEMU_QAPI_ERROR_H
#define QOM_COMPAT_QEMU_QAPI_ERROR_H

#include "../../../qapi/error.h"
#include "qemu/error-report.h"

/* Prints @prefix, @err and its hint; @err is consumed. */
static inline void qemu_compat_report_err(const char *kind,
                                          const char *prefix, Error *err)
{
    const char *hint = error_get_hint(err);

    if (*kind) {
        warn_report("%s%s", prefix, error_get_pretty(err));
    } else {
        error_report("%s%s", prefix, error_get_pretty(err));
    }
    if (hint) {
        error_printf("%s", hint);
    }
    error_free(err);
}

static inline void error_report_err(Error *err)
{
    qemu_compat_report_err("", "", err);
}

static inline void warn_report_err(Error *err)
{
    qemu_compat_report_err("warning", "", err);
}

static inline G_GNUC_PRINTF(2, 3) void
error_reportf_err(Error *err, const char *fmt, ...)
{
    g_autofree char *prefix = NULL;
    va_list ap;

    va_start(ap, fmt);
    prefix = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    qemu_compat_report_err("", prefix, err);
}

static inline G_GNUC_PRINTF(2, 3) void
warn_reportf_err(Error *err, const char *fmt, ...)
{
    g_autofree char *prefix = NULL;
    va_list ap;

    va_start(ap, fmt);
    prefix = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    qemu_compat_report_err("warning", prefix, err);
}

/* Prints at most once per place, and consumes @err in any case. */
#define warn_report_err_once(err)                                       \
    (__extension__({                                                    \
        static bool reported_;                                          \
        warn_report_err_once_cond(&reported_, (err));                   \
    }))

/* Returns: true if @printed was false, and the warning was printed */
static inline bool warn_report_err_once_cond(bool *printed, Error *err)
{
    if (__atomic_exchange_n(printed, true, __ATOMIC_RELAXED)) {
        error_free(err);
        return false;
    }
    warn_report_err(err);
    return true;
}

#define QapiErrorClass_str(err_class) error_class_str(err_class)

#include "qapi/util.h"

#endif
