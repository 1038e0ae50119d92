/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Coroutines: functions that can stop in the middle and go on later.
 *
 * A coroutine has a stack of its own.  Entering it runs it in the calling
 * thread until it yields or ends, and only then the caller goes on: there is
 * always one that runs, and the others are where they left off.  Code that
 * waits for events thus reads from top to bottom: start something, yield, and
 * let the callback wake the coroutine up with aio_co_wake().
 *
 * A coroutine belongs to the AioContext in which it was entered last, and is
 * entered by the thread that runs it.  Others hand it to that context with
 * aio_co_wake() or aio_co_schedule().
 *
 * A stack is of 1 MiB, of which memory is what was ever used, with a page
 * below that faults.  Stacks are used again.  A thread variable's address
 * is not the same after a yield if the coroutine was moved to another thread
 * meanwhile: a function that yields does not keep one.
 *
 * A coroutine does not run the loop (aio_poll(), AIO_WAIT_WHILE()): those that
 * are woken up in its thread meanwhile run only after it has yielded.
 *
 * Misuse aborts with a message on stderr.
 *
 * Contract: the API of QEMU 10's "qemu/coroutine.h", its qemu_ names neutral;
 *           docs/coroutines.md
 */
#ifndef QOM_AIO_COROUTINE_H
#define QOM_AIO_COROUTINE_H

#include "aio/aio.h"

QOM_BEGIN_DECLS

typedef struct Coroutine Coroutine;

/* Marks a function that is to be called in a coroutine alone. */
#ifndef coroutine_fn
#define coroutine_fn
#endif

typedef void coroutine_fn CoroutineEntry(void *opaque);

#define COROUTINE_STACK_SIZE_BYTES (1 << 20)

/**
 * coroutine_create: make a coroutine
 * @entry: called when it is entered first; the coroutine ends when it returns
 * @opaque: passed to @entry
 *
 * Aborts when there is no memory for a stack.
 *
 * Returns: (transfer full) gone when @entry has returned; one that is never
 *          entered is never freed
 * Thread: any
 */
Coroutine *coroutine_create(CoroutineEntry *entry, void *opaque);

/**
 * coroutine_enter: run a coroutine until it yields or ends
 * @co: not running, not scheduled; gone if it ended
 *
 * Works in a coroutine too, which then is the caller.  @co belongs to the
 * calling thread's context from now on.  Those that @co woke up run before
 * the call returns.
 *
 * Thread: the one that runs the context of @co, if it was entered before
 */
void coroutine_enter(Coroutine *co);

/**
 * coroutine_enter_if_inactive: coroutine_enter(), unless it is entered already
 */
void coroutine_enter_if_inactive(Coroutine *co);

/**
 * coroutine_yield: give the thread back to who entered the coroutine
 *
 * Returns when it is entered again.
 *
 * Thread: in a coroutine
 */
void coroutine_fn coroutine_yield(void);

/**
 * coroutine_self: the coroutine that is running
 *
 * Returns: borrowed; outside of coroutines a stand-in for the thread itself,
 *          which is not to be entered
 * Thread: any
 */
Coroutine *coroutine_self(void);

/**
 * in_coroutine: is the caller in a coroutine?
 *
 * Thread: any
 */
bool in_coroutine(void);

/**
 * coroutine_entered: is a coroutine running, or waiting for one it entered?
 * @co: has not ended
 *
 * Thread: the one that runs the context of @co
 */
bool coroutine_entered(const Coroutine *co);

/**
 * coroutine_get_aio_context: the context that a coroutine belongs to
 * @co: has not ended
 *
 * Returns: borrowed; NULL when it was never entered
 * Thread: any
 */
AioContext *coroutine_get_aio_context(Coroutine *co);

/* ---- Coroutines and event loops ---- */

/**
 * aio_co_schedule: enter a coroutine in the next round of a context
 * @ctx: the context
 * @co: yielded, or about to yield if it belongs to @ctx
 *
 * In the order of the context's bottom halves.  A coroutine that is scheduled
 * already is a programming error; the message names the function that did.
 *
 * Thread: any
 */
#define aio_co_schedule(ctx, co) \
    aio_co_schedule_full((ctx), (co), G_STRFUNC)

/**
 * aio_co_schedule_full: what aio_co_schedule() calls
 * @name: static text, who schedules
 */
void aio_co_schedule_full(AioContext *ctx, Coroutine *co, const char *name);

/**
 * aio_co_wake: go on with a coroutine in its own context
 * @co: yielded, or about to yield
 *
 * In the thread of its context it is entered at once, or, when the caller is a
 * coroutine, after that one yields or ends.  From another thread it is
 * scheduled there.
 *
 * Thread: any
 */
void aio_co_wake(Coroutine *co);

/**
 * aio_co_enter: as aio_co_wake(), in a given context
 * @ctx: the context; @co belongs to it from now on
 * @co: yielded, or about to yield if it belongs to @ctx
 *
 * Thread: any
 */
void aio_co_enter(AioContext *ctx, Coroutine *co);

/**
 * aio_co_reschedule_self: move the running coroutine to another context
 * @ctx: the context, in whose thread the call returns
 *
 * Nothing happens when it is in @ctx already.
 *
 * Thread: in a coroutine, in its context's thread
 */
void coroutine_fn aio_co_reschedule_self(AioContext *ctx);

QOM_END_DECLS

#endif
