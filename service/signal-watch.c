/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One signalfd for each signal, so that each has a callback of its own.  The
 * kernel gives a pending signal to one reader, so a process has at most one
 * watch of a signal: `watched` says which are taken.
 */
#include "service/signal-watch.h"

#include "qapi/error.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Signals that are read before the loop calls other handlers. */
#define SIGNALS_PER_CALL 16

struct SignalWatch {
    AioContext *ctx;
    SignalFunc *func;
    void *opaque;
    int signum;
    int fd; /* the signalfd */
    bool was_blocked; /* in the thread that created the watch */
    bool *is_freed; /* (nullable) on the stack of the call of @func */
};

static GMutex watched_lock;
static sigset_t watched; /* signals that have a watch */

/* Claims a signal for a watch; false if it has one. */
static bool claim(int signum)
{
    bool ok;

    g_mutex_lock(&watched_lock);
    ok = !sigismember(&watched, signum);
    if (ok) {
        sigaddset(&watched, signum);
    }
    g_mutex_unlock(&watched_lock);
    return ok;
}

static void unclaim(int signum)
{
    g_mutex_lock(&watched_lock);
    sigdelset(&watched, signum);
    g_mutex_unlock(&watched_lock);
}

/* A fault stops the thread that caused it; the others cannot be blocked. */
static bool can_be_watched(int signum)
{
    static const int excluded[] = {
        SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT,
        SIGSYS,
    };
    sigset_t set;

    for (size_t i = 0; i < G_N_ELEMENTS(excluded); i++) {
        if (signum == excluded[i]) {
            return false;
        }
    }
    sigemptyset(&set);
    return !sigaddset(&set, signum);
}

/*
 * Takes a pending signal from the kernel.
 *
 * Returns: true with @info filled in; false if none is pending
 */
static bool read_signal(SignalWatch *watch, SignalInfo *info)
{
    struct signalfd_siginfo raw;

    if (read(watch->fd, &raw, sizeof(raw)) != sizeof(raw)) {
        return false;
    }
    *info = (SignalInfo){
        .signum = raw.ssi_signo,
        .pid = raw.ssi_pid,
        .uid = raw.ssi_uid,
    };
    return true;
}

/* @func may free the watch, so nothing is read from it afterwards. */
static void on_readable(void *opaque)
{
    SignalWatch *watch = opaque;
    bool is_freed = false;
    SignalInfo info;

    watch->is_freed = &is_freed;
    for (int i = 0; i < SIGNALS_PER_CALL && read_signal(watch, &info); i++) {
        watch->func(&info, watch->opaque);
        if (is_freed) {
            return;
        }
    }
    watch->is_freed = NULL;
}

SignalWatch *signal_watch_new(AioContext *ctx, int signum, SignalFunc *func,
                              void *opaque, Error **errp)
{
    sigset_t set;
    sigset_t old_set;
    SignalWatch *watch;
    int fd;

    if (!can_be_watched(signum)) {
        error_setg(errp, "signal %d (%s) cannot be watched", signum,
                   g_strsignal(signum));
        return NULL;
    }
    if (!claim(signum)) {
        error_setg(errp, "signal %d (%s) is watched already", signum,
                   g_strsignal(signum));
        return NULL;
    }
    sigemptyset(&set);
    sigaddset(&set, signum);
    fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0) {
        error_setg_errno(errp, errno, "cannot watch signal %d (%s)", signum,
                         g_strsignal(signum));
        unclaim(signum);
        return NULL;
    }
    /* Blocked after all that may fail, so that a failure changes nothing. */
    pthread_sigmask(SIG_BLOCK, &set, &old_set);
    watch = g_new(SignalWatch, 1);
    *watch = (SignalWatch){
        .ctx = ctx, .func = func, .opaque = opaque, .signum = signum,
        .fd = fd, .was_blocked = sigismember(&old_set, signum),
    };
    aio_set_fd_handler(ctx, fd, on_readable, NULL, NULL, NULL, watch);
    return watch;
}

void signal_watch_free(SignalWatch *watch)
{
    SignalInfo info;
    sigset_t set;

    if (!watch) {
        return;
    }
    /* on_readable() is on the stack. */
    if (watch->is_freed) {
        *watch->is_freed = true;
    }
    aio_set_fd_handler(watch->ctx, watch->fd, NULL, NULL, NULL, NULL, NULL);
    /* Once it is unblocked, a pending signal might end the process. */
    while (read_signal(watch, &info)) {
        /* dropped */
    }
    close(watch->fd);
    if (!watch->was_blocked) {
        sigemptyset(&set);
        sigaddset(&set, watch->signum);
        pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    }
    unclaim(watch->signum);
    g_free(watch);
}
