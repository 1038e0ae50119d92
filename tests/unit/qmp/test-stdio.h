/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Standard input and output that are others while a test runs. */
#ifndef QOM_TESTS_TEST_STDIO_H
#define QOM_TESTS_TEST_STDIO_H

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

typedef struct Stdio {
    int saved[2];
} Stdio;

static inline void stdio_begin(Stdio *s, int in, int out)
{
    fflush(stdout);
    for (int fd = 0; fd < 2; fd++) {
        s->saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        dup2(fd ? out : in, fd);
    }
}

static inline void stdio_end(Stdio *s)
{
    for (int fd = 0; fd < 2; fd++) {
        dup2(s->saved[fd], fd);
        close(s->saved[fd]);
    }
}

#endif
