/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The model is in property-table-internal.h. */
#include "qom/property-table-internal.h"

void property_list_append(PropertyList *list, ObjectProperty *prop)
{
    prop->next = NULL;
    prop->prev = list->last;
    if (list->last) {
        list->last->next = prop;
    } else {
        list->first = prop;
    }
    list->last = prop;
}

void property_list_remove(PropertyList *list, ObjectProperty *prop)
{
    if (prop->prev) {
        prop->prev->next = prop->next;
    } else {
        list->first = prop->next;
    }
    if (prop->next) {
        prop->next->prev = prop->prev;
    } else {
        list->last = prop->prev;
    }
    prop->next = prop->prev = NULL;
}

/*
 * Linear probing: the entry goes into the first empty slot from the position
 * that its hash names. The table must have an empty slot.
 */
static void property_table_put(PropertyTable *table, ObjectProperty *prop)
{
    uint32_t i = prop->hash & table->mask;

    while (table->slots[i].prop) {
        i = (i + 1) & table->mask;
    }
    table->slots[i] = (PropertySlot){ prop->hash, prop };
}

/* Doubles the table. Hashes are kept in the slots, so no name is read. */
static void property_table_grow(PropertyTable *table)
{
    PropertySlot *old = table->slots;
    uint32_t n_old = old ? table->mask + 1 : 0;
    uint32_t n_slots = old ? n_old * 2 : 4;

    table->slots = g_new0(PropertySlot, n_slots);
    table->mask = n_slots - 1;
    for (uint32_t i = 0; i < n_old; i++) {
        if (old[i].prop) {
            property_table_put(table, old[i].prop);
        }
    }
    g_free(old);
}

/*
 * At most half full: searches are short, and an empty slot always ends them.
 */
void property_table_insert(PropertyTable *table, ObjectProperty *prop)
{
    if (!table->slots || (table->n_props + 1) * 2 > table->mask + 1) {
        property_table_grow(table);
    }
    property_table_put(table, prop);
    table->n_props++;
}

/* Returns the slot of a property that is in the table. */
static uint32_t property_table_position(const PropertyTable *table,
                                        const ObjectProperty *prop)
{
    uint32_t i = prop->hash & table->mask;

    while (table->slots[i].prop != prop) {
        g_assert(table->slots[i].prop);
        i = (i + 1) & table->mask;
    }
    return i;
}

/* Moves later entries back into the gap if a search would not find them. */
void property_table_remove(PropertyTable *table, ObjectProperty *prop)
{
    uint32_t gap = property_table_position(table, prop);
    uint32_t i = gap;

    for (;;) {
        uint32_t home;

        i = (i + 1) & table->mask;
        if (!table->slots[i].prop) {
            break;
        }
        home = table->slots[i].hash & table->mask;
        /*
         * The distances are taken modulo the size. An entry whose search begins
         * at or before the gap would stop there.
         */
        if (((i - home) & table->mask) >= ((i - gap) & table->mask)) {
            table->slots[gap] = table->slots[i];
            gap = i;
        }
    }
    table->slots[gap] = (PropertySlot){ 0, NULL };
    table->n_props--;
}

void property_table_replace(PropertyTable *table, ObjectProperty *old,
                            ObjectProperty *prop)
{
    table->slots[property_table_position(table, old)].prop = prop;
}

void property_table_destroy(PropertyTable *table)
{
    g_free(table->slots);
    *table = (PropertyTable){ 0 };
}
