/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sleeping on the wake word: a loop that watches no file descriptor does so.
 * test-wake-model.c tries the protocol in every order of steps, and
 * test-iteration.c with a monitor (one-write-a-sleep, awake-needs-no-write).
 */
#include "aio/context-internal.h"
#include "tests/unit/test-util.h"
#include "util/thread.h"

typedef struct Fixture {
    AioContext *ctx;
    EventNotifier e; /* of tests with a handler */
    GString *log;
} Fixture;

static void set_up(Fixture *f, const void *data)
{
    f->ctx = aio_context_new(&error_abort);
    aio_set_current_context(f->ctx);
    event_notifier_init(&f->e, false);
    f->log = g_string_new(NULL);
}

static void tear_down(Fixture *f, const void *data)
{
    event_notifier_cleanup(&f->e);
    aio_set_current_context(aio_get_main_context());
    aio_context_unref(f->ctx);
    g_string_free(f->log, TRUE);
}

static void assert_log(Fixture *f, const char *text)
{
    g_assert_cmpstr(f->log->str, ==, text);
    g_string_truncate(f->log, 0);
}

static void log_bh(void *opaque)
{
    g_string_append(((Fixture *)opaque)->log, "bh ");
}

static void log_timer(void *opaque)
{
    g_string_append(((Fixture *)opaque)->log, "timer ");
}

static void log_read(EventNotifier *e)
{
    event_notifier_test_and_clear(e);
    g_string_append(container_of(e, Fixture, e)->log, "read ");
}

static void watch(Fixture *f, EventNotifierHandler *handler)
{
    aio_set_event_notifier(f->ctx, &f->e, handler, NULL, NULL);
}

typedef void SleeperFunc(void *opaque);

/* Calls @cb in another thread once the loop sleeps. */
typedef struct Waker {
    Fixture *f;
    Thread thread;
    SleeperFunc *cb;
    void *opaque;
    unsigned wake; /* what the loop sleeps with */
} Waker;

static void *waker_thread(void *opaque)
{
    Waker *waker = opaque;

    while (atomic_load(&waker->f->ctx->wake.word) != waker->wake) {
        g_thread_yield();
    }
    waker->cb(waker->opaque);
    return NULL;
}

static void wake_while_asleep(Fixture *f, unsigned wake, SleeperFunc *cb,
                              void *opaque)
{
    Waker waker = { .f = f, .wake = wake, .cb = cb, .opaque = opaque };

    g_assert_cmpint(thread_create(&waker.thread, "waker", 0, waker_thread,
                                  &waker), ==, 0);
    while (f->log->len == 0) {
        aio_poll(f->ctx, true);
    }
    thread_join(&waker.thread);
}

#define ON_WORD (AIO_WAKE_ARMED | AIO_WAKE_FUTEX)

static void schedule_log_bh(void *opaque)
{
    aio_bh_schedule_oneshot(((Fixture *)opaque)->ctx, log_bh, opaque);
}

static void test_sleeps_on_word(Fixture *f, const void *data)
{
    wake_while_asleep(f, ON_WORD, schedule_log_bh, f);
    assert_log(f, "bh ");
    g_assert_cmpint(event_notifier_test_and_clear(&f->ctx->wake.notifier), ==,
                    0);
}

static void arm_log_timer(void *opaque)
{
    timer_mod(opaque, 0);
}

static void test_word_timer_from_elsewhere(Fixture *f, const void *data)
{
    AioTimer timer;

    aio_timer_init(f->ctx, &timer, AIO_CLOCK_REALTIME, SCALE_NS, log_timer,
                   f);
    wake_while_asleep(f, ON_WORD, arm_log_timer, &timer);
    assert_log(f, "timer ");
}

static void test_word_timeout(Fixture *f, const void *data)
{
    AioTimer timer;

    aio_timer_init(f->ctx, &timer, AIO_CLOCK_REALTIME, SCALE_NS, log_timer,
                   f);
    timer_mod(&timer, clock_get_ns(AIO_CLOCK_REALTIME) + SCALE_MS);
    while (!aio_poll(f->ctx, true)) {
        /* interrupted by a signal */
    }
    assert_log(f, "timer ");
}

static void watch_ready_notifier(void *opaque)
{
    watch(opaque, log_read);
}

/* The loop changes from the word to the monitor. */
static void test_word_handler_from_elsewhere(Fixture *f, const void *data)
{
    event_notifier_set(&f->e);
    wake_while_asleep(f, ON_WORD, watch_ready_notifier, f);
    assert_log(f, "read ");
    watch(f, NULL);
}

static void test_word_not_with_handler(Fixture *f, const void *data)
{
    watch(f, log_read);
    wake_while_asleep(f, AIO_WAKE_ARMED, schedule_log_bh, f);
    assert_log(f, "bh ");
    watch(f, NULL);
}

static void test_word_again_after_handler(Fixture *f, const void *data)
{
    watch(f, log_read);
    watch(f, NULL);
    wake_while_asleep(f, ON_WORD, schedule_log_bh, f);
    assert_log(f, "bh ");
}

static void add(const char *name, void (*test)(Fixture *f, const void *data))
{
    g_autofree char *path = g_strconcat("/aio/wake/word/", name, NULL);

    g_test_add(path, Fixture, NULL, set_up, test, tear_down);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    aio_main_context_init(&error_abort);
    add("sleeps", test_sleeps_on_word);
    add("timer-from-elsewhere", test_word_timer_from_elsewhere);
    add("timeout", test_word_timeout);
    add("handler-from-elsewhere", test_word_handler_from_elsewhere);
    add("not-with-handler", test_word_not_with_handler);
    add("again-after-handler", test_word_again_after_handler);
    return test_run();
}
