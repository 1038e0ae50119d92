/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Addresses of QMP servers, as text.
 */
#ifndef QOM_QMP_QMP_ADDRESS_INTERNAL_H
#define QOM_QMP_QMP_ADDRESS_INTERNAL_H

#include "qapi/error.h"

#include <stdbool.h>

typedef struct QmpAddress {
    char *path; /* of a socket; NULL: stdio */
    bool pretty;
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

/**
 * qmp_address_listen: listen on a socket
 * @path: the socket's file; replaced when it is a socket nobody listens on
 * @errp: set on failure
 *
 * Returns: a descriptor, non-blocking and close-on-exec; -1 with @errp set
 */
int qmp_address_listen(const char *path, Error **errp);

#endif
