/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the coroutine-*.c files share.
 *
 * A Coroutine is stored at the upper end of its own stack.  So creating a
 * coroutine takes one stack from the pool, and what a switch touches is close
 * together.
 */
#ifndef QOM_AIO_COROUTINE_INTERNAL_H
#define QOM_AIO_COROUTINE_INTERNAL_H

#include "aio/aio.h"
#include "aio/coroutine/coroutine-group.h"
#include "aio/coroutine/coroutine-lock.h"
#include "aio/coroutine/coroutine.h"
#include "util/depot.h"
#include "util/queue.h"

#include <stdatomic.h>

#if defined(__SANITIZE_ADDRESS__)
#define COROUTINE_ASAN
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define COROUTINE_ASAN
#endif
#endif

#if defined(__SANITIZE_THREAD__)
#define COROUTINE_TSAN
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define COROUTINE_TSAN
#endif
#endif

/* The wish of another thread to cancel a coroutine, see coroutine-cancel.c. */
typedef struct CoCancelRequest {
    Lock lock;
    Coroutine *co; /* NULL: it has ended; under `lock` */
} CoCancelRequest;

/*
 * Members without a remark are used only by the thread that runs the coroutine
 * or is about to run it.
 */
struct Coroutine {
    void *sp;          /* of its stack, see coroutine_switch_stack() */
    Coroutine *caller; /* runs when this one yields; NULL: it is not entered;
                          itself: it has ended */
    _Atomic(AioContext *) ctx; /* in which it was last entered; any thread
                                  reads */
    _Atomic(const char *) scheduled; /* the function that will enter it; any
                                        thread */
    CoroutineEntry *entry;
    void *opaque;
    unsigned locks_held;
    bool wants_write; /* in a CoRwlock's queue; under its lock */
    Coroutine *next;  /* in a list of this folder */
    Coroutine *queue_next;  /* in a CoQueue; under the lock of its user */
    atomic_int queue_state; /* see coroutine-queue.c; any thread */
    CoQueue wakeups;  /* coroutines to run when it yields or ends */
    CoQueue pending;  /* others to run after them, inherited */

    /* Cancellation; see coroutine-cancel.c. */
    atomic_bool cancelled; /* any thread reads */
    bool uncancellable;    /* in a protected section */
    CoCancelFunc *cancel_wait; /* ends the present wait; NULL: there is none,
                                  or it is not cancellable */
    void *cancel_opaque;
    _Atomic(CoCancelRequest *) cancel_request; /* of another thread */

    /* Membership; see coroutine-group.c. */
    CoGroup *group;
    CoGroupFunc *group_entry;
    QueueLink group_link; /* under the group's lock */

    /* Of the pool; constant while the stack is in use. */
    DepotItem free_item;
    void *stack; /* NULL: the stack of a thread */
    size_t stack_size_bytes;
    QueueLink all_link; /* in coroutine_all_stacks; under the lock of debug
                           lists */
    unsigned valgrind_id;
#ifdef COROUTINE_TSAN
    void *tsan_fiber;
#endif
#ifdef COROUTINE_ASAN
    void *asan_fake_stack;
    const void *asan_bottom;
    size_t asan_size;
#endif
};

/* Aborts with a message: what the caller did wrong, and (nullable) the function
 * @by that did something first. */
#define coroutine_misuse(what, by) \
    coroutine_misuse_at(__FILE__, __LINE__, __func__, (what), (by))
G_NORETURN void coroutine_misuse_at(const char *file, int line,
                                    const char *func, const char *what,
                                    const char *by);

/* coroutine.c */

/* Enters @co, which belongs to @ctx from now on.  In the thread that runs
 * it. */
void coroutine_enter_in(AioContext *ctx, Coroutine *co);

/* ---- coroutine-pool.c ---- */

/* Returns: (transfer full) a free stack.  Its `sp` is NULL if it is new;
 * otherwise it was left in coroutine_end(). */
Coroutine *coroutine_pool_get(void);

/* Returns: the lowest byte of a new stack, which extends to @co */
char *coroutine_pool_bottom(const Coroutine *co);

/* @co is consumed.  It may be the stack that the caller runs on, if the caller
 * leaves it before anything else is put. */
void coroutine_pool_put(Coroutine *co);

/* coroutine-cancel.c */

/* Cancels @co, which the caller keeps from ending during the call.  Any
 * thread. */
void coroutine_request_cancel(Coroutine *co);

/* coroutine-aio.c */

/* Stores that @by will enter @co.  Aborts, naming @who, if another function has
 * done so before. */
void coroutine_set_scheduled(Coroutine *co, const char *who, const char *by);

/* ---- Lists of coroutines, linked by `next` ---- */

static inline void co_list_push(CoQueue *list, Coroutine *co)
{
    co->next = NULL;
    if (list->first) {
        list->last->next = co;
    } else {
        list->first = co;
    }
    list->last = co;
}

static inline Coroutine *co_list_pop(CoQueue *list)
{
    Coroutine *co = list->first;

    if (co) {
        list->first = co->next;
    }
    return co;
}

/* Moves all of @tail to the end of @list. */
static inline void co_list_append(CoQueue *list, CoQueue *tail)
{
    if (!tail->first) {
        return;
    }
    if (list->first) {
        list->last->next = tail->first;
    } else {
        list->first = tail->first;
    }
    list->last = tail->last;
    tail->first = NULL;
}

#endif
