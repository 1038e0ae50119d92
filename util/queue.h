/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Intrusive lists: the links live in the elements.
 *
 * A list is a ring of links with one that belongs to no element, the head.
 * Adding and taking out are O(1) and need no allocation; an element can
 * take itself out without knowing the list.  A link that is zero bytes, or
 * that was taken out, is in no list.
 *
 * Thread: caller's, one at a time
 */
#ifndef QOM_UTIL_QUEUE_H
#define QOM_UTIL_QUEUE_H

#include "util/macros.h"

#include <stdbool.h>

QOM_BEGIN_DECLS

typedef struct QueueLink QueueLink;
struct QueueLink {
    QueueLink *next;
    QueueLink *prev;
};

/**
 * queue_init: make @head the head of an empty list
 */
static inline void queue_init(QueueLink *head)
{
    head->next = head;
    head->prev = head;
}

/**
 * queue_is_empty: has the list no element?
 */
static inline bool queue_is_empty(const QueueLink *head)
{
    return head->next == head;
}

/**
 * queue_is_linked: is the element in a list?
 */
static inline bool queue_is_linked(const QueueLink *link)
{
    return link->next != NULL;
}

/**
 * queue_push: add an element at the end
 * @head: the list
 * @link: in no list
 */
static inline void queue_push(QueueLink *head, QueueLink *link)
{
    link->next = head;
    link->prev = head->prev;
    head->prev->next = link;
    head->prev = link;
}

/**
 * queue_remove: take an element out of its list
 * @link: in a list; is in none afterwards
 */
static inline void queue_remove(QueueLink *link)
{
    link->prev->next = link->next;
    link->next->prev = link->prev;
    link->next = NULL;
    link->prev = NULL;
}

/**
 * queue_pop: take the first element out
 * @head: the list
 *
 * Returns: its link; NULL when the list is empty
 */
static inline QueueLink *queue_pop(QueueLink *head)
{
    QueueLink *link = head->next;

    if (link == head) {
        return NULL;
    }
    queue_remove(link);
    return link;
}

/**
 * QUEUE_FOREACH: walk a list; the list must not change meanwhile
 * @link: a QueueLink *, the loop variable
 * @head: the list
 */
#define QUEUE_FOREACH(link, head)                                   \
    for ((link) = (head)->next; (link) != (head); (link) = (link)->next)

QOM_END_DECLS

#endif
