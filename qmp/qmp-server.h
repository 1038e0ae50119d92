/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QmpServer: QMP for clients on one address.
 *
 * A server owns its address and the conversations held there.  On a unix
 * socket it talks to any number of clients at once; `stdio` is one
 * conversation over standard input and output.  Commands are those of
 * "qapi/qapi-command.h"; they run in the thread of the server's loop.
 *
 * Two things ask the program to end: the command `quit`, and the end of a
 * conversation on `stdio`.  The server does not end anything itself; it calls
 * the handler that qmp_set_shutdown_handler() set.
 *
 *     qmp_set_shutdown_handler(stop_main_loop, loop);
 *     server = qmp_server_new(ctx, "unix:/run/demo.sock", errp);
 *     ... run the loop until stop_main_loop() has been called ...
 *     qmp_server_free(server);
 *
 * Thread: all functions: that of the server's loop, which is the main loop
 * Contract: docs/qmp.md
 */
#ifndef QOM_QMP_QMP_SERVER_H
#define QOM_QMP_QMP_SERVER_H

#include "qapi/error.h"
#include "util/macros.h"

QOM_BEGIN_DECLS

typedef struct AioContext AioContext;
typedef struct QmpServer QmpServer;

/**
 * qmp_server_new: open an address and serve QMP there
 * @ctx: the loop that serves; the server takes a reference
 * @address: `stdio`, `unix:PATH` or `fd:N`, each followed by options, see
 *       docs/qmp.md, "Addresses"; a comma in PATH is written twice; N is a
 *       listening unix socket, which the server closes in the end
 * @errp: set when the address is malformed, in use or cannot be opened
 *
 * Registers the types and commands that are linked in (MODULE_INIT_QOM,
 * MODULE_INIT_QMP).  The servers send the events of "qapi/qapi-event.h" to
 * all clients, and observe the objects, while there is one.  A socket that
 * nobody listens on any more is replaced; a file that is no socket never is.
 * `stdio` makes file descriptors 0 and 1 non-blocking; there can be one such
 * server at a time.
 *
 * Returns: (transfer full); NULL with @errp set, and nothing was changed
 */
QmpServer *qmp_server_new(AioContext *ctx, const char *address, Error **errp);

/**
 * qmp_server_free: stop serving
 * @server: (nullable) consumed
 *
 * Drops its clients, after an attempt to send what they are still owed;
 * removes the socket file unless it is someone else's by now; gives file
 * descriptors 0 and 1 their flags back.  The client that said `quit` gets up
 * to one second to take the reply.
 *
 * A child process that frees a server of its parent closes its own copies of
 * the file descriptors and does none of this.
 *
 * Not to be called from a command's handler; the shutdown handler is fine.
 */
void qmp_server_free(QmpServer *server);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(QmpServer, qmp_server_free)

/**
 * qmp_server_n_clients: how many clients are connected
 * @server: the server
 */
unsigned qmp_server_n_clients(const QmpServer *server);

/**
 * qmp_event_set_rate: limit how often an event is sent
 * @event: its name; copied
 * @period_ns: at most one in so many nanoseconds; 0: no limit any more
 * @key: (nullable) a member of its data, copied; events that differ in it
 *       have a limit each
 *
 * The first event passes at once; of those that follow within the period the
 * last one is sent at its end, with the time when it was made.
 *
 * Thread: any
 * Contract: docs/qmp.md, "Events"
 */
void qmp_event_set_rate(const char *event, int64_t period_ns,
                        const char *key);

/**
 * qmp_set_shutdown_handler: whom to tell that the program is asked to end
 * @fn: (nullable) called from the loop, outside of any command, once for each
 *      `quit` and each end of a conversation on stdio; NULL: nobody
 * @opaque: passed to @fn
 *
 * One for the process.
 */
void qmp_set_shutdown_handler(void (*fn)(void *opaque), void *opaque);

QOM_END_DECLS

#endif
