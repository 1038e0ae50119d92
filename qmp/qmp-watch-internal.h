/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QmpWatches: the properties that one client watches.
 *
 * A change only marks a value.  A bottom half of the main loop then reads the
 * marked values and queues PROPERTY_CHANGED for those that differ from what the
 * client knows, as long as the client takes its events.
 *
 * Thread: main, unless a function names another one
 */
#ifndef QOM_QMP_QMP_WATCH_INTERNAL_H
#define QOM_QMP_QMP_WATCH_INTERNAL_H

#include "qapi/error.h"

#include <stdbool.h>

enum {
    QMP_WATCH_LIMIT = 65536, /* default limit of values of one client */
};

typedef struct AioContext AioContext;
typedef struct Object Object;
typedef struct QmpEventQueue QmpEventQueue;
typedef struct QmpWatches QmpWatches;

/* ---- Of one client ---- */

/**
 * qmp_watches_new: creates an empty set of watches
 * @events: receives the events; borrowed until qmp_watches_free()
 * @max_values: number of values that may be watched
 * @flush: called from the main loop when values have changed; it calls
 *         qmp_watches_flush(), and makes sure that the set is not freed during
 *         the call
 * @opaque: passed to @flush
 *
 * Returns: (transfer full) the set
 */
QmpWatches *qmp_watches_new(QmpEventQueue *events, unsigned max_values,
                            void (*flush)(void *opaque), void *opaque);

/**
 * qmp_watches_free: ends all watches of a set
 * @w: consumed; qmp_watches_flush() must not be running
 */
void qmp_watches_free(QmpWatches *w);

/**
 * qmp_watches_add: watches a property of an object
 * @w: the set
 * @obj: the object; the watch ends when it is deleted
 * @property: (nullable) the property; copied; NULL: all that can be read
 * @errp: set if the property cannot be read, or if there are too many
 *
 * Getters are called, which may run the loop.  If the property is watched
 * already, the function does nothing.
 *
 * Returns: true; false with @errp set, and then nothing was added
 */
bool qmp_watches_add(QmpWatches *w, Object *obj, const char *property,
                     Error **errp);

/**
 * qmp_watches_remove: ends a watch
 * @w: the set
 * @obj: as it was passed to qmp_watches_add()
 * @property: (nullable) as it was passed to qmp_watches_add()
 * @errp: set if there is no such watch
 *
 * Returns: true; false with @errp set
 */
bool qmp_watches_remove(QmpWatches *w, Object *obj, const char *property,
                        Error **errp);

/**
 * qmp_watches_flush: queues the events of changed values, as long as fewer than
 * @limit bytes of events are queued.
 * @w: the set
 * @limit: in bytes
 *
 * Getters are called, which may run the loop.
 *
 * Returns: true if a getter was called
 */
bool qmp_watches_flush(QmpWatches *w, size_t limit);

/**
 * qmp_watches_flush_later: schedules a flush if changed values have waited for
 * room
 * @w: the set
 *
 * Thread: any
 */
void qmp_watches_flush_later(QmpWatches *w);

/**
 * qmp_watches_count: returns the number of watches
 * @w: the set
 */
unsigned qmp_watches_count(const QmpWatches *w);

/**
 * qmp_watches_n_values: returns the number of watched properties
 * @w: the set
 */
unsigned qmp_watches_n_values(const QmpWatches *w);

/**
 * qmp_watches_n_changed: returns the number of properties that are marked as
 * changed
 * @w: the set
 */
unsigned qmp_watches_n_changed(const QmpWatches *w);

/* ---- Of all clients ---- */

/**
 * qmp_watch_start: sets the loop in which changed values are flushed
 * @ctx: the loop; borrowed until qmp_watch_stop()
 */
void qmp_watch_start(AioContext *ctx);

/**
 * qmp_watch_stop: ends what qmp_watch_start() has begun
 */
void qmp_watch_stop(void);

/**
 * qmp_watch_changed: marks a property as changed, for all clients
 * @obj: the object that stores the property
 * @property: the name of the property in that object
 */
void qmp_watch_changed(Object *obj, const char *property);

/**
 * qmp_watch_deleted: ends all watches of an object that is being deleted
 * @obj: the object
 */
void qmp_watch_deleted(Object *obj);

#endif
