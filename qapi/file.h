/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading files that users name.
 *
 * A name may lead to anything: a FIFO that nobody writes to, a terminal, or
 * /dev/zero.  The functions here never wait for a writer, and they never read
 * more than the caller's limit.  All files that users name are read through
 * them, except standard input, which only qapi_file_read_fd() reads.
 *
 * Error messages are reasons without a file name, such as "Not a regular
 * file"; the caller puts the name before them with error_prepend().
 *
 * Thread: any
 */
#ifndef QOM_QAPI_FILE_H
#define QOM_QAPI_FILE_H

#include "qapi/error.h"
#include "util/macros.h"

#include <stddef.h>

QOM_BEGIN_DECLS

/**
 * qapi_file_open: open a regular file for reading
 * @path: its path; a symbolic link is followed
 * @errp: set if it cannot be opened or is not a regular file
 *
 * Returns: a descriptor, close-on-exec, which the caller closes; -1 with @errp
 *          set
 */
int qapi_file_open(const char *path, Error **errp);

/**
 * qapi_file_read: read a regular file
 * @path: its path; a symbolic link is followed
 * @max_bytes: the largest size to accept
 * @n_bytes: (out) the file's size
 * @errp: set if it cannot be read, is not a regular file or is too large
 *
 * Returns: (transfer full) the content with a NUL behind it; NULL with @errp
 *          set
 */
char *qapi_file_read(const char *path, size_t max_bytes, size_t *n_bytes,
                     Error **errp);

/**
 * qapi_file_read_fd: read a descriptor to its end
 * @fd: the descriptor; borrowed; reading it may block
 *
 * As qapi_file_read() otherwise, but it may be a pipe or a terminal.
 */
char *qapi_file_read_fd(int fd, size_t max_bytes, size_t *n_bytes,
                        Error **errp);

QOM_END_DECLS

#endif
