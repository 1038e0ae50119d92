/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lists whose links are in the elements.  The macros are those of the BSDs'
 * <sys/queue.h>, with a Q before the name.
 *
 *            forward  backward  remove any  at the end
 *  QSLIST    x
 *  QLIST     x                  x
 *  QSIMPLEQ  x                              x
 *  QTAILQ    x        x         x           x
 *
 * Only the macros use the fields of heads and entries.  Zero bytes are an empty
 * QSLIST, QLIST or QTAILQ, and an entry that is in no list.
 */
#ifndef QOM_COMPAT_QEMU_QUEUE_H
#define QOM_COMPAT_QEMU_QUEUE_H

#include "qemu/atomic.h"
#include "qemu/compat-version.h"
#include "util/macros.h"

/* Walks from @first; in the second form the element may be removed. */
#define QUEUE_WALK_(var, first, next_) \
    for ((var) = (first); (var); (var) = (next_))
#define QUEUE_WALK_SAFE_(var, first, next_var, next_)                   \
    for ((var) = (first); (var) && ((next_var) = (next_), 1);           \
         (var) = (next_var))

/* ---- QSLIST: one link forward ---- */

#define QSLIST_HEAD(name, type) struct name { struct type *first; }
#define QSLIST_HEAD_INITIALIZER(head) { NULL }
#define QSLIST_ENTRY(type) struct { struct type *next; }
#define QSLIST_INIT(head) ((void)((head)->first = NULL))
#define QSLIST_EMPTY(head) ((head)->first == NULL)
#define QSLIST_FIRST(head) ((head)->first)
#define QSLIST_NEXT(elm, field) ((elm)->field.next)
#define QSLIST_FOREACH(var, head, field) \
    QUEUE_WALK_(var, (head)->first, (var)->field.next)
#define QSLIST_FOREACH_SAFE(var, head, field, next_var) \
    QUEUE_WALK_SAFE_(var, (head)->first, next_var, (var)->field.next)

#define QSLIST_INSERT_HEAD(head, elm, field)                            \
    do {                                                                \
        (elm)->field.next = (head)->first;                              \
        (head)->first = (elm);                                          \
    } while (0)

#define QSLIST_INSERT_AFTER(listelm, elm, field)                        \
    do {                                                                \
        (elm)->field.next = (listelm)->field.next;                      \
        (listelm)->field.next = (elm);                                  \
    } while (0)

#define QSLIST_REMOVE_HEAD(head, field)                                 \
    do {                                                                \
        __typeof__((head)->first) gone_ = (head)->first;                \
        (head)->first = gone_->field.next;                              \
        gone_->field.next = NULL;                                       \
    } while (0)

#define QSLIST_REMOVE_AFTER(listelm, field)                             \
    do {                                                                \
        __typeof__((listelm)->field.next) gone_ = (listelm)->field.next; \
        (listelm)->field.next = gone_->field.next;                      \
        gone_->field.next = NULL;                                       \
    } while (0)

#define QSLIST_REMOVE(head, elm, type, field)                           \
    do {                                                                \
        struct type **at_ = &(head)->first;                             \
        while (*at_ != (elm)) {                                         \
            at_ = &(*at_)->field.next;                                  \
        }                                                               \
        *at_ = (elm)->field.next;                                       \
        (elm)->field.next = NULL;                                       \
    } while (0)

/* Many threads may insert; one takes the whole list. */
#define QSLIST_INSERT_HEAD_ATOMIC(head, elm, field)                     \
    do {                                                                \
        __typeof__((head)->first) old_ = qatomic_read(&(head)->first);  \
        do {                                                            \
            (elm)->field.next = old_;                                   \
        } while (!__atomic_compare_exchange_n(                          \
            &(head)->first, &old_, (elm), 0, __ATOMIC_SEQ_CST,          \
            __ATOMIC_RELAXED));                                         \
    } while (0)
#define QSLIST_MOVE_ATOMIC(dest, src) \
    ((void)((dest)->first = qatomic_xchg(&(src)->first, NULL)))

/* ---- QLIST: also the address of the pointer to the element ---- */

#define QLIST_HEAD(name, type) struct name { struct type *first; }
#define QLIST_HEAD_INITIALIZER(head) { NULL }
#define QLIST_ENTRY(type) struct { struct type *next; struct type **at; }
#define QLIST_INIT(head) ((void)((head)->first = NULL))
#define QLIST_EMPTY(head) ((head)->first == NULL)
#define QLIST_FIRST(head) ((head)->first)
#define QLIST_NEXT(elm, field) ((elm)->field.next)
#define QLIST_IS_INSERTED(elm, field) ((elm)->field.at != NULL)
#define QLIST_FOREACH(var, head, field) \
    QUEUE_WALK_(var, (head)->first, (var)->field.next)
#define QLIST_FOREACH_SAFE(var, head, field, next_var) \
    QUEUE_WALK_SAFE_(var, (head)->first, next_var, (var)->field.next)

/* Inserts @elm where @where points. */
#define QLIST_INSERT_AT_(where, elm, field)                             \
    do {                                                                \
        (elm)->field.at = (where);                                      \
        (elm)->field.next = *(elm)->field.at;                           \
        if ((elm)->field.next) {                                        \
            (elm)->field.next->field.at = &(elm)->field.next;           \
        }                                                               \
        *(elm)->field.at = (elm);                                       \
    } while (0)
#define QLIST_INSERT_HEAD(head, elm, field) \
    QLIST_INSERT_AT_(&(head)->first, elm, field)
#define QLIST_INSERT_AFTER(listelm, elm, field) \
    QLIST_INSERT_AT_(&(listelm)->field.next, elm, field)
#define QLIST_INSERT_BEFORE(listelm, elm, field) \
    QLIST_INSERT_AT_((listelm)->field.at, elm, field)

#define QLIST_REMOVE(elm, field)                                        \
    do {                                                                \
        *(elm)->field.at = (elm)->field.next;                           \
        if ((elm)->field.next) {                                        \
            (elm)->field.next->field.at = (elm)->field.at;              \
        }                                                               \
        (elm)->field.next = NULL;                                       \
        (elm)->field.at = NULL;                                         \
    } while (0)
#define QLIST_SAFE_REMOVE(elm, field)                                   \
    do {                                                                \
        if (QLIST_IS_INSERTED(elm, field)) {                            \
            QLIST_REMOVE(elm, field);                                   \
        }                                                               \
    } while (0)

/* ---- QSIMPLEQ: one link forward, and the place of the next element ---- */

#define QSIMPLEQ_HEAD(name, type) \
    struct name { struct type *first; struct type **end; }
#define QSIMPLEQ_HEAD_INITIALIZER(head) { NULL, &(head).first }
#define QSIMPLEQ_ENTRY(type) struct { struct type *next; }
#define QSIMPLEQ_EMPTY(head) ((head)->first == NULL)
#define QSIMPLEQ_FIRST(head) ((head)->first)
#define QSIMPLEQ_NEXT(elm, field) ((elm)->field.next)
#define QSIMPLEQ_LAST(head, type, field)                                \
    (QSIMPLEQ_EMPTY(head)                                               \
         ? NULL                                                         \
         : container_of((head)->end, struct type, field.next))
#define QSIMPLEQ_FOREACH(var, head, field) \
    QUEUE_WALK_(var, (head)->first, (var)->field.next)
#define QSIMPLEQ_FOREACH_SAFE(var, head, field, next_var) \
    QUEUE_WALK_SAFE_(var, (head)->first, next_var, (var)->field.next)

#define QSIMPLEQ_INIT(head)                                             \
    do {                                                                \
        (head)->first = NULL;                                           \
        (head)->end = &(head)->first;                                   \
    } while (0)

#define QSIMPLEQ_INSERT_AT_(head, where, elm, field)                    \
    do {                                                                \
        __typeof__((head)->end) at_ = (where);                          \
        (elm)->field.next = *at_;                                       \
        if (!*at_) {                                                    \
            (head)->end = &(elm)->field.next;                           \
        }                                                               \
        *at_ = (elm);                                                   \
    } while (0)
#define QSIMPLEQ_INSERT_HEAD(head, elm, field) \
    QSIMPLEQ_INSERT_AT_(head, &(head)->first, elm, field)
#define QSIMPLEQ_INSERT_TAIL(head, elm, field)                          \
    do {                                                                \
        (elm)->field.next = NULL;                                       \
        *(head)->end = (elm);                                           \
        (head)->end = &(elm)->field.next;                               \
    } while (0)
#define QSIMPLEQ_INSERT_AFTER(head, listelm, elm, field) \
    QSIMPLEQ_INSERT_AT_(head, &(listelm)->field.next, elm, field)

/* Removes the element to which @where points. */
#define QSIMPLEQ_REMOVE_AT_(head, where, field)                         \
    do {                                                                \
        __typeof__((head)->end) at_ = (where);                          \
        __typeof__((head)->first) gone_ = *at_;                         \
        *at_ = gone_->field.next;                                       \
        if (!*at_) {                                                    \
            (head)->end = at_;                                          \
        }                                                               \
        gone_->field.next = NULL;                                       \
    } while (0)
#define QSIMPLEQ_REMOVE_HEAD(head, field) \
    QSIMPLEQ_REMOVE_AT_(head, &(head)->first, field)
#define QSIMPLEQ_REMOVE(head, elm, type, field)                         \
    do {                                                                \
        struct type **place_ = &(head)->first;                          \
        while (*place_ != (elm)) {                                      \
            place_ = &(*place_)->field.next;                            \
        }                                                               \
        QSIMPLEQ_REMOVE_AT_(head, place_, field);                       \
    } while (0)

/* Moves all elements of @other to the end of @head. */
#define QSIMPLEQ_CONCAT(head, other)                                    \
    do {                                                                \
        if (!QSIMPLEQ_EMPTY(other)) {                                   \
            *(head)->end = (other)->first;                              \
            (head)->end = (other)->end;                                 \
            QSIMPLEQ_INIT(other);                                       \
        }                                                               \
    } while (0)

/* ---- QTAILQ: both directions ---- */

#define QTAILQ_HEAD(name, type) \
    struct name { struct type *first; struct type *last; }
#define QTAILQ_HEAD_INITIALIZER(head) { NULL, NULL }
#define QTAILQ_ENTRY(type) \
    struct { struct type *next; struct type *prev; struct type **at; }
#define QTAILQ_EMPTY(head) ((head)->first == NULL)
#define QTAILQ_FIRST(head) ((head)->first)
#define QTAILQ_NEXT(elm, field) ((elm)->field.next)
#define QTAILQ_IN_USE(elm, field) ((elm)->field.at != NULL)
#define QTAILQ_FOREACH(var, head, field) \
    QUEUE_WALK_(var, (head)->first, (var)->field.next)
#define QTAILQ_FOREACH_SAFE(var, head, field, next_var) \
    QUEUE_WALK_SAFE_(var, (head)->first, next_var, (var)->field.next)

/* Until 3.1 walking backward also took the name of the head's structure. */
#if QOM_COMPAT_QEMU < 400
#define QTAILQ_LAST(head, headname) ((head)->last)
#define QTAILQ_PREV(elm, headname, field) ((elm)->field.prev)
#define QTAILQ_FOREACH_REVERSE(var, head, headname, field) \
    QUEUE_WALK_(var, (head)->last, (var)->field.prev)
#define QTAILQ_FOREACH_REVERSE_SAFE(var, head, headname, field, prev_var) \
    QUEUE_WALK_SAFE_(var, (head)->last, prev_var, (var)->field.prev)
#else
#define QTAILQ_LAST(head) ((head)->last)
#define QTAILQ_PREV(elm, field) ((elm)->field.prev)
#define QTAILQ_FOREACH_REVERSE(var, head, field) \
    QUEUE_WALK_(var, (head)->last, (var)->field.prev)
#define QTAILQ_FOREACH_REVERSE_SAFE(var, head, field, prev_var) \
    QUEUE_WALK_SAFE_(var, (head)->last, prev_var, (var)->field.prev)
#endif

#define QTAILQ_INIT(head)                                               \
    do {                                                                \
        (head)->first = NULL;                                           \
        (head)->last = NULL;                                            \
    } while (0)

#define QTAILQ_INSERT_BEFORE(listelm, elm, field)                       \
    do {                                                                \
        __typeof__((elm)->field.next) after_ = (listelm);               \
        (elm)->field.next = after_;                                     \
        (elm)->field.prev = after_->field.prev;                         \
        (elm)->field.at = after_->field.at;                             \
        *(elm)->field.at = (elm);                                       \
        after_->field.prev = (elm);                                     \
        after_->field.at = &(elm)->field.next;                          \
    } while (0)

#define QTAILQ_INSERT_TAIL(head, elm, field)                            \
    do {                                                                \
        (elm)->field.next = NULL;                                       \
        (elm)->field.prev = (head)->last;                               \
        (elm)->field.at = (head)->last ? &(head)->last->field.next      \
                                       : &(head)->first;                \
        *(elm)->field.at = (elm);                                       \
        (head)->last = (elm);                                           \
    } while (0)

#define QTAILQ_INSERT_HEAD(head, elm, field)                            \
    do {                                                                \
        if (QTAILQ_EMPTY(head)) {                                       \
            QTAILQ_INSERT_TAIL(head, elm, field);                       \
        } else {                                                        \
            QTAILQ_INSERT_BEFORE((head)->first, elm, field);            \
        }                                                               \
    } while (0)

#define QTAILQ_INSERT_AFTER(head, listelm, elm, field)                  \
    do {                                                                \
        if ((listelm)->field.next) {                                    \
            QTAILQ_INSERT_BEFORE((listelm)->field.next, elm, field);    \
        } else {                                                        \
            QTAILQ_INSERT_TAIL(head, elm, field);                       \
        }                                                               \
    } while (0)

#define QTAILQ_REMOVE(head, elm, field)                                 \
    do {                                                                \
        if ((elm)->field.next) {                                        \
            (elm)->field.next->field.prev = (elm)->field.prev;          \
            (elm)->field.next->field.at = (elm)->field.at;              \
        } else {                                                        \
            (head)->last = (elm)->field.prev;                           \
        }                                                               \
        *(elm)->field.at = (elm)->field.next;                           \
        (elm)->field.next = NULL;                                       \
        (elm)->field.prev = NULL;                                       \
        (elm)->field.at = NULL;                                         \
    } while (0)

#endif
