/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QmpServer: an object that serves QMP on one address.
 *
 * On a socket it serves any number of clients at the same time.  On `stdio` it
 * has one conversation over standard input and output.  The commands are those
 * of "qapi/qapi-command.h".  They are executed in the thread of the server's
 * loop, except those that a client requests out of band.
 *
 * Users create servers of the type "qmp-server" as other objects, on the
 * command line and at run time.  A program that has an option for the address
 * calls qmp_server_new(), which creates such an object, too: the first one is
 * `/objects/compat_monitor0`, as in QEMU.
 *
 * Two events ask the program to end: the command `quit`, and the end of a
 * conversation on `stdio`.  The server itself ends nothing; it calls the
 * handler that qmp_set_shutdown_handler() has set.
 *
 *     qmp_set_shutdown_handler(stop_main_loop, loop);
 *     server = qmp_server_new(ctx, "unix:/run/demo.sock", errp);
 *     ... run the loop until stop_main_loop() has been called ...
 *     qmp_server_free(server);
 *
 * Thread: unless a function says otherwise, that of the server's loop, which is
 *         the main loop
 * Contract: docs/qmp.md
 */
#ifndef QOM_QMP_QMP_SERVER_H
#define QOM_QMP_QMP_SERVER_H

#include "qapi/error.h"
#include "util/macros.h"

QOM_BEGIN_DECLS

#define TYPE_QMP_SERVER "qmp-server"

typedef struct AioContext AioContext;
typedef struct QmpServer QmpServer;

/**
 * qmp_server_new: creates a server and starts to serve QMP on an address
 * @ctx: the loop of the server, which takes a reference
 * @address: `stdio`, `unix:PATH`, `tcp:HOST:PORT` or `fd:N`, each of which may
 *          be followed by options, which are the properties of "qmp-server",
 *          see docs/qmp.md, "Servers"; a comma in PATH is written twice; N is
 *          a listening Unix socket, which the server closes when it is freed
 * @errp: set if the address is malformed or in use, or cannot be opened
 *
 * The function registers the types and commands that are linked into the
 * program (MODULE_INIT_QOM, MODULE_INIT_QMP).  While at least one server
 * exists, the servers send the events of "qapi/qapi-event.h" to all clients,
 * and they observe the objects.  A socket file on which no process listens is
 * replaced; a file that is not a socket never is.  `stdio` makes file
 * descriptors 0 and 1 non-blocking.  Only one server at a time can use `stdio`.
 *
 * The server is an object that is no part of the configuration, see
 * user_creatable_add_builtin().  A client may delete it by its id; it serves
 * nothing then, and is still to be freed.
 *
 * Returns: (transfer full) the server; NULL with @errp set, and then the
 *          address and the file descriptors are as before
 * Thread: main
 */
QmpServer *qmp_server_new(AioContext *ctx, const char *address, Error **errp);

/**
 * qmp_server_check_address: checks an address and its options
 * @address: as for qmp_server_new()
 * @errp: set if the address is malformed, or an option of it is
 *
 * Nothing is opened, so the address may still be in use.
 *
 * Returns: true; false with @errp set
 * Thread: main
 */
bool qmp_server_check_address(const char *address, Error **errp);

/**
 * qmp_server_free: stops serving and frees a server
 * @server: (nullable) consumed
 *
 * The function tries once to send pending output to every client and closes the
 * connections.  A client that has sent `quit` gets up to one second to read the
 * reply.  The function removes the socket file unless another server has
 * replaced it, and it restores the flags of file descriptors 0 and 1.
 *
 * A child process that frees a server of its parent only closes its own copies
 * of the file descriptors.
 *
 * The handler of a command must not call the function; the shutdown handler
 * may.
 *
 * Thread: main
 */
void qmp_server_free(QmpServer *server);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(QmpServer, qmp_server_free)

/**
 * qmp_server_n_clients: returns the number of connected clients
 * @server: the server
 *
 * Returns: the number of clients
 * Thread: main
 */
unsigned qmp_server_n_clients(const QmpServer *server);

/**
 * qmp_server_is_awaited: returns true if the program is to wait for clients
 *
 * That is while a server with `wait=on` has had no client yet.  A program that
 * supports this option calls the function before it starts its work, and runs
 * the loop while the result is true.
 *
 * Returns: true if at least one server waits for its first client
 * Thread: main
 */
bool qmp_server_is_awaited(void);

/**
 * qmp_event_set_rate: limits how often an event is sent
 * @event: the name of the event; copied
 * @period_ns: the shortest time between two such events, in nanoseconds; 0: no
 *          limit; a negative value is a programming error
 * @key: (nullable) a member of the event's data; copied; events with different
 *       values of this member are limited separately
 *
 * The first event is sent at once.  Of the events that follow within the
 * period, only the last one is sent, when the period ends; its time stamp is
 * the time at which the event was created.
 *
 * Thread: any
 * Contract: docs/qmp.md, "Events"
 */
void qmp_event_set_rate(const char *event, int64_t period_ns,
                        const char *key);

/**
 * qmp_set_program: states the name and the version of the program
 * @name: (nullable) the name of the program; copied; NULL: nothing is stated
 * @major: incremented for incompatible changes
 * @minor: incremented for compatible additions
 * @micro: incremented for bug-fix releases
 * @package: (nullable) the package that contains the program, with its version;
 *           copied
 *
 * Clients that connect afterwards read it in the greeting, and all clients in
 * the result of `query-version`.  If nothing is stated, clients get the name
 * and the version of this library.  A later call replaces what was stated
 * before.
 *
 * Thread: any
 * Contract: docs/qmp.md, "The program's own name"
 */
void qmp_set_program(const char *name, unsigned major, unsigned minor,
                     unsigned micro, const char *package);

/**
 * qmp_set_shutdown_handler: sets the function that is called when the program
 * is asked to end
 * @fn: (nullable) called from the loop, outside any command, once for each
 *      `quit` and for each end of a conversation on `stdio`; NULL: no function
 *      is called
 * @opaque: passed to @fn
 *
 * The process has one such handler; a later call replaces it.
 *
 * Thread: main
 */
void qmp_set_shutdown_handler(void (*fn)(void *opaque), void *opaque);

QOM_END_DECLS

#endif
