/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Creating threads, and their CPUs and scheduling.
 *
 * A thread sets its own name before anything else runs in it.  That is one
 * system call, while another thread would have to write to /proc.  The function
 * to call and its argument are in the Thread, so that starting allocates no
 * memory: a thread that neither allocates nor frees gets no arena of malloc().
 *
 * Functions that change a setting of the kernel restore the old one if it does
 * not accept all of the new one.
 */
#include "util/thread.h"
#include "util/programming-error.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

/* Copies @name and cuts it without splitting a UTF-8 character. */
static void thread_shorten_name(char dst[THREAD_NAME_MAX + 1],
                                const char *name)
{
    size_t n = strnlen(name, THREAD_NAME_MAX + 1);

    if (n > THREAD_NAME_MAX) {
        n = THREAD_NAME_MAX;
        /* The bytes of a character after its first one are 10xxxxxx. */
        while (n > 0 && ((unsigned char)name[n] & 0xc0) == 0x80) {
            n--;
        }
    }
    memcpy(dst, name, n);
    dst[n] = '\0';
}

static void *thread_start(void *opaque)
{
    const Thread *thread = opaque;

    if (thread->has_name) {
        prctl(PR_SET_NAME, thread->name);
    }
    return thread->start(thread->arg);
}

/* For thread_create_unowned(): @opaque is a copy that only this thread has. */
static void *thread_start_unowned(void *opaque)
{
    Thread thread = *(const Thread *)opaque;

    g_free(opaque);
    return thread_start(&thread);
}

/*
 * The default of a system or of a resource limit, 128 KiB with musl, is too
 * little for values that nest as deeply as JSON may.
 */
#define THREAD_MIN_DEFAULT_BYTES ((size_t)1024 * 1024)

static int thread_init_attr(pthread_attr_t *attr, size_t stack_size_bytes)
{
    int ret = pthread_attr_init(attr);

    if (ret != 0) {
        return ret;
    }
    if (stack_size_bytes == 0) {
        pthread_attr_getstacksize(attr, &stack_size_bytes);
        stack_size_bytes = MAX(stack_size_bytes, THREAD_MIN_DEFAULT_BYTES);
    }
    /* The C library refuses less than it needs itself. */
    ret = pthread_attr_setstacksize(
        attr, MAX(stack_size_bytes, (size_t)PTHREAD_STACK_MIN));
    if (ret != 0) {
        pthread_attr_destroy(attr);
    }
    return ret;
}

/*
 * The signals that are sent to the process.  Those that a thread causes itself
 * stay unblocked: if one is blocked, the kernel kills the process without
 * calling its handler.  SIGSYS, which a seccomp filter causes, is one of them.
 * SIGPROF goes to the thread that used the CPU time, for profilers.
 */
static void thread_fill_blocked_signals(sigset_t *set)
{
    sigfillset(set);
    sigdelset(set, SIGSEGV);
    sigdelset(set, SIGBUS);
    sigdelset(set, SIGFPE);
    sigdelset(set, SIGILL);
    sigdelset(set, SIGTRAP);
    sigdelset(set, SIGABRT);
    sigdelset(set, SIGSYS);
    sigdelset(set, SIGPROF);
}

#ifdef CONFIG_PTHREAD_ATTR_SETSIGMASK
/* Needs no system call, because the new thread begins with the mask. */
static int thread_create_blocked(pthread_t *id, pthread_attr_t *attr,
                                 void *(*start)(void *), void *opaque)
{
    sigset_t set;
    int ret;

    thread_fill_blocked_signals(&set);
    ret = pthread_attr_setsigmask_np(attr, &set);
    return ret ? ret : pthread_create(id, attr, start, opaque);
}
#else
static int thread_create_blocked(pthread_t *id, pthread_attr_t *attr,
                                 void *(*start)(void *), void *opaque)
{
    sigset_t set;
    sigset_t old;
    int ret;

    thread_fill_blocked_signals(&set);
    /* The new thread inherits the mask of this one. */
    pthread_sigmask(SIG_SETMASK, &set, &old);
    ret = pthread_create(id, attr, start, opaque);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return ret;
}
#endif

static void thread_fill(Thread *thread, const char *name,
                        void *(*start)(void *arg), void *arg)
{
    thread->start = start;
    thread->arg = arg;
    thread->process_id = getpid();
    thread->has_name = name != NULL;
    if (name) {
        thread_shorten_name(thread->name, name);
    }
}

int thread_create(Thread *thread, const char *name, size_t stack_size_bytes,
                  void *(*start)(void *arg), void *arg)
{
    pthread_attr_t attr;
    int ret;

    ret = thread_init_attr(&attr, stack_size_bytes);
    if (ret != 0) {
        return -ret;
    }

    thread_fill(thread, name, start, arg);
    ret = thread_create_blocked(&thread->thread, &attr, thread_start, thread);
    pthread_attr_destroy(&attr);
    return -ret;
}

int thread_create_unowned(pthread_t *id, const char *name, bool detached,
                          void *(*start)(void *arg), void *arg)
{
    pthread_attr_t attr;
    Thread *thread;
    int ret;

    ret = thread_init_attr(&attr, 0);
    if (ret != 0) {
        return -ret;
    }

    if (detached) {
        pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    }
    thread = g_new(Thread, 1);
    thread_fill(thread, name, start, arg);
    ret = thread_create_blocked(id, &attr, thread_start_unowned, thread);
    if (ret != 0) {
        g_free(thread);
    }
    pthread_attr_destroy(&attr);
    return -ret;
}

void *thread_join(Thread *thread)
{
    void *result;
    int ret;

    /* fork() has not copied the thread. */
    if (thread->process_id != getpid()) {
        return NULL;
    }
    ret = pthread_join(thread->thread, &result);
    if (ret != 0) {
        g_error("thread '%s' cannot be joined: %s", thread->name,
                g_strerror(ret));
    }
    return result;
}

void thread_key_create(pthread_key_t *key, void (*destructor)(void *value))
{
    int ret = pthread_key_create(key, destructor);

    if (ret != 0) {
        /* g_error() would need a key as well. */
        fprintf(stderr, "no key for data of threads is left: %s\n",
                strerror(ret));
        abort();
    }
}

/* gettid() is a system call, so each thread asks once. */
static __thread int own_id; /* 0: not known */

/* The child's only thread has another id than it had in the parent. */
static void forget_id(void)
{
    own_id = 0;
}

static void forget_id_in_child(void)
{
    pthread_atfork(NULL, NULL, forget_id);
}

int thread_get_id(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    if (own_id == 0) {
        pthread_once(&once, forget_id_in_child);
        own_id = gettid();
    }
    return own_id;
}

/* The kernel's number for the CPU clock of a thread; see clock_getres(2). */
static clockid_t cpu_clock_of(int id)
{
    return (clockid_t)(~(unsigned)id << 3 | 6);
}

uint64_t thread_get_cpu_ns(int id)
{
    struct timespec time;

    if (clock_gettime(id ? cpu_clock_of(id) : CLOCK_THREAD_CPUTIME_ID,
                      &time) < 0) {
        return 0;
    }
    return (uint64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

char *thread_describe(int id)
{
    g_autofree char *file = g_strdup_printf("/proc/self/task/%d/comm", id);
    g_autofree char *name = NULL;

    if (g_file_get_contents(file, &name, NULL, NULL)) {
        g_strchomp(name);
    }
    return g_strdup_printf("'%s' (%d)", name ? name : "?", id);
}

/* ---- Placement ---- */

#define BITS_PER_LONG (8 * sizeof(unsigned long))

static void check_cpu(unsigned cpu)
{
    if (cpu >= THREAD_CPUS_MAX) {
        programming_error("CPU %u is beyond the limit of THREAD_CPUS_MAX, %u",
                          cpu, (unsigned)THREAD_CPUS_MAX);
    }
}

void thread_cpus_add(ThreadCpus *cpus, unsigned cpu)
{
    check_cpu(cpu);
    cpus->bits[cpu / BITS_PER_LONG] |= 1ul << cpu % BITS_PER_LONG;
}

bool thread_cpus_has(const ThreadCpus *cpus, unsigned cpu)
{
    check_cpu(cpu);
    return cpus->bits[cpu / BITS_PER_LONG] >> cpu % BITS_PER_LONG & 1;
}

/* Returns: the first of @part that is not in @cpus; -1 if all are */
static int thread_cpus_missing(const ThreadCpus *cpus, const ThreadCpus *part)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cpus->bits); i++) {
        unsigned long missing = part->bits[i] & ~cpus->bits[i];

        if (missing) {
            return i * BITS_PER_LONG + __builtin_ctzl(missing);
        }
    }
    return -1;
}

int thread_get_affinity(int thread_id, ThreadCpus *cpus)
{
    /* The kernel writes only as many bytes as it has CPUs. */
    memset(cpus, 0, sizeof(*cpus));
    return sched_getaffinity(thread_id, sizeof(*cpus), (cpu_set_t *)cpus)
        ? -errno : 0;
}

/* Returns: 0, or a negative errno value */
static int thread_try_affinity(int thread_id, const ThreadCpus *cpus)
{
    return sched_setaffinity(thread_id, sizeof(*cpus),
                             (const cpu_set_t *)cpus) ? -errno : 0;
}

int thread_set_affinity(int thread_id, const ThreadCpus *cpus,
                        unsigned *refused)
{
    static const ThreadCpus none;
    ThreadCpus old;
    ThreadCpus now;
    int missing;
    int ret = thread_get_affinity(thread_id, &old);

    if (ret < 0) {
        return ret;
    }
    ret = thread_try_affinity(thread_id, cpus);
    /* The kernel ignores CPUs that are offline or not of the process's cpuset,
     * so the result is read back.  EINVAL: all of them are. */
    if (ret == 0) {
        ret = thread_get_affinity(thread_id, &now);
    } else if (ret == -EINVAL) {
        now = none;
        ret = 0;
    }
    missing = ret == 0 ? thread_cpus_missing(&now, cpus) : -1;
    if (missing >= 0) {
        ret = -EINVAL;
        if (refused) {
            *refused = missing;
        }
    }
    if (ret < 0) {
        thread_try_affinity(thread_id, &old);
    }
    return ret;
}

int thread_get_scheduler(int thread_id, int *policy, int *priority)
{
    struct sched_param param;
    int ret = sched_getscheduler(thread_id);

    if (ret < 0 || sched_getparam(thread_id, &param)) {
        return -errno;
    }
    *policy = ret & ~SCHED_RESET_ON_FORK;
    *priority = param.sched_priority;
    return 0;
}

int thread_set_scheduler(int thread_id, int policy, int priority)
{
    struct sched_param param = { .sched_priority = priority };

    return sched_setscheduler(thread_id, policy, &param) ? -errno : 0;
}
