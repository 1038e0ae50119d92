/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A count of visitors together with a mutex.  A thread that holds the mutex
 * while the count is 0 knows that no visitor exists and none begins.
 *
 * While the count is not 0, visitors come and go without the mutex.
 */
#ifndef QOM_COMPAT_QEMU_LOCKCNT_H
#define QOM_COMPAT_QEMU_LOCKCNT_H

#include "qemu/atomic.h"
#include "qemu/thread.h"

typedef struct QemuLockCnt {
    QemuMutex mutex;
    unsigned count; /* becomes 1 only under mutex; any thread */
} QemuLockCnt;

static inline void qemu_lockcnt_init(QemuLockCnt *lockcnt)
{
    qemu_mutex_init(&lockcnt->mutex);
    lockcnt->count = 0;
}

static inline void qemu_lockcnt_destroy(QemuLockCnt *lockcnt)
{
    qemu_mutex_destroy(&lockcnt->mutex);
}

static inline void qemu_lockcnt_lock(QemuLockCnt *lockcnt)
{
    qemu_mutex_lock(&lockcnt->mutex);
}

static inline void qemu_lockcnt_unlock(QemuLockCnt *lockcnt)
{
    qemu_mutex_unlock(&lockcnt->mutex);
}

/* Adds @delta unless the count is below @min; returns true if it has. */
static inline bool qemu_compat_lockcnt_change(QemuLockCnt *lockcnt,
                                              unsigned min, unsigned delta)
{
    unsigned found = qatomic_read(&lockcnt->count);

    while (found >= min) {
        unsigned before = qatomic_cmpxchg(&lockcnt->count, found,
                                          found + delta);

        if (before == found) {
            return true;
        }
        found = before;
    }
    return false;
}

/* A visitor begins; the first one waits for the mutex. */
static inline void qemu_lockcnt_inc(QemuLockCnt *lockcnt)
{
    if (!qemu_compat_lockcnt_change(lockcnt, 1, 1)) {
        qemu_lockcnt_lock(lockcnt);
        qatomic_inc(&lockcnt->count);
        qemu_lockcnt_unlock(lockcnt);
    }
}

/* A visitor ends. */
static inline void qemu_lockcnt_dec(QemuLockCnt *lockcnt)
{
    qatomic_dec(&lockcnt->count);
}

/* A visitor ends; if it was the last one, returns true with the mutex held. */
static inline bool qemu_lockcnt_dec_and_lock(QemuLockCnt *lockcnt)
{
    if (qemu_compat_lockcnt_change(lockcnt, 2, -1)) {
        return false;
    }
    qemu_lockcnt_lock(lockcnt);
    if (qatomic_dec_fetch(&lockcnt->count) == 0) {
        return true;
    }
    qemu_lockcnt_unlock(lockcnt);
    return false;
}

/* The last visitor ends and holds the mutex; with others nothing changes. */
static inline bool qemu_lockcnt_dec_if_lock(QemuLockCnt *lockcnt)
{
    if (qatomic_read(&lockcnt->count) > 1) {
        return false;
    }
    qemu_lockcnt_lock(lockcnt);
    if (qatomic_cmpxchg(&lockcnt->count, 1, 0) == 1) {
        return true;
    }
    qemu_lockcnt_unlock(lockcnt);
    return false;
}

/* Releases the mutex as a visitor. */
static inline void qemu_lockcnt_inc_and_unlock(QemuLockCnt *lockcnt)
{
    qatomic_inc(&lockcnt->count);
    qemu_lockcnt_unlock(lockcnt);
}

static inline unsigned qemu_lockcnt_count(QemuLockCnt *lockcnt)
{
    return qatomic_read(&lockcnt->count);
}

#endif
