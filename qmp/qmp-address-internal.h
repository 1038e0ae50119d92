/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Addresses of QMP servers, as text.
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
    char *path;    /* of a socket's file; NULL: a descriptor or stdio */
    bool is_fd;    /* `fd` is a listening socket */
    int fd;
    bool pretty;
    mode_t mode;   /* of the file; 0: what the umask leaves */
    GArray *uids;  /* (nullable) of uid_t: users beside our own and root */
    unsigned max_clients;
} QmpAddress;

/**
 * qmp_address_parse: read an address
 * @address: filled on success; free with qmp_address_clear()
 * @text: as qmp_server_new() documents
 * @errp: set on failure
 */
bool qmp_address_parse(QmpAddress *address, const char *text, Error **errp);

/* qmp_address_clear: free what an address owns */
void qmp_address_clear(QmpAddress *address);

/* qmp_address_is_socket: or is it stdio? */
static inline bool qmp_address_is_socket(const QmpAddress *address)
{
    return address->path || address->is_fd;
}

/**
 * qmp_address_listen: listen on a socket
 * @address: of a socket; a file is replaced when it is a socket that nobody
 *           listens on; a descriptor is the caller's from now on
 * @errp: set on failure
 *
 * Returns: a descriptor, non-blocking and close-on-exec; -1 with @errp set
 */
int qmp_address_listen(const QmpAddress *address, Error **errp);

/* qmp_address_allows: may this user be a client? */
bool qmp_address_allows(const QmpAddress *address, uid_t uid);

#endif
