/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Counters of requests.
 *
 * Only the thread to which a client belongs adds to its counters, with plain
 * stores.  The main thread reads them while they change; what it reads is never
 * torn, but the counters need not agree with each other to the last request.
 */
#include "nbd-internal.h"

static inline uint64_t load(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static inline void add(_Atomic uint64_t *counter, uint64_t n)
{
    atomic_store_explicit(counter, load(counter) + n, memory_order_relaxed);
}

NbdOperation nbd_operation(uint16_t command)
{
    switch (command) {
    case NBD_CMD_READ:
        return NBD_OPERATION_READ;
    case NBD_CMD_WRITE:
        return NBD_OPERATION_WRITE;
    case NBD_CMD_FLUSH:
        return NBD_OPERATION_FLUSH;
    case NBD_CMD_TRIM:
        return NBD_OPERATION_TRIM;
    case NBD_CMD_WRITE_ZEROES:
        return NBD_OPERATION_WRITE_ZEROES;
    case NBD_CMD_BLOCK_STATUS:
        return NBD_OPERATION_BLOCK_STATUS;
    default:
        return NBD_OPERATION_OTHER;
    }
}

/* Bucket 0 has times below 1024 ns, about 1 us. */
static unsigned latency_bucket(int64_t ns)
{
    unsigned bits = ns >= 1024 ? 64 - __builtin_clzll(ns) - 10 : 0;

    return MIN(bits, NBD_LATENCY_BUCKETS - 1);
}

void nbd_counters_add_request(NbdCounters *counters, NbdOperation operation,
                              uint64_t size_bytes, bool failed, int64_t ns)
{
    NbdOpCounters *op = &counters->op[operation];

    add(&op->requests, 1);
    if (failed) {
        add(&op->failed, 1);
    } else {
        add(&op->bytes, size_bytes);
    }
    add(&op->latency[latency_bucket(ns)], 1);
}

void nbd_counters_add(NbdCounters *sum, const NbdCounters *other)
{
    for (unsigned i = 0; i < NBD_OPERATIONS; i++) {
        add(&sum->op[i].requests, load(&other->op[i].requests));
        add(&sum->op[i].bytes, load(&other->op[i].bytes));
        add(&sum->op[i].failed, load(&other->op[i].failed));
        for (unsigned b = 0; b < NBD_LATENCY_BUCKETS; b++) {
            add(&sum->op[i].latency[b], load(&other->op[i].latency[b]));
        }
    }
}

static NbdOpStats *describe(const NbdOpCounters *op)
{
    NbdOpStats *stats = g_new0(NbdOpStats, 1);
    uint64List **tail = &stats->latency;

    stats->requests = load(&op->requests);
    stats->bytes = load(&op->bytes);
    stats->failed = load(&op->failed);
    for (unsigned b = 0; b < NBD_LATENCY_BUCKETS; b++) {
        QAPI_LIST_APPEND(tail, load(&op->latency[b]));
    }
    return stats;
}

NbdStats *nbd_counters_describe(const NbdCounters *counters)
{
    NbdStats *stats = g_new0(NbdStats, 1);

    stats->read = describe(&counters->op[NBD_OPERATION_READ]);
    stats->write = describe(&counters->op[NBD_OPERATION_WRITE]);
    stats->flush = describe(&counters->op[NBD_OPERATION_FLUSH]);
    stats->trim = describe(&counters->op[NBD_OPERATION_TRIM]);
    stats->write_zeroes = describe(&counters->op[NBD_OPERATION_WRITE_ZEROES]);
    stats->block_status = describe(&counters->op[NBD_OPERATION_BLOCK_STATUS]);
    stats->other = describe(&counters->op[NBD_OPERATION_OTHER]);
    return stats;
}
