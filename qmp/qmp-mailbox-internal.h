/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QmpMailbox: the output queue of a session, text for the client that other
 * threads produce, above all events.
 *
 * While the client reads, text is passed on unchanged.  When events of more
 * than QMP_MAILBOX_LIMIT bytes are queued, object events are kept by path and
 * merged, and other events are only counted.  A client that does not read thus
 * costs the limit, plus up to two lines for each path whose state has changed.
 *
 * Thread: any
 */
#ifndef QOM_QMP_QMP_MAILBOX_INTERNAL_H
#define QOM_QMP_QMP_MAILBOX_INTERNAL_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    QMP_MAILBOX_LIMIT = 256 * 1024,
};

typedef struct QmpMailbox {
    GMutex lock;
    bool has_mail;       /* atomic: the queue is not empty */
    GString *text;      /* under lock */
    size_t n_reply_bytes; /* of `text`, under lock; their senders limit them */
    GQueue news;        /* of ObjectNews, under lock */
    GHashTable *by_path; /* the same by path, under lock */
    int64_t n_dropped;  /* under lock */
} QmpMailbox;

/* qmp_mailbox_init: Initializes an output queue. */
void qmp_mailbox_init(QmpMailbox *box);
/* qmp_mailbox_cleanup: Frees what an output queue owns. */
void qmp_mailbox_cleanup(QmpMailbox *box);

/*
 * qmp_mailbox_put: Queues an event, or counts it as dropped if there is no
 * room.
 */
void qmp_mailbox_put(QmpMailbox *box, const char *text);

/**
 * qmp_mailbox_put_news: Queues an object event, which is never dropped.
 * @box: the output queue
 * @path: the path of the object; copied
 * @added: true if the object was added, false if it was deleted
 * @text: the event; copied
 */
void qmp_mailbox_put_news(QmpMailbox *box, const char *path, bool added,
                          const char *text);

/*
 * qmp_mailbox_put_always: Queues text even above the limit, because its sender
 * limits it.
 */
void qmp_mailbox_put_always(QmpMailbox *box, const char *text);

/*
 * qmp_mailbox_put_reply: Queues replies, which do not count towards the limit
 * of events.
 */
void qmp_mailbox_put_reply(QmpMailbox *box, const char *text, size_t n_bytes);

/* qmp_mailbox_reply_size: Returns the number of bytes of queued replies. */
size_t qmp_mailbox_reply_size(QmpMailbox *box);

/*
 * qmp_mailbox_size: Returns the number of bytes of queued text, without merged
 * object events.
 */
size_t qmp_mailbox_size(QmpMailbox *box);

/* qmp_mailbox_is_empty: Returns true if nothing is queued. */
static inline bool qmp_mailbox_is_empty(const QmpMailbox *box)
{
    return !__atomic_load_n(&box->has_mail, __ATOMIC_ACQUIRE);
}

/**
 * qmp_mailbox_take: Appends everything that is queued to @out and empties the
 * queue.
 * @box: the output queue
 * @out: the string to append to
 *
 * Returns: the number of dropped events since the last call
 */
int64_t qmp_mailbox_take(QmpMailbox *box, GString *out);

#endif
