/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What other threads may do with objects, and what not: builds with checks of
 * threads abort then; in others the tests are skipped.
 */
#include "tests/unit/test-util.h"
#include "qom/object.h"

#include <sys/wait.h>
#include <unistd.h>

#ifdef QOM_THREAD_CHECKS

typedef struct Row {
    Object parent_obj;
    int64_t number;
} Row;

static const PropertyRow row_rows[] = {
    PROPERTY_INT("number", Row, number),
    PROPERTY_END
};

static void row_class_init(ObjectClass *klass, const void *data)
{
    object_class_add_properties(klass, row_rows);
}

static const TypeInfo row_info = {
    .name = "row",
    .parent = TYPE_OBJECT,
    .instance_size = sizeof(Row),
    .class_init = row_class_init,
};

static void *set_row(void *opaque)
{
    Object *obj = object_new("row");

    object_property_set_int(obj, "number", 1, &error_abort);
    return NULL;
}

static void *add_property(void *opaque)
{
    object_property_add(opaque, "late", "int", NULL, NULL, NULL, NULL);
    return NULL;
}

static void *add_child(void *opaque)
{
    return object_property_add_new_container(opaque, "late");
}

static void *unparent(void *opaque)
{
    object_unparent(opaque);
    return NULL;
}

static void *resolve(void *opaque)
{
    return object_resolve_path("/objects", NULL);
}

static void run_in_thread(GThreadFunc func)
{
    Object *obj = object_property_add_new_container(object_get_root(),
                                                    "threads");

    g_thread_join(g_thread_new("wrong", func, obj));
}

#define DEFINE_ABORT(what)                                                  \
    static void abort_##what(void)                                          \
    {                                                                       \
        run_in_thread(what);                                                \
    }

DEFINE_ABORT(set_row)
DEFINE_ABORT(add_property)
DEFINE_ABORT(add_child)
DEFINE_ABORT(unparent)
DEFINE_ABORT(resolve)

/* In the child it is the only thread. */
static void *fork_and_resolve(void *opaque)
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        object_resolve_path("/objects", NULL);
        _exit(0);
    }
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_cmpint(status, ==, 0);
    return NULL;
}

static void test_child_process(void)
{
    run_in_thread(fork_and_resolve);
}

static void add_tests(void)
{
    static const struct {
        const char *path;
        void (*test)(void);
        const char *message;
    } rows[] = {
        { "/qom/threads/aborts/set-row", abort_set_row,
          "*() in thread 'wrong' (*): only the main thread, '*' (*), "
          "may use object '(without a path)' of type 'row'; schedule a bottom "
          "half in the main loop*" },
        { "/qom/threads/aborts/add-property", abort_add_property,
          "*() in thread 'wrong' (*): only the main thread, '*' (*), "
          "may use object '/threads' of type 'container'*" },
        { "/qom/threads/aborts/add-child", abort_add_child,
          "*() in thread 'wrong' (*): only the main thread, '*' (*), "
          "may use object '/threads' of type 'container'*" },
        { "/qom/threads/aborts/unparent", abort_unparent,
          "*object_unparent() in thread 'wrong' (*): only the main thread, "
          "'*' (*), may use object '/threads' of type 'container'*" },
        { "/qom/threads/aborts/resolve", abort_resolve,
          "*object_resolve_path_type() in thread 'wrong' (*): only the main "
          "thread, '*' (*), may use the tree of objects*" },
    };

    g_test_add_func("/qom/threads/child-process", test_child_process);
    type_register(&row_info);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        test_add_abort_func(rows[i].path, rows[i].test, rows[i].message);
    }
}

#else

static void test_not_checked(void)
{
    g_test_skip("this build does not check threads");
}

static void add_tests(void)
{
    g_test_add_func("/qom/threads/aborts", test_not_checked);
}

#endif

/* An object with properties of its own may die anywhere, in every build. */
static void *drop_last(void *opaque)
{
    object_unref(opaque);
    return NULL;
}

static void count_release(Object *obj, const char *name, void *opaque)
{
    ++*(int *)opaque;
}

static void test_dies_in_thread(void)
{
    Object *obj = object_new(TYPE_CONTAINER);
    int n = 0;

    object_property_add(obj, "mine", "int", NULL, NULL, count_release, &n);
    g_thread_join(g_thread_new("last", drop_last, obj));
    g_assert_cmpint(n, ==, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    add_tests();
    g_test_add_func("/qom/threads/dies-in-thread", test_dies_in_thread);
    return test_run();
}
