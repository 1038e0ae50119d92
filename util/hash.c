/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SipHash-1-3 (Aumasson and Bernstein, 2012) and the key of the process.
 */
#include "util/hash.h"

#include <string.h>
#include <sys/random.h>
#include <unistd.h>

uint64_t hash_key[2];

typedef struct SipState {
    uint64_t v0;
    uint64_t v1;
    uint64_t v2;
    uint64_t v3;
} SipState;

static inline uint64_t rotate(uint64_t x, unsigned n)
{
    return x << n | x >> (64 - n);
}

static inline void sip_round(SipState *s)
{
    s->v0 += s->v1;
    s->v1 = rotate(s->v1, 13) ^ s->v0;
    s->v0 = rotate(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = rotate(s->v3, 16) ^ s->v2;
    s->v0 += s->v3;
    s->v3 = rotate(s->v3, 21) ^ s->v0;
    s->v2 += s->v1;
    s->v1 = rotate(s->v1, 17) ^ s->v2;
    s->v2 = rotate(s->v2, 32);
}

static inline void sip_word(SipState *s, uint64_t word)
{
    s->v3 ^= word;
    sip_round(s);
    s->v0 ^= word;
}

uint64_t hash_siphash13(const uint64_t key[2], const void *data,
                        size_t n_bytes)
{
    SipState s = {
        .v0 = key[0] ^ 0x736f6d6570736575u,
        .v1 = key[1] ^ 0x646f72616e646f6du,
        .v2 = key[0] ^ 0x6c7967656e657261u,
        .v3 = key[1] ^ 0x7465646279746573u,
    };
    const unsigned char *p = data;
    uint64_t last = (uint64_t)n_bytes << 56;
    uint64_t word;

    for (; n_bytes >= 8; n_bytes -= 8, p += 8) {
        memcpy(&word, p, 8);
        sip_word(&s, GUINT64_FROM_LE(word));
    }
    for (size_t i = 0; i < n_bytes; i++) {
        last |= (uint64_t)p[i] << 8 * i;
    }
    sip_word(&s, last);
    s.v2 ^= 0xff;
    sip_round(&s);
    sip_round(&s);
    sip_round(&s);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

guint hash_str(gconstpointer text)
{
    return hash_siphash13(hash_key, text, strlen(text));
}

/*
 * Early in boot the kernel may have no random bytes yet.  The time and the
 * process id are better than waiting for them in a constructor.
 *
 * Types are registered in constructors of the default priority, and need the
 * key: hence this one's.
 */
__attribute__((constructor(101))) static void hash_init_key(void)
{
    uint64_t weak[3] = { g_get_real_time(), g_get_monotonic_time(),
                         getpid() };
    static const uint64_t keys[2][2] = { { 1, 2 }, { 3, 4 } };

    if (getrandom(hash_key, sizeof(hash_key), GRND_NONBLOCK) !=
        sizeof(hash_key)) {
        hash_key[0] = hash_siphash13(keys[0], weak, sizeof(weak));
        hash_key[1] = hash_siphash13(keys[1], weak, sizeof(weak));
    }
}
