/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Attachments: what a layer on top of the loop keeps for each context.
 *
 * The loop does not know the layers on top of it.  A layer that needs state
 * for a context (the thread pool, the engines of file I/O) creates it when it
 * first needs it and attaches it.  The loop then calls the operations of all
 * attachments where something happens that may concern them.
 *
 * An attachment stays until the context is freed, so any thread may walk the
 * list without a lock.
 */
#ifndef QOM_AIO_ATTACHMENT_INTERNAL_H
#define QOM_AIO_ATTACHMENT_INTERNAL_H

#include "aio/aio-stats.h"

#include <stdatomic.h>

typedef struct AioAttachment AioAttachment;

typedef struct AioAttachmentOps {
    /*
     * 1 for a layer that uses only the loop, and one more than the highest
     * layer that it uses for another.  Higher layers are freed first.
     */
    unsigned layer;

    /* Frees the attachment: the last reference to the context was dropped. */
    void (*free)(AioAttachment *attachment);

    /*
     * (nullable) The context was inherited by a child process: closes the
     * child's file descriptors and changes nothing else.
     */
    void (*close_inherited)(AioAttachment *attachment);

    /* (nullable) A parameter of the context has changed.  Any thread. */
    void (*params_changed)(AioAttachment *attachment);

    /* (nullable) Fills in the members of @stats that are its own.  Any
     * thread. */
    void (*read_stats)(AioAttachment *attachment, AioStats *stats);
} AioAttachmentOps;

/* The first member of each attachment. */
struct AioAttachment {
    const AioAttachmentOps *ops;
    _Atomic(AioAttachment *) next; /* of the same layer or a lower one; written
                                      by the home thread */
};

/* The attachments of a context, the highest layer first. */
typedef struct AioAttachments {
    _Atomic(AioAttachment *) first; /* written by the home thread */
} AioAttachments;

/*
 * aio_attach: adds an attachment, which has no twin with the same operations.
 * @attachment: (transfer full) its `ops` are set
 *
 * Thread: the home thread
 */
void aio_attach(AioAttachments *list, AioAttachment *attachment);

/* Each calls the operation of its name.  The thread is that of the operation;
 * aio_attachments_free() leaves the list empty. */
void aio_attachments_free(AioAttachments *list);
void aio_attachments_close_inherited(AioAttachments *list);
void aio_attachments_params_changed(AioAttachments *list);
void aio_attachments_read_stats(AioAttachments *list, AioStats *stats);

static inline AioAttachment *aio_attachment_next(
    const _Atomic(AioAttachment *) *link)
{
    return atomic_load_explicit((_Atomic(AioAttachment *) *)link,
                                memory_order_acquire);
}

/* Returns: (nullable) the attachment with the operations @ops.  Any thread. */
static inline AioAttachment *aio_attachment_find(const AioAttachments *list,
                                                 const AioAttachmentOps *ops)
{
    AioAttachment *attachment = aio_attachment_next(&list->first);

    while (attachment && attachment->ops != ops) {
        attachment = aio_attachment_next(&attachment->next);
    }
    return attachment;
}

#endif
