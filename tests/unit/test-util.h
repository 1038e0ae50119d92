/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What all unit tests share.
 *
 * A test program registers its tests with GLib's functions and ends with
 *
 *     return test_run();
 *
 * which is also what g_test_run() means then.  Including this header makes
 * g_test_add_func(), g_test_add_data_func() and g_test_add() put a check
 * around each test: one that leaves a file descriptor open, a thread running or
 * an object alive fails, and says which.
 */
#ifndef QOM_TESTS_TEST_UTIL_H
#define QOM_TESTS_TEST_UTIL_H

#include "qapi/error.h"

/**
 * assert_error: assert that an error was set, with just this message
 * @err: an `Error *` variable; freed, and NULL afterwards
 * @text: the whole message
 */
#define assert_error(err, text)                                         \
    test_assert_error(&(err), (text), __FILE__, __LINE__, G_STRFUNC)

/**
 * assert_error_hint: as assert_error(), with the advice that goes with it
 * @hint: (nullable) the whole hint; NULL when there must be none
 */
#define assert_error_hint(err, text, hint)                              \
    do {                                                                \
        g_assert_nonnull(err);                                          \
        g_assert_cmpstr(error_get_hint(err), ==, (hint));               \
        assert_error(err, text);                                        \
    } while (0)

void test_assert_error(Error **errp, const char *text, const char *file,
                       int line, const char *func);

/**
 * test_waits_for: say what the test waits for from now on
 * @what: (nullable) static text, "a child process to end"; NULL for nothing
 *
 * A test that takes 100 seconds fails, and the message ends with @what.
 *
 * Thread: any
 */
void test_waits_for(const char *what);

/**
 * test_set_limit_ms: how long this test may take from now on
 * @ms: milliseconds; 0 for no limit
 */
void test_set_limit_ms(unsigned ms);

/**
 * test_run: run the tests that were added; stands in for g_test_run()
 *
 * Returns: the exit status of the program
 */
int test_run(void);

/**
 * test_add_vtable: g_test_add_vtable() with the check for leaks
 * @path: such as "/qapi/error/setg/message"
 * @size: bytes of the fixture
 * @data: (nullable) handed to all three functions
 * @setup: (nullable) called before @test
 * @test: the test
 * @teardown: (nullable) called after @test
 */
void test_add_vtable(const char *path, size_t size, const void *data,
                     GTestFixtureFunc setup, GTestFixtureFunc test,
                     GTestFixtureFunc teardown);

/**
 * test_lowest_free_descriptor: the limit with which there are no more
 *
 * For RLIMIT_NOFILE; below it, poll() fails in GLib's own thread.
 */
int test_lowest_free_descriptor(void);

/**
 * test_note: write down that something happened, while there is a trace
 * @format: as of printf(); a blank goes between two notes
 *
 * Thread: any, one at a time
 */
void test_note(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* test_trace_begin: begin a trace, see test_note() */
void test_trace_begin(void);

/* test_trace_end: end the trace, which must be @expected */
#define test_trace_end(expected)                                        \
    test_assert_trace((expected), __FILE__, __LINE__, G_STRFUNC)

void test_assert_trace(const char *expected, const char *file, int line,
                       const char *func);

void test_add_func(const char *path, GTestFunc test);
void test_add_data_func(const char *path, const void *data,
                        GTestDataFunc test);

/**
 * test_add_abort_func: add a test of what must abort the program
 * @path: as for g_test_add_func()
 * @test: must not return; called in a process of its own
 * @pattern: glob that matches what that process says on stderr; static
 */
void test_add_abort_func(const char *path, GTestFunc test,
                         const char *pattern);

/*
 * TEST_ADD_ROWS: adds a test for each row of an array
 * @prefix: of the paths, without a slash at the end
 * @label: the member of a row that the path ends with
 */
#define TEST_ADD_ROWS(prefix, rows, label, fn)                          \
    for (size_t i_ = 0; i_ < G_N_ELEMENTS(rows); i_++) {                \
        g_autofree char *path_ = g_strconcat(prefix "/",                \
                                             (rows)[i_].label, NULL);   \
                                                                        \
        g_test_add_data_func(path_, &(rows)[i_], fn);                   \
    }

/* GLib's own would not make first what is kept, see test-util.c. */
#define g_test_run test_run

#undef g_test_add
#define g_test_add(path, Fixture, data, setup, test, teardown)          \
    test_add_vtable((path), sizeof(Fixture), (data),                    \
                    (GTestFixtureFunc)(void (*)(void))(setup),          \
                    (GTestFixtureFunc)(void (*)(void))(test),           \
                    (GTestFixtureFunc)(void (*)(void))(teardown))
#define g_test_add_func test_add_func
#define g_test_add_data_func test_add_data_func

#endif
