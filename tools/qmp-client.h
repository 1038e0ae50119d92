/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A client of QMP on a unix socket: one request at a time, and its reply.
 *
 * Events that arrive before the reply are dropped, or kept after
 * qmp_client_keep_events().  An error of the connection closes it; an error
 * that the peer returns does not.
 *
 * Thread: caller's, one at a time
 */
#ifndef QOM_TOOLS_QMP_CLIENT_H
#define QOM_TOOLS_QMP_CLIENT_H

#include "qapi/error.h"

#include <json-glib/json-glib.h>
#include <stdbool.h>

typedef struct QmpClient QmpClient;

/* Limits of what a peer may send; more is an error and ends the connection. */
enum {
    QMP_CLIENT_MAX_BYTES = 32 * 1024 * 1024, /* from a request to its reply,
                                                or between two events */
    QMP_CLIENT_MAX_EVENTS = 65536, /* from a request to its reply, and in the
                                      queue of kept events */
};

/**
 * qmp_client_connect: connects, reads the greeting and ends the negotiation
 * @path: path of a socket
 * @timeout_ms: the time that this function, and later each request, may take
 * @errp: set if no program serves QMP there
 *
 * Returns: (transfer full); NULL with @errp set
 */
QmpClient *qmp_client_connect(const char *path, int timeout_ms, Error **errp);

/**
 * qmp_client_new: does the same on a socket that is connected already
 * @fd: a connected socket; consumed, also on failure
 * @name: the peer's name in messages; copied
 * @timeout_ms: as for qmp_client_connect()
 * @errp: as for qmp_client_connect()
 *
 * Returns: (transfer full); NULL with @errp set
 */
QmpClient *qmp_client_new(int fd, const char *name, int timeout_ms,
                          Error **errp);

/* qmp_client_get_name: returns (borrowed) the peer's name in messages. */
const char *qmp_client_get_name(const QmpClient *client);

/**
 * qmp_client_execute: executes a command and waits for its reply
 * @client: the client
 * @command: the command's name
 * @arguments: (nullable) an object; borrowed
 * @errp: set if the peer returns an error, with its class and text, or if the
 *        connection fails
 *
 * Returns: (transfer full) the command's result; NULL with @errp set
 */
JsonNode *qmp_client_execute(QmpClient *client, const char *command,
                             JsonNode *arguments, Error **errp);

/**
 * qmp_client_keep_events: keeps events for qmp_client_next_event()
 * @client: the client
 *
 * Called right after qmp_client_connect(), it misses no event.
 */
void qmp_client_keep_events(QmpClient *client);

/**
 * qmp_client_next_event: waits for an event, without a time limit
 * @client: the client, which keeps events
 * @stop_fd: a file descriptor; the wait ends when it is readable
 * @errp: set if the peer sends anything that is not QMP
 *
 * Returns: (transfer full) the event as it was sent; NULL with @errp unset if
 *          @stop_fd is readable or the peer has closed the connection; NULL
 *                   with
 *          @errp set
 */
JsonNode *qmp_client_next_event(QmpClient *client, int stop_fd, Error **errp);

/**
 * qmp_client_is_open: returns true if further commands can be executed
 * @client: the client
 *
 * After an error it returns true if the peer returned the error, and false if
 * the connection failed.
 */
bool qmp_client_is_open(const QmpClient *client);

/* qmp_client_close: closes the connection; received events stay available. */
void qmp_client_close(QmpClient *client);

/**
 * qmp_client_free: closes the connection and frees the client
 * @client: (nullable) consumed
 */
void qmp_client_free(QmpClient *client);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(QmpClient, qmp_client_free)

#endif
