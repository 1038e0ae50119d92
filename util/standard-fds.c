/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * open() returns the lowest file descriptor that is free.  All lower ones are
 * open already, so it is the one that was found closed.
 */
#include "util/standard-fds.h"

#include <fcntl.h>
#include <unistd.h>

bool standard_fds_open(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) < 0) {
            return false;
        }
    }
    return true;
}
