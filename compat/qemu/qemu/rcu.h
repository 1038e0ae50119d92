/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Read-copy-update: readers take no lock; a writer replaces a pointer and frees
 * the old memory after a grace period, in which every reader has ended that may
 * still have the old pointer.
 *
 * Readers count themselves in one of two counters.  A grace period directs new
 * readers to the other counter and waits until the first one is 0, twice: a
 * reader may have chosen its counter before the direction changed.
 *
 * The program has one set of counters, and so has each plugin.  The library
 * itself does not use them.  Readers may not yield in a coroutine.  After
 * fork(), readers of other threads seem to last without end in the child.
 */
#ifndef QOM_COMPAT_QEMU_RCU_H
#define QOM_COMPAT_QEMU_RCU_H

#include "aio/aio-wait.h"
#include "qemu/atomic.h"
#include "qemu/notify.h"
#include "qemu/queue.h"
#include "qemu/thread.h"

struct rcu_head;
typedef void RCUCBFunc(struct rcu_head *head);

struct rcu_head {
    struct rcu_head *next;
    RCUCBFunc *func;
};

typedef struct QemuRcuState {
    unsigned n_readers[2]; /* any thread */
    unsigned current;      /* low bit: the counter of new readers */
    pthread_mutex_t grace_lock; /* held during a grace period */
    pthread_mutex_t lock;
    struct rcu_head *calls; /* newest first; under lock */
    bool has_thread;        /* that runs callbacks; under lock */
    unsigned n_pending;     /* callbacks that have not returned; any thread */
} QemuRcuState;

struct rcu_reader_data {
    unsigned depth;
    unsigned counter; /* in which the reader is counted */
};

/* Shared by all source files of a program or plugin. */
#define QEMU_RCU_SHARED_ __attribute__((__weak__, __visibility__("hidden")))
QEMU_RCU_SHARED_ QemuRcuState qemu_rcu = {
    .grace_lock = PTHREAD_MUTEX_INITIALIZER,
    .lock = PTHREAD_MUTEX_INITIALIZER,
};
QEMU_RCU_SHARED_ __thread struct rcu_reader_data qemu_rcu_reader;

static inline struct rcu_reader_data *get_ptr_rcu_reader(void)
{
    return &qemu_rcu_reader;
}

/* Threads need not register. */
static inline void rcu_register_thread(void)
{
}

static inline void rcu_unregister_thread(void)
{
}

static inline void rcu_enable_atfork(void)
{
}

static inline void rcu_disable_atfork(void)
{
}

/* ---- Readers ---- */

/* Begins a section in which pointers read remain valid; may be nested. */
static inline void rcu_read_lock(void)
{
    struct rcu_reader_data *reader = get_ptr_rcu_reader();

    if (reader->depth++ == 0) {
        reader->counter = qatomic_read(&qemu_rcu.current) & 1;
        qatomic_inc(&qemu_rcu.n_readers[reader->counter]);
    }
}

static inline void rcu_read_unlock(void)
{
    struct rcu_reader_data *reader = get_ptr_rcu_reader();

    g_assert(reader->depth > 0);
    if (--reader->depth == 0) {
        qatomic_dec(&qemu_rcu.n_readers[reader->counter]);
    }
}

typedef bool RCUReadAuto;

static inline RCUReadAuto rcu_read_auto_lock(void)
{
    rcu_read_lock();
    return true;
}

static inline void rcu_read_auto_unlock(RCUReadAuto *locked)
{
    if (*locked) {
        rcu_read_unlock();
        *locked = false;
    }
}

#define RCU_READ_LOCK_GUARD_(var)                                       \
    __attribute__((__cleanup__(rcu_read_auto_unlock), __unused__))      \
    RCUReadAuto var = rcu_read_auto_lock()

/* A section up to the end of the block. */
#define RCU_READ_LOCK_GUARD() \
    RCU_READ_LOCK_GUARD_(glue(rcu_read_auto_, __COUNTER__))

/* A section of the statement that follows. */
#define WITH_RCU_READ_LOCK_GUARD() \
    WITH_RCU_READ_LOCK_GUARD_(glue(rcu_read_auto_, __COUNTER__))
#define WITH_RCU_READ_LOCK_GUARD_(var) \
    for (RCU_READ_LOCK_GUARD_(var); var; rcu_read_auto_unlock(&var))

/* ---- Writers ---- */

/* Waits for the end of all sections that have begun. */
static inline void synchronize_rcu(void)
{
    g_assert(qemu_rcu_reader.depth == 0);
    pthread_mutex_lock(&qemu_rcu.grace_lock);
    for (int i = 0; i < 2; i++) {
        unsigned old = qatomic_fetch_inc(&qemu_rcu.current) & 1;

        /*
         * In the one order of all such accesses: sees each reader that may have
         * read the old pointer, and everything that it did before it ended.
         */
        while (qatomic_mb_read(&qemu_rcu.n_readers[old]) > 0) {
            g_usleep(100);
        }
    }
    pthread_mutex_unlock(&qemu_rcu.grace_lock);
}

static inline void qemu_rcu_run(void *opaque)
{
    struct rcu_head *head = opaque, *next;

    for (; head; head = next) {
        next = head->next;
        head->func(head);
        qatomic_dec(&qemu_rcu.n_pending);
    }
    aio_wait_kick();
}

/* Returns the callbacks, oldest first; ends the thread if there are none. */
static inline struct rcu_head *qemu_rcu_take_calls(void)
{
    struct rcu_head *head, *oldest = NULL, *next;

    pthread_mutex_lock(&qemu_rcu.lock);
    head = qemu_rcu.calls;
    qemu_rcu.calls = NULL;
    qemu_rcu.has_thread = head != NULL;
    pthread_mutex_unlock(&qemu_rcu.lock);
    for (; head; head = next) {
        next = head->next;
        head->next = oldest;
        oldest = head;
    }
    return oldest;
}

static inline void *qemu_rcu_thread(void *opaque)
{
    struct rcu_head *head;

    while ((head = qemu_rcu_take_calls())) {
        AioContext *main_ctx = aio_get_main_context();

        synchronize_rcu();
        if (main_ctx) {
            aio_bh_schedule_oneshot(main_ctx, qemu_rcu_run, head);
        } else {
            qemu_rcu_run(head);
        }
    }
    return NULL;
}

/**
 * call_rcu1: calls a function after a grace period
 * @head: part of the memory that the function frees; not used afterwards
 * @func: called by the main loop's thread; in a program without a main context,
 *        by a thread of its own
 */
static inline void call_rcu1(struct rcu_head *head, RCUCBFunc *func)
{
    bool start;

    head->func = func;
    qatomic_inc(&qemu_rcu.n_pending);
    pthread_mutex_lock(&qemu_rcu.lock);
    head->next = qemu_rcu.calls;
    qemu_rcu.calls = head;
    start = !qemu_rcu.has_thread;
    qemu_rcu.has_thread = true;
    pthread_mutex_unlock(&qemu_rcu.lock);
    if (start) {
        QemuThread thread;

        qemu_thread_create(&thread, "call_rcu", qemu_rcu_thread, NULL,
                           QEMU_THREAD_DETACHED);
    }
}

/*
 * @func takes a pointer to the struct of @head, whose first member is @field,
 * the rcu_head.
 */
#define call_rcu(head, func, field)                                     \
    call_rcu1((struct rcu_head *)(void *)(head) +                       \
                  QEMU_RCU_CHECK_(head, func, field),                   \
              (RCUCBFunc *)(void (*)(void))(func))
/* 0, and compiles only for a function and a field that fit */
#define QEMU_RCU_CHECK_(head, func, field)                              \
    (0 * sizeof((func)(head), 0) +                                      \
     QEMU_BUILD_BUG_ON_ZERO(offsetof(__typeof__(*(head)), field) != 0))

/* Frees the memory of @obj, whose first member is @field, the rcu_head. */
#define g_free_rcu(obj, field)                                          \
    call_rcu1(&(obj)->field +                                           \
                  QEMU_BUILD_BUG_ON_ZERO(                               \
                      offsetof(__typeof__(*(obj)), field) != 0),        \
              (RCUCBFunc *)(void (*)(void))g_free)

/**
 * drain_call_rcu: waits until the functions have run that call_rcu() was given
 *
 * Thread: main, which runs its loop while it waits; without a main context any
 */
static inline void drain_call_rcu(void)
{
    if (aio_get_main_context()) {
        AIO_WAIT_WHILE_UNLOCKED(NULL, qatomic_read(&qemu_rcu.n_pending) > 0);
    } else {
        while (qatomic_read(&qemu_rcu.n_pending) > 0) {
            g_usleep(100);
        }
    }
}

#endif
