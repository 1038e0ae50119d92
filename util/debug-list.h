/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * DebugList: all things of a kind that exist, for a debugger to find.
 *
 * The library itself never walks such a list.  tools/gdb/qom.py does, in a
 * process that is stopped or in a core dump.
 */
#ifndef QOM_UTIL_DEBUG_LIST_H
#define QOM_UTIL_DEBUG_LIST_H

#include "util/queue.h"

QOM_BEGIN_DECLS

/* Zero bytes are an empty list. */
typedef struct DebugList {
    QueueLink head;
} DebugList;

/**
 * debug_list_add: adds a thing to a list
 * @list: the list
 * @link: the thing's link, which is in no list
 *
 * Thread: any
 */
void debug_list_add(DebugList *list, QueueLink *link);

/**
 * debug_list_remove: removes a thing from its list
 * @link: the thing's link, which is in a list
 *
 * Thread: any
 */
void debug_list_remove(QueueLink *link);

QOM_END_DECLS

#endif
