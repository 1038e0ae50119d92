/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the properties `iothread` and `iothreads` of a LoopObject resolve to.
 *
 * Thread: main
 */
#ifndef QOM_IOTHREAD_LOOP_SET_INTERNAL_H
#define QOM_IOTHREAD_LOOP_SET_INTERNAL_H

#include "iothread/loop-object.h"
#include "iothread/qapi-types-loop-object.h"

typedef struct LoopSet {
    unsigned n_loops;     /* at least 1 */
    IOThread **iothreads; /* each with a reference */
    AioContext **loops;   /* borrowed from `iothreads` */
    IOThread *own;        /* (nullable) private thread, owned */

    unsigned n_queues;
    uint16_t *queue_loops; /* (nullable) index into `loops` of each queue */

    /* For comparison with the properties; links of `iothreads` */
    const IOThread *iothread;  /* (nullable) never dereferenced */
    LoopChoiceList *choices;   /* (nullable) copy of `iothreads` */
    Object **link_targets;     /* what the links point to, NULL if not linked */
} LoopSet;

/*
 * loop_set_check: checks what can be checked before the object is complete
 *
 * Returns: true; false with @errp set
 */
bool loop_set_check(LoopObject *obj, Error **errp);

/*
 * loop_set_new: resolves the properties
 *
 * Returns: (transfer full) the set; NULL with @errp set
 */
LoopSet *loop_set_new(LoopObject *obj, Error **errp);

/* loop_set_free: releases the threads; a private thread ends */
void loop_set_free(LoopSet *set);

/* loop_set_matches: returns true if the properties still resolve to @set */
bool loop_set_matches(const LoopSet *set, const LoopObject *obj);

/*
 * loop_set_link: makes @obj a holder of each iothread of `iothreads`
 * @errp: (nullable) set if an iothread is just being deleted; no link exists
 *        then
 *
 * Returns: true; false with @errp set
 */
bool loop_set_link(LoopSet *set, LoopObject *obj, Error **errp);

/* loop_set_unlink: removes the links */
void loop_set_unlink(LoopSet *set, LoopObject *obj);

#endif
