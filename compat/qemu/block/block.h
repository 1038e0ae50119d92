/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * There is no block layer.  Code of QEMU 2 that walks over all block nodes
 * finds none.
 */
#ifndef QOM_COMPAT_QEMU_BLOCK_BLOCK_H
#define QOM_COMPAT_QEMU_BLOCK_BLOCK_H

#include "qemu/aio-wait.h"
#include "qemu/aio.h"

typedef struct BlockDriverState BlockDriverState;

typedef struct BdrvNextIterator {
    BlockDriverState *bs; /* the node of this step */
} BdrvNextIterator;

/* Walks over all block nodes, of which there are none. */
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

/* Never called, because there is no node. */
static inline void bdrv_set_aio_context(BlockDriverState *bs, AioContext *ctx)
{
    g_assert_not_reached();
}

#endif
