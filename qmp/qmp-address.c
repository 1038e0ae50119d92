/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Addresses are those of "aio/net/address.h", and stdio.
 *
 * Kind: a prefix of the text, and a function that parses what follows.
 *
 * Loopback: QMP has no passwords.  On a unix socket the kernel reports the user
 * of each client; on TCP only the device limits who can connect.
 */
#include "qmp/qmp-address-internal.h"

#include <arpa/inet.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

/* ---- Kinds ---- */

/* A longer path would be cut off in the address of the socket. */
static bool check_path(const char *path, Error **errp)
{
    size_t max = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1;

    if (!*path) {
        error_setg(errp, "the path of the socket is missing");
        return false;
    }
    if (strlen(path) > max) {
        error_setg(errp, "the path '%s' is too long for a socket: %zu bytes, "
                   "at most %zu", path, strlen(path), max);
        return false;
    }
    return true;
}

/* Any text is a path, also one with colons and commas. */
static bool parse_unix(QmpAddress *address, const char *text, Error **errp)
{
    if (!check_path(text, errp)) {
        return false;
    }
    address->socket = (AioAddress) { .kind = AIO_ADDRESS_UNIX, .fd = -1,
                                     .path = g_strdup(text) };
    return true;
}

/* The listener checks that it is a unix socket, whose clients have users. */
static bool parse_fd(QmpAddress *address, const char *text, Error **errp)
{
    uint64_t fd = 0;

    if (!*text || g_ascii_isdigit(*text)) {
        if (!g_ascii_string_to_unsigned(text, 10, 0, INT_MAX, &fd, NULL)) {
            error_setg(errp, "'%s' is not the number of a descriptor", text);
            return false;
        }
    } else {
        address->fd_name = g_strdup(text);
    }
    address->socket = (AioAddress) { .kind = AIO_ADDRESS_FD, .fd = fd,
                                     .fd_family = AF_UNIX };
    return true;
}

/* Its errors name the whole address. */
static bool parse_tcp(QmpAddress *address, const char *text, Error **errp)
{
    g_autofree char *whole = g_strconcat("tcp:", text, NULL);

    return aio_address_parse(&address->socket, whole, errp);
}

static const struct {
    const char *prefix;
    QmpAddressKind kind;
    bool (*parse)(QmpAddress *address, const char *text, Error **errp);
} kinds[] = {
    { "unix:", QMP_ADDRESS_UNIX, parse_unix },
    { "tcp:", QMP_ADDRESS_TCP, parse_tcp },
    { "fd:", QMP_ADDRESS_FD, parse_fd },
};

bool qmp_address_parse(QmpAddress *address, const char *text, Error **errp)
{
    ERRP_GUARD();

    if (!strcmp(text, "stdio")) {
        *address = (QmpAddress) { .kind = QMP_ADDRESS_STDIO };
        return true;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        size_t len = strlen(kinds[i].prefix);

        if (strncmp(text, kinds[i].prefix, len)) {
            continue;
        }
        if (!kinds[i].parse(address, text + len, errp)) {
            if (kinds[i].kind != QMP_ADDRESS_TCP) {
                error_prepend(errp, "Invalid QMP address '%s': ", text);
            }
            return false;
        }
        address->kind = kinds[i].kind;
        return true;
    }
    error_setg(errp, "Invalid QMP address '%s': expected 'stdio', "
               "'unix:PATH', 'tcp:HOST:PORT' or 'fd:N'", text);
    return false;
}

bool qmp_address_check(const char *property, const char *text, Error **errp)
{
    ERRP_GUARD();
    QmpAddress address = { .kind = 0 };

    if (!text) {
        return true;
    }
    if (!qmp_address_parse(&address, text, errp)) {
        error_prepend(errp, "Parameter '%s': ", property);
        return false;
    }
    qmp_address_clear(&address);
    return true;
}

void qmp_address_clear(QmpAddress *address)
{
    if (address->kind & QMP_ADDRESS_SOCKET) {
        aio_address_clear(&address->socket);
    }
    g_clear_pointer(&address->fd_name, g_free);
    address->kind = 0;
}

/* ---- The loopback device ---- */

/* Returns true for a number of the loopback device: 127.0.0.0/8 and ::1. */
static bool is_loopback(const char *host)
{
    struct in6_addr in6;
    struct in_addr in;

    if (inet_pton(AF_INET, host, &in) == 1) {
        return ntohl(in.s_addr) >> 24 == 127;
    }
    return inet_pton(AF_INET6, host, &in6) == 1 && IN6_IS_ADDR_LOOPBACK(&in6);
}

/*
 * Other names are not looked up, because a name may have several addresses, and
 * they may change.
 */
bool qmp_address_make_local(QmpAddress *address, Error **errp)
{
    AioAddress *socket = &address->socket;

    if (!*socket->host || is_loopback(socket->host)) {
        return true;
    }
    if (!strcmp(socket->host, "localhost")) {
        *socket->host = '\0'; /* the addresses of the loopback device */
        return true;
    }
    error_setg(errp, "'%s' is not an address of the loopback device. QMP has "
               "no passwords, so listening there needs allow-remote=on, which "
               "lets everyone who reaches the port control the program",
               socket->host);
    return false;
}
