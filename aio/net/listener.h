/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * AioListener: a listening socket that passes on each client that connects.
 *
 * - A unix socket's file gets its mode before a client can connect.  A file on
 *   which no process listens is replaced; the file is removed with the
 *   listener.
 * - TCP listens on every address of the host.  A name is looked up in a thread
 *   of the thread pool.
 * - An inherited file descriptor must be a listening stream socket.  If the
 *   environment variables of a service manager are meant for this process, it
 *   must be one of those that LISTEN_FDS counts.  One listener at a time uses
 *   it.
 *
 * If no client can be accepted, because the process has no file descriptors
 * left for example, the listener tries again every 100 ms.  The clients wait in
 * the backlog of the socket.
 *
 * Thread: the home thread of the listener's context
 * Contract: docs/net.md, "Listening"
 */
#ifndef QOM_AIO_NET_LISTENER_H
#define QOM_AIO_NET_LISTENER_H

#include "aio/net/address.h"

QOM_BEGIN_DECLS

typedef struct AioListener AioListener;

/**
 * AioListenerFunc: called for each client
 * @fd: (transfer full) a connected socket, non-blocking and close-on-exec; TCP
 *      with TCP_NODELAY, and with SO_KEEPALIVE so that the end of a host that
 *      has vanished is noticed
 * @opaque: as passed to aio_listener_new()
 *
 * The function may pause the listener; it must not free it.
 */
typedef void AioListenerFunc(int fd, void *opaque);

/**
 * aio_listener_new: starts to listen on an address
 * @ctx: the context; borrowed until aio_listener_free()
 * @address: borrowed during the call.  The listener duplicates a file
 *           descriptor that it names, so that the number can be used again
 *           after aio_listener_free(), and not before
 * @client: called in the home thread for each client
 * @opaque: passed to @client
 * @errp: (nullable) set if the socket cannot be used
 *
 * While a name is looked up, a coroutine waits; outside of coroutines the call
 * runs the loop.
 *
 * Returns: (transfer full) (nullable) to be freed with aio_listener_free();
 *          NULL with @errp set
 */
AioListener *aio_listener_new(AioContext *ctx, const AioAddress *address,
                              AioListenerFunc *client, void *opaque,
                              Error **errp);

/**
 * aio_listener_free: stops listening and closes the sockets
 * @listener: (nullable) (transfer full) the listener
 *
 * Removes the socket file, unless another server has replaced it or this is a
 * child of the process that created the listener.
 *
 * Thread: the home thread of the context; in a child process, any
 */
void aio_listener_free(AioListener *listener);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(AioListener, aio_listener_free)

/**
 * aio_listener_set_paused: stops or continues to accept clients
 * @listener: the listener
 * @paused: true while clients are to wait in the backlog
 */
void aio_listener_set_paused(AioListener *listener, bool paused);

/**
 * aio_listener_get_port: returns the port of a TCP listener
 * @listener: the listener
 *
 * Returns: the port, which the kernel has chosen if 0 was asked for; 0 for
 *          other kinds of addresses
 * Thread: any
 */
unsigned aio_listener_get_port(const AioListener *listener);

QOM_END_DECLS

#endif
