/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The state of a connection.
 *
 *     qmp-connection.c         life, and the side of the main loop
 *     qmp-connection-thread.c  the side of the thread, with `oob`
 */
#ifndef QOM_QMP_QMP_CONNECTION_STATE_INTERNAL_H
#define QOM_QMP_QMP_CONNECTION_STATE_INTERNAL_H

#include "aio/aio.h"
#include "qmp/qmp-connection-internal.h"

#include <glib.h>
#include <stdatomic.h>

/* What is read at a time. */
#define QMP_CHUNK_BYTES (16 * 1024)

typedef struct Connection Connection;

/* The part of a connection that one thread has, and uses alone. */
typedef struct Side {
    Connection *conn;
    AioStream *stream;
    AioBH *bh; /* runs a slice */
} Side;

struct Connection {
    QmpConnection public;
    QmpSession *session;
    const QmpConnectionOps *ops;
    void *opaque;
    pid_t process_id; /* the process that serves the client */
    bool receives_fds;  /* constant */
    bool quit_reported;
    bool has_thread;    /* `thread` is in use; changed by the main thread */
    Side main;
    Side thread;
    AioContext *thread_ctx; /* (nullable) held */
    GMutex in_lock;     /* taken if has_thread: to read and run out of band */
    atomic_bool eof;    /* the client sends no more; set under in_lock */
    atomic_bool failed; /* nothing more can be sent */
};

/* ---- qmp-connection.c ---- */

/* Sends as much as the client accepts without blocking.  Returns true if
 * nothing is left. */
bool qmp_connection_send(Side *side);

/* Reads a chunk if @readable, and runs out of band.  Called with in_lock held.
 */
void qmp_connection_read_requests(Side *side, bool readable);

/*
 * Schedules the next slice of a side: it runs when there is something to do.
 * @in: true if the side reads
 * @is_busy: true if requests can be executed, and no other part will schedule a
 *           slice for them
 */
void qmp_connection_schedule(Side *side, bool in, bool is_busy);

/* Returns true if the conversation ends once everything has been executed and
 * sent. */
bool qmp_connection_is_ending(const Connection *c);

/* ---- qmp-connection-thread.c; called in the main thread ---- */

/* Has the thread read, run out of band and send from now on. */
void qmp_connection_join_thread(Connection *c);

/* Waits until the thread has left the connection. */
void qmp_connection_leave_thread(Connection *c);

#endif
