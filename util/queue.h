/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Intrusive lists: each element contains its link.
 *
 * A list is a ring of links; one of them, the head, belongs to no element.
 * Adding and removing are O(1) and allocate nothing.  An element can be removed
 * without knowing its list.  A link of zero bytes, or one that was removed, is
 * in no list.
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
 * queue_init: makes @head the head of an empty list
 * @head: uninitialized memory, filled in
 */
static inline void queue_init(QueueLink *head)
{
    head->next = head;
    head->prev = head;
}

/**
 * queue_is_empty: returns true if the list has no elements
 * @head: the list
 */
static inline bool queue_is_empty(const QueueLink *head)
{
    return head->next == head;
}

/**
 * queue_is_linked: returns true if the element is in a list
 * @link: the element's link
 */
static inline bool queue_is_linked(const QueueLink *link)
{
    return link->next != NULL;
}

/**
 * queue_push: adds an element at the end
 * @head: the list
 * @link: the element's link, which is in no list
 */
static inline void queue_push(QueueLink *head, QueueLink *link)
{
    link->next = head;
    link->prev = head->prev;
    head->prev->next = link;
    head->prev = link;
}

/**
 * queue_remove: removes an element from its list
 * @link: the element's link, which is in a list
 */
static inline void queue_remove(QueueLink *link)
{
    link->prev->next = link->next;
    link->next->prev = link->prev;
    link->next = NULL;
    link->prev = NULL;
}

/**
 * queue_pop: removes the first element
 * @head: the list
 *
 * Returns: its link; NULL if the list is empty
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
 * QUEUE_FOREACH: walks a list, which must not change during the walk
 * @link: a QueueLink *, the loop variable
 * @head: the list
 */
#define QUEUE_FOREACH(link, head)                                   \
    for ((link) = (head)->next; (link) != (head); (link) = (link)->next)

QOM_END_DECLS

#endif
