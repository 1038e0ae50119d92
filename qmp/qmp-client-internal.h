/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The state of a client.
 *
 *     qmp-client.c          life, and the coroutine of the connection
 *     qmp-client-receive.c  bytes become messages, which are handled
 *     qmp-client-greet.c    the greeting and the negotiation
 *     qmp-client-agent.c    recognizes a server without a greeting
 *     qmp-client-message.c  the text of requests, errors in replies
 *     qmp-client-call.c     calls: sending, replies, time limits
 *     qmp-client-co.c       the functions that wait in coroutines
 *     qmp-client-event.c    functions for events, and kept events
 *     qmp-client-sync.c     clients without an event loop
 *
 * Thread: the home thread of the client's context
 */
#ifndef QOM_QMP_QMP_CLIENT_INTERNAL_H
#define QOM_QMP_QMP_CLIENT_INTERNAL_H

#include "aio/coroutine/coroutine-lock.h"
#include "aio/net/address.h"
#include "aio/net/stream.h"
#include "qmp/qmp-client.h"
#include "util/queue.h"

#include <glib.h>

typedef struct QmpPendingCall QmpPendingCall;

struct QmpClient {
    unsigned n_refs; /* the user, the coroutine, and functions that call user
                        functions, which may free the client */
    AioContext *ctx;
    bool owns_ctx;   /* created by qmp_client_new_sync() */
    int stop_fd;     /* of qmp_client_set_stop_fd(); -1: none */
    AioAddress address;
    char *name;
    QmpClientOptions options; /* complete, without pointers */
    QmpClientState state;
    QmpClientStateFunc *state_func; /* (nullable) */
    void *state_opaque;
    CoQueue changed; /* waits for a state or for kept events */

    /* The connection. */
    Coroutine *co;     /* (nullable) NULL when it has ended */
    AioStream *stream; /* (nullable) freed by the coroutine alone */
    JsonStream *parser; /* (nullable) */
    GQueue received;    /* of JsonDoc: messages that are not handled yet */
    Error *parse_error; /* (nullable) follows what was received */
    size_t message_bytes; /* since the last message was complete */
    bool has_eof;         /* the server has closed the connection */
    bool is_paused;       /* messages are not handled; see qmp-client-sync.c */
    CoQueue resumed;      /* the coroutine waits while it is paused */
    bool is_agent;        /* the server is QEMU's guest agent */
    Error *failure;       /* (nullable) why the last one has ended or failed */
    JsonDoc *greeting;    /* (nullable) */
    bool has_oob;
    int64_t last_id; /* of the last request of the negotiation */

    /* Calls. */
    QmpPendingCall **slots; /* [n_slots] all that are pending; NULL: free */
    unsigned n_slots;
    unsigned last_slot;
    unsigned n_calls;      /* in `slots` */
    uint64_t n_made;       /* calls since the client was created */
    QueueLink waiting;     /* of QmpPendingCall: not sent */
    QueueLink sent;        /* of the same, in the order of sending */
    unsigned n_inband_sent;
    unsigned n_other;      /* messages since a reply, see `max_other` */
    GPtrArray *setups;     /* of QmpSetup */

    /* Events. */
    GPtrArray *listeners; /* of QmpEventListener */
    unsigned last_listener_id;
    bool keeps_events;
    GQueue kept;          /* of JsonDoc */
    size_t unread_bytes;  /* received while `kept` was not empty */
};

/* ---- qmp-client.c ---- */

void qmp_client_ref(QmpClient *c);
void qmp_client_unref(QmpClient *c);

/* Has the coroutine handle messages. */
void qmp_client_resume(QmpClient *c);

/* ---- qmp-client-receive.c ---- */

/* Prepares for the messages of a new connection. */
void qmp_client_receive_start(QmpClient *c);

/* Drops what has arrived and was not handled. */
void qmp_client_receive_stop(QmpClient *c);

/* Sets the error of a connection that has failed with @ret; 0: has ended. */
void qmp_client_set_stream_error(const QmpClient *c, ssize_t ret,
                                 Error **errp);

/* Returns: (transfer full) the next message; NULL with @errp set */
JsonDoc *coroutine_fn qmp_client_receive(QmpClient *c, int64_t deadline_ns,
                                         Error **errp);

/* Counts a message that is no reply, while one is expected.  Returns: true;
 * false with @errp set if there are too many */
bool qmp_client_count_other(QmpClient *c, Error **errp);

/*
 * Handles a message of a connection that is READY.
 * @doc: consumed
 *
 * Returns: true; false with @errp set if the connection is to be closed
 */
bool qmp_client_handle(QmpClient *c, JsonDoc *doc, Error **errp);

/* ---- qmp-client-greet.c ---- */

/* Receives the greeting and negotiates.  Returns: true; false with @errp set */
bool coroutine_fn qmp_client_greet(QmpClient *c, int64_t deadline_ns,
                                   Error **errp);

/* ---- qmp-client-agent.c ---- */

/* The agent sends it before the reply to guest-sync-delimited. */
#define QMP_AGENT_DELIMITER 0xff

/*
 * Asks a server that stays silent whether it is QEMU's guest agent, and sets
 * `is_agent`.
 * @greeting: (out) (nullable) (transfer full) the greeting, if it arrived late
 *
 * Returns: true; false with @errp set if the connection has failed
 */
bool coroutine_fn qmp_client_find_agent(QmpClient *c, int64_t deadline_ns,
                                        JsonDoc **greeting, Error **errp);

/* ---- qmp-client-message.c ---- */

/* Returns: (transfer full) the text of a request, without its end */
GString *qmp_client_request_start(const QmpCall *call);

/* Appends the id and the end of a request. */
void qmp_client_request_end(GString *text, int64_t id);

/* Sends the text of requests: at once if @is_urgent, or else soon. */
void qmp_client_send_text(QmpClient *c, const GString *text, bool is_urgent);

/* Queues the text of a request and has it sent soon.  Returns: its id */
int64_t qmp_client_send_request(QmpClient *c, const char *command,
                                const char *arguments);

/* Sets the error that a reply has as its member "error".  Returns: false if it
 * has none */
bool qmp_client_set_server_error(const JsonItem *message, Error **errp);

/* ---- qmp-client-call.c ---- */

void qmp_client_calls_init(QmpClient *c);
/* Nothing is pending. */
void qmp_client_calls_cleanup(QmpClient *c);

/* Sends the setup commands; @c has become READY. */
void qmp_client_send_setups(QmpClient *c);

/* Sends calls that have waited, as many as may be sent now. */
void qmp_client_send_waiting(QmpClient *c);

/* Ends all pending calls, because of @err, which is borrowed.  @c is not
 * READY, so calls that the functions of the ended ones make end at once. */
void qmp_client_end_calls(QmpClient *c, const Error *err);

/*
 * Handles a message that is no event.
 * @is_reply: (out) whether it was the reply to a pending call
 *
 * Returns: true; false with @errp set if it is no valid reply
 */
bool qmp_client_handle_reply(QmpClient *c, const JsonItem *message,
                             bool *is_reply, Error **errp);

/* ---- qmp-client-event.c ---- */

void qmp_client_events_init(QmpClient *c);
void qmp_client_events_cleanup(QmpClient *c);

/* Removes all functions: the client is being freed. */
void qmp_client_drop_listeners(QmpClient *c);

/*
 * Handles an event.
 * @doc: consumed
 *
 * Returns: true; false with @errp set if too many events are kept
 */
bool qmp_client_handle_event(QmpClient *c, JsonDoc *doc, Error **errp);

/* Returns: (nullable) the name if @message is an event */
const char *qmp_client_event_name(const JsonItem *message);

/* ---- qmp-client-sync.c ---- */

/* The calling thread, while it runs the context that a client owns. */
typedef struct QmpClientThread {
    bool has_switched;
    AioContext *outer; /* (nullable) the context that it ran before */
} QmpClientThread;

/* Makes the calling thread the home thread of the context that a client owns,
 * if it owns one.  qmp_client_leave() undoes it. */
QmpClientThread qmp_client_enter(const QmpClient *c);
void qmp_client_leave(QmpClientThread thread);

#endif
