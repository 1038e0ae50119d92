/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The file descriptors that listeners use.
 *
 * The user of a program names an inherited file descriptor by its number.  One
 * that a listener uses, or has opened itself, is refused: two servers would
 * take each other's clients, and one would close the socket of the other.  The
 * *set* of these numbers belongs to the process, because file descriptors do.
 *
 * A listener listens on a duplicate, so that the inherited number stays valid
 * for a listener that is created later.
 */
#include "aio/net/address-internal.h"

#include "qapi/error.h"
#include "util/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define FIRST_PASSED_FD 3 /* the first one that a service manager passes */

/* ---- The set ---- */

static Lock set_lock;
static GHashTable *set; /* (nullable) of numbers; NULL while it is empty */

bool listener_fd_claim(int fd)
{
    bool is_new;

    lock_acquire(&set_lock);
    if (!set) {
        set = g_hash_table_new(NULL, NULL);
    }
    is_new = g_hash_table_add(set, GINT_TO_POINTER(fd));
    lock_release(&set_lock);
    return is_new;
}

void listener_fd_release(int fd)
{
    lock_acquire(&set_lock);
    g_hash_table_remove(set, GINT_TO_POINTER(fd));
    if (g_hash_table_size(set) == 0) {
        g_clear_pointer(&set, g_hash_table_unref);
    }
    lock_release(&set_lock);
}

/* ---- Checks ---- */

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

static int socket_option(int fd, int option)
{
    int value = -1;
    socklen_t len = sizeof(value);

    return getsockopt(fd, SOL_SOCKET, option, &value, &len) < 0 ? -1 : value;
}

static bool check_socket(const AioAddress *address, int *family, Error **errp)
{
    int fd = address->fd;

    if (fcntl(fd, F_GETFD) < 0) {
        error_setg(errp, "Descriptor %d is not open", fd);
        return false;
    }
    *family = socket_option(fd, SO_DOMAIN);
    if ((address->fd_family && *family != address->fd_family) ||
        socket_option(fd, SO_TYPE) != SOCK_STREAM ||
        socket_option(fd, SO_ACCEPTCONN) != 1) {
        error_setg(errp, "Descriptor %d is no listening %s socket", fd,
                   address->fd_family == AF_UNIX ? "unix" : "stream");
        return false;
    }
    return true;
}

/* ---- Opening ---- */

/* Other processes that share the socket see O_NONBLOCK as well. */
static int duplicate(int fd, Error **errp)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_PASSED_FD);

    if (copy < 0) {
        error_setg_errno(errp, errno, "Cannot duplicate descriptor %d", fd);
        return -1;
    }
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    return copy;
}

int listener_fd_open(const AioAddress *address, int *family, Error **errp)
{
    int fd = address->fd;
    int copy;

    if (!address->fd_is_received && !check_passed(fd, errp)) {
        return -1;
    }
    if (!check_socket(address, family, errp)) {
        return -1;
    }
    if (!address->fd_is_received && !listener_fd_claim(fd)) {
        error_setg(errp, "Descriptor %d is in use by another server", fd);
        return -1;
    }
    copy = duplicate(fd, errp);
    if (copy < 0 && !address->fd_is_received) {
        listener_fd_release(fd);
    }
    return copy;
}
