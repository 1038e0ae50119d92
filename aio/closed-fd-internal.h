/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finding file descriptors that were closed while they were watched.
 * closed-fd.c explains it.
 */
#ifndef QOM_AIO_CLOSED_FD_INTERNAL_H
#define QOM_AIO_CLOSED_FD_INTERNAL_H

#include "aio/aio.h"

typedef struct AioClosedFds {
    uint64_t interval_ticks; /* between two searches; tests change it */
    uint64_t last_ticks;     /* when the last search was */
} AioClosedFds;

/* All: home thread. */
void aio_closed_fds_init(AioContext *ctx);
void aio_find_closed_fds(AioContext *ctx);
void aio_find_closed_fds_if_due(AioContext *ctx);

#endif
