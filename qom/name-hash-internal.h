/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hash of a name, used for types and properties alike.
 */
#ifndef QOM_QOM_NAME_HASH_INTERNAL_H
#define QOM_QOM_NAME_HASH_INTERNAL_H

#include "util/hash.h"

#include <string.h>

#ifdef __SIZEOF_INT128__
/* Both halves of the product of 64 bits each, so that all bits count. */
static inline uint64_t qom_hash_multiply(uint64_t a, uint64_t b)
{
    __extension__ unsigned __int128 product = a;

    product *= b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/*
 * Names are short, so the hash takes eight bytes at a time and the last eight
 * twice over.  It is keyed as wyhash is: users choose the names of objects, and
 * without the key they cannot choose words whose products agree.
 */
static inline uint32_t qom_name_hash_len(const char *name, size_t n_bytes)
{
    uint64_t hash = hash_key[0];
    uint64_t head = 0;
    uint64_t tail = 0;

    if (n_bytes >= 8) {
        memcpy(&head, name, 8);
        memcpy(&tail, name + n_bytes - 8, 8);
        for (size_t i = 8; G_UNLIKELY(i + 8 < n_bytes); i += 8) {
            uint64_t word;

            memcpy(&word, name + i, 8);
            hash = qom_hash_multiply(hash ^ word, hash_key[1]);
        }
    } else if (n_bytes >= 4) {
        uint32_t word;

        memcpy(&word, name, 4);
        head = word;
        memcpy(&word, name + n_bytes - 4, 4);
        tail = word;
    } else if (n_bytes > 0) {
        head = (unsigned char)name[0] |
               (uint64_t)(unsigned char)name[n_bytes / 2] << 8 |
               (uint64_t)(unsigned char)name[n_bytes - 1] << 16;
    }
    /* The length comes after the product: before it, a length could cancel out
     * a difference of the texts, as between "22" and "322". */
    hash = qom_hash_multiply(head ^ hash, tail ^ hash_key[1]) ^ n_bytes;
    /* For a few values of the key, the products of similar names are close to
     * each other, and would crowd in a table. */
    return hash * UINT64_C(0x9e3779b97f4a7c15) >> 32;
}
#else
static inline uint32_t qom_name_hash_len(const char *name, size_t n_bytes)
{
    return hash_siphash13(hash_key, name, n_bytes);
}
#endif

static inline uint32_t qom_name_hash(const char *name)
{
    return qom_name_hash_len(name, strlen(name));
}

#endif
