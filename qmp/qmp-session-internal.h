/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QmpSession: one conversation, without any input or output.
 *
 * Bytes of the client go in with qmp_session_feed(), where whole requests are
 * queued; qmp_session_run() executes them in order and appends what is to be
 * sent to `out`.  Whoever carries the bytes (qmp/qmp-connection.c, a test)
 * takes them from there with qmp_session_sent().
 *
 * Once the client has enabled `oob` the session has two sides.  The side of
 * the input and of `out` may be in a thread of its own; it calls
 * qmp_session_route(), which executes what is out of band at once and queues
 * the rest.  The main thread executes that with qmp_session_run_inband(); its
 * replies go through the mailbox.
 *
 * Thread: where nothing else is said: before `oob` main, then that of the
 *         input
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
    /* With so many bytes to be sent, nothing more is executed. */
    QMP_OUTPUT_LIMIT = 64 * 1024,
    /* With `oob`, so many requests wait; then nothing more is looked at. */
    QMP_INBAND_LIMIT = 8,
};

/* What a session is to know of the transport. */
typedef struct QmpSessionOptions {
    bool pretty;     /* replies over several lines */
    bool offers_oob; /* there can be a thread for the input */
    bool has_peer;
    int peer_pid;
    unsigned peer_uid;
} QmpSessionOptions;

/* A request or what was wrong with it; one of the two is set. */
typedef struct QmpInput {
    JsonDoc *doc;
    Error *err;
} QmpInput;

/* A command that is executed in a coroutine; qmp-job.c */
typedef struct QmpJob QmpJob;

typedef struct QmpSession {
    JsonStream *stream;
    GArray *queue;     /* of QmpInput, executed up to `queue_head` */
    unsigned queue_head;
    GString *out;      /* sent up to `out_sent` */
    size_t out_sent;
    QmpSessionOptions options;
    bool negotiated;   /* main: qmp_capabilities has been accepted */
    bool quit;         /* atomic: the client said so; no more is executed */
    bool running;      /* main: a command is */
    QmpJob *job;       /* (nullable) main: whose coroutine has yielded; no
                          other command of the session is executed */
    bool is_orphan;    /* main: freed when `job` ends */

    /* Set up the thread of the input; main, when the client enables oob. */
    bool (*start_oob)(void *opaque, Error **errp);
    void *start_oob_opaque;
    bool oob;          /* atomic; once the client has enabled it */
    GMutex lock;
    GArray *inband;    /* of QmpInput, with oob; under lock */
    bool inband_busy;  /* one of them is being executed; under lock */
    bool inband_waits; /* and its coroutine has yielded; under lock */

    /* For query-qmp-sessions, of what is executed in band; atomic */
    const char *command;  /* static; NULL: none */
    int64_t since_us;
    unsigned n_queued;

    QmpMailbox mailbox;    /* what others have for the client */
    void (*wake)(void *opaque); /* (nullable) there is mail; any thread;
                                   see qmp_events_set_wake() */
    void *wake_opaque;
    bool wants_events;     /* atomic; once negotiated */

    /* Main thread: takes part in qmp-gate.c's queue */
    QueueLink gate_link;
    void (*run_later)(void *opaque); /* (nullable) run the session soon */
    void *run_opaque;

    /* Of qmp-watch.c, main thread */
    GHashTable *watches;
    QueueLink changed_values; /* head */
    unsigned n_values;
    bool has_changes;      /* atomic: of which some wait for room */
    void *watch_added;     /* (nullable) Watch whose values are being read */
    void *value_told;      /* (nullable) Value that is being read */
} QmpSession;

/**
 * qmp_session_new_full: begin a conversation, with the greeting to be sent
 * @options: borrowed
 *
 * Returns: (transfer full)
 * Thread: main
 */
QmpSession *qmp_session_new_full(const QmpSessionOptions *options);

/* qmp_session_new: one that offers nothing and has no peer */
QmpSession *qmp_session_new(bool pretty);

/**
 * qmp_session_free: end a conversation; what is queued is dropped
 * @s: (nullable) consumed; no other thread uses it
 *
 * A command whose coroutine has yielded goes on, and is answered to nobody.
 *
 * Thread: main
 */
void qmp_session_free(QmpSession *s);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(QmpSession, qmp_session_free)

/**
 * qmp_session_feed: take bytes from the client
 * @s: the session
 * @bytes: borrowed
 * @n_bytes: how many
 */
void qmp_session_feed(QmpSession *s, const char *bytes, size_t n_bytes);

/**
 * qmp_session_end_input: the client sends no more
 * @s: the session
 */
void qmp_session_end_input(QmpSession *s);

/**
 * qmp_session_run: execute requests, in order
 * @s: the session, and no command of it is running
 * @time_limit_us: stop after the request that exceeds this, microseconds
 *
 * Stops also when QMP_OUTPUT_LIMIT is reached, after the one that enables oob,
 * and at one whose coroutine has yielded; the session wakes its owner when
 * that has ended.  Executes nothing while the gate is closed.
 */
void qmp_session_run(QmpSession *s, int64_t time_limit_us);

/* ---- One command at a time, qmp-gate.c ---- */

/**
 * qmp_gate_enter: begin to execute requests of @s in band
 * @s: the session
 *
 * Returns: true; then call qmp_gate_leave().  False while requests are being
 * executed, or while other sessions are to be served first: then @s is in the
 * queue, and its `run_later` is called when it may try again.
 *
 * Thread: main
 */
bool qmp_gate_enter(QmpSession *s);

/* qmp_gate_leave: @s executes no more for now.  Thread: main */
void qmp_gate_leave(void);

/* qmp_gate_is_waiting: is the session in the queue?  Thread: main */
bool qmp_gate_is_waiting(const QmpSession *s);

/**
 * qmp_gate_forget: the session has nothing to execute, or is going
 * @s: the session; need not be in the queue
 *
 * Thread: main
 */
void qmp_gate_forget(QmpSession *s);

/**
 * qmp_session_take_mail: append to `out` what others have for the client
 * @s: the session
 *
 * Does nothing while QMP_OUTPUT_LIMIT is reached.
 */
void qmp_session_take_mail(QmpSession *s);

/* qmp_session_wake: there is mail.  Thread: any */
static inline void qmp_session_wake(QmpSession *s)
{
    if (s->wake) {
        s->wake(s->wake_opaque);
    }
}

/* qmp_session_has_oob: has the client enabled it?  Thread: any */
static inline bool qmp_session_has_oob(const QmpSession *s)
{
    return __atomic_load_n(&s->oob, __ATOMIC_ACQUIRE);
}

/* qmp_session_has_quit: has the client said so?  Thread: any */
static inline bool qmp_session_has_quit(const QmpSession *s)
{
    return __atomic_load_n(&s->quit, __ATOMIC_ACQUIRE);
}

/* ---- Out of band, qmp-oob.c ---- */

/**
 * qmp_session_route: look at requests, in order, with oob
 * @s: the session
 * @time_limit_us: stop after the request that exceeds this, microseconds
 *
 * Executes those that are out of band, and queues others for
 * qmp_session_run_inband().  Stops also when QMP_INBAND_LIMIT of these are
 * waiting, at the first that is one too many, and when QMP_OUTPUT_LIMIT is
 * reached.
 */
void qmp_session_route(QmpSession *s, int64_t time_limit_us);

/* qmp_session_has_inband_room: are there less than QMP_INBAND_LIMIT? */
bool qmp_session_has_inband_room(QmpSession *s);

/* qmp_session_can_route: would qmp_session_route() look at any? */
bool qmp_session_can_route(QmpSession *s);

/**
 * qmp_session_run_inband: execute what has been queued, with oob
 * @s: the session, and no command of it is running
 * @time_limit_us: stop after the request that exceeds this, microseconds
 *
 * Stops also when QMP_OUTPUT_LIMIT is in the mailbox, and at `quit`, when what
 * is left is dropped.  Executes nothing while the gate is closed.  Wakes the
 * side of the input.
 *
 * Thread: main
 */
void qmp_session_run_inband(QmpSession *s, int64_t time_limit_us);

/**
 * qmp_session_can_run_inband: would it execute any?
 *
 * Thread: any
 */
bool qmp_session_can_run_inband(QmpSession *s);

/**
 * qmp_session_is_inband_idle: is none waiting, and none executed?
 *
 * If so, all replies are in the mailbox or have been taken.
 *
 * Thread: any
 */
bool qmp_session_is_inband_idle(QmpSession *s);

/* qmp_session_enter: the thread runs commands of @s; returns whose before */
QmpSession *qmp_session_enter(QmpSession *s);

/* qmp_session_note: @command is being executed, NULL: none.  Thread: main */
void qmp_session_note(QmpSession *s, const char *command);

/* qmp_input_clear: free what an input owns */
void qmp_input_clear(QmpInput *input);

/* qmp_session_has_requests: is something queued? */
bool qmp_session_has_requests(const QmpSession *s);

/* qmp_session_unsent: bytes that are to be sent */
static inline size_t qmp_session_unsent(const QmpSession *s)
{
    return s->out->len - s->out_sent;
}

/* qmp_session_sent: the first @n_bytes of those have been sent */
void qmp_session_sent(QmpSession *s, size_t n_bytes);

/*
 * qmp_session_current: whose command the thread is running, or NULL; not for
 * commands that yield
 */
QmpSession *qmp_session_current(void);

/**
 * qmp_session_reply_error: append an error reply
 * @s: the session
 * @out: to what; mail is taken before if it is the session's own output
 * @err: borrowed
 * @id: (nullable) of the request
 */
void qmp_session_reply_error(QmpSession *s, GString *out, const Error *err,
                             const JsonItem *id);

/* qmp_session_reply: append a reply; @value NULL is {}; see above */
void qmp_session_reply(QmpSession *s, GString *out, JsonNode *value,
                       const JsonItem *id);

/* qmp_session_append: append replies to @out, behind mail if it is the
   session's own output */
void qmp_session_append(QmpSession *s, GString *out, const GString *replies);

/* qmp_session_destroy: free the memory; for qmp_session_free() and jobs */
void qmp_session_destroy(QmpSession *s);

/**
 * qmp_dispatch: execute one request and append its reply
 * @s: the session
 * @doc: the request, as it came; taken if it is needed later
 * @out: where to
 *
 * Returns: true; false when its coroutine has yielded, and `s->job` is set.
 * The reply then goes where the session's others go.
 */
bool qmp_dispatch(QmpSession *s, JsonDoc **doc, GString *out);

/* qmp_execute: execute @cmd and append its reply; @id is (nullable) */
void qmp_execute(QmpSession *s, const QapiCommand *cmd,
                 const JsonItem *arguments, const JsonItem *id, GString *out);

/* qmp_job_start: qmp_execute() in a coroutine; as qmp_dispatch() */
bool qmp_job_start(QmpSession *s, const QapiCommand *cmd,
                   const JsonItem *arguments, const JsonItem *id,
                   JsonDoc **doc, GString *out);

/* qmp_oob_end_job: what follows with oob when `job` has ended */
void qmp_oob_end_job(QmpSession *s, const GString *reply);

/* qmp_is_oob: does the request ask to be executed out of band? */
bool qmp_is_oob(const JsonItem *input);

#endif
