/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How the tools connect to a program that serves QMP.
 *
 * What they do with the client is in "qmp/qmp-client.h": qmp_client_execute(),
 * qmp_client_keep_events(), qmp_client_next_event(), qmp_client_is_open(),
 * qmp_client_close() and qmp_client_free().
 *
 * Thread: caller's, one at a time
 */
#ifndef QOM_TOOLS_QMP_CLIENT_H
#define QOM_TOOLS_QMP_CLIENT_H

#include "qmp/qmp-client.h"

/* Limits of what a server may send; more is an error and ends the connection.
 */
enum {
    QMP_CLIENT_MAX_BYTES = 32 * 1024 * 1024, /* in a message, or while kept
                                                events wait */
    QMP_CLIENT_MAX_EVENTS = 65536, /* from a request to its reply, and in the
                                      queue of kept events */
};

/**
 * qmp_client_connect: connects, reads the greeting and ends the negotiation
 * @path: path of a socket, or tcp:HOST:PORT
 * @timeout_ms: the time that this function, and later each request, may take
 * @stop_fd: a file descriptor that ends a wait when it is readable; -1: none
 * @errp: set if no program serves QMP there
 *
 * Returns: (transfer full); NULL with @errp set
 */
QmpClient *qmp_client_connect(const char *path, int timeout_ms, int stop_fd,
                              Error **errp);

/**
 * qmp_client_connect_fd: does the same on a socket that is connected already
 * @fd: a connected socket; consumed, also on failure
 * @name: the server's name in messages; copied
 * @timeout_ms: as for qmp_client_connect()
 * @errp: as for qmp_client_connect()
 *
 * Returns: (transfer full); NULL with @errp set
 */
QmpClient *qmp_client_connect_fd(int fd, const char *name, int timeout_ms,
                                 Error **errp);

#endif
