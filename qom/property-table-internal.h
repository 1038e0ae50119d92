/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two containers of properties, which do not own the properties.
 *
 * - PropertyList, an intrusive list, keeps the order of declaration.
 * - PropertyTable, a hash table with open addressing and linear probing, finds
 *   a property by its name.  Removing an entry moves later entries back, so
 *   there are no tombstones.
 *
 * Thread: one at a time; any number of threads may read a table that no thread
 * changes
 */
#ifndef QOM_QOM_PROPERTY_TABLE_INTERNAL_H
#define QOM_QOM_PROPERTY_TABLE_INTERNAL_H

#include "qom/object-property.h"

#include <string.h>

typedef struct PropertyList {
    ObjectProperty *first;
    ObjectProperty *last;
} PropertyList;

void property_list_append(PropertyList *list, ObjectProperty *prop);
void property_list_remove(PropertyList *list, ObjectProperty *prop);

typedef struct PropertySlot {
    uint32_t hash;
    ObjectProperty *prop; /* NULL: empty */
} PropertySlot;

typedef struct PropertyTable {
    PropertySlot *slots; /* [mask + 1]; NULL while there was none */
    uint32_t mask;
    uint32_t n_props;
} PropertyTable;

/* property_table_insert: @prop's name must not be in the table */
void property_table_insert(PropertyTable *table, ObjectProperty *prop);
/* property_table_remove: @prop must be in the table */
void property_table_remove(PropertyTable *table, ObjectProperty *prop);
/* property_table_replace: puts @prop where @old, of the same name, is */
void property_table_replace(PropertyTable *table, ObjectProperty *old,
                            ObjectProperty *prop);
/* property_table_destroy: frees the table and leaves it empty */
void property_table_destroy(PropertyTable *table);

/* memcmp() for short texts of one length, without a call. */
static inline bool names_are_equal(const char *a, const char *b, size_t len)
{
    uint64_t a8;
    uint64_t b8;
    uint32_t a4;
    uint32_t b4;

    if (len >= 8) {
        for (size_t i = 0; i < len - 8; i += 8) {
            memcpy(&a8, a + i, 8);
            memcpy(&b8, b + i, 8);
            if (a8 != b8) {
                return false;
            }
        }
        memcpy(&a8, a + len - 8, 8);
        memcpy(&b8, b + len - 8, 8);
        return a8 == b8;
    }
    if (len >= 4) {
        memcpy(&a4, a, 4);
        memcpy(&b4, b, 4);
        if (a4 != b4) {
            return false;
        }
        memcpy(&a4, a + len - 4, 4);
        memcpy(&b4, b + len - 4, 4);
        return a4 == b4;
    }
    while (len && *a == *b) {
        len--;
        a++;
        b++;
    }
    return !len;
}

static inline ObjectProperty *property_table_find(const PropertyTable *table,
                                                  const char *name,
                                                  size_t name_len,
                                                  uint32_t hash)
{
    if (!table->slots) {
        return NULL;
    }
    for (uint32_t i = hash & table->mask; table->slots[i].prop;
         i = (i + 1) & table->mask) {
        const PropertySlot *slot = &table->slots[i];

        if (slot->hash == hash && slot->prop->name_len == name_len &&
            names_are_equal(slot->prop->name, name, name_len)) {
            return slot->prop;
        }
    }
    return NULL;
}

#endif
