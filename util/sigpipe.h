/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writing to what may be a pipe, without the signal SIGPIPE.
 *
 * A library must not end the program because a reader has gone, and must not
 * change how the program handles signals.  send() has a flag for that;
 * writev() and sendfile() have none.  The kernel sends the signal to the thread
 * that writes, so that thread blocks it during the call:
 *
 *     sigpipe_block(&sigpipe);
 *     n = writev(fd, iov, n_iov);
 *     sigpipe_unblock(&sigpipe, n < 0 && errno == EPIPE);
 *
 * Thread: any; both functions of a pair in the same thread
 */
#ifndef QOM_UTIL_SIGPIPE_H
#define QOM_UTIL_SIGPIPE_H

#include "util/macros.h"

#include <signal.h>
#include <stdbool.h>

QOM_BEGIN_DECLS

typedef struct SigPipe {
    sigset_t old;     /* the signals that the thread blocked before */
    bool was_pending; /* the program blocks SIGPIPE, and has one pending */
} SigPipe;

/**
 * sigpipe_block: blocks SIGPIPE in the calling thread
 * @sigpipe: filled in
 */
void sigpipe_block(SigPipe *sigpipe);

/**
 * sigpipe_unblock: ends sigpipe_block()
 * @sigpipe: as it was filled in
 * @is_broken: true if a call in between has failed with EPIPE; its SIGPIPE is
 *             discarded
 *
 * Keeps errno.
 */
void sigpipe_unblock(const SigPipe *sigpipe, bool is_broken);

QOM_END_DECLS

#endif
