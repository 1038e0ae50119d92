/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QmpForward: executes the commands of sessions somewhere else.
 *
 * A session with a QmpForward negotiates and queues requests like any other.
 * All commands except qmp_capabilities are passed to the QmpForward, each in a
 * coroutine.  The main thread does this in both bands, because forwarding never
 * blocks; requests out of band do not wait for those in band.
 *
 * Contract: docs/design/gateway.md
 */
#ifndef QOM_QMP_QMP_FORWARD_INTERNAL_H
#define QOM_QMP_QMP_FORWARD_INTERNAL_H

#include "aio/coroutine/coroutine.h"
#include "qapi/json/json-doc.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct QmpForward QmpForward;

/* The client of a session. */
typedef struct QmpPeer {
    uint64_t number; /* of the session, unique in the process */
    bool is_known;   /* the kernel reports the process and its user */
    int pid;
    unsigned uid;
} QmpPeer;

/* One request; borrowed until its execution ends. */
typedef struct QmpForwardRequest {
    const QmpPeer *peer;
    const char *command;
    const JsonItem *arguments; /* an object */
    const JsonItem *id;        /* (nullable) */
    bool is_oob;
    bool pretty; /* the reply is on several lines */
} QmpForwardRequest;

typedef struct QmpForwardOps {
    /* Appends the greeting that new clients get, and returns true if it offers
     * `oob`. */
    bool (*greet)(QmpForward *forward, GString *out, bool pretty);
    /* Executes a request and appends its reply.  The client may go away in the
     * meantime. */
    void coroutine_fn (*execute)(QmpForward *forward,
                                 const QmpForwardRequest *request,
                                 GString *reply);
} QmpForwardOps;

/* Embedded in what implements it; exists longer than the sessions. */
struct QmpForward {
    const QmpForwardOps *ops;
    const void *source; /* not NULL: whose events the clients get instead of
                           those of this process */
};

#endif
