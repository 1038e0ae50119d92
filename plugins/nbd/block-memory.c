/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A drive in memory.
 *
 * - The drive is divided into pieces of 2 MiB, each of which is a mapping of
 *   its own once something is written to it.
 * - A piece knows which of its pages hold data.  A page without data has no
 *   memory: the kernel provides it at the first write, and discarding the page
 *   returns it.
 * - The mutex of a piece guards its pages, so loops that use different pieces
 *   do not wait for each other.
 */
#include "block-class.h"
#include "block-iov-internal.h"
#include "block-memory-tree-internal.h"

#include "qapi-types-block.h"

#include <errno.h>
#include <sys/mman.h>

#define TYPE_BLOCK_MEMORY "block-memory"
OBJECT_DECLARE_SIMPLE_TYPE(BlockMemory, BLOCK_MEMORY)

/* A request that uses more pieces lets other requests run in between. */
#define PIECES_AT_ONCE 4

struct BlockMemory {
    BlockBackend parent_obj;

    uint64_t size;      /* bytes */
    uint64_t allocated; /* bytes; as of the last read */

    PieceTree pieces;
    _Atomic uint64_t n_pages; /* that hold data */
};

#define QAPI_CLASS_BLOCK_MEMORY
#include "qapi-classes-block.h"

OBJECT_DEFINE_SIMPLE_TYPE(BlockMemory, block_memory, BLOCK_MEMORY,
                          BLOCK_BACKEND)

/* ---- Pages.  The piece is locked. ---- */

static bool page_has_data(const Piece *piece, unsigned page)
{
    return piece->has_data[page / WORD_BITS] >> (page % WORD_BITS) & 1;
}

/* Returns: the first page after @page with another state; at most @end */
static unsigned page_skip(const Piece *piece, unsigned page, unsigned end)
{
    bool has_data = page_has_data(piece, page);

    do {
        page++;
    } while (page < end && page_has_data(piece, page) == has_data);
    return page;
}

static void page_set(BlockMemory *memory, Piece *piece, unsigned page)
{
    if (!page_has_data(piece, page)) {
        piece->has_data[page / WORD_BITS] |= UINT64_C(1) << (page % WORD_BITS);
        atomic_fetch_add(&memory->n_pages, 1);
    }
}

static void page_clear(BlockMemory *memory, Piece *piece, unsigned page)
{
    if (page_has_data(piece, page)) {
        piece->has_data[page / WORD_BITS] &=
            ~(UINT64_C(1) << (page % WORD_BITS));
        atomic_fetch_sub(&memory->n_pages, 1);
    }
}

/* ---- Operations on a range of one piece, which is not empty ---- */

typedef struct Range {
    unsigned start; /* bytes */
    unsigned end;
} Range;

static void piece_read(Piece *piece, Range range, IovCursor *cursor)
{
    unsigned last = (range.end - 1) / PAGE_BYTES;

    while (range.start < range.end) {
        unsigned page = range.start / PAGE_BYTES;
        unsigned next = MIN(page_skip(piece, page, last + 1) * PAGE_BYTES,
                            range.end);

        iov_write(cursor,
                  page_has_data(piece, page) ? piece->data + range.start : NULL,
                  next - range.start);
        range.start = next;
    }
}

/* Writes the data at @cursor, or zeroes if it is NULL. */
static void piece_write(BlockMemory *memory, Piece *piece, Range range,
                        IovCursor *cursor)
{
    unsigned size = range.end - range.start;

    if (cursor) {
        iov_read(cursor, piece->data + range.start, size);
    } else {
        memset(piece->data + range.start, 0, size);
    }
    for (unsigned page = range.start / PAGE_BYTES;
         page <= (range.end - 1) / PAGE_BYTES; page++) {
        page_set(memory, piece, page);
    }
}

/* Zeroes the part of a page that has data. */
static void piece_zero_part(Piece *piece, unsigned start, unsigned end)
{
    if (start < end && page_has_data(piece, start / PAGE_BYTES)) {
        memset(piece->data + start, 0, end - start);
    }
}

/* Zeroes a range and releases the pages that lie in it as a whole. */
static void piece_discard(BlockMemory *memory, Piece *piece, Range range)
{
    unsigned first = (range.start + PAGE_BYTES - 1) / PAGE_BYTES;
    unsigned end = range.end / PAGE_BYTES;

    if (first > end) { /* inside of one page */
        piece_zero_part(piece, range.start, range.end);
        return;
    }
    piece_zero_part(piece, range.start, first * PAGE_BYTES);
    piece_zero_part(piece, end * PAGE_BYTES, range.end);
    if (first < end) {
        madvise(piece->data + first * PAGE_BYTES, (end - first) * PAGE_BYTES,
                MADV_DONTNEED);
    }
    for (unsigned page = first; page < end; page++) {
        page_clear(memory, piece, page);
    }
}

/* Returns: the number of extents after those of the range */
static unsigned piece_status(Piece *piece, Range range,
                             const BlockRequest *req, unsigned n)
{
    unsigned last = (range.end - 1) / PAGE_BYTES;

    while (range.start < range.end && n <= req->max_extents) {
        unsigned page = range.start / PAGE_BYTES;
        unsigned next = MIN(page_skip(piece, page, last + 1) * PAGE_BYTES,
                            range.end);

        n = block_extent_add(req, n, next - range.start,
                             page_has_data(piece, page)
                                 ? 0 : BLOCK_EXTENT_HOLE | BLOCK_EXTENT_ZERO);
        range.start = next;
    }
    return n;
}

/* ---- Requests ---- */

static bool needs_memory(const BlockRequest *req)
{
    return req->op == BLOCK_OP_WRITE ||
           (req->op == BLOCK_OP_WRITE_ZEROES && (req->flags & BLOCK_NO_HOLE));
}

static bool releases_memory(const BlockRequest *req)
{
    return req->op == BLOCK_OP_DISCARD ||
           (req->op == BLOCK_OP_WRITE_ZEROES && !(req->flags & BLOCK_NO_HOLE));
}

/* Returns: the number of extents so far */
static unsigned piece_run(BlockMemory *memory, Piece *piece, Range range,
                          const BlockRequest *req, IovCursor *cursor,
                          unsigned n_extents)
{
    g_mutex_lock(&piece->lock);
    if (req->op == BLOCK_OP_READ) {
        piece_read(piece, range, cursor);
    } else if (req->op == BLOCK_OP_STATUS) {
        n_extents = piece_status(piece, range, req, n_extents);
    } else if (needs_memory(req)) {
        piece_write(memory, piece, range,
                    req->op == BLOCK_OP_WRITE ? cursor : NULL);
    } else if (releases_memory(req)) {
        piece_discard(memory, piece, range);
    }
    g_mutex_unlock(&piece->lock);
    return n_extents;
}

/* As piece_run(), for a piece to which nothing was written. */
static unsigned nothing_run(const BlockRequest *req, size_t size,
                            IovCursor *cursor, unsigned n_extents)
{
    if (req->op == BLOCK_OP_READ) {
        iov_write(cursor, NULL, size);
    } else if (req->op == BLOCK_OP_STATUS) {
        n_extents = block_extent_add(req, n_extents, size,
                                     BLOCK_EXTENT_HOLE | BLOCK_EXTENT_ZERO);
    }
    return n_extents;
}

/* Lets other work of the loop run. */
static void coroutine_fn give_way(BlockChannel *channel)
{
    aio_co_schedule(channel->ctx, coroutine_self());
    coroutine_yield();
}

static int coroutine_fn block_memory_co_request(BlockChannel *channel,
                                                const BlockRequest *req)
{
    BlockMemory *memory = BLOCK_MEMORY(channel->drive);
    IovCursor cursor = { req->iov, 0 };
    uint64_t offset = req->offset_bytes;
    uint64_t end = offset + req->size_bytes;
    unsigned n_extents = 0;

    /* Nothing of the last page remains if it ends with the drive. */
    if (end == memory->size && releases_memory(req)) {
        end = (end + PAGE_BYTES - 1) & ~(uint64_t)(PAGE_BYTES - 1);
    }
    for (unsigned n = 1; offset < end && n_extents <= req->max_extents; n++) {
        uint64_t start = offset % PIECE_BYTES;
        uint64_t size = MIN(end - offset, PIECE_BYTES - start);
        uint64_t n_missing = 0;
        Piece *piece = piece_tree_get(&memory->pieces, offset >> PIECE_BITS,
                                      needs_memory(req), &n_missing);

        if (piece) {
            n_extents = piece_run(memory, piece,
                                  (Range) { start, start + size }, req,
                                  &cursor, n_extents);
        } else if (needs_memory(req)) {
            return -ENOMEM;
        } else {
            size = MIN(end - offset, (n_missing << PIECE_BITS) - start);
            n_extents = nothing_run(req, size, &cursor, n_extents);
        }
        offset += size;
        if (n % PIECES_AT_ONCE == 0 && offset < end) {
            give_way(channel);
        }
    }
    return MIN(n_extents, req->max_extents);
}

/* ---- The class ---- */

static bool block_memory_open(BlockBackend *drive, Error **errp)
{
    BlockMemory *memory = BLOCK_MEMORY(drive);

    piece_tree_init(&memory->pieces, memory->size);
    drive->info.size_bytes = memory->size;
    atomic_store(&drive->may_have_holes, true);
    return true;
}

static void (*parent_refresh)(Object *obj, const PropertyRow *row);

static void block_memory_refresh(Object *obj, const PropertyRow *row)
{
    BlockMemory *memory = BLOCK_MEMORY(obj);

    memory->allocated = atomic_load(&memory->n_pages) * PAGE_BYTES;
    parent_refresh(obj, row);
}

static void block_memory_init(Object *obj)
{
}

static void block_memory_finalize(Object *obj)
{
    piece_tree_clear(&BLOCK_MEMORY(obj)->pieces);
}

static void block_memory_class_init(ObjectClass *klass, const void *data)
{
    BlockBackendClass *bc = BLOCK_BACKEND_CLASS(klass);

    bc->can_fua = true;
    bc->open = block_memory_open;
    bc->co_request = block_memory_co_request;
    parent_refresh = klass->property_refresh;
    klass->property_refresh = block_memory_refresh;
    object_class_add_properties(klass, block_memory_properties);
}
