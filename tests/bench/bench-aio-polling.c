/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What busy polling gains and costs, depending on the interval between events.
 *
 * A thread on another CPU schedules a bottom half, and the next one a number of
 * microseconds after that was called.  A latency case measures the time from
 * scheduling to the call, a CPU case the CPU time of the loop's thread, both
 * per event.  In the fd cases the thread writes to an eventfd instead, whose
 * handler has no io_poll.  Our loop learns its polling time, with the default
 * parameters of an iothread.  The peers are the same loop if it always polls
 * and if it never does.
 *
 * An event that was late, because the other thread's CPU was busy with
 * something else, does not belong to the interval.  Its latency is not counted
 * for any implementation, nor is that of the first event, which waits for the
 * thread to start.
 *
 * For a while after a thread has spun on a CPU, waking up costs a tenth less
 * there.  All samples therefore follow a spinning thread, not only those that
 * follow the loop that always polls.
 *
 * tests/bench/polling-svg makes a picture of the output.
 */
#include "aio/aio.h"
#include "qapi/error.h"
#include "tests/bench/bench.h"
#include "util/event-notifier.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#define LATE 4 /* by more than this part of the interval */
#define SPIN_NS 10000000 /* before each sample, at most */

typedef struct PollingArg {
    int64_t interval_ns;
    bool cpu; /* else latency */
    bool fd;  /* else bottom halves */
} PollingArg;

/* Some processors fetch lines in pairs. */
#define CACHE_LINES 128
#define LINES_OF_ITS_OWN __attribute__((aligned(CACHE_LINES)))

typedef struct Polling {
    const PollingArg *arg;
    AioContext *ctx;
    EventNotifier event;
    pthread_t thread;
    cpu_set_t old_cpus;
    uint64_t n;

    /* The other thread writes, before it schedules. */
    int64_t sent_ns LINES_OF_ITS_OWN;
    bool late;

    /* The loop's thread writes. */
    _Atomic uint64_t n_called LINES_OF_ITS_OWN; /* the other waits for it */
    int64_t latency_ns[2] LINES_OF_ITS_OWN; /* of those in time, and late */
    int64_t n_events[2];
    int64_t cpu_ns;
} Polling;

/* ---- Events ---- */

static void called(void *opaque)
{
    Polling *s = opaque;

    s->latency_ns[s->late] += bench_now_ns() - s->sent_ns;
    s->n_events[s->late]++;
    atomic_fetch_add(&s->n_called, 1);
}

static void readable(EventNotifier *event)
{
    event_notifier_test_and_clear(event);
    called(container_of(event, Polling, event));
}

static void relax(void)
{
#ifdef __x86_64__
    __builtin_ia32_pause();
#endif
}

static void *send_events(void *opaque)
{
    Polling *s = opaque;

    for (uint64_t i = 0; i < s->n; i++) {
        int64_t due_ns;

        while (atomic_load(&s->n_called) != i) {
            relax();
        }
        due_ns = bench_now_ns() + s->arg->interval_ns;
        do {
            relax();
            s->sent_ns = bench_now_ns();
        } while (s->sent_ns < due_ns);
        s->late = i == 0 ||
                  s->sent_ns - due_ns > s->arg->interval_ns / LATE;
        if (s->arg->fd) {
            event_notifier_set(&s->event);
        } else {
            aio_bh_schedule_oneshot(s->ctx, called, s);
        }
    }
    return NULL;
}

/* ---- The two threads, each on a processor if there are two ---- */

static int nth_cpu(const cpu_set_t *cpus, int n)
{
    int found = -1;

    for (int i = 0; i < CPU_SETSIZE && n >= 0; i++) {
        if (CPU_ISSET(i, cpus)) {
            found = i;
            n--;
        }
    }
    return found;
}

/* As long as the sample will take, if that is not long. */
static void spin(const Polling *s)
{
    int64_t sample_ns = (int64_t)s->n * s->arg->interval_ns;
    int64_t end_ns = bench_now_ns() + MIN(sample_ns, SPIN_NS);

    while (bench_now_ns() < end_ns) {
        relax();
    }
}

static void polling_before(void *state, uint64_t n)
{
    Polling *s = state;
    pthread_attr_t attr;
    cpu_set_t here, there;

    s->n = n;
    memset(s->latency_ns, 0, sizeof(s->latency_ns));
    memset(s->n_events, 0, sizeof(s->n_events));
    atomic_store(&s->n_called, 0);
    sched_getaffinity(0, sizeof(s->old_cpus), &s->old_cpus);
    CPU_ZERO(&here);
    CPU_ZERO(&there);
    CPU_SET(nth_cpu(&s->old_cpus, 0), &here);
    CPU_SET(nth_cpu(&s->old_cpus, 1), &there);
    sched_setaffinity(0, sizeof(here), &here);
    spin(s);
    pthread_attr_init(&attr);
    pthread_attr_setaffinity_np(&attr, sizeof(there), &there);
    pthread_create(&s->thread, &attr, send_events, s);
    pthread_attr_destroy(&attr);
}

static int64_t thread_cpu_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static void polling_run(void *state, uint64_t n)
{
    Polling *s = state;
    int64_t start_ns = thread_cpu_ns();

    while (atomic_load_explicit(&s->n_called, memory_order_relaxed) < n) {
        aio_poll(s->ctx, true);
    }
    s->cpu_ns = thread_cpu_ns() - start_ns;
}

/* Latency: of all events, as if the others had been like those in time. */
static int64_t polling_cost_ns(void *state)
{
    Polling *s = state;
    bool late = s->n_events[false] == 0;

    return s->arg->cpu ? s->cpu_ns
                       : s->latency_ns[late] * (int64_t)s->n /
                         s->n_events[late];
}

static void polling_after(void *state, uint64_t n)
{
    Polling *s = state;

    pthread_join(s->thread, NULL);
    sched_setaffinity(0, sizeof(s->old_cpus), &s->old_cpus);
}

/* ---- The loops ---- */

static Polling *polling_new(const void *arg, int64_t max_ns, int64_t grow,
                            int64_t shrink)
{
    Polling *s = g_aligned_alloc0(1, sizeof(Polling), CACHE_LINES);

    s->arg = arg;
    s->ctx = aio_context_new(&error_abort);
    aio_context_set_poll_params(s->ctx, max_ns, grow, shrink, &error_abort);
    if (s->arg->fd) {
        event_notifier_init(&s->event, 0);
        aio_set_event_notifier(s->ctx, &s->event, readable, NULL, NULL);
    }
    return s;
}

static void *adaptive_setup(const void *arg)
{
    return polling_new(arg, 32768, 0, 0);
}

static void *always_setup(const void *arg)
{
    return polling_new(arg, INT64_MAX, INT64_MAX, 1);
}

static void *never_setup(const void *arg)
{
    return polling_new(arg, 0, 0, 0);
}

static void polling_teardown(void *state)
{
    Polling *s = state;

    if (s->arg->fd) {
        aio_set_event_notifier(s->ctx, &s->event, NULL, NULL, NULL);
        event_notifier_cleanup(&s->event);
    }
    aio_context_unref(s->ctx);
    g_aligned_free(s);
}

/* ---- The table ---- */

#define IMPL(text, setup) \
    { text, setup, polling_before, polling_run, polling_after, \
      polling_teardown, polling_cost_ns }

#define CASE(what, is_cpu, us, ops) \
    CASE_OF("aio/polling/" what "-" #us "us", is_cpu, false, us, ops)
#define CASE_FD(what, is_cpu, us, ops) \
    CASE_OF("aio/polling-fd/" what "-" #us "us", is_cpu, true, us, ops)
#define CASE_OF(case_name, is_cpu, is_fd, us, ops) \
    { \
        .name = case_name, \
        .arg = &(const PollingArg) { INT64_C(us) * 1000, is_cpu, is_fd }, \
        .max_ops = ops, \
        .ours = IMPL("ours", adaptive_setup), \
        .peers = { IMPL("always", always_setup), \
                   IMPL("never", never_setup) }, \
    }

static const BenchCase cases[] = {
    CASE("latency", false, 5, 2000),
    CASE("latency", false, 20, 1000),
    CASE("latency", false, 50, 400),
    CASE("latency", false, 200, 100),
    CASE("latency", false, 1000, 20),
    CASE("cpu", true, 5, 2000),
    CASE("cpu", true, 20, 1000),
    CASE("cpu", true, 50, 400),
    CASE("cpu", true, 200, 100),
    CASE("cpu", true, 1000, 20),
    CASE_FD("latency", false, 5, 2000),
    CASE_FD("latency", false, 20, 1000),
    CASE_FD("latency", false, 200, 100),
    CASE_FD("cpu", true, 5, 2000),
    CASE_FD("cpu", true, 20, 1000),
    CASE_FD("cpu", true, 200, 100),
    { NULL },
};

int main(int argc, char **argv)
{
    return bench_main(argc, argv, cases);
}
