/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The table of file descriptors: their handlers, and which of them changed.
 *
 * - A *slot* belongs to a file descriptor, not to the file that is open there.
 *   It is created when the file descriptor first gets a handler, and never
 *   moves.  So the home thread finds slots without a lock, and an event of the
 *   kernel can be compared with what was registered.
 * - A *handler* is the set of callbacks of a file descriptor.  A slot contains
 *   memory for one.
 * - The *list of changes* contains slots whose handler is not the one that the
 *   monitor watches.
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
 * The callbacks of one file descriptor.  They never change: setting others
 * creates another handler.  The home thread reads them without a lock, because
 * it alone frees handlers, and only while no iteration uses them.
 */
struct AioHandler {
    /* What an event touches, on a cache line of its own. */
    IOHandler *io_read;
    IOHandler *io_write;
    void *opaque;
    QueueLink ready_link; /* in the ready list; home thread */
    int fd;
    unsigned events;  /* what to watch for: POLLIN and so on */
    unsigned revents; /* what the monitor found; home thread */
    atomic_bool deleted;
    bool is_own_notifier;
    bool is_notifier;  /* the callbacks are of type EventNotifierHandler */
    /* From here on: home thread. */
    bool poll_ready;   /* io_poll returned true */
    bool poll_started; /* after io_poll_begin, before io_poll_end */
    bool poll_running; /* during io_poll_ready */
    bool is_closed;    /* the file descriptor was closed while watched */
    bool poll_is_idle;    /* idle, and not in the poll set until an event */

    AioPollFn *io_poll __attribute__((aligned(AIO_CACHE_LINE)));
    IOHandler *io_poll_ready;
    _Atomic(IOHandler *) io_poll_begin; /* written by any thread */
    _Atomic(IOHandler *) io_poll_end;   /* written by any thread */
    int64_t poll_idle_ns; /* when io_poll began to return false; 0: unknown.
                             Home thread */
    QueueLink link;           /* in handlers.all; under handlers.lock */
    QueueLink poll_link;      /* in handlers.polled; under handlers.lock */
    AioHandler *deleted_next; /* in handlers.deleted */
};

/* Bytes of each slot that the monitor in use has for its own data. */
#define AIO_FD_MONITOR_DATA 32

struct AioFdSlot {
    /* Under handlers.lock. */
    AioHandler *node;        /* the handler; NULL: none */
    AioFdSlot *next_changed; /* in the list of changes */
    bool is_changed;         /* it is in that list */
    atomic_bool inline_handler_used; /* cleared by the home thread, unlocked */

    int fd; /* constant */

    /* Used only by the home thread. */
    AioHandler *watched; /* the handler that the monitor watches; NULL: none */

    /*
     * A struct that the monitor in use defines in its own file, zeroed when
     * that monitor is installed.
     */
    char monitor_data[AIO_FD_MONITOR_DATA]
        __attribute__((aligned(sizeof(void *))));

    /*
     * Memory for a handler.  It begins on the next cache line, because
     * processors fetch two neighbouring lines together.
     */
    AioHandler inline_handler;
};
G_STATIC_ASSERT(sizeof(AioFdSlot) ==
                AIO_CACHE_LINE + sizeof(AioHandler));

/* Slots in a page; a page is allocated when one of its slots is needed. */
#define AIO_FD_PAGE 16

typedef struct AioFdPages {
    struct AioFdPages *old; /* smaller; the home thread may be reading it */
    unsigned n;             /* number of pages, some of them NULL */
    _Atomic(AioFdSlot *) page[];
} AioFdPages;

typedef struct AioFdTable {
    _Atomic(AioFdPages *) pages; /* written under handlers.lock */
} AioFdTable;

/* Slots whose node is not what the monitor watches, oldest change first. */
typedef struct AioFdChanges {
    _Atomic(AioFdSlot *) first; /* written under handlers.lock */
    AioFdSlot *last;            /* under handlers.lock */
} AioFdChanges;

/*
 * Finds the slot of @fd.  Under handlers.lock; or in the home thread, for a
 * file descriptor whose slot it has seen before.
 *
 * Returns: (nullable) the slot; NULL if @fd never had a handler
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

/*
 * fd_table_find() for an event of @fd, whose handler is needed next.  Home
 * thread.
 *
 * Returns: the slot, never NULL
 */
static inline AioFdSlot *fd_table_find_ready(AioFdTable *table, int fd)
{
    AioFdSlot *slot = fd_table_find(table, fd);

    __builtin_prefetch(&slot->inline_handler);
    return slot;
}

/*
 * Finds or creates the slot of @fd, >= 0.  Under handlers.lock.
 *
 * Returns: the slot, which exists until fd_table_cleanup()
 */
AioFdSlot *fd_table_get(AioFdTable *table, int fd);

/* Calls @visit for every slot.  Under handlers.lock, or home thread. */
void fd_table_foreach(AioFdTable *table,
                      void (*visit)(AioFdSlot *slot, void *opaque),
                      void *opaque);

void fd_table_cleanup(AioFdTable *table);

/*
 * Adds a slot to the list of changes, and removes the first one (NULL if the
 * list is empty).  Under handlers.lock.
 */
void fd_changes_add(AioFdChanges *changes, AioFdSlot *slot);
AioFdSlot *fd_changes_pop(AioFdChanges *changes);

/* Returns true if no change is known to the calling thread.  Any thread. */
static inline bool fd_changes_is_empty(AioFdChanges *changes)
{
    return !atomic_load_explicit(&changes->first, memory_order_acquire);
}

#endif
