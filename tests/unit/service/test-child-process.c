/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Child processes: how they start, and how a loop or a coroutine learns of
 * their end.
 */
#include "service/child-process.h"
#include "service/signal-watch.h"

#include "aio/net/co-io.h"
#include "tests/unit/test-util.h"
#include "util/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct Fixture {
    AioContext *ctx;
    int n_ended;
    ChildStatus status;
    int out[2]; /* a pipe, the child's stdout */
} Fixture;

static void setup(Fixture *f, const void *data)
{
    f->ctx = aio_context_new(&error_abort);
    aio_set_current_context(f->ctx);
    g_assert_cmpint(pipe2(f->out, O_CLOEXEC), ==, 0);
}

static void teardown(Fixture *f, const void *data)
{
    close(f->out[0]);
    close(f->out[1]);
    aio_set_current_context(NULL);
    aio_context_unref(f->ctx);
    /* no zombie is left */
    g_assert_cmpint(waitpid(-1, NULL, WNOHANG), ==, -1);
    g_assert_cmpint(errno, ==, ECHILD);
}

static void on_ended(ChildProcess *child, const ChildStatus *status,
                     void *opaque)
{
    Fixture *f = opaque;

    f->n_ended++;
    f->status = *status;
}

static void on_ended_free(ChildProcess *child, const ChildStatus *status,
                          void *opaque)
{
    on_ended(child, status, opaque);
    child_process_free(child);
}

/* Runs a command of the shell to its end. */
static void run_shell(Fixture *f, const char *command,
                      const ChildOptions *options)
{
    const char *argv[] = { "sh", "-c", command, NULL };
    ChildProcess *child = child_process_spawn(f->ctx, argv, options, on_ended,
                                              f, &error_abort);

    g_assert_cmpint(child_process_get_pid(child), >, 0);
    test_waits_for("a child process to end");
    f->n_ended = 0;
    while (!f->n_ended) {
        aio_poll(f->ctx, true);
    }
    g_assert_cmpint(child_process_kill(child, 0), ==, -ESRCH);
    child_process_free(child);
}

static char *read_output(Fixture *f)
{
    char text[4096];
    ssize_t n = read(f->out[0], text, sizeof(text));

    g_assert_cmpint(n, >=, 0);
    return g_strndup(text, n);
}

static void test_exit_code(Fixture *f, const void *data)
{
    run_shell(f, "exit 7", NULL);
    g_assert_cmpint(f->status.exit_code, ==, 7);
    g_assert_cmpint(f->status.signum, ==, 0);
}

static void test_signal(Fixture *f, const void *data)
{
    run_shell(f, "kill -9 $$", NULL);
    g_assert_cmpint(f->status.exit_code, ==, -1);
    g_assert_cmpint(f->status.signum, ==, SIGKILL);
}

static void test_options(Fixture *f, const void *data)
{
    static const char *const env[] = { "COLOUR=blue", "PATH=/bin:/usr/bin",
                                       NULL };
    g_autofree char *output = NULL;

    run_shell(f, "echo $COLOUR; pwd; cat; echo oops >&2",
              &(ChildOptions){
                  .env = env, .dir = "/",
                  .fds = { CHILD_FD_NULL, f->out[1], f->out[1] },
              });
    output = read_output(f);
    g_assert_cmpstr(output, ==, "blue\n/\noops\n");
}

/* What the process blocks and ignores does not reach the child. */
static void test_signals_are_reset(Fixture *f, const void *data)
{
    SignalWatch *watch = signal_watch_new(f->ctx, SIGTERM, NULL, NULL,
                                          &error_abort);
    void (*old)(int) = signal(SIGUSR1, SIG_IGN);

    run_shell(f, "kill -TERM $$; exit 1", NULL);
    g_assert_cmpint(f->status.signum, ==, SIGTERM);
    run_shell(f, "kill -USR1 $$; exit 1", NULL);
    g_assert_cmpint(f->status.signum, ==, SIGUSR1);
    signal(SIGUSR1, old);
    signal_watch_free(watch);
}

/* Neither the pipe nor what the loop has opened */
static void test_loop_is_not_inherited(Fixture *f, const void *data)
{
    g_autofree char *command = NULL;
    g_autofree char *output = NULL;

    command = g_strdup_printf(
        "ls -l /proc/self/fd | grep -c 'eventpoll\\|eventfd\\|pidfd';"
        "test -e /proc/self/fd/%d || echo closed", f->out[1]);
    run_shell(f, command,
              &(ChildOptions){ .fds = { CHILD_FD_NULL, f->out[1],
                                        CHILD_FD_INHERIT } });
    output = read_output(f);
    g_assert_cmpstr(output, ==, "0\nclosed\n");
}

static void test_no_program(Fixture *f, const void *data)
{
    static const char *const argv[] = { "/nonexistent/program", NULL };
    Error *err = NULL;

    g_assert_null(child_process_spawn(f->ctx, argv, NULL, on_ended, f, &err));
    assert_error(err, "cannot start '/nonexistent/program': "
                 "No such file or directory");
}

static void test_no_folder(Fixture *f, const void *data)
{
    static const char *const argv[] = { "true", NULL };
    Error *err = NULL;

    g_assert_null(child_process_spawn(
        f->ctx, argv, &(ChildOptions){ .dir = "/nonexistent" }, on_ended, f,
        &err));
    assert_error(err, "cannot start 'true': No such file or directory");
}

static void test_free_kills(Fixture *f, const void *data)
{
    static const char *const argv[] = { "sleep", "1000", NULL };

    child_process_free(child_process_spawn(f->ctx, argv, NULL, on_ended, f,
                                           &error_abort));
    child_process_free(child_process_spawn(f->ctx, argv, NULL, NULL, NULL,
                                           &error_abort));
    g_assert_cmpint(f->n_ended, ==, 0);
}

static void test_many_free_themselves(Fixture *f, const void *data)
{
    static const char *const argv[] = { "true", NULL };

    for (int i = 0; i < 20; i++) {
        child_process_spawn(f->ctx, argv, NULL, on_ended_free, f,
                            &error_abort);
    }
    test_waits_for("20 processes to end");
    while (f->n_ended < 20) {
        aio_poll(f->ctx, true);
    }
}

/* ---- Coroutines ---- */

static void coroutine_fn wait_for_child(void *opaque)
{
    static const char *const argv[] = { "sh", "-c", "read x; exit $x", NULL };
    Fixture *f = opaque;
    int in[2];
    ChildProcess *child;
    ChildStatus status;

    g_assert_cmpint(pipe2(in, O_CLOEXEC), ==, 0);
    child = child_process_spawn(
        f->ctx, argv,
        &(ChildOptions){ .fds = { in[0], CHILD_FD_INHERIT,
                                  CHILD_FD_INHERIT } },
        NULL, NULL, &error_abort);
    close(in[0]);
    g_assert_cmpint(child_process_co_wait(child, co_deadline_ns(1000000),
                                          &status), ==, -ETIMEDOUT);
    g_assert_cmpint(write(in[1], "5\n", 2), ==, 2);
    g_assert_cmpint(child_process_co_wait(child, -1, &status), ==, 0);
    g_assert_cmpint(status.exit_code, ==, 5);
    g_assert_cmpint(child_process_co_wait(child, -1, &status), ==, 0);
    g_assert_cmpint(status.exit_code, ==, 5);
    child_process_free(child);
    close(in[1]);
    f->n_ended++;
}

static void test_coroutine(Fixture *f, const void *data)
{
    Coroutine *co = coroutine_create(wait_for_child, f);

    test_waits_for("the coroutine to end");
    aio_co_enter(f->ctx, co);
    while (!f->n_ended) {
        aio_poll(f->ctx, true);
    }
}

#define ADD(name, func)                                                \
    g_test_add("/service/child-process/" name, Fixture, NULL, setup, func, \
               teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("exit-code", test_exit_code);
    ADD("signal", test_signal);
    ADD("options", test_options);
    ADD("signals-are-reset", test_signals_are_reset);
    ADD("loop-is-not-inherited", test_loop_is_not_inherited);
    ADD("no-program", test_no_program);
    ADD("no-folder", test_no_folder);
    ADD("free-kills", test_free_kills);
    ADD("many-free-themselves", test_many_free_themselves);
    ADD("coroutine", test_coroutine);
    return test_run();
}
