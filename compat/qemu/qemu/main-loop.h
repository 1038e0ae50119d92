/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The main loop, which runs the main context.
 *
 * There is no big lock.  Objects belong to the thread of the main loop, as if
 * it always held that lock.  Taking the lock does nothing in this thread and
 * aborts in any other one, which has to schedule a bottom half in the main
 * context instead.
 */
#ifndef QOM_COMPAT_QEMU_MAIN_LOOP_H
#define QOM_COMPAT_QEMU_MAIN_LOOP_H

#include "qemu/aio.h"
#include "qemu/osdep.h"

/* Makes the main context a source of GLib's default context. */
static inline void qemu_attach_main_loop(void)
{
    GSource *source = aio_get_g_source(aio_get_main_context());

    if (!g_source_get_context(source)) {
        g_source_attach(source, NULL);
    }
    g_source_unref(source);
}

/**
 * qemu_init_main_loop: creates the main context, as a source of GLib
 * @errp: set on failure
 *
 * Returns: 0; -1 on failure
 * Thread: main
 */
static inline int qemu_init_main_loop(Error **errp)
{
    if (!aio_main_context_init(errp)) {
        return -1;
    }
    qemu_attach_main_loop();
    return 0;
}

/**
 * main_loop_wait: one iteration of GLib's default context
 * @nonblocking: true: does not wait
 *
 * The main context is a source of it, like other sources that the program has
 * attached.  If another part of the program has created the main context, the
 * first call attaches it.
 *
 * Thread: main
 */
static inline void main_loop_wait(int nonblocking)
{
    qemu_attach_main_loop();
    g_main_context_iteration(NULL, !nonblocking);
}

static inline void qemu_notify_event(void)
{
    aio_notify(aio_get_main_context());
}

/*
 * Returns the main context, which also runs the handlers of
 * qemu_set_fd_handler().  In QEMU they have a context of their own, so that
 * aio_poll() of the main context does not call them; here it does.
 */
static inline AioContext *iohandler_get_aio_context(void)
{
    return aio_get_main_context();
}

/* (transfer full) The source that runs the main context. */
static inline GSource *iohandler_get_g_source(void)
{
    return aio_get_g_source(aio_get_main_context());
}

#define qemu_bh_new(cb, opaque) \
    aio_bh_new(aio_get_main_context(), (cb), (opaque))
#define qemu_bh_new_guarded(cb, opaque, guard) \
    aio_bh_new_guarded(aio_get_main_context(), (cb), (opaque), (guard))

static inline void qemu_set_fd_handler(int fd, IOHandler *fd_read,
                                       IOHandler *fd_write, void *opaque)
{
    (aio_set_fd_handler)(aio_get_main_context(), fd, fd_read, fd_write, NULL,
                         NULL, opaque);
}

static inline void event_notifier_set_handler(EventNotifier *notifier,
                                              EventNotifierHandler *handler)
{
    (aio_set_event_notifier)(aio_get_main_context(), notifier, handler, NULL,
                             NULL);
}

/* ---- The thread of the main loop ---- */

static inline bool qemu_in_main_thread(void)
{
    return in_aio_context_home_thread(aio_get_main_context());
}

#define GLOBAL_STATE_CODE() g_assert(qemu_in_main_thread())
#define IO_CODE() ((void)0)
#define IO_OR_GS_CODE() ((void)0)

static inline bool bql_locked(void)
{
    return qemu_in_main_thread();
}

static inline void bql_lock(void)
{
    g_assert(qemu_in_main_thread());
}

static inline void bql_unlock(void)
{
    g_assert(qemu_in_main_thread());
}

static inline bool qemu_mutex_iothread_locked(void)
{
    return bql_locked();
}

static inline void qemu_mutex_lock_iothread(void)
{
    bql_lock();
}

static inline void qemu_mutex_unlock_iothread(void)
{
    bql_unlock();
}

/* Up to the end of the block the thread is that of the main loop, or aborts. */
#define BQL_LOCK_GUARD() bql_lock()
#define QEMU_IOTHREAD_LOCK_GUARD() bql_lock()

#endif
