/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Aborts if another thread than the main thread uses objects, in builds with
 * thread checks.  The first thread that uses an object is the main thread.
 */
#include "qom/object-internal.h"
#include "util/programming-error.h"
#include "util/thread.h"

#ifdef QOM_THREAD_CHECKS
__thread bool object_in_main_thread __attribute__((tls_model("initial-exec")));

static QOM_ATOMIC(int) main_thread_id; /* 0: none has used objects */

/* The only thread of a child process becomes its main thread. */
static void on_fork_in_child(void)
{
    atomic_store(&main_thread_id, 0);
    object_in_main_thread = false;
}

static void reset_in_child(void)
{
    pthread_atfork(NULL, NULL, on_fork_in_child);
}

/* The path is only for the message: the main thread may change the tree. */
static G_NORETURN void abort_in_thread(const char *func, int main_id,
                                       const Object *obj)
{
    g_autofree char *thread = thread_describe(thread_get_id());
    g_autofree char *main_thread = thread_describe(main_id);
    g_autofree char *path = obj ? object_get_canonical_path(obj) : NULL;
    g_autofree char *what = !obj ? g_strdup("the tree of objects")
        : g_strdup_printf("object '%s' of type '%s'",
                          path ? path : "(without a path)",
                          object_get_typename(obj));

    programming_error("%s() in thread %s: only the main thread, %s, may use "
                      "%s; schedule a bottom half in the main loop", func,
                      thread, main_thread, what);
}

void object_check_thread(const char *func, const Object *obj)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    int main_id = 0;

    if (!atomic_compare_exchange_strong(&main_thread_id, &main_id,
                                        thread_get_id())) {
        abort_in_thread(func, main_id, obj);
    }
    pthread_once(&once, reset_in_child);
    object_in_main_thread = true;
}
#endif
