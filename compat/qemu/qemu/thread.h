/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mutexes, conditions, semaphores, events and threads, based on POSIX.
 *
 * As in QEMU, a failure is a programming error and aborts, also if the system
 * creates no thread.
 */
#ifndef QOM_COMPAT_QEMU_THREAD_H
#define QOM_COMPAT_QEMU_THREAD_H

#include "qemu/notify.h"
#include "qemu/osdep.h"
#include "util/lock.h"
#include "util/thread.h"

#include <pthread.h>

/* ---- Mutexes ---- */

typedef struct QemuMutex {
    pthread_mutex_t lock;
} QemuMutex;

typedef struct QemuRecMutex {
    pthread_mutex_t lock;
} QemuRecMutex;

static inline void qemu_mutex_init(QemuMutex *mutex)
{
    pthread_mutex_init(&mutex->lock, NULL);
}

static inline void qemu_mutex_destroy(QemuMutex *mutex)
{
    pthread_mutex_destroy(&mutex->lock);
}

static inline void qemu_mutex_lock(QemuMutex *mutex)
{
    G_GNUC_UNUSED int ret = pthread_mutex_lock(&mutex->lock);

    g_assert(ret == 0);
}

/* Returns: 0 if the mutex was free; the caller then holds it */
static inline int qemu_mutex_trylock(QemuMutex *mutex)
{
    return pthread_mutex_trylock(&mutex->lock) == 0 ? 0 : -EBUSY;
}

static inline void qemu_mutex_unlock(QemuMutex *mutex)
{
    G_GNUC_UNUSED int ret = pthread_mutex_unlock(&mutex->lock);

    g_assert(ret == 0);
}

/* The same, because there is no profiler that counts the calls. */
#define qemu_mutex_lock__raw(mutex) qemu_mutex_lock(mutex)
#define qemu_mutex_trylock__raw(mutex) qemu_mutex_trylock(mutex)

static inline void qemu_rec_mutex_init(QemuRecMutex *mutex)
{
    pthread_mutexattr_t attr;

    pthread_mutexattr_init(&attr);
    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&mutex->lock, &attr);
    pthread_mutexattr_destroy(&attr);
}

static inline void qemu_rec_mutex_destroy(QemuRecMutex *mutex)
{
    pthread_mutex_destroy(&mutex->lock);
}

static inline void qemu_rec_mutex_lock(QemuRecMutex *mutex)
{
    G_GNUC_UNUSED int ret = pthread_mutex_lock(&mutex->lock);

    g_assert(ret == 0);
}

static inline int qemu_rec_mutex_trylock(QemuRecMutex *mutex)
{
    return pthread_mutex_trylock(&mutex->lock) == 0 ? 0 : -EBUSY;
}

static inline void qemu_rec_mutex_unlock(QemuRecMutex *mutex)
{
    G_GNUC_UNUSED int ret = pthread_mutex_unlock(&mutex->lock);

    g_assert(ret == 0);
}

/* ---- Spin locks, for sections of well under a microsecond ---- */

typedef Lock QemuSpin;

static inline void qemu_spin_init(QemuSpin *spin)
{
    lock_init(spin);
}

static inline void qemu_spin_destroy(QemuSpin *spin)
{
}

static inline void qemu_spin_lock(QemuSpin *spin)
{
    lock_acquire(spin);
}

/* Returns: false if the caller now holds the lock; true if another does */
static inline bool qemu_spin_trylock(QemuSpin *spin)
{
    return !lock_try_acquire(spin);
}

static inline bool qemu_spin_locked(QemuSpin *spin)
{
    return atomic_load_explicit(&spin->taken, memory_order_acquire);
}

static inline void qemu_spin_unlock(QemuSpin *spin)
{
    lock_release(spin);
}

/* ---- Conditions ---- */

typedef struct QemuCond {
    pthread_cond_t cond;
} QemuCond;

static inline void qemu_cond_init(QemuCond *cond)
{
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&cond->cond, &attr);
    pthread_condattr_destroy(&attr);
}

static inline void qemu_cond_destroy(QemuCond *cond)
{
    pthread_cond_destroy(&cond->cond);
}

static inline void qemu_cond_signal(QemuCond *cond)
{
    pthread_cond_signal(&cond->cond);
}

static inline void qemu_cond_broadcast(QemuCond *cond)
{
    pthread_cond_broadcast(&cond->cond);
}

static inline void qemu_cond_wait(QemuCond *cond, QemuMutex *mutex)
{
    G_GNUC_UNUSED int ret = pthread_cond_wait(&cond->cond, &mutex->lock);

    g_assert(ret == 0);
}

/* A time of CLOCK_MONOTONIC, @ms milliseconds from now. */
static inline struct timespec qemu_compat_deadline(int ms)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    ts.tv_sec += ms / 1000;
    ts.tv_nsec += ms % 1000 * 1000000L;
    if (ts.tv_nsec >= 1000000000L) {
        ts.tv_sec++;
        ts.tv_nsec -= 1000000000L;
    }
    return ts;
}

/* Returns: false if @ms milliseconds have passed */
static inline bool qemu_cond_timedwait(QemuCond *cond, QemuMutex *mutex,
                                       int ms)
{
    struct timespec ts = qemu_compat_deadline(ms);

    return pthread_cond_timedwait(&cond->cond, &mutex->lock, &ts) == 0;
}

/* ---- Semaphores ---- */

typedef struct QemuSemaphore {
    QemuMutex mutex;
    QemuCond cond;
    unsigned count; /* under mutex */
} QemuSemaphore;

static inline void qemu_sem_init(QemuSemaphore *sem, int init)
{
    qemu_mutex_init(&sem->mutex);
    qemu_cond_init(&sem->cond);
    sem->count = init;
}

static inline void qemu_sem_destroy(QemuSemaphore *sem)
{
    qemu_cond_destroy(&sem->cond);
    qemu_mutex_destroy(&sem->mutex);
}

static inline void qemu_sem_post(QemuSemaphore *sem)
{
    qemu_mutex_lock(&sem->mutex);
    sem->count++;
    qemu_cond_signal(&sem->cond);
    qemu_mutex_unlock(&sem->mutex);
}

static inline void qemu_sem_wait(QemuSemaphore *sem)
{
    qemu_mutex_lock(&sem->mutex);
    while (sem->count == 0) {
        qemu_cond_wait(&sem->cond, &sem->mutex);
    }
    sem->count--;
    qemu_mutex_unlock(&sem->mutex);
}

/* Returns: 0; -1 if @ms milliseconds have passed */
static inline int qemu_sem_timedwait(QemuSemaphore *sem, int ms)
{
    struct timespec ts = qemu_compat_deadline(MAX(ms, 0));
    int ret = 0;

    qemu_mutex_lock(&sem->mutex);
    while (sem->count == 0 && ret == 0) {
        ret = pthread_cond_timedwait(&sem->cond.cond, &sem->mutex.lock, &ts);
    }
    if (sem->count > 0) {
        sem->count--;
        ret = 0;
    }
    qemu_mutex_unlock(&sem->mutex);
    return ret == 0 ? 0 : -1;
}

/* ---- Events: a flag that can be waited for ---- */

typedef struct QemuEvent {
    QemuMutex mutex;
    QemuCond cond;
    bool is_set; /* under mutex */
} QemuEvent;

static inline void qemu_event_init(QemuEvent *event, bool init)
{
    qemu_mutex_init(&event->mutex);
    qemu_cond_init(&event->cond);
    event->is_set = init;
}

static inline void qemu_event_destroy(QemuEvent *event)
{
    qemu_cond_destroy(&event->cond);
    qemu_mutex_destroy(&event->mutex);
}

static inline void qemu_event_set(QemuEvent *event)
{
    qemu_mutex_lock(&event->mutex);
    event->is_set = true;
    qemu_cond_broadcast(&event->cond);
    qemu_mutex_unlock(&event->mutex);
}

static inline void qemu_event_reset(QemuEvent *event)
{
    qemu_mutex_lock(&event->mutex);
    event->is_set = false;
    qemu_mutex_unlock(&event->mutex);
}

static inline void qemu_event_wait(QemuEvent *event)
{
    qemu_mutex_lock(&event->mutex);
    while (!event->is_set) {
        qemu_cond_wait(&event->cond, &event->mutex);
    }
    qemu_mutex_unlock(&event->mutex);
}

/* ---- Threads ---- */

typedef struct QemuThread {
    pthread_t thread;
} QemuThread;

#define QEMU_THREAD_JOINABLE 0
#define QEMU_THREAD_DETACHED 1

/**
 * qemu_thread_create: starts a thread; a failure aborts
 * @thread: filled in; the thread itself does not use it, so it may be a local
 *          variable
 * @name: (nullable) copied
 * @mode: QEMU_THREAD_JOINABLE, or QEMU_THREAD_DETACHED: no qemu_thread_join()
 */
static inline void qemu_thread_create(QemuThread *thread, const char *name,
                                      void *(*start_routine)(void *),
                                      void *arg, int mode)
{
    int ret = thread_create_unowned(&thread->thread, name,
                                    mode == QEMU_THREAD_DETACHED,
                                    start_routine, arg);

    if (ret < 0) {
        g_error("qemu_thread_create: %s", g_strerror(-ret));
    }
}

/* The names of threads always apply. */
static inline void qemu_thread_naming(bool enable)
{
}

static inline void *qemu_thread_join(QemuThread *thread)
{
    void *result;
    G_GNUC_UNUSED int ret = pthread_join(thread->thread, &result);

    g_assert(ret == 0);
    return result;
}

static inline void qemu_thread_get_self(QemuThread *thread)
{
    thread->thread = pthread_self();
}

static inline bool qemu_thread_is_self(QemuThread *thread)
{
    return pthread_equal(thread->thread, pthread_self());
}

static inline QEMU_NORETURN void qemu_thread_exit(void *retval)
{
    pthread_exit(retval);
}

/* ---- CPUs; needs _GNU_SOURCE, as qemu/osdep.h defines it ---- */

#ifdef CPU_ALLOC_SIZE

/*
 * qemu_thread_set_affinity: sets the CPUs on which a thread may run
 * @host_cpus: the bits of the CPUs, @nbits in all
 *
 * Returns: 0; a positive errno value
 */
static inline int qemu_thread_set_affinity(QemuThread *thread,
                                           unsigned long *host_cpus,
                                           unsigned long nbits)
{
    const unsigned long word = 8 * sizeof(*host_cpus);
    size_t size = CPU_ALLOC_SIZE(nbits);
    cpu_set_t *set = g_malloc0(size);
    int ret;

    for (unsigned long i = 0; i < nbits; i++) {
        if (host_cpus[i / word] >> i % word & 1) {
            CPU_SET_S(i, size, set);
        }
    }
    ret = pthread_setaffinity_np(thread->thread, size, set);
    g_free(set);
    return ret;
}

/*
 * qemu_thread_get_affinity: reads the CPUs on which a thread may run
 * @host_cpus: (out) (transfer full) their bits, to be freed with g_free()
 * @nbits: (out) the number of bits
 *
 * Returns: 0; a positive errno value, and nothing is filled in
 */
static inline int qemu_thread_get_affinity(const QemuThread *thread,
                                           unsigned long **host_cpus,
                                           unsigned long *nbits)
{
    const unsigned long word = 8 * sizeof(**host_cpus);
    size_t n = CPU_SETSIZE;
    cpu_set_t *set;
    int ret;

    for (;; n *= 2) {
        set = g_malloc0(CPU_ALLOC_SIZE(n));
        ret = pthread_getaffinity_np(thread->thread, CPU_ALLOC_SIZE(n), set);
        if (ret != EINVAL || n > THREAD_CPUS_MAX) {
            break;
        }
        g_free(set);
    }
    if (ret != 0) {
        g_free(set);
        return ret;
    }
    *nbits = n;
    *host_cpus = g_new0(unsigned long, n / word);
    for (unsigned long i = 0; i < n; i++) {
        if (CPU_ISSET_S(i, CPU_ALLOC_SIZE(n), set)) {
            (*host_cpus)[i / word] |= 1UL << i % word;
        }
    }
    g_free(set);
    return 0;
}

#endif

/* ---- Notifiers that are called when their thread ends ---- */

static inline void qemu_compat_run_atexit(void *list)
{
    notifier_list_notify(list, NULL);
    g_free(list);
}

/*
 * The notifiers of the calling thread.  Each source file has its own list.
 *
 * @take: true: removes the list, which is NULL if there is none; exit() ends a
 *        thread without its destructors
 */
static inline NotifierList *qemu_compat_atexit_list(bool take);

static inline void qemu_compat_at_process_exit(void)
{
    NotifierList *list = qemu_compat_atexit_list(true);

    if (list) {
        qemu_compat_run_atexit(list);
    }
}

static inline NotifierList *qemu_compat_atexit_list(bool take)
{
    static pthread_key_t key;
    static gsize is_ready;
    NotifierList *list;

    if (g_once_init_enter(&is_ready)) {
        thread_key_create(&key, qemu_compat_run_atexit);
        atexit(qemu_compat_at_process_exit);
        g_once_init_leave(&is_ready, 1);
    }
    list = pthread_getspecific(key);
    if (take) {
        pthread_setspecific(key, NULL);
    } else if (!list) {
        list = g_new0(NotifierList, 1);
        pthread_setspecific(key, list);
    }
    return list;
}

/*
 * The notifier is called at the end of the calling thread, with NULL.  In the
 * thread that calls exit() this is during exit().
 */
static inline void qemu_thread_atexit_add(Notifier *notifier)
{
    notifier_list_add(qemu_compat_atexit_list(false), notifier);
}

/* In the thread that has added @notifier. */
static inline void qemu_thread_atexit_remove(Notifier *notifier)
{
    notifier_remove(notifier);
}

#include "qemu/lockable.h"
#include "qemu/lockcnt.h"

#endif
