/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Changes of the target's objects, found by asking again and comparing.  It is
 * for programs that have no events about objects.
 */
#ifndef QOM_TOOLS_OBJECT_POLL_H
#define QOM_TOOLS_OBJECT_POLL_H

#include "qapi/error.h"

#include <json-glib/json-glib.h>

typedef struct ObjectPoll ObjectPoll;

/* object_poll_new: creates a comparison of nothing (transfer full) */
ObjectPoll *object_poll_new(void);

/* object_poll_free: frees a comparison; @poll: (nullable) consumed */
void object_poll_free(ObjectPoll *poll);

/**
 * object_poll_add: adds what is compared
 * @poll: the comparison, which has not run
 * @path: absolute path of an object; copied
 * @property: (nullable) the only property to compare; copied.  NULL: all
 *            properties of the object, and the objects below it
 */
void object_poll_add(ObjectPoll *poll, const char *path,
                     const char *property);

/**
 * object_poll_run: asks the target and compares with the last time
 * @poll: the comparison
 * @events: (out) (transfer full) (of JsonNode) events as a program of this
 *          project sends them: PROPERTY_CHANGED, OBJECT_ADDED, OBJECT_DELETED;
 *          none the first time
 * @errp: set if the target lacks a command or the connection fails
 *
 * Returns: true; false with @errp set and no @events
 */
bool object_poll_run(ObjectPoll *poll, GPtrArray **events, Error **errp);

#endif
