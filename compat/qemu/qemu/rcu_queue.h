/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lists of qemu/queue.h for readers that hold rcu_read_lock() while one
 * writer at a time, which holds a lock, changes them.
 *
 * A removed element keeps its pointer to the next one, because readers may be
 * at it.  It may be freed or inserted again after a grace period.
 */
#ifndef QOM_COMPAT_QEMU_RCU_QUEUE_H
#define QOM_COMPAT_QEMU_RCU_QUEUE_H

#include "qemu/atomic.h"
#include "qemu/queue.h"
#include "qemu/rcu.h"

/* ---- Readers; the four kinds look the same to them ---- */

#define RCU_LIST_EMPTY_(head) (qatomic_read(&(head)->first) == NULL)
#define RCU_LIST_FIRST_(head) qatomic_rcu_read(&(head)->first)
#define RCU_LIST_NEXT_(elm, field) qatomic_rcu_read(&(elm)->field.next)
#define RCU_LIST_WALK_(var, head, field) \
    QUEUE_WALK_(var, RCU_LIST_FIRST_(head), RCU_LIST_NEXT_(var, field))
#define RCU_LIST_WALK_SAFE_(var, head, field, next_var)                 \
    QUEUE_WALK_SAFE_(var, RCU_LIST_FIRST_(head), next_var,              \
                     RCU_LIST_NEXT_(var, field))

#define QSLIST_EMPTY_RCU(head) RCU_LIST_EMPTY_(head)
#define QSLIST_FIRST_RCU(head) RCU_LIST_FIRST_(head)
#define QSLIST_NEXT_RCU(elm, field) RCU_LIST_NEXT_(elm, field)
#define QSLIST_FOREACH_RCU(var, head, field) \
    RCU_LIST_WALK_(var, head, field)
#define QSLIST_FOREACH_SAFE_RCU(var, head, field, next_var) \
    RCU_LIST_WALK_SAFE_(var, head, field, next_var)

#define QLIST_EMPTY_RCU(head) RCU_LIST_EMPTY_(head)
#define QLIST_FIRST_RCU(head) RCU_LIST_FIRST_(head)
#define QLIST_NEXT_RCU(elm, field) RCU_LIST_NEXT_(elm, field)
#define QLIST_FOREACH_RCU(var, head, field) \
    RCU_LIST_WALK_(var, head, field)
#define QLIST_FOREACH_SAFE_RCU(var, head, field, next_var) \
    RCU_LIST_WALK_SAFE_(var, head, field, next_var)

#define QSIMPLEQ_EMPTY_RCU(head) RCU_LIST_EMPTY_(head)
#define QSIMPLEQ_FIRST_RCU(head) RCU_LIST_FIRST_(head)
#define QSIMPLEQ_NEXT_RCU(elm, field) RCU_LIST_NEXT_(elm, field)
#define QSIMPLEQ_FOREACH_RCU(var, head, field) \
    RCU_LIST_WALK_(var, head, field)
#define QSIMPLEQ_FOREACH_SAFE_RCU(var, head, field, next_var) \
    RCU_LIST_WALK_SAFE_(var, head, field, next_var)

#define QTAILQ_EMPTY_RCU(head) RCU_LIST_EMPTY_(head)
#define QTAILQ_FIRST_RCU(head) RCU_LIST_FIRST_(head)
#define QTAILQ_NEXT_RCU(elm, field) RCU_LIST_NEXT_(elm, field)
#define QTAILQ_FOREACH_RCU(var, head, field) \
    RCU_LIST_WALK_(var, head, field)
#define QTAILQ_FOREACH_SAFE_RCU(var, head, field, next_var) \
    RCU_LIST_WALK_SAFE_(var, head, field, next_var)

/* ---- QSLIST: writers ---- */

#define QSLIST_INSERT_AT_RCU_(where, elm, field)                        \
    do {                                                                \
        (elm)->field.next = *(where);                                   \
        qatomic_rcu_set((where), (elm));                                \
    } while (0)
#define QSLIST_INSERT_HEAD_RCU(head, elm, field) \
    QSLIST_INSERT_AT_RCU_(&(head)->first, elm, field)
#define QSLIST_INSERT_AFTER_RCU(head, listelm, elm, field) \
    QSLIST_INSERT_AT_RCU_(&(listelm)->field.next, elm, field)

#define QSLIST_REMOVE_HEAD_RCU(head, field) \
    qatomic_set(&(head)->first, (head)->first->field.next)
#define QSLIST_REMOVE_RCU(head, elm, type, field)                       \
    do {                                                                \
        struct type **place_ = &(head)->first;                          \
        while (*place_ != (elm)) {                                      \
            place_ = &(*place_)->field.next;                            \
        }                                                               \
        qatomic_set(place_, (elm)->field.next);                         \
    } while (0)

/* ---- QLIST: writers ---- */

#define QLIST_INSERT_AT_RCU_(where, elm, field)                         \
    do {                                                                \
        (elm)->field.at = (where);                                      \
        (elm)->field.next = *(elm)->field.at;                           \
        if ((elm)->field.next) {                                        \
            (elm)->field.next->field.at = &(elm)->field.next;           \
        }                                                               \
        qatomic_rcu_set((elm)->field.at, (elm));                        \
    } while (0)
#define QLIST_INSERT_HEAD_RCU(head, elm, field) \
    QLIST_INSERT_AT_RCU_(&(head)->first, elm, field)
#define QLIST_INSERT_AFTER_RCU(listelm, elm, field) \
    QLIST_INSERT_AT_RCU_(&(listelm)->field.next, elm, field)
#define QLIST_INSERT_BEFORE_RCU(listelm, elm, field) \
    QLIST_INSERT_AT_RCU_((listelm)->field.at, elm, field)

#define QLIST_REMOVE_RCU(elm, field)                                    \
    do {                                                                \
        if ((elm)->field.next) {                                        \
            (elm)->field.next->field.at = (elm)->field.at;              \
        }                                                               \
        qatomic_set((elm)->field.at, (elm)->field.next);                \
        (elm)->field.at = NULL;                                         \
    } while (0)

/* ---- QSIMPLEQ: writers ---- */

#define QSIMPLEQ_INSERT_AT_RCU_(head, where, elm, field)                \
    do {                                                                \
        __typeof__((head)->end) at_ = (where);                          \
        (elm)->field.next = *at_;                                       \
        if (!*at_) {                                                    \
            (head)->end = &(elm)->field.next;                           \
        }                                                               \
        qatomic_rcu_set(at_, (elm));                                    \
    } while (0)
#define QSIMPLEQ_INSERT_HEAD_RCU(head, elm, field) \
    QSIMPLEQ_INSERT_AT_RCU_(head, &(head)->first, elm, field)
#define QSIMPLEQ_INSERT_TAIL_RCU(head, elm, field) \
    QSIMPLEQ_INSERT_AT_RCU_(head, (head)->end, elm, field)
#define QSIMPLEQ_INSERT_AFTER_RCU(head, listelm, elm, field) \
    QSIMPLEQ_INSERT_AT_RCU_(head, &(listelm)->field.next, elm, field)

#define QSIMPLEQ_REMOVE_AT_RCU_(head, where, field)                     \
    do {                                                                \
        __typeof__((head)->end) at_ = (where);                          \
        qatomic_set(at_, (*at_)->field.next);                           \
        if (!*at_) {                                                    \
            (head)->end = at_;                                          \
        }                                                               \
    } while (0)
#define QSIMPLEQ_REMOVE_HEAD_RCU(head, field) \
    QSIMPLEQ_REMOVE_AT_RCU_(head, &(head)->first, field)
#define QSIMPLEQ_REMOVE_RCU(head, elm, type, field)                     \
    do {                                                                \
        struct type **place_ = &(head)->first;                          \
        while (*place_ != (elm)) {                                      \
            place_ = &(*place_)->field.next;                            \
        }                                                               \
        QSIMPLEQ_REMOVE_AT_RCU_(head, place_, field);                   \
    } while (0)

/* ---- QTAILQ: writers ---- */

#define QTAILQ_INSERT_BEFORE_RCU(listelm, elm, field)                   \
    do {                                                                \
        __typeof__((elm)->field.next) after_ = (listelm);               \
        (elm)->field.next = after_;                                     \
        (elm)->field.prev = after_->field.prev;                         \
        (elm)->field.at = after_->field.at;                             \
        after_->field.prev = (elm);                                     \
        after_->field.at = &(elm)->field.next;                          \
        qatomic_rcu_set((elm)->field.at, (elm));                        \
    } while (0)
#define QTAILQ_INSERT_TAIL_RCU(head, elm, field)                        \
    do {                                                                \
        (elm)->field.next = NULL;                                       \
        (elm)->field.prev = (head)->last;                               \
        (elm)->field.at = (head)->last ? &(head)->last->field.next      \
                                       : &(head)->first;                \
        (head)->last = (elm);                                           \
        qatomic_rcu_set((elm)->field.at, (elm));                        \
    } while (0)
#define QTAILQ_INSERT_HEAD_RCU(head, elm, field)                        \
    do {                                                                \
        if (QTAILQ_EMPTY(head)) {                                       \
            QTAILQ_INSERT_TAIL_RCU(head, elm, field);                   \
        } else {                                                        \
            QTAILQ_INSERT_BEFORE_RCU((head)->first, elm, field);        \
        }                                                               \
    } while (0)
#define QTAILQ_INSERT_AFTER_RCU(head, listelm, elm, field)              \
    do {                                                                \
        if ((listelm)->field.next) {                                    \
            QTAILQ_INSERT_BEFORE_RCU((listelm)->field.next, elm, field); \
        } else {                                                        \
            QTAILQ_INSERT_TAIL_RCU(head, elm, field);                   \
        }                                                               \
    } while (0)
#define QTAILQ_REMOVE_RCU(head, elm, field)                             \
    do {                                                                \
        if ((elm)->field.next) {                                        \
            (elm)->field.next->field.prev = (elm)->field.prev;          \
            (elm)->field.next->field.at = (elm)->field.at;              \
        } else {                                                        \
            (head)->last = (elm)->field.prev;                           \
        }                                                               \
        qatomic_set((elm)->field.at, (elm)->field.next);                \
        (elm)->field.at = NULL;                                         \
    } while (0)

#endif
