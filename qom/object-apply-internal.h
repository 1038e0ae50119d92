/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The interface between the files of object_apply().
 *
 * Thread: main
 */
#ifndef QOM_QOM_OBJECT_APPLY_INTERNAL_H
#define QOM_QOM_OBJECT_APPLY_INTERNAL_H

#include "qom/object-apply.h"
#include "qom/object-internal.h"

/* An element of the list. */
typedef struct ApplyItem {
    unsigned index;
    JsonNode *node;
    JsonObject *options;
    const char *id;
    ObjectClass *klass;
    Object *old; /* (nullable) of this id, before; with a reference */
    Object *obj; /* (nullable) of this id, afterwards; borrowed */
    JsonObject *changed; /* (nullable) properties to set in @obj */
    GHashTable *deferred_links; /* (nullable) names: set when all exist */
    enum { ITEM_NEW, ITEM_VISITING, ITEM_VISITED } mark;
} ApplyItem;

typedef struct Apply {
    JsonArray *list;
    GArray *items;      /* ApplyItem, in the order of the list */
    GHashTable *by_id;  /* id -> ApplyItem */
    GPtrArray *order;   /* ApplyItem; targets of links before their holders */
    JsonNode *bad_node;  /* (nullable) borrowed */
} Apply;

/* ---- object-apply-items.c ---- */

/* apply_init: makes room for @n elements, which have only an index */
void apply_init(Apply *apply, unsigned n);

/* apply_load: apply_init(), then read the list; @apply is empty before */
bool apply_load(Apply *apply, JsonArray *list, Error **errp);
void apply_unload(Apply *apply);

/*
 * apply_place: returns "objects[3].name", the place of property @name
 * (nullable) of @item, as clients know it from their request; (transfer full)
 */
char *apply_place(const ApplyItem *item, const char *name);

/*
 * apply_locate: notes which value of the list an error is about: property @name
 * of @item, or @item itself if @name is NULL or the list leaves it out.  A
 * configuration file turns it into a line and column.
 */
void apply_locate(Apply *apply, const ApplyItem *item, const char *name);

/*
 * apply_locate_error: apply_locate(), for an error whose message does not name
 * the place yet: "objects[INDEX].NAME: " is put before it
 */
void apply_locate_error(Apply *apply, const ApplyItem *item, const char *name,
                        Error **errp);

/* apply_refuse_name: the error of a property that @obj does not have */
void apply_refuse_name(Apply *apply, const ApplyItem *item, Object *obj,
                       const char *name, Error **errp);

/* ---- object-apply-order.c ---- */

/* apply_sort: fills in `order`, and `deferred_links` for links in a circle */
void apply_sort(Apply *apply);

/* apply_is_deferred: true if the link @name closes a circle and is set last */
static inline bool apply_is_deferred(const ApplyItem *item, const char *name)
{
    return item->deferred_links &&
           g_hash_table_contains(item->deferred_links, name);
}

/* ---- object-apply-create.c ---- */

/*
 * apply_create: a new object with the properties of @item, without place in the
 * tree; (transfer full)
 */
Object *apply_create(Apply *apply, const ApplyItem *item, Error **errp);

/* apply_set: writes one property; the error names the place in the list */
bool apply_set(Apply *apply, const ApplyItem *item, Object *obj,
               const char *name, JsonNode *value, Error **errp);

/*
 * apply_compare: finds the properties in which @item->old differs from @made
 *
 * Returns: true with @item->changed set; false if @item->old cannot be changed
 * to match and must be created again
 */
bool apply_compare(ApplyItem *item, Object *made);

/* ---- The transaction: object-apply.c ---- */

/* The steps that have been executed so far */
typedef struct ApplyTransaction {
    Apply apply;
    GPtrArray *old_order; /* ObjectProperty of /objects before; held */
    GPtrArray *hidden;    /* Object, children of /objects before */
    GPtrArray *added;     /* Object, children of /objects since */
    GArray *undo;         /* Undo, oldest first */
} ApplyTransaction;

/* ---- object-apply-holders.c ---- */

/*
 * apply_check_holders: step 3; fails if an object that stays links to a hidden
 * one.  It comes after the creation, because an element may move a link from a
 * hidden object to another one.
 */
bool apply_check_holders(ApplyTransaction *t, Error **errp);

/* apply_sort_hidden: sorts `hidden`, holders before targets of their links */
void apply_sort_hidden(ApplyTransaction *t);

/* ---- object-apply-undo.c ---- */

/* apply_undo_new: an empty array of old values; (transfer full) */
GArray *apply_undo_new(void);

/* apply_remember: saves the value of a property before it is changed */
void apply_remember(ApplyTransaction *t, Object *obj, const char *name);

/*
 * apply_restore_values: sets all saved properties to their old values, the
 * newest first; those that cannot be restored are named in hints of @errp
 */
void apply_restore_values(ApplyTransaction *t, Error **errp);

/* ---- object-apply-plan.c ---- */

/*
 * apply_create_plan: describes the steps in the order in which they take effect
 * for clients: delete, add, change; (transfer full)
 */
JsonNode *apply_create_plan(ApplyTransaction *t);

/* ---- object-snapshot.c ---- */

/* property_link_target: what the link leads to; false if it is no link */
bool property_link_target(Object *obj, const ObjectProperty *prop,
                          Object **target);

/*
 * property_differs: does @obj have another value than @other?  Links differ
 * when they lead to different objects, whatever those are called.
 * @value: (out) (nullable) (transfer full) that of @obj; NULL if it cannot be
 *         read, and then the answer is no
 */
bool property_differs(Object *obj, ObjectProperty *prop, Object *other,
                      JsonNode **value);

#endif
