/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The pieces of a drive in memory.
 *
 * They are found through a tree of tables with 512 entries each.  Its height
 * depends on the size of the drive.  Tables and pieces are added with an atomic
 * exchange and stay until the drive is freed, so that looking one up needs no
 * lock.
 */
#include "block-memory-tree-internal.h"

#include <sys/mman.h>

#define TABLE_BITS 9
#define TABLE_ENTRIES (1 << TABLE_BITS)

typedef struct Table {
    void *_Atomic entries[TABLE_ENTRIES]; /* (nullable) Table or Piece */
} Table;

/* Returns: (transfer full) (nullable) NULL without memory */
static Piece *piece_new(void)
{
    Piece *piece = g_try_new0(Piece, 1);

    if (!piece) {
        return NULL;
    }
    piece->data = mmap(NULL, PIECE_BYTES, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (piece->data == MAP_FAILED) {
        g_free(piece);
        return NULL;
    }
    /* A huge page would be memory for 511 pages that were not written. */
    madvise(piece->data, PIECE_BYTES, MADV_NOHUGEPAGE);
    g_mutex_init(&piece->lock);
    return piece;
}

static void piece_free(Piece *piece)
{
    munmap(piece->data, PIECE_BYTES);
    g_mutex_clear(&piece->lock);
    g_free(piece);
}

/* Frees a table, or a piece if @height is 0, and all that is below. */
static void node_free(void *node, int height)
{
    Table *table = node;

    if (!node) {
        return;
    }
    if (height == 0) {
        piece_free(node);
        return;
    }
    for (int i = 0; i < TABLE_ENTRIES; i++) {
        node_free(table->entries[i], height - 1);
    }
    g_free(table);
}

/* Returns: (nullable) the node of @link, which is created if it is missing;
 * NULL without memory */
static void *node_create(void *_Atomic *link, int height)
{
    void *node = height == 0 ? (void *)piece_new()
                             : (void *)g_try_new0(Table, 1);
    void *expected = NULL;

    if (node && !atomic_compare_exchange_strong(link, &expected, node)) {
        node_free(node, height); /* another thread was faster */
        return expected;
    }
    return node;
}

Piece *piece_tree_get(PieceTree *tree, uint64_t index, bool create,
                      uint64_t *n_missing)
{
    void *_Atomic *link = &tree->root;
    int height = tree->height;

    while (1) {
        void *node = atomic_load_explicit(link, memory_order_acquire);

        if (!node && create) {
            node = node_create(link, height);
        }
        if (!node) {
            uint64_t n_below = UINT64_C(1) << (height * TABLE_BITS);

            *n_missing = n_below - index % n_below;
            return NULL;
        }
        if (height == 0) {
            return node;
        }
        height--;
        link = &((Table *)node)->entries[(index >> (height * TABLE_BITS)) %
                                         TABLE_ENTRIES];
    }
}

void piece_tree_init(PieceTree *tree, uint64_t size_bytes)
{
    uint64_t last_piece = (size_bytes - 1) >> PIECE_BITS;

    while (last_piece > 0) {
        tree->height++;
        last_piece >>= TABLE_BITS;
    }
}

void piece_tree_clear(PieceTree *tree)
{
    node_free(tree->root, tree->height);
}
