/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Entering and leaving coroutines.
 *
 * The coroutine that leaves does all the work.  It chooses the coroutine that
 * runs next, stores it in `current`, and switches stacks as its last action.
 * Because nothing is left to do after the switch, the compiler turns the last
 * call of coroutine_enter() and coroutine_yield() into a jump (coroutine-asm.c
 * says why that matters), and no code here can keep the address of a
 * thread-local variable across a switch.
 *
 * The next coroutine is the caller, unless the leaving coroutine has woken up
 * others.  Then it is the first of these, and it inherits the rest of the list
 * and the caller.  Coroutines that it wakes up itself come before the inherited
 * ones, so the order is depth first.  The caller continues when all of them
 * have run.
 *
 * A coroutine that ends puts itself into its thread's pool and then switches;
 * nothing takes it from there before the switch.  Its stack stays inside
 * stack_start(): the next coroutine on this stack is one more
 * iteration of the loop in that function.
 *
 * Functions that access thread-local variables are not inlined, because their
 * callers may run in another thread after a yield.
 */
#include "aio/context-internal.h"
#include "aio/coroutine/coroutine-internal.h"
#include "aio/coroutine/coroutine-switch-internal.h"
#include "util/probe.h"
#include "util/programming-error.h"

#include <stdio.h>
#include <stdlib.h>

#ifdef COROUTINE_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef COROUTINE_TSAN
#include <sanitizer/tsan_interface.h>
#endif

typedef struct CoroutineThread {
    Coroutine *current; /* NULL before the thread's first coroutine */
    Coroutine leader;   /* represents the thread's own stack */
    Coroutine *left;    /* the coroutine before `current`; only used with the
                           address sanitizer */
} CoroutineThread;

static __thread CoroutineThread co_thread
    __attribute__((tls_model("initial-exec")));

void coroutine_misuse_at(const char *file, int line, const char *func,
                         const char *what, const char *by)
{
    programming_error_at(file, line, func, "%s%s%s%s", what,
                         by ? ", by '" : "", by ? by : "", by ? "'" : "");
}

static inline Coroutine *current_coroutine(void)
{
    Coroutine *co = co_thread.current;

    return G_LIKELY(co) ? co : &co_thread.leader;
}

/* ---- The switch, and what sanitizers need ---- */

#ifdef COROUTINE_ASAN
/* Called on the stack that was switched to. */
static __attribute__((noinline, no_sanitize_address)) void
asan_arrived(void)
{
    Coroutine *self = co_thread.current;
    Coroutine *left = co_thread.left;

    __sanitizer_finish_switch_fiber(self->asan_fake_stack,
                                    &left->asan_bottom, &left->asan_size);
}

static __attribute__((noinline, no_sanitize_address)) void
asan_leave(Coroutine *from, Coroutine *to, bool ends)
{
    co_thread.left = from;
    from->asan_fake_stack = NULL;
    __sanitizer_start_switch_fiber(ends ? NULL : &from->asan_fake_stack,
                                   to->asan_bottom, to->asan_size);
}
#else
static inline void asan_arrived(void)
{
}

static inline void asan_leave(Coroutine *from, Coroutine *to, bool ends)
{
}
#endif

/*
 * Switches from @from, the running coroutine, to @to, whose `caller` is set.
 * The caller of this function does nothing afterwards.
 *
 * The thread sanitizer counts calls and returns for each stack.  It is notified
 * here rather than in a separate function, which would be called on one stack
 * and return on the other.
 */
static inline void switch_to(Coroutine *from, Coroutine *to, bool ends)
{
    co_thread.current = to;
    asan_leave(from, to, ends);
#ifdef COROUTINE_TSAN
    if (!from->tsan_fiber) {
        from->tsan_fiber = __tsan_get_current_fiber();
    }
    __tsan_switch_to_fiber(to->tsan_fiber, 0);
#endif
    PROBE(coroutine_switch, from, to);
    coroutine_switch_stack(&from->sp, to->sp);
    asan_arrived();
}

/* ---- Entering ---- */

static G_GNUC_NO_INLINE G_GNUC_NORETURN void refuse_enter(Coroutine *co)
{
    const char *by = atomic_load(&co->scheduled);

    if (by) {
        coroutine_misuse("coroutine_enter: the coroutine is scheduled "
                         "already", by);
    }
    coroutine_misuse(co->caller == co
                     ? "coroutine_enter: the coroutine has ended"
                     : "coroutine_enter: the coroutine is entered already",
                     NULL);
}

static inline void check_may_enter(Coroutine *co)
{
    if (G_UNLIKELY(co->caller ||
                   atomic_load_explicit(&co->scheduled,
                                        memory_order_relaxed))) {
        refuse_enter(co);
    }
}

static inline void prepare_enter(Coroutine *co, Coroutine *caller,
                                 AioContext *ctx)
{
    check_may_enter(co);
    co->caller = caller;
    atomic_store_explicit(&co->ctx, ctx, memory_order_release);
}

static inline void enter_in(AioContext *ctx, Coroutine *co)
{
    Coroutine *self = current_coroutine();

    prepare_enter(co, self, ctx);
    switch_to(self, co, false);
}

G_GNUC_NO_INLINE void coroutine_enter_in(AioContext *ctx, Coroutine *co)
{
    enter_in(ctx, co);
}

/* For a thread that is not the home thread of a context. */
static G_GNUC_NO_INLINE void enter_in_main(Coroutine *co)
{
    enter_in(aio_get_main_context(), co);
}

G_GNUC_NO_INLINE void coroutine_enter(Coroutine *co)
{
    AioContext *ctx = aio_current_ctx;

    if (G_LIKELY(ctx)) {
        enter_in(ctx, co);
    } else {
        enter_in_main(co);
    }
}

void coroutine_enter_if_inactive(Coroutine *co)
{
    if (!coroutine_entered(co)) {
        coroutine_enter(co);
    }
}

/* ---- Leaving ---- */

/*
 * Returns: the coroutine that runs after @self, which has woken up others or
 * was woken up together with others
 */
static G_GNUC_NO_INLINE Coroutine *next_woken(Coroutine *self,
                                              Coroutine *caller)
{
    Coroutine *co;

    co_list_append(&self->wakeups, &self->pending);
    co = co_list_pop(&self->wakeups);
    atomic_store_explicit(&co->scheduled, NULL, memory_order_relaxed);
    prepare_enter(co, caller,
                  atomic_load_explicit(&self->ctx, memory_order_relaxed));
    co->pending = self->wakeups;
    self->wakeups.first = NULL;
    return co;
}

static inline bool has_woken(const Coroutine *self)
{
    return self->wakeups.first || self->pending.first;
}

/* The slow path of coroutine_yield(): other coroutines were woken up, or the
 * caller is no coroutine. */
static G_GNUC_NO_INLINE void yield_slow(Coroutine *self)
{
    Coroutine *caller = self->caller;

    if (!caller) {
        coroutine_misuse("coroutine_yield: called outside of a coroutine",
                         NULL);
    }
    self->caller = NULL;
    switch_to(self, next_woken(self, caller), false);
}

/* Rare cases are in yield_slow(), so this function saves no registers. */
G_GNUC_NO_INLINE void coroutine_yield(void)
{
    Coroutine *self = current_coroutine();
    Coroutine *caller = self->caller;

    if (G_LIKELY(caller && !has_woken(self))) {
        self->caller = NULL;
        switch_to(self, caller, false);
    } else {
        yield_slow(self);
    }
}

/* @co ends, and another thread wants to cancel it. */
static void forget_cancel_request(Coroutine *co)
{
    CoCancelRequest *request = atomic_load(&co->cancel_request);

    lock_acquire(&request->lock);
    request->co = NULL;
    lock_release(&request->lock);
    atomic_store_explicit(&co->cancel_request, NULL, memory_order_relaxed);
}

static inline void check_may_end(Coroutine *self)
{
    if (G_UNLIKELY(self->locks_held > 0)) {
        coroutine_misuse("a coroutine ended with a lock held", NULL);
    }
    if (G_UNLIKELY(atomic_load_explicit(&self->scheduled,
                                        memory_order_relaxed))) {
        coroutine_misuse("a coroutine ended that is scheduled",
                         atomic_load(&self->scheduled));
    }
    if (G_UNLIKELY(atomic_load_explicit(&self->cancel_request,
                                        memory_order_relaxed))) {
        forget_cancel_request(self);
    }
}

/* Returns when the stack is used for another coroutine. */
static G_GNUC_NO_INLINE void coroutine_end(Coroutine *self)
{
    Coroutine *next;

    check_may_end(self);
    next = self->caller;
    if (G_UNLIKELY(has_woken(self))) {
        next = next_woken(self, next);
    }
    self->caller = self;
    coroutine_pool_put(self);
    switch_to(self, next, true);
}

/* ---- Queries ---- */

G_GNUC_NO_INLINE Coroutine *coroutine_self(void)
{
    return current_coroutine();
}

G_GNUC_NO_INLINE bool in_coroutine(void)
{
    return current_coroutine()->caller != NULL;
}

/*
 * A coroutine must not run the loop: a callback may want to enter this
 * coroutine, which cannot continue before the callback has returned.
 */
static void check_may_block(void)
{
    if (G_UNLIKELY(in_coroutine())) {
        programming_error("aio_poll() or AIO_WAIT_WHILE() in a coroutine; "
                          "yield instead: see aio_co_wake(), co_sleep_ns() "
                          "and coroutine_yield()");
    }
}

bool coroutine_entered(const Coroutine *co)
{
    return co->caller != NULL;
}

AioContext *coroutine_get_aio_context(Coroutine *co)
{
    return atomic_load_explicit(&co->ctx, memory_order_acquire);
}

/* ---- The life of a coroutine ---- */

/* The outermost function of every stack; each iteration is one coroutine. */
static void stack_start(void)
{
    Coroutine *self = coroutine_self();

    asan_arrived();
    for (;;) {
        self->entry(self->opaque);
        coroutine_end(self);
    }
}

static G_GNUC_NO_INLINE void prepare_stack(Coroutine *co)
{
    char *bottom = coroutine_pool_bottom(co);

    co->sp = coroutine_init_stack(bottom, (char *)co - bottom, stack_start);
    /* Only programs with coroutines pay for the check. */
    aio_set_blocking_check(check_may_block);
}

Coroutine *coroutine_create(CoroutineEntry *entry, void *opaque)
{
    Coroutine *co = coroutine_pool_get();

    if (G_UNLIKELY(!co->sp)) {
        prepare_stack(co);
    }
    co->entry = entry;
    co->opaque = opaque;
    co->caller = NULL;
    co->uncancellable = false;
    atomic_store_explicit(&co->cancelled, false, memory_order_relaxed);
    atomic_store_explicit(&co->ctx, NULL, memory_order_relaxed);
    return co;
}
