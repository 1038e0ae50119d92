/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A SIGPIPE can be pending before only if the program blocks the signal itself.
 * Then it stays pending, whether or not another one has come.
 */
#include "util/sigpipe.h"

#include <errno.h>
#include <pthread.h>

static sigset_t sigpipe_set(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    return set;
}

void sigpipe_block(SigPipe *sigpipe)
{
    sigset_t set = sigpipe_set();
    sigset_t pending;

    pthread_sigmask(SIG_BLOCK, &set, &sigpipe->old);
    sigpipe->was_pending = sigismember(&sigpipe->old, SIGPIPE) == 1 &&
                           sigpending(&pending) == 0 &&
                           sigismember(&pending, SIGPIPE) == 1;
}

void sigpipe_unblock(const SigPipe *sigpipe, bool is_broken)
{
    const struct timespec now = { 0 };
    sigset_t set = sigpipe_set();
    int saved_errno = errno;

    if (is_broken && !sigpipe->was_pending) {
        sigtimedwait(&set, NULL, &now);
    }
    pthread_sigmask(SIG_SETMASK, &sigpipe->old, NULL);
    errno = saved_errno;
}
