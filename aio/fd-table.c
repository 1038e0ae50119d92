/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The table of slots.
 *
 * It grows under handlers.lock while the home thread reads it without a lock:
 * a larger array of pages replaces the old one, which is kept until the table
 * is freed, because the home thread may still be reading it.  Each array is at
 * least twice as large as the one before, so all old ones together are no
 * larger than the last.  Pages never move.
 */
#include "aio/fd-table-internal.h"

static AioFdPages *fd_pages_grow(AioFdPages *old, unsigned n)
{
    AioFdPages *pages = g_malloc0(sizeof(*pages) +
                                  n * sizeof(pages->page[0]));

    pages->old = old;
    pages->n = n;
    for (unsigned i = 0; old && i < old->n; i++) {
        atomic_init(&pages->page[i], atomic_load(&old->page[i]));
    }
    return pages;
}

static AioFdSlot *fd_page_new(int first_fd)
{
    AioFdSlot *page = g_aligned_alloc0(AIO_FD_PAGE, sizeof(*page),
                                       AIO_CACHE_LINES);

    for (int i = 0; i < AIO_FD_PAGE; i++) {
        page[i].fd = first_fd + i;
    }
    return page;
}

AioFdSlot *fd_table_get(AioFdTable *table, int fd)
{
    AioFdPages *pages = atomic_load(&table->pages);
    unsigned i = (unsigned)fd / AIO_FD_PAGE;

    if (!pages || i >= pages->n) {
        pages = fd_pages_grow(pages, MAX(i + 1, pages ? pages->n * 2 : 0));
        atomic_store(&table->pages, pages);
    }
    if (!atomic_load(&pages->page[i])) {
        atomic_store(&pages->page[i], fd_page_new(fd - fd % AIO_FD_PAGE));
    }
    return fd_table_find(table, fd);
}

void fd_table_foreach(AioFdTable *table,
                      void (*visit)(AioFdSlot *slot, void *opaque),
                      void *opaque)
{
    AioFdPages *pages = atomic_load(&table->pages);

    for (unsigned i = 0; pages && i < pages->n; i++) {
        AioFdSlot *page = atomic_load(&pages->page[i]);

        for (unsigned k = 0; page && k < AIO_FD_PAGE; k++) {
            visit(&page[k], opaque);
        }
    }
}

/* No other thread uses the table any longer. */
void fd_table_cleanup(AioFdTable *table)
{
    AioFdPages *pages = atomic_load(&table->pages);

    for (unsigned i = 0; pages && i < pages->n; i++) {
        g_aligned_free(atomic_load(&pages->page[i]));
    }
    while (pages) {
        AioFdPages *old = pages->old;

        g_free(pages);
        pages = old;
    }
    atomic_store(&table->pages, NULL);
}

/*
 * A slot is on the list once, however often its handler changes.  The release
 * order publishes the slot to fd_changes_is_empty(), which takes no lock.
 */
void fd_changes_add(AioFdChanges *changes, AioFdSlot *slot)
{
    if (slot->is_changed) {
        return;
    }
    slot->is_changed = true;
    slot->next_changed = NULL;
    if (fd_changes_is_empty(changes)) {
        atomic_store_explicit(&changes->first, slot, memory_order_release);
    } else {
        changes->last->next_changed = slot;
    }
    changes->last = slot;
}

AioFdSlot *fd_changes_pop(AioFdChanges *changes)
{
    AioFdSlot *slot = atomic_load_explicit(&changes->first,
                                           memory_order_relaxed);

    if (slot) {
        atomic_store_explicit(&changes->first, slot->next_changed,
                              memory_order_release);
        slot->is_changed = false;
    }
    return slot;
}
