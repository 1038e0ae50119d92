/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QmpSession: one conversation, without any input or output.
 *
 * Bytes of the client go in with qmp_session_feed(), where whole requests are
 * queued; qmp_session_run() executes them in order and appends what is to be
 * sent to `out`.  Whoever carries the bytes (qmp/qmp-connection.c, a test)
 * takes them from there with qmp_session_sent().
 *
 * Thread: main
 * Contract: docs/qmp.md
 */
#ifndef QOM_QMP_QMP_SESSION_INTERNAL_H
#define QOM_QMP_QMP_SESSION_INTERNAL_H

#include "qapi/error.h"
#include "qapi/json-doc.h"
#include "qapi/json.h"
#include "qmp/qmp-mailbox-internal.h"

enum {
    /* With so many bytes to be sent, nothing more is executed. */
    QMP_OUTPUT_LIMIT = 64 * 1024,
};

/* A request or what was wrong with it; one of the two is set. */
typedef struct QmpInput {
    JsonDoc *doc;
    Error *err;
} QmpInput;

typedef struct QmpSession {
    JsonStream *stream;
    GArray *queue;     /* of QmpInput, executed up to `queue_head` */
    unsigned queue_head;
    GString *out;      /* sent up to `out_sent` */
    size_t out_sent;
    bool pretty;
    bool negotiated;   /* qmp_capabilities has been accepted */
    bool quit;         /* the client said so; nothing more is executed */
    bool running;      /* a command is */

    QmpMailbox mailbox;    /* what others have for the client */
    void (*wake)(void *opaque); /* (nullable) there is mail; any thread */
    void *wake_opaque;
    bool wants_events;     /* atomic; once negotiated */

    /* Of qmp-watch.c, main thread */
    GPtrArray *watches;
    GQueue changed_values;
    unsigned n_values;
    bool has_changes;      /* atomic: of which some wait for room */
} QmpSession;

/**
 * qmp_session_new: begin a conversation, with the greeting to be sent
 * @pretty: replies over several lines
 *
 * Returns: (transfer full)
 */
QmpSession *qmp_session_new(bool pretty);

/**
 * qmp_session_free: end a conversation; what is queued is dropped
 * @s: (nullable) consumed
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
 * Stops also when QMP_OUTPUT_LIMIT is reached.
 */
void qmp_session_run(QmpSession *s, int64_t time_limit_us);

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

/* qmp_session_has_requests: is something queued? */
bool qmp_session_has_requests(const QmpSession *s);

/* qmp_session_unsent: bytes that are to be sent */
static inline size_t qmp_session_unsent(const QmpSession *s)
{
    return s->out->len - s->out_sent;
}

/* qmp_session_sent: the first @n_bytes of those have been sent */
void qmp_session_sent(QmpSession *s, size_t n_bytes);

/* qmp_session_current: whose command the thread is running, or NULL */
QmpSession *qmp_session_current(void);

/* qmp_session_reply_error: append an error reply; @id is (nullable) */
void qmp_session_reply_error(QmpSession *s, const Error *err,
                             const JsonItem *id);

/* qmp_session_reply: append a reply; @value NULL is {}; @id is (nullable) */
void qmp_session_reply(QmpSession *s, JsonNode *value, const JsonItem *id);

/**
 * qmp_to_json: a C value as JSON
 * @type: what the value is
 * @slot: where it is, as for qapi_type_visit()
 *
 * Returns: (transfer full); NULL with @errp set
 */
JsonNode *qmp_to_json(const QapiType *type, void *slot, Error **errp);

/**
 * qmp_dispatch: execute one request and append its reply
 * @s: the session
 * @node: the request, as it came
 */
void qmp_dispatch(QmpSession *s, const JsonItem *input);

#endif
