/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A context as a GSource.  source.c explains it.
 */
#ifndef QOM_AIO_SOURCE_INTERNAL_H
#define QOM_AIO_SOURCE_INTERNAL_H

#include "aio/aio.h"
#include "util/lock.h"

typedef struct AioSource {
    Lock lock;
    GSource *gsource; /* written under lock and handlers.lock */
    GPollFD pollfd;   /* of the context; for a monitor to add */

    /* Home thread. */
    bool is_armed; /* between prepare and check */
    bool may_wait; /* prepare has let GLib sleep */
} AioSource;

/* Returns: (nullable) the source, if the monitor was attached to it.  Home
 * thread, under handlers.lock. */
GSource *aio_polled_source(AioContext *ctx);
void aio_source_cleanup(AioContext *ctx);

#endif
