/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Looking up names of hosts.
 *
 * getaddrinfo() may wait for servers for many seconds.  So a name is looked up
 * in a thread of the pool, while the loop continues.  Numbers are converted in
 * the calling thread, because that needs no server and no thread.
 */
#include "aio/net/address-internal.h"

#include "aio/thread-pool/thread-pool.h"
#include "qapi/error.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct Lookup {
    const char *host; /* NULL: the default of the flags */
    const char *port;
    struct addrinfo hints;
    struct addrinfo *list; /* NULL: none */
    int eai;               /* an error of getaddrinfo(); 0: none */
    int os_errno;          /* with EAI_SYSTEM */
    bool is_done;          /* only used outside of coroutines */
} Lookup;

static int lookup_run(void *opaque)
{
    Lookup *lookup = opaque;

    lookup->eai = getaddrinfo(lookup->host, lookup->port, &lookup->hints,
                              &lookup->list);
    lookup->os_errno = errno;
    return 0;
}

static void lookup_done(void *opaque, int ret)
{
    Lookup *lookup = opaque;

    lookup->is_done = true;
}

/* Returns: 0, or -ECANCELED */
static int lookup_wait(Lookup *lookup)
{
    AioContext *ctx = aio_get_current_context();

    if (in_coroutine()) {
        return thread_pool_submit_co(lookup_run, lookup);
    }
    thread_pool_submit_aio(lookup_run, lookup, lookup_done, lookup);
    while (!lookup->is_done) {
        aio_poll(ctx, true);
    }
    return 0;
}

/*
 * Without file descriptors getaddrinfo() cannot read what it needs, and returns
 * that the name is not known.
 *
 * Returns: why no file descriptor can be opened, as an errno value; 0 if one
 *          can be
 */
static int descriptor_errno(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return errno;
    }
    close(fd);
    return 0;
}

static void lookup_report(const Lookup *lookup, const AioAddress *address,
                          Error **errp)
{
    int os_errno = lookup->eai == EAI_SYSTEM ? lookup->os_errno
                                             : descriptor_errno();

    error_setg(errp, "Cannot look up 'tcp:%s:%s': %s", address->host,
               address->port, os_errno ? g_strerror(os_errno)
                                       : gai_strerror(lookup->eai));
}

struct addrinfo *resolve(const AioAddress *address, bool is_listener,
                         Error **errp)
{
    bool is_any = is_listener && !strcmp(address->host, "*");
    Lookup lookup = {
        .host = is_any || !*address->host ? NULL : address->host,
        .port = address->port,
        .hints = {
            .ai_family = AF_UNSPEC,
            .ai_socktype = SOCK_STREAM,
            .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV |
                        (is_any ? AI_PASSIVE : 0),
        },
    };

    lookup_run(&lookup);
    if (lookup.eai == EAI_NONAME) {
        lookup.hints.ai_flags &= AI_PASSIVE;
        lookup.eai = 0;
        if (lookup_wait(&lookup) < 0) {
            error_setg(errp, "Cannot look up 'tcp:%s:%s': cancelled",
                       address->host, address->port);
            return NULL;
        }
    }
    if (lookup.eai) {
        lookup_report(&lookup, address, errp);
        return NULL;
    }
    return lookup.list;
}
