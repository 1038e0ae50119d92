/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Signals as callbacks of an event loop.
 *
 * A watched signal is blocked and read from a signalfd, so the callback may do
 * anything that other callbacks may do, and none is interrupted.
 *
 * A signal that is sent to the process goes to any thread that does not block
 * it.  Threads that the library creates block all of them.  Create watches
 * before other threads, or block the signals in those threads.
 *
 * Child processes inherit blocked signals; child_process_spawn() unblocks them.
 *
 * Contract: docs/service.md
 */
#ifndef QOM_SERVICE_SIGNAL_WATCH_H
#define QOM_SERVICE_SIGNAL_WATCH_H

#include "aio/aio.h"

#include <sys/types.h>

QOM_BEGIN_DECLS

typedef struct SignalWatch SignalWatch;

/* A signal that was received. */
typedef struct SignalInfo {
    int signum;
    pid_t pid; /* of the process that sent it; 0: the kernel or unknown */
    uid_t uid; /* the real user of that process */
} SignalInfo;

/**
 * SignalFunc: called for a signal
 * @info: borrowed
 * @opaque: as passed to signal_watch_new()
 *
 * The function may free the watch.  The kernel merges a signal with one of the
 * same number that is pending, so several signals can be one call.
 *
 * Thread: the home thread of the watch's context
 */
typedef void SignalFunc(const SignalInfo *info, void *opaque);

/**
 * signal_watch_new: calls a function for each signal
 * @ctx: the loop that calls it
 * @signum: such as SIGTERM; not one that cannot be blocked (SIGKILL, SIGSTOP)
 *          or that a thread causes itself (SIGSEGV and so on)
 * @func: the function
 * @opaque: passed to @func
 * @errp: set if the signal is watched already or cannot be, or if there are no
 *        file descriptors left
 *
 * Blocks the signal in the calling thread.
 *
 * Returns: (transfer full) the watch; NULL with @errp set
 * Thread: the main thread
 */
SignalWatch *signal_watch_new(AioContext *ctx, int signum, SignalFunc *func,
                              void *opaque, Error **errp);

/**
 * signal_watch_free: stops watching
 * @watch: (nullable) consumed
 *
 * The signal has again the effect that it had before, in the calling thread.
 * A signal that is pending is dropped.
 *
 * Thread: the home thread of the watch's context; a signal that was not blocked
 *         before is unblocked in this thread
 */
void signal_watch_free(SignalWatch *watch);

QOM_END_DECLS

#endif
