/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bottom halves.
 *
 * A bottom half reaches the loop in one of two ways.  Normally the scheduling
 * thread puts it into the ring (bh-ring-internal.h).  If the ring is full, or
 * another thread is filling a cell, it pushes the bottom half on `bh_pending`,
 * a lock-free stack.  The home thread takes the whole stack at once, reverses
 * it and appends it to its own queue, `bhs`.  It then runs the queue and the
 * filled cells, merged in the order of their ring positions.  Consequently:
 *
 * - Bottom halves run in the order in which they were scheduled.
 * - A bottom half that a callback schedules runs in the next iteration.
 * - A nested iteration runs everything that is scheduled, beginning with what
 *   is left of the outer iteration, which then finds nothing.
 *
 * The thread that sets BH_PENDING owns AioBH.next and enqueues the bottom half;
 * the home thread clears the bit after it has dequeued it.  All flags are in
 * one word and change in one atomic operation with BH_PENDING.  If several
 * threads schedule a bottom half before it runs, exactly one of them enqueues
 * it, and the callback sees what all of them wrote before.  One-shot bottom
 * halves need none of this, because only their cell or stack entry refers to
 * them.
 */
#include "aio/context-internal.h"
#include "util/probe.h"
#include "util/programming-error.h"

#define IDLE_TIMEOUT_NS (10 * SCALE_MS)
/*
 * A loop creates its ring after it has run this many bottom halves.  A ring
 * takes 4.4 KiB, which a thousand idle iothreads do without.
 */
#define MANY_RUN 64

static AioBH *bh_init(AioBH *bh, AioContext *ctx, AioBHFunc *cb,
                      void *opaque, const char *name, unsigned flags)
{
    bh->ctx = ctx;
    bh->cb = cb;
    bh->opaque = opaque;
    bh->name = name;
    atomic_init(&bh->flags, flags);
    return bh;
}

AioBH *aio_bh_new_full(AioContext *ctx, AioBHFunc *cb, void *opaque,
                       const char *name, MemReentrancyGuard *guard)
{
    AioBH *bh = bh_init(aio_bh_alloc(), ctx, cb, opaque, name, 0);

    bh->guard = guard;
    return bh;
}

/* The compare-and-swap is sequentially consistent, so either the loop sees @bh
 * or this thread sees that it is armed; wake.c explains it. */
static void bh_push(AioContext *ctx, AioBH *bh)
{
    AioBH *head = atomic_load_explicit(&ctx->bh_pending,
                                       memory_order_relaxed);

    bh->ring_pos = bh_ring_tail(aio_bh_ring(ctx));
    do {
        bh->next = head;
    } while (!atomic_compare_exchange_weak(&ctx->bh_pending, &head, bh));
    aio_wake_if_armed(ctx);
}

/* Returns: false if the ring is full or another thread is filling a cell */
static inline bool bh_put(AioContext *ctx, AioBHFunc *cb, void *opaque,
                          const char *name)
{
    if (!bh_ring_put(aio_bh_ring(ctx), cb, opaque, name)) {
        return false;
    }
    if (ctx == aio_current_ctx) {
        /* This thread checks the ring before it sleeps, so the store need not
         * be ordered.  The loop is armed here only under GLib. */
        aio_wake_if_armed(ctx);
    } else {
        aio_wake_if_armed_after_store(ctx);
    }
    return true;
}

static void bh_enqueue(AioBH *bh, unsigned flags)
{
    AioContext *ctx = bh->ctx;
    unsigned old;

    old = atomic_fetch_or(&bh->flags, flags | BH_PENDING);

    /* From now on the home thread may free *bh, so it is not accessed below
     * unless this thread has set BH_PENDING. */
    if (!(old & BH_PENDING)) {
        if (!bh_put(ctx, NULL, bh, NULL)) {
            bh_push(ctx, bh);
        }
    } else if (!(old & BH_SCHEDULED)) {
        /* aio_bh_cancel() has left it in the ring or the stack, and a loop that
         * sleeps has ignored it there. */
        aio_wake_if_armed(ctx);
    }
}

void aio_bh_schedule(AioBH *bh)
{
    bh_enqueue(bh, BH_SCHEDULED);
}

void aio_bh_schedule_idle(AioBH *bh)
{
    bh_enqueue(bh, BH_SCHEDULED | BH_IDLE);
}

void aio_bh_schedule_oneshot_full(AioContext *ctx, AioBHFunc *cb,
                                  void *opaque, const char *name)
{
    if (!bh_put(ctx, cb, opaque, name)) {
        bh_push(ctx, bh_init(aio_bh_pool_get(), ctx, cb, opaque, name,
                             BH_PENDING | BH_SCHEDULED | BH_ONESHOT));
    }
}

void aio_bh_cancel(AioBH *bh)
{
    atomic_fetch_and(&bh->flags, ~BH_SCHEDULED);
}

void aio_bh_delete(AioBH *bh)
{
    bh_enqueue(bh, BH_DELETED);
}

/* Not inlined, so that bh_call() of the usual ones needs no registers. */
static G_GNUC_NO_INLINE void bh_call_guarded(AioBH *bh,
                                             MemReentrancyGuard *guard)
{
    bool was_engaged = guard->engaged_in_io;

    guard->engaged_in_io = true;
    PROBE(callback_begin, bh->cb);
    bh->cb(bh->opaque);
    PROBE(callback_end);
    /* The callback may have deleted @bh, but not the guard, which outlives
     * it. */
    guard->engaged_in_io = was_engaged;
}

static inline void bh_call(AioBH *bh)
{
    if (G_UNLIKELY(bh->guard)) {
        bh_call_guarded(bh, bh->guard);
    } else {
        PROBE(callback_begin, bh->cb);
        bh->cb(bh->opaque);
        PROBE(callback_end);
    }
}

void aio_bh_call(AioBH *bh)
{
    bh_call(bh);
}

/* Takes the whole stack, which is newest first, and appends it reversed. */
static void bh_take_pending(AioContext *ctx, AioBHRing *ring)
{
    AioBH *bh, *first, *last;

    if (!atomic_load_explicit(&ctx->bh_pending, memory_order_relaxed)) {
        return;
    }
    bh = atomic_exchange(&ctx->bh_pending, NULL);
    last = bh;
    first = NULL;
    while (bh) {
        AioBH *next = bh->next;

        bh_ring_extend_to(ring, bh->ring_pos);
        bh->next = first;
        first = bh;
        bh = next;
    }
    *ctx->bhs.last = first;
    ctx->bhs.last = &last->next;
}

static AioBH *bh_pop(AioContext *ctx)
{
    AioBH *bh = ctx->bhs.first;

    if (bh) {
        ctx->bhs.first = bh->next;
        if (!bh->next) {
            ctx->bhs.last = &ctx->bhs.first;
        }
    }
    return bh;
}

/* ---- The ring ---- */

void aio_bh_make_ring(AioContext *ctx)
{
    if (aio_bh_ring(ctx) == &bh_null_ring) {
        atomic_store_explicit(&ctx->bh_ring, bh_ring_new(),
                              memory_order_release);
    }
}

/* Called for a bottom half that came through the stack.  The ring is faster,
 * and a loop that has run many bottom halves will run more of them. */
static void bh_want_ring(AioContext *ctx)
{
    if (aio_counter_get(&ctx->counters.bottom_halves) >= MANY_RUN) {
        aio_bh_make_ring(ctx);
    }
}

/* ---- Running ---- */

static int bh_run_oneshot(AioBH *bh)
{
    AioBHFunc *cb = bh->cb;
    void *opaque = bh->opaque;

    aio_bh_pool_put(bh);
    PROBE(callback_begin, cb);
    cb(opaque);
    PROBE(callback_end);
    return 1;
}

static int bh_run_idle(AioBH *bh)
{
    aio_counter_add(&bh->ctx->counters.callbacks[AIO_CALLBACK_BH], 1);
    bh_call(bh);
    return 0;
}

/* One that is one-shot, deleted, cancelled or idle.  Not inlined, as above. */
static G_GNUC_NO_INLINE int bh_run_special(AioBH *bh, unsigned flags)
{
    if (flags & BH_ONESHOT) {
        return bh_run_oneshot(bh);
    }
    if (flags & BH_DELETED) {
        g_aligned_free(bh);
        return 0;
    }
    return flags & BH_SCHEDULED ? bh_run_idle(bh) : 0;
}

/* Returns: 1 if a callback ran and was progress, otherwise 0 */
static inline int bh_run(AioBH *bh)
{
    unsigned flags = atomic_exchange(&bh->flags, 0);

    if (G_LIKELY(flags == (BH_PENDING | BH_SCHEDULED))) {
        bh_call(bh);
        return 1;
    }
    return bh_run_special(bh, flags);
}

/* Returns true if the next bottom half of this iteration is in the ring, false
 * if it is in the queue.  Positions wrap, so their difference is compared. */
static inline bool bh_next_is_in_ring(AioContext *ctx, AioBHRing *ring)
{
    return ring->first != ring->end &&
           (!ctx->bhs.first ||
            (long)(ctx->bhs.first->ring_pos - ring->first) > 0);
}

/* Runs the next bottom half of this iteration.  Returns: 1 if that was
 * progress */
static G_ALWAYS_INLINE inline int bh_run_next(AioContext *ctx,
                                              AioBHRing *ring)
{
    AioBHCell cell;

    if (!bh_next_is_in_ring(ctx, ring)) {
        bh_want_ring(ctx);
        return bh_run(bh_pop(ctx));
    }
    cell = bh_ring_take(ring);
    if (!cell.cb) {
        return bh_run(cell.opaque);
    }
    PROBE(callback_begin, cell.cb);
    cell.cb(cell.opaque);
    PROBE(callback_end);
    return 1;
}

/* Returns: the next AioBH, or NULL with @cb and @name of a one-shot one */
static AioBH *bh_next(AioContext *ctx, AioBHRing *ring, AioBHFunc **cb,
                      const char **name)
{
    AioBHCell *cell = bh_ring_cell(ring, ring->first);

    if (!bh_next_is_in_ring(ctx, ring)) {
        return ctx->bhs.first;
    }
    *cb = cell->cb;
    *name = cell->name;
    return cell->cb ? NULL : cell->opaque;
}

/* As bh_run_next(), timed.  Not inlined, as it is rare in a busy loop and would
 * take registers from the untimed one. */
static G_GNUC_NO_INLINE int bh_run_next_timed(AioContext *ctx,
                                              AioBHRing *ring)
{
    uint64_t begin = ctx->counters.begin;
    AioBHFunc *cb = NULL;
    const char *name = NULL;
    AioBH *bh = bh_next(ctx, ring, &cb, &name);
    int n;

    if (bh) {
        cb = bh->cb;
        name = bh->name;
    }
    n = bh_run_next(ctx, ring);
    aio_counters_callback_timed(&ctx->counters, begin, aio_ticks(),
                                &(AioCallback) {
                                    .kind = AIO_CALLBACK_BH, .name = name,
                                    .function = (void *)cb, .fd = -1,
                                });
    return n;
}

static inline bool bh_batch_is_done(AioContext *ctx, AioBHRing *ring)
{
    return !ctx->bhs.first && ring->first == ring->end;
}

/*
 * The ring is read before the stack, so everything that was pushed before one
 * of its cells was claimed is taken, too.  bh_take_pending() then extends the
 * batch by the cells that were filled before what it takes.  A ring that a
 * callback creates belongs to the next iteration.
 */
int aio_run_bhs(AioContext *ctx)
{
    AioBHRing *ring = aio_bh_ring(ctx);
    int n = 0;

    bh_ring_extend(ring);
    bh_take_pending(ctx, ring);
    while (G_UNLIKELY(ctx->counters.begin != 0) &&
           !bh_batch_is_done(ctx, ring)) {
        n += bh_run_next_timed(ctx, ring);
    }
    if (!bh_batch_is_done(ctx, ring)) {
        do {
            n += bh_run_next(ctx, ring);
        } while (!bh_batch_is_done(ctx, ring));
        /* A nested iteration, in a callback, may have set it. */
        ctx->counters.begin = 0;
    }
    bh_ring_release(ring);
    aio_counter_add(&ctx->counters.bottom_halves, n);
    return n;
}

int aio_bh_poll(AioContext *ctx)
{
    aio_count_start(ctx);
    return aio_run_bhs(ctx);
}

/* Returns: 0 if @bh is due now, 10 ms if it is idle, @timeout_ns if it was
 * cancelled or is to be freed */
static inline int64_t bh_timeout(AioBH *bh, int64_t timeout_ns)
{
    unsigned flags = atomic_load(&bh->flags);

    if ((flags & (BH_SCHEDULED | BH_DELETED)) != BH_SCHEDULED) {
        return timeout_ns;
    }
    return flags & BH_IDLE ? IDLE_TIMEOUT_NS : 0;
}

static int64_t bh_list_timeout(AioBH *bh, int64_t timeout_ns)
{
    for (; bh && timeout_ns != 0; bh = bh->next) {
        timeout_ns = bh_timeout(bh, timeout_ns);
    }
    return timeout_ns;
}

static int64_t bh_ring_timeout(AioBHRing *ring, int64_t timeout_ns)
{
    unsigned long pos = ring->first;

    for (; timeout_ns != 0 && bh_ring_is_filled(ring, pos);
         pos += BH_CELL_STEP) {
        AioBHCell *cell = bh_ring_cell(ring, pos);

        timeout_ns = cell->cb ? 0 : bh_timeout(cell->opaque, timeout_ns);
    }
    return timeout_ns;
}

int64_t aio_bh_timeout(AioContext *ctx)
{
    int64_t timeout_ns = bh_list_timeout(ctx->bhs.first, -1);

    timeout_ns = bh_ring_timeout(aio_bh_ring(ctx), timeout_ns);
    return bh_list_timeout(atomic_load(&ctx->bh_pending), timeout_ns);
}

static void bh_abort_not_deleted(const char *name)
{
    programming_error("aio_context_unref(): bottom half '%s' was not deleted; "
                      "its event loop has ended, so nothing can run it; call "
                      "aio_bh_delete(), or schedule nothing after the end",
                      name);
}

static void bh_free_left(AioBH *bh)
{
    if (!(atomic_load(&bh->flags) & BH_DELETED)) {
        bh_abort_not_deleted(bh->name);
    }
    g_aligned_free(bh);
}

/* No thread runs the context or schedules.  What is left can only be deleted
 * bottom halves that the loop has not freed yet. */
void aio_bh_cleanup(AioContext *ctx)
{
    AioBHRing *ring = aio_bh_ring(ctx);
    AioBH *bh;

    while (bh_ring_has(ring)) {
        AioBHCell cell = bh_ring_take(ring);

        if (cell.cb) {
            bh_abort_not_deleted(cell.name);
        }
        bh_free_left(cell.opaque);
    }
    bh_take_pending(ctx, ring);
    while ((bh = bh_pop(ctx)) != NULL) {
        bh_free_left(bh);
    }
    bh_ring_free(ring);
}
