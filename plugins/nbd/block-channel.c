/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The channels of a drive, one for each loop that uses it.
 *
 * A channel keeps a reference to its drive.  So a drive is finalized after all
 * of its channels are closed.
 */
#include "block-internal.h"

#include "util/programming-error.h"

static void channel_assert_home(const BlockChannel *channel, const char *func)
{
    if (aio_get_current_context() != channel->ctx) {
        programming_error("%s(): called outside of the channel's loop", func);
    }
}

/* Returns: (nullable) the drive's channel in @ctx, with one more user */
static BlockChannel *channel_find(BlockBackend *drive, AioContext *ctx)
{
    BlockChannel *channel;

    lock_acquire(&drive->lock);
    channel = drive->channels;
    while (channel && channel->ctx != ctx) {
        channel = channel->next;
    }
    if (channel) {
        channel->n_users++;
    }
    lock_release(&drive->lock);
    return channel;
}

BlockChannel *block_channel_get(BlockBackend *drive, Error **errp)
{
    BlockBackendClass *klass = BLOCK_BACKEND_GET_CLASS(drive);
    AioContext *ctx = aio_get_current_context();
    BlockChannel *channel = channel_find(drive, ctx);

    if (channel) {
        return channel;
    }
    channel = g_malloc0(klass->channel_size ? klass->channel_size
                                            : sizeof(BlockChannel));
    channel->drive = drive;
    channel->klass = klass;
    channel->ctx = ctx;
    channel->n_users = 1;
    if (klass->channel_open && !klass->channel_open(channel, errp)) {
        g_free(channel);
        return NULL;
    }
    object_ref(drive);
    /* Only this thread creates channels for @ctx, so there is still none. */
    lock_acquire(&drive->lock);
    channel->next = drive->channels;
    drive->channels = channel;
    lock_release(&drive->lock);
    return channel;
}

/* Returns: true if the channel had no other user and has left the list */
static bool channel_unlink(BlockChannel *channel)
{
    BlockBackend *drive = channel->drive;
    BlockChannel **link = &drive->channels;
    bool is_last;

    lock_acquire(&drive->lock);
    is_last = --channel->n_users == 0;
    if (is_last) {
        while (*link != channel) {
            link = &(*link)->next;
        }
        *link = channel->next;
        block_counters_add(&drive->closed, &channel->counters);
    }
    lock_release(&drive->lock);
    return is_last;
}

void block_channel_put(BlockChannel *channel)
{
    BlockBackend *drive;

    if (!channel) {
        return;
    }
    channel_assert_home(channel, G_STRFUNC);
    drive = channel->drive;
    if (!channel_unlink(channel)) {
        return;
    }
    if (channel->n_in_flight > 0) {
        programming_error("block_channel_put(): %u requests are in flight",
                          (unsigned)channel->n_in_flight);
    }
    if (channel->klass->channel_close) {
        channel->klass->channel_close(channel);
    }
    g_free(channel);
    object_unref(drive);
}

void block_channel_drain_begin(BlockChannel *channel)
{
    channel_assert_home(channel, G_STRFUNC);
    if (channel->n_drained++ == 0 && channel->klass->channel_drain) {
        channel->klass->channel_drain(channel, true);
    }
}

void block_channel_drain_end(BlockChannel *channel)
{
    channel_assert_home(channel, G_STRFUNC);
    g_assert(channel->n_drained > 0);
    if (--channel->n_drained == 0 && channel->klass->channel_drain) {
        channel->klass->channel_drain(channel, false);
    }
}
