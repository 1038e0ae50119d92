/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keyed hashes of text, for tables that are filled from input.
 *
 * A client that can predict hashes can send names that all fall into one
 * bucket, so that each lookup compares with all of them.  The key is random
 * and differs between processes; nothing may depend on the order of a table.
 *
 * Thread: any
 */
#ifndef QOM_UTIL_HASH_H
#define QOM_UTIL_HASH_H

#include "util/macros.h"

#include <glib.h>
#include <stdint.h>

QOM_BEGIN_DECLS

/* The key of this process; set before any constructor of the library runs. */
extern uint64_t hash_key[2];

/**
 * hash_siphash13: computes SipHash-1-3
 * @key: two words; borrowed
 * @data: @n_bytes bytes; borrowed
 * @n_bytes: length of @data
 *
 * Returns: the hash
 */
uint64_t hash_siphash13(const uint64_t key[2], const void *data,
                        size_t n_bytes);

/**
 * hash_str: hashes a text with the key of this process
 * @text: a `const char *`, NUL-ended; borrowed
 *
 * Takes the place of g_str_hash(), whose collisions are easy to construct.
 *
 * Returns: the hash
 */
guint hash_str(gconstpointer text);

QOM_END_DECLS

#endif
