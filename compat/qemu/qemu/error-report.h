/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Messages on stderr, one line each, which begin with the program's name and
 * with the place in the user's input, if one was set.
 *
 * Places are a stack, of which each thread has its own; the program and each
 * plugin have their own, too.
 *
 * The library never prints; these functions are for sources that do.
 */
#ifndef QOM_COMPAT_QEMU_ERROR_REPORT_H
#define QOM_COMPAT_QEMU_ERROR_REPORT_H

#include "util/macros.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

/* ---- Places ---- */

typedef struct Location Location;

struct Location {
    enum { LOC_NONE, LOC_CMDLINE, LOC_FILE } kind;
    int num;         /* of arguments; the line */
    const void *ptr; /* the first argument, of argv; the name of the file */
    Location *prev;
};

/* Shared by all source files of a program or plugin; NULL: no place. */
__attribute__((__weak__, __visibility__("hidden")))
__thread Location *qemu_compat_location;

/* @loc is on top until loc_pop(); returns it. */
static inline Location *loc_push_restore(Location *loc)
{
    loc->prev = qemu_compat_location;
    qemu_compat_location = loc;
    return loc;
}

static inline Location *loc_push_none(Location *loc)
{
    loc->kind = LOC_NONE;
    return loc_push_restore(loc);
}

static inline Location *loc_pop(Location *loc)
{
    g_assert(qemu_compat_location == loc);
    qemu_compat_location = loc->prev;
    return loc;
}

/* Copies the place on top to @loc, which is not pushed. */
static inline Location *loc_save(Location *loc)
{
    *loc = (Location){ .kind = LOC_NONE };
    if (qemu_compat_location) {
        *loc = *qemu_compat_location;
        loc->prev = NULL;
    }
    return loc;
}

/* Sets the place on top; without one, nothing happens. */
static inline void qemu_compat_loc_set(int kind, int num, const void *ptr)
{
    Location *loc = qemu_compat_location;

    if (loc) {
        *loc = (Location){ .kind = kind, .num = num, .ptr = ptr,
                           .prev = loc->prev };
    }
}

static inline void loc_restore(Location *loc)
{
    qemu_compat_loc_set(loc->kind, loc->num, loc->ptr);
}

static inline void loc_set_none(void)
{
    qemu_compat_loc_set(LOC_NONE, 0, NULL);
}

/* @cnt arguments from @idx on; borrowed as long as the place is used. */
static inline void loc_set_cmdline(char **argv, int idx, int cnt)
{
    qemu_compat_loc_set(LOC_CMDLINE, cnt, argv + idx);
}

/* @fname: borrowed as long as the place is used; @lno: 0 for no line */
static inline void loc_set_file(const char *fname, int lno)
{
    qemu_compat_loc_set(LOC_FILE, lno, fname);
}

/* (transfer full) The place on top and ": "; "" if there is none. */
static inline char *qemu_compat_loc_text(void)
{
    const Location *loc = qemu_compat_location;
    GString *text = g_string_new(NULL);

    if (loc && loc->kind == LOC_CMDLINE) {
        char *const *args = (char *const *)loc->ptr;

        for (int i = 0; i < loc->num; i++) {
            g_string_append_printf(text, "%s%s", i > 0 ? " " : "", args[i]);
        }
        g_string_append(text, ": ");
    } else if (loc && loc->kind == LOC_FILE) {
        g_string_append_printf(text, "%s:", (const char *)loc->ptr);
        if (loc->num > 0) {
            g_string_append_printf(text, "%d:", loc->num);
        }
        g_string_append_c(text, ' ');
    }
    return g_string_free(text, FALSE);
}

/* ---- Messages ---- */

/* @kind: "" for an error, otherwise a word and ": " */
static inline G_GNUC_PRINTF(2, 0) void
qemu_compat_vreport(const char *kind, const char *fmt, va_list ap)
{
    g_autofree char *text = g_strdup_vprintf(fmt, ap);
    g_autofree char *place = qemu_compat_loc_text();
    const char *program = g_get_prgname();

    fprintf(stderr, "%s%s%s%s%s\n", program ? program : "",
            program ? ": " : "", place, kind, text);
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

static inline G_GNUC_PRINTF(1, 0) void
error_vprintf(const char *fmt, va_list ap)
{
    vfprintf(stderr, fmt, ap);
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
