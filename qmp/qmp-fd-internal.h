/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QmpFds: the file descriptors that one client has passed.
 *
 * *Held* are those that no command has taken yet.  They came with the bytes of
 * a message, and belong to the next command that takes one.
 */
#ifndef QOM_QMP_QMP_FD_INTERNAL_H
#define QOM_QMP_QMP_FD_INTERNAL_H

#include "qapi/error.h"
#include "util/lock.h"

#include <glib.h>
#include <stdbool.h>

enum {
    QMP_FDS_MAX = 16, /* that are held, and that have names */
};

typedef struct QmpHeldFd {
    int fd;
    unsigned message; /* number of the message that it came with */
} QmpHeldFd;

typedef struct QmpFds {
    Lock lock;                   /* of the reader and the main thread */
    QmpHeldFd held[QMP_FDS_MAX]; /* oldest first; under lock */
    unsigned n_held;             /* under lock */
    unsigned n_messages;         /* under lock */
    GHashTable *named; /* (nullable) from a name to a file descriptor; used by
                          the main thread */
} QmpFds;

/**
 * qmp_fds_cleanup: closes all file descriptors
 * @fds: zero bytes, or used before; no other thread may use it
 */
void qmp_fds_cleanup(QmpFds *fds);

/**
 * qmp_fds_receive: holds the file descriptors of a message
 * @fds: zero bytes, or used before
 * @new_fds: (transfer full) [@n]; closed if there is no room
 * @n: their number, at least 1
 * @replaces: true to close those of earlier messages, because no command is
 *            left that could take them
 *
 * Thread: the reader
 */
void qmp_fds_receive(QmpFds *fds, const int *new_fds, unsigned n,
                     bool replaces);

/**
 * qmp_fdsets_forget: closes the sets that no part of the program has opened,
 * because the last client has disconnected
 *
 * Thread: main
 */
void qmp_fdsets_forget(void);

/**
 * qmp_fd_take_held: takes the first held file descriptor of the oldest message,
 * and closes the others of that message
 * @errp: set if the client of the current command has passed none
 *
 * Returns: (transfer full) the file descriptor; -1 with @errp set
 * Thread: main
 */
int qmp_fd_take_held(Error **errp);

#endif
