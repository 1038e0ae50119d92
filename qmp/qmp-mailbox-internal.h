/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QmpMailbox: text for a client that others than its session write, events
 * above all.
 *
 * While the client reads, what is put in is passed on as it is.  When more
 * than QMP_MAILBOX_LIMIT bytes are in it, news of objects is kept by path,
 * where a later one replaces what it makes void, and other events are only
 * counted.  So a client that reads nothing costs the limit, and a few lines
 * for each object that came or went and still is what it is then.
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
    bool has_mail;       /* atomic: something is to be taken */
    GString *text;      /* under lock */
    size_t n_reply_bytes; /* of it, under lock; these are bounded elsewhere */
    GQueue news;        /* of ObjectNews, under lock */
    GHashTable *by_path; /* the same by path, under lock */
    int64_t n_dropped;  /* under lock */
} QmpMailbox;

void qmp_mailbox_init(QmpMailbox *box);
void qmp_mailbox_cleanup(QmpMailbox *box);

/* qmp_mailbox_put: put an event in; drops it when there is no room */
void qmp_mailbox_put(QmpMailbox *box, const char *text);

/**
 * qmp_mailbox_put_news: put in that an object came or went; never dropped
 * @box: the mailbox
 * @path: the object's
 * @added: it came
 * @text: the event
 */
void qmp_mailbox_put_news(QmpMailbox *box, const char *path, bool added,
                          const char *text);

/* qmp_mailbox_put_always: put in what its sender has bounded already */
void qmp_mailbox_put_always(QmpMailbox *box, const char *text);

/* qmp_mailbox_put_reply: the same of replies, which take no room of events */
void qmp_mailbox_put_reply(QmpMailbox *box, const char *text, size_t n_bytes);

/* qmp_mailbox_reply_size: bytes of replies that are in it */
size_t qmp_mailbox_reply_size(QmpMailbox *box);

/* qmp_mailbox_size: bytes that are in it */
size_t qmp_mailbox_size(QmpMailbox *box);

static inline bool qmp_mailbox_is_empty(const QmpMailbox *box)
{
    return !__atomic_load_n(&box->has_mail, __ATOMIC_ACQUIRE);
}

/**
 * qmp_mailbox_take: append all of it to @out
 *
 * Returns: how many events had been dropped; they are forgotten
 */
int64_t qmp_mailbox_take(QmpMailbox *box, GString *out);

#endif
