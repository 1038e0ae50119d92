/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The address of a QMP server.
 *
 * Thread: main
 */
#ifndef QOM_QMP_QMP_ADDRESS_INTERNAL_H
#define QOM_QMP_QMP_ADDRESS_INTERNAL_H

#include "aio/net/address.h"
#include "qapi/error.h"

#include <stdbool.h>

/* Kinds of addresses, as bits. */
typedef enum QmpAddressKind {
    QMP_ADDRESS_STDIO = 1 << 0,
    QMP_ADDRESS_UNIX = 1 << 1,
    QMP_ADDRESS_TCP = 1 << 2,
    QMP_ADDRESS_FD = 1 << 3,
} QmpAddressKind;

enum {
    QMP_ADDRESS_NAMED = QMP_ADDRESS_UNIX | QMP_ADDRESS_TCP,
    QMP_ADDRESS_SOCKET = QMP_ADDRESS_NAMED | QMP_ADDRESS_FD,
};

typedef struct QmpAddress {
    QmpAddressKind kind;
    AioAddress socket; /* unless the kind is QMP_ADDRESS_STDIO */
    char *fd_name; /* (nullable) of a file descriptor that a client passed;
                      `socket.fd` is not known yet */
} QmpAddress;

/**
 * qmp_address_parse: parses an address without options
 * @address: (out) filled on success; free it with qmp_address_clear()
 * @text: `stdio`, `unix:PATH`, `tcp:HOST:PORT`, `fd:N` or `fd:NAME`
 * @errp: set if the address is malformed
 *
 * Returns: true; false with @errp set
 */
bool qmp_address_parse(QmpAddress *address, const char *text, Error **errp);

/**
 * qmp_address_check: does what aio_address_check() does, for the addresses of
 * qmp_address_parse()
 * @property: name of the property
 * @text: (nullable) its value
 * @errp: set if @text is malformed
 *
 * Returns: true; false with @errp set
 */
bool qmp_address_check(const char *property, const char *text, Error **errp);

/**
 * qmp_address_clear: frees what an address owns
 * @address: the address; it may be cleared again
 */
void qmp_address_clear(QmpAddress *address);

/**
 * qmp_address_make_local: checks that a server can be reached from this host
 * only
 * @address: of TCP; a name of the loopback device is replaced by its number
 * @errp: set if the address is not that of the loopback device
 *
 * Returns: true; false with @errp set
 */
bool qmp_address_make_local(QmpAddress *address, Error **errp);

#endif
