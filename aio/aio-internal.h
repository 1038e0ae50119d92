/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * AioContext inside: what the files of this folder share.
 *
 * Fields stand together by who touches them.  What every thread that
 * schedules work writes is in the first cache line and in the ring; the lines
 * after that are the home thread's alone, so a round of the loop takes no
 * miss on others' account.
 */
#ifndef QOM_AIO_AIO_INTERNAL_H
#define QOM_AIO_AIO_INTERNAL_H

#include "aio/aio.h"
#include "aio/attachment-internal.h"
#include "aio/bh-ring-internal.h"
#include "aio/fd-table-internal.h"
#include "aio/stats-internal.h"
#include "aio/timer.h"
#include "util/event-notifier.h"
#include "util/lock.h"
#include "util/queue.h"

#include <stdatomic.h>

/* ---- Wake-up: AioContext.wake ---- */

/* Somebody said aio_notify() and the loop has not looked since. */
#define AIO_WAKE_NOTIFIED 1u
/* The loop sleeps or is about to; who sees it clears it and wakes it up.  A
 * loop that busy polls is not armed: it sees by itself. */
#define AIO_WAKE_ARMED 2u
/* With ARMED: it sleeps on the word itself and not in the monitor. */
#define AIO_WAKE_FUTEX 4u

/* ---- Bottom halves ---- */

#define BH_PENDING (1u << 0)   /* in a list of the context */
#define BH_SCHEDULED (1u << 1) /* the callback is to be called */
#define BH_DELETED (1u << 2)   /* to be freed when it leaves the list */
#define BH_ONESHOT (1u << 3)   /* goes back to the pool after its call */
#define BH_IDLE (1u << 4)      /* no progress, can wait 10 ms */

struct AioBH {
    AioContext *ctx;
    AioBHFunc *cb;
    void *opaque;
    const char *name;
    MemReentrancyGuard *guard;
    AioBH *next; /* whose list: who set BH_PENDING, then the home thread */
    atomic_uint flags;
    unsigned long after; /* bh_ring_tail() when it was pushed */
};

/* On one cache line, as it goes from one processor to another. */
static inline AioBH *aio_bh_alloc(void)
{
    return g_aligned_alloc(1, sizeof(AioBH), AIO_CACHE_LINE);
}

/* ---- File descriptors ---- */

/*
 * A way to find out which descriptors are ready.  fdmon-epoll.c,
 * fdmon-poll.c and fdmon-io_uring.c are three; another one needs nothing but
 * such a table.  What it needs is in a state of its own, ctx->fdmon_state.
 *
 * A monitor is told of changes by the home thread alone, before it next looks
 * at descriptors, however many times a number has changed meanwhile.
 */
typedef struct FdMonOps {
    const char *name;
    AioFdMonitor kind;

    /*
     * Make a state for @ctx, whose other monitor may be in use; NULL with
     * @errp set when that is not possible.  Any thread.
     */
    void *(*open)(AioContext *ctx, Error **errp);

    /* Nothing is watched any more.  Home thread, or the last unref. */
    void (*close)(void *state);

    /*
     * Watch slot->watched, whom it may be NULL for nobody, where so far it
     * was slot->known; the number may mean another file than before.
     * False when this monitor cannot.  Home thread.
     */
    bool (*update)(AioContext *ctx, AioFdSlot *slot);

    /*
     * (nullable) What update() was told takes effect now: for a monitor that
     * keeps files open which it watches.  Home thread.
     */
    void (*submit)(AioContext *ctx);

    /*
     * Wait at most @timeout_ns (0: do not, -1: forever) and put what is
     * ready on the context's ready list.  Home thread.
     */
    void (*wait)(AioContext *ctx, int64_t timeout_ns);

    /*
     * (nullable) Without a system call: would wait() find something ready
     * that is not the context's own notifier?  Asked over and over while the
     * loop busy polls; when it says true, wait() with a timeout of 0
     * follows.  NULL: only the kernel knows, and a context that watches a
     * handler without io_poll does not busy poll.  Home thread.
     */
    bool (*peek)(AioContext *ctx);

    /* (nullable) Handlers of a round have been called.  Home thread. */
    void (*dispatched)(AioContext *ctx);

    /* (nullable) The home thread is none any more, and may live on. */
    void (*leave)(AioContext *ctx);

    /*
     * Make @source poll what this monitor watches, and stop to.  Under
     * handler_lock.  (nullable) All four source functions are NULL for a
     * monitor that poll(2) cannot wait for.  The home thread replaces such a
     * monitor before GLib sleeps, see aio_fdmon_prepare_source().
     */
    void (*source_attach)(AioContext *ctx, GSource *source);
    void (*source_detach)(AioContext *ctx, GSource *source);

    /* (nullable) Before @source is polled. */
    void (*source_prepare)(AioContext *ctx);

    /* After @source was polled: as wait() with a timeout of 0. */
    void (*source_check)(AioContext *ctx);
} FdMonOps;

extern const FdMonOps fdmon_epoll_ops;
extern const FdMonOps fdmon_poll_ops;
extern const FdMonOps fdmon_io_uring_ops;

/* The kernel has no epoll_pwait2(); found out when it is first needed. */
extern atomic_bool fdmon_epoll_no_pwait2;

/* ---- Busy polling ---- */

/* What busy-poll.c keeps; the home thread's alone. */
typedef struct AioBusyPoll {
    int64_t max_ns; /* copies of the parameters */
    int64_t grow;
    int64_t shrink;
    int64_t weight;
    int64_t ns;       /* learned: how long to poll; 0: not at all */
    int64_t mean_ns;  /* of the time that waits took, -1: none yet */
    int64_t begin_ns; /* of this wait; 0: no clock was needed so far,
                         -1: not to be learned from */
    unsigned long seen_end; /* of the ring, before this wait looked, */
    AioBH *seen_head;       /* and of the list: those were cancelled */
    int64_t phase_ns; /* how long this wait polls at most */
    int64_t waited_ns; /* of the last wait: until the clock was last read */
    int until_probe;  /* while ns is 0: waits until the next probe, */
    int backoff;      /* and how many after that */
    unsigned n_found; /* waits that polling was enough for */
    int64_t look_ns;  /* when to look for idle handlers */
    bool started;     /* hooks were called, io_poll must be */
    bool unlearned;   /* polling ended the last wait, which is to be learned
                         from at the next */
    unsigned version; /* poll_version of handlers */
    AioHandler **handlers; /* the poll set: n with io_poll */
    unsigned n;
    unsigned capacity;
} AioBusyPoll;

/* ---- Timers ---- */

typedef struct AioTimerEntry {
    int64_t expire_time_ns; /* at most what the timer says */
    uint32_t seq;           /* place among equals */
    uint32_t slot;
} AioTimerEntry;

typedef union AioTimerSlot {
    AioTimer *ts;
    unsigned next_free;
} AioTimerSlot;

typedef struct AioTimerHeap {
    AioTimerEntry *entries; /* n of them, from TIMER_HEAP_ROOT */
    unsigned *index;        /* by slot: where its entry is */
    AioTimerSlot *slots;
    unsigned n;
    unsigned capacity;
    unsigned n_slots;   /* ever used; they are 1 to n_slots */
    unsigned free_slot; /* 0: none */
} AioTimerHeap;

struct AioTimerList {
    Lock lock;
    AioClockType type;
    /* The heap's first time, INT64_MAX without; written under lock. */
    _Atomic int64_t first_ns;
    atomic_bool first_is_stale; /* that timer means a later time */
    uint32_t next_seq;          /* under lock */
    AioTimerHeap heap;          /* under lock */
    AioContext *ctx;
    atomic_uint running; /* nested timer_list_group_run() calls */
    QueueLink link;      /* all lists of the process, see clock_enable() */
};

struct AioTimerListGroup {
    atomic_uint used; /* bits of the clocks that ever had a timer */
    AioTimerList lists[AIO_CLOCK_MAX];
};

AioTimerListGroup *timer_list_group_new(AioContext *ctx);
void timer_list_group_free(AioTimerListGroup *timers); /* (nullable) */

/* ---- The context ---- */

struct AioContext {
    /* What every thread writes. */
    _Atomic(AioBH *) bh_pending; /* those that the ring has no room for,
                                    newest first; pushed by any thread,
                                    taken whole by the home thread */
    atomic_uint wake;            /* AIO_WAKE_*; any thread */
    atomic_uint ref_count;
    _Atomic(AioHandler *) deleted_handlers; /* pushed under handler_lock,
                                               taken whole by home */
    EventNotifier notifier;     /* constant; watched as own_handler */

    /* Seldom used, any thread; they fill the room up to the next line. */
    Lock source_lock;
    Lock param_lock;
    GSource *source; /* written under source_lock and handler_lock */
    _Atomic int64_t poll_max_ns; /* written under param_lock, so all below */
    _Atomic int64_t poll_grow;
    _Atomic int64_t poll_shrink;
    _Atomic int64_t poll_weight;
    _Atomic int64_t aio_max_batch;
    _Atomic int64_t thread_pool_min;
    _Atomic int64_t thread_pool_max;
    _Atomic(struct RFifoLock *) historic_lock; /* set once; NULL until used */
    int64_t thread_pool_idle_ns; /* constant, but for tests */
    uint64_t closed_check_ticks; /* constant, but for tests */
    unsigned n_forks; /* constant: of this process when it was created */
    atomic_int home_id; /* the kernel's number of the home thread; any thread
                           reads */
    _Atomic(AioBHRing *) ring; /* bottom halves, while it is not full; set once
                                  by home, bh_no_ring until then */

    /* The home thread's alone. */
    AioBH *bh_first __attribute__((aligned(AIO_CACHE_LINES)));
    AioBH **bh_last; /* where to link the next one */
    _Atomic(const void *) home; /* address of a variable of the home thread;
                                   any thread reads */
    AioCounters counters; /* any thread reads */
    const FdMonOps *fdmon; /* written under source_lock, handler_lock */
    void *fdmon_state;     /* what fdmon->open() made */
    uint64_t fdmon_thread; /* who alone may run fdmon; 0: whoever is home */
    bool fdmon_refused;    /* the monitor cannot watch some handler */
    QueueLink ready;        /* handlers with revents, in the order found */
    unsigned walking;       /* nested users of handlers */
    unsigned streak;        /* bottom halves run since the monitor looked;
                               0 when the last round ran none */
    unsigned streak_checked; /* streak when the time was last read, */
    unsigned streak_step;    /* and by how much it grows until the next */
    uint64_t streak_ticks;   /* that time */
    unsigned quick_waits;    /* in a row: it would not have slept */
    bool source_armed;      /* GSource between prepare and check */
    bool source_waits;      /* it may take some time */
    uint64_t monitor_ticks; /* when the monitor last looked */
    uint64_t closed_checked_ticks; /* when descriptors were last checked */
    AioBusyPoll busy;
    atomic_uint_fast64_t bh_reentered; /* written by home */

    /* Handlers; any thread. */
    Lock handler_lock;
    AioFdTable fd_table;           /* under handler_lock */
    AioFdChanges changes;          /* under handler_lock */
    QueueLink handlers;            /* under handler_lock */
    AioFdMonitor fd_monitor;       /* what is wanted; under handler_lock */
    atomic_bool fdmon_must_change; /* to next_fdmon */
    const FdMonOps *next_fdmon;    /* under handler_lock; NULL: none */
    void *next_fdmon_state;        /* under handler_lock */
    QueueLink poll_handlers;       /* those with io_poll; under handler_lock */
    /* Written under handler_lock. */
    atomic_uint poll_handlers_version;
    atomic_uint n_without_poll; /* handlers that have no io_poll */
    atomic_uint n_watched; /* what the monitor waits for, not counting the own
                              notifier; 0: it need not be asked */
    AioHandler own_handler;
    GPollFD source_pollfd; /* what a GSource polls of us */

    atomic_bool poll_params_changed; /* and the learned time is void */
    int64_t poll_idle_ns;            /* constant, but for tests */
    AioAttachments attachments;

    /* Made when it is first asked for, under param_lock; constant then. */
    _Atomic(AioTimerListGroup *) timers;

    AioReported reported; /* any thread that reads statistics */
};

/* It is in a line that is seldom written, as all threads read it. */
G_STATIC_ASSERT(offsetof(AioContext, ring) >= AIO_CACHE_LINE &&
                offsetof(AioContext, ring) < offsetof(AioContext, bh_first));

static inline AioBHRing *aio_bh_ring(AioContext *ctx)
{
    return atomic_load_explicit(&ctx->ring, memory_order_acquire);
}

/* Wake the loop if it sleeps, after something that it will see was stored
 * sequentially consistent. */
static inline void aio_wake_if_armed(AioContext *ctx)
{
    if (atomic_load(&ctx->wake) & AIO_WAKE_ARMED) {
        aio_notify(ctx);
    }
}

/* The same after a plain store, which it makes known first. */
static inline void aio_wake_if_armed_after_store(AioContext *ctx)
{
#ifdef __SANITIZE_THREAD__
    /* It knows of no fences. */
    if (atomic_fetch_or(&ctx->wake, 0) & AIO_WAKE_ARMED) {
        aio_notify(ctx);
    }
#else
    atomic_thread_fence(memory_order_seq_cst);
    aio_wake_if_armed(ctx);
#endif
}

/* context.c: the thread's own one, or the one that it runs */
extern __thread AioContext *aio_current_ctx
    __attribute__((tls_model("initial-exec")));

void aio_forget_current_context(void); /* in a child process */

/* fork.c */
void aio_fork_init(AioContext *ctx);
bool aio_is_inherited(AioContext *ctx); /* any thread */
void aio_assert_not_inherited(AioContext *ctx, const char *function);
G_NORETURN void aio_abort_not_home(AioContext *ctx, const char *function);
void aio_assert_home_slow(AioContext *ctx, const char *function);
void aio_close_inherited(AioContext *ctx);

/* The calling thread runs @ctx; else @function aborts and says why not. */
static inline void aio_assert_home(AioContext *ctx, const char *function)
{
    if (G_UNLIKELY(aio_current_ctx != ctx)) {
        aio_assert_home_slow(ctx, function);
    }
}

/* closed-fd.c; home thread */
void aio_closed_fds_init(AioContext *ctx);
void aio_find_closed_fds(AioContext *ctx);
void aio_find_closed_fds_sometimes(AioContext *ctx);

/* stats.c; (transfer full) */
char *aio_function_name(void *function);

/* context-lock.c */
void aio_context_lock_cleanup(AioContext *ctx);

/*
 * The monitor was told that the notifier is set.  An eventfd is not read, see
 * fdmon-epoll.c; a pipe is, as it fills up, and a write to a full one need not
 * wake anybody.
 */
static inline void aio_notifier_seen(AioContext *ctx)
{
    if (G_UNLIKELY(event_notifier_get_wfd(&ctx->notifier) !=
                   ctx->own_handler.fd)) {
        event_notifier_test_and_clear(&ctx->notifier);
    }
}

/* busy-poll.c; home thread */
bool aio_busy_poll(AioContext *ctx);
void aio_busy_poll_learn(AioContext *ctx);
bool aio_busy_poll_stop(AioContext *ctx);
bool aio_busy_poll_look(AioContext *ctx);
void aio_busy_poll_come_back(AioContext *ctx, AioHandler *node);
void aio_busy_poll_cleanup(AioContext *ctx);

/* busy-poll-time.c; home thread */
void aio_busy_poll_take_params(AioContext *ctx);
int64_t aio_busy_poll_phase_ns(AioBusyPoll *bp);
void aio_busy_poll_learn_ns(AioBusyPoll *bp, int64_t wait_ns);

/* bh.c */
void aio_bh_make_ring(AioContext *ctx); /* home thread */
int64_t aio_bh_timeout(AioContext *ctx);
bool aio_bh_take(AioContext *ctx);
int aio_run_bhs(AioContext *ctx);
void aio_bh_cleanup(AioContext *ctx);

/* bh-pool.c: oneshot bottom halves, any thread */
AioBH *aio_bh_pool_get(void);
void aio_bh_pool_put(AioBH *bh);

/* handler.c */
void aio_handlers_init(AioContext *ctx);
void aio_handlers_cleanup(AioContext *ctx);
bool aio_dispatch_ready(AioContext *ctx);
void aio_free_deleted_handlers(AioContext *ctx);

/* fdmon.c */
bool aio_fdmon_init(AioContext *ctx, Error **errp);
void aio_fdmon_cleanup(AioContext *ctx);
void aio_fdmon_sync_slow(AioContext *ctx);
void aio_fdmon_renew(AioContext *ctx);
void aio_fdmon_prepare_source(AioContext *ctx);
void aio_fdmon_fall_back(AioContext *ctx);
uint64_t aio_thread_serial(void);
extern __thread uint64_t aio_own_thread_serial
    __attribute__((tls_model("initial-exec")));

/* fdmon-poll.c: as ppoll(2), whatever RLIMIT_NOFILE is */
struct pollfd;
struct timespec;
int aio_poll_fds(struct pollfd *fds, unsigned n,
                 const struct timespec *timeout);

/* source.c */
GSource *aio_polled_source(AioContext *ctx); /* home; under handler_lock */
void aio_source_cleanup(AioContext *ctx);

/* poll.c */
int64_t aio_compute_timeout(AioContext *ctx);
int64_t aio_arm(AioContext *ctx, unsigned wake);
bool aio_disarm(AioContext *ctx); /* returns: was there an aio_notify()? */
void aio_count_wake(AioContext *ctx, bool notified);
void aio_count_start(AioContext *ctx); /* the thread calls callbacks */
void aio_dispatch_checked(AioContext *ctx); /* the counters know the time */
void aio_assert_may_run(AioContext *ctx); /* home, or no home thread yet */

/*
 * Has @check called by each aio_poll() that may block, in the calling thread.
 * It aborts where the thread must not block: in a coroutine, for which there
 * is nothing else to be called.  Any thread.
 */
typedef void AioBlockingCheck(void);
void aio_set_blocking_check(AioBlockingCheck *check);

/*
 * Around callbacks: a thread that has no context of its own has the one that
 * it runs, if that is nobody's.  True when aio_run_end() must follow.
 */
bool aio_run_begin_elsewhere(AioContext *ctx);
static inline bool aio_run_begin(AioContext *ctx)
{
    return G_LIKELY(aio_current_ctx == ctx) ? false
                                            : aio_run_begin_elsewhere(ctx);
}
void aio_run_end(void);

/*
 * Is there anything at all?  These save most rounds most calls: a round that
 * dispatches one descriptor has neither bottom halves nor timers.
 */

/* Home thread. */
static inline bool aio_has_bh(AioContext *ctx)
{
    return ctx->bh_first || bh_ring_has(aio_bh_ring(ctx)) ||
           atomic_load_explicit(&ctx->bh_pending, memory_order_acquire);
}

static inline bool aio_has_timers(AioContext *ctx)
{
    AioTimerListGroup *timers = atomic_load(&ctx->timers);

    return timers && atomic_load(&timers->used) != 0;
}

/* Home thread. */
static inline bool aio_may_busy_poll(AioContext *ctx)
{
    return ctx->busy.max_ns > 0 || ctx->busy.started ||
           atomic_load_explicit(&ctx->poll_params_changed,
                                memory_order_relaxed);
}

/* Has the last aio_busy_poll() done more than find that there is work? */
static inline bool aio_busy_poll_has_waited(AioContext *ctx)
{
    return ctx->busy.begin_ns >= 0;
}

/* Does the monitor wait for anything but aio_notify()? */
static inline bool aio_watches(AioContext *ctx)
{
    return atomic_load_explicit(&ctx->n_watched, memory_order_relaxed) > 0;
}

static inline bool aio_handler_is_deleted(const AioHandler *node)
{
    return atomic_load_explicit(&node->deleted, memory_order_relaxed);
}

/* @node was found ready, for @revents and what it was found for already. */
static inline void aio_handler_ready(AioContext *ctx, AioHandler *node,
                                     unsigned revents)
{
    node->revents |= revents;
    if (!queue_is_linked(&node->ready_link)) {
        queue_push(&ctx->ready, &node->ready_link);
    }
}

static inline bool aio_has_deleted_handlers(AioContext *ctx)
{
    return atomic_load_explicit(&ctx->deleted_handlers,
                                memory_order_relaxed) != NULL;
}

/* The monitor is the one wanted and knows all changes.  Home thread. */
static inline void aio_fdmon_sync(AioContext *ctx)
{
    if (G_UNLIKELY(
            atomic_load_explicit(&ctx->fdmon_must_change,
                                 memory_order_relaxed) ||
            (ctx->fdmon_thread &&
             ctx->fdmon_thread != aio_own_thread_serial) ||
            !fd_changes_is_empty(&ctx->changes))) {
        aio_fdmon_sync_slow(ctx);
    }
}

/* As aio_fdmon_sync(), and what it is told takes effect now. */
static inline void aio_fdmon_tell(AioContext *ctx)
{
    aio_fdmon_sync(ctx);
    if (ctx->fdmon->submit) {
        ctx->fdmon->submit(ctx);
    }
}

/* Home thread. */
static inline void aio_fdmon_wait(AioContext *ctx, int64_t timeout_ns)
{
    aio_fdmon_sync(ctx);
    ctx->fdmon->wait(ctx, timeout_ns);
}

#endif
