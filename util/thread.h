/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Threads that carry their name.
 *
 * The name is what ps, top, gdb and /proc show; the kernel keeps 15 bytes of
 * it.  New threads take no signals that are meant for the process: those stay
 * with the threads of the program that knows of them.
 *
 * Which processors a thread may run on, and how it competes for them, is the
 * kernel's to decide; the functions for that take the kernel's number of any
 * thread of the process, see thread_get_id(), or 0 for the calling one.
 */
#ifndef QOM_UTIL_THREAD_H
#define QOM_UTIL_THREAD_H

#include "util/macros.h"

#include <pthread.h>
#include <stdbool.h>

QOM_BEGIN_DECLS

#define THREAD_NAME_MAX 15 /* bytes that the kernel keeps */

/* Embed it; the fields belong to the functions below. */
typedef struct Thread {
    pthread_t thread;
    void *(*start)(void *arg);
    void *arg;
    bool has_name;
    int process_id;
    char name[THREAD_NAME_MAX + 1];
} Thread;

enum {
    THREAD_CPUS_MAX = 65536, /* processors are numbered from 0 */
};

/* A set of processors; all zero is the empty one. */
typedef struct ThreadCpus {
    unsigned long bits[THREAD_CPUS_MAX / (8 * sizeof(unsigned long))];
} ThreadCpus;

/**
 * thread_describe: name a thread in a message
 * @id: the kernel's number of a thread of this process, see thread_get_id()
 *
 * Returns: (transfer full) such as "'io0' (4711)"; "'?' (4711)" if it has ended
 * Thread: any
 */
char *thread_describe(int id);

/**
 * thread_create: start a thread
 * @thread: filled in; the memory stays until thread_join()
 * @name: (nullable) copied; shortened to the 15 bytes that the kernel keeps,
 *        at the end of a UTF-8 character.  NULL: the creator's own name
 * @stack_size_bytes: 0 for the system's default, but 1 MiB at least
 * @start: called in the thread, which has its name already
 * @arg: passed to @start
 *
 * Asynchronous signals are blocked in the new thread.  Signals that a thread
 * causes by what it does are not: SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP,
 * SIGABRT and SIGSYS.  Neither is SIGPROF, by which profilers sample a thread.
 *
 * Returns: 0, or a negative errno value and there is no thread
 * Thread: any
 */
int thread_create(Thread *thread, const char *name, size_t stack_size_bytes,
                  void *(*start)(void *arg), void *arg);

/**
 * thread_create_unowned: start a thread without a Thread that outlives the call
 * @id: filled in
 * @name: (nullable) as for thread_create()
 * @detached: nobody may join the thread, and its memory is freed at its end;
 *            else the caller joins @id
 * @start: called in the thread
 * @arg: passed to @start
 *
 * This copies what thread_create() keeps in the Thread, which costs an
 * allocation.
 *
 * Returns: 0, or a negative errno value and there is no thread
 * Thread: any
 */
int thread_create_unowned(pthread_t *id, const char *name, bool detached,
                          void *(*start)(void *arg), void *arg);

/**
 * thread_join: wait until a thread has ended
 * @thread: a thread made by thread_create(); to be joined exactly once
 *
 * In a child process a thread of the parent does not exist: the call returns at
 * once.
 *
 * Returns: what its @start returned; NULL in a child process
 * Thread: any but @thread itself, one at a time
 */
void *thread_join(Thread *thread);

/**
 * thread_key_create: create a key for data of threads
 * @key: filled in
 * @destructor: called at the end of each thread that has set a value
 *
 * Aborts with a message when the process has no more keys.
 *
 * Thread: any
 */
void thread_key_create(pthread_key_t *key, void (*destructor)(void *value));

/**
 * thread_is_self: is this the calling thread?
 * @thread: a thread that is not joined yet
 *
 * Thread: any
 */
bool thread_is_self(const Thread *thread);

/**
 * thread_get_id: the kernel's number of the calling thread
 *
 * Returns: what gettid() does; a system call the first time only
 * Thread: any
 */
int thread_get_id(void);

/**
 * thread_cpus_add: put a processor into a set
 * @cpus: the set
 * @cpu: 0 to THREAD_CPUS_MAX - 1; may be in it already
 *
 * Thread: caller's, one at a time
 */
void thread_cpus_add(ThreadCpus *cpus, unsigned cpu);

/* thread_cpus_has: is @cpu in @cpus?  As thread_cpus_add(). */
bool thread_cpus_has(const ThreadCpus *cpus, unsigned cpu);

/**
 * thread_get_affinity: find out which processors a thread may run on
 * @thread_id: the thread
 * @cpus: filled in; what the kernel really allows, so only processors that
 *        exist and are online
 *
 * Returns: 0, or a negative errno value and @cpus is undefined
 * Thread: any
 */
int thread_get_affinity(int thread_id, ThreadCpus *cpus);

/**
 * thread_set_affinity: say which processors a thread may run on
 * @thread_id: the thread
 * @cpus: those, at least one; borrowed
 * @refused: (nullable) filled in on -EINVAL: the first processor of @cpus
 *           that does not exist, is offline or is not allowed to the program
 *
 * All of @cpus or none: the kernel by itself is content with a set of which
 * one processor exists.
 *
 * Returns: 0; a negative errno value, and the thread may run where it could
 *          before
 * Thread: any, one at a time for one @thread_id
 */
int thread_set_affinity(int thread_id, const ThreadCpus *cpus,
                        unsigned *refused);

/**
 * thread_get_scheduler: find out how a thread is scheduled
 * @thread_id: the thread
 * @policy: filled in: SCHED_OTHER, SCHED_FIFO and so on
 * @priority: filled in; 0 for policies without
 *
 * Returns: 0, or a negative errno value and the rest is as before
 * Thread: any
 */
int thread_get_scheduler(int thread_id, int *policy, int *priority);

/**
 * thread_set_scheduler: say how a thread is scheduled
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
