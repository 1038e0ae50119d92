/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * LoopObject: the base class of objects that do their work on event loops.
 *
 * Users choose the loops with two properties.  `iothread` names one iothread;
 * `iothreads` names several, among which the class distributes its work.  An
 * object with neither gets a private thread, which is named after the object.
 * Either property can be set at any time: the object then moves to the new
 * loops while it works.  An iothread cannot be deleted while an object uses it.
 *
 * A derived class implements the hooks below.  Its instance structure begins
 * with a LoopObject, and its class structure, if it has one, with a
 * LoopObjectClass.
 *
 * The library calls the hooks in the main thread, in this order:
 *
 *     prepare, complete, attach, { prepare, drain, detach, attach }...,
 *     close, drain, detach, end
 *
 * A hook that needs the thread of a loop schedules a bottom half there and
 * waits for it with aio_wait_bh_oneshot() or AIO_WAIT_WHILE().
 *
 * Thread: main, for all functions
 * Contract: docs/iothread.md, "Objects that run on loops"
 */
#ifndef QOM_IOTHREAD_LOOP_OBJECT_H
#define QOM_IOTHREAD_LOOP_OBJECT_H

#include "aio/aio.h"
#include "iothread/iothread.h"
#include "qom/object.h"
#include "util/macros.h"

QOM_BEGIN_DECLS

#define TYPE_LOOP_OBJECT "loop-object"
OBJECT_DECLARE_TYPE(LoopObject, LoopObjectClass, LOOP_OBJECT)

struct LoopObject {
    Object parent_obj;

    /* private: */
    IOThread *iothread;            /* (nullable) property */
    struct LoopChoiceList *iothreads; /* (nullable) property */
    struct LoopSet *loops;         /* NULL until complete */
    bool attached;                 /* between attach() and detach() */
    bool linking;                  /* the links `iothreads[N]` may be set */
};

struct LoopObjectClass {
    ObjectClass parent_class;

    /**
     * complete: (nullable) finish the creation of the object
     * @obj: the object; its properties are set and its loops exist
     * @errp: set on failure; the hook then leaves nothing behind
     */
    void (*complete)(LoopObject *obj, Error **errp);

    /**
     * prepare: (nullable) accept or reject the values of properties
     * @obj: the object, whose fields have the values
     * @loops: (nullable) the loops to which the object is about to move,
     *         borrowed; NULL if its loops do not change or it has just been
     *         created
     * @n_loops: number of elements of @loops
     * @errp: set to reject the values: a change is undone, and the object stays
     *        on its loops; a new object is deleted
     *
     * Called before complete(), and then for each change, of which nothing can
     * fail after this hook.  A class that derives from LoopObject implements it
     * instead of ObjectClass.properties_changed.
     */
    bool (*prepare)(LoopObject *obj, AioContext *const *loops,
                    unsigned n_loops, Error **errp);

    /**
     * drain: (nullable) wait until no request is in flight
     * @obj: the object, which is attached
     *
     * The object starts no request after it, until it is attached again.
     * A class that carries requests over to the new loops does not need it.
     */
    void (*drain)(LoopObject *obj);

    /**
     * detach: (nullable) remove everything that the object has in its loops:
     * handlers, bottom halves and timers
     * @obj: the object; loop_object_get_loop() still returns the old loops
     */
    void (*detach)(LoopObject *obj);

    /**
     * attach: (nullable) begin or continue to work on the loops that
     * loop_object_get_loop() returns
     * @obj: the object
     */
    void (*attach)(LoopObject *obj);

    /**
     * close: (nullable) accept no more work, because the object is deleted
     * @obj: the object; it still has its path, and its loops if it is attached
     *
     * drain() and detach() follow if it is attached.
     */
    void (*close)(LoopObject *obj);

    /**
     * end: (nullable) end what is left after detach()
     * @obj: the object, which still has its path and may wait
     *
     * A class implements close() and end() instead of ObjectClass.unparent.
     */
    void (*end)(LoopObject *obj);

    /**
     * get_n_queues: (nullable) return how many queues the object has
     * @obj: the object; its own properties are set
     *
     * A class that implements it lets users assign each queue to an iothread.
     */
    unsigned (*get_n_queues)(LoopObject *obj);
};

/**
 * loop_object_get_n_loops: returns the number of loops that an object uses
 * @obj: the object
 *
 * Returns: the number; 0 before the object is complete
 */
unsigned loop_object_get_n_loops(LoopObject *obj);

/**
 * loop_object_get_loop: returns one of the loops that an object uses
 * @obj: the object, which is complete
 * @index: less than loop_object_get_n_loops()
 *
 * Returns: the context, borrowed; it is valid until detach() has returned
 */
AioContext *loop_object_get_loop(LoopObject *obj, unsigned index);

/**
 * loop_object_get_queue_loop: returns the loop of a queue
 * @obj: the object, which is complete
 * @queue: number of the queue, less than get_n_queues() if the class has it
 *
 * Queues that the user has not assigned take the loops in turn, so @queue can
 * also be a running number of connections.
 *
 * Returns: the context, borrowed; it is valid until detach() has returned
 */
AioContext *loop_object_get_queue_loop(LoopObject *obj, unsigned queue);

QOM_END_DECLS

#endif
