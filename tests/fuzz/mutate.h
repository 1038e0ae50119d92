/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mutators: they change an input of a fuzz target according to its grammar, so
 * that the reader usually accepts the result and the code after it is tested.
 * About one change in ten breaks the grammar on purpose.
 *
 * Mutators edit text in place.  They find tokens by their own rules, which
 * accept any text, and not by the readers that are tested.  The result depends
 * only on the text and the seed.
 *
 * Each target names its mutators in `fuzz_mutator`. fuzz-mutator.c passes them
 * to libFuzzer, and to fuzz-main.c, which runs some mutated inputs in every
 * build.
 *
 * Thread: caller's
 */
#ifndef QOM_TESTS_MUTATE_H
#define QOM_TESTS_MUTATE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- Chance ---- */

typedef struct MutateRandom {
    uint64_t state;
} MutateRandom;

/* mutate_random_init: begin a sequence of random numbers */
void mutate_random_init(MutateRandom *r, uint64_t seed);

/* mutate_below: 0 to @n - 1; 0 if @n is 0 */
size_t mutate_below(MutateRandom *r, size_t n);

/* mutate_chance: true once in @n */
bool mutate_chance(MutateRandom *r, size_t n);

/* One element of an array. */
#define MUTATE_PICK(r, array) \
    ((array)[mutate_below((r), G_N_ELEMENTS(array))])

/* ---- Mutators ---- */

/* Words of a grammar, each list ending with NULL; without quotes. */
typedef struct MutateWords {
    const char *const *keys;   /* names of members */
    const char *const *values; /* strings */
} MutateWords;

typedef struct FuzzMutator {
    void (*mutate)(GString *text, MutateRandom *r);
    /* (nullable) Take a part of @other into @text. */
    void (*cross)(GString *text, const GString *other, MutateRandom *r);
} FuzzMutator;

/* mutate_splice: put @n bytes of @with in place of @len bytes at @at */
void mutate_splice(GString *text, size_t at, size_t len, const char *with,
                   size_t n);

/* mutate_bytes: change, insert, delete or copy bytes, of no grammar */
void mutate_bytes(GString *text, MutateRandom *r);

/*
 * mutate_bits: flip a bit, or put a limit of numbers in the place of a field of
 * 2, 4 or 8 bytes, as binary formats have them; now and then mutate_bytes()
 */
void mutate_bits(GString *text, MutateRandom *r);

/**
 * mutate_json: change one place in a text of JSON values
 * @words: to be used beside those that are in the text
 *
 * Comments and strings in single quotes are known, too.
 */
void mutate_json(GString *text, MutateRandom *r, const MutateWords *words);

/* mutate_json_comment: put a comment between two tokens */
void mutate_json_comment(GString *text, MutateRandom *r);

/* mutate_json_cross: put a value of @other in a place of @text, or behind */
void mutate_json_cross(GString *text, const GString *other, MutateRandom *r);

/* mutate_json_scalar: append an interesting scalar */
void mutate_json_scalar(GString *out, MutateRandom *r,
                        const MutateWords *words);

/* mutate_keyval: change one place in "KEY=VALUE,..." */
void mutate_keyval(GString *text, MutateRandom *r);

/* mutate_keyval_cross: add parameters of another text */
void mutate_keyval_cross(GString *text, const GString *other,
                         MutateRandom *r);

/* mutate_scalar_text: change a number, a list of ranges, or a word */
void mutate_scalar_text(GString *text, MutateRandom *r);

/**
 * mutate_requests: change a session of QMP requests
 *
 * Adds requests that the running program understands: commands, the names and
 * types of their arguments, types of objects and their properties come from
 * its introspection.
 */
void mutate_requests(GString *text, MutateRandom *r);

/* mutate_objects: mutate_json() with the words for objects and properties */
void mutate_objects(GString *text, MutateRandom *r);

/* mutate_object: append an object as object-add takes it, as JSON */
void mutate_object(GString *out, MutateRandom *r);

/**
 * mutate_links: change a text of lists of objects that are linked
 *
 * Adds lists whose links are chains, rings, stars or none, and changes links
 * and objects.  The types and links are those of tests/fuzz/fuzz-types.h.
 */
void mutate_links(GString *text, MutateRandom *r);

/*
 * mutate_nbd: change what an NBD client sends: options and requests, with names
 * and sizes for the exports of fuzz-nbd.c
 */
void mutate_nbd(GString *text, MutateRandom *r);

/**
 * mutate_input: change an input in place
 * @size: bytes of @data
 * @max_size: room there; what does not fit is cut off
 *
 * Returns: the new size
 */
size_t mutate_input(const FuzzMutator *mutator, uint8_t *data, size_t size,
                    size_t max_size, uint64_t seed);

#endif
