/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What all mutators share: random numbers (splitmix64, so that a seed yields
 * the same input on every computer), bytes, and the limit of the size.
 */
#include "tests/fuzz/mutate.h"

#include <string.h>

void mutate_random_init(MutateRandom *r, uint64_t seed)
{
    r->state = seed;
}

static uint64_t next(MutateRandom *r)
{
    uint64_t z = r->state += 0x9e3779b97f4a7c15;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

size_t mutate_below(MutateRandom *r, size_t n)
{
    return n ? next(r) % n : 0;
}

bool mutate_chance(MutateRandom *r, size_t n)
{
    return mutate_below(r, n) == 0;
}

void mutate_splice(GString *text, size_t at, size_t len, const char *with,
                   size_t n)
{
    g_autofree char *copy = g_memdup2(with, n); /* may be of @text */

    g_string_erase(text, at, len);
    g_string_insert_len(text, at, copy ? copy : "", n);
}

void mutate_bytes(GString *text, MutateRandom *r)
{
    size_t at = mutate_below(r, text->len);
    size_t len = mutate_below(r, MIN(text->len - at, 16) + 1);
    char byte = mutate_below(r, 256);

    switch (mutate_below(r, 5)) {
    case 0:
        g_string_erase(text, at, len);
        break;
    case 1:
        g_string_insert_c(text, at, byte);
        break;
    case 2:
        mutate_splice(text, mutate_below(r, text->len + 1), 0,
                      text->str + at, len);
        break;
    case 3:
        g_string_truncate(text, at);
        break;
    default:
        if (text->len) {
            text->str[at] = mutate_chance(r, 2)
                                ? byte : text->str[at] ^ (1 << (byte & 7));
        }
    }
}

/* In the byte order of this machine, at a multiple of its size. */
static void put_limit(GString *text, MutateRandom *r)
{
    static const uint64_t limits[] = {
        0, 1, 4, 5, 0x7fff, 0xffff, 0x7fffffff, 0xfffffffc, 0xffffffff,
        INT64_MAX, UINT64_MAX - 3, UINT64_MAX,
    };
    static const size_t sizes[] = { 2, 4, 8 };
    size_t size = MUTATE_PICK(r, sizes);
    uint64_t limit = mutate_chance(r, 3) ? text->len - mutate_below(r, 9)
                                         : MUTATE_PICK(r, limits);
    size_t n = text->len / size;
    union {
        uint64_t u64;
        uint32_t u32;
        uint16_t u16;
    } field;

    if (n == 0) {
        return;
    }
    if (size == 8) {
        field.u64 = limit;
    } else if (size == 4) {
        field.u32 = limit;
    } else {
        field.u16 = limit;
    }
    memcpy(text->str + mutate_below(r, n) * size, &field, size);
}

void mutate_bits(GString *text, MutateRandom *r)
{
    if (!text->len || mutate_chance(r, 8)) {
        mutate_bytes(text, r);
    } else if (mutate_chance(r, 2)) {
        put_limit(text, r);
    } else {
        text->str[mutate_below(r, text->len)] ^= 1 << mutate_below(r, 8);
    }
}

size_t mutate_input(const FuzzMutator *mutator, uint8_t *data, size_t size,
                    size_t max_size, uint64_t seed)
{
    g_autoptr(GString) text = g_string_new_len((const char *)data, size);
    MutateRandom r;

    mutate_random_init(&r, seed);
    do {
        mutator->mutate(text, &r);
    } while (mutate_chance(&r, 3));
    size = MIN(text->len, max_size);
    memcpy(data, text->str, size);
    return size;
}
