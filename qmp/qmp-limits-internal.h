/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QmpLimits: what one client may make the server hold, and how long the server
 * works for it or waits for it.
 *
 * A server has limits as properties.  A connection copies them when it begins,
 * so that no thread has to read a property.
 */
#ifndef QOM_QMP_QMP_LIMITS_INTERNAL_H
#define QOM_QMP_QMP_LIMITS_INTERNAL_H

#include "qapi/json/json.h"
#include "qmp/qmp-event-queue-internal.h"
#include "qmp/qmp-input-queue-internal.h"
#include "qmp/qmp-output-internal.h"
#include "qmp/qmp-watch-internal.h"

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

typedef struct QmpLimits {
    size_t request_bytes; /* of the tokens of one request */
    size_t output_bytes;  /* unsent replies */
    size_t event_bytes;   /* events that wait for room in the output */
    unsigned queue;       /* requests in band that wait, with `oob` */
    unsigned watches;     /* watched properties */
    int64_t slice_us;     /* time slice */
    int64_t quit_us;      /* time to read the reply to `quit` */
} QmpLimits;

/* The limits of a session that is given none. */
#define QMP_DEFAULT_LIMITS                  \
    {                                       \
        .request_bytes = JSON_MAX_TEXT,     \
        .output_bytes = QMP_OUTPUT_LIMIT,   \
        .event_bytes = QMP_EVENT_LIMIT,     \
        .queue = QMP_INBAND_LIMIT,          \
        .watches = QMP_WATCH_LIMIT,         \
        .slice_us = 1000,                   \
        .quit_us = G_USEC_PER_SEC,          \
    }

#endif
