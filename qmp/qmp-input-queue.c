/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The queue is an array.  It is empty most of the time, and it then starts
 * again at the front.  Each section under the lock is a few instructions; the
 * longest one moves the inputs of a chunk to a larger array.
 *
 * At most `limit` inputs are before one that is taken out of band.
 * They are moved up by one place, so the array has no holes.
 *
 * A client that floods the server with requests in band gets no service out of
 * band: an input that has too many others before it stays where it is.
 */
#include "qmp/qmp-input-queue-internal.h"

#include <glib.h>
#include <string.h>

#define FIRST_CAPACITY 16

void qmp_input_clear(QmpInput *input)
{
    g_clear_pointer(&input->doc, json_doc_free);
    g_clear_pointer(&input->err, error_free);
}

void qmp_input_queue_init(QmpInputQueue *q, unsigned limit)
{
    *q = (QmpInputQueue) { .capacity = FIRST_CAPACITY, .limit = limit };
    lock_init(&q->lock);
    q->inputs = g_new(QmpInput, q->capacity);
}

void qmp_input_queue_cleanup(QmpInputQueue *q)
{
    for (unsigned i = q->head; i < q->tail; i++) {
        qmp_input_clear(&q->inputs[i]);
    }
    g_free(q->inputs);
}

/* Before `oob` is enabled one thread uses the queue, which needs no lock. */
static void lock(QmpInputQueue *q)
{
    if (q->has_oob) {
        lock_acquire(&q->lock);
    }
}

static void unlock(QmpInputQueue *q)
{
    if (q->has_oob) {
        lock_release(&q->lock);
    }
}

/* Called with the lock held, after a change of `head` or `tail`. */
static void note_length(QmpInputQueue *q)
{
    /* Relaxed: a thread that acts on the inputs takes the lock as well. */
    atomic_store_explicit(&q->length, q->tail - q->head,
                          memory_order_relaxed);
}

/* ---- Adding ---- */

/*
 * A request with both verbs is malformed.  It counts as in band, where its
 * error reply keeps its place among the others.
 */
static QmpBand band_of(const JsonItem *request)
{
    return json_item_qtype(request) == QTYPE_QDICT &&
                   json_item_member(request, "exec-oob") &&
                   !json_item_member(request, "execute")
               ? QMP_OUT_OF_BAND
               : QMP_IN_BAND;
}

static void sort_into_band(QmpInputQueue *q, QmpInput *input)
{
    if (input->doc) {
        input->band = band_of(json_doc_root(input->doc));
        q->n_oob += input->band == QMP_OUT_OF_BAND;
    }
}

void qmp_input_queue_enable_oob(QmpInputQueue *q)
{
    q->has_oob = true;
    for (unsigned i = q->head; i < q->tail; i++) {
        sort_into_band(q, &q->inputs[i]);
    }
}

/*
 * Moves the inputs to another array.  Memory is allocated and freed without the
 * lock, for which the main thread may wait.
 */
static void move_to_array(QmpInputQueue *q, unsigned capacity)
{
    QmpInput *inputs = g_new(QmpInput, capacity);
    QmpInput *old = q->inputs;

    lock(q);
    memcpy(inputs, old + q->head, (q->tail - q->head) * sizeof(*old));
    q->inputs = inputs;
    q->capacity = capacity;
    q->tail -= q->head;
    q->head = 0;
    unlock(q);
    g_free(old);
}

void qmp_input_queue_add(QmpInputQueue *q, JsonDoc *doc, Error *err)
{
    bool is_used;

    lock(q);
    if (q->tail == q->capacity) {
        is_used = q->tail - q->head > q->capacity / 2;
        unlock(q);
        move_to_array(q, is_used ? 2 * q->capacity : q->capacity);
        lock(q);
    }
    q->inputs[q->tail] = (QmpInput) { .doc = doc, .err = err };
    if (q->has_oob) {
        sort_into_band(q, &q->inputs[q->tail]);
    }
    q->tail++;
    note_length(q);
    unlock(q);
}

/* ---- Taking ---- */

/*
 * Returns the index of the input of a band that may be taken now; -1 if there
 * is none.  Called with the lock held.
 *
 * Only the first `limit` places are searched.  All inputs before the
 * first one out of band are in band, so that is the rule for inputs out of
 * band.  If inputs out of band fill these places, the reader takes them next,
 * and the first one in band is found then.
 */
static int find(const QmpInputQueue *q, QmpBand band)
{
    unsigned end = MIN(q->tail, q->head + q->limit);

    if (band == QMP_IN_BAND ? q->is_busy : !q->n_oob) {
        return -1;
    }
    for (unsigned i = q->head; i < end; i++) {
        if (q->inputs[i].band == band) {
            return i;
        }
    }
    return -1;
}

/* Called with the lock held. */
static void remove_at(QmpInputQueue *q, unsigned i)
{
    if (i > q->head) {
        memmove(q->inputs + q->head + 1, q->inputs + q->head,
                (i - q->head) * sizeof(*q->inputs));
    }
    q->head++;
    if (q->head == q->tail) {
        q->head = 0;
        q->tail = 0;
    }
    note_length(q);
}

/*
 * Returns true if removing an input let the reader read more, or take an input
 * that was too far back.  Called with the lock held.
 */
static bool has_made_room(const QmpInputQueue *q)
{
    unsigned length = q->tail - q->head;

    return q->has_oob &&
           (length == q->limit - 1 ||
            (length >= q->limit &&
             q->inputs[q->head + q->limit - 1].band ==
                 QMP_OUT_OF_BAND));
}

bool qmp_input_queue_take(QmpInputQueue *q, QmpBand band, QmpInput *input)
{
    int i;

    lock(q);
    i = find(q, band);
    if (i >= 0 && input) {
        *input = q->inputs[i];
        remove_at(q, i);
        if (band == QMP_IN_BAND) {
            q->is_busy = true;
            input->made_room = has_made_room(q);
        } else {
            q->n_oob--;
        }
    }
    unlock(q);
    return i >= 0;
}

void qmp_input_queue_done(QmpInputQueue *q)
{
    lock(q);
    q->is_busy = false;
    unlock(q);
}

/* ---- Questions ---- */

bool qmp_input_queue_has_room(QmpInputQueue *q)
{
    unsigned length;
    bool has_room;

    lock(q);
    length = q->tail - q->head;
    has_room = q->has_oob || q->reads_ahead
                   ? length < q->limit && !q->n_oob
                   : !length && !q->is_busy;
    unlock(q);
    return has_room;
}

bool qmp_input_queue_is_idle(QmpInputQueue *q, bool ignores_queued)
{
    bool is_idle;

    lock(q);
    is_idle = !q->is_busy && (ignores_queued || q->head == q->tail);
    unlock(q);
    return is_idle;
}
