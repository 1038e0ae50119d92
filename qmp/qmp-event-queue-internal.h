/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QmpEventQueue: the events that one client is still to be sent.
 *
 * Any thread adds events.  The thread that writes to the client takes all of
 * them at once, when the client has read what was sent before.
 *
 * While the client reads, events are passed on unchanged.  Once the limit of
 * bytes is reached, object events are kept by path and merged,
 * and other events are only counted.  A client that does not read thus costs
 * the limit, plus up to two lines for each path whose state has changed.
 *
 * Thread: any, unless a comment names another one
 */
#ifndef QOM_QMP_QMP_EVENT_QUEUE_INTERNAL_H
#define QOM_QMP_QMP_EVENT_QUEUE_INTERNAL_H

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    QMP_EVENT_LIMIT = 256 * 1024, /* default limit, in bytes */
};

typedef struct QmpEventQueue {
    size_t limit; /* constant: bytes of events, before they are merged */
    bool pretty;  /* constant: the client gets messages on several lines */
    const void *source; /* constant: whose events the client gets; NULL: those
                           of this process */
    GMutex lock;
    atomic_bool has_events; /* the queue is not empty; changed under lock */
    GString *text;          /* events, unchanged; under lock */
    GQueue object_events;   /* of ObjectEvents; under lock */
    GHashTable *by_path;    /* the same by path; under lock */
    gint64 n_dropped;       /* since events were last taken; under lock */
    void (*wake)(void *opaque); /* (nullable) under lock */
    void *wake_opaque;          /* under lock */
} QmpEventQueue;

/**
 * qmp_event_queue_init: initializes an empty queue without a wake function
 * @queue: filled in
 * @limit: number of bytes from which on events are merged and dropped
 * @pretty: true if the client gets messages on several lines
 *
 * Thread: main
 */
void qmp_event_queue_init(QmpEventQueue *queue, size_t limit, bool pretty);

/**
 * qmp_event_queue_cleanup: frees what a queue owns
 * @queue: the queue; no other thread may use it
 *
 * Thread: main
 */
void qmp_event_queue_cleanup(QmpEventQueue *queue);

/**
 * qmp_event_queue_set_wake: sets the function that is called when the queue has
 * got an event
 * @queue: the queue
 * @wake: (nullable) may be called in any thread, with the lock of the queue
 *        held; it only schedules the thread that takes the events
 * @opaque: passed to @wake
 *
 * When the function returns, no other thread is running the previous @wake.
 *
 * Thread: main
 */
void qmp_event_queue_set_wake(QmpEventQueue *queue,
                              void (*wake)(void *opaque), void *opaque);

/**
 * qmp_event_queue_wake: wakes up the thread that takes the events
 * @queue: the queue
 */
void qmp_event_queue_wake(QmpEventQueue *queue);

/**
 * qmp_event_queue_put: queues an event, or counts it as dropped if there is no
 * room
 * @queue: the queue
 * @text: the event, which ends with a line end; copied
 */
void qmp_event_queue_put(QmpEventQueue *queue, const char *text);

/**
 * qmp_event_queue_put_object: queues an object event, which is never dropped
 * @queue: the queue
 * @path: the path of the object; copied
 * @added: true if the object was added, false if it was deleted
 * @text: the event, which ends with a line end; copied
 */
void qmp_event_queue_put_object(QmpEventQueue *queue, const char *path,
                                bool added, const char *text);

/**
 * qmp_event_queue_put_always: queues an event even above the limit, because its
 * sender has checked qmp_event_queue_size()
 * @queue: the queue
 * @text: the event, which ends with a line end; copied
 */
void qmp_event_queue_put_always(QmpEventQueue *queue, const char *text);

/**
 * qmp_event_queue_size: returns the size of the queued events
 * @queue: the queue
 *
 * Returns: the number of bytes, without merged object events
 */
size_t qmp_event_queue_size(QmpEventQueue *queue);

/**
 * qmp_event_queue_is_empty: returns true if nothing is queued
 * @queue: the queue
 */
static inline bool qmp_event_queue_is_empty(QmpEventQueue *queue)
{
    /*
     * Relaxed: a thread that has been woken up sees the value, because waking
     * up orders memory; any other thread will be woken up.
     */
    return !atomic_load_explicit(&queue->has_events, memory_order_relaxed);
}

/**
 * qmp_event_queue_take: empties the queue
 * @queue: the queue
 * @out: all queued events are appended to it, and EVENTS_DROPPED if events were
 *       dropped since the last call
 *
 * Thread: the one that writes to the client
 */
void qmp_event_queue_take(QmpEventQueue *queue, GString *out);

#endif
