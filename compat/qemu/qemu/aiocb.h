/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests that end with a callback and can be cancelled. */
#ifndef QOM_COMPAT_QEMU_AIOCB_H
#define QOM_COMPAT_QEMU_AIOCB_H

#include "aio/aio.h"
#include "aio/thread-pool/thread-pool.h"
#include "qemu/compat-version.h"
#include "qemu/osdep.h"

typedef ThreadPoolCompletionFunc BlockCompletionFunc;
typedef struct BlockAIOCB BlockAIOCB;

typedef struct AIOCBInfo {
    void (*cancel_async)(BlockAIOCB *acb); /* (nullable) asks for the end */
#if QOM_COMPAT_QEMU < 900
    AioContext *(*get_aio_context)(BlockAIOCB *acb); /* (nullable) */
#endif
    size_t aiocb_size; /* of the struct that begins with a BlockAIOCB */
} AIOCBInfo;

/* The head of a request; its callback runs before the last unref. */
struct BlockAIOCB {
    const AIOCBInfo *aiocb_info;
    BlockDriverState *bs;
    BlockCompletionFunc *cb;
    void *opaque;
    int refcnt;
};

/* Returns: (transfer full) a request of info->aiocb_size bytes, the rest 0 */
static inline void *qemu_aio_get(const AIOCBInfo *info, BlockDriverState *bs,
                                 BlockCompletionFunc *cb, void *opaque)
{
    BlockAIOCB *acb = g_malloc0(info->aiocb_size);

    acb->aiocb_info = info;
    acb->bs = bs;
    acb->cb = cb;
    acb->opaque = opaque;
    acb->refcnt = 1;
    return acb;
}

static inline void qemu_aio_ref(void *request)
{
    BlockAIOCB *acb = request;

    acb->refcnt++;
}

static inline void qemu_aio_unref(void *request)
{
    BlockAIOCB *acb = request;

    g_assert(acb->refcnt > 0);
    if (--acb->refcnt == 0) {
        g_free(acb);
    }
}

/* Asks a request to end soon; its callback is called later in any case. */
static inline void bdrv_aio_cancel_async(BlockAIOCB *acb)
{
    if (acb->aiocb_info->cancel_async) {
        acb->aiocb_info->cancel_async(acb);
    }
}

/*
 * Cancels a request and runs the calling thread's loop until it has ended.  The
 * caller is the thread that runs the callback of the request.
 */
static inline void bdrv_aio_cancel(BlockAIOCB *acb)
{
    qemu_aio_ref(acb);
    bdrv_aio_cancel_async(acb);
    while (acb->refcnt > 1) {
        aio_poll(aio_get_current_context(), true);
    }
    qemu_aio_unref(acb);
}

#endif
