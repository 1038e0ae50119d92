/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Texts that are not JSON: keyval, whose parameters are separated by single
 * commas, and plain text of scalars, in which numbers are the tokens.
 */
#include "tests/fuzz/mutate.h"

#include <string.h>

/* ---- Keyval ---- */

static const char *const keys[] = {
    "a", "b", "a.b", "a.b.c", "a.0", "a.1", "a.0.b", "list.0", "list.1",
    "id", "qom-type", "poll-max-ns", "0", "a.", ".a", "a..b", "a-b", "_",
    "a.18446744073709551616", "a.00", "a.-1", "x-y.z",
};

static const char *const values[] = {
    "", "1", "-1", "on", "off", "help", "?", "a,,b", ",,", ",,,,", "=", "a=b",
    "9223372036854775808", "{}", "[1]", "\xc3\xa4", "\xff", " ", "\"", "'",
};

/* Parameters, each without its comma; (transfer full) */
static GPtrArray *split(const GString *text)
{
    GPtrArray *params = g_ptr_array_new_with_free_func(g_free);
    size_t start = 0;

    for (size_t i = 0; i <= text->len; i++) {
        if (i < text->len && text->str[i] != ',') {
            continue;
        }
        if (i + 1 < text->len && text->str[i + 1] == ',') {
            i++;
            continue;
        }
        g_ptr_array_add(params, g_strndup(text->str + start, i - start));
        start = i + 1;
    }
    return params;
}

static void join(GString *text, GPtrArray *params)
{
    g_string_truncate(text, 0);
    for (unsigned i = 0; i < params->len; i++) {
        g_string_append(text, i ? "," : "");
        g_string_append(text, g_ptr_array_index(params, i));
    }
}

static char *make_param(MutateRandom *r)
{
    const char *key = MUTATE_PICK(r, keys);

    if (mutate_chance(r, 5)) {
        return g_strdup(mutate_chance(r, 2) ? "help" : key);
    }
    return g_strdup_printf("%s=%s", key, MUTATE_PICK(r, values));
}

/* Another key, another value, or a part of the key more. */
static char *edit_param(MutateRandom *r, const char *param)
{
    const char *equals = strchr(param, '=');
    g_autofree char *key = NULL;

    if (!equals) {
        return make_param(r);
    }
    key = g_strndup(param, equals - param);
    switch (mutate_below(r, 5)) {
    case 0:
        return g_strconcat(MUTATE_PICK(r, keys), equals, NULL);
    case 1:
        return g_strconcat(key, mutate_chance(r, 2) ? ".0" : ".a", equals,
                           NULL);
    case 2:
        return g_strconcat(MUTATE_PICK(r, keys), ".", param, NULL);
    default:
        return g_strconcat(key, "=", MUTATE_PICK(r, values), NULL);
    }
}

static void swap_params(MutateRandom *r, GPtrArray *params, size_t i)
{
    size_t other = mutate_below(r, params->len);
    gpointer kept = params->pdata[i];

    params->pdata[i] = params->pdata[other];
    params->pdata[other] = kept;
}

static void change_params(MutateRandom *r, GPtrArray *params)
{
    size_t i = mutate_below(r, params->len);
    const char *param = g_ptr_array_index(params, i);

    switch (mutate_below(r, 6)) {
    case 0:
        g_ptr_array_insert(params, i, make_param(r));
        break;
    case 1:
        g_ptr_array_add(params, g_strdup(param));
        break;
    case 2:
        g_ptr_array_remove_index(params, i);
        break;
    case 3:
        swap_params(r, params, i);
        break;
    default:
        params->pdata[i] = edit_param(r, param);
        g_free((char *)param);
    }
}

void mutate_keyval(GString *text, MutateRandom *r)
{
    g_autoptr(GPtrArray) params = NULL;

    if (mutate_chance(r, 10)) {
        mutate_bytes(text, r);
        return;
    }
    params = split(text);
    change_params(r, params);
    join(text, params);
}

void mutate_keyval_cross(GString *text, const GString *other,
                         MutateRandom *r)
{
    g_autoptr(GPtrArray) params = split(text);
    g_autoptr(GPtrArray) more = split(other);

    for (unsigned i = 0; i < more->len; i++) {
        if (mutate_chance(r, 2)) {
            g_ptr_array_insert(params, mutate_below(r, params->len + 1),
                               g_strdup(g_ptr_array_index(more, i)));
        }
    }
    join(text, params);
}

/* ---- Plain text ---- */

static const char *const scalars[] = {
    "0", "-0", "00", "1", "-1", "127", "128", "255", "256", "65535", "65536",
    "2147483648", "4294967296", "9223372036854775807",
    "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
    "18446744073709551615", "18446744073709551616", "0x10", "0X", "010",
    "0.5", "1e3", "1e309", ".5", "5.", "inf", "nan", "on", "off", "yes", "no",
    "true", "false", "y", "n", "string", "qdict", "none",
};

static const char *const joints[] = { ",", "-", "," };
static const char *const affixes[] = {
    "k", "K", "M", "G", "T", "P", "E", "B", " ", "-", "+", ".5", "e2", "0x",
    ",", "\xff", "\xc3\xa4",
};

/* A run of letters and digits, from @at on; its bytes */
static size_t word_at(const GString *text, size_t *at)
{
    size_t end;

    while (*at && g_ascii_isalnum(text->str[*at - 1])) {
        (*at)--;
    }
    end = *at;
    while (end < text->len && g_ascii_isalnum(text->str[end])) {
        end++;
    }
    return end - *at;
}

void mutate_scalar_text(GString *text, MutateRandom *r)
{
    size_t at = mutate_below(r, text->len + 1);
    size_t len = word_at(text, &at);
    const char *scalar = MUTATE_PICK(r, scalars);
    const char *affix = MUTATE_PICK(r, affixes);

    switch (mutate_below(r, 8)) {
    case 0:
    case 1:
    case 2:
        mutate_splice(text, at, len, scalar, strlen(scalar));
        break;
    case 3:
    case 4:
        if (text->len) {
            g_string_append(text, MUTATE_PICK(r, joints));
        }
        g_string_append(text, scalar);
        break;
    case 5:
        g_string_insert(text, mutate_chance(r, 3) ? at : at + len, affix);
        break;
    case 6:
        g_string_assign(text, scalar);
        break;
    default:
        mutate_bytes(text, r);
    }
}
