/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A drive that drops what is written and reads as zeroes.  It shows what
 * everything else costs.
 */
#include "block-class.h"
#include "block-iov-internal.h"

#include "qapi-types-block.h"

#define TYPE_BLOCK_NULL "block-null"
OBJECT_DECLARE_SIMPLE_TYPE(BlockNull, BLOCK_NULL)

struct BlockNull {
    BlockBackend parent_obj;

    uint64_t size; /* bytes */
};

#define QAPI_CLASS_BLOCK_NULL
#include "qapi-classes-block.h"

OBJECT_DEFINE_SIMPLE_TYPE(BlockNull, block_null, BLOCK_NULL, BLOCK_BACKEND)

static int coroutine_fn block_null_co_request(BlockChannel *channel,
                                              const BlockRequest *req)
{
    IovCursor cursor = { req->iov, 0 };

    switch (req->op) {
    case BLOCK_OP_READ:
        iov_write(&cursor, NULL, req->size_bytes);
        return 0;
    case BLOCK_OP_STATUS:
        return block_extent_add(req, 0, req->size_bytes,
                                BLOCK_EXTENT_HOLE | BLOCK_EXTENT_ZERO);
    default:
        return 0;
    }
}

static bool block_null_open(BlockBackend *drive, Error **errp)
{
    drive->info.size_bytes = BLOCK_NULL(drive)->size;
    atomic_store(&drive->may_have_holes, true);
    return true;
}

static void block_null_init(Object *obj)
{
}

static void block_null_finalize(Object *obj)
{
}

static void block_null_class_init(ObjectClass *klass, const void *data)
{
    BlockBackendClass *bc = BLOCK_BACKEND_CLASS(klass);

    bc->can_fua = true;
    bc->open = block_null_open;
    bc->co_request = block_null_co_request;
    object_class_add_properties(klass, block_null_properties);
}
