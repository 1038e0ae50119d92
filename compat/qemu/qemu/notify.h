/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lists of callbacks.  A notifier belongs to one list at most; a callback may
 * remove its own notifier.  One thread at a time uses a list.
 */
#ifndef QOM_COMPAT_QEMU_NOTIFY_H
#define QOM_COMPAT_QEMU_NOTIFY_H

#include "qemu/osdep.h"
#include "qemu/queue.h"

struct Notifier {
    void (*notify)(Notifier *notifier, void *data);
    QLIST_ENTRY(Notifier) node;
};

struct NotifierList {
    QLIST_HEAD(, Notifier) notifiers;
};

#define NOTIFIER_LIST_INITIALIZER(head) \
    { QLIST_HEAD_INITIALIZER((head).notifiers) }

static inline void notifier_list_init(NotifierList *list)
{
    QLIST_INIT(&list->notifiers);
}

/* The newest notifier is called first. */
static inline void notifier_list_add(NotifierList *list, Notifier *notifier)
{
    QLIST_INSERT_HEAD(&list->notifiers, notifier, node);
}

static inline void notifier_remove(Notifier *notifier)
{
    QLIST_REMOVE(notifier, node);
}

static inline void notifier_list_notify(NotifierList *list, void *data)
{
    Notifier *notifier, *next;

    QLIST_FOREACH_SAFE(notifier, &list->notifiers, node, next) {
        notifier->notify(notifier, data);
    }
}

static inline bool notifier_list_empty(NotifierList *list)
{
    return QLIST_EMPTY(&list->notifiers);
}

/* ---- Callbacks that can fail; until 8.2 they took no errp ---- */

#if QOM_COMPAT_QEMU < 900
typedef int (*NotifierWithReturnFunc)(NotifierWithReturn *notifier,
                                      void *data);
#else
typedef int (*NotifierWithReturnFunc)(NotifierWithReturn *notifier,
                                      void *data, Error **errp);
#endif

struct NotifierWithReturn {
    NotifierWithReturnFunc notify;
    QLIST_ENTRY(NotifierWithReturn) node;
};

struct NotifierWithReturnList {
    QLIST_HEAD(, NotifierWithReturn) notifiers;
};

#define NOTIFIER_WITH_RETURN_LIST_INITIALIZER(head) \
    { QLIST_HEAD_INITIALIZER((head).notifiers) }

static inline void
notifier_with_return_list_init(NotifierWithReturnList *list)
{
    QLIST_INIT(&list->notifiers);
}

static inline void
notifier_with_return_list_add(NotifierWithReturnList *list,
                              NotifierWithReturn *notifier)
{
    QLIST_INSERT_HEAD(&list->notifiers, notifier, node);
}

static inline void notifier_with_return_remove(NotifierWithReturn *notifier)
{
    QLIST_REMOVE(notifier, node);
}

/* Returns: the first result that is not 0, after which no other is called */
#if QOM_COMPAT_QEMU < 900
static inline int
notifier_with_return_list_notify(NotifierWithReturnList *list, void *data)
#else
static inline int
notifier_with_return_list_notify(NotifierWithReturnList *list, void *data,
                                 Error **errp)
#endif
{
    NotifierWithReturn *notifier, *next;
    int ret = 0;

    QLIST_FOREACH_SAFE(notifier, &list->notifiers, node, next) {
#if QOM_COMPAT_QEMU < 900
        ret = notifier->notify(notifier, data);
#else
        ret = notifier->notify(notifier, data, errp);
#endif
        if (ret != 0) {
            break;
        }
    }
    return ret;
}

#endif
