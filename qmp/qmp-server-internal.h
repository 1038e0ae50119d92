/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The object of a QMP server, and what the files of qmp-server.c share.
 *
 * Thread: main
 */
#ifndef QOM_QMP_QMP_SERVER_INTERNAL_H
#define QOM_QMP_QMP_SERVER_INTERNAL_H

#include "aio/aio.h"
#include "aio/net/listener.h"
#include "aio/net/stream.h"
#include "aio/timer.h"
#include "qmp/qapi-types-qmp-server.h"
#include "qmp/qmp-address-internal.h"
#include "qmp/qmp-connection-internal.h"
#include "qmp/qmp-forward-internal.h"
#include "qmp/qmp-server.h"
#include "qom/object.h"

#include <sys/types.h>

typedef struct QmpConnector QmpConnector;

DECLARE_INSTANCE_CHECKER(QmpServer, QMP_SERVER, TYPE_QMP_SERVER)

struct QmpServer {
    Object parent_obj;

    /* Properties; qmp-server.json describes them. */
    char *addr;
    bool server;
    bool wait;
    uint32_t reconnect_ms;
    char *mode;
    uint32List *allow_uid;
    bool allow_remote;
    bool receive_fds;
    bool pretty;
    MonitorQMPCloseAction close_action;
    uint32_t max_clients;
    uint32_t max_request_size;
    uint32_t max_output;
    uint32_t max_events;
    uint32_t max_watches;
    uint32_t max_queue;
    uint32_t time_slice;
    uint32_t handshake_timeout;
    uint32_t quit_timeout;
    uint32_t port;
    uint32_t connections;
    QmpServerStats *stats;

    AioContext *ctx; /* (nullable) NULL until the server is started */
    pid_t process_id; /* the process that serves */
    QmpForward *forward; /* (nullable) executes the commands; borrowed */
    QmpAddress address;
    AioListener *listener;   /* (nullable) with server=on, on a socket */
    QmpConnector *connector; /* (nullable) with server=off */
    QueueLink clients;       /* QmpConnection, oldest first */
    AioBH *shutdown_bh;
    AioBH *delete_bh;           /* for close-action */
    AioTimer *handshake_timer;  /* (nullable) NULL until it is needed */
    bool is_started;
    bool is_awaited; /* wait=on, and no client has connected yet */
    bool owns_stdio;
    int stdio_flags[2]; /* original flags of file descriptors 0 and 1 */
};

/* ---- qmp-option.c ---- */

/**
 * qmp_server_set_text: sets the address and other properties of a server from
 * the text of the option -qmp
 * @server: not started
 * @text: as qmp_server_new() documents it
 * @errp: set if the text is malformed
 *
 * Returns: true; false with @errp set
 */
bool qmp_server_set_text(QmpServer *server, const char *text, Error **errp);

/**
 * qmp_server_check_options: checks that all properties go together with the
 * address
 * @server: with `address`
 * @errp: set if one does not
 *
 * Returns: true; false with @errp set
 */
bool qmp_server_check_options(const QmpServer *server, Error **errp);

/* ---- qmp-connector.c ---- */

/**
 * qmp_connector_new: connects a server with server=off to its address
 * @server: the server; borrowed until qmp_connector_free()
 * @errp: set if the connection fails and is not to be tried again
 *
 * The first attempt ends in the call, which runs the loop until then.  Each
 * connection is passed to qmp_server_add_client().
 *
 * Returns: (transfer full) the connector; NULL with @errp set
 */
QmpConnector *qmp_connector_new(QmpServer *server, Error **errp);

/**
 * qmp_connector_retry: connects again after `reconnect-ms`, if that is not 0
 * @connector: (nullable) the connector, which has no connection
 */
void qmp_connector_retry(QmpConnector *connector);

/**
 * qmp_connector_free: cancels what the connector is doing, and frees it
 * @connector: (nullable) consumed
 */
void qmp_connector_free(QmpConnector *connector);

/* ---- qmp-server-stdio.c ---- */

/**
 * qmp_server_claim_stdio: remembers the flags of file descriptors 0 and 1 for a
 * server on stdio, before a stream changes them
 * @server: the server
 * @errp: set if another server uses stdio, or on an error of the system
 *
 * Returns: true; false with @errp set
 */
bool qmp_server_claim_stdio(QmpServer *server, Error **errp);

/**
 * qmp_server_release_stdio: restores the flags of file descriptors 0 and 1, if
 * the server has claimed them
 * @server: the server
 */
void qmp_server_release_stdio(QmpServer *server);

/* ---- qmp-server.c ---- */

/**
 * qmp_server_new_forwarding: does what qmp_server_new() does, for a server that
 * forwards commands
 * @ctx: as for qmp_server_new()
 * @address: as for qmp_server_new()
 * @forward: (nullable) executes the commands; borrowed until the server is
 *           freed, and until all requests that it executes have ended
 * @errp: as for qmp_server_new()
 *
 * Returns: (transfer full) the server; NULL with @errp set
 */
QmpServer *qmp_server_new_forwarding(AioContext *ctx, const char *address,
                                     QmpForward *forward, Error **errp);

/**
 * qmp_server_is_inherited: returns true in a child of the process that serves
 * @server: the server
 */
bool qmp_server_is_inherited(const QmpServer *server);

/* ---- qmp-server-client.c ---- */

/**
 * qmp_server_add_client: serves a client
 * @server: the server
 * @stream: (transfer full) to the client
 */
void qmp_server_add_client(QmpServer *server, AioStream *stream);

/**
 * qmp_server_count: counts an event in a statistic
 * @server: the server
 * @counter: a member of `stats` of the server
 */
void qmp_server_count(QmpServer *server, uint64_t *counter);

/* Called by the listener of @opaque, a QmpServer, with a client's socket. */
void qmp_server_accept(int fd, void *opaque);

/* Disconnects all clients. */
void qmp_server_remove_clients(QmpServer *server);

/* A bottom half of @opaque, a QmpServer: its last client has disconnected. */
void qmp_server_on_unused(void *opaque);

/* The program waits for the first client of the server, or no longer. */
void qmp_server_set_awaited(QmpServer *server, bool is_awaited);

#endif
