/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QmpConnection: transports the bytes of one QmpSession over a stream.
 *
 * Thread: main, which runs the connection's loop
 */
#ifndef QOM_QMP_QMP_CONNECTION_INTERNAL_H
#define QOM_QMP_QMP_CONNECTION_INTERNAL_H

#include "qmp/qmp-session-internal.h"
#include "util/queue.h"

#include <stdbool.h>

typedef struct AioStream AioStream;
typedef struct QmpConnection QmpConnection;

/* How a connection notifies its owner. */
typedef struct QmpConnectionOps {
    /* the client sent `quit` */
    void (*quit)(QmpConnection *conn, void *opaque);
    /* the owner must free the connection now */
    void (*ended)(QmpConnection *conn, void *opaque);
} QmpConnectionOps;

struct QmpConnection {
    QueueLink link; /* for the owner's list */
    int64_t handshake_end_ms; /* of the owner; 0: no limit */
};

/**
 * qmp_connection_new: creates a connection and sends the greeting
 * @stream: (transfer full) to the client, in the main thread; not used before
 * @options: of the session; the connection adds what it knows
 * @ops: static; no function of it is called before this function has returned
 * @opaque: passed to the functions of @ops
 *
 * Returns: (transfer full) the connection
 */
QmpConnection *qmp_connection_new(AioStream *stream,
                                  const QmpSessionOptions *options,
                                  const QmpConnectionOps *ops, void *opaque);

/**
 * qmp_connection_free: closes a connection
 * @conn: (nullable) consumed; no command of it may be running
 *
 * The function tries once to send pending output.  A client that has sent
 * `quit` gets up to one second to read its reply.
 */
void qmp_connection_free(QmpConnection *conn);

/**
 * qmp_connection_session: returns the session of a connection
 * @conn: the connection
 *
 * Returns: borrowed until qmp_connection_free()
 */
QmpSession *qmp_connection_session(const QmpConnection *conn);

#endif
