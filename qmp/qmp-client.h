/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QmpClient: a client of a QMP server, in an event loop.
 *
 * A client connects, reads the greeting, negotiates, and then executes
 * commands.  Any number of calls may be pending at a time.  A reply is passed
 * to a function, or to the coroutine that waits for it.  Functions that are
 * registered by the name of an event receive events.
 *
 *     state        meaning                        left when
 *     CONNECTING   connects or negotiates         that succeeds or fails
 *     READY        executes commands              the connection ends
 *     WAITING      waits, to connect again        a time has passed
 *     CLOSED       there is no connection         never
 *
 * Only a client with the option `reconnect` gets from CONNECTING or READY to
 * WAITING; any other one is CLOSED.  The time in WAITING doubles from one
 * attempt to the next.  Registered functions stay registered, and the commands
 * of qmp_client_add_setup() are executed for each connection.
 *
 * Every call ends exactly once, with a QmpCallStatus.  The server may be
 * hostile.  It ends its connection by exceeding one of the limits in
 * QmpClientOptions, by sending more than JSON_MAX_NESTING open brackets, or
 * anything that is not QMP.
 *
 *     client = qmp_client_new(ctx, &(QmpClientOptions) {
 *         .address = "unix:/run/vm.qmp",
 *     }, errp);
 *     qmp_client_call(client, &(QmpCall) { .command = "query-status" },
 *                     on_status, NULL);
 *
 * A program without an event loop uses qmp_client_new_sync(),
 * qmp_client_execute() and qmp_client_next_event(), which wait.
 *
 * Thread: the home thread of the client's context, unless a function says
 *         otherwise
 * Contract: docs/qmp-client.md
 */
#ifndef QOM_QMP_QMP_CLIENT_H
#define QOM_QMP_QMP_CLIENT_H

#include "aio/coroutine/coroutine.h"
#include "qapi/error.h"
#include "qapi/json/json-doc.h"

QOM_BEGIN_DECLS

typedef struct QmpClient QmpClient;

typedef enum QmpClientState {
    QMP_CLIENT_CONNECTING,
    QMP_CLIENT_READY,
    QMP_CLIENT_WAITING,
    QMP_CLIENT_CLOSED,
} QmpClientState;

/* How a call has ended. */
typedef enum QmpCallStatus {
    QMP_CALL_RETURNED,  /* the command has succeeded */
    QMP_CALL_REFUSED,   /* the server has replied with an error */
    QMP_CALL_NOT_SENT,  /* there is no connection, or too many calls are
                           pending: the command was not executed */
    QMP_CALL_LOST,      /* the connection has ended; the server may or may not
                           have executed the command */
    QMP_CALL_TIMED_OUT, /* no reply within the time limit; the server may still
                           execute the command */
} QmpCallStatus;

/* Zero means the default. */
typedef struct QmpClientOptions {
    const char *address; /* as "aio/net/address.h" has it; `fd:N` is a connected
                            socket, which belongs to the client */
    const char *name;    /* of the server in messages; default: the address */
    bool wants_oob;      /* to enable `oob` if the server offers it */
    bool reconnect;      /* to connect again; not for `fd:N` */
    int64_t connect_timeout_ns; /* to connect and negotiate; default 10 s */
    int64_t call_timeout_ns;    /* for each call; default: none */
    int64_t silence_ns; /* a server that sends nothing for so long is asked
                           whether it is QEMU's guest agent, which has no
                           greeting; default: never */
    int64_t min_delay_ns; /* before the first new attempt; default 100 ms */
    int64_t max_delay_ns; /* the longest time between two; default 10 s */
    size_t max_message_bytes; /* in one message; default 64 MiB */
    size_t max_unread_bytes;  /* while kept events wait; default 32 MiB */
    unsigned max_kept_events; /* that wait; default 65,536 */
    unsigned max_calls;       /* pending calls; default 16,384 */
    unsigned max_other; /* messages that arrive while a call is pending and are
                           no reply; default: no limit */
} QmpClientOptions;

/* ---- Life ---- */

/**
 * qmp_client_new: creates a client, which begins to connect
 * @ctx: the context; borrowed until the client is freed
 * @options: copied
 * @errp: (nullable) set if the address is malformed, or cannot be connected to
 *        again although `reconnect` is set
 *
 * The client connects in the next iteration of @ctx.
 *
 * Returns: (transfer full) (nullable) the client; NULL with @errp set, and then
 *          the file descriptor of `fd:N` is closed
 */
QmpClient *qmp_client_new(AioContext *ctx, const QmpClientOptions *options,
                          Error **errp);

/**
 * qmp_client_free: closes the connection and frees a client
 * @client: (nullable) (transfer full) the client
 *
 * Pending calls end with QMP_CALL_LOST or QMP_CALL_NOT_SENT before the function
 * returns.  Functions of the client may call it.  While the name of a host is
 * being looked up, the context must exist until the lookup has ended.
 */
void qmp_client_free(QmpClient *client);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(QmpClient, qmp_client_free)

/**
 * qmp_client_close: closes the connection for good
 * @client: the client
 *
 * Pending calls end, as in qmp_client_free().  Kept events stay available.
 */
void qmp_client_close(QmpClient *client);

/* ---- State ---- */

/**
 * QmpClientStateFunc: called when the state of a client has changed
 * @client: the client
 * @state: the new state
 * @reason: (nullable) borrowed; why the connection or the attempt has failed
 * @opaque: as passed to qmp_client_on_state()
 */
typedef void QmpClientStateFunc(QmpClient *client, QmpClientState state,
                                const Error *reason, void *opaque);

/**
 * qmp_client_on_state: sets the function that learns of states
 * @client: the client
 * @func: (nullable) the function
 * @opaque: passed to @func
 *
 * It is called for READY before calls that have waited are sent, and for
 * WAITING and CLOSED after the pending calls have ended, but not by
 * qmp_client_close() and qmp_client_free().
 */
void qmp_client_on_state(QmpClient *client, QmpClientStateFunc *func,
                         void *opaque);

/**
 * qmp_client_is_open: tests whether a client has or will get a connection
 * @client: the client
 *
 * Returns: true unless the client is CLOSED
 */
bool qmp_client_is_open(const QmpClient *client);

/**
 * qmp_client_get_name: returns the name of the server in messages
 * @client: the client
 *
 * Returns: borrowed
 */
const char *qmp_client_get_name(const QmpClient *client);

/**
 * qmp_client_get_greeting: returns the greeting of the server
 * @client: the client
 *
 * Returns: (nullable) the member "QMP" of the last greeting; borrowed until the
 *          client connects again; NULL before the first greeting, and for
 *          QEMU's guest agent
 */
const JsonItem *qmp_client_get_greeting(const QmpClient *client);

/**
 * qmp_client_has_oob: tests whether `oob` is enabled
 * @client: the client
 *
 * Returns: true if calls may be out of band
 */
bool qmp_client_has_oob(const QmpClient *client);

/**
 * qmp_client_co_wait_ready: waits until commands can be executed
 * @client: the client, which is not freed while the caller waits
 * @errp: (nullable) set if the attempt to connect fails, the client is closed,
 *        or the coroutine is cancelled
 *
 * Calls need not wait for that: they are sent when the client is READY.
 *
 * Returns: true; false with @errp set
 * Thread: in a coroutine of the client's context
 */
bool coroutine_fn qmp_client_co_wait_ready(QmpClient *client, Error **errp);

/* ---- Calls ---- */

/* A command that is to be executed; borrowed during the function. */
typedef struct QmpCall {
    const char *command;
    JsonNode *arguments; /* (nullable) an object */
    const JsonItem *arguments_item; /* (nullable) the same, of a document */
    bool oob; /* out of band, which fails unless `oob` is enabled */
    int64_t timeout_ns; /* 0: that of the options; -1: none */
    const int *fds; /* (nullable) [@n_fds] file descriptors that are passed with
                       the request, as `getfd` and `add-fd` need one; the server
                       gets duplicates.  Unix sockets only */
    unsigned n_fds; /* at most 16 */
} QmpCall;

/* How a call has ended, and with what. */
typedef struct QmpReply {
    QmpCallStatus status;
    const JsonItem *result; /* borrowed; NULL unless RETURNED */
    const Error *error;     /* borrowed; NULL if RETURNED */
} QmpReply;

/**
 * QmpReplyFunc: called when a call has ended
 * @reply: borrowed; see json_item_to_node() to keep the result
 * @opaque: as passed to qmp_client_call()
 *
 * The function may use the client in any way.
 */
typedef void QmpReplyFunc(const QmpReply *reply, void *opaque);

/**
 * qmp_client_call: executes a command and passes the reply to a function
 * @client: the client
 * @call: the command
 * @func: (nullable) called once, possibly before this function returns if the
 *        call cannot be sent
 * @opaque: passed to @func
 *
 * Calls in band are sent in their order.  While the client is CONNECTING they
 * wait; while it is WAITING or CLOSED they end with QMP_CALL_NOT_SENT.  A part
 * of them is sent at a time, so that calls out of band can overtake the others
 * in the server.  The time limit begins now.
 *
 * Returns: an identifier for qmp_client_forget(), which is never 0
 */
uint64_t qmp_client_call(QmpClient *client, const QmpCall *call,
                         QmpReplyFunc *func, void *opaque);

/**
 * qmp_client_forget: has a call end without calling its function
 * @client: the client
 * @id: what qmp_client_call() has returned; the call may have ended
 *
 * A call that was not sent is not sent any more.  Otherwise the server executes
 * it, and the reply is dropped.
 */
void qmp_client_forget(QmpClient *client, uint64_t id);

/**
 * qmp_client_co_call: executes a command and waits for its reply
 * @client: the client, which may be freed while the caller waits
 * @call: the command
 * @status: (nullable) (out) how the call has ended
 * @errp: (nullable) set unless @status is RETURNED, or if the coroutine is
 *        cancelled, which sets @status as qmp_client_forget() would leave it:
 *        LOST
 *
 * Returns: (transfer full) (nullable) the result; NULL with @errp set
 * Thread: in a coroutine of any context; in another one than the client's, the
 *         client must not be freed while the caller waits
 */
JsonNode *coroutine_fn qmp_client_co_call(QmpClient *client,
                                          const QmpCall *call,
                                          QmpCallStatus *status,
                                          Error **errp);

/**
 * qmp_client_add_setup: executes a command now and after each reconnection
 * @client: the client
 * @call: the command, which is copied, except for `timeout_ns` and `fds`
 * @func: (nullable) called at the end of each of these calls
 * @opaque: passed to @func
 *
 * The commands are sent in the order in which they were added, before all other
 * calls.  They restore what the server keeps for a connection, such as the
 * watches of `qom-watch`.
 */
void qmp_client_add_setup(QmpClient *client, const QmpCall *call,
                          QmpReplyFunc *func, void *opaque);

/* ---- Events ---- */

/* An event; everything is borrowed during the function. */
typedef struct QmpEvent {
    const char *name;
    const JsonItem *data; /* (nullable) an object */
    int64_t seconds;      /* since 1970; -1: unknown */
    int64_t microseconds;
    const JsonItem *message; /* the whole event */
} QmpEvent;

/**
 * QmpEventFunc: called for each event of a name
 * @event: borrowed
 * @opaque: as passed to qmp_client_on_event()
 *
 * The function may use the client in any way.
 */
typedef void QmpEventFunc(const QmpEvent *event, void *opaque);

/**
 * qmp_client_on_event: registers a function for an event
 * @client: the client
 * @name: (nullable) the name of the event; copied; NULL: all events
 * @func: the function
 * @opaque: passed to @func
 *
 * Functions are called in the order of their registration.  Events that the
 * server sends while it negotiates are included.
 *
 * Returns: an identifier for qmp_client_off_event(), which is never 0
 */
unsigned qmp_client_on_event(QmpClient *client, const char *name,
                             QmpEventFunc *func, void *opaque);

/**
 * qmp_client_off_event: removes a function
 * @client: the client
 * @id: what qmp_client_on_event() has returned
 */
void qmp_client_off_event(QmpClient *client, unsigned id);

/**
 * qmp_client_keep_events: keeps events for qmp_client_take_event()
 * @client: the client
 *
 * A server that sends more kept events than the options allow, before they are
 * taken, ends its connection.
 */
void qmp_client_keep_events(QmpClient *client);

/**
 * qmp_client_take_event: takes the oldest kept event
 * @client: the client
 *
 * Returns: (transfer full) (nullable) the event as it was sent; NULL if none is
 *          kept
 */
JsonNode *qmp_client_take_event(QmpClient *client);

/**
 * qmp_client_co_next_event: waits for a kept event and takes it
 * @client: the client, which keeps events, and is not freed while the caller
 *          waits
 * @deadline_ns: a time of AIO_CLOCK_REALTIME; -1: no limit
 * @errp: (nullable) set if the client is closed, the time has passed, or the
 *        coroutine is cancelled
 *
 * Returns: (transfer full) (nullable) the event; NULL with @errp set
 * Thread: in a coroutine of the client's context
 */
JsonNode *coroutine_fn qmp_client_co_next_event(QmpClient *client,
                                                int64_t deadline_ns,
                                                Error **errp);

/* ---- Without an event loop ---- */

/**
 * qmp_client_new_sync: connects and negotiates, and waits for that
 * @options: as for qmp_client_new()
 * @stop_fd: as for qmp_client_set_stop_fd(); it ends this wait, too
 * @errp: (nullable) set if no program serves QMP there, or @stop_fd has ended
 *        the wait
 *
 * The client gets a context of its own, which only the functions of this
 * section run.  It uses the calling thread alone.
 *
 * Returns: (transfer full) (nullable) the client; NULL with @errp set
 * Thread: any, but not in a coroutine; it is the thread of the client
 */
QmpClient *qmp_client_new_sync(const QmpClientOptions *options, int stop_fd,
                               Error **errp);

/**
 * qmp_client_execute: executes a command and waits for its reply
 * @client: of qmp_client_new_sync(), or one whose context the caller may run
 * @command: the name of the command
 * @arguments: (nullable) an object; borrowed
 * @errp: (nullable) set if the server returns an error, with its class and
 *        text, or if the connection fails
 *
 * Runs the client's context.  If the time limit passes, the connection of a
 * client of qmp_client_new_sync() is closed.
 *
 * Returns: (transfer full) (nullable) the result; NULL with @errp set
 * Thread: as the client, but not in a coroutine
 */
JsonNode *qmp_client_execute(QmpClient *client, const char *command,
                             JsonNode *arguments, Error **errp);

/**
 * qmp_client_execute_all: executes several commands and waits for all replies
 * @client: as for qmp_client_execute()
 * @calls: [n_calls] the commands; many are sent before the first reply arrives
 * @n_calls: their number
 * @results: (out) [n_calls] (transfer full) the results; NULL where @errors has
 *           an error
 * @errors: (out) [n_calls] (transfer full) the errors, as
 *          qmp_client_execute() sets them; NULL where @results has a result
 *
 * The time limits of all calls begin now.
 *
 * Thread: as the client, but not in a coroutine
 */
void qmp_client_execute_all(QmpClient *client, const QmpCall *calls,
                            unsigned n_calls, JsonNode **results,
                            Error **errors);

/**
 * qmp_client_set_stop_fd: lets a file descriptor end the wait for replies
 * @client: as for qmp_client_execute()
 * @stop_fd: a file descriptor, which the caller keeps open; -1: none
 *
 * If it is readable while qmp_client_execute() or qmp_client_execute_all()
 * waits, the connection is closed, as nothing else takes a command back, and
 * the calls fail.
 *
 * Thread: as the client
 */
void qmp_client_set_stop_fd(QmpClient *client, int stop_fd);

/**
 * qmp_client_next_event: waits for a kept event and takes it
 * @client: as for qmp_client_execute(); it keeps events
 * @stop_fd: a file descriptor; the wait ends when it is readable; -1: none
 * @errp: (nullable) set if the server sends anything that is not QMP
 *
 * Returns: (transfer full) (nullable) the event as it was sent; NULL with @errp
 *          unset if @stop_fd is readable or the server has closed the
 *          connection; NULL with @errp set
 * Thread: as the client, but not in a coroutine
 */
JsonNode *qmp_client_next_event(QmpClient *client, int stop_fd, Error **errp);

QOM_END_DECLS

#endif
