/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QmpInputQueue: what a client has sent and what has not been executed yet.
 *
 * The reader, one thread at a time, adds inputs.  Inputs belong to one of two
 * bands: the main thread takes inputs in band, one at a time; the reader takes
 * inputs out of band, which may overtake.  While `oob` is not enabled, all
 * inputs are in band and the main thread is the reader.
 *
 *             reader                                 main thread
 *     parse -> add ->  [ in | in | OUT | in | ... ]  -> take in band
 *                                  |
 *                                  +-> take out of band
 */
#ifndef QOM_QMP_QMP_INPUT_QUEUE_INTERNAL_H
#define QOM_QMP_QMP_INPUT_QUEUE_INTERNAL_H

#include "qapi/error.h"
#include "qapi/json/json-doc.h"
#include "util/lock.h"

#include <stdatomic.h>
#include <stdbool.h>

enum {
    /*
     * The default limit: with `oob`, the number of inputs in band that may
     * wait.  Once it is reached, nothing is read and nothing that follows is
     * taken out of band.
     */
    QMP_INBAND_LIMIT = 8,
};

typedef enum QmpBand {
    QMP_IN_BAND,
    QMP_OUT_OF_BAND,
} QmpBand;

/* A request, or an error in what the client sent; exactly one is set. */
typedef struct QmpInput {
    JsonDoc *doc;
    Error *err;
    QmpBand band;
    bool made_room; /* when it was taken: the reader can continue */
} QmpInput;

typedef struct QmpInputQueue {
    bool has_oob; /* the client has enabled `oob`; set before a second thread
                     uses the queue */
    bool reads_ahead; /* up to `limit` inputs are queued while one is being
                         executed; constant */
    Lock lock;    /* with `oob`, protects all fields below */
    QmpInput *inputs; /* the array; replaced by the reader alone */
    unsigned capacity;
    unsigned head; /* inputs[head] to inputs[tail - 1] are queued */
    unsigned tail;
    atomic_uint length; /* number of queued inputs; read without the lock */
    unsigned limit;     /* constant: inputs in band that may wait */
    unsigned n_oob;     /* number of queued inputs that are out of band */
    bool is_busy;       /* an input in band was taken and is not done */
} QmpInputQueue;

/* qmp_input_clear: frees what an input owns.  Thread: any */
void qmp_input_clear(QmpInput *input);

/**
 * qmp_input_queue_init: initializes an empty queue
 * @q: filled in
 * @limit: number of inputs in band that may wait with `oob`, at least 1
 */
void qmp_input_queue_init(QmpInputQueue *q, unsigned limit);

/**
 * qmp_input_queue_cleanup: frees the queued inputs
 * @q: the queue; no other thread may use it
 */
void qmp_input_queue_cleanup(QmpInputQueue *q);

/**
 * qmp_input_queue_enable_oob: sorts queued and later inputs into bands
 * @q: the queue
 *
 * Thread: main, which is the only reader up to now
 */
void qmp_input_queue_enable_oob(QmpInputQueue *q);

/**
 * qmp_input_queue_add: adds an input at the end
 * @q: the queue
 * @doc: (nullable) consumed
 * @err: (nullable) consumed
 *
 * Thread: the reader
 */
void qmp_input_queue_add(QmpInputQueue *q, JsonDoc *doc, Error *err);

/**
 * qmp_input_queue_take: takes the first input of a band, if it may be taken
 * @q: the queue
 * @band: the band
 * @input: (nullable) (out) the input, which the caller clears; NULL: the
 *         function only checks
 *
 * In band one input at a time is taken: the next one only after
 * qmp_input_queue_done().  An input out of band is taken only if fewer inputs
 * than the limit wait before it.
 *
 * Returns: true if there is such an input
 * Thread: main in band, the reader out of band; both may check
 */
bool qmp_input_queue_take(QmpInputQueue *q, QmpBand band, QmpInput *input);

/**
 * qmp_input_queue_done: ends the execution of the input that was taken in band
 * @q: the queue
 *
 * Thread: main
 */
void qmp_input_queue_done(QmpInputQueue *q);

/**
 * qmp_input_queue_has_room: returns true if more is to be read
 * @q: the queue
 *
 * With `oob`, that is while fewer inputs in band than the limit wait, and none
 * out of band.  Without it, nothing is read until all inputs are done, unless
 * the queue reads ahead.
 *
 * Thread: main or the reader
 */
bool qmp_input_queue_has_room(QmpInputQueue *q);

/**
 * qmp_input_queue_is_idle: returns true if no input waits, and none that was
 * taken in band is being executed
 * @q: the queue
 * @ignores_queued: true if inputs that wait do not count
 *
 * Thread: main or the reader
 */
bool qmp_input_queue_is_idle(QmpInputQueue *q, bool ignores_queued);

/**
 * qmp_input_queue_length: returns the number of inputs that wait
 * @q: the queue
 *
 * Thread: any
 */
static inline unsigned qmp_input_queue_length(const QmpInputQueue *q)
{
    /* Relaxed: a thread that acts on the inputs takes the lock as well. */
    return atomic_load_explicit(&q->length, memory_order_relaxed);
}

#endif
