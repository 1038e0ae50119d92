/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A ring of bottom halves, for threads that schedule work on a loop that runs
 * on another CPU.
 *
 * An atomic read-modify-write operation on a cache line that another CPU reads
 * in a loop is much slower than a store.  The ring therefore needs only stores
 * to such lines:
 *
 * - Each cell has a cache line of its own.  The producer stores the callback
 *   there and then the cell's sequence number, in `filled`.  A polling home
 *   thread reads only `filled` of the next cell, and finds the callback on the
 *   same line.
 * - Producers claim a cell with a compare-and-swap on `tail`, which the home
 *   thread does not read while it polls.
 * - The home thread publishes the cells that are free again in `head`, on a
 *   third line.  Producers read it once per lap and keep the result in
 *   `limit`.
 *
 * One thread at a time fills a cell: it owns BH_CELL_FILLING in `tail`.  A
 * thread that finds this bit set, or the ring full, does not wait.  It pushes
 * an AioBH on the stack of bh.c instead and records the ring position in
 * AioBH.ring_pos, so that cells and stack entries have one common order.  No
 * filled cell is ever behind an unfilled one.
 *
 * Positions grow by BH_CELL_STEP (2) and wrap; the lowest bit is
 * BH_CELL_FILLING.
 *
 * A context without a ring points to bh_null_ring, in which this bit is always
 * set, so that everything goes to the stack.
 */
#ifndef QOM_AIO_BH_RING_INTERNAL_H
#define QOM_AIO_BH_RING_INTERNAL_H

#include "aio/aio.h"
#include "aio/cache-line-internal.h"

#include <stdatomic.h>

#define BH_CELLS 64 /* an iteration rarely runs more */
#define BH_CELL_STEP 2ul
#define BH_CELL_FILLING 1ul /* bit of AioBHRing.tail */

typedef struct AioBHCell {
    AioBHFunc *cb; /* of a one-shot one; NULL: `opaque` is an AioBH */
    void *opaque;
    const char *name; /* of a one-shot one */
    atomic_ulong filled; /* once it is filled: the position after this one */
} __attribute__((aligned(AIO_CACHE_LINE))) AioBHCell;

typedef struct AioBHRing {
    /* Written by producers. */
    atomic_ulong tail;  /* the next position, and BH_CELL_FILLING */
    atomic_ulong limit; /* cells before this position are known to be free */

    AioBHCell cells[BH_CELLS] __attribute__((aligned(AIO_CACHE_LINES)));

    /* Written by the home thread, read by producers once per lap. */
    atomic_ulong head; /* cells before this position are free again */

    /* Used only by the home thread. */
    unsigned long first __attribute__((aligned(AIO_CACHE_LINES))); /* to run */
    unsigned long end; /* cells before this one belong to this iteration */
} __attribute__((aligned(AIO_CACHE_LINES))) AioBHRing;

extern AioBHRing bh_null_ring; /* never has room */

AioBHRing *bh_ring_new(void);
void bh_ring_free(AioBHRing *ring);

static inline AioBHCell *bh_ring_cell(AioBHRing *ring, unsigned long pos)
{
    return &ring->cells[pos / BH_CELL_STEP % BH_CELLS];
}

/* ---- Any thread ---- */

/* Returns: the position before which all cells are filled, for
 * AioBH.ring_pos */
static inline unsigned long bh_ring_tail(AioBHRing *ring)
{
    return atomic_load_explicit(&ring->tail, memory_order_acquire) &
           ~BH_CELL_FILLING;
}

/* Returns true if the cell at @pos is known to be free. */
static inline bool bh_ring_is_free(AioBHRing *ring, unsigned long pos)
{
    return (long)(atomic_load_explicit(&ring->limit, memory_order_acquire) -
                  pos) > 0;
}

/* Refreshes `limit` from the consumer's `head`.  This reads a cache line that
 * the home thread writes. */
static inline void bh_ring_refresh_limit(AioBHRing *ring)
{
    atomic_store_explicit(
        &ring->limit,
        atomic_load_explicit(&ring->head, memory_order_acquire) +
            BH_CELLS * BH_CELL_STEP,
        memory_order_release);
}

static inline bool bh_ring_is_full(AioBHRing *ring, unsigned long pos)
{
    if (bh_ring_is_free(ring, pos)) {
        return false;
    }
    bh_ring_refresh_limit(ring);
    return !bh_ring_is_free(ring, pos);
}

/* Returns: true if the bottom half is in the ring, false if the ring is full or
 * another thread is filling a cell */
static inline bool bh_ring_put(AioBHRing *ring, AioBHFunc *cb, void *opaque,
                               const char *name)
{
    unsigned long pos = atomic_load_explicit(&ring->tail,
                                             memory_order_relaxed);
    AioBHCell *cell = bh_ring_cell(ring, pos);

    if ((pos & BH_CELL_FILLING) || bh_ring_is_full(ring, pos) ||
        !atomic_compare_exchange_strong_explicit(
            &ring->tail, &pos, pos | BH_CELL_FILLING, memory_order_acquire,
            memory_order_relaxed)) {
        return false;
    }
    cell->cb = cb;
    cell->opaque = opaque;
    cell->name = name;
    pos += BH_CELL_STEP;
    atomic_store_explicit(&cell->filled, pos, memory_order_release);
    atomic_store_explicit(&ring->tail, pos, memory_order_release);
    /* Now, because a thread may be waiting for the next bottom half. */
    if (G_UNLIKELY(!bh_ring_is_free(ring, pos))) {
        bh_ring_refresh_limit(ring);
    }
    return true;
}

/* ---- The home thread ---- */

static inline bool bh_ring_is_filled(AioBHRing *ring, unsigned long pos)
{
    return atomic_load(&bh_ring_cell(ring, pos)->filled) ==
           pos + BH_CELL_STEP;
}

/* Returns: the first position from @pos on that is not filled */
static inline unsigned long bh_ring_skip_filled(AioBHRing *ring,
                                                unsigned long pos)
{
    while (bh_ring_is_filled(ring, pos)) {
        pos += BH_CELL_STEP;
    }
    return pos;
}

/* Returns: the first position that is not filled */
static inline unsigned long bh_ring_end(AioBHRing *ring)
{
    return bh_ring_skip_filled(ring, ring->first);
}

/* Returns true if a cell is filled; its bottom half may have been cancelled. */
static inline bool bh_ring_has(AioBHRing *ring)
{
    return bh_ring_is_filled(ring, ring->first);
}

/*
 * Adds the cells that are filled now to this iteration's batch.  bh_null_ring,
 * which has none and which many threads read, is not written.
 */
static inline void bh_ring_extend(AioBHRing *ring)
{
    if (bh_ring_is_filled(ring, ring->end)) {
        ring->end = bh_ring_skip_filled(ring, ring->end);
    }
}

/* Adds the filled cells before @pos to this iteration's batch. */
static inline void bh_ring_extend_to(AioBHRing *ring, unsigned long pos)
{
    while ((long)(pos - ring->end) > 0 &&
           bh_ring_is_filled(ring, ring->end)) {
        ring->end += BH_CELL_STEP;
    }
}

/*
 * Releases the cells that were taken, after their callbacks: producers have
 * read the line of `head`, so the store takes time, and the callbacks must not
 * wait for it.
 */
static inline void bh_ring_release(AioBHRing *ring)
{
    if (atomic_load_explicit(&ring->head, memory_order_relaxed) !=
        ring->first) {
        atomic_store_explicit(&ring->head, ring->first,
                              memory_order_release);
    }
}

/* Takes the first cell of this iteration's batch, which is not empty. */
static inline AioBHCell bh_ring_take(AioBHRing *ring)
{
    AioBHCell cell = *bh_ring_cell(ring, ring->first);

    ring->first += BH_CELL_STEP;
    return cell;
}

#endif
