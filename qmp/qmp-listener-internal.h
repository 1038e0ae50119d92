/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QmpListener: a listening socket, which passes on each client that connects.
 *
 * Thread: main, which runs the listener's loop
 */
#ifndef QOM_QMP_QMP_LISTENER_INTERNAL_H
#define QOM_QMP_QMP_LISTENER_INTERNAL_H

#include "qapi/error.h"
#include "qmp/qmp-address-internal.h"

typedef struct AioContext AioContext;
typedef struct QmpListener QmpListener;

/**
 * qmp_listener_new: Starts to listen on an address.
 * @ctx: the loop of the listener; borrowed
 * @address: the address of a socket; borrowed during the call.  A socket file
 *           on which no process listens is replaced.  A file descriptor that
 *           the address names is owned by the listener
 * @client: called from the loop for each client, with a non-blocking file
 *          descriptor that the callee owns; it must not free the listener
 * @opaque: passed to @client
 * @errp: set if the socket cannot be used
 *
 * Returns: (transfer full) the listener; NULL with @errp set
 */
QmpListener *qmp_listener_new(AioContext *ctx, const QmpAddress *address,
                              void (*client)(void *opaque, int fd),
                              void *opaque, Error **errp);

/**
 * qmp_listener_free: Stops listening and closes the socket.
 * @listener: (nullable) consumed
 *
 * The socket file is removed, unless another server has replaced it or this is
 * a child of the process that created the listener.
 */
void qmp_listener_free(QmpListener *listener);

#endif
