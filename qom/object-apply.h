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
 * object_apply: makes the user-creatable objects match a list, all or nothing
 * @objects: the list; borrowed.  Each element has the form of the arguments of
 *           object-add.
 * @dry_run: true to return the steps without executing them
 * @bad_node: (nullable) (out) on failure, the element of @objects or the value
 *            in it that is in error, borrowed from @objects; NULL if the error
 *            is not in the list
 * @errp: set on failure; the message names the place in the list, for example
 *        "objects[2].poll-max-ns"
 *
 * Returns: (transfer full) an array of the steps, which are JSON objects with
 *          the members "action" ("delete", "add" or "change"), "id",
 *          "qom-type" and, except for deletions, "properties"; NULL with @errp
 *          set, and then all objects are as before
 */
JsonNode *object_apply(JsonArray *objects, bool dry_run, JsonNode **bad_node,
                       Error **errp);

/**
 * object_snapshot: gets the user-creatable objects as a list for object_apply()
 *
 * Applying this list changes nothing.  Properties that have their default
 * value, and properties that cannot be read, are left out.
 *
 * Returns: (transfer full) the list
 */
JsonNode *object_snapshot(void);

/**
 * object_apply_is_under_way: checks whether a list is being applied
 *
 * Returns: true while object_apply() runs, also if it waits in a hook
 */
bool object_apply_is_under_way(void);

QOM_END_DECLS

#endif
