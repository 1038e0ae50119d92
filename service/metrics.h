/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Statistics of objects as OpenMetrics 1.0 text, for systems that collect
 * metrics.
 *
 * Contract: docs/observing.md, "Metrics"
 */
#ifndef QOM_SERVICE_METRICS_H
#define QOM_SERVICE_METRICS_H

#include "util/macros.h"

#include <json-glib/json-glib.h>
#include <stdbool.h>

QOM_BEGIN_DECLS

/**
 * metrics_append: appends the text of all metrics
 * @out: where to append
 * @objects: a list of objects with "id", "qom-type", and what
 *           metrics_add_property() has added; borrowed
 *
 * Numbers of an unexpected kind are left out.
 *
 * Thread: any
 */
void metrics_append(GString *out, JsonArray *objects);

/**
 * metrics_use_property: tests whether metrics have a property of objects
 * @name: name of the property
 *
 * They are `stats`, all whose name ends with "-stats", `histograms` and
 * `connections`.
 *
 * Returns: true if metrics_add_property() takes it
 * Thread: any
 */
bool metrics_use_property(const char *name);

/**
 * metrics_add_property: adds a property to an object for metrics_append()
 * @object: where to add
 * @name: name of the property, for which metrics_use_property() is true
 * @value: its value, borrowed; one of an unexpected type is left out
 *
 * "stats" becomes a member of @object.  A property such as "file-stats" becomes
 * the member "file" of "stats".
 *
 * Thread: any
 */
void metrics_add_property(JsonObject *object, const char *name,
                          JsonNode *value);

/**
 * metrics_collect: reads the statistics of the objects of this process
 *
 * Returns: (transfer full) what metrics_append() takes, for all objects below
 *          /objects
 * Thread: main
 */
JsonArray *metrics_collect(void);

QOM_END_DECLS

#endif
