/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test-util.h"

#include <errno.h>

static void test_setg_message(void)
{
    g_autoptr(Error) err = NULL;

    error_setg(&err, "'%s' must be %d", "x", 3);
    g_assert_cmpstr(error_get_pretty(err), ==, "'x' must be 3");
    g_assert_cmpint(error_get_class(err), ==, ERROR_CLASS_GENERIC_ERROR);
    g_assert_null(error_get_hint(err));
}

static void test_setg_origin(void)
{
    g_autoptr(Error) err = NULL;
    const char *file;
    const char *func;
    int line;

    error_setg(&err, "x");
    error_get_origin(err, &file, &line, &func);
    g_assert_true(g_str_has_suffix(file, "test-error.c"));
    g_assert_cmpint(line, ==, __LINE__ - 3);
    g_assert_cmpstr(func, ==, __func__);
}

static void test_setg_null_is_ignored(void)
{
    error_setg(NULL, "nobody hears this");
}

static void test_setg_errno(void)
{
    g_autoptr(Error) err = NULL;

    errno = EBADF;
    error_setg_errno(&err, ENOENT, "Could not look");
    g_assert_cmpstr(error_get_pretty(err), ==,
                    "Could not look: No such file or directory");
    g_assert_cmpint(errno, ==, EBADF);
}

static void test_setg_file_open(void)
{
    g_autoptr(Error) err = NULL;

    error_setg_file_open(&err, EACCES, "a b");
    g_assert_cmpstr(error_get_pretty(err), ==,
                    "Could not open 'a b': Permission denied");
}

static void test_class_names(void)
{
    g_autoptr(Error) err = NULL;

    error_set(&err, ERROR_CLASS_DEVICE_NOT_FOUND, "gone");
    g_assert_cmpstr(error_class_str(error_get_class(err)), ==,
                    "DeviceNotFound");
    g_assert_cmpstr(error_class_str(ERROR_CLASS_GENERIC_ERROR), ==,
                    "GenericError");
    g_assert_cmpstr(error_class_str(ERROR_CLASS_COMMAND_NOT_FOUND), ==,
                    "CommandNotFound");
    g_assert_cmpstr(error_class_str(ERROR_CLASS_DEVICE_NOT_ACTIVE), ==,
                    "DeviceNotActive");
    g_assert_cmpstr(error_class_str(ERROR_CLASS_KVM_MISSING_CAP), ==,
                    "KVMMissingCap");
}

static void test_propagate_keeps_first(void)
{
    Error *first = NULL;
    Error *second = NULL;

    error_setg(&first, "first");
    error_setg(&second, "second");
    error_propagate(&first, second);
    g_assert_cmpstr(error_get_pretty(first), ==, "first");
    error_free_or_abort(&first);
    g_assert_null(first);
}

static void test_propagate_prepend(void)
{
    g_autoptr(Error) err = NULL;
    Error *local = NULL;

    error_setg(&local, "no luck");
    error_propagate_prepend(&err, local, "%s: ", "today");
    g_assert_cmpstr(error_get_pretty(err), ==, "today: no luck");
}

static bool fail_with_context(Error **errp)
{
    ERRP_GUARD();

    error_setg(errp, "no luck");
    error_prepend(errp, "here: ");
    error_append_hint(errp, "Try %s.\n", "again");
    return false;
}

static void test_guard_prepend_and_hint(void)
{
    g_autoptr(Error) err = NULL;

    g_assert_false(fail_with_context(&err));
    g_assert_cmpstr(error_get_pretty(err), ==, "here: no luck");
    g_assert_cmpstr(error_get_hint(err), ==, "Try again.\n");
}

static void test_guard_null(void)
{
    g_assert_false(fail_with_context(NULL));
}

static void test_copy_is_independent(void)
{
    g_autoptr(Error) copy = NULL;
    Error *err = NULL;

    fail_with_context(&err);
    copy = error_copy(err);
    error_free(err);
    g_assert_cmpstr(error_get_pretty(copy), ==, "here: no luck");
    g_assert_cmpstr(error_get_hint(copy), ==, "Try again.\n");
}

static void test_abort_prints_origin(void)
{
    if (g_test_subprocess()) {
        error_setg(&error_abort, "impossible");
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*Unexpected error in test_abort_prints_origin()"
                              " at *test-error.c:*impossible*");
}

static void test_fatal_exits_with_message_and_hint(void)
{
    if (g_test_subprocess()) {
        fail_with_context(&error_fatal);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*here: no luck\nTry again.\n*");
}

static void test_set_twice_aborts(void)
{
    if (g_test_subprocess()) {
        Error *err = NULL;

        error_setg(&err, "one");
        error_setg(&err, "two");
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*test-error.c:*the error 'two' is set on top "
                              "of 'one', which test_set_twice_aborts() set at "
                              "*test-error.c:*; return after a failure, or "
                              "free its error*");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qapi/error/setg/message", test_setg_message);
    g_test_add_func("/qapi/error/setg/origin", test_setg_origin);
    g_test_add_func("/qapi/error/setg/null-is-ignored",
                    test_setg_null_is_ignored);
    g_test_add_func("/qapi/error/setg/errno", test_setg_errno);
    g_test_add_func("/qapi/error/setg/file-open", test_setg_file_open);
    g_test_add_func("/qapi/error/setg/twice-aborts", test_set_twice_aborts);
    g_test_add_func("/qapi/error/class/names", test_class_names);
    g_test_add_func("/qapi/error/propagate/keeps-first",
                    test_propagate_keeps_first);
    g_test_add_func("/qapi/error/propagate/prepend", test_propagate_prepend);
    g_test_add_func("/qapi/error/guard/prepend-and-hint",
                    test_guard_prepend_and_hint);
    g_test_add_func("/qapi/error/guard/null", test_guard_null);
    g_test_add_func("/qapi/error/copy/is-independent",
                    test_copy_is_independent);
    g_test_add_func("/qapi/error/abort/prints-origin",
                    test_abort_prints_origin);
    g_test_add_func("/qapi/error/fatal/exits-with-message-and-hint",
                    test_fatal_exits_with_message_and_hint);
    return test_run();
}
