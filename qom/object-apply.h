/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * All objects that users have made, as one list: what they are now, and how
 * to make them what they should be.
 *
 * An element of such a list is what object-add takes: "qom-type", "id" and
 * properties.  To apply a list is one change: on failure all objects are the
 * same ones with the same values as before.
 *
 * Thread: main, for all functions
 * Contract: docs/configuration.md
 */
#ifndef QOM_QOM_OBJECT_APPLY_H
#define QOM_QOM_OBJECT_APPLY_H

#include "qapi/error.h"
#include "util/macros.h"

#include <json-glib/json-glib.h>
#include <stdbool.h>

QOM_BEGIN_DECLS

/**
 * object_apply: make the objects of users be those of a list
 * @objects: the list; borrowed
 * @dry_run: only find out what there is to do
 * @bad_node: (nullable) (out) on failure, the element of @objects or the value
 *           in it that is to blame, borrowed; NULL when it is none
 * @errp: set on failure, naming the place: "objects[2].poll-max-ns"
 *
 * Returns: (transfer full) an array of what was done, or what there is to do:
 *          objects with "action" ("delete", "add" or "change"), "id",
 *          "qom-type" and, but for deletions, "properties"; NULL with @errp
 *          set
 */
JsonNode *object_apply(JsonArray *objects, bool dry_run, JsonNode **bad_node,
                       Error **errp);

/**
 * object_snapshot: the list that object_apply() would have nothing to do for
 *
 * Properties that have their default are left out, and so are those that
 * cannot be read.
 *
 * Returns: (transfer full) an array
 */
JsonNode *object_snapshot(void);

/* object_apply_is_under_way: is a list being applied, and by whom we run? */
bool object_apply_is_under_way(void);

QOM_END_DECLS

#endif
