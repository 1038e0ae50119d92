/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The pidfd of a child becomes readable when the process has ended.  The
 * process is then reaped at once, by waitid(P_PIDFD), and its status is kept.
 */
#include "service/child-process.h"

#include "aio/net/co-io.h"
#include "qapi/error.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct ChildProcess {
    AioContext *ctx;
    ChildFunc *func; /* (nullable) */
    void *opaque;
    pid_t pid;
    int fd; /* the pidfd */
    bool has_ended;
    ChildStatus status;
};

/* ---- Starting ---- */

/* Adds the actions that give the child its three file descriptors. */
static int add_fds(posix_spawn_file_actions_t *actions, const int fds[3])
{
    int ret = 0;

    for (int i = 0; !ret && i < 3; i++) {
        if (fds[i] == CHILD_FD_NULL) {
            ret = posix_spawn_file_actions_addopen(actions, i, "/dev/null",
                                                   O_RDWR, 0);
        } else if (fds[i] != CHILD_FD_INHERIT) {
            ret = posix_spawn_file_actions_adddup2(actions, fds[i], i);
        }
    }
    return ret;
}

/*
 * The child must not inherit what the loop blocks or ignores: a program that is
 * started with SIGTERM blocked cannot be ended politely.
 */
static int set_signals(posix_spawnattr_t *attr)
{
    sigset_t none;
    sigset_t all;
    int ret;

    sigemptyset(&none);
    sigfillset(&all);
    ret = posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK |
                                         POSIX_SPAWN_SETSIGDEF);
    ret = ret ? ret : posix_spawnattr_setsigmask(attr, &none);
    return ret ? ret : posix_spawnattr_setsigdefault(attr, &all);
}

/*
 * posix_spawn() shares the memory until the program starts, so its cost does
 * not depend on the size of this process, and a program that does not exist is
 * an error here.
 *
 * Returns: 0, and @pid is the new process; an errno value
 */
static int spawn(const char *const *argv, const ChildOptions *options,
                 pid_t *pid)
{
    const char *const *env = options->env ? options->env
                                          : (const char *const *)environ;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    int ret;

    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attr);
    ret = add_fds(&actions, options->fds);
    if (!ret && options->dir) {
        ret = posix_spawn_file_actions_addchdir_np(&actions, options->dir);
    }
    ret = ret ? ret : set_signals(&attr);
    if (!ret) {
        ret = posix_spawnp(pid, argv[0], &actions, &attr, (char **)argv,
                           (char **)env);
    }
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    return ret;
}

/* ---- The end ---- */

/* Reaps the process; blocks until it has ended. */
static void reap(ChildProcess *child)
{
    siginfo_t info = { 0 };

    while (waitid((idtype_t)P_PIDFD, child->fd, &info, WEXITED) < 0 &&
           errno == EINTR) {
        /* again */
    }
    child->has_ended = true;
    if (info.si_code == CLD_EXITED) {
        child->status.exit_code = info.si_status;
    } else {
        child->status.exit_code = -1;
        child->status.signum = info.si_status;
        child->status.core_dumped = info.si_code == CLD_DUMPED;
    }
}

/* The handler is removed first, because @func may free the child. */
static void on_ended(void *opaque)
{
    ChildProcess *child = opaque;
    ChildStatus status;

    aio_set_fd_handler(child->ctx, child->fd, NULL, NULL, NULL, NULL, NULL);
    reap(child);
    status = child->status;
    child->func(child, &status, child->opaque);
}

int coroutine_fn child_process_co_wait(ChildProcess *child,
                                       int64_t deadline_ns,
                                       ChildStatus *status)
{
    /* A second call returns what the first one has found. */
    if (!child->has_ended) {
        int ret = co_fd_wait(child->fd, POLLIN, deadline_ns);

        if (ret < 0) {
            return ret;
        }
        reap(child);
    }
    *status = child->status;
    return 0;
}

/* ---- Processes ---- */

ChildProcess *child_process_spawn(AioContext *ctx, const char *const *argv,
                                  const ChildOptions *options,
                                  ChildFunc *func, void *opaque,
                                  Error **errp)
{
    static const ChildOptions defaults = {
        .fds = { CHILD_FD_NULL, CHILD_FD_INHERIT, CHILD_FD_INHERIT },
    };
    ChildProcess *child;
    pid_t pid;
    int ret = spawn(argv, options ? options : &defaults, &pid);
    int fd;

    if (ret) {
        error_setg_errno(errp, ret, "cannot start '%s'", argv[0]);
        return NULL;
    }
    /* The process cannot vanish before: only waitid() here reaps it. */
    fd = syscall(SYS_pidfd_open, pid, 0);
    if (fd < 0) {
        error_setg_errno(errp, errno, "cannot watch process %d of '%s'",
                         (int)pid, argv[0]);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        return NULL;
    }
    child = g_new0(ChildProcess, 1);
    child->ctx = ctx;
    child->func = func;
    child->opaque = opaque;
    child->pid = pid;
    child->fd = fd;
    if (func) {
        aio_set_fd_handler(ctx, fd, on_ended, NULL, NULL, NULL, child);
    }
    return child;
}

void child_process_free(ChildProcess *child)
{
    if (!child) {
        return;
    }
    if (!child->has_ended) {
        if (child->func) {
            aio_set_fd_handler(child->ctx, child->fd, NULL, NULL, NULL, NULL,
                               NULL);
        }
        child_process_kill(child, SIGKILL);
        reap(child);
    }
    close(child->fd);
    g_free(child);
}

pid_t child_process_get_pid(const ChildProcess *child)
{
    return child->pid;
}

/* By the pidfd, so that no other process with the same id can be hit. */
int child_process_kill(ChildProcess *child, int signum)
{
    return syscall(SYS_pidfd_send_signal, child->fd, signum, NULL, 0) < 0
               ? -errno : 0;
}
