/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The list of a context's attachments; see attachment-internal.h.
 *
 * The list is ordered by layer.  The home thread publishes an attachment with
 * one store, after all of it was written, so a thread that walks the list
 * finds it complete or not at all.
 */
#include "aio/attachment-internal.h"

void aio_attach(AioAttachments *list, AioAttachment *attachment)
{
    _Atomic(AioAttachment *) *link = &list->first;
    AioAttachment *next;

    while ((next = aio_attachment_next(link)) != NULL &&
           next->ops->layer > attachment->ops->layer) {
        link = &next->next;
    }
    atomic_init(&attachment->next, next);
    atomic_store_explicit(link, attachment, memory_order_release);
}

void aio_attachments_free(AioAttachments *list)
{
    AioAttachment *attachment;

    while ((attachment = aio_attachment_next(&list->first)) != NULL) {
        atomic_store_explicit(&list->first,
                              aio_attachment_next(&attachment->next),
                              memory_order_relaxed);
        attachment->ops->free(attachment);
    }
}

#define FOREACH_ATTACHMENT(attachment, list)                        \
    for (AioAttachment *attachment = aio_attachment_next(&(list)->first); \
         attachment; attachment = aio_attachment_next(&attachment->next))

void aio_attachments_close_inherited(AioAttachments *list)
{
    FOREACH_ATTACHMENT(attachment, list) {
        if (attachment->ops->close_inherited) {
            attachment->ops->close_inherited(attachment);
        }
    }
}

void aio_attachments_params_changed(AioAttachments *list)
{
    FOREACH_ATTACHMENT(attachment, list) {
        if (attachment->ops->params_changed) {
            attachment->ops->params_changed(attachment);
        }
    }
}

void aio_attachments_read_stats(AioAttachments *list, AioStats *stats)
{
    FOREACH_ATTACHMENT(attachment, list) {
        if (attachment->ops->read_stats) {
            attachment->ops->read_stats(attachment, stats);
        }
    }
}
