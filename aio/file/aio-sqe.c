/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any request of io_uring: the functions.
 *
 * The requests use the ring of the file I/O engine io_uring.  Its flush submits
 * them and collects the results, and the engine calls back.
 */
#include "aio/file/file-io-internal.h"
#include "util/programming-error.h"

/* Aborts unless the calling thread is the home thread of a context. */
static AioContext *get_home_context(const char *function)
{
    AioContext *ctx = aio_get_current_context();

    if (!ctx) {
        programming_error("%s(): the thread has no event loop", function);
    }
    aio_assert_home(ctx, function);
    return ctx;
}

static FileEngine *get_ring_engine(AioContext *ctx)
{
    return file_engine_get(ctx, AIO_FILE_ENGINE_IO_URING, NULL);
}

bool aio_has_io_uring(void)
{
    return get_ring_engine(get_home_context(G_STRFUNC)) != NULL;
}

/* There is no ring, so a bottom half calls back. */
static void call_without_ring(void *opaque)
{
    CqeHandler *handler = opaque;

    handler->cqe = (AioCqe){ .res = -ENOSYS };
    handler->cb(handler);
}

void aio_add_sqe(AioPrepSqeFunc *prep_sqe, void *opaque, CqeHandler *handler)
{
    AioContext *ctx = get_home_context(G_STRFUNC);
    FileEngine *engine = get_ring_engine(ctx);

    if (engine) {
        engine->ops->add_sqe(engine, prep_sqe, opaque, handler);
    } else {
        aio_bh_schedule_oneshot(ctx, call_without_ring, handler);
    }
}
