/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * File descriptors that QMP clients have passed over their unix sockets.
 *
 * A client gives one a name with the command `getfd`; the name is known in its
 * own connection alone, until it is used or closed.  With `add-fd` a client
 * adds one to a set, which all clients share: "/dev/fdset/N" is then the name
 * of a file.  So a program can use files and sockets that it could not open
 * itself.
 *
 * Thread: main
 * Contract: docs/qmp.md, "File descriptors"
 */
#ifndef QOM_QMP_QMP_FD_H
#define QOM_QMP_QMP_FD_H

#include "qapi/error.h"
#include "util/macros.h"

#include <stdbool.h>

QOM_BEGIN_DECLS

/**
 * qmp_fd_take: takes a file descriptor that the client of the current command
 * has named with `getfd`
 * @name: the name, which is free afterwards
 * @errp: set if no client's command is being executed, or if its client has
 *        given no file descriptor this name
 *
 * Returns: (transfer full) the file descriptor, which is close-on-exec; -1 with
 *          @errp set
 * Thread: main
 */
int qmp_fd_take(const char *name, Error **errp);

/**
 * qmp_fdset_is_path: returns true for a path of the form "/dev/fdset/N"
 * @path: the path
 *
 * Thread: any
 */
bool qmp_fdset_is_path(const char *path);

/**
 * qmp_fdset_open: opens a file whose file descriptor is in a set
 * @path: a path for which qmp_fdset_is_path() returns true
 * @flags: as for open(2).  The function looks for a file descriptor that was
 *         opened for this kind of access; one for reading and writing serves
 *         for reading, too
 *
 * The result is a duplicate.  It has the position and the locks of the file in
 * common with the file descriptor of the client.  O_APPEND, O_DIRECT and
 * O_NONBLOCK are set as in @flags for all of them.
 *
 * Returns: (transfer full) a file descriptor, which is close-on-exec; or a
 *          negative errno value: -ENOENT if there is no such set, -EACCES if it
 *          has no suitable file descriptor
 * Thread: main
 */
int qmp_fdset_open(const char *path, int flags);

QOM_END_DECLS

#endif
