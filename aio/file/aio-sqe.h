/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any request of io_uring on the event loop.
 *
 * aio_add_sqe() passes a request that the caller prepares to the io_uring of
 * the calling thread's context, which file I/O uses as well.  It works with
 * each fd monitor, and in a loop that runs as a GSource.
 *
 *     static void prepare(struct io_uring_sqe *sqe, void *opaque)
 *     {
 *         io_uring_prep_fsync(sqe, *(int *)opaque, 0);
 *     }
 *
 *     if (aio_has_io_uring()) {
 *         handler->cb = synced;
 *         aio_add_sqe(prepare, &fd, handler); // synced(handler) runs later
 *     }
 *
 * Contract: docs/file-io.md, "Any request of io_uring"; the API of QEMU 11's
 * "qemu/aio.h"
 */
#ifndef QOM_AIO_SQE_H
#define QOM_AIO_SQE_H

#include "util/queue.h"

#include <stdbool.h>
#include <stdint.h>

QOM_BEGIN_DECLS

struct io_uring_sqe; /* of <liburing.h> */

typedef struct CqeHandler CqeHandler;

/*
 * What the kernel says of a request that has ended: struct io_uring_cqe without
 * its flexible array, so that other structures can contain a handler.
 */
typedef struct AioCqe {
    uint64_t user_data; /* 0 */
    int32_t res;        /* as the system call, or a negative errno value */
    uint32_t flags;     /* IORING_CQE_F_* */
} AioCqe;

/**
 * CqeHandler: what is called when one request has ended
 * @cb: set by the caller; the home thread calls it once, with @cqe filled in
 * @cqe: the result
 *
 * Each request needs its own handler.  The caller keeps it, and all memory that
 * the request refers to, until @cb is called; from then on the caller may free
 * or reuse it, also in @cb.  The callback may add requests and run the loop.
 */
struct CqeHandler {
    void (*cb)(CqeHandler *handler);
    /* private: */
    QueueLink link;
    /* public: */
    AioCqe cqe;
};

/**
 * AioPrepSqeFunc: fills in a request
 * @sqe: zeroed; io_uring_prep_read() and the like of liburing fill it in.  The
 *       function must not set the user data
 * @opaque: the pointer that was passed to aio_add_sqe()
 *
 * A request must end once and alone.  A programming error aborts: to link it
 * with another one, to suppress its completion, or to let it complete several
 * times (multishot).
 *
 * Thread: home thread
 */
typedef void AioPrepSqeFunc(struct io_uring_sqe *sqe, void *opaque);

/**
 * aio_has_io_uring: tells whether aio_add_sqe() works
 *
 * The ring of the calling thread's context is created if needed.
 *
 * Returns: true; false if this build or the kernel has no io_uring, or forbids
 *          it
 * Thread: the home thread of a context
 */
bool aio_has_io_uring(void);

/**
 * aio_add_sqe: adds a request to the ring of the calling thread's context
 * @prep_sqe: called before the function returns, to fill the request in
 * @opaque: (nullable) passed to @prep_sqe
 * @handler: borrowed until its callback is called; `cb` is set
 *
 * The requests that are added in one iteration of the loop reach the kernel
 * together, in the next iteration at the latest, or earlier if the ring is
 * full.  They run concurrently, and the callback is never called before this
 * function has returned.  If the thread that added a request ends before the
 * request does, the kernel may cancel it, and the next home thread calls the
 * callback.
 *
 * If the context has no ring and none can be created, @prep_sqe is not called,
 * and the request ends with -ENOSYS.
 *
 * Freeing the context cancels pending requests without calling back.
 *
 * Thread: the home thread of a context; the context is that of
 * aio_get_current_context()
 */
void aio_add_sqe(AioPrepSqeFunc *prep_sqe, void *opaque, CqeHandler *handler);

QOM_END_DECLS

#endif
