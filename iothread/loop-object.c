/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Objects that do their work on event loops.
 *
 * - A *LoopSet* is what the properties resolve to: the iothreads in use and
 *   the loop of each queue.  A change of the properties creates a new one.
 * - The *links* `iothreads[N]` exist only while the set is in use.  They make
 *   the object a holder of each iothread, as the link `iothread` does.
 * - A *move* replaces the set.  All steps that can fail come first: resolve the
 *   names, create the private thread, set the links, ask the class.  Then the
 *   class drains and detaches, the sets are exchanged, and the class attaches.
 *   The old set keeps its threads running until the move has ended.
 */
#include "iothread/loop-set-internal.h"
#include "iothread/qapi-classes-loop-object.h"
#include "qom/user-creatable.h"
#include "util/programming-error.h"

/* ---- Hooks of the class ---- */

/* Asks the class whether it accepts the loops; without a set, its values. */
static bool loop_object_prepare(LoopObject *obj, const LoopSet *set,
                                Error **errp)
{
    LoopObjectClass *klass = LOOP_OBJECT_GET_CLASS(obj);

    return !klass->prepare ||
           klass->prepare(obj, set ? set->loops : NULL,
                          set ? set->n_loops : 0, errp);
}

static void loop_object_attach(LoopObject *obj)
{
    LoopObjectClass *klass = LOOP_OBJECT_GET_CLASS(obj);

    obj->attached = true;
    if (klass->attach) {
        klass->attach(obj);
    }
}

/* After draining, no request is in flight, so no loop uses the object. */
static void loop_object_detach(LoopObject *obj)
{
    LoopObjectClass *klass = LOOP_OBJECT_GET_CLASS(obj);

    if (klass->drain) {
        klass->drain(obj);
    }
    if (klass->detach) {
        klass->detach(obj);
    }
    obj->attached = false;
}

/* ---- Life ---- */

/* The links exist before the class sees its loops, so these cannot go away. */
static void loop_object_complete(UserCreatable *uc, Error **errp)
{
    ERRP_GUARD();
    LoopObject *obj = LOOP_OBJECT(uc);
    LoopObjectClass *klass = LOOP_OBJECT_GET_CLASS(obj);

    obj->loops = loop_set_new(obj, errp);
    if (!obj->loops) {
        return;
    }
    if (loop_set_link(obj->loops, obj, errp) &&
        loop_object_prepare(obj, NULL, errp) && klass->complete) {
        klass->complete(obj, errp);
    }
    if (*errp) {
        loop_set_unlink(obj->loops, obj);
        g_clear_pointer(&obj->loops, loop_set_free);
        return;
    }
    loop_object_attach(obj);
}

/* On failure the object has its old links and works on its old loops. */
static bool loop_object_move(LoopObject *obj, LoopSet *to, Error **errp)
{
    LoopSet *from = obj->loops;

    loop_set_unlink(from, obj);
    if (!loop_set_link(to, obj, errp)) {
        loop_set_link(from, obj, NULL);
        return false;
    }
    if (!loop_object_prepare(obj, to, errp)) {
        loop_set_unlink(to, obj);
        loop_set_link(from, obj, NULL);
        return false;
    }
    /* From here on nothing can fail. */
    loop_object_detach(obj);
    obj->loops = to;
    loop_object_attach(obj);
    loop_set_free(from);
    return true;
}

/* Called once per change.  complete() does the rest for a new object. */
static bool loop_object_changed(Object *opaque, Error **errp)
{
    LoopObject *obj = LOOP_OBJECT(opaque);
    LoopSet *set;

    if (!loop_set_check(obj, errp)) {
        return false;
    }
    if (!obj->attached) {
        return true;
    }
    if (loop_set_matches(obj->loops, obj)) {
        return loop_object_prepare(obj, NULL, errp);
    }
    set = loop_set_new(obj, errp);
    if (!set) {
        return false;
    }
    if (!loop_object_move(obj, set, errp)) {
        loop_set_free(set);
        return false;
    }
    return true;
}

/* The object still has a path, so the class may wait here. */
static void loop_object_unparent(Object *opaque)
{
    LoopObject *obj = LOOP_OBJECT(opaque);
    LoopObjectClass *klass = LOOP_OBJECT_GET_CLASS(obj);

    if (klass->close) {
        klass->close(obj);
    }
    if (obj->attached) {
        loop_object_detach(obj);
    }
    if (klass->end) {
        klass->end(obj);
    }
}

/* Callbacks of the loops would use freed memory. */
static void loop_object_finalize(Object *opaque)
{
    LoopObject *obj = LOOP_OBJECT(opaque);

    if (obj->attached) {
        programming_error("an object of type '%s' is finalized while it is on "
                          "its loops: its class has overridden unparent; "
                          "implement close() and end() of LoopObjectClass",
                          object_get_typename(opaque));
    }
    g_clear_pointer(&obj->loops, loop_set_free);
}

/* ---- The loops ---- */

/* Before complete() the object works on no loop. */
unsigned loop_object_get_n_loops(LoopObject *obj)
{
    return obj->loops ? obj->loops->n_loops : 0;
}

/* A class that uses a loop or a queue which its object does not have. */
static G_NORETURN void abort_out_of_range(LoopObject *obj, const char *what,
                                          unsigned index, unsigned n)
{
    g_autofree char *path = object_get_canonical_path(OBJECT(obj));

    programming_error("object '%s' of type '%s': there is no %s %u; it has %u",
                      path ? path : "", object_get_typename(OBJECT(obj)),
                      what, index, n);
}

AioContext *loop_object_get_loop(LoopObject *obj, unsigned index)
{
    unsigned n_loops = loop_object_get_n_loops(obj);

    if (G_UNLIKELY(index >= n_loops)) {
        abort_out_of_range(obj, "loop", index, n_loops);
    }
    return obj->loops->loops[index];
}

/* Without lists of queues there is no table, and queues take turns. */
AioContext *loop_object_get_queue_loop(LoopObject *obj, unsigned queue)
{
    const LoopSet *set = obj->loops;

    if (set->queue_loops) {
        if (G_UNLIKELY(queue >= set->n_queues)) {
            abort_out_of_range(obj, "queue", queue, set->n_queues);
        }
        return set->loops[set->queue_loops[queue]];
    }
    return set->loops[queue % set->n_loops];
}

/* ---- The class ---- */

static void loop_object_class_init(ObjectClass *klass, const void *data)
{
    USER_CREATABLE_CLASS(klass)->complete = loop_object_complete;
    klass->properties_changed = loop_object_changed;
    klass->unparent = loop_object_unparent;
    object_class_add_properties(klass, loop_object_properties);
}

static void loop_object_register_types(void)
{
    static const InterfaceInfo interfaces[] = {
        { TYPE_USER_CREATABLE },
        { }
    };
    static const TypeInfo info = {
        .name = TYPE_LOOP_OBJECT,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(LoopObject),
        .class_size = sizeof(LoopObjectClass),
        .instance_finalize = loop_object_finalize,
        .class_init = loop_object_class_init,
        .abstract = true,
        .interfaces = interfaces,
    };

    type_register_static(&info);
}

type_init(loop_object_register_types)
