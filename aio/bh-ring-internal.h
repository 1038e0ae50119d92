/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A ring of bottom halves, for what one processor tells another.
 *
 * An atomic operation on a cache line that another processor spins on takes
 * much longer than a store to it.  So none is made there: a cell has a line
 * to itself, and is filled and then numbered by stores.  The home thread
 * spins on the number of the next cell.  All that it needs comes with that
 * line, and it gives the cell back in another line, which who schedules reads
 * once a lap.
 *
 * One thread at a time fills a cell.  Nobody waits: who finds another one in
 * the act, or the ring full, takes the list of bh.c.  So no filled cell is
 * behind one that is not.  Those on the list remember how many cells there
 * were before them (AioBH.after): the two together have one order.
 *
 * Positions grow for ever, by two: the lowest bit says that somebody fills.
 *
 * A context that needs none has bh_null_ring, where somebody always does.
 *
 * Included by context-internal.h alone.
 */
#ifndef QOM_AIO_BH_RING_INTERNAL_H
#define QOM_AIO_BH_RING_INTERNAL_H

#include "aio/aio.h"
#include "aio/cache-line-internal.h"

#include <stdatomic.h>

#define BH_CELLS 8
#define BH_CELL_STEP 2ul
#define BH_CELL_FILLING 1ul /* bit of AioBHRing.tail */

typedef struct AioBHCell {
    AioBHFunc *cb; /* of a oneshot; NULL: @opaque is an AioBH */
    void *opaque;
    const char *name; /* of a oneshot */
    atomic_ulong filled; /* the position after this one, once it is */
} __attribute__((aligned(AIO_CACHE_LINE))) AioBHCell;

typedef struct AioBHRing {
    /* Those who schedule. */
    atomic_ulong tail;  /* the next position, and BH_CELL_FILLING */
    atomic_ulong limit; /* cells before this position are free; so may be
                           some more */

    AioBHCell cells[BH_CELLS] __attribute__((aligned(AIO_CACHE_LINES)));

    /* The home thread writes, others read once a lap. */
    atomic_ulong head; /* cells before this position are free once more */

    /* The home thread's alone. */
    unsigned long first __attribute__((aligned(AIO_CACHE_LINES))); /* to run */
    unsigned long end; /* cells before this one belong to this round */
} __attribute__((aligned(AIO_CACHE_LINES))) AioBHRing;

extern AioBHRing bh_null_ring; /* never has room */

AioBHRing *bh_ring_new(void);
void bh_ring_free(AioBHRing *ring);

static inline AioBHCell *bh_ring_cell(AioBHRing *ring, unsigned long pos)
{
    return &ring->cells[pos / BH_CELL_STEP % BH_CELLS];
}

/* ---- Any thread ---- */

/* The cells before this position are filled; for AioBH.after. */
static inline unsigned long bh_ring_tail(AioBHRing *ring)
{
    return atomic_load_explicit(&ring->tail, memory_order_acquire) &
           ~BH_CELL_FILLING;
}

/* Is the cell at @pos free, as far as is known here? */
static inline bool bh_ring_is_free(AioBHRing *ring, unsigned long pos)
{
    return (long)(atomic_load_explicit(&ring->limit, memory_order_acquire) -
                  pos) > 0;
}

/* Look at the home thread's line. */
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

/* Returns: false when it cannot be had now */
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
    /* Now there is time for it; the next one may be waited for. */
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

/* The first position that is not filled. */
static inline unsigned long bh_ring_end(AioBHRing *ring)
{
    unsigned long pos = ring->first;

    while (bh_ring_is_filled(ring, pos)) {
        pos += BH_CELL_STEP;
    }
    return pos;
}

/* Is there one, which may have been cancelled? */
static inline bool bh_ring_has(AioBHRing *ring)
{
    return bh_ring_is_filled(ring, ring->first);
}

/* What is filled by now belongs to this round. */
static inline void bh_ring_extend(AioBHRing *ring)
{
    while (bh_ring_is_filled(ring, ring->end)) {
        ring->end += BH_CELL_STEP;
    }
}

/* So does what is filled before @pos. */
static inline void bh_ring_extend_to(AioBHRing *ring, unsigned long pos)
{
    while ((long)(pos - ring->end) > 0 &&
           bh_ring_is_filled(ring, ring->end)) {
        ring->end += BH_CELL_STEP;
    }
}

/*
 * Give back the cells that were taken, after their callbacks: others have
 * read that line, so a store to it takes time, and those that follow wait.
 */
static inline void bh_ring_release(AioBHRing *ring)
{
    if (atomic_load_explicit(&ring->head, memory_order_relaxed) !=
        ring->first) {
        atomic_store_explicit(&ring->head, ring->first,
                              memory_order_release);
    }
}

/* Take the first of this round, which there is. */
static inline AioBHCell bh_ring_take(AioBHRing *ring)
{
    AioBHCell cell = *bh_ring_cell(ring, ring->first);

    ring->first += BH_CELL_STEP;
    return cell;
}

#endif
