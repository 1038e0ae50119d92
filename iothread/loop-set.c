/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The loops of a LoopObject, resolved from its properties.
 *
 * - Without a property the set has one private iothread.
 * - With `iothread` it has that one.
 * - With `iothreads` it has one loop for each element.  Either all elements
 *   say which queues they process, and together they name each queue once, or
 *   none does, and the queues take the loops in turn.
 */
#include "iothread/loop-set-internal.h"

/* ---- Names ---- */

/* Returns the name of an iothread that an element of `iothreads` contains. */
static const char *choice_name(const LoopChoice *choice)
{
    return choice->type == QTYPE_QSTRING ? choice->u.id
                                         : choice->u.mapping.iothread;
}

/* An element is the name of an iothread, or a name with a list of queues. */
static uint16List *choice_queues(const LoopChoice *choice)
{
    return choice->type == QTYPE_QSTRING ? NULL : choice->u.mapping.queues;
}

/* An empty list of queues differs from no list. */
static bool choice_has_queues(const LoopChoice *choice)
{
    return choice->type != QTYPE_QSTRING && choice->u.mapping.has_queues;
}

/* Returns the path of the name within the property, for messages. */
static char *choice_path(const LoopChoice *choice, unsigned index)
{
    return g_strdup_printf("iothreads[%u]%s", index,
                           choice->type == QTYPE_QSTRING ? "" : ".iothread");
}

/* Returns the number of elements of `iothreads`; 0 without the property. */
static unsigned count_choices(const LoopChoiceList *list)
{
    unsigned n = 0;

    for (; list; list = list->next) {
        n++;
    }
    return n;
}

/* ---- Queues ---- */

/* Marks a queue that no element of `iothreads` has named yet. */
#define NO_LOOP UINT16_MAX

/* Assigns a queue to a loop; each queue belongs to one loop. */
static bool assign_queue(LoopSet *set, unsigned loop, unsigned position,
                         uint16_t queue, Error **errp)
{
    if (queue >= set->n_queues) {
        error_setg(errp, "iothreads[%u].queues[%u]: queue %u does not exist, "
                   "there are %u", loop, position, queue, set->n_queues);
        return false;
    }
    if (set->queue_loops[queue] != NO_LOOP) {
        error_setg(errp, "iothreads[%u].queues[%u]: queue %u is already "
                   "assigned to iothreads[%u]", loop, position, queue,
                   set->queue_loops[queue]);
        return false;
    }
    set->queue_loops[queue] = loop;
    return true;
}

/* Assigns all queues as the elements say; none may be left. */
static bool assign_queues(LoopSet *set, const LoopChoiceList *list,
                          Error **errp)
{
    for (unsigned loop = 0; list; list = list->next, loop++) {
        unsigned position = 0;

        for (uint16List *queue = choice_queues(list->value); queue;
             queue = queue->next) {
            if (!assign_queue(set, loop, position++, queue->value, errp)) {
                return false;
            }
        }
    }
    for (unsigned queue = 0; queue < set->n_queues; queue++) {
        if (set->queue_loops[queue] == NO_LOOP) {
            error_setg(errp, "iothreads: no iothread is assigned to queue %u",
                       queue);
            return false;
        }
    }
    return true;
}

/*
 * Without lists of queues there is no table: loop_object_get_queue_loop() then
 * computes the loop.
 */
static bool resolve_queues(LoopSet *set, LoopObject *obj, Error **errp)
{
    LoopObjectClass *klass = LOOP_OBJECT_GET_CLASS(obj);

    if (klass->get_n_queues) {
        set->n_queues = klass->get_n_queues(obj);
    }
    if (!obj->iothreads || !choice_has_queues(obj->iothreads->value)) {
        return true;
    }
    if (!klass->get_n_queues) {
        error_setg(errp, "iothreads[0].queues: type '%s' has no queues",
                   object_get_typename(OBJECT(obj)));
        return false;
    }
    g_assert(set->n_queues < NO_LOOP);
    set->queue_loops = g_new(uint16_t, set->n_queues);
    for (unsigned queue = 0; queue < set->n_queues; queue++) {
        set->queue_loops[queue] = NO_LOOP;
    }
    return assign_queues(set, obj->iothreads, errp);
}

/* ---- Loops ---- */

/* The reference keeps the thread running while the set is in use. */
static void add_loop(LoopSet *set, IOThread *iothread)
{
    object_ref(iothread);
    set->iothreads[set->n_loops] = iothread;
    set->loops[set->n_loops] = iothread_get_aio_context(iothread);
    set->n_loops++;
}

/* Adds the iothreads that `iothreads` names, each once. */
static bool resolve_choices(LoopSet *set, const LoopChoiceList *list,
                            Error **errp)
{
    for (unsigned i = 0; list; list = list->next, i++) {
        const char *name = choice_name(list->value);
        g_autofree char *path = choice_path(list->value, i);
        IOThread *iothread = iothread_by_id(name);

        if (!iothread || !iothread_get_aio_context(iothread)) {
            error_setg(errp, "%s: iothread '%s' not found", path, name);
            return false;
        }
        for (unsigned other = 0; other < set->n_loops; other++) {
            if (set->iothreads[other] == iothread) {
                error_setg(errp, "%s: iothread '%s' is already "
                           "iothreads[%u]", path, name, other);
                return false;
            }
        }
        add_loop(set, iothread);
    }
    return true;
}

/*
 * The thread is named after the object.  While an object of the same id takes
 * its place in object_apply(), the old private thread still has the name.
 */
static bool create_own(LoopSet *set, LoopObject *obj, Error **errp)
{
    const char *id = object_get_canonical_path_component(OBJECT(obj));
    Object *root = object_get_internal_root();
    g_autofree char *name = g_strdup(id ? id
                                        : object_get_typename(OBJECT(obj)));

    if (object_resolve_path_component(root, name)) {
        char *indexed = g_strdup_printf("%s[*]", name);

        g_free(name);
        name = indexed;
    }
    /* Not below /objects: users can neither see nor delete it. */
    set->own = iothread_create(name, errp);
    if (!set->own) {
        return false;
    }
    add_loop(set, set->own);
    return true;
}

/* Adds all loops; if no property names one, a private one. */
static bool resolve(LoopSet *set, LoopObject *obj, Error **errp)
{
    if (!resolve_choices(set, obj->iothreads, errp) ||
        !resolve_queues(set, obj, errp)) {
        return false;
    }
    if (obj->iothread) {
        if (!iothread_get_aio_context(obj->iothread)) {
            error_setg(errp, "iothread: the iothread is not complete");
            return false;
        }
        add_loop(set, obj->iothread);
    }
    return set->n_loops || create_own(set, obj, errp);
}

/* Checks what concerns the properties alone, before any name is resolved. */
bool loop_set_check(LoopObject *obj, Error **errp)
{
    bool first_has_queues;

    if (!obj->iothreads) {
        return true;
    }
    if (obj->iothread) {
        error_setg(errp, "'iothread' and 'iothreads' exclude each other");
        return false;
    }
    first_has_queues = choice_has_queues(obj->iothreads->value);
    for (LoopChoiceList *list = obj->iothreads; list; list = list->next) {
        if (choice_has_queues(list->value) != first_has_queues) {
            error_setg(errp, "iothreads: 'queues' must be present in all "
                       "elements or in none");
            return false;
        }
    }
    return true;
}

/* The set copies the property, so that loop_set_matches() finds changes. */
LoopSet *loop_set_new(LoopObject *obj, Error **errp)
{
    LoopSet *set = g_new0(LoopSet, 1);
    unsigned n = MAX(count_choices(obj->iothreads), 1);

    set->iothreads = g_new0(IOThread *, n);
    set->loops = g_new0(AioContext *, n);
    set->link_targets = g_new0(Object *, n);
    set->iothread = obj->iothread;
    qapi_type_clone(&qapi_type_LoopChoiceList, &set->choices,
                    &obj->iothreads);
    if (!resolve(set, obj, errp)) {
        loop_set_free(set);
        return NULL;
    }
    return set;
}

/* Also frees a set of which resolve() has filled in a part. */
void loop_set_free(LoopSet *set)
{
    for (unsigned i = 0; i < set->n_loops; i++) {
        object_unref(set->iothreads[i]);
    }
    if (set->own) {
        iothread_destroy(set->own);
    }
    qapi_type_free(&qapi_type_LoopChoiceList, &set->choices);
    g_free(set->iothreads);
    g_free(set->loops);
    g_free(set->link_targets);
    g_free(set->queue_loops);
    g_free(set);
}

bool loop_set_matches(const LoopSet *set, const LoopObject *obj)
{
    return set->iothread == obj->iothread &&
           qapi_type_equal(&qapi_type_LoopChoiceList, &set->choices,
                           &obj->iothreads);
}

/* ---- Links ---- */

/* Links follow the property, so users can read but not set them. */
static void check_link(const Object *obj, const char *name, Object *target,
                       Error **errp)
{
    if (!LOOP_OBJECT(obj)->linking) {
        error_setg(errp, "'%s' follows 'iothreads', which can be set", name);
    }
}

/* Adds the property `iothreads[index]`, a strong link to the iothread. */
static bool add_link(LoopSet *set, LoopObject *obj, unsigned index,
                     Error **errp)
{
    g_autofree char *name = g_strdup_printf("iothreads[%u]", index);
    bool ok;

    object_property_add_link(OBJECT(obj), name, TYPE_IOTHREAD,
                             &set->link_targets[index], check_link,
                             OBJ_PROP_LINK_STRONG);
    obj->linking = true;
    ok = object_property_set_link(OBJECT(obj), name,
                                  OBJECT(set->iothreads[index]), errp);
    obj->linking = false;
    return ok;
}

bool loop_set_link(LoopSet *set, LoopObject *obj, Error **errp)
{
    if (!set->choices) {
        return true;
    }
    for (unsigned i = 0; i < set->n_loops; i++) {
        if (!add_link(set, obj, i, errp)) {
            loop_set_unlink(set, obj);
            return false;
        }
    }
    return true;
}

void loop_set_unlink(LoopSet *set, LoopObject *obj)
{
    for (unsigned i = 0; i < set->n_loops && set->choices; i++) {
        g_autofree char *name = g_strdup_printf("iothreads[%u]", i);

        if (object_property_find(OBJECT(obj), name)) {
            object_property_del(OBJECT(obj), name);
        }
    }
}
