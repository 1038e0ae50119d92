/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QmpSession: one conversation, without file descriptors.
 *
 * A request goes through three steps:
 *
 *     queue   qmp_session_feed() parses the bytes of the client and queues
 *             whole requests.
 *     run     qmp_session_run() executes queued requests and appends the
 *             replies to the output.
 *     send    qmp_session_send() writes the output.
 *
 * Before the client has enabled `oob`, the main thread does all of this.  From
 * then on a second thread joins, because the main thread may be busy.  The
 * thread that feeds the session also runs the band QMP_OUT_OF_BAND; it is
 * called the reader.  Either thread may be the reader, one at a time.  The main
 * thread runs the band QMP_IN_BAND.  Both send.
 *
 *     state           may be executed                 left by
 *     greeted         qmp_capabilities                qmp_capabilities
 *     negotiated      all commands, in band           `oob`, which is optional
 *     with `oob`      all commands, in both bands
 *     quit            nothing                         the end of the session
 *
 * Contract: docs/qmp.md
 */
#ifndef QOM_QMP_QMP_SESSION_INTERNAL_H
#define QOM_QMP_QMP_SESSION_INTERNAL_H

#include "qapi/error.h"
#include "qmp/qmp-forward-internal.h"
#include "qmp/qmp-input-queue-internal.h"
#include "qmp/qmp-limits-internal.h"
#include "qmp/qmp-output-internal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct QmpSession QmpSession;
typedef struct QmpWatches QmpWatches;
typedef struct QmpFds QmpFds;

/* What a session knows about its connection. */
typedef struct QmpSessionOptions {
    const QmpLimits *limits; /* (nullable) copied; NULL: the defaults */
    const char *server;      /* (nullable) id of the server; copied */
    bool pretty;     /* messages are on several lines */
    bool offers_oob; /* the client may enable `oob` */
    bool receives_fds; /* the client may pass file descriptors */
    bool has_peer;
    int peer_pid;
    unsigned peer_uid;
    QmpForward *forward; /* (nullable) executes the commands, and decides about
                            `oob`; borrowed */
} QmpSessionOptions;

/* What a session asks of its connection.  Thread: main, for all functions. */
typedef struct QmpSessionOps {
    /*
     * (nullable) Starts the second thread, because the client enables `oob`; it
     * may use the session after the current qmp_session_run().
     */
    bool (*start_oob)(void *opaque, Error **errp);
    /*
     * Schedules a call of qmp_session_run() in band, and sends the output after
     * it.
     */
    void (*run_later)(void *opaque);
    /*
     * Sends the output without waiting.  Returns true if nothing is left and
     * the conversation does not end.
     */
    bool (*send_now)(void *opaque);
} QmpSessionOps;

/* ---- Life ---- */

/**
 * qmp_session_new_full: creates a session and appends the greeting to its
 * output
 * @options: copied
 *
 * Returns: (transfer full) the session
 * Thread: main
 */
QmpSession *qmp_session_new_full(const QmpSessionOptions *options);

/**
 * qmp_session_new: creates a session that does not offer `oob` and has no peer
 * @pretty: true to write messages on several lines
 *
 * Returns: (transfer full) the session
 * Thread: main
 */
QmpSession *qmp_session_new(bool pretty);

/**
 * qmp_session_free: ends a session and discards its queued requests
 * @s: (nullable) consumed; no other thread may use it, and no command of it may
 *     be running
 *
 * A command whose coroutine has yielded continues; its reply is discarded.
 *
 * Thread: main
 */
void qmp_session_free(QmpSession *s);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(QmpSession, qmp_session_free)

/**
 * qmp_session_set_ops: sets the functions that the session calls
 * @s: the session
 * @ops: static
 * @opaque: passed to the functions of @ops
 *
 * Thread: main
 */
void qmp_session_set_ops(QmpSession *s, const QmpSessionOps *ops,
                         void *opaque);

/**
 * qmp_session_set_wake: sets the function that wakes up the second thread, or
 * without `oob` the main thread
 * @s: the session
 * @wake: (nullable) may be called in any thread; it schedules a slice of the
 *        thread, because there is an event to send, or there is room for
 *        requests again
 * @opaque: passed to @wake
 *
 * When the function returns, no other thread is running the previous @wake.
 *
 * Thread: main
 */
void qmp_session_set_wake(QmpSession *s, void (*wake)(void *opaque),
                          void *opaque);

/* ---- Queue ---- */

/**
 * qmp_session_feed: parses bytes from the client and queues the requests
 * @s: the session
 * @bytes: the bytes; borrowed
 * @n_bytes: number of bytes
 *
 * Thread: the reader
 */
void qmp_session_feed(QmpSession *s, const char *bytes, size_t n_bytes);

/**
 * qmp_session_end_input: ends the input; the client sends no more
 * @s: the session
 *
 * Thread: the reader
 */
void qmp_session_end_input(QmpSession *s);

/**
 * qmp_session_wants_input: returns true if more is to be read from the client
 * @s: the session
 *
 * Thread: the reader
 */
bool qmp_session_wants_input(QmpSession *s);

/**
 * qmp_session_receive_fds: receives file descriptors from the client
 * @s: the session
 * @fds: (transfer full) [@n_fds]
 * @n_fds: their number, at least 1
 *
 * Call it before qmp_session_feed() with the bytes that they came with.
 *
 * Thread: the reader
 */
void qmp_session_receive_fds(QmpSession *s, const int *fds, unsigned n_fds);

/* ---- Run ---- */

/**
 * qmp_session_run: executes queued requests of a band in order
 * @s: the session
 * @band: the band
 * @time_limit_us: in microseconds; the function stops after the request that
 *          exceeds it
 *
 * The function also stops when the output is full, after the requests
 * that enable `oob` and that quit, and in band at a request whose coroutine has
 * yielded.  In band it executes nothing while a command of the session is
 * running, or while the gate is closed.
 *
 * Thread: main in band, the reader out of band
 */
void qmp_session_run(QmpSession *s, QmpBand band, int64_t time_limit_us);

/**
 * qmp_session_may_run: returns true if a request of a band may be executed now
 * @s: the session
 * @band: the band
 *
 * In band, the gate may still be closed.
 *
 * Thread: any
 */
bool qmp_session_may_run(QmpSession *s, QmpBand band);

/**
 * qmp_session_is_ready: returns true if qmp_session_run() in band is to be
 * called again without being asked for
 * @s: the session
 *
 * That is if a request may be executed, and the session is not in the queue of
 * the gate.
 *
 * Thread: main
 */
bool qmp_session_is_ready(const QmpSession *s);

/**
 * qmp_session_current: returns the session whose command the thread is
 * executing
 *
 * A command whose coroutine has yielded must not call it.
 *
 * Returns: (nullable) the session; NULL if the thread executes no command
 * Thread: any
 */
QmpSession *qmp_session_current(void);

/* ---- Send ---- */

/**
 * qmp_session_send: writes replies and events until none is left or the client
 * takes no more
 * @s: the session
 * @write: must not block; called with the output locked
 * @opaque: passed to @write
 *
 * Returns: true if nothing is left; false if the client takes no more
 * Thread: main or the reader
 */
bool qmp_session_send(QmpSession *s, QmpOutputWrite *write, void *opaque);

/**
 * qmp_session_unsent: returns the size of the output that is still to be sent
 * @s: the session
 *
 * Returns: the number of bytes, without events that wait for room
 * Thread: any
 */
size_t qmp_session_unsent(const QmpSession *s);

/**
 * qmp_session_has_events: returns true if events wait for room in the output
 * @s: the session
 *
 * Thread: main or the reader
 */
bool qmp_session_has_events(QmpSession *s);

/**
 * qmp_session_events_size: returns the size of the events that wait for room
 * @s: the session
 *
 * Returns: the number of bytes, without merged events
 * Thread: any
 */
size_t qmp_session_events_size(QmpSession *s);

/* ---- State ---- */

/**
 * qmp_session_has_requests: returns true if requests wait for their execution
 * @s: the session
 *
 * Thread: any
 */
bool qmp_session_has_requests(QmpSession *s);

/**
 * qmp_session_is_idle: returns true if all requests have been executed, and the
 * replies have been appended to the output
 * @s: the session
 *
 * After `quit` the requests that follow do not count.
 *
 * Thread: any
 */
bool qmp_session_is_idle(QmpSession *s);

/**
 * qmp_session_is_in_use: returns true if the session must not be freed, because
 * the main thread is executing a command of it or reads its watched properties
 * @s: the session
 *
 * Thread: main
 */
bool qmp_session_is_in_use(const QmpSession *s);

/**
 * qmp_session_has_oob: returns true if the client has enabled `oob`
 * @s: the session
 *
 * Thread: any
 */
bool qmp_session_has_oob(const QmpSession *s);

/**
 * qmp_session_needs_thread: returns true if a second thread is to run requests
 * out of band
 * @s: the session
 *
 * That is with `oob`, unless the commands are forwarded.
 *
 * Thread: any
 */
bool qmp_session_needs_thread(const QmpSession *s);

/**
 * qmp_session_has_quit: returns true if the client has sent `quit`
 * @s: the session
 *
 * Thread: any
 */
bool qmp_session_has_quit(const QmpSession *s);

/**
 * qmp_session_limits: returns the limits of the session
 * @s: the session
 *
 * Returns: constant; borrowed
 * Thread: any
 */
const QmpLimits *qmp_session_limits(const QmpSession *s);

/* ---- For commands ---- */

/**
 * qmp_session_is_negotiated: returns true if the client has completed the
 * negotiation
 * @s: the session
 *
 * Thread: main
 */
bool qmp_session_is_negotiated(const QmpSession *s);

/**
 * qmp_session_enable_oob: enables `oob`
 * @s: the session
 * @errp: set if the session does not offer it, or the thread cannot be started
 *
 * Returns: true; false with @errp set, and then nothing has changed
 * Thread: main
 */
bool qmp_session_enable_oob(QmpSession *s, Error **errp);

/**
 * qmp_session_negotiate: completes the negotiation
 * @s: the session; it receives events from now on
 *
 * Thread: main
 */
void qmp_session_negotiate(QmpSession *s);

/**
 * qmp_session_quit: ends the conversation: no other request is executed
 * @s: the session
 *
 * Thread: main
 */
void qmp_session_quit(QmpSession *s);

/**
 * qmp_session_fds: returns the file descriptors that the client has passed
 * @s: the session
 *
 * Returns: borrowed
 * Thread: main
 */
QmpFds *qmp_session_fds(QmpSession *s);

/**
 * qmp_session_watches: returns the watches of the session
 * @s: the session
 *
 * Returns: borrowed
 * Thread: main
 */
QmpWatches *qmp_session_watches(QmpSession *s);

/* What other clients may learn about a session. */
typedef struct QmpSessionStatus {
    const QmpSession *session; /* to be compared only */
    const QmpSessionOptions *options;
    bool has_oob;
    unsigned n_queued;
    const char *command; /* (nullable) static; executed in band */
    int64_t since_us;    /* its start; or that of a later command */
} QmpSessionStatus;

/**
 * qmp_session_for_each: calls a function for every session, in the order of
 * their creation
 * @fn: must not block or send events; its argument is borrowed
 * @opaque: passed to @fn
 *
 * Thread: any
 */
void qmp_session_for_each(void (*fn)(const QmpSessionStatus *status,
                                     void *opaque), void *opaque);

#endif
