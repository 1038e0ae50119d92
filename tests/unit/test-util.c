/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The check for leaks compares /proc/self/fd and /proc/self/task before the
 * set-up and after the tear-down of each test, and looks for objects that were
 * created in between.  What GLib creates once and keeps is created before the
 * first test.  A thread that was joined may be seen in /proc for a while, so a
 * difference counts only when it stays.
 *
 * A file descriptor with a new number is no leak if it replaces one of its kind
 * that was open before.  A loop that outlives the test may close an epoll set
 * and create another one, which gets another number if a thread of the test
 * opens a file at the same time.
 *
 * A timer ends a test that never ends, with a message that names the test.
 * Without it meson would end the whole program and name none.
 */
#include "tests/unit/test-util.h"
#include "qom/object-tracking.h"

#include <dirent.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#undef g_test_add_func
#undef g_test_add_data_func
#undef g_test_run

#define LEAK_WAIT_MS 1000
#define LIMIT_MS (100 * 1000) /* less than meson's limit for a program */

typedef struct Leaks {
    GHashTable *fds;   /* of file descriptors, as GINT_TO_POINTER() */
    GHashTable *kinds; /* what these are -> how many, as GINT_TO_POINTER() */
    GHashTable *tasks; /* of thread ids */
    uint64_t n_objects; /* that were created before the test */
} Leaks;

/* Programs that do not link qom/ have no objects. */
#pragma weak object_tracking_start
#pragma weak object_tracking_report

typedef struct TestCase {
    const void *data;
    GTestFixtureFunc setup;
    GTestFixtureFunc test;
    GTestFixtureFunc teardown;
    void (*func)(void);
    GTestDataFunc data_func;
    const char *abort_pattern;
    Leaks before;
} TestCase;

/* Returns: (transfer full) the numbers that are names in @path */
static GHashTable *read_numbers(const char *path)
{
    GHashTable *set = g_hash_table_new(NULL, NULL);
    DIR *dir = opendir(path);
    struct dirent *entry;

    g_assert_nonnull(dir);
    while ((entry = readdir(dir))) {
        int number = atoi(entry->d_name);

        if (g_ascii_isdigit(*entry->d_name) && number != dirfd(dir)) {
            g_hash_table_add(set, GINT_TO_POINTER(number));
        }
    }
    closedir(dir);
    return set;
}

/* Returns: (transfer full) (nullable) what @fd is, NULL when it is closed */
static char *describe_fd(int fd)
{
    char path[64];
    char target[256];
    ssize_t len;

    g_snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    len = readlink(path, target, sizeof(target) - 1);
    return len < 0 ? NULL : g_strndup(target, len);
}

/* Returns: (transfer full) how many of @fds there are of each kind */
static GHashTable *count_kinds(GHashTable *fds)
{
    GHashTable *kinds = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                              NULL);
    GHashTableIter iter;
    void *fd;

    g_hash_table_iter_init(&iter, fds);
    while (g_hash_table_iter_next(&iter, &fd, NULL)) {
        char *kind = describe_fd(GPOINTER_TO_INT(fd));

        if (kind) {
            int n = GPOINTER_TO_INT(g_hash_table_lookup(kinds, kind));

            g_hash_table_insert(kinds, kind, GINT_TO_POINTER(n + 1));
        }
    }
    return kinds;
}

static void leaks_take(Leaks *leaks)
{
    leaks->fds = read_numbers("/proc/self/fd");
    leaks->kinds = count_kinds(leaks->fds);
    leaks->tasks = read_numbers("/proc/self/task");
    leaks->n_objects = object_tracking_start ? object_tracking_start() : 0;
}

static void leaks_drop(Leaks *leaks)
{
    g_clear_pointer(&leaks->fds, g_hash_table_unref);
    g_clear_pointer(&leaks->kinds, g_hash_table_unref);
    g_clear_pointer(&leaks->tasks, g_hash_table_unref);
}

/* Returns: (transfer full) (nullable) its name, NULL when it is gone */
static char *describe_task(int tid)
{
    char path[64];
    char *name = NULL;

    g_snprintf(path, sizeof(path), "/proc/self/task/%d/comm", tid);
    if (g_file_get_contents(path, &name, NULL, NULL)) {
        g_strchomp(name);
    }
    return name;
}

/* The first member of @after that is not in @before; -1 when there is none */
static int first_new(GHashTable *before, GHashTable *after)
{
    GHashTableIter iter;
    void *key;

    g_hash_table_iter_init(&iter, after);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        if (!g_hash_table_contains(before, key)) {
            return GPOINTER_TO_INT(key);
        }
    }
    return -1;
}

/* Returns: (transfer full) (nullable) the file descriptor that was left open */
static char *find_fd(const Leaks *before, const Leaks *after)
{
    GHashTableIter iter;
    void *fd;

    g_hash_table_iter_init(&iter, after->fds);
    while (g_hash_table_iter_next(&iter, &fd, NULL)) {
        g_autofree char *kind = describe_fd(GPOINTER_TO_INT(fd));

        if (kind && !g_hash_table_contains(before->fds, fd) &&
            GPOINTER_TO_INT(g_hash_table_lookup(after->kinds, kind)) >
                GPOINTER_TO_INT(g_hash_table_lookup(before->kinds, kind))) {
            return g_strdup_printf("left fd %d open (%s)",
                                   GPOINTER_TO_INT(fd), kind);
        }
    }
    return NULL;
}

/* Returns: (transfer full) (nullable) the thread that was left running */
static char *find_task(const Leaks *before, const Leaks *after)
{
    int tid = first_new(before->tasks, after->tasks);
    g_autofree char *name = tid >= 0 ? describe_task(tid) : NULL;

    return name ? g_strdup_printf("left thread %d running (%s)", tid, name)
                : NULL;
}

/* Returns: (transfer full) (nullable) the objects that were left behind */
static char *find_objects(const Leaks *before)
{
    g_autofree char *objects = NULL;

    if (!object_tracking_report) {
        return NULL;
    }
    objects = object_tracking_report(before->n_objects);
    return objects ? g_strdup_printf("left objects alive:\n%s", objects)
                   : NULL;
}

/* Returns: (transfer full) (nullable) one thing that was left behind */
static char *find_leak(const Leaks *before)
{
    Leaks after;
    char *leak;

    leaks_take(&after);
    leak = find_fd(before, &after);
    if (!leak) {
        leak = find_task(before, &after);
    }
    leaks_drop(&after);
    return leak ? leak : find_objects(before);
}

static void check_leaks(const Leaks *before)
{
    char *leak = find_leak(before);

    for (int i = 0; leak && i < LEAK_WAIT_MS; i++) {
        g_free(leak);
        g_usleep(1000);
        leak = find_leak(before);
    }
    if (leak) {
        g_test_fail_printf("%s", leak);
        g_free(leak);
    }
}

/* ---- A test that never ends ---- */

static _Atomic(const char *) waits_for; /* (nullable) */

/* Only functions that are safe in a signal handler. */
static void write_text(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0) {
        abort();
    }
}

static void limit_reached(int number)
{
    const char *what = waits_for;

    write_text("# ");
    write_text(g_test_get_path());
    write_text(": waits without end");
    if (what) {
        write_text(" for ");
        write_text(what);
    }
    write_text("\n");
    abort();
}

void test_set_limit_ms(unsigned ms)
{
    struct itimerval timer = {
        .it_value = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 },
    };

    signal(SIGALRM, limit_reached);
    g_assert_cmpint(setitimer(ITIMER_REAL, &timer, NULL), ==, 0);
}

void test_waits_for(const char *what)
{
    waits_for = what;
}

/* ---- One test ---- */

/*
 * GLib creates its worker thread and two eventfds at first use and keeps them.
 * A process that is to abort does without: no other thread may allocate memory
 * while it has none.
 */
static void warm_up_glib(const TestCase *tc)
{
    GSource *source;

    if (tc->abort_pattern && g_test_subprocess()) {
        return;
    }
    source = g_unix_signal_source_new(SIGWINCH);
    g_source_unref(source);
    g_main_context_default();
}

static void case_setup(void *fixture, const void *opaque)
{
    TestCase *tc = (TestCase *)opaque;

    warm_up_glib(tc);
    test_waits_for(NULL);
    test_set_limit_ms(LIMIT_MS);
    leaks_take(&tc->before);
    if (tc->setup) {
        tc->setup(fixture, tc->data);
    }
}

static void run_abort_test(const TestCase *tc)
{
#ifdef QOM_NO_ASSERTS
    g_test_skip("the library is built without assertions");
    return;
#endif
    if (g_test_subprocess()) {
        tc->func();
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr(tc->abort_pattern);
}

static void case_test(void *fixture, const void *opaque)
{
    const TestCase *tc = opaque;

    if (tc->abort_pattern) {
        run_abort_test(tc);
    } else if (tc->func) {
        tc->func();
    } else if (tc->data_func) {
        tc->data_func(tc->data);
    } else {
        tc->test(fixture, tc->data);
    }
}

static void case_teardown(void *fixture, const void *opaque)
{
    TestCase *tc = (TestCase *)opaque;

    if (tc->teardown) {
        tc->teardown(fixture, tc->data);
    }
    check_leaks(&tc->before);
    leaks_drop(&tc->before);
    test_set_limit_ms(0);
}

/* All cases, which live as long as the process.  GLib drops its pointers after
 * the tests, so without the list the cases would count as leaked. */
static GSList *all_cases;

static void add_case(const char *path, size_t size, const TestCase *tc)
{
    TestCase *copy = g_memdup2(tc, sizeof(*tc));

    all_cases = g_slist_prepend(all_cases, copy);
    g_test_add_vtable(path, size, copy, case_setup, case_test, case_teardown);
}

void test_add_vtable(const char *path, size_t size, const void *data,
                     GTestFixtureFunc setup, GTestFixtureFunc test,
                     GTestFixtureFunc teardown)
{
    add_case(path, size, &(TestCase) {
        .data = data, .setup = setup, .test = test, .teardown = teardown,
    });
}

void test_add_func(const char *path, GTestFunc test)
{
    add_case(path, 0, &(TestCase) { .func = test });
}

void test_add_data_func(const char *path, const void *data,
                        GTestDataFunc test)
{
    add_case(path, 0, &(TestCase) { .data = data, .data_func = test });
}

void test_add_abort_func(const char *path, GTestFunc test,
                         const char *pattern)
{
    add_case(path, 0, &(TestCase) {
        .func = test, .abort_pattern = pattern,
    });
}

int test_run(void)
{
    return g_test_run();
}

void test_assert_error(Error **errp, const char *text, const char *file,
                       int line, const char *func)
{
    g_autofree char *found = NULL;

    if (!*errp) {
        g_assertion_message(G_LOG_DOMAIN, file, line, func, "no error");
    }
    found = g_strdup(error_get_pretty(*errp));
    if (strcmp(found, text) != 0) {
        g_assertion_message_cmpstr(G_LOG_DOMAIN, file, line, func,
                                   "message of the error", found, "==", text);
    }
    error_free(*errp);
    *errp = NULL;
}

int test_lowest_free_descriptor(void)
{
    int fd = dup(STDERR_FILENO);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    return fd;
}

static GString *trace; /* (nullable) */

void test_note(const char *format, ...)
{
    va_list ap;

    if (!trace) {
        return;
    }
    if (trace->len) {
        g_string_append_c(trace, ' ');
    }
    va_start(ap, format);
    g_string_append_vprintf(trace, format, ap);
    va_end(ap);
}

void test_trace_begin(void)
{
    g_assert_null(trace);
    trace = g_string_new(NULL);
}

void test_assert_trace(const char *expected, const char *file, int line,
                       const char *func)
{
    g_autofree char *text = g_string_free(g_steal_pointer(&trace), FALSE);

    if (strcmp(text, expected)) {
        g_assertion_message_cmpstr(G_LOG_DOMAIN, file, line, func, "trace",
                                   text, "==", expected);
    }
}
