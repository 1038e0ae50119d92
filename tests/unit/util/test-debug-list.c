/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lists for a debugger: order, removal, and a child process whose parent
 * called fork() while other threads changed a list.
 */
#include "tests/unit/test-util.h"
#include "util/debug-list.h"

#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define LISTS_STAY_EMPTY
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LISTS_STAY_EMPTY
#endif
#endif

static void test_order(void)
{
    static DebugList list;
    QueueLink links[3] = { 0 };

    for (int i = 0; i < 3; i++) {
        debug_list_add(&list, &links[i]);
    }
#ifdef LISTS_STAY_EMPTY
    g_assert_null(list.head.next);
#else
    g_assert_true(list.head.next == &links[0]);
    debug_list_remove(&links[1]);
    g_assert_true(links[0].next == &links[2]);
    debug_list_remove(&links[0]);
    debug_list_remove(&links[2]);
    g_assert_true(queue_is_empty(&list.head));
#endif
}

static DebugList shared;
static atomic_bool stop;

static gpointer change_list(gpointer opaque)
{
    QueueLink link = { 0 };

    while (!atomic_load(&stop)) {
        debug_list_add(&shared, &link);
        debug_list_remove(&link);
    }
    return NULL;
}

/* The alarm ends a child that waits for a lock without end. */
static void fork_child_that_adds(void)
{
    pid_t pid = fork();
    int status;

    g_assert_cmpint(pid, >=, 0);
    if (pid == 0) {
        static QueueLink link;

        alarm(60);
        debug_list_add(&shared, &link);
        debug_list_remove(&link);
        _exit(0);
    }
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_cmpint(status, ==, 0);
}

static void test_fork(void)
{
    GThread *threads[2];

    for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++) {
        threads[i] = g_thread_new("list", change_list, NULL);
    }
    for (int i = 0; i < 200; i++) {
        fork_child_that_adds();
    }
    atomic_store(&stop, true);
    for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++) {
        g_thread_join(threads[i]);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/util/debug-list/order", test_order);
    g_test_add_func("/util/debug-list/fork", test_fork);
    return g_test_run();
}
