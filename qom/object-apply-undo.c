/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The old values of the properties that a list changes, to restore them if it
 * fails.
 */
#include "qapi/json/json.h"
#include "qom/object-apply-internal.h"
#include "qom/property-row-internal.h"

/* A property that has been changed, and its old value */
typedef struct Undo {
    Object *obj;          /* with a reference */
    ObjectProperty *prop; /* held */
    JsonNode *old;  /* NULL: a row that was clear, or a link */
    Object *target; /* (nullable) of a link; with a reference */
} Undo;

static void undo_clear(gpointer data)
{
    Undo *undo = data;

    g_clear_pointer(&undo->old, json_node_unref);
    g_clear_pointer(&undo->target, object_unref);
    object_property_drop(undo->prop);
    object_unref(undo->obj);
}

GArray *apply_undo_new(void)
{
    GArray *undo = g_array_new(FALSE, FALSE, sizeof(Undo));

    g_array_set_clear_func(undo, undo_clear);
    return undo;
}

/* A pointer that was never set has no JSON form: its NULL is "clear". */
void apply_remember(ApplyTransaction *t, Object *obj, const char *name)
{
    ObjectProperty *prop = object_find_property(obj, name);
    Undo undo = { .obj = obj, .prop = prop };

    if (!prop) {
        return;
    }
    object_ref(obj);
    object_property_hold(prop);
    if (property_link_target(obj, prop, &undo.target)) {
        object_ref(undo.target);
    } else if (!prop->row || !object_row_is_clear(obj, prop)) {
        undo.old = object_property_get_json(obj, name, NULL);
    }
    g_array_append_val(t->undo, undo);
}

/*
 * A setter that accepted the old value once may refuse it now; this is
 * reported, and the other properties are still restored.
 */
static bool restore_property(const Undo *undo, Error **errp)
{
    Object *now;

    if (property_link_target(undo->obj, undo->prop, &now)) {
        return object_property_set_link(undo->obj, undo->prop->name,
                                        undo->target, errp);
    }
    if (undo->old) {
        return object_property_set_json(undo->obj, undo->prop->name,
                                        undo->old, errp);
    }
    return !undo->prop->row ||
           object_row_clear(undo->obj, undo->prop, errp);
}

/*
 * Restores, backwards from @end, the properties of one object; returns the
 * index of the first one.
 */
static guint restore_object(ApplyTransaction *t, guint end, Error **errp)
{
    Object *obj = g_array_index(t->undo, Undo, end - 1).obj;
    const char *id = object_get_canonical_path_component(obj);
    ObjectChange *change = object_change_begin(obj);
    Error *err = NULL;
    guint i = end;

    while (i && g_array_index(t->undo, Undo, i - 1).obj == obj) {
        /* Only the first error is kept. */
        restore_property(&g_array_index(t->undo, Undo, --i), err ? NULL : &err);
    }
    object_change_end(change, true, err ? NULL : &err);
    if (err) {
        error_append_hint(errp, "Some properties of '%s' could not be "
                          "restored: %s\n",
                          id ? id : object_get_typename(obj),
                          error_get_pretty(err));
        error_free(err);
    }
    return i;
}

void apply_restore_values(ApplyTransaction *t, Error **errp)
{
    for (guint end = t->undo->len; end > 0;) {
        end = restore_object(t, end, errp);
    }
}
