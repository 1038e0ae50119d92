/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory and names of one compilation.
 *
 * Everything that the compiler builds lives in one arena and goes with it, so
 * passes allocate freely and free nothing.  Every name is interned: one Name
 * a spelling, compared by address, and what a pass needs to know of a name
 * (the definition it stands for, "seen already") is a field of the Name
 * instead of an entry of a table.
 */
#ifndef QOM_QAPI_COMPILER_NAMES_INTERNAL_H
#define QOM_QAPI_COMPILER_NAMES_INTERNAL_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Arena {
    char *next;
    char *end;
    struct ArenaChunk *chunks;
} Arena;

typedef struct Name Name;
struct Name {
    const char *str; /* ends with NUL */
    uint32_t len;
    uint32_t hash;
    Name *c_name; /* see c_name_of(); NULL until asked for */

    struct IrEntity *entity; /* what the schema defines by this name */
    struct IrEntity *klass;  /* the class of this name */
    uint16_t keyword;        /* which Keyword it is, 0 for none */
    uint8_t exceptions;      /* pragma lists that it is in */
    bool is_feature;         /* some entity has this feature */

    /* "Seen": means what the pass says while @mark is the pass's epoch. */
    uint32_t mark;
    const void *marked;
};

typedef struct NameTable {
    Arena *arena;
    Name **slots;
    uint32_t n_slots; /* a power of two */
    uint32_t n_names;
    uint32_t epoch; /* the last one given out */
} NameTable;

/**
 * arena_alloc: zeroed memory that lives as long as the arena
 * @size: bytes
 *
 * Returns: aligned for pointers and 64-bit integers
 */
void *arena_alloc(Arena *arena, size_t size);
#define arena_new(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define arena_new_n(arena, type, n) \
    ((type *)arena_alloc((arena), sizeof(type) * (n)))

/* Copies of text, ended with NUL. */
char *arena_strndup(Arena *arena, const char *str, size_t len);
char *arena_printf(Arena *arena, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

/* Frees all of it. */
void arena_clear(Arena *arena);

void name_table_init(NameTable *table, Arena *arena);
void name_table_clear(NameTable *table);

/**
 * name_intern: the Name of a spelling
 * @str: not necessarily ended with NUL; copied the first time
 */
Name *name_intern(NameTable *table, const char *str, size_t len);
Name *name_of(NameTable *table, const char *str);

/**
 * c_name_of: a name as a C identifier
 * @name: any name of the schema
 *
 * What C does not allow becomes '_'; a keyword of C or C++, a macro of the
 * system's headers, a name that generated code uses itself, and a leading
 * digit get "q_" in front.
 */
Name *c_name_of(NameTable *table, Name *name);

/**
 * c_identifier: the characters of a name as C allows them, no "q_" added
 *
 * Returns: (transfer full)
 */
char *c_identifier(const char *name);

/**
 * c_upper_name: a CamelCase name in the form of a constant
 * @name: such as "QCryptoTLSCreds" or "BlockdevAioOptions"
 *
 * Returns: (transfer full) such as "QCRYPTO_TLS_CREDS", "BLOCKDEV_AIO_OPTIONS"
 */
char *c_upper_name(const char *name);

/**
 * camel_name: a lower-case-with-dashes name as CamelCase
 *
 * Returns: (transfer full) such as "EventLoopBase"
 */
char *camel_name(const char *name);

#endif
