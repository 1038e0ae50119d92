/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is known of each file descriptor, its handler, and which of them have
 * changed.
 *
 * A slot belongs to a number, not to what is open there.  It is made when the
 * number is first watched and stays where it is until the table's end, so
 * the home thread finds slots without a lock, and what the kernel tells can be
 * compared with what it was asked.
 */
#ifndef QOM_AIO_FD_TABLE_INTERNAL_H
#define QOM_AIO_FD_TABLE_INTERNAL_H

#include "aio/aio.h"
#include "aio/cache-line-internal.h"
#include "util/queue.h"

#include <stdatomic.h>
#include <stdint.h>

typedef struct AioHandler AioHandler;
typedef struct AioFdSlot AioFdSlot;

/*
 * One descriptor's callbacks.  They never change: another set is another
 * handler.  The home thread reads them without a lock, as it alone frees
 * handlers, and only outside of any walk.
 */
struct AioHandler {
    /* What an event touches, on a line of its own. */
    IOHandler *io_read;
    IOHandler *io_write;
    void *opaque;
    QueueLink ready_link; /* ready; home thread */
    int fd;
    unsigned events;  /* what to poll for, POLLIN and so on */
    unsigned revents; /* what was found; home thread */
    atomic_bool deleted;
    bool is_own_notifier;
    bool is_notifier;  /* the callbacks are of type EventNotifierHandler */
    bool poll_ready;   /* io_poll said yes; home thread, so all of these */
    bool poll_started; /* after io_poll_begin, before io_poll_end */
    bool poll_running; /* its io_poll_ready is being called */
    bool is_closed;    /* its descriptor, while it was watched */
    bool poll_is_idle;    /* idle, and not in the poll set until an event */

    AioPollFn *io_poll __attribute__((aligned(AIO_CACHE_LINE)));
    IOHandler *io_poll_ready;
    _Atomic(IOHandler *) io_poll_begin; /* written by any thread */
    _Atomic(IOHandler *) io_poll_end;   /* written by any thread */
    int64_t poll_idle_ns; /* since when io_poll says no, 0: not known; home */
    QueueLink link;            /* handlers; under handlers.lock */
    QueueLink poll_link;       /* poll_handlers; under handlers.lock */
    AioHandler *deleted_next;  /* deleted_handlers */
};

/* Bytes of each slot that the monitor in use has for its own data. */
#define AIO_FD_MONITOR_DATA 32

struct AioFdSlot {
    /* Under handlers.lock. */
    AioHandler *node;        /* the handler, NULL: none */
    AioFdSlot *next_changed; /* changes */
    bool is_changed;
    atomic_bool inline_handler_used; /* cleared by the home thread, unlocked */

    /* The home thread's. */
    int fd;              /* constant */
    AioHandler *watched; /* whose events these are, NULL: nobody's */

    /*
     * A struct that the monitor in use defines in its own file, zeroed when
     * that monitor is installed.
     */
    char monitor_data[AIO_FD_MONITOR_DATA]
        __attribute__((aligned(sizeof(void *))));

    /*
     * Room for a handler: on the next cache line, so that a processor can
     * fetch both at a time.
     */
    AioHandler inline_handler;
};
G_STATIC_ASSERT(sizeof(AioFdSlot) ==
                AIO_CACHE_LINE + sizeof(AioHandler));

/* Pages of AIO_FD_PAGE slots, made when first needed. */
#define AIO_FD_PAGE 16

typedef struct AioFdPages {
    struct AioFdPages *old; /* smaller, some thread may still look at it */
    unsigned n;
    _Atomic(AioFdSlot *) page[];
} AioFdPages;

typedef struct AioFdTable {
    _Atomic(AioFdPages *) pages; /* written under handlers.lock */
} AioFdTable;

/* Numbers whose handler is not what the monitor was told, in order. */
typedef struct AioFdChanges {
    _Atomic(AioFdSlot *) first; /* written under handlers.lock */
    AioFdSlot *last;            /* under handlers.lock */
} AioFdChanges;

/*
 * The slot of a number, NULL when it never had one.  Under handlers.lock, or
 * in the home thread for a number that it has seen in the table.
 */
static inline AioFdSlot *fd_table_find(AioFdTable *table, int fd)
{
    AioFdPages *pages = atomic_load_explicit(&table->pages,
                                             memory_order_acquire);
    unsigned i = (unsigned)fd / AIO_FD_PAGE;
    AioFdSlot *page;

    if (!pages || i >= pages->n) {
        return NULL;
    }
    page = atomic_load_explicit(&pages->page[i], memory_order_acquire);
    return page ? &page[(unsigned)fd % AIO_FD_PAGE] : NULL;
}

/* As fd_table_find(), for an event of that number.  Home thread. */
static inline AioFdSlot *fd_table_find_ready(AioFdTable *table, int fd)
{
    AioFdSlot *slot = fd_table_find(table, fd);

    __builtin_prefetch(&slot->inline_handler);
    return slot;
}

/* The slot of a number >= 0, made if need be.  Under handlers.lock. */
AioFdSlot *fd_table_get(AioFdTable *table, int fd);

/* Call @visit for all slots.  Under handlers.lock. */
void fd_table_foreach(AioFdTable *table,
                      void (*visit)(AioFdSlot *slot, void *opaque),
                      void *opaque);

void fd_table_cleanup(AioFdTable *table);

/* Under handlers.lock. */
void fd_changes_add(AioFdChanges *changes, AioFdSlot *slot);
AioFdSlot *fd_changes_pop(AioFdChanges *changes);

/* Any thread; what the home thread's own calls have added it sees. */
static inline bool fd_changes_is_empty(AioFdChanges *changes)
{
    return !atomic_load_explicit(&changes->first, memory_order_acquire);
}

#endif
