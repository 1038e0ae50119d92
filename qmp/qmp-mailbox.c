/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Merging: for each path the queue keeps the shortest list of events that leads
 * from the state that the client knows to the present one: none, DELETED,
 * ADDED, or DELETED followed by ADDED.  Once one object event is kept this way,
 * all later ones are, to preserve their order.
 */
#include "qmp/qmp-mailbox-internal.h"
#include "util/hash.h"

/* An empty queue keeps its text buffer up to this capacity, in bytes. */
#define TEXT_KEPT (2 * QMP_MAILBOX_LIMIT)

typedef struct ObjectNews {
    char *path;
    char *deleted; /* (nullable) the client knows the object; it was deleted */
    char *added;   /* (nullable) the object was added after that */
    GList *link;
} ObjectNews;

static void news_free(void *opaque)
{
    ObjectNews *news = opaque;

    g_free(news->path);
    g_free(news->deleted);
    g_free(news->added);
    g_free(news);
}

void qmp_mailbox_init(QmpMailbox *box)
{
    g_mutex_init(&box->lock);
    box->text = g_string_new(NULL);
    g_queue_init(&box->news);
    box->by_path = g_hash_table_new(hash_str, g_str_equal);
}

void qmp_mailbox_cleanup(QmpMailbox *box)
{
    g_queue_clear_full(&box->news, news_free);
    g_hash_table_unref(box->by_path);
    g_string_free(box->text, TRUE);
    g_mutex_clear(&box->lock);
}

/*
 * Returns true if an event may be passed on unchanged; called with the lock
 * held.  Once an event has been dropped or merged, no later one is passed on
 * unchanged until the queue has been taken, so that events keep their order.
 */
static bool has_room(const QmpMailbox *box)
{
    return box->text->len - box->n_reply_bytes < QMP_MAILBOX_LIMIT &&
           !box->n_dropped && !box->news.length;
}

/*
 * Called with the lock held.  `has_mail` lets the connection test for output
 * without taking the lock.
 */
static void append(QmpMailbox *box, const char *text)
{
    g_string_append(box->text, text);
    __atomic_store_n(&box->has_mail, true, __ATOMIC_RELEASE);
}

void qmp_mailbox_put_always(QmpMailbox *box, const char *text)
{
    g_mutex_lock(&box->lock);
    append(box, text);
    g_mutex_unlock(&box->lock);
}

void qmp_mailbox_put_reply(QmpMailbox *box, const char *text, size_t n_bytes)
{
    g_mutex_lock(&box->lock);
    g_string_append_len(box->text, text, n_bytes);
    box->n_reply_bytes += n_bytes;
    __atomic_store_n(&box->has_mail, true, __ATOMIC_RELEASE);
    g_mutex_unlock(&box->lock);
}

void qmp_mailbox_put(QmpMailbox *box, const char *text)
{
    g_mutex_lock(&box->lock);
    if (has_room(box)) {
        append(box, text);
    } else {
        box->n_dropped++;
    }
    g_mutex_unlock(&box->lock);
}

/*
 * Returns the entry of a path, which is created if needed.  Entries are taken
 * in the order of their creation.
 */
static ObjectNews *news_of(QmpMailbox *box, const char *path)
{
    ObjectNews *news = g_hash_table_lookup(box->by_path, path);

    if (!news) {
        news = g_new0(ObjectNews, 1);
        news->path = g_strdup(path);
        g_queue_push_tail(&box->news, news);
        news->link = box->news.tail;
        g_hash_table_insert(box->by_path, news->path, news);
    }
    return news;
}

/*
 * Merges an event into the entry of its path.  ADDED replaces an earlier ADDED.
 * DELETED cancels an ADDED that the client has not been sent, and otherwise is
 * kept.  An entry without events is removed.
 */
static void keep_news(QmpMailbox *box, const char *path, bool added,
                      const char *text)
{
    ObjectNews *news = news_of(box, path);

    if (added) {
        g_free(news->added);
        news->added = g_strdup(text);
    } else if (!news->added) {
        g_free(news->deleted);
        news->deleted = g_strdup(text);
    } else {
        g_clear_pointer(&news->added, g_free);
        if (!news->deleted) {
            g_hash_table_remove(box->by_path, path);
            g_queue_delete_link(&box->news, news->link);
            news_free(news);
        }
    }
}

void qmp_mailbox_put_news(QmpMailbox *box, const char *path, bool added,
                          const char *text)
{
    g_mutex_lock(&box->lock);
    if (has_room(box)) {
        append(box, text);
    } else {
        keep_news(box, path, added, text);
    }
    g_mutex_unlock(&box->lock);
}

size_t qmp_mailbox_reply_size(QmpMailbox *box)
{
    size_t size;

    g_mutex_lock(&box->lock);
    size = box->n_reply_bytes;
    g_mutex_unlock(&box->lock);
    return size;
}

size_t qmp_mailbox_size(QmpMailbox *box)
{
    size_t size;

    g_mutex_lock(&box->lock);
    size = box->text->len;
    g_mutex_unlock(&box->lock);
    return size;
}

/* Moves the merged events to @out; called with the lock held. */
static void take_news(QmpMailbox *box, GString *out)
{
    ObjectNews *news;

    g_hash_table_remove_all(box->by_path);
    while ((news = g_queue_pop_head(&box->news))) {
        if (news->deleted) {
            g_string_append(out, news->deleted);
        }
        if (news->added) {
            g_string_append(out, news->added);
        }
        news_free(news);
    }
}

int64_t qmp_mailbox_take(QmpMailbox *box, GString *out)
{
    int64_t n_dropped;

    g_mutex_lock(&box->lock);
    g_string_append_len(out, box->text->str, box->text->len);
    if (box->text->allocated_len > TEXT_KEPT) {
        g_string_free(box->text, TRUE);
        box->text = g_string_new(NULL);
    } else {
        g_string_truncate(box->text, 0);
    }
    box->n_reply_bytes = 0;
    take_news(box, out);
    n_dropped = box->n_dropped;
    box->n_dropped = 0;
    __atomic_store_n(&box->has_mail, false, __ATOMIC_RELEASE);
    g_mutex_unlock(&box->lock);
    return n_dropped;
}
