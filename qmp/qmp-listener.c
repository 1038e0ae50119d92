/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Stale files: a connection attempt shows whether a process listens on an
 * existing socket file: only ECONNREFUSED means that none does.  A server that
 * has created its file but does not listen yet gives the same result.
 * Therefore checking, replacing and listening happen under a lock on the path.
 *
 * Access: the file has its final mode before listen(), so no client connects
 * with other permissions.
 *
 * Pauses: when accept() fails, the listener is not watched for ACCEPT_PAUSE_MS.
 * The client waits in the backlog of the socket, and the loop does not spin.
 *
 * Child processes: after a fork the parent still uses the socket file, so only
 * the process that has created the listener removes it.
 */
#include "qmp/qmp-listener-internal.h"

#include "aio/aio.h"
#include "aio/timer.h"
#include "util/lock-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define ACCEPT_PAUSE_MS 100
#define BACKLOG 128
#define FIRST_PASSED_FD 3 /* the first one that a service manager passes */

struct QmpListener {
    AioContext *ctx;
    int fd;
    char *path; /* (nullable) of the socket file */
    dev_t dev;  /* of the socket file, as it was created */
    ino_t ino;
    pid_t process_id; /* the process that has created the listener */
    AioTimer *pause_timer;
    void (*client)(void *opaque, int fd);
    void *opaque;
};

/* ---- Opening ---- */

static struct sockaddr_un socket_address(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    return address;
}

/* Returns true if the socket file exists and no process listens on it. */
static bool is_abandoned(const char *path)
{
    struct sockaddr_un address = socket_address(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool refused;

    if (fd < 0) {
        return false;
    }
    refused = connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 &&
              errno == ECONNREFUSED;
    close(fd);
    return refused;
}

/* Removes a socket file on which no process listens. */
static bool make_room(const char *path, Error **errp)
{
    struct stat st;

    if (lstat(path, &st) < 0) {
        return true; /* bind() reports any other error */
    }
    if (!S_ISSOCK(st.st_mode)) {
        error_setg(errp, "'%s' exists and is no socket", path);
        return false;
    }
    if (!is_abandoned(path)) {
        error_setg(errp, "The socket '%s' is in use", path);
        return false;
    }
    if (unlink(path) < 0 && errno != ENOENT) {
        error_setg_errno(errp, errno, "Cannot replace the socket '%s'", path);
        return false;
    }
    return true;
}

/* Takes the lock that serializes servers which use the same path. */
static bool take_lock(LockFile *lock, const char *path, Error **errp)
{
    int ret = lock_file_take(lock, path);

    if (ret == -EAGAIN) {
        error_setg(errp, "Cannot create the socket '%s': '%s.lock' stays "
                   "locked", path, path);
    } else if (ret < 0) {
        error_setg_errno(errp, -ret, "Cannot create the socket '%s'", path);
    }
    return ret == 0;
}

/*
 * At bind() the file gets the mode of the socket, less the umask.  This
 * function sets the exact mode before any client can connect.  It uses a file
 * descriptor, because another process may have replaced the file by a link
 * since bind().
 */
static bool set_mode(const char *path, mode_t mode)
{
    int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    g_autofree char *file = g_strdup_printf("/proc/self/fd/%d", fd);
    struct stat st;
    bool ok = false;

    if (fd < 0) {
        return false;
    }
    if (fstat(fd, &st) < 0 || !S_ISSOCK(st.st_mode) ||
        st.st_uid != geteuid()) {
        /* another process has replaced the file */
        errno = EEXIST;
    } else {
        ok = (st.st_mode & 07777) == mode || chmod(file, mode) == 0;
    }
    close(fd);
    return ok;
}

/*
 * Returns true on success.  Otherwise errno is set, and the file is removed
 * unless another process has replaced it.
 */
static bool bind_and_listen(int fd, const QmpAddress *address)
{
    struct sockaddr_un name = socket_address(address->path);
    mode_t mode = address->mode;
    int saved_errno;

    if ((mode && fchmod(fd, mode) < 0) ||
        bind(fd, (struct sockaddr *)&name, sizeof(name)) < 0) {
        return false;
    }
    if ((!mode || set_mode(address->path, mode)) && listen(fd, BACKLOG) == 0) {
        return true;
    }
    saved_errno = errno;
    /* On EEXIST the file belongs to another process. */
    if (saved_errno != EEXIST) {
        unlink(address->path);
    }
    errno = saved_errno;
    return false;
}

static int listen_on_path(const QmpAddress *address, Error **errp)
{
    const char *path = address->path;
    int fd;

    if (!make_room(path, errp)) {
        return -1;
    }
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        error_setg_errno(errp, errno, "Cannot create a socket");
        return -1;
    }
    if (!bind_and_listen(fd, address)) {
        error_setg_errno(errp, errno, "Cannot create the socket '%s'", path);
        close(fd);
        return -1;
    }
    return fd;
}

static int socket_option(int fd, int option)
{
    int value = -1;
    socklen_t len = sizeof(value);

    return getsockopt(fd, SOL_SOCKET, option, &value, &len) < 0 ? -1 : value;
}

static bool parse_number(const char *text, uint64_t min, uint64_t max,
                         uint64_t *value)
{
    return text && g_ascii_string_to_unsigned(text, 10, min, max, value, NULL);
}

/*
 * Checks a file descriptor against the environment variables of the service
 * manager that passed it.
 */
static bool check_passed(int fd, Error **errp)
{
    const char *pid = g_getenv("LISTEN_PID");
    const char *fds = g_getenv("LISTEN_FDS");
    uint64_t number;

    if (!parse_number(pid, 1, INT_MAX, &number) ||
        number != (uint64_t)getpid() ||
        !parse_number(fds, 0, INT_MAX - FIRST_PASSED_FD, &number)) {
        return true; /* set for another process */
    }
    if (fd < FIRST_PASSED_FD || (uint64_t)fd >= FIRST_PASSED_FD + number) {
        error_setg(errp, "Descriptor %d is none of the %s that LISTEN_FDS "
                   "says are passed, from %d on", fd, fds, FIRST_PASSED_FD);
        return false;
    }
    return true;
}

static int listen_on_fd(int fd, Error **errp)
{
    if (!check_passed(fd, errp)) {
        return -1;
    }
    if (fcntl(fd, F_GETFD) < 0) {
        error_setg(errp, "Descriptor %d is not open", fd);
        return -1;
    }
    if (socket_option(fd, SO_DOMAIN) != AF_UNIX ||
        socket_option(fd, SO_TYPE) != SOCK_STREAM ||
        socket_option(fd, SO_ACCEPTCONN) != 1) {
        error_setg(errp, "Descriptor %d is no listening unix socket", fd);
        return -1;
    }
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
}

static int open_socket(const QmpAddress *address, Error **errp)
{
    LockFile lock;
    int fd;

    if (address->is_fd) {
        return listen_on_fd(address->fd, errp);
    }
    if (!take_lock(&lock, address->path, errp)) {
        return -1;
    }
    fd = listen_on_path(address, errp);
    lock_file_release(&lock);
    return fd;
}

/* ---- Accepting ---- */

static void on_client(void *opaque);

static void watch(void *opaque)
{
    QmpListener *listener = opaque;

    aio_set_fd_handler(listener->ctx, listener->fd, on_client, NULL, NULL,
                       NULL, listener);
}

static void unwatch(QmpListener *listener)
{
    aio_set_fd_handler(listener->ctx, listener->fd, NULL, NULL, NULL, NULL,
                       NULL);
}

/*
 * Returns true if accept() may succeed when it is called again at once.  Any
 * other error may last: no file descriptor or memory is left, or a seccomp
 * filter or a security module forbids the call.  The client then stays in the
 * backlog, so the socket stays ready while the error lasts.
 */
static bool is_passing(int os_errno)
{
    return os_errno == EAGAIN || os_errno == EINTR ||
           os_errno == ECONNABORTED;
}

static void on_client(void *opaque)
{
    QmpListener *listener = opaque;
    int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd >= 0) {
        listener->client(listener->opaque, fd);
    } else if (!is_passing(errno)) {
        unwatch(listener);
        timer_mod(listener->pause_timer,
                  clock_get_ms(AIO_CLOCK_REALTIME) + ACCEPT_PAUSE_MS);
    }
}

/* ---- Life ---- */

QmpListener *qmp_listener_new(AioContext *ctx, const QmpAddress *address,
                              void (*client)(void *opaque, int fd),
                              void *opaque, Error **errp)
{
    QmpListener *listener;
    struct stat st;
    int fd = open_socket(address, errp);

    if (fd < 0) {
        return NULL;
    }
    listener = g_new0(QmpListener, 1);
    listener->ctx = ctx;
    listener->fd = fd;
    listener->path = g_strdup(address->path);
    if (listener->path && lstat(listener->path, &st) == 0) {
        listener->dev = st.st_dev;
        listener->ino = st.st_ino;
    }
    listener->process_id = getpid();
    listener->pause_timer = aio_timer_new(ctx, AIO_CLOCK_REALTIME, SCALE_MS,
                                          watch, listener);
    listener->client = client;
    listener->opaque = opaque;
    watch(listener);
    return listener;
}

/* Removes the socket file unless another server has replaced it. */
static void remove_socket_file(const QmpListener *listener)
{
    struct stat st;

    if (listener->path && listener->process_id == getpid() &&
        lstat(listener->path, &st) == 0 && S_ISSOCK(st.st_mode) &&
        st.st_dev == listener->dev && st.st_ino == listener->ino) {
        unlink(listener->path);
    }
}

void qmp_listener_free(QmpListener *listener)
{
    if (!listener) {
        return;
    }
    unwatch(listener);
    timer_free(listener->pause_timer);
    remove_socket_file(listener);
    close(listener->fd);
    g_free(listener->path);
    g_free(listener);
}
