/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where the thread of an iothread runs.  The linker wraps the two system calls
 * that change it, so that tests refuse them and count them; what is in force
 * is asked of the kernel.
 */
#include "tests/unit/test-util.h"
#include "aio/aio-wait.h"
#include "aio/thread-pool/thread-pool.h"
#include "iothread/iothread.h"
#include "iothread/qapi-commands-iothread.h"
#include "qom/user-creatable.h"
#include "util/thread.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

#define NO_CPU 65535 /* no kernel has so many */
#define CPU_HINT "This CPU does not exist, is offline, or the program may " \
                 "not use it.\n"
#define PRIORITY_HINT "This policy takes priorities from 1 to 99, which can " \
                      "be set before it.\n"

/* ---- Refusing ---- */

static int affinity_errno;  /* 0: ask the kernel */
static int scheduler_errno; /* the same */
static unsigned n_calls;

int __real_sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *set);
int __wrap_sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *set);
int __real_sched_setscheduler(pid_t pid, int policy,
                              const struct sched_param *param);
int __wrap_sched_setscheduler(pid_t pid, int policy,
                              const struct sched_param *param);

int __wrap_sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *set)
{
    n_calls++;
    if (affinity_errno) {
        errno = affinity_errno;
        return -1;
    }
    return __real_sched_setaffinity(pid, size, set);
}

int __wrap_sched_setscheduler(pid_t pid, int policy,
                              const struct sched_param *param)
{
    n_calls++;
    if (scheduler_errno) {
        errno = scheduler_errno;
        return -1;
    }
    return __real_sched_setscheduler(pid, policy, param);
}

/* ---- Helpers ---- */

static void set_up(void *fixture, const void *data)
{
    affinity_errno = 0;
    scheduler_errno = 0;
    n_calls = 0;
}

static void tear_down(void *fixture, const void *data)
{
    set_up(NULL, NULL);
    user_creatable_cleanup();
}

static IOThread *add_str(const char *text)
{
    return IOTHREAD(user_creatable_add_from_str(text, &error_abort));
}

/* The first processor that this program may use. */
static unsigned some_cpu(void)
{
    ThreadCpus cpus;
    unsigned cpu = 0;

    g_assert_cmpint(thread_get_affinity(0, &cpus), ==, 0);
    while (!thread_cpus_has(&cpus, cpu)) {
        cpu++;
    }
    return cpu;
}

/* An iothread on some_cpu() alone. */
static IOThread *add_on_some_cpu(void)
{
    g_autofree char *text = g_strdup_printf("iothread,id=a,cpu-affinity=%u",
                                            some_cpu());

    return add_str(text);
}

static bool parse(IOThread *iothread, const char *name, const char *value,
                  Error **errp)
{
    return object_property_parse(OBJECT(iothread), name, value, errp);
}

static void assert_value(IOThread *iothread, const char *name,
                         const char *expected)
{
    g_autofree char *text = object_property_print(OBJECT(iothread), name,
                                                  false, &error_abort);

    g_assert_cmpstr(text, ==, expected);
}

static void assert_on_some_cpu(int thread_id)
{
    ThreadCpus expected = { };
    ThreadCpus cpus;

    thread_cpus_add(&expected, some_cpu());
    g_assert_cmpint(thread_get_affinity(thread_id, &cpus), ==, 0);
    g_assert_cmpmem(&cpus, sizeof(cpus), &expected, sizeof(expected));
}

static void assert_on_all_cpus(int thread_id)
{
    ThreadCpus expected;
    ThreadCpus cpus;

    g_assert_cmpint(thread_get_affinity(0, &expected), ==, 0);
    g_assert_cmpint(thread_get_affinity(thread_id, &cpus), ==, 0);
    g_assert_cmpmem(&cpus, sizeof(cpus), &expected, sizeof(expected));
}

static void assert_scheduler(IOThread *iothread, int policy, int priority)
{
    int found_policy;
    int found_priority;

    g_assert_cmpint(thread_get_scheduler(iothread_get_thread_id(iothread),
                                         &found_policy, &found_priority),
                    ==, 0);
    g_assert_cmpint(found_policy, ==, policy);
    g_assert_cmpint(found_priority, ==, priority);
}

/* ---- As it is without ---- */

static void test_default(void *fixture, const void *data)
{
    IOThread *iothread = add_str("iothread,id=a");

    assert_value(iothread, "cpu-affinity", "");
    assert_value(iothread, "sched-policy", "other");
    assert_value(iothread, "sched-priority", "0");
    assert_on_all_cpus(iothread_get_thread_id(iothread));
    g_assert_cmpuint(n_calls, ==, 0);
}

/* ---- Affinity ---- */

static void test_affinity_at_create(void *fixture, const void *data)
{
    IOThread *iothread = add_on_some_cpu();
    g_autofree char *cpu = g_strdup_printf("%u", some_cpu());

    assert_value(iothread, "cpu-affinity", cpu);
    assert_on_some_cpu(iothread_get_thread_id(iothread));
}

static void test_affinity_at_run_time(void *fixture, const void *data)
{
    IOThread *iothread = add_str("iothread,id=a");
    g_autofree char *cpu = g_strdup_printf("%u", some_cpu());

    g_assert_true(parse(iothread, "cpu-affinity", cpu, &error_abort));
    assert_value(iothread, "cpu-affinity", cpu);
    assert_on_some_cpu(iothread_get_thread_id(iothread));
}

static void test_affinity_range(void *fixture, const void *data)
{
    IOThread *iothread;

    if (sysconf(_SC_NPROCESSORS_ONLN) < 2 || some_cpu() != 0) {
        g_test_skip("needs CPUs 0 and 1");
        return;
    }
    iothread = add_str("iothread,id=a,cpu-affinity=0-1");
    assert_value(iothread, "cpu-affinity", "0-1");
}

static void test_affinity_json(void *fixture, const void *data)
{
    g_autofree char *text = g_strdup_printf(
        "{'qom-type': 'iothread', 'id': 'a', 'cpu-affinity': [%u]}",
        some_cpu());
    IOThread *iothread;

    for (char *p = text; *p; p++) {
        *p = *p == '\'' ? '"' : *p;
    }
    iothread = add_str(text);
    assert_on_some_cpu(iothread_get_thread_id(iothread));
}

static void test_affinity_empty(void *fixture, const void *data)
{
    IOThread *iothread = add_on_some_cpu();

    g_assert_true(parse(iothread, "cpu-affinity", "", &error_abort));
    assert_value(iothread, "cpu-affinity", "");
    assert_on_all_cpus(iothread_get_thread_id(iothread));
}

typedef struct BadCpuRow {
    const char *name;
    const char *text;
    const char *message;
    const char *hint;
} BadCpuRow;

static const BadCpuRow bad_cpu_rows[] = {
    { "negative", "-1", "Parameter 'cpu-affinity[0]' expects uint16_t" },
    { "huge", "0,65536", "Parameter 'cpu-affinity[1]' expects uint16_t" },
    { "not-a-number", "x",
      "Parameter 'cpu-affinity' expects a list of int64 values or ranges" },
    { "nonexistent", "65535",
      "could not set cpu-affinity[0] to CPU 65535: Invalid argument",
      CPU_HINT },
};

static void test_affinity_bad(void *fixture, const void *data)
{
    const BadCpuRow *row = data;
    IOThread *iothread = add_on_some_cpu();
    g_autofree char *cpu = g_strdup_printf("%u", some_cpu());
    g_autoptr(Error) err = NULL;

    g_assert_false(parse(iothread, "cpu-affinity", row->text, &err));
    assert_error_hint(err, row->message, row->hint);
    assert_value(iothread, "cpu-affinity", cpu);
    assert_on_some_cpu(iothread_get_thread_id(iothread));
}

/* The kernel alone would be content with the first. */
static void test_affinity_partly_bad(void *fixture, const void *data)
{
    IOThread *iothread = add_str("iothread,id=a");
    g_autofree char *cpus = g_strdup_printf("%u,%u", some_cpu(), NO_CPU);
    g_autoptr(Error) err = NULL;

    g_assert_false(parse(iothread, "cpu-affinity", cpus, &err));
    assert_error(err, "could not set cpu-affinity[1] to CPU 65535: "
                      "Invalid argument");
    assert_value(iothread, "cpu-affinity", "");
    assert_on_all_cpus(iothread_get_thread_id(iothread));
}

static void test_affinity_bad_at_create(void *fixture, const void *data)
{
    g_autoptr(Error) err = NULL;

    g_assert_null(user_creatable_add_from_str(
        "iothread,id=a,cpu-affinity=65535", &err));
    assert_error(err, "could not set cpu-affinity[0] to CPU 65535: "
                      "Invalid argument");
    g_assert_null(iothread_by_id("a"));
    add_str("iothread,id=a");
}

static void test_affinity_refused(void *fixture, const void *data)
{
    IOThread *iothread = add_str("iothread,id=a");
    g_autofree char *cpu = g_strdup_printf("%u", some_cpu());
    g_autofree char *message = g_strdup_printf(
        "could not set cpu-affinity to '%s': Operation not permitted", cpu);
    g_autoptr(Error) err = NULL;

    affinity_errno = EPERM;
    g_assert_false(parse(iothread, "cpu-affinity", cpu, &err));
    assert_error_hint(err, message, NULL);
    assert_value(iothread, "cpu-affinity", "");
}

typedef struct Worker {
    ThreadCpus cpus;
    atomic_bool done;
} Worker;

static int look_around(void *opaque)
{
    Worker *worker = opaque;

    return thread_get_affinity(0, &worker->cpus);
}

static void worker_done(void *opaque, int ret)
{
    Worker *worker = opaque;

    g_assert_cmpint(ret, ==, 0);
    worker->done = true;
    aio_wait_kick();
}

static void submit(void *opaque)
{
    thread_pool_submit_aio(look_around, opaque, worker_done, opaque);
}

static void test_affinity_of_workers(void *fixture, const void *data)
{
    IOThread *iothread = add_on_some_cpu();
    Worker worker = { };
    ThreadCpus expected = { };

    thread_cpus_add(&expected, some_cpu());
    aio_wait_bh_oneshot(iothread_get_aio_context(iothread), submit, &worker);
    AIO_WAIT_WHILE(NULL, !worker.done);
    g_assert_cmpmem(&worker.cpus, sizeof(expected), &expected,
                    sizeof(expected));
}

/* ---- Policy and priority ---- */

static void test_policy_at_run_time(void *fixture, const void *data)
{
    IOThread *iothread = add_str("iothread,id=a");

    g_assert_true(parse(iothread, "sched-policy", "batch", &error_abort));
    assert_value(iothread, "sched-policy", "batch");
    assert_scheduler(iothread, SCHED_BATCH, 0);
    g_assert_true(parse(iothread, "sched-policy", "other", &error_abort));
    assert_scheduler(iothread, SCHED_OTHER, 0);
}

static void test_policy_at_create(void *fixture, const void *data)
{
    assert_scheduler(add_str("iothread,id=a,sched-policy=idle"), SCHED_IDLE,
                     0);
}

/* What the kernel says to this program, or to one in its place. */
static void test_real_time(void *fixture, const void *data)
{
    IOThread *iothread = add_str("iothread,id=a,sched-priority=1");
    g_autoptr(Error) err = NULL;

    assert_scheduler(iothread, SCHED_OTHER, 0);
    if (parse(iothread, "sched-policy", "fifo", &err)) {
        assert_scheduler(iothread, SCHED_FIFO, 1);
        g_assert_true(parse(iothread, "sched-priority", "2", &error_abort));
        assert_scheduler(iothread, SCHED_FIFO, 2);
        g_assert_true(parse(iothread, "sched-policy", "rr", &error_abort));
        assert_scheduler(iothread, SCHED_RR, 2);
    } else {
        assert_error(err, "could not set sched-policy to 'fifo' with "
                          "sched-priority 1: Operation not permitted");
        assert_value(iothread, "sched-policy", "other");
        assert_scheduler(iothread, SCHED_OTHER, 0);
    }
}

static void test_real_time_without_priority(void *fixture, const void *data)
{
    IOThread *iothread = add_str("iothread,id=a");
    g_autoptr(Error) err = NULL;

    g_assert_false(parse(iothread, "sched-policy", "rr", &err));
    assert_error_hint(err, "could not set sched-policy to 'rr' with "
                           "sched-priority 0: Invalid argument",
                      PRIORITY_HINT);
    assert_value(iothread, "sched-policy", "other");
}

static void test_priority_range(void *fixture, const void *data)
{
    IOThread *iothread = add_str("iothread,id=a");
    g_autoptr(Error) err = NULL;

    g_assert_false(parse(iothread, "sched-priority", "100", &err));
    assert_error(err, "sched-priority value must be in range [0, 99]");
    assert_value(iothread, "sched-priority", "0");
}

static void test_policy_unknown(void *fixture, const void *data)
{
    g_autoptr(Error) err = NULL;

    g_assert_null(user_creatable_add_from_str(
        "iothread,id=a,sched-policy=deadline", &err));
    assert_error(err, "Parameter 'sched-policy' does not accept value "
                      "'deadline'");
}

static void test_policy_refused(void *fixture, const void *data)
{
    IOThread *iothread = add_str("iothread,id=a");
    g_autoptr(Error) err = NULL;

    scheduler_errno = EPERM;
    g_assert_false(parse(iothread, "sched-policy", "batch", &err));
    assert_error_hint(err, "could not set sched-policy to 'batch': "
                           "Operation not permitted", NULL);
    assert_value(iothread, "sched-policy", "other");
    assert_scheduler(iothread, SCHED_OTHER, 0);
}

static void test_policy_refused_at_create(void *fixture, const void *data)
{
    g_autoptr(Error) err = NULL;

    scheduler_errno = EPERM;
    g_assert_null(user_creatable_add_from_str(
        "iothread,id=a,sched-policy=fifo,sched-priority=7", &err));
    assert_error(err, "could not set sched-policy to 'fifo' with "
                      "sched-priority 7: Operation not permitted");
    g_assert_null(iothread_by_id("a"));
}

/* ---- One change ---- */

static void test_refused_policy_undoes_affinity(void *fixture,
                                                const void *data)
{
    IOThread *iothread = add_str("iothread,id=a");
    g_autofree char *cpu = g_strdup_printf("%u", some_cpu());
    g_autoptr(Error) err = NULL;

    scheduler_errno = EPERM;
    g_assert_false(object_set_props(OBJECT(iothread), &err,
                                    "cpu-affinity", cpu,
                                    "sched-policy", "batch", NULL));
    assert_error(err, "could not set sched-policy to 'batch': Operation not "
                      "permitted");
    assert_value(iothread, "cpu-affinity", "");
    assert_on_all_cpus(iothread_get_thread_id(iothread));
}

static void test_refused_by_the_loop(void *fixture, const void *data)
{
    IOThread *iothread = add_str("iothread,id=a");
    g_autofree char *cpu = g_strdup_printf("%u", some_cpu());
    g_autoptr(Error) err = NULL;

    g_assert_false(object_set_props(OBJECT(iothread), &err,
                                    "cpu-affinity", cpu,
                                    "sched-policy", "batch",
                                    "thread-pool-min", "65", NULL));
    g_assert_nonnull(err);
    assert_value(iothread, "cpu-affinity", "");
    assert_value(iothread, "sched-policy", "other");
    assert_on_all_cpus(iothread_get_thread_id(iothread));
    assert_scheduler(iothread, SCHED_OTHER, 0);
}

static void test_others_ask_nothing(void *fixture, const void *data)
{
    IOThread *iothread = add_on_some_cpu();

    n_calls = 0;
    g_assert_true(parse(iothread, "poll-max-ns", "1", &error_abort));
    g_assert_cmpuint(n_calls, ==, 0);
}

static void test_after_stop(void *fixture, const void *data)
{
    IOThread *iothread = add_str("iothread,id=a");

    iothread_stop(iothread);
    g_assert_true(parse(iothread, "sched-policy", "batch", &error_abort));
    assert_value(iothread, "sched-policy", "batch");
    g_assert_cmpuint(n_calls, ==, 0);
}

static void test_query(void *fixture, const void *data)
{
    IOThreadInfoList *list;

    add_on_some_cpu();
    add_str("iothread,id=b,sched-policy=batch,sched-priority=3");
    list = qmp_query_iothreads(&error_abort);
    g_assert_cmpuint(list->value->cpu_affinity->value, ==, some_cpu());
    g_assert_null(list->value->cpu_affinity->next);
    g_assert_cmpint(list->value->sched_policy, ==, SCHED_POLICY_OTHER);
    g_assert_null(list->next->value->cpu_affinity);
    g_assert_cmpint(list->next->value->sched_policy, ==, SCHED_POLICY_BATCH);
    g_assert_cmpint(list->next->value->sched_priority, ==, 3);
    qapi_free_IOThreadInfoList(list);
}

static void add_test(const char *path, GTestFixtureFunc test)
{
    test_add_vtable(path, 0, NULL, set_up, test, tear_down);
}

static void add_affinity_tests(void)
{
    add_test("/iothread/placement/default", test_default);
    add_test("/iothread/placement/affinity/at-create",
             test_affinity_at_create);
    add_test("/iothread/placement/affinity/at-run-time",
             test_affinity_at_run_time);
    add_test("/iothread/placement/affinity/range", test_affinity_range);
    add_test("/iothread/placement/affinity/json", test_affinity_json);
    add_test("/iothread/placement/affinity/empty", test_affinity_empty);
    for (size_t i = 0; i < G_N_ELEMENTS(bad_cpu_rows); i++) {
        g_autofree char *path = g_strdup_printf(
            "/iothread/placement/affinity/%s", bad_cpu_rows[i].name);

        test_add_vtable(path, 0, &bad_cpu_rows[i], set_up, test_affinity_bad,
                        tear_down);
    }
    add_test("/iothread/placement/affinity/partly-nonexistent",
             test_affinity_partly_bad);
    add_test("/iothread/placement/affinity/nonexistent-at-create",
             test_affinity_bad_at_create);
    add_test("/iothread/placement/affinity/refused", test_affinity_refused);
    add_test("/iothread/placement/affinity/of-workers",
             test_affinity_of_workers);
}

static void add_policy_tests(void)
{
    add_test("/iothread/placement/policy/at-run-time",
             test_policy_at_run_time);
    add_test("/iothread/placement/policy/at-create", test_policy_at_create);
    add_test("/iothread/placement/policy/real-time", test_real_time);
    add_test("/iothread/placement/policy/real-time-without-priority",
             test_real_time_without_priority);
    add_test("/iothread/placement/policy/priority-range",
             test_priority_range);
    add_test("/iothread/placement/policy/unknown", test_policy_unknown);
    add_test("/iothread/placement/policy/refused", test_policy_refused);
    add_test("/iothread/placement/policy/refused-at-create",
             test_policy_refused_at_create);
}

static void add_change_tests(void)
{
    add_test("/iothread/placement/change/refused-policy-undoes-affinity",
             test_refused_policy_undoes_affinity);
    add_test("/iothread/placement/change/refused-by-the-loop",
             test_refused_by_the_loop);
    add_test("/iothread/placement/change/others-ask-nothing",
             test_others_ask_nothing);
    add_test("/iothread/placement/change/after-stop", test_after_stop);
    add_test("/iothread/placement/query", test_query);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    aio_main_context_init(&error_abort);
    add_affinity_tests();
    add_policy_tests();
    add_change_tests();
    return test_run();
}
