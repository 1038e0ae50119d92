/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Threads with names, CPUs and scheduling.
 *
 * ps, top, gdb and /proc show the name of a thread; the kernel keeps 15 bytes
 * of it.  New threads block signals that are sent to the process, so that only
 * the program's own threads handle these.
 *
 * The functions for CPUs and scheduling take the id of a thread of the process,
 * see thread_get_id(); 0 is the calling thread.
 */
#ifndef QOM_UTIL_THREAD_H
#define QOM_UTIL_THREAD_H

#include "util/macros.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

QOM_BEGIN_DECLS

#define THREAD_NAME_MAX 15 /* bytes that the kernel keeps */

/* To be embedded; only the functions below use the fields. */
typedef struct Thread {
    pthread_t thread;
    void *(*start)(void *arg);
    void *arg;
    bool has_name;
    int process_id;
    char name[THREAD_NAME_MAX + 1];
} Thread;

enum {
    THREAD_CPUS_MAX = 65536, /* CPUs are numbered from 0 */
};

/* A set of CPUs; all bytes zero is the empty set. */
typedef struct ThreadCpus {
    unsigned long bits[THREAD_CPUS_MAX / (8 * sizeof(unsigned long))];
} ThreadCpus;

/**
 * thread_describe: describes a thread in a message
 * @id: the id of a thread of this process, see thread_get_id()
 *
 * Returns: (transfer full) such as "'io0' (4711)"; "'?' (4711)" if the thread
 *          has ended
 * Thread: any
 */
char *thread_describe(int id);

/**
 * thread_create: starts a thread
 * @thread: filled in; its memory must stay until thread_join()
 * @name: (nullable) copied; cut to the 15 bytes that the kernel keeps, at the
 *        end of a UTF-8 character.  NULL: the name of the calling thread
 * @stack_size_bytes: 0: the system's default, but at least 1 MiB
 * @start: called in the thread, which has its name already
 * @arg: passed to @start
 *
 * Asynchronous signals are blocked in the new thread.  Signals that a thread
 * causes itself are not: SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT and
 * SIGSYS.  SIGPROF is not blocked either, because profilers need it.
 *
 * Returns: 0; a negative errno value, and no thread was created
 * Thread: any
 */
int thread_create(Thread *thread, const char *name, size_t stack_size_bytes,
                  void *(*start)(void *arg), void *arg);

/**
 * thread_create_unowned: starts a thread without a Thread
 * @id: filled in
 * @name: (nullable) as for thread_create()
 * @detached: true: the thread must not be joined, and its memory is freed when
 *            it ends; false: the caller joins @id
 * @start: called in the thread
 * @arg: passed to @start
 *
 * The function allocates memory for what thread_create() keeps in the Thread.
 *
 * Returns: 0; a negative errno value, and no thread was created
 * Thread: any
 */
int thread_create_unowned(pthread_t *id, const char *name, bool detached,
                          void *(*start)(void *arg), void *arg);

/**
 * thread_join: waits until a thread has ended
 * @thread: a thread of thread_create(); to be joined exactly once
 *
 * A thread of the parent process does not exist in a child process; there the
 * call returns immediately.
 *
 * Returns: the result of @start; NULL in a child process
 * Thread: any but @thread itself, one at a time
 */
void *thread_join(Thread *thread);

/**
 * thread_key_create: creates a key for data of threads
 * @key: filled in
 * @destructor: called at the end of each thread that has set a value
 *
 * Aborts with a message if the process has no more keys.
 *
 * Thread: any
 */
void thread_key_create(pthread_key_t *key, void (*destructor)(void *value));

/**
 * thread_get_id: returns the id of the calling thread
 *
 * Returns: the result of gettid(); only the first call makes a system call
 * Thread: any
 */
int thread_get_id(void);

/**
 * thread_get_cpu_ns: returns the CPU time of a thread
 * @id: the id of a thread of this process; 0: the calling thread
 *
 * Returns: nanoseconds in which the thread ran, in user mode and in the kernel;
 *          0 if there is no such thread
 * Thread: any
 */
uint64_t thread_get_cpu_ns(int id);

/**
 * thread_cpus_add: adds a CPU to a set
 * @cpus: the set
 * @cpu: 0 to THREAD_CPUS_MAX - 1; may be in the set already
 *
 * Thread: caller's, one at a time
 */
void thread_cpus_add(ThreadCpus *cpus, unsigned cpu);

/* thread_cpus_has: returns true if @cpu is in @cpus; see thread_cpus_add(). */
bool thread_cpus_has(const ThreadCpus *cpus, unsigned cpu);

/**
 * thread_get_affinity: reads the CPUs on which a thread may run
 * @thread_id: the thread
 * @cpus: filled in with what the kernel allows: only CPUs that exist and are
 *        online
 *
 * Returns: 0; a negative errno value, and @cpus is undefined
 * Thread: any
 */
int thread_get_affinity(int thread_id, ThreadCpus *cpus);

/**
 * thread_set_affinity: sets the CPUs on which a thread may run
 * @thread_id: the thread
 * @cpus: at least one CPU; borrowed
 * @refused: (nullable) set on -EINVAL to the first CPU of @cpus that does not
 *           exist, is offline, or that the program may not use
 *
 * Every CPU of @cpus must be available.  The kernel alone would accept a set of
 * which one CPU exists.
 *
 * Returns: 0; a negative errno value, and the thread's CPUs are as before
 * Thread: any, one at a time for one @thread_id
 */
int thread_set_affinity(int thread_id, const ThreadCpus *cpus,
                        unsigned *refused);

/**
 * thread_get_scheduler: reads the scheduling policy of a thread
 * @thread_id: the thread
 * @policy: filled in: SCHED_OTHER, SCHED_FIFO and so on
 * @priority: filled in; 0 for policies without a priority
 *
 * Returns: 0; a negative errno value, and nothing is filled in
 * Thread: any
 */
int thread_get_scheduler(int thread_id, int *policy, int *priority);

/**
 * thread_set_scheduler: sets the scheduling policy of a thread
 * @thread_id: the thread
 * @policy: SCHED_OTHER, SCHED_BATCH, SCHED_IDLE, SCHED_FIFO or SCHED_RR
 * @priority: 1 to 99 for the last two, 0 for the others
 *
 * Returns: 0; a negative errno value, and the thread is scheduled as before
 * Thread: any
 */
int thread_set_scheduler(int thread_id, int policy, int priority);

QOM_END_DECLS

#endif
