/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Standard input and output as the address of a server.  Their flags belong to
 * open files that other processes may share, so they are restored as soon as
 * the conversation has ended.
 */
#include "qmp/qmp-server-internal.h"

#include <errno.h>
#include <fcntl.h>

static bool stdio_in_use;

/* In a child process the flags stay: the parent still uses the files. */
void qmp_server_release_stdio(QmpServer *server)
{
    if (!server->owns_stdio || qmp_server_is_inherited(server)) {
        return;
    }
    for (int fd = 0; fd < 2; fd++) {
        fcntl(fd, F_SETFL, server->stdio_flags[fd]);
    }
    server->owns_stdio = false;
    stdio_in_use = false;
}

/*
 * Both flags are read before the stream changes either, because the two file
 * descriptors may refer to one open file.
 */
bool qmp_server_claim_stdio(QmpServer *server, Error **errp)
{
    if (stdio_in_use) {
        error_setg(errp, "QMP is on stdio already");
        return false;
    }
    for (int fd = 0; fd < 2; fd++) {
        server->stdio_flags[fd] = fcntl(fd, F_GETFL);
        if (server->stdio_flags[fd] < 0) {
            error_setg_errno(errp, errno, "Cannot use standard %s",
                             fd ? "output" : "input");
            return false;
        }
    }
    server->owns_stdio = true;
    stdio_in_use = true;
    return true;
}
