/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Coroutines by themselves, without an event loop.  The program is built with
 * each of the ways to switch stacks.
 */
#include "aio/coroutine/coroutine-internal.h"
#include "aio/coroutine/coroutine-sleep.h"
#include "aio/coroutine/coroutine.h"
#include "tests/unit/test-util.h"
#include "util/thread.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- Entering, yielding, ending ---- */

static void set_true(void *opaque)
{
    *(bool *)opaque = true;
}

static void test_create_does_not_run(void)
{
    bool ran = false;
    Coroutine *co = coroutine_create(set_true, &ran);

    g_assert_false(ran);
    coroutine_enter(co);
}

static void test_enter_runs(void)
{
    bool ran = false;

    coroutine_enter(coroutine_create(set_true, &ran));
    g_assert_true(ran);
}

static void count_to_five(void *opaque)
{
    int *n = opaque;

    while (*n < 5) {
        (*n)++;
        coroutine_yield();
    }
}

static void test_yield_returns_to_enterer(void)
{
    int n = 0;
    Coroutine *co = coroutine_create(count_to_five, &n);

    for (int i = 1; i <= 5; i++) {
        coroutine_enter(co);
        g_assert_cmpint(n, ==, i);
    }
    coroutine_enter(co);
    g_assert_cmpint(n, ==, 5);
}

static void keep_locals(void *opaque)
{
    volatile char bytes[4096];
    double d = 1.5;

    memset((char *)bytes, 0x5a, sizeof(bytes));
    for (int i = 0; i < 3; i++) {
        coroutine_yield();
        d *= 2;
    }
    for (size_t i = 0; i < sizeof(bytes); i++) {
        g_assert_cmpint(bytes[i], ==, 0x5a);
    }
    g_assert_cmpfloat(d, ==, 12.0);
    *(bool *)opaque = true;
}

static void test_locals_stay(void)
{
    bool done[10] = { false };
    Coroutine *co[10];

    for (int i = 0; i < 10; i++) {
        co[i] = coroutine_create(keep_locals, &done[i]);
    }
    for (int i = 0; i < 40; i++) {
        coroutine_enter(co[i % 10]);
    }
    for (int i = 0; i < 10; i++) {
        g_assert_true(done[i]);
    }
}

typedef struct Order {
    char text[64];
    Coroutine *co[3];
} Order;

static void say(Order *o, const char *text)
{
    g_strlcat(o->text, text, sizeof(o->text));
}

static void nested_inner(void *opaque)
{
    say(opaque, "inner ");
}

static void nested_outer(void *opaque)
{
    say(opaque, "outer-begins ");
    coroutine_enter(coroutine_create(nested_inner, opaque));
    say(opaque, "outer-ends ");
}

static void test_nested_enter_runs_at_once(void)
{
    Order o = { "" };

    coroutine_enter(coroutine_create(nested_outer, &o));
    g_assert_cmpstr(o.text, ==, "outer-begins inner outer-ends ");
}

static void ten_deep(void *opaque)
{
    int *depth = opaque;

    if (++*depth < 10) {
        coroutine_enter(coroutine_create(ten_deep, depth));
    }
}

static void test_nested_deep(void)
{
    int depth = 0;

    coroutine_enter(coroutine_create(ten_deep, &depth));
    g_assert_cmpint(depth, ==, 10);
}

/* ---- Asking ---- */

static void check_self(void *opaque)
{
    Coroutine **co = opaque;

    g_assert_true(in_coroutine());
    g_assert_true(coroutine_self() == *co);
    g_assert_true(coroutine_entered(*co));
    coroutine_yield();
    g_assert_true(coroutine_self() == *co);
    *co = NULL;
}

static void test_self(void)
{
    Coroutine *co;
    Coroutine *outside = coroutine_self();

    co = coroutine_create(check_self, &co);
    g_assert_false(in_coroutine());
    g_assert_false(coroutine_entered(co));
    coroutine_enter(co);
    g_assert_false(in_coroutine());
    g_assert_false(coroutine_entered(co));
    g_assert_true(coroutine_self() == outside);
    coroutine_enter(co);
    g_assert_null(co);
}

static void *get_self(void *opaque)
{
    return coroutine_self();
}

static void test_self_of_threads_differ(void)
{
    Thread thread;

    g_assert_cmpint(thread_create(&thread, "self", 0, get_self, NULL), ==, 0);
    g_assert_true(thread_join(&thread) != coroutine_self());
}

static void enter_caller_if_inactive(void *opaque)
{
    Coroutine **co = opaque;

    coroutine_enter_if_inactive(co[0]);
    coroutine_enter_if_inactive(co[1]);
}

static void test_enter_if_inactive(void)
{
    bool ran = false;
    Coroutine *co[2];

    co[0] = coroutine_create(enter_caller_if_inactive, co);
    co[1] = coroutine_create(set_true, &ran);
    coroutine_enter_if_inactive(co[0]);
    g_assert_true(ran);
}

static void call_nested_entered(void *opaque)
{
    Coroutine **co = opaque;

    g_assert_true(coroutine_entered(co[0]));
    g_assert_true(coroutine_entered(co[1]));
}

static void enter_second(void *opaque)
{
    Coroutine **co = opaque;

    coroutine_enter(co[1]);
}

static void test_entered_while_it_entered_another(void)
{
    Coroutine *co[2];

    co[0] = coroutine_create(enter_second, co);
    co[1] = coroutine_create(call_nested_entered, co);
    coroutine_enter(co[0]);
}

/* ---- Wake-ups ---- */

static void woken_c(void *opaque)
{
    Order *o = opaque;

    coroutine_yield();
    say(o, "c ");
}

static void woken_b(void *opaque)
{
    Order *o = opaque;

    coroutine_yield();
    say(o, "b ");
}

static void woken_a(void *opaque)
{
    Order *o = opaque;

    coroutine_yield();
    say(o, "a ");
    aio_co_wake(o->co[2]);
    say(o, "a-ends ");
}

static void wake_two(void *opaque)
{
    Order *o = opaque;

    aio_co_wake(o->co[0]);
    aio_co_wake(o->co[1]);
    say(o, "waker ");
    coroutine_yield();
    say(o, "waker-again ");
}

static void test_wake_depth_first(void)
{
    Order o = { "" };
    Coroutine *waker = coroutine_create(wake_two, &o);

    o.co[0] = coroutine_create(woken_a, &o);
    o.co[1] = coroutine_create(woken_b, &o);
    o.co[2] = coroutine_create(woken_c, &o);
    for (int i = 0; i < 3; i++) {
        coroutine_enter(o.co[i]);
    }
    coroutine_enter(waker);
    g_assert_cmpstr(o.text, ==, "waker a a-ends c b ");
    coroutine_enter(waker);
    g_assert_cmpstr(o.text, ==, "waker a a-ends c b waker-again ");
}

static void wake_and_end(void *opaque)
{
    Order *o = opaque;

    aio_co_wake(o->co[0]);
    say(o, "ends ");
}

static void test_wake_runs_at_the_end(void)
{
    Order o = { "" };

    o.co[0] = coroutine_create(woken_b, &o);
    coroutine_enter(o.co[0]);
    coroutine_enter(coroutine_create(wake_and_end, &o));
    g_assert_cmpstr(o.text, ==, "ends b ");
}

static void enter_waker(void *opaque)
{
    Order *o = opaque;

    coroutine_enter(coroutine_create(wake_and_end, o));
    say(o, "outer ");
}

static void test_wake_in_nested_runs_before_its_caller(void)
{
    Order o = { "" };

    o.co[0] = coroutine_create(woken_b, &o);
    coroutine_enter(o.co[0]);
    coroutine_enter(coroutine_create(enter_waker, &o));
    g_assert_cmpstr(o.text, ==, "ends b outer ");
}

static void test_wake_outside_enters(void)
{
    Order o = { "" };

    o.co[0] = coroutine_create(woken_b, &o);
    coroutine_enter(o.co[0]);
    aio_co_wake(o.co[0]);
    g_assert_cmpstr(o.text, ==, "b ");
}

/* ---- Stacks ---- */

static void note_address(void *opaque)
{
    char here;

    *(uintptr_t *)opaque = (uintptr_t)&here;
}

static void test_stack_is_used_again(void)
{
    Coroutine *first = coroutine_create(note_address, &(uintptr_t) { 0 });
    Coroutine *second;

    coroutine_enter(first);
    second = coroutine_create(note_address, &(uintptr_t) { 0 });
    g_assert_true(second == first);
    coroutine_enter(second);
}

static void yield_once(void *opaque)
{
    coroutine_yield();
    ++*(int *)opaque;
}

/* More than the pool keeps, so that all of its ways are gone. */
static void run_many(int n_coroutines, int *n_ended)
{
    Coroutine **co = g_new(Coroutine *, n_coroutines);

    for (int i = 0; i < n_coroutines; i++) {
        co[i] = coroutine_create(yield_once, n_ended);
        coroutine_enter(co[i]);
    }
    for (int i = 0; i < n_coroutines; i++) {
        coroutine_enter(co[i]);
    }
    g_free(co);
}

static void test_many(void)
{
    int n_ended = 0;

    run_many(1000, &n_ended);
    run_many(1000, &n_ended);
    g_assert_cmpint(n_ended, ==, 2000);
}

static void *run_many_thread(void *opaque)
{
    run_many(300, opaque);
    return NULL;
}

static void test_many_in_threads(void)
{
    Thread threads[4];
    int n_ended[4] = { 0 };

    for (int i = 0; i < 4; i++) {
        g_assert_cmpint(thread_create(&threads[i], "many", 0,
                                      run_many_thread, &n_ended[i]), ==, 0);
    }
    for (int i = 0; i < 4; i++) {
        thread_join(&threads[i]);
        g_assert_cmpint(n_ended[i], ==, 300);
    }
}

static unsigned use_stack(unsigned depth)
{
    volatile char bytes[1024];

    bytes[depth % sizeof(bytes)] = depth;
    return depth == 0 ? 0 : use_stack(depth - 1) + (bytes[0] != 0);
}

static void use_half(void *opaque)
{
    *(unsigned *)opaque = use_stack(400) + 1;
}

static void test_stack_is_large(void)
{
    unsigned result = 0;

    coroutine_enter(coroutine_create(use_half, &result));
    g_assert_cmpuint(result, >, 0);
}

static void use_too_much(void *opaque)
{
    *(unsigned *)opaque = use_stack(4000);
}

static void test_stack_overflow_faults(void)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        unsigned result;

        close(STDERR_FILENO);
        coroutine_enter(coroutine_create(use_too_much, &result));
        _exit(0);
    }
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) != 0);
}

/* What other functions rely on at entry: the stack's alignment. */
static void check_alignment(void *opaque)
{
    _Alignas(16) volatile char bytes[16];
    uintptr_t address = (uintptr_t)bytes;

    __asm__ volatile("" : "+r"(address));
    g_assert_cmpuint(address % 16, ==, 0);
    g_assert_cmpuint((uintptr_t)__builtin_frame_address(0) % 16, ==, 0);
    *(bool *)opaque = true;
}

static void test_stack_alignment(void)
{
    bool ran = false;

    coroutine_enter(coroutine_create(check_alignment, &ran));
    g_assert_true(ran);
}

/* ---- Misuse ---- */

static void enter_self(void *opaque)
{
    coroutine_enter(coroutine_self());
}

static void abort_enter_self(void)
{
    coroutine_enter(coroutine_create(enter_self, NULL));
}

static void enter_other(void *opaque)
{
    coroutine_enter(*(Coroutine **)opaque);
}

static void enter_new_that_enters_us(void *opaque)
{
    Coroutine *self = coroutine_self();

    coroutine_enter(coroutine_create(enter_other, &self));
}

static void abort_enter_caller(void)
{
    coroutine_enter(coroutine_create(enter_new_that_enters_us, NULL));
}

static void abort_enter_ended(void)
{
    bool ran = false;
    Coroutine *co = coroutine_create(set_true, &ran);

    coroutine_enter(co);
    coroutine_enter(co);
}

static void wake_then_enter(void *opaque)
{
    Coroutine *co = *(Coroutine **)opaque;

    aio_co_wake(co);
    coroutine_enter(co);
}

static void abort_enter_woken(void)
{
    int n = 0;
    Coroutine *co = coroutine_create(count_to_five, &n);

    coroutine_enter(co);
    coroutine_enter(coroutine_create(wake_then_enter, &co));
}

static void wake_twice(void *opaque)
{
    Coroutine *co = *(Coroutine **)opaque;

    aio_co_wake(co);
    aio_co_wake(co);
}

static void abort_wake_twice(void)
{
    int n = 0;
    Coroutine *co = coroutine_create(count_to_five, &n);

    coroutine_enter(co);
    coroutine_enter(coroutine_create(wake_twice, &co));
}

static void wake_self(void *opaque)
{
    aio_co_wake(coroutine_self());
}

static void abort_wake_self(void)
{
    coroutine_enter(coroutine_create(wake_self, NULL));
}

static void abort_yield_outside(void)
{
    coroutine_yield();
}

static void abort_sleep_outside(void)
{
    CoSleep sleep = { NULL };

    co_sleep(&sleep);
}

static void sleep_there(void *opaque)
{
    co_sleep(opaque);
}

static void abort_enter_sleeper(void)
{
    CoSleep sleep = { NULL };
    Coroutine *co = coroutine_create(sleep_there, &sleep);

    coroutine_enter(co);
    coroutine_enter(co);
}

static void abort_sleep_twice(void)
{
    CoSleep sleep = { NULL };

    coroutine_enter(coroutine_create(sleep_there, &sleep));
    coroutine_enter(coroutine_create(sleep_there, &sleep));
}

static void abort_wake_new(void)
{
    bool ran;
    AioContext *ctx = aio_context_new(&error_abort);

    aio_set_current_context(ctx);
    aio_co_wake(coroutine_create(set_true, &ran));
}

static void G_GNUC_UNUSED abort_no_memory(void)
{
    struct rlimit limit = { .rlim_cur = 0, .rlim_max = RLIM_INFINITY };

    setrlimit(RLIMIT_AS, &limit);
    coroutine_create(yield_once, NULL);
}

typedef struct AbortRow {
    const char *path;
    GTestFunc test;
    const char *pattern;
} AbortRow;

static const AbortRow abort_rows[] = {
    { "/aio/coroutine/abort/enter-self", abort_enter_self,
      "*coroutine_enter: the coroutine is entered already\n*" },
    { "/aio/coroutine/abort/enter-caller", abort_enter_caller,
      "*coroutine_enter: the coroutine is entered already\n*" },
    { "/aio/coroutine/abort/enter-ended", abort_enter_ended,
      "*coroutine_enter: the coroutine has ended\n*" },
    { "/aio/coroutine/abort/enter-woken", abort_enter_woken,
      "*coroutine_enter: the coroutine is scheduled already, by "
      "'aio_co_wake'\n*" },
    { "/aio/coroutine/abort/wake-twice", abort_wake_twice,
      "*aio_co_wake: the coroutine is scheduled already, by "
      "'aio_co_wake'\n*" },
    { "/aio/coroutine/abort/wake-self", abort_wake_self,
      "*aio_co_wake: a running coroutine wakes itself up\n*" },
    { "/aio/coroutine/abort/wake-new", abort_wake_new,
      "*aio_co_wake: the coroutine is in no context\n*" },
    { "/aio/coroutine/abort/yield-outside", abort_yield_outside,
      "*coroutine_yield: called outside of a coroutine\n*" },
    { "/aio/coroutine/abort/sleep-outside", abort_sleep_outside,
      "*co_sleep: called outside of a coroutine\n*" },
    { "/aio/coroutine/abort/sleep-twice", abort_sleep_twice,
      "*co_sleep: another coroutine sleeps there\n*" },
#if !defined(COROUTINE_ASAN) && !defined(COROUTINE_TSAN)
    /* Sanitizers need memory of their own. */
    { "/aio/coroutine/abort/no-memory", abort_no_memory,
      "*coroutine_create: cannot map a stack: Cannot allocate memory\n*" },
#endif
    { "/aio/coroutine/abort/enter-sleeper", abort_enter_sleeper,
      "*coroutine_enter: the coroutine is scheduled already, by "
      "'co_sleep'\n*" },
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/aio/coroutine/create-does-not-run",
                    test_create_does_not_run);
    g_test_add_func("/aio/coroutine/enter-runs", test_enter_runs);
    g_test_add_func("/aio/coroutine/yield-returns-to-enterer",
                    test_yield_returns_to_enterer);
    g_test_add_func("/aio/coroutine/locals-stay", test_locals_stay);
    g_test_add_func("/aio/coroutine/nested-enter-runs-at-once",
                    test_nested_enter_runs_at_once);
    g_test_add_func("/aio/coroutine/nested-deep", test_nested_deep);
    g_test_add_func("/aio/coroutine/self", test_self);
    g_test_add_func("/aio/coroutine/self-of-threads-differ",
                    test_self_of_threads_differ);
    g_test_add_func("/aio/coroutine/enter-if-inactive",
                    test_enter_if_inactive);
    g_test_add_func("/aio/coroutine/entered-while-it-entered-another",
                    test_entered_while_it_entered_another);
    g_test_add_func("/aio/coroutine/wake/depth-first",
                    test_wake_depth_first);
    g_test_add_func("/aio/coroutine/wake/runs-at-the-end",
                    test_wake_runs_at_the_end);
    g_test_add_func("/aio/coroutine/wake/in-nested-runs-before-its-caller",
                    test_wake_in_nested_runs_before_its_caller);
    g_test_add_func("/aio/coroutine/wake/outside-enters",
                    test_wake_outside_enters);
    g_test_add_func("/aio/coroutine/stack/is-used-again",
                    test_stack_is_used_again);
    g_test_add_func("/aio/coroutine/stack/many", test_many);
    g_test_add_func("/aio/coroutine/stack/many-in-threads",
                    test_many_in_threads);
    g_test_add_func("/aio/coroutine/stack/is-large", test_stack_is_large);
    g_test_add_func("/aio/coroutine/stack/overflow-faults",
                    test_stack_overflow_faults);
    g_test_add_func("/aio/coroutine/stack/alignment", test_stack_alignment);
    for (size_t i = 0; i < G_N_ELEMENTS(abort_rows); i++) {
        test_add_abort_func(abort_rows[i].path, abort_rows[i].test,
                            abort_rows[i].pattern);
    }
    return test_run();
}
