/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test-util.h"
#include "util/event-notifier-internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

/* The two kinds of notifier; every test but a few runs for both. */
typedef int InitFunc(EventNotifier *notifier, int active);

typedef struct Kind {
    const char *name;
    InitFunc *init;
} Kind;

static const Kind kinds[] = {
    { "eventfd", event_notifier_init },
    { "pipe", event_notifier_init_pipe },
};

static void init(const Kind *kind, EventNotifier *notifier, int active)
{
    g_assert_cmpint(kind->init(notifier, active), ==, 0);
}

static bool is_readable(const EventNotifier *notifier)
{
    struct pollfd pollfd = {
        .fd = event_notifier_get_fd(notifier),
        .events = POLLIN,
    };

    return poll(&pollfd, 1, 0) == 1;
}

static void test_starts_clear(const void *kind)
{
    EventNotifier e;

    init(kind, &e, 0);
    g_assert_false(is_readable(&e));
    g_assert_cmpint(event_notifier_test_and_clear(&e), ==, 0);
    event_notifier_cleanup(&e);
}

static void test_starts_active(const void *kind)
{
    EventNotifier e;

    init(kind, &e, 1);
    g_assert_true(is_readable(&e));
    g_assert_cmpint(event_notifier_test_and_clear(&e), !=, 0);
    event_notifier_cleanup(&e);
}

static void test_set_makes_readable(const void *kind)
{
    EventNotifier e;

    init(kind, &e, 0);
    g_assert_cmpint(event_notifier_set(&e), ==, 0);
    g_assert_true(is_readable(&e));
    event_notifier_cleanup(&e);
}

static void test_clear_takes_all_sets(const void *kind)
{
    EventNotifier e;

    init(kind, &e, 0);
    for (int i = 0; i < 200; i++) {
        event_notifier_set(&e);
    }
    g_assert_cmpint(event_notifier_test_and_clear(&e), !=, 0);
    g_assert_false(is_readable(&e));
    g_assert_cmpint(event_notifier_test_and_clear(&e), ==, 0);
    event_notifier_cleanup(&e);
}

static void test_set_never_blocks(const void *kind)
{
    EventNotifier e;

    init(kind, &e, 0);
    for (int i = 0; i < 20000; i++) {
        g_assert_cmpint(event_notifier_set(&e), ==, 0);
    }
    g_assert_cmpint(event_notifier_test_and_clear(&e), !=, 0);
    g_assert_false(is_readable(&e));
    event_notifier_cleanup(&e);
}

static void assert_flags(int fd)
{
    g_assert_cmpint(fcntl(fd, F_GETFD) & FD_CLOEXEC, !=, 0);
    g_assert_cmpint(fcntl(fd, F_GETFL) & O_NONBLOCK, !=, 0);
}

static void test_descriptor_flags(const void *kind)
{
    EventNotifier e;

    init(kind, &e, 0);
    assert_flags(event_notifier_get_fd(&e));
    assert_flags(event_notifier_get_wfd(&e));
    event_notifier_cleanup(&e);
}

static void test_cleanup_twice(const void *kind)
{
    EventNotifier e;

    init(kind, &e, 0);
    event_notifier_cleanup(&e);
    g_assert_cmpint(event_notifier_get_fd(&e), ==, -1);
    g_assert_cmpint(event_notifier_get_wfd(&e), ==, -1);
    event_notifier_cleanup(&e);
}

static void test_no_descriptor_left(const void *data)
{
    const Kind *kind = data;
    struct rlimit old, none;
    EventNotifier e;
    int ret;

    getrlimit(RLIMIT_NOFILE, &old);
    none = old;
    none.rlim_cur = 3;
    setrlimit(RLIMIT_NOFILE, &none);
    ret = kind->init(&e, 1);
    setrlimit(RLIMIT_NOFILE, &old);

    g_assert_cmpint(ret, ==, -EMFILE);
    g_assert_cmpint(event_notifier_get_fd(&e), ==, -1);
    event_notifier_cleanup(&e);
}

static void test_init_fd(void)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    EventNotifier e;

    event_notifier_init_fd(&e, fd);
    g_assert_cmpint(event_notifier_get_fd(&e), ==, fd);
    g_assert_cmpint(event_notifier_get_wfd(&e), ==, fd);
    event_notifier_set(&e);
    g_assert_cmpint(event_notifier_test_and_clear(&e), !=, 0);
    event_notifier_cleanup(&e);
    g_assert_cmpint(fcntl(fd, F_GETFD), ==, -1);
}

static const struct {
    const char *name;
    GTestDataFunc test;
} tests[] = {
    { "starts-clear", test_starts_clear },
    { "starts-active", test_starts_active },
    { "set-makes-readable", test_set_makes_readable },
    { "clear-takes-all-sets", test_clear_takes_all_sets },
    { "set-never-blocks", test_set_never_blocks },
    { "descriptor-flags", test_descriptor_flags },
    { "cleanup-twice", test_cleanup_twice },
    { "no-descriptor-left", test_no_descriptor_left },
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        for (size_t j = 0; j < G_N_ELEMENTS(tests); j++) {
            g_autofree char *path =
                g_strdup_printf("/util/event-notifier/%s/%s", kinds[i].name,
                                tests[j].name);

            g_test_add_data_func(path, &kinds[i], tests[j].test);
        }
    }
    g_test_add_func("/util/event-notifier/init-fd", test_init_fd);
    return test_run();
}
