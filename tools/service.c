/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The number's file is replaced, not rewritten, so nobody reads half of it.
 * A process holds a write lock on its file as long as it lives, and has taken
 * it while nobody else could open the file.  Later nobody can lock it, and
 * that it is locked says that the process runs.  Looking and replacing are
 * done under the path's own lock, so of two that start at once one sees the
 * other's file.
 */
#include "tools/service.h"
#include "util/lock-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- In the background ---- */

static int ready_fd = -1;

static void G_GNUC_NORETURN exit_with(pid_t child)
{
    int status;

    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
        /* a signal for somebody else */
    }
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

/* Until @child writes a byte or ends. */
static void G_GNUC_NORETURN wait_until_ready(int fd, pid_t child)
{
    char byte;
    ssize_t n;

    do {
        n = read(fd, &byte, 1);
    } while (n < 0 && errno == EINTR);
    if (n == 1) {
        _exit(0);
    }
    exit_with(child);
}

static pid_t make_process(Error **errp)
{
    pid_t child = fork();

    if (child < 0) {
        error_setg_errno(errp, errno, "cannot make a process");
    }
    return child;
}

/*
 * The first new process leads the session and could get a terminal by opening
 * one.  So it makes the second one, waits until that is ready, and ends.
 */
bool daemonize(Error **errp)
{
    pid_t child = make_process(errp);
    int fds[2];

    if (child > 0) {
        exit_with(child);
    }
    if (child < 0) {
        return false;
    }
    setsid();
    if (pipe2(fds, O_CLOEXEC) < 0) {
        error_setg_errno(errp, errno, "cannot make a pipe");
        return false;
    }
    child = make_process(errp);
    if (child > 0) {
        close(fds[1]);
        wait_until_ready(fds[0], child);
    }
    close(fds[0]);
    if (child < 0) {
        close(fds[1]);
        return false;
    }
    ready_fd = fds[1];
    return true;
}

void daemonize_ready(void)
{
    int null;

    if (ready_fd < 0) {
        return;
    }
    null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null >= 0) {
        for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
            dup2(null, fd);
        }
        close(null);
    }
    while (write(ready_fd, "", 1) < 0 && errno == EINTR) {
        /* again */
    }
    close(ready_fd);
    ready_fd = -1;
}

/* ---- The file with the process's number ---- */

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

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

/* A read lock, which anybody may hold, does not count. */
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

/* Is there nothing of that name, or what a process that has ended left? */
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

/* Returns: a file with the number, locked, under @path; -1 */
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
    /* Only we can open it yet. */
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

/* Under the path's lock.  Returns: the locked file; -1 with @errp set */
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

    /* No lock beside what is no such file. */
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

/* ---- The service manager ---- */

/* Returns: bytes of the address; 0 when it is none */
static socklen_t manager_address(struct sockaddr_un *address)
{
    const char *path = g_getenv("NOTIFY_SOCKET");
    size_t len = path ? strlen(path) : 0;

    if (len < 2 || len >= sizeof(address->sun_path) ||
        (path[0] != '/' && path[0] != '@')) {
        return 0;
    }
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path, path, len);
    if (path[0] == '@') {
        address->sun_path[0] = '\0';
    }
    return offsetof(struct sockaddr_un, sun_path) + len;
}

void notify_service_manager(const char *message)
{
    struct sockaddr_un address = { 0 };
    socklen_t len = manager_address(&address);
    int fd;

    if (!len) {
        return;
    }
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return;
    }
    sendto(fd, message, strlen(message), MSG_NOSIGNAL,
           (struct sockaddr *)&address, len);
    close(fd);
}
