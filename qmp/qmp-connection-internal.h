/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QmpConnection: carries the bytes of one QmpSession over file descriptors.
 *
 * Thread: the loop's, which is main
 */
#ifndef QOM_QMP_QMP_CONNECTION_INTERNAL_H
#define QOM_QMP_QMP_CONNECTION_INTERNAL_H

#include "util/queue.h"

#include <stdbool.h>

typedef struct AioContext AioContext;
typedef struct QmpConnection QmpConnection;

/* How a connection tells its owner what happens. */
typedef struct QmpConnectionOps {
    void (*quit)(QmpConnection *conn, void *opaque);  /* the client said so */
    void (*ended)(QmpConnection *conn, void *opaque); /* free it now */
} QmpConnectionOps;

struct QmpConnection {
    QueueLink link; /* the owner's */
};

/**
 * qmp_connection_new: begin a conversation
 * @ctx: the loop; borrowed
 * @in_fd: where to read, non-blocking
 * @out_fd: where to write, non-blocking; may be @in_fd
 * @close_fds: close them in the end
 * @pretty: replies over several lines
 * @ops: static
 * @opaque: for @ops
 *
 * The greeting is sent at once, but no function of @ops called.
 *
 * Returns: (transfer full)
 */
QmpConnection *qmp_connection_new(AioContext *ctx, int in_fd, int out_fd,
                                  bool close_fds, bool pretty,
                                  const QmpConnectionOps *ops, void *opaque);

/**
 * qmp_connection_free: end a conversation
 * @conn: (nullable) consumed; no command of it is running
 *
 * Attempts once to send what is owed; the client that said quit gets a
 * second to take it.
 */
void qmp_connection_free(QmpConnection *conn);

#endif
