/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the property table of event loops needs from their statistics. */
#ifndef QOM_EVENT_LOOP_BASE_EVENT_LOOP_STATS_INTERNAL_H
#define QOM_EVENT_LOOP_BASE_EVENT_LOOP_STATS_INTERNAL_H

#include "event-loop-base/event-loop-base.h"
#include "event-loop-base/qapi-types-event-loop-base.h"

/*
 * event_loop_base_get_context: returns the context; NULL before the object is
 * complete
 */
AioContext *event_loop_base_get_context(EventLoopBase *base);

/* event_loop_get_histograms: returns (transfer full) those of the loop */
EventLoopHistograms *event_loop_get_histograms(EventLoopBase *base);

/*
 * event_loop_set_stats_interval: arms or stops the timer after the property has
 * changed; false with @errp set if there is no main loop
 */
bool event_loop_set_stats_interval(EventLoopBase *base, Error **errp);

#endif
