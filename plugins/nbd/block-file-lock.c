/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lock that keeps a second writer from a file.
 *
 * The lock is one byte at an offset that no file reaches.  It belongs to the
 * open file (F_OFD_SETLK), so it also excludes a second drive in the same
 * process.  Drives that only read take no lock: reading a drive while another
 * one writes to it is a question of what the reader expects, whereas two
 * writers destroy data.
 *
 * A drive opens its file a second time for the lock.  io_uring keeps the files
 * that it uses open for a while after their process was killed, but it never
 * sees this one.  So the kernel releases the lock before the process has ended,
 * a program that takes its place finds the file free, and a lock that is held
 * is refused without trying again.
 *
 * When object_apply() replaces a drive, the new one opens the file while the
 * old one still has the lock.  The new drive then *shares* it: it duplicates
 * the file descriptor that has the lock, and the kernel releases the lock when
 * the last duplicate is closed.  For that, drives with a lock are in a list.
 */
#include "block-file-internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_OFFSET (INT64_C(1) << 62)

static Lock list_lock;
static BlockFile *list; /* (nullable) drives with a lock */

/* ---- The list ---- */

static void list_add(BlockFile *file, int lock_fd)
{
    file->lock_fd = lock_fd;
    lock_acquire(&list_lock);
    file->next_locked = list;
    list = file;
    lock_release(&list_lock);
}

/* Returns: false if the drive is not in the list */
static bool list_remove(BlockFile *file)
{
    BlockFile **link = &list;
    bool is_listed;

    lock_acquire(&list_lock);
    while (*link && *link != file) {
        link = &(*link)->next_locked;
    }
    is_listed = *link;
    if (is_listed) {
        *link = file->next_locked;
    }
    lock_release(&list_lock);
    return is_listed;
}

static bool is_same_file(int a, int b)
{
    struct stat x;
    struct stat y;

    return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}

/* Returns true if no path leads to the drive: it is about to be deleted. */
static bool is_replaced(BlockFile *file)
{
    g_autofree char *path = object_get_canonical_path(OBJECT(file));

    return !path || object_resolve_path(path, NULL) != OBJECT(file);
}

/*
 * Returns: (nullable) a drive of this process that has the lock of @file, if
 *          all that have it are being replaced
 */
static const BlockFile *find_replaced(const BlockFile *file)
{
    const BlockFile *found = NULL;

    for (BlockFile *other = list; other; other = other->next_locked) {
        if (is_same_file(file->fd, other->fd)) {
            if (!is_replaced(other)) {
                return NULL;
            }
            found = other;
        }
    }
    return found;
}

/*
 * The main thread alone changes paths, and it runs this.  The list is locked,
 * because another thread can drop the last reference to a drive.
 *
 * Returns: (transfer full) a duplicate of the file descriptor with the lock; -1
 *          if there is none to share
 */
static int share_lock(const BlockFile *file)
{
    const BlockFile *other;
    int fd = -1;

    lock_acquire(&list_lock);
    other = find_replaced(file);
    if (other) {
        fd = fcntl(other->lock_fd, F_DUPFD_CLOEXEC, 0);
    }
    lock_release(&list_lock);
    return fd;
}

/* ---- The lock ---- */

/* Returns: 0; or an errno value, EAGAIN if another drive has the lock */
static int try_lock(int fd)
{
    struct flock byte = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET,
        .l_start = LOCK_OFFSET, .l_len = 1,
    };

    if (fcntl(fd, F_OFD_SETLK, &byte) == 0) {
        return 0;
    }
    return errno == EACCES ? EAGAIN : errno;
}

static bool fail(const BlockFile *file, int problem, Error **errp)
{
    ERRP_GUARD();

    if (problem != EAGAIN) {
        error_setg_errno(errp, problem, "Cannot lock '%s'", file->path);
        return false;
    }
    error_setg(errp, "'%s' is in use by another drive that can write",
               file->path);
    error_append_hint(errp, "Delete that drive, or set read-only=on.\n");
    return false;
}

/*
 * A file that a QMP client has opened may be one that this process must not
 * open.  The lock then belongs to the open file of the client.
 *
 * Returns: a file descriptor for the lock; -1 with errno set on failure
 */
static int open_lock(const BlockFile *file)
{
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", file->fd);
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    return fd >= 0 ? fd : fcntl(file->fd, F_DUPFD_CLOEXEC, 0);
}

static bool has_no_locks(int problem)
{
    return problem == ENOLCK || problem == EINVAL || problem == EOPNOTSUPP;
}

bool block_file_lock(BlockFile *file, Error **errp)
{
    int fd = open_lock(file);
    int problem = fd < 0 ? errno : try_lock(fd);

    if (problem == EAGAIN) {
        close(fd);
        fd = share_lock(file);
        problem = fd < 0 ? EAGAIN : 0;
    }
    if (!problem) {
        list_add(file, fd);
        return true;
    }
    if (fd >= 0) {
        close(fd);
    }
    return has_no_locks(problem) || fail(file, problem, errp);
}

void block_file_unlock(BlockFile *file)
{
    if (list_remove(file)) {
        close(file->lock_fd);
    }
}
