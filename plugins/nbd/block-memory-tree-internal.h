/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PieceTree: the pieces of a drive in memory, by number.
 *
 * Thread: any, for all functions; pieces are added while others are looked up
 */
#ifndef BLOCK_MEMORY_TREE_INTERNAL_H
#define BLOCK_MEMORY_TREE_INTERNAL_H

#include "util/atomic.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define PAGE_BITS 12
#define PAGE_BYTES (1 << PAGE_BITS)
#define PIECE_BITS 21
#define PIECE_BYTES (1 << PIECE_BITS)
#define PIECE_PAGES (PIECE_BYTES / PAGE_BYTES)
#define WORD_BITS 64

typedef struct Piece {
    GMutex lock;
    char *data;                               /* PIECE_BYTES */
    uint64_t has_data[PIECE_PAGES / WORD_BITS]; /* a bit for each page */
} Piece;

/* Zero bytes are a tree of one piece. */
typedef struct PieceTree {
    int height;         /* 0: the root is a piece */
    void *_Atomic root; /* (nullable) Table or Piece */
} PieceTree;

/* piece_tree_init: makes an empty tree for a drive of @size_bytes, > 0 */
void piece_tree_init(PieceTree *tree, uint64_t size_bytes);

/* piece_tree_clear: frees all pieces; no other thread uses the tree */
void piece_tree_clear(PieceTree *tree);

/*
 * piece_tree_get: looks a piece up
 * @create: true to create it if it is missing
 * @n_missing: (out) set if there is no piece: how many, from this one on, are
 *             known to be missing
 *
 * Returns: (nullable) the piece, which stays until piece_tree_clear(); NULL if
 *          it is missing or cannot be created
 */
Piece *piece_tree_get(PieceTree *tree, uint64_t index, bool create,
                      uint64_t *n_missing);

#endif
