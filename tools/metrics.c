/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qom metrics: the statistics of a running program as OpenMetrics text, for a
 * collector that runs commands.  `qom run -metrics` serves the same over HTTP.
 */
#include "service/metrics.h"
#include "tools/output.h"
#include "tools/target-info.h"
#include "tools/top-sample.h"
#include "tools/verb-functions.h"

int action_metrics(void *opaque)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(TopSample) sample = NULL;
    Error *err = NULL;

    sample = top_sample_take(&err);
    if (!sample) {
        target_refuse("metrics", &err);
        output_error(NULL, err);
        return EXIT_FAILED;
    }
    metrics_append(text, sample->objects);
    return output_foreign_text(text->str);
}
