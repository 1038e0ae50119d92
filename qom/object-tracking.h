/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finding objects that leak.
 *
 * While tracking is on, the library keeps a list of all objects and can report
 * those that are alive, with what holds a reference to each.  Unit tests and
 * debug modes of programs turn it on; it costs a lock per object that is
 * created or freed.
 *
 * Thread: main, while no other thread changes objects
 */
#ifndef QOM_QOM_OBJECT_TRACKING_H
#define QOM_QOM_OBJECT_TRACKING_H

#include "util/macros.h"

#include <stdint.h>

QOM_BEGIN_DECLS

/**
 * object_tracking_start: turns tracking on
 *
 * Objects that exist already are not tracked.  Tracking stays on.
 *
 * Returns: a number for object_tracking_report(): how many objects have been
 *          tracked so far
 */
uint64_t object_tracking_start(void);

/**
 * object_tracking_report: reports the tracked objects that are alive
 * @since: a result of object_tracking_start(); objects that were created
 *         earlier are left out, and so are the root and other containers of
 *         the tree.  0: all objects
 *
 * Each object has a line, the oldest first:
 *
 *     /objects/io0 (iothread): 2 references: its parent, /objects/e0.iothread
 *     0x55d0c0ffee (pump): 1 reference: unknown
 *
 * The second object is in no tree, so it has leaked.  "unknown" are references
 * of C code, and of objects that are linked without a property.
 *
 * Returns: (transfer full) (nullable) the lines; NULL if there is no object
 */
char *object_tracking_report(uint64_t since);

QOM_END_DECLS

#endif
