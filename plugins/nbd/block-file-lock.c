/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lock that keeps a second writer from a file.
 *
 * The lock is one byte at an offset that no file reaches.  It belongs to the
 * open file (F_OFD_SETLK), so it also excludes a second drive in the same
 * process, and the kernel releases it after the process has ended.  Drives that
 * only read take no lock: reading a drive while another one writes to it is a
 * question of what the reader expects, whereas two writers destroy data.
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

/*
 * How often, and at which distance, a lock is tried that another drive holds.
 * The kernel releases the files of a killed process that used io_uring only
 * after the process has ended, so a program that takes its place at once may
 * find the old lock.
 */
#define LOCK_TRIES 30
#define LOCK_PAUSE_US 10000

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

/* Tries again for a while. */
static int wait_for_lock(int fd)
{
    int problem = EAGAIN;

    for (int i = 1; problem == EAGAIN && i < LOCK_TRIES; i++) {
        g_usleep(LOCK_PAUSE_US);
        problem = try_lock(fd);
    }
    return problem;
}

bool block_file_lock(BlockFile *file, Error **errp)
{
    int lock_fd = file->fd;
    int problem = try_lock(lock_fd);

    if (problem == EAGAIN) {
        lock_fd = share_lock(file);
        if (lock_fd < 0) {
            lock_fd = file->fd;
            problem = wait_for_lock(lock_fd);
        } else {
            problem = 0;
        }
    }
    if (problem == ENOLCK || problem == EINVAL || problem == EOPNOTSUPP) {
        return true; /* a file system without locks */
    }
    if (problem) {
        return fail(file, problem, errp);
    }
    list_add(file, lock_fd);
    return true;
}

void block_file_unlock(BlockFile *file)
{
    if (list_remove(file) && file->lock_fd != file->fd) {
        close(file->lock_fd);
    }
}
