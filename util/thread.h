/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Threads that carry their name.
 *
 * The name is what ps, top, gdb and /proc show; the kernel keeps 15 bytes of
 * it.  New threads take no signals that are meant for the process: those stay
 * with the threads of the program that knows of them.
 */
#ifndef QOM_UTIL_THREAD_H
#define QOM_UTIL_THREAD_H

#include "util/macros.h"

#include <pthread.h>
#include <stdbool.h>

QOM_BEGIN_DECLS

/* Embed it; the field belongs to the functions below. */
typedef struct Thread {
    pthread_t thread;
} Thread;

/**
 * thread_create: start a thread
 * @thread: filled in; the memory stays until thread_join()
 * @name: copied; shortened to the 15 bytes that the kernel keeps, at the end
 *        of a UTF-8 character
 * @stack_size_bytes: 0 for the system's default
 * @start: called in the thread, which has its name already
 * @arg: passed to @start
 *
 * Asynchronous signals are blocked in the new thread.
 *
 * Returns: 0, or a negative errno value and there is no thread
 * Thread: any
 */
int thread_create(Thread *thread, const char *name, size_t stack_size_bytes,
                  void *(*start)(void *arg), void *arg);

/**
 * thread_join: wait until a thread has ended
 * @thread: a thread made by thread_create(); to be joined exactly once
 *
 * Returns: what its @start returned
 * Thread: any but @thread itself, one at a time
 */
void *thread_join(Thread *thread);

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

QOM_END_DECLS

#endif
