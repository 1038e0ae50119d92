/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Objects whose hooks are running.
 *
 * A hook of a class (properties_changed, a setter, the check of a link,
 * complete, can_be_deleted, unparent) may run the loop while it waits.  Other
 * code can then reach the object.
 *
 * - An *ObjectPending* represents one call of a hook.  It is on the stack of
 *   the function that calls the hook, and it holds a reference to the object.
 * - All ObjectPendings of a thread are in one list.  The list is only searched
 *   for objects that have OBJECT_CHANGING in their state, so other objects
 *   cost one test.
 * - The *nesting* of the loop distinguishes the code that the hook calls from
 *   code that runs while the hook waits; see util/nesting.h.  Only the former
 *   may set properties of the object.
 *
 * No code may set a property whose new value can still be rejected, or delete
 * the object.
 */
#include "qom/object-pending-internal.h"
#include "qom/user-creatable-internal.h"

__thread ObjectPending *object_pendings
    __attribute__((tls_model("initial-exec")));

void object_pending_begin(ObjectPending *pending, Object *obj,
                          ObjectPendingKind kind)
{
    atomic_fetch_add_explicit(&obj->ref, 1, memory_order_relaxed);
    pending->obj = obj;
    pending->kind = kind;
    pending->outer_state = obj->state & OBJECT_CHANGING;
    pending->nesting = nesting_current();
    pending->outer = object_pendings;
    obj->state |= OBJECT_CHANGING;
    object_pendings = pending;
}

void object_pending_end(ObjectPending *pending)
{
    Object *obj = pending->obj;
    ObjectPending **p = &object_pendings;

    while (*p != pending) {
        p = &(*p)->outer;
    }
    *p = pending->outer;
    obj->state = (obj->state & ~OBJECT_CHANGING) | pending->outer_state;
    object_unref(obj);
}

static bool refuse(const Object *obj, const char *property, Error **errp)
{
    g_autofree char *path = object_get_canonical_path(obj);

    error_setg(errp, "'%s%s%s' is being changed",
               path ? path : object_get_typename(obj), property ? "." : "",
               property ? property : "");
    return false;
}

/* ---- Changing ---- */

bool object_check_free_slow(const Object *obj, Error **errp)
{
    for (ObjectPending *p = object_pendings; p; p = p->outer) {
        if (p->obj == obj && p->nesting != nesting_current()) {
            return refuse(obj, NULL, errp);
        }
    }
    return true;
}

static bool is_saved(const ObjectChange *change, const PropertyRow *row)
{
    for (unsigned i = 0; i < change->n_saved; i++) {
        if (change->saved[i].row == row) {
            return true;
        }
    }
    return false;
}

static bool may_be_refused(const ObjectPending *p, const PropertyRow *row)
{
    switch (p->kind) {
    case OBJECT_PENDING_ROW:
    case OBJECT_PENDING_LINK:
        return p->row == row;
    case OBJECT_PENDING_DECISION:
        return is_saved(p->change, row);
    default:
        return false;
    }
}

bool object_check_row_free_slow(const Object *obj, const PropertyRow *row,
                                Error **errp)
{
    for (ObjectPending *p = object_pendings; p; p = p->outer) {
        if (p->obj == obj && may_be_refused(p, row)) {
            return refuse(obj, row->name, errp);
        }
    }
    return object_check_free_slow(obj, errp);
}

ObjectChange *object_open_change(const Object *obj)
{
    for (ObjectPending *p = object_pendings; p; p = p->outer) {
        if (p->obj == obj && p->kind == OBJECT_PENDING_CHANGE) {
            return p->change;
        }
    }
    return NULL;
}

bool object_check_linkable(const Object *target, Error **errp)
{
    for (ObjectPending *p = object_pendings; p; p = p->outer) {
        if (p->nesting != nesting_current() &&
            ((p->kind == OBJECT_PENDING_DELETE &&
              object_is_within(target, p->obj)) ||
             (p->kind == OBJECT_PENDING_COMPLETE && p->obj == target))) {
            return refuse(p->obj, NULL, errp);
        }
    }
    return true;
}

/* ---- Deleting ---- */

/*
 * Returns the name of a saved link whose old or new target is @obj or below
 * it.
 */
static const char *saved_link(const ObjectChange *change, const Object *obj)
{
    for (unsigned i = 0; i < change->n_saved; i++) {
        const SavedValue *saved = &change->saved[i];
        const Object *old = (Object *)(uintptr_t)saved->old;
        const Object *target;

        if (!saved->row->link) {
            continue;
        }
        target = *(Object **)((char *)change->pending.obj +
                              saved->row->offset);
        if (object_is_within(old, obj) || object_is_within(target, obj)) {
            return saved->row->name;
        }
    }
    return NULL;
}

/* Returns the name of a link that is being set and leads, or led, to @obj. */
static const char *pending_link(const ObjectPending *p, const Object *obj)
{
    switch (p->kind) {
    case OBJECT_PENDING_LINK:
        return object_is_within(p->old_target, obj) ||
                       object_is_within(p->new_target, obj)
                   ? p->link : NULL;
    case OBJECT_PENDING_CHANGE:
    case OBJECT_PENDING_DECISION:
        return saved_link(p->change, obj);
    default:
        return NULL;
    }
}

bool object_check_deletable(const Object *obj, Error **errp)
{
    for (ObjectPending *p = object_pendings; p; p = p->outer) {
        const char *link = pending_link(p, obj);

        if (link || object_is_within(p->obj, obj)) {
            return refuse(p->obj, link, errp);
        }
    }
    return true;
}
