/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The mutator of what an NBD client sends: flags, options, requests.
 *
 * A *message* begins at a magic number and extends to the next one.  So any
 * bytes are a series of messages, the first of which may lack its magic number.
 * Most changes put whole messages in, or change a field of one.
 */
#include "tests/fuzz/mutate.h"

#include <string.h>

static const char option_magic[] = "IHAVEOPT";
static const char request_magic[] = "\x25\x60\x95\x13";
static const char extended_magic[] = "\x21\xe4\x1c\x71";

/* Returns: the size of the magic number at @p; 0 if there is none */
static size_t magic_at(const char *p, size_t left)
{
    if (left >= 8 && !memcmp(p, option_magic, 8)) {
        return 8;
    }
    return left >= 4 && (!memcmp(p, request_magic, 4) ||
                         !memcmp(p, extended_magic, 4)) ? 4 : 0;
}

static size_t next_message(const GString *text, size_t at)
{
    do {
        at++;
    } while (at < text->len && !magic_at(text->str + at, text->len - at));
    return MIN(at, text->len);
}

/* Returns: the start of a message; the end of the text if there is none */
static size_t pick_message(const GString *text, MutateRandom *r)
{
    size_t at = mutate_below(r, text->len + 1);

    return at ? next_message(text, at - 1) : 0;
}

/* ---- Numbers ---- */

static void append_number(GString *out, uint64_t value, unsigned size)
{
    while (size-- > 0) {
        g_string_append_c(out, (char)(value >> (8 * size)));
    }
}

/* Sizes and offsets around the ends of a small drive, and limits */
static uint64_t pick_number(MutateRandom *r)
{
    static const uint64_t numbers[] = {
        0, 1, 4, 511, 512, 4096, 65536, 65537, 0xfffff, 0x100000, 0x100001,
        0x2000000, 0x2000001, 0x7fffffff, 0xffffffff, 0x100000000,
        INT64_MAX, UINT64_MAX,
    };

    return mutate_chance(r, 3) ? mutate_below(r, 5000)
                               : MUTATE_PICK(r, numbers);
}

/* ---- Messages ---- */

static void append_name(GString *out, MutateRandom *r)
{
    static const char *const names[] = { "disk", "disk", "ro", "", "none" };
    const char *name = MUTATE_PICK(r, names);

    append_number(out, strlen(name), 4);
    g_string_append(out, name);
}

static void append_queries(GString *out, MutateRandom *r)
{
    static const char *const queries[] = {
        "base:allocation", "base:", "qemu:x", "",
    };
    size_t n = mutate_below(r, 3);

    append_number(out, n, 4);
    while (n-- > 0) {
        const char *query = MUTATE_PICK(r, queries);

        append_number(out, strlen(query), 4);
        g_string_append(out, query);
    }
}

static void append_option(GString *out, MutateRandom *r)
{
    static const uint8_t options[] = { 1, 2, 3, 5, 6, 7, 7, 7, 8, 8, 9, 10,
                                       10, 11, 11, 12 };
    uint8_t option = MUTATE_PICK(r, options);
    g_autoptr(GString) data = g_string_new(NULL);

    if (option == 1) {
        g_string_append(data, "disk");
    } else if (option == 6 || option == 7) {
        size_t n = mutate_below(r, 4);

        append_name(data, r);
        append_number(data, n, 2);
        while (n-- > 0) {
            append_number(data, mutate_below(r, 5), 2);
        }
    } else if (option == 9 || option == 10) {
        append_name(data, r);
        append_queries(data, r);
    }
    g_string_append(out, option_magic);
    append_number(out, option, 4);
    append_number(out, data->len, 4);
    g_string_append_len(out, data->str, data->len);
}

static void append_request(GString *out, MutateRandom *r, bool extended)
{
    size_t command = mutate_below(r, mutate_chance(r, 8) ? 10 : 8);
    uint64_t size = command == 1 ? mutate_below(r, 3000) : pick_number(r);
    uint16_t flags = mutate_chance(r, 2) ? 0 : 1 << mutate_below(r, 6);

    g_string_append_len(out, extended ? extended_magic : request_magic, 4);
    append_number(out, extended && command == 1 ? flags | 32 : flags, 2);
    append_number(out, command, 2);
    append_number(out, mutate_below(r, 1000), 8);
    append_number(out, pick_number(r), 8);
    append_number(out, size, extended ? 8 : 4);
    if (command == 1) {
        for (size_t i = 0; i < size; i++) {
            g_string_append_c(out, 'w');
        }
    }
}

static void append_message(GString *out, MutateRandom *r)
{
    if (mutate_chance(r, 3)) {
        append_option(out, r);
    } else {
        append_request(out, r, mutate_chance(r, 3));
    }
}

/* ---- Changes ---- */

static void insert(GString *text, MutateRandom *r)
{
    g_autoptr(GString) message = g_string_new(NULL);
    size_t at = pick_message(text, r);

    append_message(message, r);
    g_string_insert_len(text, at, message->str, message->len);
}

static void append_some(GString *text, MutateRandom *r)
{
    bool extended = memmem(text->str, text->len, extended_magic, 4);

    for (size_t n = mutate_below(r, 20); n > 0; n--) {
        append_request(text, r, extended);
    }
}

static void delete(GString *text, MutateRandom *r)
{
    size_t at = pick_message(text, r);

    g_string_erase(text, at, next_message(text, at) - at);
}

static void repeat(GString *text, MutateRandom *r)
{
    size_t at = pick_message(text, r);

    mutate_splice(text, pick_message(text, r), 0, text->str + at,
                  next_message(text, at) - at);
}

/* Replaces 2, 4 or 8 bytes behind the magic number. */
static void change_field(GString *text, MutateRandom *r)
{
    static const unsigned sizes[] = { 2, 4, 8 };
    g_autoptr(GString) number = g_string_new(NULL);
    size_t at = pick_message(text, r) + 4 + 2 * mutate_below(r, 12);
    unsigned size = MUTATE_PICK(r, sizes);

    append_number(number, pick_number(r), size);
    if (at + size <= text->len) {
        memcpy(text->str + at, number->str, size);
    }
}

static void cut(GString *text, MutateRandom *r)
{
    g_string_truncate(text, mutate_below(r, text->len + 1));
}

void mutate_nbd(GString *text, MutateRandom *r)
{
    static void (*const changes[])(GString *, MutateRandom *) = {
        insert, insert, insert, append_some, append_some, delete, repeat,
        change_field, change_field, cut, mutate_bits,
    };

    MUTATE_PICK(r, changes)(text, r);
}
