/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading files that users name.
 *
 * A file name may refer to anything: a FIFO that no process writes to, a
 * terminal, or /dev/zero.  qapi_file_open() and qapi_file_read() therefore
 * accept regular files only and never wait for a writer.  No function here
 * returns more than the caller's limit.  All files that users name are read
 * through these functions.  Standard input is read with qapi_file_read_fd().
 *
 * Error messages are reasons without a file name, such as "Not a regular file".
 * The caller puts the name before them with error_prepend().
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
 * qapi_file_open: opens a regular file for reading
 * @path: the path of the file; a symbolic link is followed
 * @errp: set if the file cannot be opened or is not a regular file
 *
 * Returns: a file descriptor with close-on-exec set, which the caller closes;
 *          -1 with @errp set
 * Thread: any
 */
int qapi_file_open(const char *path, Error **errp);

/**
 * qapi_file_read: reads a whole regular file
 * @path: the path of the file; a symbolic link is followed
 * @max_bytes: the largest size that is accepted, in bytes
 * @n_bytes: (out) the size of the file in bytes; not changed on failure
 * @errp: set if the file cannot be read, is not a regular file, or is larger
 *        than @max_bytes
 *
 * Returns: (transfer full) the contents, followed by a NUL; NULL with @errp set
 * Thread: any
 */
char *qapi_file_read(const char *path, size_t max_bytes, size_t *n_bytes,
                     Error **errp);

/**
 * qapi_file_read_fd: reads a file descriptor until end of file
 * @fd: the file descriptor of a file, pipe or terminal; borrowed; the read may
 *      block
 * @max_bytes: the largest size that is accepted, in bytes
 * @n_bytes: (out) the number of bytes that were read; not changed on failure
 * @errp: set if a read fails or the input is larger than @max_bytes
 *
 * Returns: (transfer full) the contents, followed by a NUL; NULL with @errp set
 * Thread: any
 */
char *qapi_file_read_fd(int fd, size_t max_bytes, size_t *n_bytes,
                        Error **errp);

QOM_END_DECLS

#endif
