/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Futexes of Linux.  Until 10.0 the number of threads was an argument. */
#ifndef QOM_COMPAT_QEMU_FUTEX_H
#define QOM_COMPAT_QEMU_FUTEX_H

#ifdef __linux__

#include "qemu/osdep.h"

#include <linux/futex.h>
#include <sys/syscall.h>

#define HAVE_FUTEX 1

#define qemu_futex(...) syscall(SYS_futex, __VA_ARGS__)

/* Wakes up at most @n threads that wait for the int at @f. */
static inline void qemu_compat_futex_wake(void *f, int n)
{
    (void)qemu_futex(f, FUTEX_WAKE, n, NULL, NULL, 0);
}

#if QOM_COMPAT_QEMU < 1001
static inline void qemu_futex_wake(void *f, int n)
{
    qemu_compat_futex_wake(f, n);
}
#else
static inline void qemu_futex_wake_all(void *f)
{
    qemu_compat_futex_wake(f, INT_MAX);
}

static inline void qemu_futex_wake_single(void *f)
{
    qemu_compat_futex_wake(f, 1);
}
#endif

/* Waits while the int at @f is @val; may also return without a reason. */
static inline void qemu_futex_wait(void *f, unsigned val)
{
    long ret = RETRY_ON_EINTR(
        qemu_futex(f, FUTEX_WAIT, (int)val, NULL, NULL, 0));

    g_assert(ret == 0 || errno == EAGAIN);
}

#endif

#endif
