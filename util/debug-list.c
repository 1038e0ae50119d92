/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * All lists share one lock, because things are added and removed seldom: each
 * of them takes system calls to create.  fork() waits for the lock, so a child
 * process finds it free and the lists whole.
 *
 * With the address sanitizer the lists stay empty.  A thing in a list is
 * reachable, so the sanitizer would not report that it leaks.
 */
#include "util/debug-list.h"

#include "util/lock.h"

#include <pthread.h>

#if defined(__SANITIZE_ADDRESS__)
#define DEBUG_LISTS_STAY_EMPTY
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DEBUG_LISTS_STAY_EMPTY
#endif
#endif

#ifdef DEBUG_LISTS_STAY_EMPTY
void debug_list_add(DebugList *list, QueueLink *link)
{
}

void debug_list_remove(QueueLink *link)
{
}
#else
static Lock debug_lists_lock;

static void on_fork_prepare(void)
{
    lock_acquire(&debug_lists_lock);
}

static void on_fork_done(void)
{
    lock_release(&debug_lists_lock);
}

static void watch_forks(void)
{
    pthread_atfork(on_fork_prepare, on_fork_done, on_fork_done);
}

void debug_list_add(DebugList *list, QueueLink *link)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, watch_forks);
    lock_acquire(&debug_lists_lock);
    if (!list->head.next) {
        queue_init(&list->head);
    }
    queue_push(&list->head, link);
    lock_release(&debug_lists_lock);
}

void debug_list_remove(QueueLink *link)
{
    lock_acquire(&debug_lists_lock);
    queue_remove(link);
    lock_release(&debug_lists_lock);
}
#endif
