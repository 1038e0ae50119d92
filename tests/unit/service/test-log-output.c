/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Messages in files, on stderr and in the journal, whose socket is replaced by
 * one of the test; and the object that chooses between them.
 */
#include "service/log-object.h"
#include "service/log-output.h"

#include "qom/object.h"
#include "qom/user-creatable.h"
#include "tests/unit/test-util.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

LOG_AREA_DEFINE(pump_log, "pump")

typedef struct Fixture {
    char *dir;
    char *path;
    char *output; /* "file:PATH" */
} Fixture;

static void setup(Fixture *f, const void *data)
{
    f->dir = g_dir_make_tmp("log-XXXXXX", NULL);
    f->path = g_build_filename(f->dir, "log", NULL);
    f->output = g_strconcat("file:", f->path, NULL);
    log_set_level(NULL, LOG_LEVEL_DEBUG);
}

static void teardown(Fixture *f, const void *data)
{
    log_set_output("none", &error_abort);
    log_set_level(NULL, LOG_LEVEL_OFF);
    g_unlink(f->path);
    g_assert_cmpint(g_rmdir(f->dir), ==, 0);
    g_free(f->dir);
    g_free(f->path);
    g_free(f->output);
}

/* Compares the lines of the file, without their times. */
static void assert_file(const Fixture *f, const char *expected)
{
    g_autoptr(GString) found = g_string_new(NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    g_file_get_contents(f->path, &text, NULL, NULL);
    lines = g_strsplit(text ? text : "", "\n", -1);
    for (char **line = lines; *line; line++) {
        g_assert_true(!**line ||
                      g_regex_match_simple("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d"
                                           ":\\d\\d\\.\\d{6}Z ", *line, 0, 0));
        g_string_append_printf(found, "%s\n", **line ? *line + 28 : "");
    }
    g_string_truncate(found, found->len ? found->len - 1 : 0);
    g_assert_cmpstr(found->str, ==, expected);
}

static void test_lines(Fixture *f, const void *data)
{
    struct stat st;

    log_set_output(f->output, &error_abort);
    log_error(&pump_log, "broken", log_str("id", "p0"), log_int("n", -1));
    log_debug(&pump_log, "odd", log_str("blank", "a b"), log_str("none", ""),
              log_str("lines", "x\ninfo pump: forged"),
              log_str("quote", "\"="), log_str("bytes", "\xff"));
    assert_file(f, "error pump: broken id=p0 n=-1\n"
                "debug pump: odd blank=\"a b\" none=\"\" "
                "lines=\"x\\ninfo pump: forged\" quote=\"\\\"=\" "
                "bytes=\"\\uFFFD\"\n");
    g_assert_cmpint(stat(f->path, &st), ==, 0);
    g_assert_cmpint(st.st_mode & 0137, ==, 0);
}

static void test_reopen(Fixture *f, const void *data)
{
    g_autofree char *old = g_strconcat(f->path, ".1", NULL);

    log_set_output(f->output, &error_abort);
    log_info(&pump_log, "one");
    g_assert_cmpint(g_rename(f->path, old), ==, 0);
    log_info(&pump_log, "two");
    log_reopen(&error_abort);
    log_info(&pump_log, "three");
    assert_file(f, "info pump: three\n");
    g_unlink(old);
}

/* Messages go on to the place where they went before. */
static void test_refused(Fixture *f, const void *data)
{
    g_autofree char *moved = g_strconcat(f->dir, ".moved", NULL);
    g_autofree char *fifo = g_strconcat(f->output, ".fifo", NULL);
    Error *err = NULL;

    log_set_output(f->output, &error_abort);
    g_assert_false(log_set_output("file:", &err));
    assert_error(err, "no place for messages is called 'file:'; use 'stderr', "
                 "'journal', 'file:PATH' or 'none'");
    g_assert_false(log_set_output("file:/nonexistent/x", &err));
    assert_error(err, "cannot open 'file:/nonexistent/x' for messages: "
                 "No such file or directory");
    err = NULL;
    g_assert_cmpint(mkfifo(fifo + strlen("file:"), 0600), ==, 0);
    g_assert_false(log_set_output(fifo, &err));
    error_free(g_steal_pointer(&err));
    g_assert_cmpint(g_unlink(fifo + strlen("file:")), ==, 0);
    g_assert_cmpint(g_rename(f->dir, moved), ==, 0);
    g_assert_false(log_reopen(&err));
    error_free(g_steal_pointer(&err));
    g_assert_cmpint(g_rename(moved, f->dir), ==, 0);
    log_info(&pump_log, "still here");
    assert_file(f, "info pump: still here\n");
}

static void test_stderr(Fixture *f, const void *data)
{
    if (g_test_subprocess()) {
        log_set_output("stderr", &error_abort);
        log_warning(&pump_log, "hot", log_int("degrees", 90));
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_passed();
    g_test_trap_assert_stderr("*Z warning pump: hot degrees=90\n*");
}

/* ---- The journal ---- */

static char *journal_path; /* (nullable) takes the place of the journal's */

int __real_connect(int fd, const struct sockaddr *address, socklen_t length);
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t length);

int __wrap_connect(int fd, const struct sockaddr *address, socklen_t length)
{
    struct sockaddr_un un = { .sun_family = AF_UNIX };

    if (!journal_path) {
        return __real_connect(fd, address, length);
    }
    g_assert_cmpstr(((const struct sockaddr_un *)address)->sun_path, ==,
                    "/run/systemd/journal/socket");
    g_strlcpy(un.sun_path, journal_path, sizeof(un.sun_path));
    return __real_connect(fd, (struct sockaddr *)&un, sizeof(un));
}

/* Returns: a socket that receives messages at journal_path */
static int open_journal(void)
{
    struct sockaddr_un un = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    g_strlcpy(un.sun_path, journal_path, sizeof(un.sun_path));
    g_assert_cmpint(bind(fd, (struct sockaddr *)&un, sizeof(un)), ==, 0);
    return fd;
}

static void assert_received(int fd, const char *expected, size_t size)
{
    char text[1024];
    ssize_t n = read(fd, text, sizeof(text));

    g_assert_cmpmem(text, n, expected, size);
}

static void test_journal(Fixture *f, const void *data)
{
    static const char expected[] =
        "PRIORITY=4\nSYSLOG_IDENTIFIER=test\nQOM_AREA=pump\n"
        "MESSAGE=pump: hot poll-max=90 text=\"a\\nb\"\n"
        "QOM_POLL_MAX=90\nQOM_TEXT\n\3\0\0\0\0\0\0\0a\nb\n";
    static const char shorter[] =
        "PRIORITY=4\nSYSLOG_IDENTIFIER=test\nQOM_AREA=pump\n"
        "MESSAGE=pump: hot\n";
    Error *err = NULL;
    int fd;

    journal_path = f->path;
    g_set_prgname("test");
    g_assert_false(log_set_output("journal", &err));
    assert_error(err, "cannot open 'journal' for messages: "
                 "No such file or directory");
    fd = open_journal();
    log_set_output("journal", &error_abort);
    log_warning(&pump_log, "hot", log_int("poll-max", 90),
                log_str("text", "a\nb"));
    assert_received(fd, expected, sizeof(expected) - 1);
    close(fd);
    /* The journal has gone: messages are dropped. */
    log_warning(&pump_log, "hot");
    g_assert_cmpint(g_unlink(f->path), ==, 0);
    log_warning(&pump_log, "hot");
    /* Another one takes its place. */
    fd = open_journal();
    log_warning(&pump_log, "hot");
    assert_received(fd, shorter, sizeof(shorter) - 1);
    close(fd);
    journal_path = NULL;
}

/* ---- The object ---- */

static void test_object(Fixture *f, const void *data)
{
    g_autofree char *options = g_strdup_printf(
        "log,id=log,output=%s,level=warning,areas.0.area=pump,"
        "areas.0.level=info", f->output);
    Object *log = user_creatable_add_from_str(options, &error_abort);

    log_info(&pump_log, "one");
    log_debug(&pump_log, "hidden");
    object_property_set_str(log, "level", "debug", &error_abort);
    log_debug(&pump_log, "hidden"); /* its own level is still info */
    user_creatable_del("log", &error_abort);
    log_error(&pump_log, "hidden");
    assert_file(f, "info pump: one\n"
                "debug qom: property may have changed path=/objects/log "
                "property=level value=debug\n"
                "info qom: object deleted path=/objects/log type=log\n");
}

static void test_object_changes_output(Fixture *f, const void *data)
{
    Object *log = user_creatable_add_from_str("log,id=log,output=none",
                                              &error_abort);
    Error *err = NULL;

    log_info(&pump_log, "hidden");
    object_property_set_str(log, "output", f->output, &error_abort);
    log_info(&pump_log, "one");
    g_assert_false(object_property_set_str(log, "output", "paper", &err));
    error_free(g_steal_pointer(&err));
    log_info(&pump_log, "two");
    user_creatable_del("log", &error_abort);
    assert_file(f, "info pump: one\ninfo pump: two\n"
                "info qom: object deleted path=/objects/log type=log\n");
}

static void test_object_refused(Fixture *f, const void *data)
{
    Error *err = NULL;

    user_creatable_add_from_str("log,id=log,output=none", &error_abort);
    g_assert_null(user_creatable_add_from_str("log,id=log2", &err));
    assert_error(err, "only one log instance allowed");
    user_creatable_del("log", &error_abort);
    g_assert_null(user_creatable_add_from_str(
        "log,id=log,areas.0.area=valve,areas.0.level=info", &err));
    assert_error(err, "areas[0].area: no area is called 'valve'; there are "
                 "aio, gateway, pump, qmp, qom");
    g_assert_null(user_creatable_add_from_str("log,id=log,output=paper", &err));
    error_free(g_steal_pointer(&err));
    user_creatable_add_from_str("log,id=log,output=none", &error_abort);
    user_creatable_del("log", &error_abort);
}

#define ADD(name, func) \
    g_test_add("/service/log/" name, Fixture, NULL, setup, func, teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    object_get_objects_root();
    ADD("lines", test_lines);
    ADD("reopen", test_reopen);
    ADD("refused", test_refused);
    ADD("stderr", test_stderr);
    ADD("journal", test_journal);
    ADD("object", test_object);
    ADD("object/changes-output", test_object_changes_output);
    ADD("object/refused", test_object_refused);
    return test_run();
}
