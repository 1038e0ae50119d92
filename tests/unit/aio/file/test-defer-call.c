/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Deferred calls: when they run, how often and in which order.
 */
#include "aio/file/defer-call.h"
#include "tests/unit/test-util.h"
#include "util/thread.h"

/* The calls that ran, one letter each. */
static GString *ran;

static void log_call(void *opaque)
{
    g_string_append(ran, opaque);
}

static void log_other(void *opaque)
{
    g_string_append_printf(ran, "<%s>", (const char *)opaque);
}

static char a[] = "a", b[] = "b", c[] = "c";

static void set_up(void *fixture, const void *data)
{
    ran = g_string_new(NULL);
}

static void tear_down(void *fixture, const void *data)
{
    g_string_free(ran, TRUE);
}

static void test_outside(void *fixture, const void *data)
{
    defer_call(log_call, a);
    g_assert_cmpstr(ran->str, ==, "a");
    defer_call(log_call, a);
    g_assert_cmpstr(ran->str, ==, "aa");
}

static void test_waits(void *fixture, const void *data)
{
    defer_call_begin();
    defer_call(log_call, a);
    g_assert_cmpstr(ran->str, ==, "");
    defer_call_end();
    g_assert_cmpstr(ran->str, ==, "a");
}

static void test_once(void *fixture, const void *data)
{
    defer_call_begin();
    defer_call(log_call, a);
    defer_call(log_call, a);
    defer_call_end();
    g_assert_cmpstr(ran->str, ==, "a");
}

static void test_both_count(void *fixture, const void *data)
{
    defer_call_begin();
    defer_call(log_call, a);
    defer_call(log_other, a);
    defer_call(log_other, b);
    defer_call(log_other, a);
    defer_call_end();
    g_assert_cmpstr(ran->str, ==, "a<a><b>");
}

static void test_order(void *fixture, const void *data)
{
    defer_call_begin();
    defer_call(log_call, b);
    defer_call(log_call, a);
    defer_call(log_call, c);
    defer_call(log_call, b);
    defer_call_end();
    g_assert_cmpstr(ran->str, ==, "bac");
}

static void test_nesting(void *fixture, const void *data)
{
    defer_call_begin();
    defer_call(log_call, a);
    defer_call_begin();
    defer_call(log_call, b);
    defer_call(log_call, a);
    defer_call_end();
    g_assert_cmpstr(ran->str, ==, "");
    defer_call_end();
    g_assert_cmpstr(ran->str, ==, "ab");
}

static void test_forgets(void *fixture, const void *data)
{
    for (int i = 0; i < 3; i++) {
        defer_call_begin();
        defer_call(log_call, a);
        defer_call_end();
    }
    g_assert_cmpstr(ran->str, ==, "aaa");
}

static void test_empty(void *fixture, const void *data)
{
    defer_call_begin();
    defer_call_end();
    g_assert_cmpstr(ran->str, ==, "");
}

static void call_a_at_once(void *opaque)
{
    g_string_append_c(ran, '(');
    defer_call(log_call, a);
    g_string_append_c(ran, ')');
}

static void test_call_in_call(void *fixture, const void *data)
{
    defer_call_begin();
    defer_call(call_a_at_once, NULL);
    defer_call(log_call, a);
    defer_call_end();
    g_assert_cmpstr(ran->str, ==, "(a)a");
}

/* Enough calls to make the array move. */
static void section_of_many(void *opaque)
{
    static char digits[100][2];

    defer_call_begin();
    for (int i = 0; i < 100; i++) {
        digits[i][0] = '0' + i % 10;
        defer_call(log_call, digits[i]);
    }
    defer_call_end();
}

static void test_section_in_call(void *fixture, const void *data)
{
    defer_call_begin();
    defer_call(log_call, a);
    defer_call(section_of_many, NULL);
    defer_call(log_call, b);
    defer_call_end();
    g_assert_cmpuint(ran->len, ==, 102);
    g_assert_true(g_str_has_prefix(ran->str, "a0123456789"));
    g_assert_true(g_str_has_suffix(ran->str, "0123456789b"));
}

static void *thread_run(void *opaque)
{
    defer_call(log_call, b);
    defer_call_begin();
    defer_call(log_call, c);
    defer_call_end();
    return NULL;
}

static void test_threads(void *fixture, const void *data)
{
    Thread thread;

    defer_call_begin();
    defer_call(log_call, a);
    g_assert_cmpint(thread_create(&thread, "other", 0, thread_run, NULL), ==,
                    0);
    thread_join(&thread);
    g_assert_cmpstr(ran->str, ==, "bc");
    defer_call_end();
    g_assert_cmpstr(ran->str, ==, "bca");
}

static void abort_end(void)
{
    defer_call_end();
}

#define ADD(path, func) \
    g_test_add("/aio/defer-call/" path, int, NULL, set_up, func, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);

    ADD("outside-of-a-section-at-once", test_outside);
    ADD("waits-for-the-end", test_waits);
    ADD("same-call-once", test_once);
    ADD("function-and-argument-count", test_both_count);
    ADD("order-of-first-calls", test_order);
    ADD("outermost-end-counts", test_nesting);
    ADD("next-section-starts-empty", test_forgets);
    ADD("empty-section", test_empty);
    ADD("in-a-deferred-call-at-once", test_call_in_call);
    ADD("section-in-a-deferred-call", test_section_in_call);
    ADD("sections-belong-to-threads", test_threads);
    test_add_abort_func("/aio/defer-call/end-without-begin-aborts", abort_end,
                        "*defer_call_end() without defer_call_begin()*");

    return test_run();
}
