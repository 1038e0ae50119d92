/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Handlers of events from outside, which QEMU could disable until 8.0. */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "qapi/error.h"
#include "tests/unit/test-util.h"

#if QOM_COMPAT_QEMU < 700
#define set_fd(ctx, fd, external, read, opaque) \
    aio_set_fd_handler((ctx), (fd), (external), (read), NULL, NULL, (opaque))
#define set_notifier(ctx, notifier, external, read) \
    aio_set_event_notifier((ctx), (notifier), (external), (read), NULL)
#else
#define set_fd(ctx, fd, external, read, opaque)                     \
    aio_set_fd_handler((ctx), (fd), (external), (read), NULL, NULL, \
                       NULL, (opaque))
#define set_notifier(ctx, notifier, external, read) \
    aio_set_event_notifier((ctx), (notifier), (external), (read), NULL, NULL)
#endif

typedef struct Fixture {
    AioContext *ctx;
    EventNotifier inside;
    EventNotifier outside;
} Fixture;

static int n_inside;
static int n_outside;

static void count_inside(EventNotifier *notifier)
{
    n_inside += event_notifier_test_and_clear(notifier);
}

static void count_outside(EventNotifier *notifier)
{
    n_outside += event_notifier_test_and_clear(notifier);
}

static void setup(Fixture *f, gconstpointer data)
{
    f->ctx = aio_context_new(&error_abort);
    n_inside = n_outside = 0;
    event_notifier_init(&f->inside, false);
    event_notifier_init(&f->outside, false);
    set_notifier(f->ctx, &f->inside, false, count_inside);
    set_notifier(f->ctx, &f->outside, true, count_outside);
}

static void teardown(Fixture *f, gconstpointer data)
{
    set_notifier(f->ctx, &f->inside, false, NULL);
    set_notifier(f->ctx, &f->outside, true, NULL);
    event_notifier_cleanup(&f->inside);
    event_notifier_cleanup(&f->outside);
    aio_context_unref(f->ctx);
}

/* Sets both notifiers and runs what is ready. */
static void run_both(Fixture *f)
{
    event_notifier_set(&f->inside);
    event_notifier_set(&f->outside);
    while (aio_poll(f->ctx, false)) {
    }
}

static void test_nested(Fixture *f, gconstpointer data)
{
    g_assert_false(aio_external_disabled(f->ctx));
    aio_disable_external(f->ctx);
    aio_disable_external(f->ctx);
    run_both(f);
    g_assert_cmpint(n_inside, ==, 1);
    aio_enable_external(f->ctx);
    g_assert_true(aio_external_disabled(f->ctx));
    run_both(f);
    g_assert_cmpint(n_inside, ==, 2);
    g_assert_cmpint(n_outside, ==, 0);

    aio_enable_external(f->ctx);
    g_assert_false(aio_external_disabled(f->ctx));
    run_both(f);
    g_assert_cmpint(n_inside, ==, 3);
    g_assert_cmpint(n_outside, ==, 1);
}

static void test_other_context(Fixture *f, gconstpointer data)
{
    g_autoptr(AioContext) other = aio_context_new(&error_abort);

    aio_disable_external(other);
    run_both(f);
    g_assert_cmpint(n_outside, ==, 1);
    aio_enable_external(other);
}

/* What is added, changed or removed while disabled counts afterwards. */
static void test_changed_while_disabled(Fixture *f, gconstpointer data)
{
    EventNotifier late;

    aio_disable_external(f->ctx);
    event_notifier_init(&late, true);
    set_notifier(f->ctx, &late, true, count_outside);
    set_notifier(f->ctx, &f->outside, true, count_inside);
    run_both(f);
    g_assert_cmpint(n_inside, ==, 1);
    g_assert_cmpint(n_outside, ==, 0);
    aio_enable_external(f->ctx);
    run_both(f);
    g_assert_cmpint(n_inside, ==, 3);
    g_assert_cmpint(n_outside, ==, 1);

    aio_disable_external(f->ctx);
    set_notifier(f->ctx, &late, false, NULL);
    aio_enable_external(f->ctx);
    event_notifier_set(&late);
    run_both(f);
    g_assert_cmpint(n_outside, ==, 1);
    event_notifier_cleanup(&late);
}

static void read_byte(void *opaque)
{
    char byte;

    n_outside += read(*(int *)opaque, &byte, 1);
}

/* A handler that becomes one of the inside is no longer disabled. */
static void test_fd(Fixture *f, gconstpointer data)
{
    int fds[2];

    g_assert_cmpint(pipe(fds), ==, 0);
    g_assert_cmpint(write(fds[1], "ab", 2), ==, 2);
    aio_disable_external(f->ctx);
    set_fd(f->ctx, fds[0], true, read_byte, &fds[0]);
    g_assert_false(aio_poll(f->ctx, false));
    set_fd(f->ctx, fds[0], false, read_byte, &fds[0]);
    g_assert_true(aio_poll(f->ctx, false));
    aio_enable_external(f->ctx);
    g_assert_true(aio_poll(f->ctx, false));
    g_assert_cmpint(n_outside, ==, 2);
    set_fd(f->ctx, fds[0], false, NULL, NULL);
    close(fds[0]);
    close(fds[1]);
}

#if QOM_COMPAT_QEMU >= 700
static int n_begun;

static bool poll_never(void *opaque)
{
    return false;
}

static void begin(EventNotifier *notifier)
{
    n_begun++;
}

/* The hooks are kept while the handler is disabled. */
static void test_hooks(Fixture *f, gconstpointer data)
{
    aio_context_set_poll_params(f->ctx, 1000000, 0, 0, &error_abort);
    aio_disable_external(f->ctx);
    aio_set_event_notifier(f->ctx, &f->outside, true, count_outside,
                           poll_never, count_outside);
    aio_set_event_notifier_poll(f->ctx, &f->outside, begin, NULL);
    aio_enable_external(f->ctx);
    for (int i = 0; i < 100 && n_begun == 0; i++) {
        event_notifier_set(&f->inside);
        aio_poll(f->ctx, true);
    }
    g_assert_cmpint(n_begun, >, 0);
}
#endif

#define ADD(path, fn) \
    g_test_add("/compat/external/" path, Fixture, NULL, setup, fn, teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("nested", test_nested);
    ADD("other-context", test_other_context);
    ADD("changed-while-disabled", test_changed_while_disabled);
    ADD("fd", test_fd);
#if QOM_COMPAT_QEMU >= 700
    ADD("hooks", test_hooks);
#endif
    return test_run();
}
