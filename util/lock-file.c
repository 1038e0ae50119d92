/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lock belongs to the open file (F_OFD_SETLK), not to the process, so that
 * it also holds between threads and is not lost when some other code closes a
 * descriptor of the same file.
 *
 * The holder deletes the file.  A process that has opened it before that locks
 * a file without a name, which locks nothing: it compares and tries again.
 */
#include "util/lock-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_TRIES 200
#define LOCK_PAUSE_US 10000

static bool has_name(int fd, const char *path)
{
    struct stat locked, named;

    return !fstat(fd, &locked) && !lstat(path, &named) &&
           locked.st_dev == named.st_dev && locked.st_ino == named.st_ino;
}

/* Returns: a descriptor that holds the lock; -EAGAIN; -errno */
static int try_lock(const char *path)
{
    struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
                  0600);
    int ret = -EAGAIN;

    if (fd < 0) {
        return -errno;
    }
    if (fcntl(fd, F_OFD_SETLK, &whole) < 0) {
        ret = errno == EACCES ? -EAGAIN : -errno;
    } else if (has_name(fd, path)) {
        return fd;
    }
    close(fd);
    return ret;
}

int lock_file_take(LockFile *lock, const char *path)
{
    g_autofree char *lock_path = g_strconcat(path, ".lock", NULL);
    int ret = try_lock(lock_path);

    for (int i = 0; ret == -EAGAIN && i < LOCK_TRIES; i++) {
        g_usleep(LOCK_PAUSE_US);
        ret = try_lock(lock_path);
    }
    if (ret < 0) {
        return ret;
    }
    lock->fd = ret;
    lock->path = g_steal_pointer(&lock_path);
    return 0;
}

void lock_file_release(LockFile *lock)
{
    unlink(lock->path);
    close(lock->fd);
    g_clear_pointer(&lock->path, g_free);
    lock->fd = -1;
}
