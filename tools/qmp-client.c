/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tools wait for each reply, so they use clients without an event loop.
 *
 * Limits: replies of QEMU with 120 KiB and more are common, so a message may
 * have 32 MiB.  A server that sends events without end, but no reply, ends the
 * connection after 65,536 of them, before the time limit of the request.
 *
 * Guest agent: a server that is silent at first is asked whether it is one.
 */
#include "tools/qmp-client.h"

#include <string.h>
#include <sys/un.h>

/* What a QMP server needs at most to send its greeting. */
#define SILENCE_NS (200 * INT64_C(1000000))

/* The time limit of connecting is also that of each request. */
static QmpClient *connect_to(const char *address, const char *name,
                             int timeout_ms, int stop_fd, Error **errp)
{
    int64_t timeout_ns = timeout_ms * INT64_C(1000000);

    return qmp_client_new_sync(&(QmpClientOptions) {
        .address = address,
        .name = name,
        .connect_timeout_ns = timeout_ns,
        .call_timeout_ns = timeout_ns,
        .silence_ns = SILENCE_NS,
        .max_message_bytes = QMP_CLIENT_MAX_BYTES,
        .max_unread_bytes = QMP_CLIENT_MAX_BYTES,
        .max_kept_events = QMP_CLIENT_MAX_EVENTS,
        .max_other = QMP_CLIENT_MAX_EVENTS,
    }, stop_fd, errp);
}

QmpClient *qmp_client_connect_fd(int fd, const char *name, int timeout_ms,
                                 Error **errp)
{
    g_autofree char *address = g_strdup_printf("fd:%d", fd);

    return connect_to(address, name, timeout_ms, -1, errp);
}

QmpClient *qmp_client_connect(const char *path, int timeout_ms, int stop_fd,
                              Error **errp)
{
    g_autofree char *address = g_strconcat("unix:", path, NULL);

    if (g_str_has_prefix(path, "tcp:")) {
        return connect_to(path, path, timeout_ms, stop_fd, errp);
    }
    /* With the path as the user wrote it, which is no address. */
    if (strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path)) {
        error_setg(errp, "path '%s' is too long for a socket", path);
        return NULL;
    }
    return connect_to(address, path, timeout_ms, stop_fd, errp);
}
