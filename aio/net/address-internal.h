/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What address.c, resolve.c, unix-socket.c, listener.c and listener-fd.c share.
 */
#ifndef QOM_AIO_NET_ADDRESS_INTERNAL_H
#define QOM_AIO_NET_ADDRESS_INTERNAL_H

#include "aio/net/address.h"

#include <netdb.h>
#include <sys/socket.h>

/* The socket address of a kind that needs no lookup: unix and vsock. */
typedef struct SocketAddress {
    struct sockaddr_storage storage;
    socklen_t size_bytes;
} SocketAddress;

SocketAddress socket_address_unix(const char *path);
SocketAddress socket_address_vsock(unsigned cid, unsigned port);

/*
 * Looks up a host and a port, for a listener or for a client.  Numbers are
 * converted at once; a name is looked up in a thread of the current context's
 * pool.  A coroutine waits for it.  Outside of coroutines the function runs the
 * loop.
 *
 * Returns: (transfer full) (nullable) to be freed with freeaddrinfo(); NULL
 *          with @errp set
 */
struct addrinfo *resolve(const AioAddress *address, bool is_listener,
                         Error **errp);

/*
 * Creates a unix socket that listens, by the rules of unix-socket.c.
 *
 * Returns: (transfer full) a file descriptor; -1 with @errp set
 */
int unix_socket_listen(const char *path, mode_t mode, int backlog,
                       Error **errp);

/*
 * Notes that a listener uses a file descriptor, until listener_fd_release().
 * Any thread.
 *
 * Returns: false if one uses it already
 */
bool listener_fd_claim(int fd);
void listener_fd_release(int fd);

/*
 * Duplicates a listening socket that the process has inherited or received, and
 * claims the inherited one.
 * @family: (out) that of the socket
 *
 * Returns: (transfer full) the duplicate; -1 with @errp set
 */
int listener_fd_open(const AioAddress *address, int *family, Error **errp);

#endif
