/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QmpSession: one conversation, without input or output.
 *
 * The connection (qmp/qmp-connection.c, or a test) passes the bytes of the
 * client to qmp_session_feed(), which queues whole requests.  qmp_session_run()
 * executes them in order and appends the replies to `out`.  The connection
 * sends the bytes of `out` and reports them with qmp_session_sent().
 *
 * Once the client has enabled `oob`, a session is used by two threads.  The
 * reading thread has the input and `out`.  It calls qmp_session_route(), which
 * executes out-of-band requests at once and queues the others.  The main thread
 * executes the others with qmp_session_run_inband(); their replies go through
 * the output queue.
 *
 * Thread: unless a comment names another one, the main thread before `oob` and
 *         the reading thread from then on
 * Contract: docs/qmp.md
 */
#ifndef QOM_QMP_QMP_SESSION_INTERNAL_H
#define QOM_QMP_QMP_SESSION_INTERNAL_H

#include "qapi/error.h"
#include "qapi/json/json-doc.h"
#include "qapi/json/json.h"
#include "qapi/qapi-command.h"
#include "qmp/qmp-mailbox-internal.h"
#include "util/queue.h"
#include "util/queue.h"

enum {
    /*
     * Limit of unsent output in bytes; once it is reached nothing is executed.
     */
    QMP_OUTPUT_LIMIT = 64 * 1024,
    /*
     * With `oob`, the number of in-band requests that may wait; once it is
     * reached nothing is read, and nothing is executed out of band.
     */
    QMP_INBAND_LIMIT = 8,
};

/* What a session knows about its connection. */
typedef struct QmpSessionOptions {
    bool pretty;     /* replies over several lines */
    bool offers_oob; /* the connection can move to the thread */
    bool has_peer;
    int peer_pid;
    unsigned peer_uid;
} QmpSessionOptions;

/* A request, or the error that was found in the input; exactly one is set. */
typedef struct QmpInput {
    JsonDoc *doc;
    Error *err;
} QmpInput;

/* A command that is executed in a coroutine; qmp-job.c */
typedef struct QmpJob QmpJob;

typedef struct QmpSession {
    JsonStream *stream;
    GArray *queue;     /* of QmpInput; those before `queue_head` are done */
    unsigned queue_head;
    GString *out;      /* text for the client; sent up to `out_sent` */
    size_t out_sent;
    QmpSessionOptions options;
    bool negotiated;   /* main: qmp_capabilities has been accepted */
    bool quit; /* atomic: the client sent `quit`; nothing more is executed */
    bool running;      /* main: a command is being executed */
    /*
     * (nullable) main: a command whose coroutine has yielded; until it ends, no
     * other command of the session is executed
     */
    QmpJob *job;
    bool is_orphan;    /* main: freed when `job` ends */

    /*
     * Starts the reading thread.  Called in the main thread when the client
     * enables `oob`.
     */
    bool (*start_oob)(void *opaque, Error **errp);
    void *start_oob_opaque;
    bool oob;          /* atomic; once the client has enabled it */
    GMutex lock;
    GArray *inband;    /* of QmpInput, with oob; under lock */
    bool inband_busy;  /* an in-band request is being executed; under lock */
    bool inband_waits; /* its coroutine has yielded; under lock */

    /*
     * For query-qmp-sessions: the in-band command that is being executed;
     * atomic
     */
    const char *command;  /* static; NULL: none */
    int64_t since_us;
    unsigned n_queued;

    QmpMailbox mailbox;    /* the output queue */
    /*
     * (nullable) called in any thread when the output queue has got text; see
     * qmp_events_set_wake()
     */
    void (*wake)(void *opaque);
    void *wake_opaque;
    bool wants_events;     /* atomic; once negotiated */

    /* Main thread, for the queue of qmp-gate.c. */
    QueueLink gate_link;
    void (*run_later)(void *opaque); /* (nullable) schedules a time slice */
    void *run_opaque;

    /* Main thread, for qmp-watch.c. */
    GHashTable *watches;
    QueueLink changed_values; /* head */
    unsigned n_values;
    bool has_changes;      /* atomic: changed values wait for room */
    void *watch_added;     /* (nullable) Watch whose values are being read */
    void *value_told;      /* (nullable) Value that is being read */
} QmpSession;

/**
 * qmp_session_new_full: Creates a session and appends the greeting to its
 * output.
 * @options: copied
 *
 * Returns: (transfer full) the session
 * Thread: main
 */
QmpSession *qmp_session_new_full(const QmpSessionOptions *options);

/*
 * qmp_session_new: Creates a session that does not offer `oob` and has no peer.
 * Thread: main
 */
QmpSession *qmp_session_new(bool pretty);

/**
 * qmp_session_free: Ends a session and discards its queued requests.
 * @s: (nullable) consumed; no other thread may use it
 *
 * A command whose coroutine has yielded continues; its reply is discarded.
 *
 * Thread: main
 */
void qmp_session_free(QmpSession *s);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(QmpSession, qmp_session_free)

/**
 * qmp_session_feed: Parses bytes from the client and queues the requests.
 * @s: the session
 * @bytes: the bytes; borrowed
 * @n_bytes: number of bytes
 */
void qmp_session_feed(QmpSession *s, const char *bytes, size_t n_bytes);

/**
 * qmp_session_end_input: Ends the input; the client sends no more.
 * @s: the session
 */
void qmp_session_end_input(QmpSession *s);

/**
 * qmp_session_run: Executes queued requests in order.
 * @s: the session; no command of it may be running
 * @time_limit_us: in microseconds; the function stops after the request that
 *          exceeds it
 *
 * The function also stops when QMP_OUTPUT_LIMIT is reached, after the request
 * that enables `oob`, and at a request whose coroutine has yielded.  The
 * session wakes its owner up when that coroutine has ended.  While the gate is
 * closed nothing is executed.
 *
 * Thread: main
 */
void qmp_session_run(QmpSession *s, int64_t time_limit_us);

/* ---- One command at a time, qmp-gate.c ---- */

/**
 * qmp_gate_enter: Tries to take the gate, which allows a session to execute
 * in-band requests.
 * @s: the session
 *
 * The gate is closed while another session holds it or has to be served first.
 * @s then waits in the queue of the gate, and its `run_later` is called when it
 * may try again.
 *
 * Returns: true if @s holds the gate; it then calls qmp_gate_leave().  False if
 *          the gate is closed
 * Thread: main
 */
bool qmp_gate_enter(QmpSession *s);

/*
 * qmp_gate_leave: Releases the gate and asks the next session to run.  Thread:
 * main
 */
void qmp_gate_leave(void);

/*
 * qmp_gate_is_waiting: Returns true if the session is in the queue of the gate.
 * Thread: main
 */
bool qmp_gate_is_waiting(const QmpSession *s);

/**
 * qmp_gate_forget: Removes a session that has nothing to execute, or is being
 * freed, from the queue of the gate.
 * @s: the session; it need not be in the queue
 *
 * Thread: main
 */
void qmp_gate_forget(QmpSession *s);

/**
 * qmp_session_take_mail: Moves the contents of the output queue to `out`.
 * @s: the session
 *
 * While QMP_OUTPUT_LIMIT is reached it does nothing.
 */
void qmp_session_take_mail(QmpSession *s);

/*
 * qmp_session_wake: Wakes the connection up: the output queue has got text.
 * Thread: any
 */
static inline void qmp_session_wake(QmpSession *s)
{
    if (s->wake) {
        s->wake(s->wake_opaque);
    }
}

/*
 * qmp_session_has_oob: Returns true if the client has enabled `oob`.  Thread:
 * any
 */
static inline bool qmp_session_has_oob(const QmpSession *s)
{
    return __atomic_load_n(&s->oob, __ATOMIC_ACQUIRE);
}

/*
 * qmp_session_has_quit: Returns true if the client has sent `quit`.  Thread:
 * any
 */
static inline bool qmp_session_has_quit(const QmpSession *s)
{
    return __atomic_load_n(&s->quit, __ATOMIC_ACQUIRE);
}

/* ---- Out of band, qmp-oob.c ---- */

/**
 * qmp_session_route: Executes or queues parsed requests in order, with `oob`.
 * @s: the session
 * @time_limit_us: in microseconds; the function stops after the request that
 *          exceeds it
 *
 * The function executes out-of-band requests and queues the others for
 * qmp_session_run_inband().  It also stops when QMP_INBAND_LIMIT of these are
 * waiting, and when QMP_OUTPUT_LIMIT is reached.
 *
 * Thread: the reading thread
 */
void qmp_session_route(QmpSession *s, int64_t time_limit_us);

/*
 * qmp_session_has_inband_room: Returns true if fewer than QMP_INBAND_LIMIT
 * in-band requests wait.  Thread: any
 */
bool qmp_session_has_inband_room(QmpSession *s);

/*
 * qmp_session_can_route: Returns true if qmp_session_route() would take a
 * request.
 */
bool qmp_session_can_route(QmpSession *s);

/**
 * qmp_session_run_inband: Executes the queued in-band requests, with `oob`.
 * @s: the session; no command of it may be running
 * @time_limit_us: in microseconds; the function stops after the request that
 *          exceeds it
 *
 * The function also stops when the output queue holds replies of
 * QMP_OUTPUT_LIMIT bytes, and at `quit`, after which it discards the remaining
 * requests.  While the gate is closed nothing is executed.  The function wakes
 * the reading thread up.
 *
 * Thread: main
 */
void qmp_session_run_inband(QmpSession *s, int64_t time_limit_us);

/**
 * qmp_session_can_run_inband: Returns true if qmp_session_run_inband() would
 * execute a request, provided that the gate is open.
 *
 * Thread: any
 */
bool qmp_session_can_run_inband(QmpSession *s);

/**
 * qmp_session_is_inband_idle: Returns true if no in-band request is waiting or
 * being executed.
 *
 * All replies are then in the output queue or have been taken from it.
 *
 * Thread: any
 */
bool qmp_session_is_inband_idle(QmpSession *s);

/*
 * qmp_session_enter: Makes @s the session whose commands the thread executes,
 * and returns the previous one (nullable).  Thread: any
 */
QmpSession *qmp_session_enter(QmpSession *s);

/*
 * qmp_session_note: Records the in-band command that is being executed, static
 * text; NULL: none.  Thread: main
 */
void qmp_session_note(QmpSession *s, const char *command);

/* qmp_input_clear: Frees what an input owns. */
void qmp_input_clear(QmpInput *input);

/* qmp_session_has_requests: Returns true if a parsed request is queued. */
bool qmp_session_has_requests(const QmpSession *s);

/* qmp_session_unsent: Returns the number of bytes that are still to be sent. */
static inline size_t qmp_session_unsent(const QmpSession *s)
{
    return s->out->len - s->out_sent;
}

/*
 * qmp_session_sent: Reports that the first @n_bytes of the unsent output have
 * been sent.
 */
void qmp_session_sent(QmpSession *s, size_t n_bytes);

/*
 * qmp_session_current: Returns the session whose command the thread is
 * executing; NULL if there is none.  A command whose coroutine has yielded must
 * not call it.  Thread: any
 */
QmpSession *qmp_session_current(void);

/**
 * qmp_session_reply_error: Appends an error reply.
 * @s: the session
 * @out: the string to append to; if it is the session's own output, the
 *       contents of the output queue are moved there first
 * @err: the error; borrowed
 * @id: (nullable) the id of the request; borrowed
 */
void qmp_session_reply_error(QmpSession *s, GString *out, const Error *err,
                             const JsonItem *id);

/*
 * qmp_session_reply: Appends a success reply, as qmp_session_reply_error()
 * does.  If @value (nullable, borrowed) is NULL, {} is returned to the client.
 */
void qmp_session_reply(QmpSession *s, GString *out, JsonNode *value,
                       const JsonItem *id);

/*
 * qmp_session_append: Appends replies that are text already, as
 * qmp_session_reply_error() does.
 */
void qmp_session_append(QmpSession *s, GString *out, const GString *replies);

/*
 * qmp_session_destroy: Frees the memory of a session, for qmp_session_free()
 * and qmp-job.c.
 */
void qmp_session_destroy(QmpSession *s);

/**
 * qmp_dispatch: Executes one request and appends its reply.
 * @s: the session
 * @doc: (inout) the request; consumed and set to NULL if it is needed after the
 *       call
 * @out: the string to append to
 *
 * Returns: true if the request is done; false if its coroutine has yielded.
 *          `s->job` is then set, and the reply is delivered when the coroutine
 *          ends
 */
bool qmp_dispatch(QmpSession *s, JsonDoc **doc, GString *out);

/*
 * qmp_execute: Executes a command and appends its reply.  @id is (nullable);
 * all arguments are borrowed.
 */
void qmp_execute(QmpSession *s, const QapiCommand *cmd,
                 const JsonItem *arguments, const JsonItem *id, GString *out);

/*
 * qmp_job_start: Executes a command in a coroutine.  It returns as
 * qmp_dispatch() does.  Thread: main
 */
bool qmp_job_start(QmpSession *s, const QapiCommand *cmd,
                   const JsonItem *arguments, const JsonItem *id,
                   JsonDoc **doc, GString *out);

/*
 * qmp_oob_end_job: Delivers the reply of a job that has ended, with `oob`.
 * Thread: main
 */
void qmp_oob_end_job(QmpSession *s, const GString *reply);

/* qmp_is_oob: Returns true if the request asks to be executed out of band. */
bool qmp_is_oob(const JsonItem *input);

#endif
