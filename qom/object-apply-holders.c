/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The holders of the objects that a list deletes: no object that stays may link
 * to one of them, and they are deleted before their targets.
 */
#include "qom/object-apply-internal.h"

/*
 * Returns the child of /objects that is @obj or an ancestor, if it is hidden.
 */
static Object *hidden_ancestor(Object *obj)
{
    while (obj && obj->parent != object_get_objects_root()) {
        obj = obj->parent;
    }
    return obj && (obj->parent_link->state & PROPERTY_HIDDEN) ? obj : NULL;
}

/*
 * Returns true if the list changes the target of the link.  A link NAME[N]
 * follows the property NAME, as those of a loop-object follow `iothreads`.
 */
static bool will_change(ApplyTransaction *t, Object *holder,
                        const char *property)
{
    g_autofree char *name = g_strndup(property, strcspn(property, "["));
    ApplyItem *item = NULL;

    if (holder->parent == object_get_objects_root()) {
        item = g_hash_table_lookup(t->apply.by_id,
                                   holder->parent_link->name);
    }
    return item && item->obj == holder && item->changed &&
           (json_object_has_member(item->changed, property) ||
            json_object_has_member(item->changed, name));
}

typedef struct HolderSearch {
    ApplyTransaction *t;
    char *found; /* PATH.PROPERTY */
} HolderSearch;

static int find_holder(Object *holder, const char *property, void *opaque)
{
    HolderSearch *search = opaque;
    g_autofree char *path = NULL;

    if (hidden_ancestor(holder) ||
        will_change(search->t, holder, property)) {
        return 0;
    }
    path = object_get_canonical_path(holder);
    search->found = g_strdup_printf(
        "%s.%s", path ? path : object_get_typename(holder), property);
    return 1;
}

bool apply_check_holders(ApplyTransaction *t, Error **errp)
{
    for (guint i = 0; i < t->hidden->len; i++) {
        Object *obj = t->hidden->pdata[i];
        HolderSearch search = { t, NULL };

        if (obj->parent_link &&
            object_foreach_holder(obj, find_holder, &search)) {
            error_setg(errp, OBJECT_IN_USE_BY, obj->parent_link->name,
                       search.found);
            g_free(search.found);
            return false;
        }
    }
    return true;
}

/* An object whose holders are being followed */
typedef struct HolderFrame {
    Object *obj;
    LinkRecord *next; /* (nullable) */
} HolderFrame;

typedef struct HolderWalk {
    GArray *stack;     /* HolderFrame; a chain may be of any length */
    GPtrArray *sorted; /* Object */
    GHashTable *seen;
} HolderWalk;

/* @obj: (nullable) */
static void walk_begin(HolderWalk *walk, Object *obj)
{
    HolderFrame frame = { .obj = obj };

    if (obj && g_hash_table_add(walk->seen, obj)) {
        frame.next = obj->extra ? obj->extra->holders_first : NULL;
        g_array_append_val(walk->stack, frame);
    }
}

static void walk_holders(HolderWalk *walk, Object *obj)
{
    walk_begin(walk, obj);
    while (walk->stack->len) {
        HolderFrame *top = &g_array_index(walk->stack, HolderFrame,
                                          walk->stack->len - 1);
        LinkRecord *record = top->next;

        /* All holders of the object are sorted before it. */
        if (!record) {
            g_ptr_array_add(walk->sorted, object_ref(top->obj));
            g_array_set_size(walk->stack, walk->stack->len - 1);
            continue;
        }
        top->next = record->target_next;
        if (record->strong) {
            walk_begin(walk, hidden_ancestor(record->holder));
        }
    }
}

/* Objects without a relation are sorted newest first. */
void apply_sort_hidden(ApplyTransaction *t)
{
    HolderWalk walk = { g_array_new(FALSE, FALSE, sizeof(HolderFrame)),
                        g_ptr_array_new_with_free_func(object_unref),
                        g_hash_table_new(NULL, NULL) };

    for (guint i = t->old_order->len; i > 0; i--) {
        ObjectProperty *prop = t->old_order->pdata[i - 1];

        if ((prop->state & PROPERTY_HIDDEN) &&
            !(prop->state & PROPERTY_GONE)) {
            walk_holders(&walk, prop->opaque);
        }
    }
    g_array_unref(walk.stack);
    g_hash_table_unref(walk.seen);
    g_ptr_array_unref(t->hidden);
    t->hidden = walk.sorted;
}
