/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test-util.h"

#include <sys/eventfd.h>
#include <unistd.h>

static void test_error_is_consumed(void)
{
    Error *err = NULL;

    error_setg(&err, "no %s", "luck");
    assert_error(err, "no luck");
    g_assert_null(err);
}

static void test_error_hint(void)
{
    ErrorPropagator keep = { NULL, NULL };

    error_setg(&keep.local_err, "no luck");
    error_append_hint(&keep.local_err, "Try again.\n");
    assert_error_hint(keep.local_err, "no luck", "Try again.\n");
}

static void test_error_other_text_fails(void)
{
    if (g_test_subprocess()) {
        Error *err = NULL;

        error_setg(&err, "no luck");
        assert_error(err, "no luc");
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*(\"no luck\" == \"no luc\")*");
}

static void test_error_missing_fails(void)
{
    if (g_test_subprocess()) {
        Error *err = NULL;

        assert_error(err, "no luck");
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*no error*");
}

static void test_leak_fd_fails(void)
{
    if (g_test_subprocess()) {
        g_assert_cmpint(eventfd(0, EFD_CLOEXEC), >=, 0);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
}

static int kept; /* an eventfd that is open before and after each test */

/* It gets another number, because another file takes the old one. */
static void test_leak_replaced_fd_passes(void)
{
    int old = kept;
    int other;

    close(kept);
    other = dup(STDERR_FILENO);
    g_assert_cmpint(other, ==, old);
    kept = eventfd(0, EFD_CLOEXEC);
    g_assert_cmpint(kept, !=, old);
    close(other);
}

static G_NORETURN void wait_for_ever(void)
{
    for (;;) {
        pause();
    }
}

static void *thread_that_stays(void *opaque)
{
    wait_for_ever();
}

static void test_leak_thread_fails(void)
{
    if (g_test_subprocess()) {
        g_thread_unref(g_thread_new("stays", thread_that_stays, NULL));
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
}

static void test_endless_fails(void)
{
    if (g_test_subprocess()) {
        test_set_limit_ms(1);
        wait_for_ever();
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*endless*: waits without end\n*");
}

static void test_endless_names_event(void)
{
    if (g_test_subprocess()) {
        test_waits_for("a letter");
        test_set_limit_ms(1);
        wait_for_ever();
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*: waits without end for a letter\n*");
}

static void *return_at_once(void *opaque)
{
    return NULL;
}

static void test_leak_what_was_there_passes(void)
{
    int fd = eventfd(0, EFD_CLOEXEC);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(close(fd), ==, 0);
    g_thread_join(g_thread_new("short", return_at_once, NULL));
}

typedef struct Fixture {
    int *ends; /* a pipe */
} Fixture;

static void fixture_setup(Fixture *fixture, const void *data)
{
    fixture->ends = g_new(int, 2);
    g_assert_cmpint(pipe(fixture->ends), ==, 0);
    g_assert_cmpstr(data, ==, "data");
}

static void fixture_teardown(Fixture *fixture, const void *data)
{
    close(fixture->ends[0]);
    close(fixture->ends[1]);
    g_free(fixture->ends);
}

static void test_fixture(Fixture *fixture, const void *data)
{
    g_assert_cmpstr(data, ==, "data");
    g_assert_cmpint(write(fixture->ends[1], "x", 1), ==, 1);
}

static void test_data(const void *data)
{
    g_assert_cmpstr(data, ==, "data");
}

int main(int argc, char **argv)
{
    int status;

    g_test_init(&argc, &argv, NULL);
    kept = eventfd(0, EFD_CLOEXEC);
    g_assert_cmpint(kept, >=, 0);
    g_test_add_func("/tests/util/error/is-consumed", test_error_is_consumed);
    g_test_add_func("/tests/util/error/hint", test_error_hint);
    g_test_add_func("/tests/util/error/other-text-fails",
                    test_error_other_text_fails);
    g_test_add_func("/tests/util/error/missing-fails",
                    test_error_missing_fails);
    g_test_add_func("/tests/util/leak/fd-fails", test_leak_fd_fails);
    g_test_add_func("/tests/util/leak/replaced-fd-passes",
                    test_leak_replaced_fd_passes);
    g_test_add_func("/tests/util/leak/thread-fails", test_leak_thread_fails);
    g_test_add_func("/tests/util/endless/fails", test_endless_fails);
    g_test_add_func("/tests/util/endless/names-event",
                    test_endless_names_event);
    g_test_add_func("/tests/util/leak/what-was-there-passes",
                    test_leak_what_was_there_passes);
    g_test_add("/tests/util/fixture", Fixture, "data", fixture_setup,
               test_fixture, fixture_teardown);
    g_test_add_data_func("/tests/util/data", "data", test_data);
    status = test_run();
    close(kept);
    return status;
}
