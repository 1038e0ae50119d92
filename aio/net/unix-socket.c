/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Unix sockets that listen, and their files.
 *
 * Stale files: a connection attempt shows whether a process listens on an
 * existing socket file: only ECONNREFUSED means that none does.  A server that
 * has created its file but does not listen yet gives the same result.
 * Therefore checking, replacing and listening happen under a lock on the path.
 *
 * Access: the file has its final mode before listen(), so no client connects
 * with other permissions.
 */
#include "aio/net/address-internal.h"
#include "qapi/error.h"
#include "util/lock-file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Returns true if the socket file exists and no process listens on it. */
static bool is_abandoned(const char *path)
{
    SocketAddress address = socket_address_unix(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool refused;

    if (fd < 0) {
        return false;
    }
    refused = connect(fd, (struct sockaddr *)&address.storage,
                      address.size_bytes) < 0 && errno == ECONNREFUSED;
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
static bool bind_and_listen(int fd, const char *path, mode_t mode,
                            int backlog)
{
    SocketAddress name = socket_address_unix(path);
    int saved_errno;

    if ((mode && fchmod(fd, mode) < 0) ||
        bind(fd, (struct sockaddr *)&name.storage, name.size_bytes) < 0) {
        return false;
    }
    if ((!mode || set_mode(path, mode)) && listen(fd, backlog) == 0) {
        return true;
    }
    saved_errno = errno;
    /* On EEXIST the file belongs to another process. */
    if (saved_errno != EEXIST) {
        unlink(path);
    }
    errno = saved_errno;
    return false;
}

static int listen_on_path(const char *path, mode_t mode, int backlog,
                          Error **errp)
{
    int fd;

    if (!make_room(path, errp)) {
        return -1;
    }
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        error_setg_errno(errp, errno, "Cannot create a socket");
        return -1;
    }
    if (!bind_and_listen(fd, path, mode, backlog)) {
        error_setg_errno(errp, errno, "Cannot create the socket '%s'", path);
        close(fd);
        return -1;
    }
    return fd;
}

int unix_socket_listen(const char *path, mode_t mode, int backlog,
                       Error **errp)
{
    LockFile lock;
    int fd;

    if (!take_lock(&lock, path, errp)) {
        return -1;
    }
    fd = listen_on_path(path, mode, backlog, errp);
    lock_file_release(&lock);
    return fd;
}
