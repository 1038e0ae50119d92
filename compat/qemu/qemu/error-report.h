/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Messages on stderr, one line each, which begin with the program's name.
 *
 * The library never prints; these functions are for sources that do.
 */
#ifndef QOM_COMPAT_QEMU_ERROR_REPORT_H
#define QOM_COMPAT_QEMU_ERROR_REPORT_H

#include "util/macros.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

/* @kind: "" for an error, otherwise a word and ": " */
static inline G_GNUC_PRINTF(2, 0) void
qemu_compat_vreport(const char *kind, const char *fmt, va_list ap)
{
    g_autofree char *text = g_strdup_vprintf(fmt, ap);
    const char *program = g_get_prgname();

    fprintf(stderr, "%s%s%s%s\n", program ? program : "",
            program ? ": " : "", kind, text);
}

static inline G_GNUC_PRINTF(1, 0) void
error_vreport(const char *fmt, va_list ap)
{
    qemu_compat_vreport("", fmt, ap);
}

static inline G_GNUC_PRINTF(1, 0) void
warn_vreport(const char *fmt, va_list ap)
{
    qemu_compat_vreport("warning: ", fmt, ap);
}

static inline G_GNUC_PRINTF(1, 0) void
info_vreport(const char *fmt, va_list ap)
{
    qemu_compat_vreport("info: ", fmt, ap);
}

static inline G_GNUC_PRINTF(1, 2) void error_report(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    error_vreport(fmt, ap);
    va_end(ap);
}

static inline G_GNUC_PRINTF(1, 2) void warn_report(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    warn_vreport(fmt, ap);
    va_end(ap);
}

static inline G_GNUC_PRINTF(1, 2) void info_report(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    info_vreport(fmt, ap);
    va_end(ap);
}

/* Prints a text without the program's name and without a newline. */
static inline G_GNUC_PRINTF(1, 2) void error_printf(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
}

/* Prints at most once per place; returns true if it has printed. */
#define error_report_once(...) QEMU_REPORT_ONCE(error_report, __VA_ARGS__)
#define warn_report_once(...) QEMU_REPORT_ONCE(warn_report, __VA_ARGS__)
#define QEMU_REPORT_ONCE(report, ...)                                   \
    (__extension__({                                                    \
        static bool reported_;                                          \
        bool first_ = !__atomic_exchange_n(&reported_, true,            \
                                           __ATOMIC_RELAXED);           \
        if (first_) {                                                   \
            report(__VA_ARGS__);                                        \
        }                                                               \
        first_;                                                         \
    }))

#endif
