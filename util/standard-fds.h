/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The file descriptors 0, 1 and 2, with which a program may have been started
 * closed.
 *
 * The next files that such a program opens get these numbers.  Its messages
 * then go into a socket, and a daemon replaces its own files by /dev/null.
 *
 * Thread: main, before other threads exist
 */
#ifndef QOM_UTIL_STANDARD_FDS_H
#define QOM_UTIL_STANDARD_FDS_H

#include "util/macros.h"

#include <stdbool.h>

QOM_BEGIN_DECLS

/**
 * standard_fds_open: opens /dev/null in place of each of stdin, stdout and
 * stderr that is closed
 *
 * It is opened for reading, so writing to it fails.  A file descriptor that is
 * open is left alone.
 *
 * Returns: true; false with errno set if /dev/null cannot be opened
 */
bool standard_fds_open(void);

QOM_END_DECLS

#endif
