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

#include <arpa/inet.h>
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <glib-unix.h>
#include <glib.h>

/* QEMU's headers of devices define a type of this name, with these fields. */
#define MemReentrancyGuard QomMemReentrancyGuard
#include "aio/aio.h"
#undef MemReentrancyGuard

#include "../../../qapi/error.h"
#include "qemu/atomic.h"
#include "qemu/compat-version.h"
#include "qemu/compiler.h"
#include "qemu/typedefs.h"
#include "util/macros.h"
#include "util/thread.h"

#ifndef CONFIG_POSIX
#define CONFIG_POSIX 1
#endif
#ifndef CONFIG_COROUTINE_POOL
#define CONFIG_COROUTINE_POOL 1
#endif
#if defined(__linux__) && !defined(CONFIG_LINUX)
#define CONFIG_LINUX 1
#endif

#ifdef __linux__
#define HAVE_CHARDEV_SERIAL 1
#define HAVE_CHARDEV_PARALLEL 1
#endif

#ifndef O_BINARY
#define O_BINARY 0
#endif

#ifndef TIME_MAX
#define TIME_MAX G_MAXLONG
#endif
#ifndef OFF_MAX
#define OFF_MAX INT64_MAX
#endif
#ifndef FMT_pid
#define FMT_pid "%ld"
#endif

#define HOST_LONG_BITS (GLIB_SIZEOF_VOID_P * 8)
#ifndef HOST_BIG_ENDIAN
#define HOST_BIG_ENDIAN (G_BYTE_ORDER == G_BIG_ENDIAN)
#endif

/* Code that the compiler must find to be unreachable, or optimize away. */
#define qemu_build_not_reached_always() g_assert_not_reached()
#define qemu_build_not_reached() g_assert_not_reached()
#define qemu_build_assert(test)                                         \
    do {                                                                \
        if (!(test)) {                                                  \
            qemu_build_not_reached();                                   \
        }                                                               \
    } while (0)

/* Marks for functions that only coroutines may call; nothing checks them. */
#ifndef coroutine_fn
#define coroutine_fn
#endif
#ifndef coroutine_mixed_fn
#define coroutine_mixed_fn
#endif
#ifndef no_coroutine_fn
#define no_coroutine_fn
#endif

/* Repeats a system call that a signal interrupts; its result. */
#define RETRY_ON_EINTR(expr)                                            \
    (__extension__({                                                    \
        __typeof__(expr) result_;                                       \
        do {                                                            \
            result_ = (expr);                                           \
        } while (result_ == -1 && errno == EINTR);                      \
        result_;                                                        \
    }))

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
#ifndef ROUND_DOWN
#define ROUND_DOWN(n, power_of_two) ((n) & -(0 ? (n) : (power_of_two)))
#endif
#define MIN_CONST(a, b) ((a) < (b) ? (a) : (b))
#define MAX_CONST(a, b) ((a) > (b) ? (a) : (b))
#define QEMU_ALIGN_DOWN(n, m) ((n) / (m) * (m))
#define QEMU_ALIGN_UP(n, m) QEMU_ALIGN_DOWN((n) + (m) - 1, (m))
#define QEMU_IS_ALIGNED(n, m) (((n) % (m)) == 0)
#define QEMU_ALIGN_PTR_DOWN(p, n) \
    ((__typeof__(p))QEMU_ALIGN_DOWN((uintptr_t)(p), (n)))
#define QEMU_ALIGN_PTR_UP(p, n) \
    ((__typeof__(p))QEMU_ALIGN_UP((uintptr_t)(p), (n)))
#define QEMU_PTR_IS_ALIGNED(p, n) QEMU_IS_ALIGNED((uintptr_t)(p), (n))

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

static inline void qemu_clear_cloexec(int fd)
{
    int flags = fcntl(fd, F_GETFD);

    g_assert(flags >= 0);
    flags = fcntl(fd, F_SETFD, flags & ~FD_CLOEXEC);
    g_assert(flags >= 0);
}

/* Returns: false with @errp set */
static inline bool qemu_set_blocking(int fd, bool block, Error **errp)
{
    if (!g_unix_set_fd_nonblocking(fd, !block, NULL)) {
        error_setg_errno(errp, errno, "Could not make descriptor %d %s", fd,
                         block ? "blocking" : "non-blocking");
        return false;
    }
    return true;
}

/* ---- Files, which are not inherited by other programs ---- */

/*
 * There are no sets of descriptors, so "/dev/fdset/N" is a path like others.
 *
 * Returns: a descriptor; -1 with errno set
 */
static inline int qemu_open_old(const char *name, int flags, ...)
{
    mode_t mode = 0;

    if (flags & O_CREAT) {
        va_list ap;

        va_start(ap, flags);
        mode = (mode_t)va_arg(ap, int);
        va_end(ap);
    }
    return open(name, flags | O_CLOEXEC, mode);
}

#if QOM_COMPAT_QEMU < 502
#define qemu_open(...) qemu_open_old(__VA_ARGS__)
#else
static inline int qemu_compat_report_open(int fd, const char *verb,
                                          const char *name, Error **errp)
{
    int saved_errno = errno;

    if (fd < 0) {
        error_setg_errno(errp, saved_errno, "Could not %s '%s'", verb, name);
        errno = saved_errno;
    }
    return fd;
}

/* @flags: without O_CREAT, for which there is qemu_create() */
static inline int qemu_open(const char *name, int flags, Error **errp)
{
    g_assert(!(flags & O_CREAT));
    return qemu_compat_report_open(qemu_open_old(name, flags), "open", name,
                                   errp);
}

static inline int qemu_create(const char *name, int flags, mode_t mode,
                              Error **errp)
{
    int fd = qemu_open_old(name, flags | O_CREAT, mode);

    return qemu_compat_report_open(fd, "create", name, errp);
}
#endif

static inline int qemu_close(int fd)
{
    return close(fd);
}

static inline int qemu_unlink(const char *name)
{
    return unlink(name);
}

static inline int qemu_dup(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

static inline int qemu_fdatasync(int fd)
{
    return fdatasync(fd);
}

/* Returns: bytes written; fewer than @count after an error, with errno set */
static inline ssize_t qemu_write_full(int fd, const void *buf, size_t count)
{
    size_t done = 0;

    while (done < count) {
        ssize_t n = RETRY_ON_EINTR(
            write(fd, (const char *)buf + done, count - done));

        if (n < 0) {
            break;
        }
        done += n;
    }
    return done;
}

static inline int qemu_pipe(int pipefd[2])
{
    return g_unix_open_pipe(pipefd, FD_CLOEXEC, NULL) ? 0 : -1;
}

static inline uintptr_t qemu_real_host_page_size(void)
{
    return sysconf(_SC_PAGESIZE);
}

static inline intptr_t qemu_real_host_page_mask(void)
{
    return -(intptr_t)qemu_real_host_page_size();
}

static inline void qemu_flockfile(FILE *f)
{
    flockfile(f);
}

static inline void qemu_funlockfile(FILE *f)
{
    funlockfile(f);
}

/* getopt() begins again with the first argument. */
static inline void qemu_reset_optind(void)
{
    optind = 0;
}

static inline int qemu_timersub(const struct timeval *a,
                                const struct timeval *b, struct timeval *out)
{
    timersub(a, b, out);
    return 0;
}

#endif
