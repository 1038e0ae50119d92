/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Coroutines.
 *
 * create-run-end is a coroutine whose function returns at once.  The floor is a
 * call of that function on another stack that exists already: two switches in
 * assembly.
 *
 * enter-yield enters a coroutine that yields without end.  The floor is two
 * switches in assembly that do only what ours do ("floor"), in a loop on each
 * side; "floor-ret" is the same with functions that end in `ret`, and
 * "swapcontext" uses the C library.
 *
 * many is enter-yield with 1,000 coroutines, one after the other, so that their
 * stacks compete for the cache.  mutex is an uncontended CoMutex, compared with
 * a pthread mutex.  wake is a coroutine that schedules itself in its context,
 * compared with a bottom half that does.
 */
#include "aio/aio.h"
#include "aio/coroutine/coroutine-lock.h"
#include "aio/coroutine/coroutine.h"
#include "qapi/error.h"
#include "tests/bench/bench.h"

#include <pthread.h>
#include <stdlib.h>
#include <ucontext.h>

#define MANY 1000
#define RAW_STACK 65536

/* ---- Ours ---- */

static void nothing(void *opaque)
{
    BENCH_KEEP(opaque);
}

static void ours_create(void *state, uint64_t n)
{
    while (n--) {
        coroutine_enter(coroutine_create(nothing, NULL));
    }
}

typedef struct Yielders {
    Coroutine *co[MANY];
    unsigned n;
    bool stop;
} Yielders;

static void yield_until_stop(void *opaque)
{
    Yielders *s = opaque;

    while (!s->stop) {
        coroutine_yield();
    }
}

static void *yielders_setup(const void *arg)
{
    Yielders *s = g_new0(Yielders, 1);

    s->n = GPOINTER_TO_UINT(arg);
    for (unsigned i = 0; i < s->n; i++) {
        s->co[i] = coroutine_create(yield_until_stop, s);
        coroutine_enter(s->co[i]);
    }
    return s;
}

static void yielders_teardown(void *state)
{
    Yielders *s = state;

    s->stop = true;
    for (unsigned i = 0; i < s->n; i++) {
        coroutine_enter(s->co[i]);
    }
    g_free(s);
}

static void ours_yield(void *state, uint64_t n)
{
    Coroutine *co = ((Yielders *)state)->co[0];

    while (n--) {
        coroutine_enter(co);
    }
}

static void ours_yield_many(void *state, uint64_t n)
{
    Yielders *s = state;

    for (uint64_t i = 0; i < n; i++) {
        coroutine_enter(s->co[i % MANY]);
    }
}

/* ---- Switches and nothing else ---- */

#if defined(__x86_64__) && defined(__LP64__)
#define HAVE_RAW

#define RAW_BODY                                                    \
    "    pushq %rbp\n"                                              \
    "    pushq %rbx\n"                                              \
    "    pushq %r12\n"                                              \
    "    pushq %r13\n"                                              \
    "    pushq %r14\n"                                              \
    "    pushq %r15\n"                                              \
    "    movq %rsp, (%rdi)\n"                                       \
    "    movq %rsi, %rsp\n"                                         \
    "    popq %r15\n"                                               \
    "    popq %r14\n"                                               \
    "    popq %r13\n"                                               \
    "    popq %r12\n"                                               \
    "    popq %rbx\n"                                               \
    "    popq %rbp\n"

__asm__(
    ".pushsection .text\n"
    ".p2align 4\n"
    "raw_switch:\n" RAW_BODY
    "    popq %rcx\n"
    "    jmpq *%rcx\n"
    ".p2align 4\n"
    "raw_switch_ret:\n" RAW_BODY
    "    ret\n"
    ".popsection\n");

typedef void RawSwitch(void **save, void *to);

RawSwitch raw_switch;
RawSwitch raw_switch_ret;

typedef struct Raw {
    void *main_sp;
    void *co_sp;
    char *stack;
} Raw;

static Raw *raw_current;

static void raw_loop(void)
{
    Raw *raw = raw_current;

    for (;;) {
        raw_switch(&raw->co_sp, raw->main_sp);
    }
}

static void raw_loop_ret(void)
{
    Raw *raw = raw_current;

    for (;;) {
        raw_switch_ret(&raw->co_sp, raw->main_sp);
    }
}

static void raw_loop_call(void)
{
    Raw *raw = raw_current;

    for (;;) {
        nothing(raw);
        raw_switch(&raw->co_sp, raw->main_sp);
    }
}

static Raw *raw_new(void (*loop)(void))
{
    Raw *raw = g_new0(Raw, 1);
    uintptr_t *top;

    raw->stack = g_aligned_alloc0(1, RAW_STACK, 64);
    top = (uintptr_t *)(void *)(raw->stack + RAW_STACK);
    top[-4] = (uintptr_t)loop;
    raw->co_sp = &top[-10];
    raw_current = raw;
    raw_switch(&raw->main_sp, raw->co_sp);
    return raw;
}

static void *raw_setup(const void *arg)
{
    return raw_new(raw_loop);
}

static void *raw_setup_ret(const void *arg)
{
    return raw_new(raw_loop_ret);
}

static void *raw_setup_call(const void *arg)
{
    return raw_new(raw_loop_call);
}

static void raw_run(void *state, uint64_t n)
{
    Raw *raw = state;

    while (n--) {
        raw_switch(&raw->main_sp, raw->co_sp);
    }
}

static void raw_run_ret(void *state, uint64_t n)
{
    Raw *raw = state;

    while (n--) {
        raw_switch_ret(&raw->main_sp, raw->co_sp);
    }
}

static void raw_teardown(void *state)
{
    Raw *raw = state;

    g_aligned_free(raw->stack);
    g_free(raw);
}

#define RAW(name_, setup_, run_)                                    \
    { .name = (name_), .setup = (setup_), .run = (run_),            \
      .teardown = raw_teardown },
#else
#define RAW(name_, setup_, run_)
#endif

/* ---- The C library's ---- */

typedef struct Swap {
    ucontext_t main;
    ucontext_t co;
    char stack[RAW_STACK];
} Swap;

static Swap *swap_current;

static void swap_loop(void)
{
    Swap *s = swap_current;

    for (;;) {
        swapcontext(&s->co, &s->main);
    }
}

static void *swap_setup(const void *arg)
{
    Swap *s = g_new0(Swap, 1);

    swap_current = s;
    getcontext(&s->co);
    s->co.uc_stack.ss_sp = s->stack;
    s->co.uc_stack.ss_size = RAW_STACK;
    makecontext(&s->co, swap_loop, 0);
    return s;
}

static void swap_run(void *state, uint64_t n)
{
    Swap *s = state;

    while (n--) {
        swapcontext(&s->main, &s->co);
    }
}

/* ---- Locks ---- */

typedef struct Locker {
    CoMutex mutex;
    pthread_mutex_t pthread_mutex;
} Locker;

/* The C library saves atomic operations until there is a second thread. */
static void *second_thread(void *opaque)
{
    return opaque;
}

static void *locker_setup(const void *arg)
{
    Locker *s = g_new0(Locker, 1);
    pthread_t thread;

    pthread_create(&thread, NULL, second_thread, NULL);
    pthread_join(thread, NULL);

    co_mutex_init(&s->mutex);
    pthread_mutex_init(&s->pthread_mutex, NULL);
    return s;
}

static void locker_teardown(void *state)
{
    pthread_mutex_destroy(&((Locker *)state)->pthread_mutex);
    g_free(state);
}

static void ours_mutex(void *state, uint64_t n)
{
    CoMutex *mutex = &((Locker *)state)->mutex;

    while (n--) {
        co_mutex_lock(mutex);
        co_mutex_unlock(mutex);
    }
}

static void pthread_run(void *state, uint64_t n)
{
    pthread_mutex_t *mutex = &((Locker *)state)->pthread_mutex;

    while (n--) {
        pthread_mutex_lock(mutex);
        pthread_mutex_unlock(mutex);
    }
}

/* ---- In a context ---- */

typedef struct Waker {
    AioContext *ctx;
    Coroutine *co;
    bool stop;
} Waker;

static void wait_until_stop(void *opaque)
{
    Waker *s = opaque;

    while (!s->stop) {
        coroutine_yield();
    }
}

static void *waker_setup(const void *arg)
{
    Waker *s = g_new0(Waker, 1);

    s->ctx = aio_context_new(&error_abort);
    aio_set_current_context(s->ctx);
    s->co = coroutine_create(wait_until_stop, s);
    coroutine_enter(s->co);
    return s;
}

static void waker_teardown(void *state)
{
    Waker *s = state;

    s->stop = true;
    coroutine_enter(s->co);
    aio_set_current_context(NULL);
    aio_context_unref(s->ctx);
    g_free(s);
}

static void ours_schedule(void *state, uint64_t n)
{
    Waker *s = state;

    while (n--) {
        aio_co_schedule(s->ctx, s->co);
        aio_poll(s->ctx, true);
    }
}

static void bh_schedule(void *state, uint64_t n)
{
    Waker *s = state;

    while (n--) {
        aio_bh_schedule_oneshot(s->ctx, nothing, NULL);
        aio_poll(s->ctx, true);
    }
}

static const BenchCase cases[] = {
    { .name = "coroutine/create-run-end",
      .ours = { .run = ours_create },
      .peers = { RAW("floor", raw_setup_call, raw_run) } },
    { .name = "coroutine/enter-yield",
      .arg = GUINT_TO_POINTER(1),
      .ours = { .setup = yielders_setup, .run = ours_yield,
                .teardown = yielders_teardown },
      .peers = { RAW("floor", raw_setup, raw_run)
                 RAW("floor-ret", raw_setup_ret, raw_run_ret)
                 { .name = "swapcontext", .setup = swap_setup,
                   .run = swap_run, .teardown = g_free } } },
    { .name = "coroutine/enter-yield/many",
      .arg = GUINT_TO_POINTER(MANY),
      .ours = { .setup = yielders_setup, .run = ours_yield_many,
                .teardown = yielders_teardown },
      .peers = { RAW("floor-of-one", raw_setup, raw_run) } },
    { .name = "coroutine/mutex/uncontended",
      .ours = { .setup = locker_setup, .run = ours_mutex,
                .teardown = locker_teardown },
      .peers = { { .name = "pthread", .setup = locker_setup,
                   .run = pthread_run, .teardown = locker_teardown } } },
    { .name = "coroutine/schedule",
      .ours = { .setup = waker_setup, .run = ours_schedule,
                .teardown = waker_teardown },
      .peers = { { .name = "bottom-half", .setup = waker_setup,
                   .run = bh_schedule, .teardown = waker_teardown } } },
    { NULL }
};

int main(int argc, char **argv)
{
    return bench_main(argc, argv, cases);
}
