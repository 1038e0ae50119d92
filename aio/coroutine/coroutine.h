/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Coroutines: functions that can stop in the middle and continue later.
 *
 * A coroutine has its own stack.  Entering it runs it in the calling thread
 * until it yields or ends; then the caller continues.  Exactly one coroutine of
 * a thread runs at a time.  Code that waits for events can thus be written from
 * top to bottom: start an operation, yield, and let the callback wake the
 * coroutine up with aio_co_wake().
 *
 * A coroutine belongs to the AioContext in which it was last entered, and only
 * the home thread of that context enters it.  Other threads call aio_co_wake()
 * or aio_co_schedule().
 *
 * A stack has 1 MiB of address space and a guard page; it occupies only the
 * memory that was ever touched.  Stacks are reused.  A function that yields
 * must not keep the address of a thread-local variable, because the coroutine
 * may continue in another thread.
 *
 * A coroutine does not run the loop (aio_poll(), AIO_WAIT_WHILE()): coroutines
 * that are woken up in its thread could not run before it has yielded.
 *
 * A programming error aborts with a message on stderr.
 *
 * Contract: the API of QEMU 10's "qemu/coroutine.h", its qemu_ names neutral;
 *           docs/coroutines.md
 */
#ifndef QOM_AIO_COROUTINE_H
#define QOM_AIO_COROUTINE_H

#include "aio/aio.h"

QOM_BEGIN_DECLS

typedef struct Coroutine Coroutine;

/* Marks a function that is called only in coroutines. */
#ifndef coroutine_fn
#define coroutine_fn
#endif

typedef void coroutine_fn CoroutineEntry(void *opaque);

#define COROUTINE_STACK_SIZE_BYTES (1 << 20)

/**
 * coroutine_create: creates a coroutine
 * @entry: called when the coroutine is first entered; the coroutine ends when
 *         @entry returns
 * @opaque: passed to @entry
 *
 * Aborts if there is no memory for a stack.
 *
 * Returns: (transfer full) the coroutine, which is freed when @entry returns; a
 *          coroutine that is never entered is never freed
 * Thread: any
 */
Coroutine *coroutine_create(CoroutineEntry *entry, void *opaque);

/**
 * coroutine_enter: runs a coroutine until it yields or ends
 * @co: the coroutine, neither entered nor scheduled; freed if it ends
 *
 * The caller may be a coroutine.  From now on @co belongs to the current
 * context of the calling thread.  Coroutines that @co wakes up run before the
 * call returns.
 *
 * Thread: any for the first time; later the home thread of the context of @co
 */
void coroutine_enter(Coroutine *co);

/**
 * coroutine_enter_if_inactive: enters a coroutine that is not entered
 * @co: as for coroutine_enter(); if it is entered already, nothing happens
 *
 * Thread: as coroutine_enter()
 */
void coroutine_enter_if_inactive(Coroutine *co);

/**
 * coroutine_yield: stops the running coroutine
 *
 * The code that entered the coroutine continues.  The call returns when the
 * coroutine is entered again.
 *
 * Thread: in a coroutine
 */
void coroutine_fn coroutine_yield(void);

/**
 * coroutine_self: returns the running coroutine
 *
 * Returns: borrowed; outside of coroutines an object that represents the thread
 *          and must not be entered
 * Thread: any
 */
Coroutine *coroutine_self(void);

/**
 * in_coroutine: tests whether the caller is in a coroutine
 *
 * Returns: true if it is
 * Thread: any
 */
bool in_coroutine(void);

/**
 * coroutine_entered: tests whether a coroutine is entered
 * @co: a coroutine that has not ended
 *
 * Returns: true if it is running, or waits for a coroutine that it has entered
 * Thread: the home thread of the context of @co
 */
bool coroutine_entered(const Coroutine *co);

/**
 * coroutine_get_aio_context: returns the context that a coroutine belongs to
 * @co: a coroutine that has not ended
 *
 * Returns: (nullable) borrowed; NULL if the coroutine was never entered or
 *          scheduled
 * Thread: any
 */
AioContext *coroutine_get_aio_context(Coroutine *co);

/* ---- Coroutines and event loops ---- */

/**
 * aio_co_schedule: enters a coroutine in the next iteration of a context
 * @ctx: the context; @co belongs to it from now on
 * @co: a coroutine that has yielded, or is about to yield if it belongs to @ctx
 *
 * The coroutine has its place in the order of the context's bottom halves.
 * Scheduling a coroutine that is scheduled already is a programming error; the
 * message names the function that scheduled it first.
 *
 * Thread: any
 */
#define aio_co_schedule(ctx, co) \
    aio_co_schedule_full((ctx), (co), G_STRFUNC)

/**
 * aio_co_schedule_full: does what aio_co_schedule() does, under a given name
 * @ctx: the context
 * @co: the coroutine
 * @name: the name of the calling function, for messages; static text
 *
 * Thread: any
 */
void aio_co_schedule_full(AioContext *ctx, Coroutine *co, const char *name);

/**
 * aio_co_wake: wakes up a coroutine in its own context
 * @co: a coroutine that has yielded; in another thread also one that is about
 *      to yield
 *
 * In the home thread of its context, the coroutine is entered at once or, if
 * the caller is a coroutine, when the caller yields or ends.  In another
 * thread, the coroutine is scheduled in its context, whose home thread enters
 * it when it has yielded.
 *
 * Thread: any
 */
void aio_co_wake(Coroutine *co);

/**
 * aio_co_enter: wakes up a coroutine in a given context
 * @ctx: the context; @co belongs to it from now on
 * @co: a coroutine that has yielded, or is about to yield if it belongs to @ctx
 *
 * Otherwise as aio_co_wake().
 *
 * Thread: any
 */
void aio_co_enter(AioContext *ctx, Coroutine *co);

/**
 * aio_co_reschedule_self: moves the running coroutine to another context
 * @ctx: the context, in whose home thread the call returns
 *
 * Returns at once if the coroutine is in @ctx already.
 *
 * Thread: in a coroutine, in the home thread of its context
 */
void coroutine_fn aio_co_reschedule_self(AioContext *ctx);

QOM_END_DECLS

#endif
