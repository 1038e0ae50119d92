/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory and names of one compilation.
 *
 * Everything that the compiler builds lives in one arena and is freed with it,
 * so passes free nothing.  Every name is interned: there is one Name for each
 * spelling, and names are compared by address.  What a pass needs to know about
 * a name (the definition that it belongs to, whether it was seen) is a field of
 * the Name instead of an entry of a table.
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
    Name *c_name; /* see c_name_of(); NULL until it is needed */

    struct IrEntity *entity; /* the type, command or event of this name */
    struct IrEntity *klass;  /* the class of this name */
    uint16_t keyword;        /* a Keyword; 0: none */
    uint8_t exceptions;      /* the pragma lists that contain it, as bits */
    bool is_feature;         /* it is in QapiSchema.features */

    /*
     * A pass marks names that it has seen with its epoch, a number of its own.
     * @marked is valid while @mark is that epoch; the pass decides what it
     * points to.
     */
    uint32_t mark;
    const void *marked;
};

typedef struct NameTable {
    Arena *arena;
    Name **slots;
    uint32_t n_slots; /* a power of two */
    uint32_t n_names;
    uint32_t epoch; /* the last one in use; increment it for a new one */
} NameTable;

/**
 * arena_alloc: allocates memory that lives as long as the arena
 * @size: number of bytes
 *
 * Returns: zeroed memory, aligned for pointers and 64-bit integers
 */
void *arena_alloc(Arena *arena, size_t size);
#define arena_new(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define arena_new_n(arena, type, n) \
    ((type *)arena_alloc((arena), sizeof(type) * (n)))

/* arena_strndup, arena_printf: Create a text that ends with a NUL. */
char *arena_strndup(Arena *arena, const char *str, size_t len);
char *arena_printf(Arena *arena, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

/* arena_clear: frees everything that was allocated */
void arena_clear(Arena *arena);

/* name_table_init, name_table_clear: Create an empty table; free it. */
void name_table_init(NameTable *table, Arena *arena);
void name_table_clear(NameTable *table);

/**
 * name_intern: returns the Name of a spelling, which is created at its first
 * use
 * @str: the spelling; copied
 * @len: number of bytes
 */
Name *name_intern(NameTable *table, const char *str, size_t len);

/* name_of: returns the Name of a text that ends with a NUL */
Name *name_of(NameTable *table, const char *str);

/**
 * c_name_of: returns a name as a C identifier
 * @name: any name of the schema
 *
 * A character that C does not allow becomes '_'.  The prefix "q_" is added to a
 * keyword of C or C++, to a macro of the system's headers, to a name that
 * generated code uses itself, and to a name that begins with a digit.
 */
Name *c_name_of(NameTable *table, Name *name);

/**
 * c_may_be_macro: returns true if a header of the C library or of GLib may
 * define a macro of this name
 * @constant: a constant of an enum, such as "CLOCK_REALTIME"
 */
bool c_may_be_macro(const char *constant);

/**
 * c_is_taken_prefix: returns true if headers that generated code includes
 * define constants that begin with it
 * @prefix: of the constants of an enum, such as "JSON_NODE"
 */
bool c_is_taken_prefix(const char *prefix);

/**
 * c_identifier: replaces the characters that C does not allow by '_'
 *
 * Returns: (transfer full) the text, without the prefix "q_"
 */
char *c_identifier(const char *name);

/**
 * c_upper_name: converts a CamelCase name to the form of a constant
 * @name: a name such as "QCryptoTLSCreds" or "BlockdevAioOptions"
 *
 * Returns: (transfer full) "QCRYPTO_TLS_CREDS", "BLOCKDEV_AIO_OPTIONS"
 */
char *c_upper_name(const char *name);

/**
 * camel_name: converts a name such as "event-loop-base" to CamelCase
 *
 * Returns: (transfer full) "EventLoopBase"
 */
char *camel_name(const char *name);

#endif
