/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two fork() calls.  The first child leads the new session, the second one is
 * the daemon.  Each parent waits for its child and passes on its exit status; a
 * byte in a pipe reports that the daemon is ready.
 */
#include "service/background-internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* The writing end of the pipe to the process that waits; -1: none waits. */
static int ready_fd = -1;

/* Waits until @child ends, and exits with its status. */
static void G_GNUC_NORETURN exit_with(pid_t child)
{
    int status;

    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
        /* interrupted by the handler of a signal */
    }
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

/* Exits with 0 when @child writes a byte, or with its status when it ends. */
static void G_GNUC_NORETURN wait_until_ready(int fd, pid_t child)
{
    char byte;
    ssize_t n;

    do {
        n = read(fd, &byte, 1);
    } while (n < 0 && errno == EINTR);
    if (n == 1) {
        _exit(0);
    }
    exit_with(child);
}

static pid_t create_process(Error **errp)
{
    pid_t child = fork();

    if (child < 0) {
        error_setg_errno(errp, errno, "cannot make a process");
    }
    return child;
}

/*
 * The leader of a session gets a controlling terminal if it opens a terminal.
 * The first child leads the session, so the daemon is the second one.
 */
bool background_enter(Error **errp)
{
    pid_t child = create_process(errp);
    int fds[2];

    if (child > 0) {
        exit_with(child);
    }
    if (child < 0) {
        return false;
    }
    setsid();
    if (pipe2(fds, O_CLOEXEC) < 0) {
        error_setg_errno(errp, errno, "cannot make a pipe");
        return false;
    }
    child = create_process(errp);
    if (child > 0) {
        close(fds[1]);
        wait_until_ready(fds[0], child);
    }
    close(fds[0]);
    if (child < 0) {
        close(fds[1]);
        return false;
    }
    ready_fd = fds[1];
    return true;
}

void background_ready(void)
{
    int null;

    if (ready_fd < 0) {
        return;
    }
    null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null >= 0) {
        for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
            dup2(null, fd);
        }
        close(null);
    }
    while (write(ready_fd, "", 1) < 0 && errno == EINTR) {
        /* again */
    }
    close(ready_fd);
    ready_fd = -1;
}
