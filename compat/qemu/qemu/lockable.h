/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One type for everything that can be locked, and guards that unlock at the end
 * of their scope:
 *
 *     QEMU_LOCK_GUARD(&mutex);
 *
 *     WITH_QEMU_LOCK_GUARD(&mutex) {
 *         ...
 *     }
 *
 * The argument is the address of a QemuMutex, QemuRecMutex, QemuSpin, CoMutex
 * (in a coroutine) or QemuLockable.  QEMU_MAKE_LOCKABLE() also takes NULL and
 * then returns NULL.
 */
#ifndef QOM_COMPAT_QEMU_LOCKABLE_H
#define QOM_COMPAT_QEMU_LOCKABLE_H

#include "aio/coroutine/coroutine-lock.h"
#include "qemu/thread.h"

typedef CoLockable QemuLockable;

#define QEMU_DEFINE_LOCKABLE_(kind, type, lock_fn, unlock_fn)           \
    static inline void qemu_lockable_lock_##kind(void *object)          \
    {                                                                   \
        lock_fn((type *)object);                                        \
    }                                                                   \
    static inline void qemu_lockable_unlock_##kind(void *object)        \
    {                                                                   \
        unlock_fn((type *)object);                                      \
    }

static inline void qemu_lockable_lock(QemuLockable *lockable)
{
    lockable->lock(lockable->object);
}

static inline void qemu_lockable_unlock(QemuLockable *lockable)
{
    lockable->unlock(lockable->object);
}

QEMU_DEFINE_LOCKABLE_(mutex, QemuMutex, qemu_mutex_lock, qemu_mutex_unlock)
QEMU_DEFINE_LOCKABLE_(rec, QemuRecMutex, qemu_rec_mutex_lock,
                      qemu_rec_mutex_unlock)
QEMU_DEFINE_LOCKABLE_(spin, QemuSpin, qemu_spin_lock, qemu_spin_unlock)
QEMU_DEFINE_LOCKABLE_(co, CoMutex, co_mutex_lock, co_mutex_unlock)
QEMU_DEFINE_LOCKABLE_(any, QemuLockable, qemu_lockable_lock,
                      qemu_lockable_unlock)

/* The type of a literal NULL. */
static inline void qemu_lockable_none(void *object)
{
}

#define QEMU_LOCKABLE_FN_(x, verb)                                      \
    _Generic((x),                                                       \
             QemuMutex *: qemu_lockable_##verb##_mutex,                 \
             QemuRecMutex *: qemu_lockable_##verb##_rec,                \
             QemuSpin *: qemu_lockable_##verb##_spin,                   \
             CoMutex *: qemu_lockable_##verb##_co,                      \
             QemuLockable *: qemu_lockable_##verb##_any,                \
             void *: qemu_lockable_none)

#define QEMU_LOCKABLE_INIT_(x, object_)                                 \
    (&(QemuLockable) {                                                  \
        .object = (object_),                                            \
        .lock = QEMU_LOCKABLE_FN_(x, lock),                             \
        .unlock = QEMU_LOCKABLE_FN_(x, unlock),                         \
    })

static inline QemuLockable *qemu_make_lockable(void *object,
                                               QemuLockable *lockable)
{
    lockable->object = object;
    return object ? lockable : NULL;
}

/* A QemuLockable that exists as long as its block; NULL for NULL. */
#define QEMU_MAKE_LOCKABLE(x) \
    qemu_make_lockable((x), QEMU_LOCKABLE_INIT_(x, NULL))
#define QEMU_MAKE_LOCKABLE_NONNULL(x) QEMU_LOCKABLE_INIT_(x, x)

/* The implementation of the guards; its object is NULL after unlocking. */
typedef struct QemuLockGuard {
    QemuLockable lockable;
} QemuLockGuard;

static inline QemuLockGuard qemu_lock_guard_enter(QemuLockable *lockable)
{
    qemu_lockable_lock(lockable);
    return (QemuLockGuard) { *lockable };
}

static inline void qemu_lock_guard_leave(QemuLockGuard *guard)
{
    if (guard->lockable.object) {
        qemu_lockable_unlock(&guard->lockable);
        guard->lockable.object = NULL;
    }
}

#define QEMU_LOCK_GUARD_VAR_(var, x)                                    \
    __attribute__((__cleanup__(qemu_lock_guard_leave), __unused__))     \
    QemuLockGuard var =                                                 \
        qemu_lock_guard_enter(QEMU_MAKE_LOCKABLE_NONNULL(x))

#define QEMU_LOCK_GUARD(x) \
    QEMU_LOCK_GUARD_VAR_(glue(qemu_lock_guard_, __COUNTER__), x)
#define LOCK_GUARD(x) QEMU_LOCK_GUARD(x)

#define WITH_QEMU_LOCK_GUARD(x) \
    WITH_QEMU_LOCK_GUARD_(glue(qemu_lock_guard_, __COUNTER__), x)
#define WITH_QEMU_LOCK_GUARD_(var, x)                                   \
    for (QEMU_LOCK_GUARD_VAR_(var, x); var.lockable.object;             \
         qemu_lock_guard_leave(&var))

#endif
