/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QmpOutput: what one client is still to be sent.
 *
 * Replies are appended to the text that is sent.  Events wait in a queue until
 * that text has room.  A session without `oob` uses its output in one thread;
 * with `oob`, two threads append and send.
 */
#ifndef QOM_QMP_QMP_OUTPUT_INTERNAL_H
#define QOM_QMP_QMP_OUTPUT_INTERNAL_H

#include "qmp/qmp-event-queue-internal.h"

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum {
    /*
     * Default limit of unsent text in bytes.  Once it is reached the output is
     * full: nothing is read or executed, and events wait.
     */
    QMP_OUTPUT_LIMIT = 64 * 1024,
};

typedef struct QmpOutput {
    bool is_shared; /* two threads use the output; set before the second does */
    GMutex lock;    /* taken if is_shared */
    size_t limit;   /* of `n_unsent`; constant */
    GString *text;  /* sent up to `sent`; under lock */
    size_t sent;    /* in bytes; under lock */
    atomic_size_t n_unsent; /* size of the rest; changed under lock */
    QmpEventQueue events;
    void (*took_events)(void *opaque); /* constant */
    void *opaque;                      /* constant */
} QmpOutput;

/**
 * QmpOutputWrite: Writes output to the client.
 * @opaque: as it was passed to qmp_output_send()
 * @bytes: the bytes; borrowed
 * @n_bytes: number of bytes, at least 1
 *
 * Returns: the number of bytes that have been written, at least 1; -1 if none
 *          can be written now
 */
typedef ssize_t QmpOutputWrite(void *opaque, const char *bytes,
                               size_t n_bytes);

/**
 * qmp_output_init: initializes an empty output
 * @o: filled in
 * @limit: number of unsent bytes from which on the output is full
 * @event_limit: number of bytes of events from which on they are merged
 * @pretty: true if the client gets messages on several lines
 * @took_events: called in the thread that has taken the events, with the output
 *               locked: there is room for other events
 * @opaque: passed to @took_events
 *
 * Thread: main
 */
void qmp_output_init(QmpOutput *o, size_t limit, size_t event_limit,
                     bool pretty, void (*took_events)(void *opaque),
                     void *opaque);

/**
 * qmp_output_cleanup: frees what an output owns
 * @o: the output; no other thread may use it
 *
 * Thread: main
 */
void qmp_output_cleanup(QmpOutput *o);

/**
 * qmp_output_share: lets a second thread append and send from now on
 * @o: the output
 *
 * Thread: main
 */
void qmp_output_share(QmpOutput *o);

/**
 * qmp_output_move: moves text to the output, after the events that were added
 * before it
 * @o: the output
 * @text: the text, whole lines; empty afterwards
 *
 * Thread: main or the reader
 */
void qmp_output_move(QmpOutput *o, GString *text);

/**
 * qmp_output_send: writes text and events until none is left or the client
 * takes no more
 * @o: the output
 * @write: must not block; called with the output locked
 * @opaque: passed to @write
 *
 * Returns: true if nothing is left; false if the client takes no more
 * Thread: main or the reader
 */
bool qmp_output_send(QmpOutput *o, QmpOutputWrite *write, void *opaque);

/**
 * qmp_output_unsent: returns the size of the text that is still to be sent
 * @o: the output
 *
 * Returns: the number of bytes, without events that wait for room
 * Thread: any
 */
static inline size_t qmp_output_unsent(const QmpOutput *o)
{
    /* Relaxed: qmp_output_send() orders what a thread has to know. */
    return atomic_load_explicit(&o->n_unsent, memory_order_relaxed);
}

/**
 * qmp_output_is_full: returns true if nothing may be executed or appended, and
 * events wait
 * @o: the output
 *
 * Thread: any
 */
static inline bool qmp_output_is_full(const QmpOutput *o)
{
    return qmp_output_unsent(o) >= o->limit;
}

#endif
