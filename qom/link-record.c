/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Records of links.
 *
 * - A *LinkRecord* represents a link that has a target.  It is in a list of
 *   the target and in a list of the holder.
 * - The list of the target names its holders, and it serves to clear weak
 *   links when the target is finalized.
 * - The list of the holder serves to find the record when the link changes.
 * - A record of a link that a class declares is in a list of the property, too.
 *   It serves to find the objects from which a partial path can begin.
 */
#include "qom/link-record-internal.h"

/*
 * Takes a record off both lists and frees it. The list of the target is doubly
 * linked, because an object may have many holders; a holder has few links, so
 * its list is searched.
 */
static void link_record_unlink(LinkRecord *record)
{
    struct ObjectExtra *target = record->target->extra;
    LinkRecord **p = &record->holder->extra->links;

    object_assert_main_thread(record->holder);
    if (record->target_prev) {
        record->target_prev->target_next = record->target_next;
    } else {
        target->holders_first = record->target_next;
    }
    if (record->target_next) {
        record->target_next->target_prev = record->target_prev;
    } else {
        target->holders_last = record->target_prev;
    }
    while (*p != record) {
        p = &(*p)->holder_next;
    }
    *p = record->holder_next;
    if (!record->prop->owner) {
        path_index_remove_record(record);
    }
    g_free(record);
}

/*
 * Records that @slot of @holder leads to *@slot. Holders are appended, so "in
 * use" names them in the order in which the links were set.
 */
void link_record_new(Object *holder, ObjectProperty *prop, Object **slot,
                     bool strong)
{
    LinkRecord *record = g_new0(LinkRecord, 1);
    struct ObjectExtra *extra = object_extra(holder);
    struct ObjectExtra *target = object_extra(*slot);

    *record = (LinkRecord){
        .holder = holder,
        .target = *slot,
        .prop = prop,
        .slot = slot,
        .strong = strong,
        .holder_next = extra->links,
        .target_prev = target->holders_last,
    };
    extra->links = record;
    if (target->holders_last) {
        target->holders_last->target_next = record;
    } else {
        target->holders_first = record;
    }
    target->holders_last = record;
    if (!prop->owner) {
        path_index_add_record(record);
    }
}

/* A link may have no record, because C code can write the field. */
void link_forget(Object *holder, const Object *const *slot)
{
    LinkRecord *record = holder->extra ? holder->extra->links : NULL;

    while (record && (const Object *const *)record->slot != slot) {
        record = record->holder_next;
    }
    if (record) {
        link_record_unlink(record);
    }
}

void object_links_release(Object *obj)
{
    while (obj->extra->links) {
        link_record_unlink(obj->extra->links);
    }
}

/*
 * Read the list from its start each time: dropping a reference may run
 * finalizers that change it.
 */
void object_links_clear(Object *obj)
{
    while (obj->extra && obj->extra->links) {
        LinkRecord *record = obj->extra->links;
        Object *target = record->target;
        bool owned = record->strong && *record->slot == target;

        if (*record->slot == target) {
            *record->slot = NULL;
        }
        link_record_unlink(record);
        if (owned) {
            object_unref(target);
        }
    }
}

void object_holders_release(Object *obj)
{
    LinkRecord *record;

    while ((record = obj->extra->holders_first)) {
        /*
         * Code that writes the field without the property may have changed it
         * since.
         */
        if (*record->slot == obj) {
            *record->slot = NULL;
            object_report_changed(record->holder, record->prop->name);
        }
        link_record_unlink(record);
    }
}

int object_foreach_holder(Object *obj,
                          int (*fn)(Object *holder, const char *property,
                                    void *opaque),
                          void *opaque)
{
    LinkRecord *record = obj->extra ? obj->extra->holders_first : NULL;
    int ret = 0;

    for (; record && !ret; record = record->target_next) {
        /* Weak links do not keep an object in use. */
        if (record->strong) {
            ret = fn(record->holder, record->prop->name, opaque);
        }
    }
    return ret;
}
