/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bottom halves.
 *
 * Two ways in: the ring of bh-ring-internal.h and, when that is full or
 * another thread is just filling a cell, `bh_pending`, a stack: any thread
 * pushes with one compare and swap, and the home thread takes it whole and
 * turns it round.  What it took it appends to its own queue, `bh_first`, which
 * it then runs empty together with the cells that were filled, each at its
 * place.  So
 * - order is that of scheduling;
 * - what a callback schedules waits for the next round;
 * - a nested round adds to both and runs everything, the outer round's rest
 *   first, and the outer one finds nothing left.
 *
 * Who sets BH_PENDING owns the link and puts it in; the home thread clears it
 * after it has taken it out.  Flags other than PENDING are set and cleared
 * while it stands, in one atomic operation with it, so of any number of calls
 * that schedule before the callback runs, one puts it in, and all are seen by
 * the callback.  A oneshot is known to its list or cell alone and needs none
 * of it.
 */
#include "aio/context-internal.h"
#include "util/programming-error.h"


#define IDLE_TIMEOUT_NS (10 * SCALE_MS)
#define MANY_RUN 64 /* a loop that has run so many makes a ring */

static AioBH *bh_init(AioBH *bh, AioContext *ctx, AioBHFunc *cb,
                      void *opaque, const char *name, unsigned flags)
{
    bh->ctx = ctx;
    bh->cb = cb;
    bh->opaque = opaque;
    bh->name = name;
    bh->guard = NULL;
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

/* Sequentially consistent: either the loop sees @bh or we see it armed. */
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

/* Returns: false when the ring has no room now */
static inline bool bh_put(AioContext *ctx, AioBHFunc *cb, void *opaque,
                          const char *name)
{
    if (!bh_ring_put(aio_bh_ring(ctx), cb, opaque, name)) {
        return false;
    }
    aio_wake_if_armed_after_store(ctx);
    return true;
}

static void bh_enqueue(AioBH *bh, unsigned flags)
{
    AioContext *ctx = bh->ctx;
    unsigned old;

    old = atomic_fetch_or(&bh->flags, flags | BH_PENDING);

    /* Once it is pending the home thread may free it: no look at *bh. */
    if (!(old & BH_PENDING)) {
        if (!bh_put(ctx, NULL, bh, NULL)) {
            bh_push(ctx, bh);
        }
    } else if (!(old & BH_SCHEDULED)) {
        /* It was cancelled, and the loop may sleep in spite of it. */
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

static void bh_call_guarded(AioBH *bh, MemReentrancyGuard *guard)
{
    bool was_engaged = guard->engaged_in_io;

    if (was_engaged) {
        atomic_fetch_add_explicit(&bh->ctx->bhs.n_reentered, 1,
                                  memory_order_relaxed);
    }
    guard->engaged_in_io = true;
    bh->cb(bh->opaque);
    /* The callback may have deleted @bh, which is freed at the next round. */
    guard->engaged_in_io = was_engaged;
}

static inline void bh_call(AioBH *bh)
{
    if (G_UNLIKELY(bh->guard)) {
        bh_call_guarded(bh, bh->guard);
    } else {
        bh->cb(bh->opaque);
    }
}

void aio_bh_call(AioBH *bh)
{
    bh_call(bh);
}

uint64_t aio_bh_reentered_count(AioContext *ctx)
{
    return atomic_load_explicit(&ctx->bhs.n_reentered, memory_order_relaxed);
}

/* Take what is pending and append it, oldest first. */
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

/* Something was on the list.  More will follow if there were many. */
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
    cb(opaque);
    return 1;
}

static int bh_run_idle(AioBH *bh)
{
    aio_counter_add(&bh->ctx->counters.callbacks[AIO_CALLBACK_BH], 1);
    bh_call(bh);
    return 0;
}

/* Returns: 1 if that was progress */
static inline int bh_run(AioBH *bh)
{
    unsigned flags;

    if (atomic_load_explicit(&bh->flags, memory_order_relaxed) &
        BH_ONESHOT) {
        return bh_run_oneshot(bh);
    }

    flags = atomic_fetch_and(&bh->flags,
                             ~(BH_PENDING | BH_SCHEDULED | BH_IDLE));
    if (flags & BH_DELETED) {
        g_aligned_free(bh);
        return 0;
    }
    if (!(flags & BH_SCHEDULED)) {
        return 0;
    }
    if (G_UNLIKELY(flags & BH_IDLE)) {
        return bh_run_idle(bh);
    }
    bh_call(bh);
    return 1;
}

/* Is the next one of this round in the ring?  If not it is in the queue. */
static inline bool bh_next_is_in_ring(AioContext *ctx, AioBHRing *ring)
{
    return ring->first != ring->end &&
           (!ctx->bhs.first ||
            (long)(ctx->bhs.first->ring_pos - ring->first) > 0);
}

/* Run the next one of this round.  Returns: 1 if that was progress */
static inline int bh_run_next(AioContext *ctx, AioBHRing *ring)
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
    cell.cb(cell.opaque);
    return 1;
}

/* The AioBH that is next, or NULL and @cb and @name of a oneshot. */
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

/* As bh_run_next(), timed. */
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
 * The ring first, then the list: so what was pushed before one of the cells
 * was claimed is taken, too.  And bh_take_pending() adds the cells that were
 * filled before what it takes.  A ring that is made meanwhile belongs to the
 * next round.
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
        /* An iteration inside a callback may have set it. */
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

/* Returns: 0 to run it now, 10 ms, or @timeout_ns when it was cancelled */
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

/* Nobody runs or schedules: what is left must be deleted. */
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
