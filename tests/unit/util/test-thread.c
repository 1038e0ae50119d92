/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test-util.h"
#include "util/clock.h"
#include "util/lock.h"
#include "util/queue.h"
#include "util/thread.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <unistd.h>

static void *report_stack_size(void *arg)
{
    pthread_attr_t attr;

    g_assert_cmpint(pthread_getattr_np(pthread_self(), &attr), ==, 0);
    pthread_attr_getstacksize(&attr, arg);
    pthread_attr_destroy(&attr);
    return NULL;
}

/* The system's default may be too small for values that nest deeply. */
static void test_least_stack(void)
{
    pthread_attr_t before;
    pthread_attr_t small;
    size_t size = 0;
    Thread thread;

    g_assert_cmpint(pthread_getattr_default_np(&before), ==, 0);
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 128 * 1024);
    g_assert_cmpint(pthread_setattr_default_np(&small), ==, 0);
    g_assert_cmpint(thread_create(&thread, "small", 0, report_stack_size,
                                  &size), ==, 0);
    thread_join(&thread);
    pthread_setattr_default_np(&before);
    pthread_attr_destroy(&before);
    pthread_attr_destroy(&small);
    g_assert_cmpuint(size, >=, 1024 * 1024);
}

static void *report_name(void *arg)
{
    prctl(PR_GET_NAME, arg);
    return NULL;
}

typedef struct NameRow {
    const char *test;
    const char *name;
    const char *shown;
} NameRow;

static const NameRow name_rows[] = {
    { "short", "IO io0", "IO io0" },
    { "exactly-15", "123456789012345", "123456789012345" },
    { "cut-at-15", "1234567890123456", "123456789012345" },
    { "cut-at-character", "12345678901234\xc3\xa4", "12345678901234" },
    { "empty", "", "" },
};

static void test_name(const void *data)
{
    const NameRow *row = data;
    char shown[16] = "";
    Thread thread;

    g_assert_cmpint(thread_create(&thread, row->name, 0, report_name, shown),
                    ==, 0);
    thread_join(&thread);
    g_assert_cmpstr(shown, ==, row->shown);
}

static void *return_arg(void *arg)
{
    return arg;
}

static void test_join_returns_result(void)
{
    Thread thread;
    int x;

    g_assert_cmpint(thread_create(&thread, "test", 65536, return_arg, &x), ==,
                    0);
    g_assert_true(thread_join(&thread) == &x);
}

static void *report_id(void *arg)
{
    *(int *)arg = thread_get_id();
    g_assert_cmpint(thread_get_id(), ==, gettid());
    return NULL;
}

static void test_id(void)
{
    Thread thread;
    int id = 0;

    g_assert_cmpint(thread_get_id(), ==, getpid());
    thread_create(&thread, "test", 0, report_id, &id);
    thread_join(&thread);
    g_assert_cmpint(id, >, 0);
    g_assert_cmpint(id, !=, getpid());
}

static void *report_mask(void *arg)
{
    pthread_sigmask(SIG_SETMASK, NULL, arg);
    return NULL;
}

static void test_signals_are_blocked(void)
{
    sigset_t inside, before, after;
    Thread thread;

    pthread_sigmask(SIG_SETMASK, NULL, &before);
    thread_create(&thread, "test", 0, report_mask, &inside);
    thread_join(&thread);
    pthread_sigmask(SIG_SETMASK, NULL, &after);

    for (int sig = 1; sig < SIGRTMIN; sig++) {
        bool is_own = sig == SIGSEGV || sig == SIGBUS || sig == SIGFPE ||
                      sig == SIGILL || sig == SIGTRAP || sig == SIGABRT ||
                      sig == SIGSYS || sig == SIGPROF;

        if (sig < 32 && sig != SIGKILL && sig != SIGSTOP) {
            g_assert_cmpint(sigismember(&inside, sig), ==, !is_own);
        }
    }
    for (int sig = 1; sig < NSIG; sig++) {
        g_assert_cmpint(sigismember(&after, sig), ==,
                        sigismember(&before, sig));
    }
}

static void test_impossible_stack(void)
{
    Thread thread;

    g_assert_cmpint(thread_create(&thread, "test", SIZE_MAX / 2, return_arg,
                                  NULL), <, 0);
}

typedef struct Counter {
    Lock lock;
    unsigned n; /* under lock */
} Counter;

static void *count(void *arg)
{
    Counter *counter = arg;

    for (int i = 0; i < 100000; i++) {
        lock_acquire(&counter->lock);
        counter->n++;
        lock_release(&counter->lock);
    }
    return NULL;
}

static void test_lock_excludes(void)
{
    Counter counter;
    Thread threads[4];

    lock_init(&counter.lock);
    counter.n = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++) {
        thread_create(&threads[i], "count", 0, count, &counter);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++) {
        thread_join(&threads[i]);
    }
    g_assert_cmpuint(counter.n, ==, 400000);
}

static void test_clock_units(void)
{
    int64_t ns = clock_get_ns(AIO_CLOCK_REALTIME);

    g_assert_cmpint(clock_get_us(AIO_CLOCK_REALTIME), >=, ns / 1000);
    g_assert_cmpint(clock_get_ms(AIO_CLOCK_REALTIME), >=, ns / 1000000);
    g_assert_cmpint(clock_get_ns(AIO_CLOCK_REALTIME), >=, ns);
}

static void test_clock_host(void)
{
    int64_t s = clock_get_ns(AIO_CLOCK_HOST) / NANOSECONDS_PER_SECOND;

    g_assert_cmpint(ABS(s - g_get_real_time() / G_USEC_PER_SEC), <=, 1);
}

static void test_clock_virtual(void)
{
    int64_t stopped;

    g_assert_cmpint(clock_get_ns(AIO_CLOCK_VIRTUAL), ==, 0);
    clock_virtual_run(true);
    clock_virtual_run(true);
    while (clock_get_ns(AIO_CLOCK_VIRTUAL) == 0) {
    }
    clock_virtual_run(false);
    stopped = clock_get_ns(AIO_CLOCK_VIRTUAL);
    g_assert_cmpint(stopped, >, 0);
    g_assert_cmpint(stopped, <, 10 * NANOSECONDS_PER_SECOND);
    g_assert_cmpint(clock_get_ns(AIO_CLOCK_VIRTUAL), ==, stopped);
    g_assert_cmpint(clock_get_ns(AIO_CLOCK_VIRTUAL_RT), ==, stopped);
    clock_virtual_run(true);
    g_assert_cmpint(clock_get_ns(AIO_CLOCK_VIRTUAL), >=, stopped);
    clock_virtual_run(false);
}

typedef struct Element {
    int value;
    QueueLink link;
} Element;

static void test_queue_order(void)
{
    Element a = { 1 }, b = { 2 }, c = { 3 };
    QueueLink head, *link;
    int sum = 0;

    queue_init(&head);
    g_assert_true(queue_is_empty(&head));
    queue_push(&head, &a.link);
    queue_push(&head, &b.link);
    queue_push(&head, &c.link);
    queue_remove(&b.link);
    g_assert_false(queue_is_linked(&b.link));
    QUEUE_FOREACH(link, &head) {
        sum = sum * 10 + container_of(link, Element, link)->value;
    }
    g_assert_cmpint(sum, ==, 13);
    g_assert_true(queue_pop(&head) == &a.link);
    g_assert_true(queue_pop(&head) == &c.link);
    g_assert_null(queue_pop(&head));
}

/* ---- Placement: in a thread of its own, whose end undoes it ---- */

static void *narrow(void *arg)
{
    ThreadCpus all;
    ThreadCpus one = { };
    ThreadCpus now;
    unsigned cpu = 0;

    g_assert_cmpint(thread_get_affinity(0, &all), ==, 0);
    while (!thread_cpus_has(&all, cpu)) {
        cpu++;
    }
    thread_cpus_add(&one, cpu);
    g_assert_cmpint(thread_set_affinity(0, &one, NULL), ==, 0);
    g_assert_cmpint(thread_get_affinity(thread_get_id(), &now), ==, 0);
    g_assert_cmpmem(&now, sizeof(now), &one, sizeof(one));
    return NULL;
}

static void *ask_for_too_much(void *arg)
{
    ThreadCpus all;
    ThreadCpus more;
    ThreadCpus now;
    unsigned refused = 0;

    g_assert_cmpint(thread_get_affinity(0, &all), ==, 0);
    more = all;
    thread_cpus_add(&more, THREAD_CPUS_MAX - 1);
    g_assert_cmpint(thread_set_affinity(0, &more, &refused), ==, -EINVAL);
    g_assert_cmpuint(refused, ==, THREAD_CPUS_MAX - 1);
    g_assert_cmpint(thread_get_affinity(0, &now), ==, 0);
    g_assert_cmpmem(&now, sizeof(now), &all, sizeof(all));
    return NULL;
}

static void *change_policy(void *arg)
{
    int policy = -1;
    int priority = -1;

    g_assert_cmpint(thread_set_scheduler(0, SCHED_BATCH, 0), ==, 0);
    g_assert_cmpint(thread_set_scheduler(0, SCHED_BATCH, 5), ==, -EINVAL);
    g_assert_cmpint(thread_get_scheduler(0, &policy, &priority), ==, 0);
    g_assert_cmpint(policy, ==, SCHED_BATCH);
    g_assert_cmpint(priority, ==, 0);
    return NULL;
}

typedef struct PlacementRow {
    const char *path;
    void *(*start)(void *arg);
} PlacementRow;

static const PlacementRow placement_rows[] = {
    { "/util/thread/affinity/set", narrow },
    { "/util/thread/affinity/all-or-none", ask_for_too_much },
    { "/util/thread/scheduler/set", change_policy },
};

static void test_placement(const void *data)
{
    const PlacementRow *row = data;
    Thread thread;

    g_assert_cmpint(thread_create(&thread, "test", 0, row->start, NULL), ==,
                    0);
    thread_join(&thread);
}

static void abort_no_key(void)
{
    pthread_key_t key;

    for (;;) {
        thread_key_create(&key, NULL);
    }
}

/* ---- CPU time ---- */

typedef struct Spinner {
    atomic_int id;
    atomic_bool stop;
} Spinner;

static void *spin(void *arg)
{
    Spinner *spinner = arg;

    atomic_store(&spinner->id, thread_get_id());
    while (!atomic_load(&spinner->stop)) {
        continue;
    }
    return NULL;
}

static void test_cpu_time(void)
{
    uint64_t own_ns = thread_get_cpu_ns(0);
    Spinner spinner = { 0 };
    Thread thread;

    g_assert_cmpint(thread_create(&thread, "spin", 0, spin, &spinner), ==, 0);
    test_waits_for("the thread to use a millisecond");
    while (!atomic_load(&spinner.id) ||
           thread_get_cpu_ns(atomic_load(&spinner.id)) < 1000000) {
        continue;
    }
    atomic_store(&spinner.stop, true);
    thread_join(&thread);
    g_assert_cmpuint(thread_get_cpu_ns(0), >, own_ns);
    test_waits_for("the kernel to forget the thread");
    while (thread_get_cpu_ns(atomic_load(&spinner.id))) {
        continue;
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(name_rows); i++) {
        g_autofree char *path = g_strdup_printf("/util/thread/name/%s",
                                                name_rows[i].test);

        g_test_add_data_func(path, &name_rows[i], test_name);
    }
    g_test_add_func("/util/thread/join/returns-result",
                    test_join_returns_result);
    g_test_add_func("/util/thread/id", test_id);
    g_test_add_func("/util/thread/cpu-time", test_cpu_time);
    g_test_add_func("/util/thread/signals-are-blocked",
                    test_signals_are_blocked);
    g_test_add_func("/util/thread/create/least-stack", test_least_stack);
    g_test_add_func("/util/thread/create/impossible-stack",
                    test_impossible_stack);
    test_add_abort_func("/util/thread/key/none-left-aborts", abort_no_key,
                        "*no key for data of threads is left*");
    g_test_add_func("/util/lock/excludes", test_lock_excludes);
    g_test_add_func("/util/clock/units", test_clock_units);
    g_test_add_func("/util/clock/host", test_clock_host);
    g_test_add_func("/util/clock/virtual", test_clock_virtual);
    g_test_add_func("/util/queue/order", test_queue_order);
    for (size_t i = 0; i < G_N_ELEMENTS(placement_rows); i++) {
        g_test_add_data_func(placement_rows[i].path, &placement_rows[i],
                             test_placement);
    }
    return test_run();
}
