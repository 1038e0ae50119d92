/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What `qom top -record` has recorded, as series of numbers for `qom plot`. */
#ifndef QOM_TOOLS_PLOT_RECORDING_H
#define QOM_TOOLS_PLOT_RECORDING_H

#include "qapi/error.h"

#include <glib.h>

/* The numbers of a loop in an interval */
typedef enum PlotValue {
    PLOT_CALLBACKS, /* share of time, in percent */
    PLOT_POLLING,   /* share of time, in percent */
    PLOT_LAG_P50,   /* nanoseconds */
    PLOT_LAG_P99,
    PLOT_LAG_MAX,
    PLOT_RATE,      /* callbacks per second */
    PLOT_WAKES,     /* ends of waits per second */
    PLOT__MAX,
} PlotValue;

typedef struct PlotPoint {
    double time; /* seconds since the first interval */
    double values[PLOT__MAX];
} PlotPoint;

/* A loop: a point for each interval in which it existed */
typedef struct PlotSeries {
    char *name;
    GArray *points; /* of PlotPoint */
} PlotSeries;

typedef struct Recording {
    GPtrArray *series; /* of PlotSeries, in the order in which they appear */
    double last;       /* seconds since the first interval */

    /* private: */
    GHashTable *by_name;
    double first; /* seconds since 1970; 0: none yet */
} Recording;

/**
 * recording_read: reads a recording
 * @name: of the file.  A last line that does not end is ignored, because
 *        `qom top` may be writing it
 * @errp: set if the file cannot be read, or has no intervals.  The message
 *        begins with the name of the file and the number of the line
 *
 * Returns: (transfer full) the recording; NULL with @errp set
 */
Recording *recording_read(const char *name, Error **errp);

/* recording_free: frees @recording (nullable), which is consumed. */
void recording_free(Recording *recording);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Recording, recording_free)

#endif
