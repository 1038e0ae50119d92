/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Helpers for sockets.
 *
 * The functions of the last group take the SocketAddress that is generated from
 * QEMU's schema.  They are only declared: a program that needs them brings
 * QEMU's source file of sockets along.
 */
#ifndef QOM_COMPAT_QEMU_SOCKETS_H
#define QOM_COMPAT_QEMU_SOCKETS_H

#include "qemu/osdep.h"

#if defined(__has_include) && __has_include("qapi/qapi-types-sockets.h")
#include "qapi/qapi-types-sockets.h"
#else
typedef struct InetSocketAddress InetSocketAddress;
typedef struct SocketAddress SocketAddress;
typedef struct SocketAddressLegacy SocketAddressLegacy;
#endif

static inline bool fd_is_socket(int fd)
{
    int type;
    socklen_t len = sizeof(type);

    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0;
}

/* ---- Creating sockets, which other programs do not inherit ---- */

static inline int qemu_socket(int domain, int type, int protocol)
{
    return socket(domain, type | SOCK_CLOEXEC, protocol);
}

static inline int qemu_socketpair(int domain, int type, int protocol,
                                  int sv[2])
{
    return socketpair(domain, type | SOCK_CLOEXEC, protocol, sv);
}

static inline int qemu_accept(int s, struct sockaddr *addr,
                              socklen_t *addrlen)
{
    return accept4(s, addr, addrlen, SOCK_CLOEXEC);
}

/* Returns: bytes sent; fewer than @count after an error, with errno set */
static inline G_GNUC_WARN_UNUSED_RESULT ssize_t
qemu_send_full(int s, const void *buf, size_t count)
{
    size_t done = 0;

    while (done < count) {
        ssize_t n = RETRY_ON_EINTR(
            send(s, (const char *)buf + done, count - done, 0));

        if (n < 0) {
            break;
        }
        done += n;
    }
    return done;
}

/* ---- Options; 0 or -1 with errno set, if there is a result ---- */

static inline int qemu_compat_set_socket_option(int fd, int level, int name,
                                                int value)
{
    return setsockopt(fd, level, name, &value, sizeof(value));
}

static inline int socket_set_cork(int fd, int v)
{
    return qemu_compat_set_socket_option(fd, IPPROTO_TCP, TCP_CORK, v);
}

static inline int socket_set_nodelay(int fd)
{
    return qemu_compat_set_socket_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

static inline int socket_set_fast_reuse(int fd)
{
    return qemu_compat_set_socket_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
}

/* Returns: 0; a negative errno value */
static inline int qemu_socket_try_set_nonblock(int fd)
{
    return g_unix_set_fd_nonblocking(fd, TRUE, NULL) ? 0 : -errno;
}

/* Aborts if @fd is not open. */
static inline void qemu_socket_set_nonblock(int fd)
{
    if (qemu_socket_try_set_nonblock(fd) < 0) {
        g_error("qemu_socket_set_nonblock: %s", g_strerror(errno));
    }
}

static inline void qemu_socket_set_block(int fd)
{
    if (!g_unix_set_fd_nonblocking(fd, FALSE, NULL)) {
        g_error("qemu_socket_set_block: %s", g_strerror(errno));
    }
}

/* The names until 6.2. */
#if QOM_COMPAT_QEMU < 700
#define qemu_set_nonblock(fd) qemu_socket_set_nonblock(fd)
#define qemu_set_block(fd) qemu_socket_set_block(fd)
#define qemu_try_set_nonblock(fd) qemu_socket_try_set_nonblock(fd)
#endif

static inline int socket_init(void)
{
    return 0;
}

/* ---- Addresses of QEMU's schema ---- */

int inet_ai_family_from_address(InetSocketAddress *addr, Error **errp);
int inet_parse(InetSocketAddress *addr, const char *str, Error **errp);
int inet_connect_saddr(InetSocketAddress *saddr, Error **errp);
int unix_listen(const char *path, Error **errp);
int unix_connect(const char *path, Error **errp);
char *socket_uri(SocketAddress *addr);
SocketAddress *socket_parse(const char *str, Error **errp);
int socket_connect(SocketAddress *addr, Error **errp);
int socket_listen(SocketAddress *addr, int num, Error **errp);
void socket_listen_cleanup(int fd, Error **errp);
int socket_dgram(SocketAddress *remote, SocketAddress *local, Error **errp);
int convert_host_port(struct sockaddr_in *saddr, const char *host,
                      const char *port, Error **errp);
int parse_host_port(struct sockaddr_in *saddr, const char *str, Error **errp);
SocketAddress *socket_sockaddr_to_address(struct sockaddr_storage *sa,
                                          socklen_t salen, Error **errp);
SocketAddress *socket_local_address(int fd, Error **errp);
SocketAddress *socket_remote_address(int fd, Error **errp);
SocketAddress *socket_address_flatten(SocketAddressLegacy *addr);
int socket_address_parse_named_fd(SocketAddress *addr, Error **errp);

#endif
