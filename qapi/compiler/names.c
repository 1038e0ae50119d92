/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The arena is a list of zeroed chunks, of which the newest is filled from its
 * beginning to its end.  An allocation that is larger than a quarter of a chunk
 * gets a chunk of its own, so that little of a chunk is wasted.
 *
 * The name table is an open-addressing hash table with linear probing, at most
 * half full.  Names are never removed, so a Name stays valid as long as the
 * arena.  The hash has a secret key, because a schema may come from a peer.
 */
#include "qapi/compiler/names-internal.h"
#include "util/hash.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES (256 * 1024)
#define ALIGN_BYTES 8

typedef struct ArenaChunk {
    struct ArenaChunk *next;
    char data[];
} ArenaChunk;

/*
 * calloc() gets large chunks from the kernel already zeroed, so they cost
 * nothing to clear.
 */
static char *arena_add_chunk(Arena *arena, size_t size)
{
    ArenaChunk *chunk = calloc(1, sizeof(*chunk) + size);

    if (!chunk) {
        g_error("out of memory: %zu bytes", size);
    }
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    return chunk->data;
}

void *arena_alloc(Arena *arena, size_t size)
{
    char *mem;

    size = (size + ALIGN_BYTES - 1) & ~(size_t)(ALIGN_BYTES - 1);
    if (size > CHUNK_BYTES / 4) {
        return arena_add_chunk(arena, size);
    }
    if (size > (size_t)(arena->end - arena->next)) {
        arena->next = arena_add_chunk(arena, CHUNK_BYTES);
        arena->end = arena->next + CHUNK_BYTES;
    }
    mem = arena->next;
    arena->next += size;
    return mem;
}

char *arena_strndup(Arena *arena, const char *str, size_t len)
{
    char *copy = arena_alloc(arena, len + 1);

    if (len) {
        memcpy(copy, str, len);
    }
    return copy;
}

/* The text is formatted on the heap first, because its length is not known. */
char *arena_printf(Arena *arena, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    return arena_strndup(arena, text, strlen(text));
}

void arena_clear(Arena *arena)
{
    while (arena->chunks) {
        ArenaChunk *chunk = arena->chunks;

        arena->chunks = chunk->next;
        free(chunk);
    }
    arena->next = arena->end = NULL;
}

void name_table_init(NameTable *table, Arena *arena)
{
    *table = (NameTable){ .arena = arena, .n_slots = 1024 };
    table->slots = g_new0(Name *, table->n_slots);
}

void name_table_clear(NameTable *table)
{
    g_clear_pointer(&table->slots, g_free);
}

/*
 * Moves the names to a table of twice the size.  The hash is kept in the Name,
 * so no text is read.
 */
static void name_table_grow(NameTable *table)
{
    uint32_t n_slots = table->n_slots * 2;
    Name **slots = g_new0(Name *, n_slots);

    for (uint32_t i = 0; i < table->n_slots; i++) {
        Name *name = table->slots[i];
        uint32_t slot;

        if (!name) {
            continue;
        }
        slot = name->hash & (n_slots - 1);
        while (slots[slot]) {
            slot = (slot + 1) & (n_slots - 1);
        }
        slots[slot] = name;
    }
    g_free(table->slots);
    table->slots = slots;
    table->n_slots = n_slots;
}

Name *name_intern(NameTable *table, const char *str, size_t len)
{
    uint32_t hash = hash_siphash13(hash_key, str, len);
    uint32_t slot = hash & (table->n_slots - 1);
    Name *name;

    while ((name = table->slots[slot])) {
        if (name->hash == hash && name->len == len &&
            memcmp(name->str, str, len) == 0) {
            return name;
        }
        slot = (slot + 1) & (table->n_slots - 1);
    }
    name = arena_new(table->arena, Name);
    name->str = arena_strndup(table->arena, str, len);
    name->len = len;
    name->hash = hash;
    table->slots[slot] = name;
    if (++table->n_names > table->n_slots / 2) {
        name_table_grow(table);
    }
    return name;
}

Name *name_of(NameTable *table, const char *str)
{
    return name_intern(table, str, strlen(str));
}
