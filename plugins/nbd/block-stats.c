/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Statistics of drives.
 *
 * Only a channel's home thread counts, with plain stores, so that loops that
 * share a drive do not share cache lines.  Reading the statistics adds up the
 * counters of all channels.  The counters of a channel that is closed are added
 * to `closed` under the lock under which the channel leaves the list, so that
 * no request is missing or counted twice.
 */
#include "block-internal.h"

#include "qapi-types-block.h"

#include <string.h>

static uint64_t counter_read(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

void block_counters_add(BlockCounters *sum, const BlockCounters *counters)
{
    for (int op = 0; op < BLOCK_OP__MAX; op++) {
        block_count(&sum->requests[op], counter_read(&counters->requests[op]));
        block_count(&sum->bytes[op], counter_read(&counters->bytes[op]));
        block_count(&sum->failed[op], counter_read(&counters->failed[op]));
    }
    for (int i = 0; i < BLOCK_OWN_COUNTERS; i++) {
        block_count(&sum->own[i], counter_read(&counters->own[i]));
    }
}

static BlockOpStats *describe_op(const BlockCounters *counters, BlockOp op)
{
    BlockOpStats *stats = g_new0(BlockOpStats, 1);

    stats->requests = counter_read(&counters->requests[op]);
    stats->bytes = counter_read(&counters->bytes[op]);
    stats->failed = counter_read(&counters->failed[op]);
    return stats;
}

void block_backend_get_counters(BlockBackend *drive, BlockCounters *sum)
{
    memset(sum, 0, sizeof(*sum));
    lock_acquire(&drive->lock);
    block_counters_add(sum, &drive->closed);
    for (BlockChannel *c = drive->channels; c; c = c->next) {
        block_counters_add(sum, &c->counters);
    }
    lock_release(&drive->lock);
}

static void count_channels(BlockBackend *drive, BlockStats *stats)
{
    lock_acquire(&drive->lock);
    for (BlockChannel *c = drive->channels; c; c = c->next) {
        stats->in_flight += atomic_load_explicit(&c->n_in_flight,
                                                 memory_order_relaxed);
        stats->loops++;
    }
    lock_release(&drive->lock);
}

BlockStats *block_describe_stats(BlockBackend *drive)
{
    BlockStats *stats = g_new0(BlockStats, 1);
    BlockCounters sum;

    count_channels(drive, stats);
    block_backend_get_counters(drive, &sum);
    stats->read = describe_op(&sum, BLOCK_OP_READ);
    stats->write = describe_op(&sum, BLOCK_OP_WRITE);
    stats->flush = describe_op(&sum, BLOCK_OP_FLUSH);
    stats->discard = describe_op(&sum, BLOCK_OP_DISCARD);
    stats->write_zeroes = describe_op(&sum, BLOCK_OP_WRITE_ZEROES);
    stats->block_status = describe_op(&sum, BLOCK_OP_STATUS);
    return stats;
}
