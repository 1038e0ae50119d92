/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Samples of the statistics of a running program, and what happened between two
 * of them.
 */
#ifndef QOM_TOOLS_TOP_SAMPLE_H
#define QOM_TOOLS_TOP_SAMPLE_H

#include "qapi/error.h"

#include <json-glib/json-glib.h>

typedef struct TopSample {
    gint64 time_us;     /* monotonic */
    gint64 real_us;     /* since 1970 */
    JsonArray *objects; /* as metrics_append() takes them */
} TopSample;

/**
 * top_sample_take: reads the statistics of all objects of the target
 * @errp: set if the target cannot list objects, or if the connection fails
 *
 * Returns: (transfer full) the sample; NULL with @errp set
 */
TopSample *top_sample_take(Error **errp);

/* top_sample_check: returns false with @errp set if no object has statistics */
bool top_sample_check(const TopSample *sample, Error **errp);

/* top_sample_free: frees @sample (nullable), which is consumed. */
void top_sample_free(TopSample *sample);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(TopSample, top_sample_free)

/**
 * top_sample_compare: computes what happened between two samples
 * @old: the earlier one
 * @now: the later one
 *
 * Returns: (transfer full) an object: "time" is seconds since 1970, "seconds"
 *          the length of the interval, "loops" and "objects" are lists.  Each
 *          element has "path", "type", "rates", which are per second, and
 *          "totals", the statistics since the creation of the object.  Objects
 *          that are no loops have "values", the numbers that also fall.  Shares
 *          of time are from 0 to 1, times in nanoseconds.
 */
JsonNode *top_sample_compare(const TopSample *old, const TopSample *now);

#endif
