/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Out-of-band execution in the thread that servers have for it.  The test's
 * thread is the main loop and the client is a thread that waits for what it
 * reads; the command `block` keeps the main loop in a semaphore until the
 * client lets it go.
 */
#include "aio/aio.h"
#include "aio/coroutine/coroutine.h"
#include "qapi/qapi-command.h"
#include "qapi/qapi-event.h"
#include "qmp/qmp-server.h"
#include "qmp/qmp-input-queue-internal.h"
#include "tests/unit/qmp/qmp-texts.h"
#include "tests/unit/test-util.h"
#include "util/module.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- Commands of the test's own ---- */

static sem_t blocked;  /* posted by `block` */
static sem_t let_go;   /* waited for by it */
static _Atomic(GThread *) oob_thread; /* that ran `ping` last */

static void wait_for(sem_t *sem)
{
    while (sem_wait(sem) < 0) {
        g_assert_cmpint(errno, ==, EINTR);
    }
}

static bool run_block(void *arg, void *ret, Error **errp)
{
    sem_post(&blocked);
    wait_for(&let_go);
    return true;
}

static bool run_ping(void *arg, void *ret, Error **errp)
{
    atomic_store(&oob_thread, g_thread_self());
    return true;
}

/* Takes longer than a time slice, so others are left for the next one. */
static bool run_slow_ping(void *arg, void *ret, Error **errp)
{
    int64_t end = g_get_monotonic_time() + 2000;

    while (g_get_monotonic_time() < end) {
        continue;
    }
    return true;
}

static bool run_nothing(void *arg, void *ret, Error **errp)
{
    return true;
}

static AioContext *nested_ctx;

/* Ends some iterations of the loop later. */
static bool coroutine_fn run_later(void *arg, void *ret, Error **errp)
{
    for (int i = 0; i < 3; i++) {
        aio_co_schedule(nested_ctx, coroutine_self());
        coroutine_yield();
    }
    return true;
}

static bool run_nested(void *arg, void *ret, Error **errp)
{
    sem_post(&blocked);
    while (sem_trywait(&let_go) < 0) {
        aio_poll(nested_ctx, false);
    }
    return true;
}

static const QapiCommand test_commands[] = {
    { .name = "block", .run = run_block },
    { .name = "later", .run = run_later, .flags = QCO_COROUTINE },
    { .name = "nested", .run = run_nested },
    { .name = "nothing", .run = run_nothing },
    { .name = "ping", .run = run_ping, .flags = QCO_ALLOW_OOB },
    { .name = "slow-ping", .run = run_slow_ping, .flags = QCO_ALLOW_OOB },
};

static const QapiEvent tick = { .name = "TICK" };

/* ---- A server, and a client in a thread ---- */

typedef struct Fixture {
    AioContext *ctx;
    char *dir;
    char *path;
    QmpServer *server;
    int fd;
    atomic_bool client_done;
    bool shutdown;
    char *line; /* of the server */
    void (*script)(struct Fixture *f);
} Fixture;

static void on_shutdown(void *opaque)
{
    ((Fixture *)opaque)->shutdown = true;
}

static void set_up(Fixture *f, gconstpointer data)
{
    g_autofree char *address = NULL;

    f->ctx = aio_context_new(&error_abort);
    nested_ctx = f->ctx;
    aio_set_current_context(f->ctx);
    f->dir = g_dir_make_tmp("qmp-XXXXXX", NULL);
    f->path = g_build_filename(f->dir, "sock", NULL);
    address = g_strconcat("unix:", f->path, NULL);
    qmp_set_shutdown_handler(on_shutdown, f);
    f->server = qmp_server_new(f->ctx, address, &error_abort);
    f->fd = -1;
    sem_init(&blocked, 0, 0);
    sem_init(&let_go, 0, 0);
}

static void tear_down(Fixture *f, gconstpointer data)
{
    qmp_set_shutdown_handler(NULL, NULL);
    qmp_server_free(f->server);
    if (f->fd >= 0) {
        close(f->fd);
    }
    g_assert_cmpint(g_rmdir(f->dir), ==, 0);
    while (aio_poll(f->ctx, false)) {
        continue; /* deletes bottom halves */
    }
    aio_set_current_context(NULL);
    aio_context_unref(f->ctx);
    g_free(f->dir);
    g_free(f->path);
    g_free(f->line);
    sem_destroy(&blocked);
    sem_destroy(&let_go);
}

static int connect_client(Fixture *f)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(address.sun_path, f->path, sizeof(address.sun_path));
    g_assert_cmpint(connect(fd, (struct sockaddr *)&address,
                            sizeof(address)), ==, 0);
    return fd;
}

static void say(int fd, const char *text)
{
    size_t len = strlen(text);

    g_assert_cmpint(send(fd, text, len, MSG_NOSIGNAL), ==, len);
}

/* One line of the server; waits. */
static char *hear(int fd)
{
    GString *line = g_string_new(NULL);
    char byte;

    do {
        g_assert_cmpint(read(fd, &byte, 1), ==, 1);
        g_string_append_c(line, byte);
    } while (byte != '\n');
    return g_string_free(line, FALSE);
}

static void expect(int fd, const char *out)
{
    g_autofree char *line = hear(fd);

    g_assert_cmpstr(line, ==, out);
}

static int connect_oob(Fixture *f)
{
    int fd = connect_client(f);

    g_free(hear(fd));
    say(fd, ENABLE_OOB);
    expect(fd, OK);
    return fd;
}

static void wake_loop(void *opaque)
{
}

static void *run_client(void *opaque)
{
    Fixture *f = opaque;

    f->script(f);
    atomic_store(&f->client_done, true);
    aio_bh_schedule_oneshot(f->ctx, wake_loop, NULL);
    return NULL;
}

/* Runs the loop until the client is through its script. */
static void run_script(Fixture *f, void (*script)(Fixture *f))
{
    GThread *thread;

    f->script = script;
    atomic_store(&f->client_done, false);
    thread = g_thread_new("client", run_client, f);
    while (!atomic_load(&f->client_done)) {
        aio_poll(f->ctx, true);
    }
    g_thread_join(thread);
}

static void block_main_loop(int fd)
{
    say(fd, IN("block", "'b'"));
    wait_for(&blocked);
}

static void script_blocked(Fixture *f)
{
    f->fd = connect_oob(f);
    block_main_loop(f->fd);
    for (int i = 0; i < 100; i++) {
        say(f->fd, OOB("ping", "1"));
        expect(f->fd, OK_ID("1"));
    }
    sem_post(&let_go);
    expect(f->fd, OK_ID("\"b\""));
}

static void test_main_loop_blocked(Fixture *f, gconstpointer data)
{
    run_script(f, script_blocked);
    g_assert_true(oob_thread != g_thread_self());
}

static void script_flood(Fixture *f)
{
    f->fd = connect_oob(f);
    block_main_loop(f->fd);
    for (int i = 0; i < QMP_INBAND_LIMIT; i++) {
        say(f->fd, IN("nothing", "1"));
    }
    say(f->fd, OOB("ping", "2") IN("nothing", "3") OOB("ping", "4"));
    sem_post(&let_go);
}

/* Requests that were queued before the loop continued are answered first. */
static void script_flood_answers(Fixture *f)
{
    unsigned n_inband = 0;
    bool ping_2 = false;

    script_flood(f);
    expect(f->fd, OK_ID("\"b\""));
    for (int i = 0; i < QMP_INBAND_LIMIT + 3; i++) {
        g_autofree char *line = hear(f->fd);

        if (!strcmp(line, OK_ID("1"))) {
            n_inband++;
        } else if (!strcmp(line, OK_ID("2"))) {
            ping_2 = true;
        } else if (!strcmp(line, OK_ID("3"))) {
            g_assert_cmpuint(n_inband, ==, QMP_INBAND_LIMIT);
        } else {
            g_assert_cmpstr(line, ==, OK_ID("4"));
            g_assert_true(ping_2);
        }
    }
}

static void test_flood(Fixture *f, gconstpointer data)
{
    run_script(f, script_flood_answers);
}

static void script_many(Fixture *f)
{
    GString *text = g_string_new(NULL);

    f->fd = connect_oob(f);
    for (int i = 0; i < 500; i++) {
        g_string_append_printf(text, i % 7 ? IN("nothing", "%d")
                                           : IN("later", "%d"), i);
    }
    say(f->fd, text->str);
    g_string_free(text, TRUE);
    for (int i = 0; i < 500; i++) {
        g_autofree char *out = g_strdup_printf(OK_ID("%d"), i);

        expect(f->fd, out);
    }
}

static void test_order(Fixture *f, gconstpointer data)
{
    run_script(f, script_many);
}

static void script_slow(Fixture *f)
{
    f->fd = connect_oob(f);
    say(f->fd, OOB("slow-ping", "1") OOB("slow-ping", "2")
        IN("nothing", "3") OOB("slow-ping", "4"));
    for (int i = 0; i < 4; i++) {
        g_free(hear(f->fd));
    }
}

static void test_slow(Fixture *f, gconstpointer data)
{
    run_script(f, script_slow);
}

enum {
    N_PIECES = 1000, /* requests that are sent in pieces */
};

/* The number of a reply to a request in band, or of one out of band. */
static int hear_number(int fd, bool *is_oob)
{
    g_autofree char *line = hear(fd);
    const char *number = strstr(line, "\"id\": ");

    g_assert_nonnull(number);
    number += strlen("\"id\": ");
    *is_oob = *number == '-';
    return abs(atoi(number));
}

/*
 * Each piece may be read by either thread, whatever requests it is part of.
 * Out of band, numbers are negative.
 */
static void script_pieces(Fixture *f)
{
    GString *text = g_string_new(NULL);
    int next[2] = { 1, 1 };

    f->fd = connect_oob(f);
    for (int i = 1; i <= N_PIECES; i++) {
        g_string_append_printf(text, IN("nothing", "%d") OOB("ping", "-%d"),
                               i, i);
    }
    for (size_t at = 0; at < text->len;) {
        size_t n = g_test_rand_int_range(1, 100);

        n = MIN(n, text->len - at);
        g_assert_cmpint(send(f->fd, text->str + at, n, 0), ==, n);
        at += n;
    }
    for (int i = 0; i < 2 * N_PIECES; i++) {
        bool is_oob;
        int number = hear_number(f->fd, &is_oob);

        g_assert_cmpint(number, ==, next[is_oob]++);
    }
    g_string_free(text, TRUE);
}

static void test_pieces(Fixture *f, gconstpointer data)
{
    run_script(f, script_pieces);
}

enum {
    N_LONG = 2000,
    LONG_ID = 1000, /* characters */
};

static void *send_long(void *opaque)
{
    int fd = GPOINTER_TO_INT(opaque);
    g_autofree char *id = g_strnfill(LONG_ID, 'x');
    g_autofree char *text = g_strdup_printf(OOB("ping", "'%s'"), id);

    for (int i = 0; i < N_LONG; i++) {
        say(fd, text);
    }
    return NULL;
}

/* The output is full most of the time, and requests wait until it is not. */
static void script_long(Fixture *f)
{
    GThread *sender;

    f->fd = connect_oob(f);
    sender = g_thread_new("sender", send_long, GINT_TO_POINTER(f->fd));
    for (size_t left = N_LONG * (LONG_ID + strlen(OK_ID("''"))); left;) {
        char chunk[4096];
        ssize_t n = read(f->fd, chunk, MIN(left, sizeof(chunk)));

        g_assert_cmpint(n, >, 0);
        left -= n;
    }
    g_thread_join(sender);
}

static void test_full_output(Fixture *f, gconstpointer data)
{
    run_script(f, script_long);
}

static void script_sessions(Fixture *f)
{
    int asking = connect_oob(f);
    g_autofree char *line = NULL;
    g_autofree char *peer = g_strdup_printf(
        "\"peer-pid\": %d, \"peer-uid\": %u", getpid(), getuid());
    g_autofree char *self = NULL;
    g_autofree char *other = NULL;

    f->fd = connect_oob(f);
    block_main_loop(f->fd);
    say(asking, "{'exec-oob': 'query-qmp-sessions'}");
    line = hear(asking);
    self = g_strconcat("{\"return\": [{\"self\": true, \"oob\": true, "
                       "\"queued\": 0, ", peer,
                       ", \"server\": \"compat_monitor0\"}, ", NULL);
    other = g_strconcat("{\"self\": false, \"oob\": true, \"queued\": 0, ",
                        peer, ", \"command\": \"block\", \"running-ms\": ",
                        NULL);
    g_assert_true(g_str_has_prefix(line, self));
    g_assert_nonnull(strstr(line, other));
    sem_post(&let_go);
    expect(f->fd, OK_ID("\"b\""));
    close(asking);
}

static void test_sessions(Fixture *f, gconstpointer data)
{
    run_script(f, script_sessions);
}

/* One without oob that blocks is seen as well. */
static void script_plain_session(Fixture *f)
{
    int plain = connect_client(f);
    g_autofree char *line = NULL;

    g_free(hear(plain));
    say(plain, "{'execute': 'qmp_capabilities'}");
    expect(plain, OK);
    f->fd = connect_oob(f);
    say(plain, IN("block", "1") IN("nothing", "2"));
    wait_for(&blocked);
    say(f->fd, "{'exec-oob': 'query-qmp-sessions'}");
    line = hear(f->fd);
    g_assert_nonnull(strstr(line, "\"oob\": false, \"queued\": 1, "));
    g_assert_nonnull(strstr(line, "\"command\": \"block\""));
    sem_post(&let_go);
    expect(plain, OK_ID("1"));
    expect(plain, OK_ID("2"));
    close(plain);
}

static void test_plain_session(Fixture *f, gconstpointer data)
{
    run_script(f, script_plain_session);
}

static void script_event(Fixture *f)
{
    g_autofree char *line = NULL;

    f->fd = connect_oob(f);
    block_main_loop(f->fd);
    qapi_event_send(&tick, NULL); /* this is another thread */
    line = hear(f->fd);
    g_assert_true(g_str_has_prefix(line, "{\"event\": \"TICK\""));
    sem_post(&let_go);
    expect(f->fd, OK_ID("\"b\""));
}

static void test_event(Fixture *f, gconstpointer data)
{
    run_script(f, script_event);
}

static void script_nested(Fixture *f)
{
    f->fd = connect_oob(f);
    say(f->fd, IN("nested", "1") IN("nothing", "2"));
    wait_for(&blocked);
    say(f->fd, OOB("ping", "3"));
    expect(f->fd, OK_ID("3"));
    sem_post(&let_go);
    expect(f->fd, OK_ID("1"));
    expect(f->fd, OK_ID("2"));
}

static void test_nested(Fixture *f, gconstpointer data)
{
    run_script(f, script_nested);
}

static void script_no_descriptor(Fixture *f)
{
    struct rlimit old;
    struct rlimit low;

    f->fd = connect_client(f);
    g_free(hear(f->fd));
    g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &old), ==, 0);
    low = old;
    low.rlim_cur = test_lowest_free_descriptor();
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &low), ==, 0);
    say(f->fd, ENABLE_OOB);
    f->line = hear(f->fd);
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &old), ==, 0);
    say(f->fd, ENABLE_OOB);
    expect(f->fd, OK);
}

/* Then the client may do without, or try again. */
static void test_no_descriptor(Fixture *f, gconstpointer data)
{
    run_script(f, script_no_descriptor);
    g_assert_true(g_str_has_prefix(f->line, "{\"error\": {\"class\": "
                                   "\"GenericError\", \"desc\": "));
    g_assert_nonnull(strstr(f->line, "Too many open files"));
}

static void script_half_closed(Fixture *f)
{
    char byte;

    f->fd = connect_oob(f);
    say(f->fd, IN("nothing", "1") OOB("ping", "2") IN("nothing", "3"));
    shutdown(f->fd, SHUT_WR);
    for (int i = 0; i < 3; i++) {
        g_free(hear(f->fd));
    }
    g_assert_cmpint(read(f->fd, &byte, 1), ==, 0);
}

static void test_half_closed(Fixture *f, gconstpointer data)
{
    run_script(f, script_half_closed);
}

static void script_quit(Fixture *f)
{
    char byte;

    f->fd = connect_oob(f);
    say(f->fd, IN("nothing", "1") IN("quit", "2") IN("nothing", "3"));
    expect(f->fd, OK_ID("1"));
    expect(f->fd, OK_ID("2"));
    g_assert_cmpint(read(f->fd, &byte, 1), ==, 0);
}

static void test_quit(Fixture *f, gconstpointer data)
{
    run_script(f, script_quit);
    while (!f->shutdown) {
        aio_poll(f->ctx, true);
    }
}

static void free_server(void *opaque)
{
    Fixture *f = opaque;

    g_clear_pointer(&f->server, qmp_server_free);
}

/* A program that ends at once does this. */
static void test_quit_frees(Fixture *f, gconstpointer data)
{
    qmp_set_shutdown_handler(free_server, f);
    run_script(f, script_quit);
    while (f->server) {
        aio_poll(f->ctx, true);
    }
}

#define DYING ENABLE_OOB "\n" IN("nothing", "1") OOB("ping", "2") "]\n" \
    IN("nothing", "3") OOB("query-qmp-sessions", "4")

static void script_die(Fixture *f)
{
    for (size_t n = 0; n <= strlen(DYING); n++) {
        int fd = connect_client(f);
        g_autofree char *part = g_strndup(DYING, n);

        if (n % 2) {
            g_free(hear(fd)); /* else there is a reset */
        }
        say(fd, part);
        close(fd);
    }
}

static void wait_for_no_client(Fixture *f)
{
    while (qmp_server_n_clients(f->server)) {
        aio_poll(f->ctx, true);
    }
}

static void test_death(Fixture *f, gconstpointer data)
{
    run_script(f, script_die);
    wait_for_no_client(f);
}

static void script_die_blocking(Fixture *f)
{
    int fd = connect_oob(f);

    block_main_loop(fd);
    say(fd, IN("nothing", "1") OOB("ping", "2"));
    expect(fd, OK_ID("2"));
    close(fd);
    sem_post(&let_go);
}

static void test_death_while_blocked(Fixture *f, gconstpointer data)
{
    run_script(f, script_die_blocking);
    wait_for_no_client(f);
}

/* Sends without an end and does not read; ends with the server. */
static void *babble(void *opaque)
{
    int fd = GPOINTER_TO_INT(opaque);
    const char *text = OOB("query-qmp-sessions", "1") IN("nothing", "2");

    while (send(fd, text, strlen(text), MSG_NOSIGNAL) > 0) {
        continue;
    }
    return NULL;
}

static void *swallow(void *opaque)
{
    char chunk[4096];

    while (read(GPOINTER_TO_INT(opaque), chunk, sizeof(chunk)) > 0) {
        continue;
    }
    return NULL;
}

static void script_connect(Fixture *f)
{
    f->fd = connect_oob(f);
}

static void free_amid(Fixture *f, bool reads)
{
    GThread *writer;
    GThread *reader = NULL;

    run_script(f, script_connect);
    writer = g_thread_new("writer", babble, GINT_TO_POINTER(f->fd));
    if (reads) {
        reader = g_thread_new("reader", swallow, GINT_TO_POINTER(f->fd));
    }
    for (int i = 0; i < 100; i++) {
        aio_poll(f->ctx, reads);
    }
    g_clear_pointer(&f->server, qmp_server_free);
    g_thread_join(writer);
    if (reader) {
        g_thread_join(reader);
    }
}

static void test_free_busy(Fixture *f, gconstpointer data)
{
    free_amid(f, true);
}

static void test_free_deaf(Fixture *f, gconstpointer data)
{
    free_amid(f, false);
}

static void *send_events(void *opaque)
{
    while (!atomic_load((atomic_bool *)opaque)) {
        qapi_event_send(&tick, NULL);
    }
    return NULL;
}

static void script_come_and_go(Fixture *f)
{
    for (int i = 0; i < 30; i++) {
        int fd = connect_client(f);

        say(fd, ENABLE_OOB OOB("ping", "1"));
        g_free(hear(fd));
        close(fd);
    }
}

/* Another thread sends events while connections move between the threads. */
static void test_events_amid(Fixture *f, gconstpointer data)
{
    atomic_bool done = false;
    GThread *sender = g_thread_new("sender", send_events, &done);

    run_script(f, script_come_and_go);
    wait_for_no_client(f);
    atomic_store(&done, true);
    g_thread_join(sender);
}

/* ---- In a child process ---- */

/* Returns true if a thread sleeps in the kernel, so it holds no lock. */
static bool is_asleep(const char *thread_id)
{
    g_autofree char *path = g_build_filename("/proc/self/task", thread_id,
                                             "stat", NULL);
    g_autofree char *stat = NULL;

    g_assert_true(g_file_get_contents(path, &stat, NULL, NULL));
    return strstr(stat, ") S ") != NULL;
}

/* Waits until all threads but this one have nothing to do. */
static void wait_for_other_threads(void)
{
    g_autofree char *self = g_strdup_printf("%d", (int)gettid());
    g_autoptr(GDir) dir = g_dir_open("/proc/self/task", 0, NULL);
    const char *name;

    while ((name = g_dir_read_name(dir))) {
        while (strcmp(name, self) && !is_asleep(name)) {
            g_thread_yield();
        }
    }
}

static void free_in_child(Fixture *f)
{
    pid_t pid;
    int status;

    wait_for_other_threads();
    pid = fork();
    g_assert_cmpint(pid, >=, 0);
    if (pid == 0) {
        qmp_server_free(f->server);
        _exit(0);
    }
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_cmpint(status, ==, 0);
}

static void script_ping(Fixture *f)
{
    f->fd = connect_oob(f);
    say(f->fd, OOB("ping", "1"));
    expect(f->fd, OK_ID("1"));
}

static void script_replies(Fixture *f)
{
    expect(f->fd, OK_ID("2"));
    expect(f->fd, OK_ID("3"));
    say(f->fd, IN("nothing", "5"));
    expect(f->fd, OK_ID("5"));
}

/*
 * The child has no thread for the input.  The parent keeps its thread, its
 * client and the requests that wait for the main loop.
 */
static void test_free_in_child(Fixture *f, gconstpointer data)
{
    run_script(f, script_ping);
    free_in_child(f);
    say(f->fd, IN("nothing", "2") IN("nothing", "3") OOB("ping", "4"));
    expect(f->fd, OK_ID("4"));
    free_in_child(f);
    say(f->fd, OOB("ping", "4"));
    expect(f->fd, OK_ID("4"));
    run_script(f, script_replies);
    g_assert_cmpint(access(f->path, F_OK), ==, 0);
}

static void add(const char *name, void (*test)(Fixture *f,
                                               gconstpointer data))
{
    g_autofree char *path = g_strconcat("/qmp/io-thread/", name, NULL);

    g_test_add(path, Fixture, NULL, set_up, test, tear_down);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qapi_register_commands(test_commands, G_N_ELEMENTS(test_commands));
    module_call_init(MODULE_INIT_QMP);
    add("main-loop-blocked", test_main_loop_blocked);
    add("flood", test_flood);
    add("order", test_order);
    add("exceeds-the-slice", test_slow);
    add("pieces", test_pieces);
    add("full-output", test_full_output);
    add("sessions", test_sessions);
    add("session-without-oob", test_plain_session);
    add("event", test_event);
    add("nested-loop", test_nested);
    add("no-descriptor-left", test_no_descriptor);
    add("half-closed", test_half_closed);
    add("quit", test_quit);
    add("quit-frees-the-server", test_quit_frees);
    add("death-at-any-byte", test_death);
    add("death-while-blocked", test_death_while_blocked);
    add("free-while-busy", test_free_busy);
    add("free-while-deaf", test_free_deaf);
    add("events-while-moving", test_events_amid);
    add("free-in-child", test_free_in_child);
    return test_run();
}
