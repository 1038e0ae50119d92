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

/* Returns: the counters of a kind, for the thread that writes them */
static NbdOpCounters *get_op(NbdCounters *counters, NbdOperation operation)
{
    NbdOpCounters *op = atomic_load_explicit(&counters->op[operation],
                                             memory_order_relaxed);

    if (!op) {
        op = g_new0(NbdOpCounters, 1);
        atomic_store_explicit(&counters->op[operation], op,
                              memory_order_release);
    }
    return op;
}

/* Returns: (nullable) the counters of a kind, for a thread that reads them */
static const NbdOpCounters *peek_op(const NbdCounters *counters,
                                    NbdOperation operation)
{
    return atomic_load_explicit(&counters->op[operation],
                                memory_order_acquire);
}

void nbd_counters_add_request(NbdCounters *counters, NbdOperation operation,
                              uint64_t size_bytes, bool failed, int64_t ns)
{
    NbdOpCounters *op = get_op(counters, operation);

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
    for (NbdOperation i = 0; i < NBD_OPERATIONS; i++) {
        const NbdOpCounters *from = peek_op(other, i);
        NbdOpCounters *to = from ? get_op(sum, i) : NULL;

        if (!from) {
            continue;
        }
        add(&to->requests, load(&from->requests));
        add(&to->bytes, load(&from->bytes));
        add(&to->failed, load(&from->failed));
        for (unsigned b = 0; b < NBD_LATENCY_BUCKETS; b++) {
            add(&to->latency[b], load(&from->latency[b]));
        }
    }
}

void nbd_counters_cleanup(NbdCounters *counters)
{
    for (NbdOperation i = 0; i < NBD_OPERATIONS; i++) {
        g_free(counters->op[i]);
        counters->op[i] = NULL;
    }
}

static NbdOpStats *describe(const NbdCounters *counters,
                            NbdOperation operation)
{
    static const NbdOpCounters none;
    const NbdOpCounters *op = peek_op(counters, operation);
    NbdOpStats *stats = g_new0(NbdOpStats, 1);
    uint64List **tail = &stats->latency;

    op = op ? op : &none;
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

    stats->read = describe(counters, NBD_OPERATION_READ);
    stats->write = describe(counters, NBD_OPERATION_WRITE);
    stats->flush = describe(counters, NBD_OPERATION_FLUSH);
    stats->trim = describe(counters, NBD_OPERATION_TRIM);
    stats->write_zeroes = describe(counters, NBD_OPERATION_WRITE_ZEROES);
    stats->block_status = describe(counters, NBD_OPERATION_BLOCK_STATUS);
    stats->other = describe(counters, NBD_OPERATION_OTHER);
    return stats;
}
