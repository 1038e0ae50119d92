/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The life of a ring of bottom halves.  bh-ring-internal.h explains the ring;
 * its operations are there, because a call would cost as much as they do.
 */
#include "aio/bh-ring-internal.h"

AioBHRing bh_null_ring = { .tail = BH_CELL_FILLING };

AioBHRing *bh_ring_new(void)
{
    return g_aligned_alloc0(1, sizeof(AioBHRing), AIO_CACHE_LINES);
}

void bh_ring_free(AioBHRing *ring)
{
    if (ring != &bh_null_ring) {
        g_aligned_free(ring);
    }
}
