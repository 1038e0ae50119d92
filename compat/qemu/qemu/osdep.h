/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The header that every source file of QEMU includes first: the C library,
 * GLib, and macros that are used everywhere.
 */
#ifndef QOM_COMPAT_QEMU_OSDEP_H
#define QOM_COMPAT_QEMU_OSDEP_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include <glib.h>

#include "qemu/compat-version.h"
#include "qemu/compiler.h"
#include "util/macros.h"
#include "util/thread.h"

#ifndef CONFIG_POSIX
#define CONFIG_POSIX 1
#endif
#if defined(__linux__) && !defined(CONFIG_LINUX)
#define CONFIG_LINUX 1
#endif

/* 0 if @x is an array; an error of the compiler if it is a pointer */
#define QEMU_MUST_BE_ARRAY(x)                                          \
    QEMU_BUILD_BUG_ON_ZERO(__builtin_types_compatible_p(               \
        __typeof__(x), __typeof__(&(x)[0])))

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(x) (sizeof(x) / sizeof((x)[0]) + QEMU_MUST_BE_ARRAY(x))
#endif

#ifndef DIV_ROUND_UP
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#endif
#ifndef ROUND_UP
#define ROUND_UP(n, power_of_two) \
    (((n) + (power_of_two) - 1) & -(0 ? (n) : (power_of_two)))
#endif
#define QEMU_ALIGN_DOWN(n, m) ((n) / (m) * (m))
#define QEMU_ALIGN_UP(n, m) QEMU_ALIGN_DOWN((n) + (m) - 1, (m))
#define QEMU_IS_ALIGNED(n, m) (((n) % (m)) == 0)

#ifndef MIN_NON_ZERO
#define MIN_NON_ZERO(a, b) \
    ((a) == 0 ? (b) : ((b) == 0 ? (a) : ((a) < (b) ? (a) : (b))))
#endif

static inline int qemu_get_thread_id(void)
{
    return thread_get_id();
}

static inline void qemu_set_cloexec(int fd)
{
    int flags = fcntl(fd, F_GETFD);

    g_assert(flags >= 0);
    flags = fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
    g_assert(flags >= 0);
}

#endif
