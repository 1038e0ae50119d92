/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * AioAddress: where a server listens and a client connects to.
 *
 *   unix:PATH       a unix socket
 *   tcp:HOST:PORT   TCP; a name, an IPv4 address, or an IPv6 one in brackets
 *   tcp::PORT       TCP on the loopback device
 *   tcp:*:PORT      TCP on all devices; only for servers
 *   vsock:CID:PORT  a socket between a virtual machine and its host
 *   fd:N            a file descriptor that the process has inherited
 *
 * Contract: docs/net.md, "Addresses"
 */
#ifndef QOM_AIO_NET_ADDRESS_H
#define QOM_AIO_NET_ADDRESS_H

#include "aio/coroutine/coroutine.h"

#include <sys/types.h>

QOM_BEGIN_DECLS

typedef enum AioAddressKind {
    AIO_ADDRESS_UNIX,
    AIO_ADDRESS_TCP,
    AIO_ADDRESS_VSOCK,
    AIO_ADDRESS_FD,
} AioAddressKind;

typedef struct AioAddress {
    AioAddressKind kind;
    char *path;    /* of a unix socket; owned */
    mode_t mode;   /* of a unix socket's file; 0: the umask decides */
    char *host;    /* of TCP: a name or a number, "" or "*"; owned */
    char *port;    /* of TCP: a number or a service's name; owned */
    unsigned vsock_cid;  /* UINT_MAX: any, for servers */
    unsigned vsock_port;
    int fd;        /* borrowed */
    int fd_family; /* AF_UNIX if only unix sockets are accepted; 0: any */
    bool fd_is_received; /* over a socket: LISTEN_FDS does not count it */
} AioAddress;

/**
 * aio_address_parse: parses the text of an address
 * @address: (out) filled on success, to be freed with aio_address_clear()
 * @text: one of the forms above
 * @errp: (nullable) set if @text is malformed
 *
 * Does not look up names.
 *
 * Returns: true; false with @errp set, and @address as before
 * Thread: any
 */
bool aio_address_parse(AioAddress *address, const char *text, Error **errp);

/**
 * aio_address_check: checks the value of a property that is an address
 * @property: name of the property, with which the message begins
 * @text: (nullable) the value; NULL is accepted
 * @errp: set if @text is malformed
 *
 * A class calls it when the property is set, so that `-check` finds the error
 * as well, which does not complete objects.  Opens nothing and looks up
 * nothing.
 *
 * Returns: true; false with @errp set
 * Thread: any
 */
bool aio_address_check(const char *property, const char *text, Error **errp);

/**
 * aio_address_parse_mode: parses the permissions of a socket file
 * @text: (nullable) the text
 * @mode: (out) set on success, for the member `mode`
 * @errp: set if @text is not an octal number from 1 to 0777
 *
 * Returns: true; false with @errp set
 * Thread: any
 */
bool aio_address_parse_mode(const char *text, mode_t *mode, Error **errp);

/**
 * aio_address_set_mode: sets the permissions of the file of a unix socket
 * @address: filled by aio_address_parse()
 * @text: (nullable) as for aio_address_parse_mode(); NULL: as the umask decides
 * @errp: set if @text is malformed, or @address is not a unix socket
 *
 * Returns: true; false with @errp set
 * Thread: any
 */
bool aio_address_set_mode(AioAddress *address, const char *text, Error **errp);

/**
 * aio_address_clear: frees what an address owns
 * @address: as aio_address_parse() has filled it; zero bytes afterwards
 *
 * Thread: any
 */
void aio_address_clear(AioAddress *address);

/**
 * aio_address_connect: connects to a server
 * @address: not a file descriptor; borrowed during the call
 * @deadline_ns: nanoseconds, or -1; see "aio/net/co-io.h"
 * @errp: (nullable) set on failure
 *
 * Looks the name up in a thread of the thread pool, which ends only when the
 * lookup has ended, and tries the addresses of the host one after the other.
 * A TCP connection sends small packets without delay (TCP_NODELAY).
 *
 * Returns: (transfer full) a connected socket, non-blocking and close-on-exec;
 *          or a negative errno value with @errp set
 * Thread: in a coroutine, in its context's thread
 */
int coroutine_fn aio_address_connect(const AioAddress *address,
                                     int64_t deadline_ns, Error **errp);

QOM_END_DECLS

#endif
