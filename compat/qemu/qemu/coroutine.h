/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Coroutines, their locks and sleeps; aio_co_*() are the library's. */
#ifndef QOM_COMPAT_QEMU_COROUTINE_H
#define QOM_COMPAT_QEMU_COROUTINE_H

#include "aio/coroutine/coroutine-lock.h"
#include "aio/coroutine/coroutine-sleep.h"
#include "aio/coroutine/coroutine.h"
#include "aio/net/co-io.h"
#include "qemu/lockable.h"
#include "qemu/osdep.h"
#include "qemu/queue.h"
#include "qemu/timer.h"

#include <poll.h>

/* ---- Coroutines ---- */

static inline Coroutine *qemu_coroutine_create(CoroutineEntry *entry,
                                               void *opaque)
{
    return coroutine_create(entry, opaque);
}

static inline void qemu_coroutine_enter(Coroutine *co)
{
    coroutine_enter(co);
}

static inline void qemu_coroutine_enter_if_inactive(Coroutine *co)
{
    coroutine_enter_if_inactive(co);
}

static inline void coroutine_fn qemu_coroutine_yield(void)
{
    coroutine_yield();
}

static inline Coroutine *qemu_coroutine_self(void)
{
    return coroutine_self();
}

static inline bool qemu_in_coroutine(void)
{
    return in_coroutine();
}

static inline bool qemu_coroutine_entered(Coroutine *co)
{
    return coroutine_entered(co);
}

static inline AioContext *qemu_coroutine_get_aio_context(Coroutine *co)
{
    return coroutine_get_aio_context(co);
}

static inline void qemu_aio_coroutine_enter(AioContext *ctx, Coroutine *co)
{
    aio_co_enter(ctx, co);
}

/* Stacks of ended coroutines are kept without a request. */
static inline void qemu_coroutine_inc_pool_size(unsigned n)
{
}

static inline void qemu_coroutine_dec_pool_size(unsigned n)
{
}

/* ---- CoMutex ---- */

static inline void qemu_co_mutex_init(CoMutex *mutex)
{
    co_mutex_init(mutex);
}

static inline void coroutine_fn qemu_co_mutex_lock(CoMutex *mutex)
{
    co_mutex_lock(mutex);
}

static inline void coroutine_fn qemu_co_mutex_unlock(CoMutex *mutex)
{
    co_mutex_unlock(mutex);
}

static inline void coroutine_fn qemu_co_mutex_assert_locked(CoMutex *mutex)
{
    co_mutex_assert_locked(mutex);
}

/* ---- CoQueue ---- */

static inline void qemu_co_queue_init(CoQueue *queue)
{
    co_queue_init(queue);
}

/* @lock: (nullable) as QEMU_MAKE_LOCKABLE() takes it */
#define qemu_co_queue_wait(queue, lock) \
    qemu_co_queue_wait_flags((queue), (lock), 0)
#define qemu_co_queue_wait_flags(queue, lock, flags) \
    co_queue_wait_full((queue), QEMU_MAKE_LOCKABLE(lock), (flags))

static inline bool coroutine_fn qemu_co_queue_next(CoQueue *queue)
{
    return co_queue_next(queue);
}

static inline void coroutine_fn qemu_co_queue_restart_all(CoQueue *queue)
{
    co_queue_restart_all(queue);
}

static inline bool qemu_co_queue_empty(CoQueue *queue)
{
    return co_queue_empty(queue);
}

#if QOM_COMPAT_QEMU < 300
static inline bool qemu_co_enter_next(CoQueue *queue)
{
    return co_enter_next(queue, NULL);
}
#else
#define qemu_co_enter_next(queue, lock) \
    co_enter_next((queue), QEMU_MAKE_LOCKABLE(lock))
#define qemu_co_enter_all(queue, lock) \
    co_enter_all((queue), QEMU_MAKE_LOCKABLE(lock))
#endif

/* ---- CoRwlock ---- */

static inline void qemu_co_rwlock_init(CoRwlock *lock)
{
    co_rwlock_init(lock);
}

static inline void coroutine_fn qemu_co_rwlock_rdlock(CoRwlock *lock)
{
    co_rwlock_rdlock(lock);
}

static inline void coroutine_fn qemu_co_rwlock_wrlock(CoRwlock *lock)
{
    co_rwlock_wrlock(lock);
}

static inline void coroutine_fn qemu_co_rwlock_upgrade(CoRwlock *lock)
{
    co_rwlock_upgrade(lock);
}

static inline void coroutine_fn qemu_co_rwlock_downgrade(CoRwlock *lock)
{
    co_rwlock_downgrade(lock);
}

static inline void coroutine_fn qemu_co_rwlock_unlock(CoRwlock *lock)
{
    co_rwlock_unlock(lock);
}

/* ---- Sleeps ---- */

typedef CoSleep QemuCoSleep;

static inline void coroutine_fn qemu_co_sleep_ns(QEMUClockType type,
                                                 int64_t ns)
{
    co_sleep_ns(type, ns);
}

static inline void coroutine_fn
qemu_co_sleep_ns_wakeable(QemuCoSleep *sleep, QEMUClockType type, int64_t ns)
{
    co_sleep_ns_wakeable(sleep, type, ns);
}

static inline void coroutine_fn qemu_co_sleep(QemuCoSleep *sleep)
{
    co_sleep(sleep);
}

static inline void qemu_co_sleep_wake(QemuCoSleep *sleep)
{
    co_sleep_wake(sleep);
}

typedef void CleanupFunc(void *opaque);

static inline int coroutine_fn qemu_co_timeout(CoroutineEntry *entry,
                                               void *opaque,
                                               uint64_t timeout_ns,
                                               CleanupFunc *clean)
{
    return co_timeout(entry, opaque, timeout_ns, clean);
}

/* ---- Sockets, which are non-blocking ---- */

/* Returns when @fd can be read, or when the coroutine is cancelled. */
static inline void coroutine_fn yield_until_fd_readable(int fd)
{
    (void)co_fd_wait(fd, POLLIN, -1);
}

/*
 * qemu_co_send_recv: sends or receives all bytes
 * @do_send: false: receives, up to the end of the stream
 *
 * Returns: bytes transferred; -1 with errno set if there are none
 */
static inline ssize_t coroutine_fn qemu_co_send_recv(int sockfd, void *buf,
                                                     size_t bytes,
                                                     bool do_send)
{
    size_t done = 0;

    while (done < bytes) {
        char *p = (char *)buf + done;
        ssize_t n = do_send ? send(sockfd, p, bytes - done, MSG_NOSIGNAL)
                            : recv(sockfd, p, bytes - done, 0);

        if (n > 0) {
            done += n;
        } else if (n == 0) {
            break;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            int ret = co_fd_wait(sockfd, do_send ? POLLOUT : POLLIN, -1);

            if (ret < 0) {
                errno = -ret;
                return done > 0 ? (ssize_t)done : -1;
            }
        } else if (errno != EINTR) {
            return done > 0 ? (ssize_t)done : -1;
        }
    }
    return done;
}

#define qemu_co_recv(sockfd, buf, bytes) \
    qemu_co_send_recv((sockfd), (buf), (bytes), false)
#define qemu_co_send(sockfd, buf, bytes) \
    qemu_co_send_recv((sockfd), (buf), (bytes), true)

/* The same for @bytes bytes of a vector, without the first @offset ones. */
static inline ssize_t coroutine_fn
qemu_co_sendv_recvv(int sockfd, struct iovec *iov, unsigned iov_cnt,
                    size_t offset, size_t bytes, bool do_send)
{
    size_t done = 0;

    for (unsigned i = 0; i < iov_cnt && done < bytes; i++) {
        size_t skipped = MIN(offset, iov[i].iov_len);
        size_t len = MIN(iov[i].iov_len - skipped, bytes - done);
        ssize_t n = qemu_co_send_recv(
            sockfd, (char *)iov[i].iov_base + skipped, len, do_send);

        if (n < 0) {
            return done > 0 ? (ssize_t)done : -1;
        }
        offset -= skipped;
        done += n;
        if ((size_t)n < len) {
            break;
        }
    }
    return done;
}

#define qemu_co_recvv(sockfd, iov, iov_cnt, offset, bytes) \
    qemu_co_sendv_recvv((sockfd), (iov), (iov_cnt), (offset), (bytes), false)
#define qemu_co_sendv(sockfd, iov, iov_cnt, offset, bytes) \
    qemu_co_sendv_recvv((sockfd), (iov), (iov_cnt), (offset), (bytes), true)

#endif
