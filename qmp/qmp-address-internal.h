/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Parsing the addresses of QMP servers.
 *
 * Thread: main
 */
#ifndef QOM_QMP_QMP_ADDRESS_INTERNAL_H
#define QOM_QMP_QMP_ADDRESS_INTERNAL_H

#include "qapi/error.h"

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

typedef struct QmpAddress {
    char *path;    /* of the socket file; NULL: a file descriptor or stdio */
    bool is_fd;    /* `fd` is a socket that listens already */
    int fd;
    bool pretty;
    mode_t mode;   /* of the socket file; 0: the umask decides */
    GArray *uids;  /* (nullable) of uid_t: users besides our own and root */
    unsigned max_clients;
} QmpAddress;

/**
 * qmp_address_parse: Parses an address.
 * @address: (out) filled on success; free it with qmp_address_clear()
 * @text: the address, as qmp_server_new() documents it
 * @errp: set if the address is malformed
 *
 * Returns: true; false with @errp set
 */
bool qmp_address_parse(QmpAddress *address, const char *text, Error **errp);

/**
 * qmp_address_clear: Frees what an address owns.
 * @address: the address; it may be cleared again
 */
void qmp_address_clear(QmpAddress *address);

/**
 * qmp_address_is_socket: Returns true for a socket, false for stdio.
 * @address: the address
 */
static inline bool qmp_address_is_socket(const QmpAddress *address)
{
    return address->path || address->is_fd;
}

/**
 * qmp_address_allows: Returns true if a process of a user may be a client.
 * @address: the address of a socket
 * @uid: the user; the superuser and our own user are always allowed
 */
bool qmp_address_allows(const QmpAddress *address, uid_t uid);

#endif
