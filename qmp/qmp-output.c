/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lock: it is held while the text is written to the client, so that two threads
 * write whole messages.  It is never held while a command runs.
 *
 * Order: events are moved to the text before each reply, so an event precedes
 * the reply to the command that caused it.
 *
 * Memory: a client that does not read costs the limit, one reply and the limit
 * of the event queue.
 *
 * Lock order: the lock of the output first, then that of the event queue.
 */
#include "qmp/qmp-output-internal.h"

void qmp_output_init(QmpOutput *o, size_t limit, size_t event_limit,
                     bool pretty, void (*took_events)(void *opaque),
                     void *opaque)
{
    o->limit = limit;
    o->is_shared = false;
    g_mutex_init(&o->lock);
    o->text = g_string_new(NULL);
    o->sent = 0;
    atomic_init(&o->n_unsent, 0);
    qmp_event_queue_init(&o->events, event_limit, pretty);
    o->took_events = took_events;
    o->opaque = opaque;
}

void qmp_output_cleanup(QmpOutput *o)
{
    qmp_event_queue_cleanup(&o->events);
    g_string_free(o->text, TRUE);
    g_mutex_clear(&o->lock);
}

void qmp_output_share(QmpOutput *o)
{
    o->is_shared = true;
}

static void lock(QmpOutput *o)
{
    if (o->is_shared) {
        g_mutex_lock(&o->lock);
    }
}

static void unlock(QmpOutput *o)
{
    if (o->is_shared) {
        g_mutex_unlock(&o->lock);
    }
}

/* Called with the lock held, after a change of `text` or `sent`. */
static void note_unsent(QmpOutput *o)
{
    /* Relaxed: ordered by the lock. */
    atomic_store_explicit(&o->n_unsent, o->text->len - o->sent,
                          memory_order_relaxed);
}

/* Moves events to the text if there is room; called with the lock held. */
static void take_events(QmpOutput *o)
{
    if (qmp_event_queue_is_empty(&o->events) || qmp_output_is_full(o)) {
        return;
    }
    qmp_event_queue_take(&o->events, o->text);
    note_unsent(o);
    o->took_events(o->opaque);
}

/* Empties a text, which keeps its memory up to twice the limit. */
static void clear_text(const QmpOutput *o, GString *text)
{
    if (text->allocated_len > 2 * o->limit) {
        GString *small = g_string_new(NULL);
        GString large = *text;

        *text = *small;
        *small = large;
        g_string_free(small, TRUE);
    } else {
        g_string_truncate(text, 0);
    }
}

/* A long reply is not copied if nothing is before it. */
void qmp_output_move(QmpOutput *o, GString *text)
{
    lock(o);
    take_events(o);
    if (!o->text->len) {
        GString empty = *o->text;

        *o->text = *text;
        *text = empty;
    } else {
        g_string_append_len(o->text, text->str, text->len);
    }
    note_unsent(o);
    unlock(o);
    clear_text(o, text);
}

/*
 * Removes bytes that have been sent; called with the lock held.  Moving the
 * rest to the front costs time that grows with its length, so it is moved only
 * when more than half has been sent.
 */
static void remove_sent(QmpOutput *o, size_t n_bytes)
{
    o->sent += n_bytes;
    if (o->sent == o->text->len) {
        clear_text(o, o->text);
        o->sent = 0;
    } else if (o->sent > o->text->len / 2) {
        g_string_erase(o->text, 0, o->sent);
        o->sent = 0;
    }
    note_unsent(o);
}

bool qmp_output_send(QmpOutput *o, QmpOutputWrite *write, void *opaque)
{
    ssize_t n = 0;
    bool all_sent;

    lock(o);
    take_events(o);
    while (n >= 0 && o->sent < o->text->len) {
        n = write(opaque, o->text->str + o->sent, o->text->len - o->sent);
        if (n > 0) {
            remove_sent(o, n);
            take_events(o);
        }
    }
    all_sent = o->sent == o->text->len;
    unlock(o);
    return all_sent;
}
