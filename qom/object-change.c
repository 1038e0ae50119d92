/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Changes of property rows: single ones, and change sets.
 *
 * - A *store* replaces the bits of a slot and then calls the class's
 *   properties_changed(), which may reject the value.  The old bits are then
 *   stored again, so a rejected write leaves the object as it was.
 * - A *change set* (ObjectChange) collects stores.  It keeps the oldest bits
 *   of each slot, and properties_changed() is called once, at its end.
 * - Of the old and the new bits, those that do not remain in the slot are
 *   freed.
 *
 * A store of the value that the slot already has changes nothing and calls
 * no hook.  A change of rows that are all declared with PROPERTY_NO_NOTIFY
 * calls no hook either.
 */
#include "qom/object-pending-internal.h"
#include "qom/property-row-internal.h"
#include "util/programming-error.h"

/* Frees what the bits of a slot own, for example a string. */
void row_free_bits(const PropertyRow *row, uint64_t bits)
{
    if (bits && property_row_owns_memory(row)) {
        qapi_type_free(row->type, &bits);
    }
}

/* ---- One row ---- */

/* Saves the oldest value of each row; true if @old is now owned by @change. */
static bool change_save(ObjectChange *change, const PropertyRow *row,
                        uint64_t old)
{
    /* A change set rarely has more than eight rows, so a list is enough. */
    for (unsigned i = 0; i < change->n_saved; i++) {
        if (change->saved[i].row == row) {
            return false;
        }
    }
    if (change->n_saved == change->n_allocated) {
        bool is_inline = change->saved == change->inline_saved;

        change->n_allocated *= 2;
        change->saved = g_renew(SavedValue, is_inline ? NULL : change->saved,
                                change->n_allocated);
        if (is_inline) {
            memcpy(change->saved, change->inline_saved,
                   sizeof(change->inline_saved));
        }
    }
    change->saved[change->n_saved++] = (SavedValue){ row, old };
    return true;
}

/* True if the class wants to be asked about a change of the row. */
static bool row_has_hook(const Object *obj, const PropertyRow *row)
{
    return obj->klass->properties_changed &&
           !(row->flags & PROPERTY_NO_NOTIFY);
}

/*
 * Calls the hook of the class after the row has got its new value, and restores
 * the old one if the hook rejects it.  Watchers are notified in both cases,
 * because they may have seen the new value while the hook waited.  Not inline,
 * like row_join(), to keep row_store() short for rows without a hook.
 */
static __attribute__((noinline)) bool row_decide(Object *obj,
                                                 const PropertyRow *row,
                                                 uint64_t old, Error **errp)
{
    ObjectPending pending;
    bool ok;

    object_pending_begin(&pending, obj, OBJECT_PENDING_ROW);
    pending.row = row;
    ok = obj->klass->properties_changed(obj, errp);
    if (!ok) {
        void *slot = row_slot(row, obj);
        uint64_t refused = slot_read(row->type, slot);

        slot_write(row->type, slot, old);
        old = refused;
    }
    row_free_bits(row, old);
    object_report_changed(obj, row->name);
    object_pending_end(&pending);
    return ok;
}

/*
 * Saves @old in @change, or if that is NULL, in the open change set.  Returns
 * false if there is none.
 */
static __attribute__((noinline)) bool row_join(Object *obj,
                                               const PropertyRow *row,
                                               uint64_t old,
                                               ObjectChange *change)
{
    if (!change) {
        change = object_open_change(obj);
    }
    if (change && !change_save(change, row, old)) {
        row_free_bits(row, old);
    }
    return change;
}

/* Compares what the bits refer to.  Not inline, so that row_store() keeps its
 * variables in registers. */
static __attribute__((noinline)) bool row_is_equal(const PropertyRow *row,
                                                   uint64_t a, uint64_t b)
{
    return qapi_type_equal(row->type, &a, &b);
}

bool row_store(Object *obj, const PropertyRow *row, uint64_t bits,
               Error **errp)
{
    /* The hook itself may have changed the value; what it left is freed. */
    void *slot = row_slot(row, obj);
    uint64_t old = slot_read(row->type, slot);
    ObjectChange *change = NULL;

    object_assert_main_thread(obj);
    if (G_UNLIKELY(obj->state & OBJECT_CHANGING)) {
        change = object_sole_change(obj);
        if (!change && !object_check_row_free_slow(obj, row, errp)) {
            row_free_bits(row, bits);
            return false;
        }
    }
    if (old == bits) {
        return true;
    }
    if (property_row_owns_memory(row) && row_is_equal(row, old, bits)) {
        row_free_bits(row, bits);
        return true;
    }
    slot_write(row->type, slot, bits);
    if (G_UNLIKELY(obj->state & OBJECT_CHANGING) &&
        row_join(obj, row, old, change)) {
        return true;
    }
    if (row_has_hook(obj, row)) {
        return row_decide(obj, row, old, errp);
    }
    row_free_bits(row, old);
    object_report_changed(obj, row->name);
    return true;
}

/* The link already has its new target; @old still has its reference. */
bool object_row_link_store(Object *obj, const PropertyRow *row, Object *old,
                           Error **errp)
{
    ObjectChange *change = object_open_change(obj);
    bool ok;

    if (change) {
        if (!change_save(change, row, (uintptr_t)old)) {
            object_unref(old);
        }
        return true;
    }
    ok = !row_has_hook(obj, row) || obj->klass->properties_changed(obj, errp);
    object_row_link_finish(obj, row, old, ok);
    return ok;
}

/*
 * If other code is changing the object, all writes and the change set fail.  A
 * change set that begins within another one, because a setter sets several
 * properties, becomes part of the outer one.
 */
void object_change_init(ObjectChange *change, Object *obj)
{
    change->refused = !object_check_free(obj, NULL);
    change->within = change->refused || !(obj->state & OBJECT_CHANGING)
        ? NULL : object_open_change(obj);
    change->n_saved = 0;
    change->n_allocated = G_N_ELEMENTS(change->inline_saved);
    change->saved = change->inline_saved;
    object_pending_begin(&change->pending, obj, OBJECT_PENDING_CHANGE);
    change->pending.change = change;
}

ObjectChange *object_change_begin(Object *obj)
{
    ObjectChange *change = g_new(ObjectChange, 1);

    object_change_init(change, obj);
    return change;
}

static bool saved_differs(const SavedValue *saved, const Object *obj)
{
    const PropertyRow *row = saved->row;
    void *slot = row_slot(row, obj);

    if (row->link) {
        return (uintptr_t)*(Object **)slot != saved->old;
    }
    return property_row_owns_memory(row)
               ? !qapi_type_equal(row->type, slot, &saved->old)
               : slot_read(row->type, slot) != saved->old;
}

/* ---- What the hook is called for ---- */

static bool change_includes(const ObjectChange *change, const char *name)
{
    for (unsigned i = 0; i < change->n_saved; i++) {
        if (g_str_equal(change->saved[i].row->name, name)) {
            return saved_differs(&change->saved[i], change->pending.obj);
        }
    }
    return false;
}

/* Returns: the innermost call of a hook of @obj because of a change */
static const ObjectPending *pending_decision(const Object *obj)
{
    const ObjectPending *p = object_pendings;

    while (p && (p->obj != obj || !(p->kind == OBJECT_PENDING_ROW ||
                                    p->kind == OBJECT_PENDING_LINK ||
                                    p->kind == OBJECT_PENDING_DECISION))) {
        p = p->outer;
    }
    if (!p) {
        programming_error("object_change_includes(): no change of an object of "
                          "type '%s' is being decided; call it in "
                          "properties_changed()", object_get_typename(obj));
    }
    return p;
}

bool object_change_includes(const Object *obj, const char *name)
{
    const ObjectPending *p = pending_decision(obj);

    if (!object_class_property_find(obj->klass, name)) {
        programming_error("object_change_includes(): class '%s' has no "
                          "property '%s'", object_get_typename(obj), name);
    }
    if (p->kind == OBJECT_PENDING_DECISION) {
        return change_includes(p->change, name);
    }
    return p->row && g_str_equal(p->row->name, name);
}

/* ---- The end of a change set ---- */

/* True if a row differs from its saved value and is not NO_NOTIFY. */
static bool change_notifies(const ObjectChange *change)
{
    for (unsigned i = 0; i < change->n_saved; i++) {
        const SavedValue *saved = &change->saved[i];

        if (!(saved->row->flags & PROPERTY_NO_NOTIFY) &&
            saved_differs(saved, change->pending.obj)) {
            return true;
        }
    }
    return false;
}

/* Keeps the new value, or restores the old one; frees the other. */
static void saved_settle(SavedValue *saved, Object *obj, bool keep)
{
    const PropertyRow *row = saved->row;
    uint64_t freed_bits = saved->old;

    saved->old = 0;
    if (row->link) {
        object_row_link_finish(obj, row, (Object *)(uintptr_t)freed_bits, keep);
        return;
    }
    if (!keep) {
        void *slot = row_slot(row, obj);
        uint64_t refused = slot_read(row->type, slot);

        slot_write(row->type, slot, freed_bits);
        freed_bits = refused;
    }
    row_free_bits(row, freed_bits);
}

/* Moves a saved value to the outer change set, which decides on it. */
static void saved_hand_over(const SavedValue *saved, ObjectChange *to)
{
    if (change_save(to, saved->row, saved->old)) {
        return;
    }
    if (saved->row->link) {
        object_unref((Object *)(uintptr_t)saved->old);
    } else {
        row_free_bits(saved->row, saved->old);
    }
}

static bool change_decide(ObjectChange *change, Error **errp)
{
    Object *obj = change->pending.obj;

    if (change->refused && object_check_free(obj, errp)) {
        error_setg(errp, "'%s' was being changed", object_get_typename(obj));
    }
    if (change->refused) {
        return false;
    }
    if (change->within) {
        return true;
    }
    change->pending.kind = OBJECT_PENDING_DECISION;
    return !obj->klass->properties_changed || !change_notifies(change) ||
           obj->klass->properties_changed(obj, errp);
}

bool object_change_finish(ObjectChange *change, bool commit, Error **errp)
{
    Object *obj = change->pending.obj;
    bool ok;

    if (object_sole_change(obj) != change &&
        object_open_change(obj) != change) {
        programming_error("object_change_end(): a change of an object of type "
                          "'%s' that began later is open; end changes in "
                          "reverse order", object_get_typename(obj));
    }
    ok = commit && change_decide(change, errp);
    change->pending.kind = OBJECT_PENDING_DECISION;
    for (unsigned i = 0; i < change->n_saved; i++) {
        if (ok && change->within) {
            saved_hand_over(&change->saved[i], change->within);
        } else {
            saved_settle(&change->saved[i], obj, ok);
        }
    }
    for (unsigned i = 0; i < change->n_saved; i++) {
        object_report_changed(obj, change->saved[i].row->name);
    }
    if (change->saved != change->inline_saved) {
        g_free(change->saved);
    }
    object_pending_end(&change->pending);
    return ok;
}

bool object_change_end(ObjectChange *change, bool commit, Error **errp)
{
    bool ok = object_change_finish(change, commit, errp);

    g_free(change);
    return ok;
}
