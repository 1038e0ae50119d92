/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One command is executed in band at a time: while the command `work` runs the
 * loop, other clients send.  `work` calls the function that the test has set.
 * GLib or aio_poll() runs the loop, with each fd monitor; a command that runs
 * the loop calls aio_poll().
 */
#include "aio/aio.h"
#include "aio/coroutine/coroutine.h"
#include "qapi/qapi-command.h"
#include "qmp/qmp-server.h"
#include "tests/unit/qmp/qmp-texts.h"
#include "tests/unit/qmp/test-stdio.h"
#include "tests/unit/test-driver.h"
#include "tests/unit/test-util.h"
#include "util/module.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define N_CLIENTS 4

typedef struct Fixture {
    AioContext *ctx;
    DrivenLoop loop;
    char *dir;
    QmpServer *servers[2];
    char *paths[2];
    QmpServer *stdio_server; /* (nullable) of one client */
    Stdio standard;
    int fds[N_CLIENTS]; /* the first of them sends `work` */
    void (*nested)(struct Fixture *f);
    unsigned n_working;
    GString *log; /* the commands in the order of execution */
    Coroutine *waiting;
    bool has_quit;
} Fixture;

static Fixture *fixture;

/* ---- Commands ---- */

static bool run_work(void *arg, void *ret, Error **errp)
{
    Fixture *f = fixture;

    g_assert_cmpuint(f->n_working, ==, 0);
    f->n_working++;
    g_string_append_c(f->log, 'W');
    if (f->nested) {
        f->nested(f);
    }
    g_string_append_c(f->log, 'w');
    f->n_working--;
    return true;
}

static bool run_note(void *arg, void *ret, Error **errp)
{
    g_assert_cmpuint(fixture->n_working, ==, 0);
    g_string_append_c(fixture->log, 'n');
    return true;
}

static bool coroutine_fn run_yield(void *arg, void *ret, Error **errp)
{
    fixture->waiting = coroutine_self();
    coroutine_yield();
    return run_work(arg, ret, errp);
}

static bool run_ping(void *arg, void *ret, Error **errp)
{
    return true;
}

static const QapiCommand test_commands[] = {
    { .name = "work", .run = run_work },
    { .name = "note", .run = run_note },
    { .name = "yield", .run = run_yield, .flags = QCO_COROUTINE },
    { .name = "ping", .run = run_ping, .flags = QCO_ALLOW_OOB },
};

/* ---- Servers and clients ---- */

static void on_shutdown(void *opaque)
{
    ((Fixture *)opaque)->has_quit = true;
}

static bool iterate(Fixture *f, bool wait)
{
    return f->n_working ? aio_poll(f->ctx, wait)
                        : driver_iterate(&f->loop, wait);
}

static void step(Fixture *f)
{
    while (iterate(f, false)) {
        continue;
    }
}

static void put(int fd, const char *text)
{
    g_assert_cmpint(send(fd, text, strlen(text), MSG_NOSIGNAL), ==,
                    strlen(text));
}

/* Runs the loop until @out is there, and reads it. */
static void expect(Fixture *f, int fd, const char *out)
{
    char text[2048] = "";
    size_t len = 0;

    while (len < strlen(out)) {
        ssize_t n;

        step(f);
        n = recv(fd, text + len, sizeof(text) - 1 - len, MSG_DONTWAIT);
        g_assert_cmpint(n, !=, 0);
        len += MAX(n, 0);
    }
    g_assert_cmpstr(text, ==, out);
}

static void expect_nothing(Fixture *f, int fd)
{
    char byte;

    step(f);
    g_assert_cmpint(recv(fd, &byte, 1, MSG_DONTWAIT), ==, -1);
}

/* Reads the greeting. */
static int connect_to(Fixture *f, const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char greeting[1024];

    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    g_assert_cmpint(connect(fd, (struct sockaddr *)&address,
                            sizeof(address)), ==, 0);
    step(f);
    g_assert_cmpint(read(fd, greeting, sizeof(greeting)), >, 0);
    return fd;
}

static int connect_client(Fixture *f, const char *path,
                          const char *negotiation)
{
    int fd = connect_to(f, path);

    put(fd, negotiation);
    expect(f, fd, OK);
    return fd;
}

static void close_client(Fixture *f, unsigned i)
{
    close(f->fds[i]);
    f->fds[i] = -1;
}

/* How the clients other than the first are connected. */
typedef struct Way {
    const char *name;
    const char *negotiation_of_first;
    const char *negotiation;
    unsigned server;
    int on_stdio; /* the client that is on standard input and output, or -1 */
} Way;

static const Way ways[] = {
    { "same-server", NEGOTIATE, NEGOTIATE, 0, -1 },
    { "other-server", NEGOTIATE, NEGOTIATE, 1, -1 },
    { "oob", NEGOTIATE, ENABLE_OOB, 0, -1 },
    { "first-is-oob", ENABLE_OOB, NEGOTIATE, 0, -1 },
    { "both-oob", ENABLE_OOB, ENABLE_OOB, 1, -1 },
    { "first-on-stdio", NEGOTIATE, NEGOTIATE, 0, 0 },
    { "second-on-stdio", NEGOTIATE, NEGOTIATE, 0, 1 },
};

typedef struct Case {
    const Way *way;
    const Driver *driver;
    void (*test)(Fixture *f, const Way *way);
} Case;

/* Returns the client's end; the server's end is fd 0 and 1 of the process. */
static int connect_stdio(Fixture *f)
{
    char greeting[1024];
    int fds[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds),
                    ==, 0);
    stdio_begin(&f->standard, fds[1], fds[1]);
    close(fds[1]);
    f->stdio_server = qmp_server_new(f->ctx, "stdio", &error_abort);
    step(f);
    g_assert_cmpint(read(fds[0], greeting, sizeof(greeting)), >, 0);
    put(fds[0], NEGOTIATE);
    expect(f, fds[0], OK);
    return fds[0];
}

static void start_servers(Fixture *f)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(f->servers); i++) {
        g_autofree char *address = NULL;

        f->paths[i] = g_strdup_printf("%s/sock%u", f->dir, i);
        address = g_strconcat("unix:", f->paths[i], NULL);
        f->servers[i] = qmp_server_new(f->ctx, address, &error_abort);
    }
}

/* A client that has connected before learns that a server was created. */
static void skip_events(Fixture *f)
{
    char events[1024];

    step(f);
    for (int i = 0; i < N_CLIENTS; i++) {
        g_assert_cmpint(recv(f->fds[i], events, sizeof(events), MSG_DONTWAIT),
                        !=, 0);
    }
}

static void connect_clients(Fixture *f, const Way *way)
{
    for (int i = 0; i < N_CLIENTS; i++) {
        f->fds[i] = i == way->on_stdio
            ? connect_stdio(f)
            : connect_client(f, f->paths[i ? way->server : 0],
                             i ? way->negotiation
                               : way->negotiation_of_first);
    }
    skip_events(f);
}

static bool set_up(Fixture *f, const Case *c)
{
    fixture = f;
    f->ctx = aio_context_new(&error_abort);
    aio_set_current_context(f->ctx);
    if (!driver_begin(&f->loop, f->ctx, c->driver)) {
        aio_set_current_context(NULL);
        aio_context_unref(f->ctx);
        return false;
    }
    f->log = g_string_new(NULL);
    f->dir = g_dir_make_tmp("qmp-XXXXXX", NULL);
    qmp_set_shutdown_handler(on_shutdown, f);
    start_servers(f);
    connect_clients(f, c->way);
    return true;
}

static void stop_servers(Fixture *f)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(f->servers); i++) {
        while (qmp_server_n_clients(f->servers[i])) {
            iterate(f, true);
        }
        qmp_server_free(f->servers[i]);
        g_free(f->paths[i]);
    }
    if (f->stdio_server) {
        qmp_server_free(f->stdio_server);
        stdio_end(&f->standard);
    }
}

static void tear_down(Fixture *f)
{
    for (unsigned i = 0; i < N_CLIENTS; i++) {
        if (f->fds[i] >= 0) {
            close(f->fds[i]);
        }
    }
    stop_servers(f);
    qmp_set_shutdown_handler(NULL, NULL);
    g_assert_cmpint(g_rmdir(f->dir), ==, 0);
    g_free(f->dir);
    step(f);
    driver_end(&f->loop);
    aio_set_current_context(NULL);
    aio_context_unref(f->ctx);
    g_string_free(f->log, TRUE);
}

static void test_case(gconstpointer data)
{
    const Case *c = data;
    Fixture f = { NULL };

    if (set_up(&f, c)) {
        c->test(&f, c->way);
        tear_down(&f);
    }
}

/* Executes `work` for the first client; the command calls @nested. */
static void work(Fixture *f, const char *requests,
                 void (*nested)(Fixture *f))
{
    f->nested = nested;
    put(f->fds[0], requests);
}

/* ---- While a command runs the loop ---- */

static void send_notes(Fixture *f)
{
    for (unsigned i = 1; i < N_CLIENTS; i++) {
        put(f->fds[i], IN("note", "1"));
        expect_nothing(f, f->fds[i]);
    }
}

static void test_others_wait(Fixture *f, const Way *way)
{
    work(f, IN("work", "1"), send_notes);
    expect(f, f->fds[0], OK_ID("1"));
    for (unsigned i = 1; i < N_CLIENTS; i++) {
        expect(f, f->fds[i], OK_ID("1"));
    }
    g_assert_cmpstr(f->log->str, ==, "Wwnnn");
}

/* Longer than a connection is served before others are. */
static void exceed_slice(Fixture *f)
{
    int64_t end = g_get_monotonic_time() + 2000;

    f->nested = exceed_slice;
    while (g_get_monotonic_time() < end) {
        aio_poll(f->ctx, false);
    }
}

static void send_notes_and_exceed_slice(Fixture *f)
{
    send_notes(f);
    exceed_slice(f);
}

/*
 * Each client that waits is served before the first one is once more.  When
 * the thread of `oob` hands its requests over is not known.
 */
static void test_is_not_starved(Fixture *f, const Way *way)
{
    work(f, IN("work", "1") IN("work", "2") IN("work", "3"),
         send_notes_and_exceed_slice);
    expect(f, f->fds[0], OK_ID("1") OK_ID("2") OK_ID("3"));
    for (unsigned i = 1; i < N_CLIENTS; i++) {
        expect(f, f->fds[i], OK_ID("1"));
    }
    if (strcmp(way->negotiation, ENABLE_OOB)) {
        g_assert_cmpstr(f->log->str, ==, "WwnnnWwWw");
    } else {
        g_assert_cmpuint(f->log->len, ==, 9);
    }
}

static void leave_while_waiting(Fixture *f)
{
    send_notes(f);
    close_client(f, 1);
    close_client(f, 3);
    step(f);
}

static void test_waiting_client_goes(Fixture *f, const Way *way)
{
    work(f, IN("work", "1"), leave_while_waiting);
    expect(f, f->fds[0], OK_ID("1"));
    expect(f, f->fds[2], OK_ID("1"));
}

static void leave_and_step(Fixture *f)
{
    send_notes(f);
    close_client(f, 0);
    step(f);
}

static void test_working_client_goes(Fixture *f, const Way *way)
{
    work(f, IN("work", "1"), leave_and_step);
    for (unsigned i = 1; i < N_CLIENTS; i++) {
        expect(f, f->fds[i], OK_ID("1"));
    }
}

static void send_quit(Fixture *f)
{
    put(f->fds[1], IN("quit", "1"));
    expect_nothing(f, f->fds[1]);
    g_assert_false(f->has_quit);
}

static void test_quit_waits(Fixture *f, const Way *way)
{
    work(f, IN("work", "1"), send_quit);
    expect(f, f->fds[1], OK_ID("1"));
    while (!f->has_quit) {
        iterate(f, true);
    }
    expect(f, f->fds[0], OK_ID("1"));
}

static void greet_another(Fixture *f)
{
    close_client(f, 1);
    f->fds[1] = connect_to(f, f->paths[0]);
    put(f->fds[1], NEGOTIATE);
    expect_nothing(f, f->fds[1]);
}

static void test_new_client(Fixture *f, const Way *way)
{
    work(f, IN("work", "1"), greet_another);
    expect(f, f->fds[0], OK_ID("1"));
    expect(f, f->fds[1], OK);
}

/* No thread runs the main loop: the answer comes from the thread. */
static void ping(Fixture *f)
{
    char text[64] = "";

    put(f->fds[1], OOB("ping", "5"));
    g_assert_cmpint(read(f->fds[1], text, sizeof(text) - 1), >, 0);
    g_assert_cmpstr(text, ==, OK_ID("5"));
    send_notes(f);
    put(f->fds[1], OOB("ping", "6"));
    g_assert_cmpint(read(f->fds[1], text, sizeof(text) - 1), >, 0);
    g_assert_cmpstr(text, ==, OK_ID("6"));
}

static void test_out_of_band(Fixture *f, const Way *way)
{
    work(f, IN("work", "1"), ping);
    expect(f, f->fds[0], OK_ID("1"));
    expect(f, f->fds[1], OK_ID("1"));
}

/* ---- Commands in coroutines ---- */

static void test_yields(Fixture *f, const Way *way)
{
    work(f, IN("yield", "1"), NULL);
    while (!f->waiting) {
        iterate(f, true);
    }
    put(f->fds[1], IN("note", "2"));
    expect(f, f->fds[1], OK_ID("2"));
    aio_co_wake(f->waiting);
    expect(f, f->fds[0], OK_ID("1"));
    g_assert_cmpstr(f->log->str, ==, "nWw");
}

/* It does not yield while it runs the loop. */
static void test_coroutine_runs_the_loop(Fixture *f, const Way *way)
{
    work(f, IN("yield", "1"), send_notes);
    while (!f->waiting) {
        iterate(f, true);
    }
    aio_co_wake(f->waiting);
    g_assert_cmpstr(f->log->str, ==, "Ww");
    for (unsigned i = 1; i < N_CLIENTS; i++) {
        expect(f, f->fds[i], OK_ID("1"));
    }
    expect(f, f->fds[0], OK_ID("1"));
    g_assert_cmpstr(f->log->str, ==, "Wwnnn");
}

static void wake_other(Fixture *f)
{
    f->n_working = 0;
    f->nested = NULL;
    aio_co_wake(f->waiting);
    f->n_working = 1;
}

/* The command may wait for it, so it continues. */
static void test_coroutine_ends(Fixture *f, const Way *way)
{
    put(f->fds[1], IN("yield", "1"));
    while (!f->waiting) {
        iterate(f, true);
    }
    work(f, IN("work", "1"), wake_other);
    expect(f, f->fds[0], OK_ID("1"));
    expect(f, f->fds[1], OK_ID("1"));
    g_assert_cmpstr(f->log->str, ==, "WWww");
}

static void add_way(const char *name, const Way *way,
                    void (*test)(Fixture *f, const Way *way))
{
    for (unsigned i = 0; i < G_N_ELEMENTS(drivers); i++) {
        Case c = { way, &drivers[i], test };
        g_autofree char *path = g_strdup_printf("/qmp/gate/%s/%s/%s", name,
                                                way->name, drivers[i].name);

        g_test_add_data_func_full(path, g_memdup2(&c, sizeof(c)), test_case,
                                  g_free);
    }
}

static void add(const char *name, void (*test)(Fixture *f, const Way *way))
{
    for (unsigned i = 0; i < G_N_ELEMENTS(ways); i++) {
        add_way(name, &ways[i], test);
    }
}

static void add_oob(const char *name,
                    void (*test)(Fixture *f, const Way *way))
{
    for (unsigned i = 0; i < G_N_ELEMENTS(ways); i++) {
        if (!strcmp(ways[i].negotiation, ENABLE_OOB)) {
            add_way(name, &ways[i], test);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qapi_register_commands(test_commands, G_N_ELEMENTS(test_commands));
    module_call_init(MODULE_INIT_QMP);
    add("others-wait", test_others_wait);
    add("is-not-starved", test_is_not_starved);
    add("waiting-client-goes", test_waiting_client_goes);
    add("working-client-goes", test_working_client_goes);
    add("quit-waits", test_quit_waits);
    add("new-client", test_new_client);
    add_oob("out-of-band", test_out_of_band);
    add("yields", test_yields);
    add("coroutine-runs-the-loop", test_coroutine_runs_the_loop);
    add("coroutine-ends-during-command", test_coroutine_ends);
    return test_run();
}
