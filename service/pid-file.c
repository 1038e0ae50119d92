/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The file is replaced by rename(), so no reader sees half of it.  The process
 * holds a write lock on it as long as it lives.  It takes the lock while the
 * file still has a temporary name and only the owner may open it, so no other
 * process can hold one.  Consequently a locked pid file belongs to a running
 * process.  Checking the old file and replacing it happen under a lock of the
 * path: if two processes start at once, one finds the other's file.
 */
#include "service/pid-file-internal.h"
#include "util/lock-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Sets an error that names the process whose id is in the file. */
static void set_owner_error(const char *path, int fd, Error **errp)
{
    char text[32] = "";

    if (pread(fd, text, sizeof(text) - 1, 0) > 0 && atoi(text) > 0) {
        error_setg(errp, "'%s' belongs to process %d, which runs", path,
                   atoi(text));
    } else {
        error_setg(errp, "'%s' belongs to another process", path);
    }
}

/*
 * Returns true if a process holds a write lock.  A read lock does not count,
 * because every process that may read the file can take one.
 */
static bool is_write_locked(int fd)
{
    struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };

    return fcntl(fd, F_OFD_GETLK, &lock) < 0 || lock.l_type != F_UNLCK;
}

static bool check_old_file(const char *path, int fd, Error **errp)
{
    struct stat st;

    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        error_setg(errp, "Could not open '%s': %s", path,
                   S_ISDIR(st.st_mode) ? g_strerror(EISDIR)
                                       : "Not a regular file");
        return false;
    }
    if (is_write_locked(fd)) {
        set_owner_error(path, fd, errp);
        return false;
    }
    return true;
}

/*
 * Returns true if there is no such file, or one that no running process owns.
 * O_NONBLOCK, because opening a FIFO would wait for a writer.
 */
static bool may_replace(const char *path, Error **errp)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
                        O_CLOEXEC);
    bool ok;

    if (fd < 0 && errno == ENOENT) {
        return true;
    }
    if (fd < 0 && errno == ELOOP) {
        error_setg(errp, "'%s' is a symbolic link", path);
        return false;
    }
    if (fd < 0) {
        error_setg_file_open(errp, errno, path);
        return false;
    }
    ok = check_old_file(path, fd, errp);
    close(fd);
    return ok;
}

/*
 * Creates a locked file with the process id.  @path ends in XXXXXX, which is
 * replaced.  Returns: its file descriptor; -1 with errno set
 */
static int write_number(char *path)
{
    g_autofree char *text = g_strdup_printf("%ld\n", (long)getpid());
    struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    ssize_t len = strlen(text);
    int fd = mkostemp(path, O_CLOEXEC);
    int saved_errno;

    if (fd < 0) {
        return -1;
    }
    /* mkostemp() creates the file with mode 0600. */
    if (fcntl(fd, F_OFD_SETLK, &whole) < 0 || write(fd, text, len) != len ||
        fchmod(fd, 0644) < 0) {
        saved_errno = errno;
        unlink(path);
        close(fd);
        errno = saved_errno;
        return -1;
    }
    return fd;
}

/*
 * Replaces the pid file.  The caller holds the lock of the path.
 * Returns: the new file, locked; -1 with @errp set
 */
static int replace_file(const char *path, Error **errp)
{
    g_autofree char *new_path = g_strconcat(path, ".XXXXXX", NULL);
    int fd;

    if (!may_replace(path, errp)) {
        return -1;
    }
    fd = write_number(new_path);
    if (fd < 0 || rename(new_path, path) < 0) {
        error_setg_errno(errp, errno, "cannot write '%s'", path);
        if (fd >= 0) {
            unlink(new_path);
            close(fd);
        }
        return -1;
    }
    return fd;
}

bool pid_file_init(PidFile *file, const char *path, Error **errp)
{
    g_autofree char *full = g_canonicalize_filename(path, NULL);
    LockFile lock;
    int ret;
    int fd;

    /* The lock is a file next to @path: do not create it for a wrong path. */
    if (!may_replace(full, errp)) {
        return false;
    }
    ret = lock_file_take(&lock, full);
    if (ret < 0) {
        error_setg_file_open(errp, -ret, full);
        return false;
    }
    fd = replace_file(full, errp);
    lock_file_release(&lock);
    if (fd < 0) {
        return false;
    }
    fstat(fd, &file->id);
    file->fd = fd;
    file->path = g_steal_pointer(&full);
    return true;
}

void pid_file_cleanup(PidFile *file)
{
    struct stat named;

    if (!file->path) {
        return;
    }
    if (!lstat(file->path, &named) && is_same_file(&file->id, &named)) {
        unlink(file->path);
    }
    close(file->fd);
    g_clear_pointer(&file->path, g_free);
}
