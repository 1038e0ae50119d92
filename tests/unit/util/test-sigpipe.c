/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writing to a pipe without a reader, without a signal. */
#include "tests/unit/test-util.h"
#include "util/sigpipe.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

static void write_to_broken_pipe(void)
{
    SigPipe sigpipe;
    int fd[2];
    ssize_t n;

    g_assert_cmpint(pipe2(fd, O_CLOEXEC), ==, 0);
    close(fd[0]);
    sigpipe_block(&sigpipe);
    n = write(fd[1], "x", 1);
    sigpipe_unblock(&sigpipe, n < 0 && errno == EPIPE);
    g_assert_cmpint(n, ==, -1);
    g_assert_cmpint(errno, ==, EPIPE);
    close(fd[1]);
}

static bool is_pending(void)
{
    sigset_t pending;

    sigpending(&pending);
    return sigismember(&pending, SIGPIPE);
}

static sigset_t block(void)
{
    sigset_t set;
    sigset_t old;

    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set, &old);
    return old;
}

static void test_no_signal(void)
{
    signal(SIGPIPE, SIG_DFL);
    write_to_broken_pipe();
    write_to_broken_pipe();
}

/* The program blocks the signal: none is pending afterwards. */
static void test_blocked(void)
{
    sigset_t old = block();

    write_to_broken_pipe();
    g_assert_false(is_pending());
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

/* A signal that the program has pending stays pending. */
static void test_pending(void)
{
    sigset_t old = block();
    int sig = 0;
    sigset_t set;

    pthread_kill(pthread_self(), SIGPIPE);
    write_to_broken_pipe();
    g_assert_true(is_pending());
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    sigwait(&set, &sig);
    g_assert_cmpint(sig, ==, SIGPIPE);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/util/sigpipe/no-signal", test_no_signal);
    g_test_add_func("/util/sigpipe/blocked", test_blocked);
    g_test_add_func("/util/sigpipe/pending", test_pending);
    return test_run();
}
