/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Listeners.
 *
 * A listener has one socket, or with TCP one for each address of the host.
 *
 * Pauses: when accept() fails for a reason that may last, the sockets are not
 * watched for ACCEPT_PAUSE_MS.  The client waits in the backlog, and the loop
 * does not spin.
 *
 * Child processes: after a fork the parent still uses the socket file, so only
 * the process that has created the listener removes it.
 */
#include "aio/net/listener.h"

#include "aio/net/address-internal.h"
#include "aio/timer.h"
#include "qapi/error.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <unistd.h>

#define ACCEPT_PAUSE_MS 100
#define BACKLOG 1024 /* the kernel has a limit of its own */
#define MAX_SOCKETS 8

/* Clients that are accepted before the loop calls other handlers. */
#define ACCEPTS_PER_CALL 16

typedef struct ListenerSocket {
    AioListener *listener;
    int fd;
} ListenerSocket;

struct AioListener {
    AioContext *ctx;
    ListenerSocket sockets[MAX_SOCKETS];
    unsigned n_sockets;
    int inherited_fd; /* of which the socket is a duplicate; or -1 */
    bool is_tcp;
    bool is_paused;  /* by aio_listener_set_paused() */
    bool is_watched;
    char *path; /* (nullable) of the socket file */
    dev_t dev;  /* of the socket file, as it was created */
    ino_t ino;
    pid_t process_id; /* the process that has created the listener */
    AioTimer *pause_timer;
    AioListenerFunc *client;
    void *opaque;
};

/* ---- Accepting ---- */

static void on_client(void *opaque);

/* Registers or removes the handlers of all sockets. */
static void listener_watch(AioListener *listener, bool watch)
{
    if (watch == listener->is_watched) {
        return;
    }
    listener->is_watched = watch;
    for (unsigned i = 0; i < listener->n_sockets; i++) {
        aio_set_fd_handler(listener->ctx, listener->sockets[i].fd,
                           watch ? on_client : NULL, NULL, NULL, NULL,
                           &listener->sockets[i]);
    }
}

static void listener_watch_again(void *opaque)
{
    AioListener *listener = opaque;

    listener_watch(listener, !listener->is_paused);
}

/*
 * Returns true if accept() may succeed when it is called again at once.  Any
 * other error may last: no file descriptor or memory is left, or a seccomp
 * filter or a security module forbids the call.  The client then stays in the
 * backlog, so the socket stays ready while the error lasts.
 */
static bool is_passing(int os_errno)
{
    return os_errno == EINTR || os_errno == ECONNABORTED;
}

/* EAGAIN means that no further client waits, so the handler stays. */
static void accept_failed(AioListener *listener, int os_errno)
{
    if (os_errno != EAGAIN) {
        listener_watch(listener, false);
        timer_mod(listener->pause_timer,
                  clock_get_ms(AIO_CLOCK_REALTIME) + ACCEPT_PAUSE_MS);
    }
}

static void on_client(void *opaque)
{
    ListenerSocket *socket = opaque;
    AioListener *listener = socket->listener;
    int on = 1;

    for (int i = 0; i < ACCEPTS_PER_CALL && listener->is_watched; i++) {
        int fd = accept4(socket->fd, NULL, NULL,
                         SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (fd >= 0) {
            if (listener->is_tcp) {
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
                setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
            }
            listener->client(fd, listener->opaque);
        } else if (!is_passing(errno)) {
            accept_failed(listener, errno);
            return;
        }
    }
}

void aio_listener_set_paused(AioListener *listener, bool paused)
{
    listener->is_paused = paused;
    if (paused || !timer_pending(listener->pause_timer)) {
        listener_watch(listener, !paused);
    }
}

/* ---- Opening ---- */

/* From here on the socket belongs to the listener. */
static void listener_add(AioListener *listener, int fd)
{
    listener_fd_claim(fd);
    listener->sockets[listener->n_sockets++] = (ListenerSocket) {
        .listener = listener, .fd = fd,
    };
}

/*
 * Accepts what the service manager or a parent process has opened.  That stays
 * open: another listener can use it when this one is freed.
 */
static bool open_fd(AioListener *listener, const AioAddress *address,
                    Error **errp)
{
    int family;
    int fd = listener_fd_open(address, &family, errp);

    if (fd < 0) {
        return false;
    }
    listener->inherited_fd = address->fd_is_received ? -1 : address->fd;
    listener->is_tcp = family == AF_INET || family == AF_INET6;
    listener_add(listener, fd);
    return true;
}

/* Remembers which file it is, to remove only that. */
static bool open_unix(AioListener *listener, const AioAddress *address,
                      Error **errp)
{
    int fd = unix_socket_listen(address->path, address->mode, BACKLOG, errp);
    struct stat st;

    if (fd < 0) {
        return false;
    }
    listener->path = g_strdup(address->path);
    if (lstat(listener->path, &st) == 0) {
        listener->dev = st.st_dev;
        listener->ino = st.st_ino;
    }
    listener_add(listener, fd);
    return true;
}

/* Returns: a socket that listens; or a negative errno value */
static int listen_on(const struct sockaddr *address, socklen_t size_bytes)
{
    int fd = socket(address->sa_family,
                    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;
    int ret;

    if (fd < 0) {
        return -errno;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (address->sa_family == AF_INET6) {
        /* The IPv4 addresses of the host have sockets of their own. */
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    }
    if (bind(fd, address, size_bytes) < 0 || listen(fd, BACKLOG) < 0) {
        ret = -errno;
        close(fd);
        return ret;
    }
    return fd;
}

static bool open_vsock(AioListener *listener, const AioAddress *address,
                       Error **errp)
{
    SocketAddress to = socket_address_vsock(address->vsock_cid,
                                            address->vsock_port);
    int fd = listen_on((struct sockaddr *)&to.storage, to.size_bytes);

    if (fd < 0) {
        error_setg_errno(errp, -fd, "Cannot listen on 'vsock:%u:%u'",
                         address->vsock_cid, address->vsock_port);
        return false;
    }
    listener_add(listener, fd);
    return true;
}

/* Returns: the port of a TCP socket; 0 for other sockets */
static unsigned get_port(int fd)
{
    struct sockaddr_storage name; /* large enough for any kind */
    socklen_t size = sizeof(name);

    if (getsockname(fd, (struct sockaddr *)&name, &size) < 0) {
        return 0;
    }
    switch (name.ss_family) {
    case AF_INET:
        return ntohs(((struct sockaddr_in *)&name)->sin_port);
    case AF_INET6:
        return ntohs(((struct sockaddr_in6 *)&name)->sin6_port);
    default:
        return 0;
    }
}

/* If the kernel chooses a port, all sockets have the same. */
static void set_port(struct sockaddr *address, unsigned port)
{
    if (address->sa_family == AF_INET) {
        ((struct sockaddr_in *)address)->sin_port = htons(port);
    } else if (address->sa_family == AF_INET6) {
        ((struct sockaddr_in6 *)address)->sin6_port = htons(port);
    }
}

/* Returns true if the host has no such address, although the name has. */
static bool is_missing(int os_errno)
{
    return os_errno == EADDRNOTAVAIL || os_errno == EAFNOSUPPORT;
}

/* Fails only if no address can be used, or if one is in use by another server:
 * clients would then reach either. */
static bool open_tcp(AioListener *listener, const AioAddress *address,
                     Error **errp)
{
    struct addrinfo *list = resolve(address, true, errp);
    int error = 0;

    if (!list) {
        return false;
    }
    for (struct addrinfo *ai = list; ai; ai = ai->ai_next) {
        int fd;

        if (listener->n_sockets == MAX_SOCKETS) {
            break;
        }
        if (listener->n_sockets > 0) {
            set_port(ai->ai_addr, get_port(listener->sockets[0].fd));
        }
        fd = listen_on(ai->ai_addr, ai->ai_addrlen);
        if (fd >= 0) {
            listener_add(listener, fd);
        } else if (error == 0 || is_missing(error)) {
            error = -fd;
        }
    }
    freeaddrinfo(list);
    listener->is_tcp = true;
    if (listener->n_sockets == 0 || (error && !is_missing(error))) {
        error_setg_errno(errp, error, "Cannot listen on 'tcp:%s:%s'",
                         address->host, address->port);
        return false;
    }
    return true;
}

static bool listener_open(AioListener *listener, const AioAddress *address,
                          Error **errp)
{
    switch (address->kind) {
    case AIO_ADDRESS_UNIX:
        return open_unix(listener, address, errp);
    case AIO_ADDRESS_TCP:
        return open_tcp(listener, address, errp);
    case AIO_ADDRESS_VSOCK:
        return open_vsock(listener, address, errp);
    case AIO_ADDRESS_FD:
        return open_fd(listener, address, errp);
    }
    g_assert_not_reached();
}

/* ---- Life ---- */

AioListener *aio_listener_new(AioContext *ctx, const AioAddress *address,
                              AioListenerFunc *client, void *opaque,
                              Error **errp)
{
    AioListener *listener = g_new0(AioListener, 1);

    listener->ctx = ctx;
    listener->process_id = getpid();
    listener->client = client;
    listener->opaque = opaque;
    listener->inherited_fd = -1;
    if (!listener_open(listener, address, errp)) {
        aio_listener_free(listener);
        return NULL;
    }
    /* The timer is armed only after an error of accept(). */
    listener->pause_timer = aio_timer_new(ctx, AIO_CLOCK_REALTIME, SCALE_MS,
                                          listener_watch_again, listener);
    listener_watch(listener, true);
    return listener;
}

/* Removes the socket file unless another server has replaced it. */
static void remove_socket_file(const AioListener *listener)
{
    struct stat st;

    if (listener->path && listener->process_id == getpid() &&
        lstat(listener->path, &st) == 0 && S_ISSOCK(st.st_mode) &&
        st.st_dev == listener->dev && st.st_ino == listener->ino) {
        unlink(listener->path);
    }
}

void aio_listener_free(AioListener *listener)
{
    if (!listener) {
        return;
    }
    listener_watch(listener, false);
    timer_free(listener->pause_timer);
    remove_socket_file(listener);
    for (unsigned i = 0; i < listener->n_sockets; i++) {
        listener_fd_release(listener->sockets[i].fd);
        close(listener->sockets[i].fd);
    }
    if (listener->inherited_fd >= 0) {
        listener_fd_release(listener->inherited_fd);
    }
    g_free(listener->path);
    g_free(listener);
}

unsigned aio_listener_get_port(const AioListener *listener)
{
    return listener->is_tcp ? get_port(listener->sockets[0].fd) : 0;
}
