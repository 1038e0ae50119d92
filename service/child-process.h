/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Child processes whose end is a callback of an event loop, or for which a
 * coroutine waits.
 *
 * A child process is watched by a pidfd.  So there is no handler of SIGCHLD,
 * and a process id that the kernel uses again is never taken for the child's.
 *
 * Contract: docs/service.md
 */
#ifndef QOM_SERVICE_CHILD_PROCESS_H
#define QOM_SERVICE_CHILD_PROCESS_H

#include "aio/aio.h"
#include "aio/coroutine/coroutine.h"

#include <stdint.h>
#include <sys/types.h>

QOM_BEGIN_DECLS

typedef struct ChildProcess ChildProcess;

/* ChildOptions.fds: what the child gets as stdin, stdout or stderr */
enum {
    CHILD_FD_NULL = -1,    /* /dev/null */
    CHILD_FD_INHERIT = -2, /* that of this process */
};

/* All zeroes but @fds: environment and folder of this process. */
typedef struct ChildOptions {
    const char *const *env; /* (nullable) "NAME=VALUE", ends with NULL */
    const char *dir;        /* (nullable) the folder in which it starts */
    int fds[3]; /* CHILD_FD_ values, or borrowed file descriptors above 2 */
} ChildOptions;

/* How a process has ended. */
typedef struct ChildStatus {
    int exit_code;   /* 0 to 255; -1 if a signal ended it */
    int signum;      /* 0 if it has exited */
    bool core_dumped;
} ChildStatus;

/**
 * ChildFunc: called once when the process has ended
 * @child: may be freed by the function
 * @status: borrowed
 * @opaque: as passed to child_process_spawn()
 *
 * Thread: the home thread of the context
 */
typedef void ChildFunc(ChildProcess *child, const ChildStatus *status,
                       void *opaque);

/**
 * child_process_spawn: starts a program
 * @ctx: the loop that reports its end
 * @argv: the program, searched in $PATH if it contains no slash, and its
 *        arguments; ends with NULL
 * @options: (nullable) borrowed; NULL: all are inherited, stdin is /dev/null
 * @func: (nullable) called when the process has ended; NULL: a coroutine waits
 *        with child_process_co_wait()
 * @opaque: passed to @func
 * @errp: set if the program cannot be started
 *
 * The child process starts with no signal blocked and with the default action
 * of each.  In addition to the three file descriptors of @options it inherits
 * those that are not close-on-exec; the library creates none of these.
 *
 * Returns: (transfer full) the process; NULL with @errp set
 * Thread: any
 */
ChildProcess *child_process_spawn(AioContext *ctx, const char *const *argv,
                                  const ChildOptions *options,
                                  ChildFunc *func, void *opaque,
                                  Error **errp);

/**
 * child_process_free: stops watching a process
 * @child: (nullable) consumed
 *
 * A process that still runs is killed with SIGKILL and waited for, so that no
 * zombie is left.
 *
 * Thread: the home thread of the context
 */
void child_process_free(ChildProcess *child);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ChildProcess, child_process_free)

/* child_process_get_pid: returns the process id.  Thread: any */
pid_t child_process_get_pid(const ChildProcess *child);

/**
 * child_process_kill: sends a signal
 * @child: the process
 * @signum: such as SIGTERM
 *
 * Returns: 0; -ESRCH if it has ended; another negative errno value
 * Thread: any
 */
int child_process_kill(ChildProcess *child, int signum);

/**
 * child_process_co_wait: waits until the process has ended
 * @child: a process without a function; one coroutine at a time
 * @deadline_ns: as for the functions of "aio/net/co-io.h"; -1: none
 * @status: filled in on success
 *
 * Returns: 0; -ETIMEDOUT or -ECANCELED, and the process continues to run
 * Thread: in a coroutine, in the home thread of the context
 */
int coroutine_fn child_process_co_wait(ChildProcess *child,
                                       int64_t deadline_ns,
                                       ChildStatus *status);

QOM_END_DECLS

#endif
