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

QOM_BEGIN_DECLS

/**
 * metrics_append: appends the text of all metrics
 * @out: where to append
 * @objects: a list of objects with "id", "qom-type", and, if the object has
 *           them, its properties "stats", "histograms" and "connections";
 *           borrowed
 *
 * Numbers of an unexpected kind are left out.
 *
 * Thread: any
 */
void metrics_append(GString *out, JsonArray *objects);

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
