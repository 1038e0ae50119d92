/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading replies and events of other programs.
 *
 * Lists are those of commands such as qom-list: arrays of objects with a member
 * "name".  All results are borrowed.
 */
#ifndef QOM_TOOLS_REPLY_H
#define QOM_TOOLS_REPLY_H

#include <json-glib/json-glib.h>
#include <stdbool.h>

/* reply_text: returns a member that is a string; NULL if there is none. */
const char *reply_text(JsonObject *object, const char *name);

/* reply_length: returns the number of elements; 0 if @list is NULL. */
guint reply_length(JsonNode *list);

/* reply_element: returns an element of a list of objects. */
JsonObject *reply_element(JsonNode *list, guint i);

/*
 * reply_find: returns the object of a list whose "name" is @name; NULL if there
 * is none.
 * @list: (nullable)
 */
JsonObject *reply_find(JsonNode *list, const char *name);

/*
 * reply_sort: returns (transfer full) the objects of a list, sorted by "name".
 * QEMU lists types and properties in the order of a hash table.
 */
JsonNode *reply_sort(JsonNode *list);

/* reply_is_child: returns true for a property of qom-list that is a child. */
bool reply_is_child(JsonObject *property);

#endif
