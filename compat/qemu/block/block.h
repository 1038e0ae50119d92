/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * There is no block layer: what event loops of QEMU 2 did with all block
 * nodes finds that there are none.
 */
#ifndef QOM_COMPAT_QEMU_BLOCK_BLOCK_H
#define QOM_COMPAT_QEMU_BLOCK_BLOCK_H

#include "block/aio-wait.h"
#include "block/aio.h"

typedef struct BlockDriverState BlockDriverState;

typedef struct BdrvNextIterator {
    BlockDriverState *bs; /* the node of this step */
} BdrvNextIterator;

/* Walk over all block nodes; ends at once. */
static inline BlockDriverState *bdrv_first(BdrvNextIterator *it)
{
    it->bs = NULL;
    return it->bs;
}

static inline BlockDriverState *bdrv_next(BdrvNextIterator *it)
{
    return it->bs;
}

static inline AioContext *bdrv_get_aio_context(BlockDriverState *bs)
{
    return aio_get_main_context();
}

/* There is no node that could be moved. */
static inline void bdrv_set_aio_context(BlockDriverState *bs, AioContext *ctx)
{
    g_assert_not_reached();
}

#endif
