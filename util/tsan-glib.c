/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * GLib's locks for the thread sanitizer; only builds with it have this file.
 *
 * GLib is not instrumented, so the sanitizer sees neither its locks nor the
 * order that they give.  The linker redirects calls of its functions to these
 * wrappers (--wrap), which report each lock and unlock to the sanitizer.
 */
#include <glib.h>

#pragma GCC visibility push(default)

void __tsan_acquire(void *addr);
void __tsan_release(void *addr);

#define WRAP_LOCK(Type, function)                                       \
    void __real_##function(Type *lock);                                 \
    void __wrap_##function(Type *lock);                                 \
    void __wrap_##function(Type *lock)                                  \
    {                                                                   \
        __real_##function(lock);                                        \
        __tsan_acquire(lock);                                           \
    }

#define WRAP_TRYLOCK(Type, function)                                    \
    gboolean __real_##function(Type *lock);                             \
    gboolean __wrap_##function(Type *lock);                             \
    gboolean __wrap_##function(Type *lock)                              \
    {                                                                   \
        gboolean locked = __real_##function(lock);                      \
                                                                        \
        if (locked) {                                                   \
            __tsan_acquire(lock);                                       \
        }                                                               \
        return locked;                                                  \
    }

#define WRAP_UNLOCK(Type, function)                                     \
    void __real_##function(Type *lock);                                 \
    void __wrap_##function(Type *lock);                                 \
    void __wrap_##function(Type *lock)                                  \
    {                                                                   \
        __tsan_release(lock);                                           \
        __real_##function(lock);                                        \
    }

WRAP_LOCK(GMutex, g_mutex_lock)
WRAP_TRYLOCK(GMutex, g_mutex_trylock)
WRAP_UNLOCK(GMutex, g_mutex_unlock)
WRAP_LOCK(GRecMutex, g_rec_mutex_lock)
WRAP_TRYLOCK(GRecMutex, g_rec_mutex_trylock)
WRAP_UNLOCK(GRecMutex, g_rec_mutex_unlock)

/* Waiting releases the mutex and locks it again. */
void __real_g_cond_wait(GCond *cond, GMutex *mutex);
void __wrap_g_cond_wait(GCond *cond, GMutex *mutex);
void __wrap_g_cond_wait(GCond *cond, GMutex *mutex)
{
    __tsan_release(mutex);
    __real_g_cond_wait(cond, mutex);
    __tsan_acquire(mutex);
}

gboolean __real_g_cond_wait_until(GCond *cond, GMutex *mutex, gint64 end_us);
gboolean __wrap_g_cond_wait_until(GCond *cond, GMutex *mutex, gint64 end_us);
gboolean __wrap_g_cond_wait_until(GCond *cond, GMutex *mutex, gint64 end_us)
{
    gboolean signalled;

    __tsan_release(mutex);
    signalled = __real_g_cond_wait_until(cond, mutex, end_us);
    __tsan_acquire(mutex);
    return signalled;
}

#pragma GCC visibility pop
