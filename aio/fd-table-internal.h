/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is known of each file descriptor, and which of them have changed.
 *
 * A slot belongs to a number, not to what is open there.  It is made when the
 * number is first watched and stays where it is until the table's end, so
 * the home thread finds slots without a lock, and what the kernel tells can be
 * compared with what it was asked.
 */
#ifndef QOM_AIO_FD_TABLE_INTERNAL_H
#define QOM_AIO_FD_TABLE_INTERNAL_H

#include "util/macros.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct AioHandler AioHandler;
typedef struct AioFdSlot AioFdSlot;

struct AioFdSlot {
    /* Under handler_lock. */
    AioHandler *node;        /* the handler, NULL: none */
    AioFdSlot *next_changed; /* changes */
    bool is_changed;
    bool is_in_source; /* monitor poll: gpollfd is */

    /* The home thread's: what its monitor does for this number. */
    bool is_listed;      /* in a list of the monitor */
    uint8_t trust;       /* monitor io_uring, see there */
    uint32_t generation; /* tells registrations of the number apart */
    unsigned known;      /* events that the kernel watches, 0: none */
    int fd;              /* constant */
    GPollFD gpollfd;     /* monitor poll with a GSource */
    AioHandler *watched; /* whose events these are, NULL: nobody's */
    AioFdSlot *next_listed;
};

/* Pages of AIO_FD_PAGE slots, made when first needed. */
#define AIO_FD_PAGE 64

typedef struct AioFdPages {
    struct AioFdPages *old; /* smaller, some thread may still look at it */
    unsigned n;
    _Atomic(AioFdSlot *) page[];
} AioFdPages;

typedef struct AioFdTable {
    _Atomic(AioFdPages *) pages; /* written under handler_lock */
} AioFdTable;

/* Numbers whose handler is not what the monitor was told, in order. */
typedef struct AioFdChanges {
    _Atomic(AioFdSlot *) first; /* written under handler_lock */
    AioFdSlot *last;            /* under handler_lock */
} AioFdChanges;

/*
 * The slot of a number, NULL when it never had one.  Under handler_lock, or
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

/* The slot of a number >= 0, made if need be.  Under handler_lock. */
AioFdSlot *fd_table_get(AioFdTable *table, int fd);

/* Call @visit for all slots.  Under handler_lock. */
void fd_table_foreach(AioFdTable *table,
                      void (*visit)(AioFdSlot *slot, void *opaque),
                      void *opaque);

void fd_table_cleanup(AioFdTable *table);

/* Under handler_lock. */
void fd_changes_add(AioFdChanges *changes, AioFdSlot *slot);
AioFdSlot *fd_changes_pop(AioFdChanges *changes);

/* Any thread; what the home thread's own calls have added it sees. */
static inline bool fd_changes_is_empty(AioFdChanges *changes)
{
    return !atomic_load_explicit(&changes->first, memory_order_acquire);
}

#endif
