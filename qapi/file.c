/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * O_NONBLOCK prevents open() from waiting for the writer of a FIFO.  O_NOCTTY
 * prevents a terminal from becoming the controlling terminal of a daemon.  The
 * type of the file is checked on the open file descriptor, so no other process
 * can exchange the file between the check and the first read().
 */
#include "qapi/file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_BYTES 4096 /* if the size of the file is not known */

int qapi_file_open(const char *path, Error **errp)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0) {
        error_setg(errp, "%s", g_strerror(errno));
    } else if (S_ISREG(st.st_mode)) {
        return fd;
    } else {
        error_setg(errp, "%s", S_ISDIR(st.st_mode) ? g_strerror(EISDIR)
                                                   : "Not a regular file");
    }
    if (fd >= 0) {
        close(fd);
    }
    return -1;
}

/*
 * Returns the size of the buffer for the contents and a NUL, in bytes.  It is
 * only an estimate, because the file may grow.
 */
static size_t expected_room(int fd, size_t max_bytes)
{
    struct stat st;

    if (fstat(fd, &st) < 0 || st.st_size <= 0) {
        return FIRST_BYTES;
    }
    return MIN((uint64_t)st.st_size, max_bytes) + 2;
}

char *qapi_file_read_fd(int fd, size_t max_bytes, size_t *n_bytes,
                        Error **errp)
{
    size_t room = expected_room(fd, max_bytes);
    g_autofree char *text = g_malloc(room);
    size_t len = 0;
    ssize_t n;

    do {
        if (room - len < 2) {
            room *= 2;
            text = g_realloc(text, room);
        }
        n = read(fd, text + len, room - len - 1);
        len += MAX(n, 0);
    } while ((n > 0 && len <= max_bytes) || (n < 0 && errno == EINTR));
    if (n < 0) {
        error_setg(errp, "%s", g_strerror(errno));
        return NULL;
    }
    if (len > max_bytes) {
        error_setg(errp, "File is larger than %zu MiB", max_bytes >> 20);
        return NULL;
    }
    text[len] = '\0';
    *n_bytes = len;
    return g_steal_pointer(&text);
}

char *qapi_file_read(const char *path, size_t max_bytes, size_t *n_bytes,
                     Error **errp)
{
    int fd = qapi_file_open(path, errp);
    char *text;

    if (fd < 0) {
        return NULL;
    }
    text = qapi_file_read_fd(fd, max_bytes, n_bytes, errp);
    close(fd);
    return text;
}
