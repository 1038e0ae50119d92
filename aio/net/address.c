/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The text of addresses, and connecting to them.
 *
 * - A *kind* is a prefix of the text and the function that parses what follows.
 * - A *socket address* is what the kernel takes.  Unix and vsock addresses have
 *   one each.  A TCP host may have several, which resolve.c finds.
 *
 * Every message names the whole text of the address, because the user may have
 * given several.
 */
#include "aio/net/address-internal.h"
#include "aio/net/co-io.h"
#include "qapi/error.h"
#include "util/programming-error.h"

#include <errno.h>
#include <limits.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- Parsing ---- */

/* Parses a decimal number without sign and blanks. */
static bool parse_unsigned(const char *text, uint64_t max, unsigned *value)
{
    uint64_t number;

    if (!g_ascii_string_to_unsigned(text, 10, 0, max, &number, NULL)) {
        return false;
    }
    *value = number;
    return true;
}

/* The path may contain any character, also colons and commas. */
static bool parse_unix(AioAddress *address, const char *text, Error **errp)
{
    size_t max = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1;

    /* An empty path would be the kernel's request to choose a name. */
    if (!*text) {
        error_setg(errp, "the path of the socket is missing");
        return false;
    }
    if (strlen(text) > max) {
        error_setg(errp, "the path '%s' is too long for a socket: %zu bytes, "
                   "at most %zu", text, strlen(text), max);
        return false;
    }
    address->path = g_strdup(text);
    return true;
}

/* Returns true for a number in range, and for what may be a name. */
static bool is_port(const char *text)
{
    unsigned port;

    return *text && (strspn(text, "0123456789") < strlen(text) ||
                     parse_unsigned(text, UINT16_MAX, &port));
}

/* The port follows the last colon; an IPv6 address contains colons. */
static bool parse_tcp(AioAddress *address, const char *text, Error **errp)
{
    const char *colon = strrchr(text, ':');
    size_t size = colon ? colon - text : 0;
    bool has_brackets = size >= 2 && text[0] == '[' && text[size - 1] == ']';

    if (!colon || !is_port(colon + 1)) {
        error_setg(errp, "expected HOST:PORT, with a port from 0 to 65535");
        return false;
    }
    if (!has_brackets && memchr(text, ':', size)) {
        error_setg(errp, "an IPv6 address must be in brackets");
        return false;
    }
    address->host = has_brackets ? g_strndup(text + 1, size - 2)
                                 : g_strndup(text, size);
    address->port = g_strdup(colon + 1);
    return true;
}

/* A server may listen on all CIDs that its machine has. */
static bool parse_vsock(AioAddress *address, const char *text, Error **errp)
{
    g_auto(GStrv) parts = g_strsplit(text, ":", -1);

    if (g_strv_length(parts) != 2 ||
        !parse_unsigned(parts[1], UINT_MAX, &address->vsock_port)) {
        error_setg(errp, "expected CID:PORT");
        return false;
    }
    if (!*parts[0] || !strcmp(parts[0], "*")) {
        address->vsock_cid = VMADDR_CID_ANY;
        return true;
    }
    if (!parse_unsigned(parts[0], UINT_MAX, &address->vsock_cid)) {
        error_setg(errp, "expected CID:PORT");
        return false;
    }
    return true;
}

/* The listener checks what the file descriptor is. */
static bool parse_fd(AioAddress *address, const char *text, Error **errp)
{
    unsigned fd;

    if (!parse_unsigned(text, INT_MAX, &fd)) {
        error_setg(errp, "'%s' is not the number of a file descriptor", text);
        return false;
    }
    address->fd = fd;
    return true;
}

/* One entry per kind; aio_address_parse() tries them in this order. */
static const struct {
    const char *prefix;
    AioAddressKind kind;
    bool (*parse)(AioAddress *address, const char *text, Error **errp);
} kinds[] = {
    { "unix:", AIO_ADDRESS_UNIX, parse_unix },
    { "tcp:", AIO_ADDRESS_TCP, parse_tcp },
    { "vsock:", AIO_ADDRESS_VSOCK, parse_vsock },
    { "fd:", AIO_ADDRESS_FD, parse_fd },
};

/* On failure @address is as before, because a copy is parsed first. */
bool aio_address_parse(AioAddress *address, const char *text, Error **errp)
{
    ERRP_GUARD();

    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        /* The caller's address changes only on success. */
        AioAddress parsed = { .kind = kinds[i].kind, .fd = -1 };

        if (!g_str_has_prefix(text, kinds[i].prefix)) {
            continue;
        }
        if (!kinds[i].parse(&parsed, text + strlen(kinds[i].prefix), errp)) {
            error_prepend(errp, "Invalid address '%s': ", text);
            return false;
        }
        *address = parsed;
        return true;
    }
    error_setg(errp, "Invalid address '%s': expected 'unix:PATH', "
               "'tcp:HOST:PORT', 'vsock:CID:PORT' or 'fd:N'", text);
    return false;
}

/* What the text says is forgotten again. */
bool aio_address_check(const char *property, const char *text, Error **errp)
{
    ERRP_GUARD();
    AioAddress address;

    if (!text) {
        return true;
    }
    if (!aio_address_parse(&address, text, errp)) {
        error_prepend(errp, "Parameter '%s': ", property);
        return false;
    }
    aio_address_clear(&address);
    return true;
}

/*
 * 0 is refused, because it is how AioAddress says that there is no such option;
 * a socket without any permission is of no use.
 */
bool aio_address_parse_mode(const char *text, mode_t *mode, Error **errp)
{
    uint64_t number;

    if (!text ||
        !g_ascii_string_to_unsigned(text, 8, 1, 0777, &number, NULL)) {
        error_setg(errp, "Parameter 'mode' expects an octal number from 1 "
                   "to 0777");
        return false;
    }
    *mode = number;
    return true;
}

/* Other sockets have no file. */
bool aio_address_set_mode(AioAddress *address, const char *text, Error **errp)
{
    if (!text) {
        return true;
    }
    if (address->kind != AIO_ADDRESS_UNIX) {
        error_setg(errp, "'mode' needs an address unix:PATH");
        return false;
    }
    return aio_address_parse_mode(text, &address->mode, errp);
}

/* The file descriptor is borrowed, so it is not closed. */
void aio_address_clear(AioAddress *address)
{
    g_free(address->path);
    g_free(address->host);
    g_free(address->port);
    *address = (AioAddress) { .fd = -1 };
}

/* ---- Socket addresses ---- */

/* parse_unix() has checked the length of the path. */
SocketAddress socket_address_unix(const char *path)
{
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    SocketAddress address = { .size_bytes = sizeof(name) };

    g_strlcpy(name.sun_path, path, sizeof(name.sun_path));
    memcpy(&address.storage, &name, sizeof(name));
    return address;
}

/* The CID is that of the virtual machine, or one of <linux/vm_sockets.h>. */
SocketAddress socket_address_vsock(unsigned cid, unsigned port)
{
    struct sockaddr_vm name = {
        .svm_family = AF_VSOCK, .svm_cid = cid, .svm_port = port,
    };
    SocketAddress address = { .size_bytes = sizeof(name) };

    memcpy(&address.storage, &name, sizeof(name));
    return address;
}

/* ---- Connecting ---- */

/* Not inlined, as the system calls of co-io.c.  Returns: a socket or a negative
 * errno value */
static G_GNUC_NO_INLINE int new_socket(int family)
{
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;

    if (fd < 0) {
        return -errno;
    }
    /* Users batch what they send, so the kernel must not wait for more. */
    if (family == AF_INET || family == AF_INET6) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    }
    return fd;
}

/* Returns: a connected socket, or a negative errno value */
static int coroutine_fn connect_to(const struct sockaddr *address,
                                   socklen_t size_bytes, int64_t deadline_ns)
{
    int fd = new_socket(address->sa_family);
    int ret;

    if (fd < 0) {
        return fd;
    }
    ret = co_connect(fd, address, size_bytes, deadline_ns);
    if (ret < 0) {
        close(fd);
        return ret;
    }
    return fd;
}

/* Tries the addresses of the host in the order that the system prefers.  The
 * error is that of the last one. */
static int coroutine_fn connect_tcp(const AioAddress *address,
                                    int64_t deadline_ns, Error **errp)
{
    struct addrinfo *list = resolve(address, false, errp);
    int ret = -EHOSTUNREACH;

    if (!list) {
        return ret;
    }
    /* The deadline is that of all attempts together. */
    for (struct addrinfo *ai = list; ai; ai = ai->ai_next) {
        ret = connect_to(ai->ai_addr, ai->ai_addrlen, deadline_ns);
        if (ret >= 0 || ret == -ETIMEDOUT || ret == -ECANCELED) {
            break;
        }
    }
    freeaddrinfo(list);
    if (ret < 0) {
        error_setg_errno(errp, -ret, "Cannot connect to 'tcp:%s:%s'",
                         address->host, address->port);
    }
    return ret;
}

/* @name: of the address, for the message */
static int coroutine_fn connect_simple(const SocketAddress *to,
                                       const char *kind, const char *name,
                                       int64_t deadline_ns, Error **errp)
{
    int ret = connect_to((const struct sockaddr *)&to->storage,
                         to->size_bytes, deadline_ns);

    if (ret < 0) {
        error_setg_errno(errp, -ret, "Cannot connect to '%s:%s'", kind, name);
    }
    return ret;
}

int aio_address_connect(const AioAddress *address, int64_t deadline_ns,
                        Error **errp)
{
    g_autofree char *name = NULL;
    SocketAddress to;

    switch (address->kind) {
    case AIO_ADDRESS_UNIX:
        to = socket_address_unix(address->path);
        return connect_simple(&to, "unix", address->path, deadline_ns, errp);
    case AIO_ADDRESS_TCP:
        return connect_tcp(address, deadline_ns, errp);
    case AIO_ADDRESS_VSOCK:
        to = socket_address_vsock(address->vsock_cid, address->vsock_port);
        name = g_strdup_printf("%u:%u", address->vsock_cid,
                               address->vsock_port);
        return connect_simple(&to, "vsock", name, deadline_ns, errp);
    case AIO_ADDRESS_FD:
        break;
    }
    programming_error("aio_address_connect(): a file descriptor is no address "
                      "to connect to");
}
