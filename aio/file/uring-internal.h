/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The io_uring of a context: what the files that use the ring share.
 *
 * file-io-io_uring.c carries out requests to files.  uring-sqe.c submits the
 * ring and has the requests of aio_add_sqe().  uring-table.c keeps the ring's
 * table of files.  Only the home thread uses the ring.
 */
#ifndef QOM_AIO_FILE_URING_INTERNAL_H
#define QOM_AIO_FILE_URING_INTERNAL_H

#include "aio/file/file-io-internal.h"

#include <liburing.h>

typedef struct Uring {
    FileEngine engine;
    struct io_uring ring;
    QueueLink queue;     /* requests for which the ring has no room */
    QueueLink again;     /* the rest of partial transfers; moved to `queue`
                            at the end of a flush */
    unsigned in_flight;  /* requests to files in the ring or the kernel */
    bool is_watched;
    unsigned n_idle_flushes;
    uint64_t free_places; /* free entries of the ring's table, as bits; 0 if
                             the ring has no table */

    /* Requests of aio_add_sqe(). */
    unsigned n_sqes;     /* in the ring or the kernel */
    QueueLink sqes;      /* WaitingSqe: the kernel did not empty the ring */
} Uring;

static inline Uring *uring_of(FileEngine *engine)
{
    return container_of(engine, Uring, engine);
}

/* ---- uring-sqe.c ---- */

/*
 * user_data of a request of aio_add_sqe() is its CqeHandler with this bit set;
 * that of other requests is an AioFileRequest or 0, and both are aligned.
 */
#define URING_IS_SQE UINT64_C(1)

/* Submits what is in the ring; what the kernel does not take is tried again in
 * the next iteration. */
void uring_enter(Uring *uring);

void uring_sqe_init(Uring *uring);
void uring_add_sqe(FileEngine *engine, AioPrepSqeFunc *prep_sqe, void *opaque,
                   CqeHandler *handler);

/*
 * Moves waiting requests into the ring.
 *
 * Returns: true if there was one and the ring had room for it
 */
bool uring_put_sqes(Uring *uring);

/* The request of @user_data has ended with @res; @flags are those of its
 * completion. */
void uring_sqe_ended(Uring *uring, uint64_t user_data, int res,
                     unsigned flags);

/* Cancels all requests and waits for their end, without callbacks. */
void uring_drop_sqes(Uring *uring);

/* ---- uring-table.c ---- */

void uring_make_table(Uring *uring);
void uring_add_file(FileEngine *engine, AioFile *file);
void uring_del_file(FileEngine *engine, AioFile *file);

#endif
