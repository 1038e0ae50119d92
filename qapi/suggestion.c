/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The edit distance of two names, up to a bound.
 *
 * Table: cell (i, j) is the distance between the first i characters of the text
 * and the first j of the name.  Only the last three rows are kept.
 * Band: a cell that is further than the bound from the diagonal exceeds the
 * bound, so it is not computed.
 */
#include "qapi/suggestion.h"

#include <string.h>

enum {
    MAX_LEN = 64,   /* of a text; names of types and commands are shorter */
    MAX_EDITS = 3,
    MIN_PREFIX = 4, /* length of a text that is the beginning of a name */
};

/* Few edits turn any short name into any other, so these get one alone. */
static unsigned edits_allowed(size_t len)
{
    return len <= 5 ? 1 : len <= 8 ? 2 : MAX_EDITS;
}

/* Returns the character as it is compared. */
static char fold(char c)
{
    return c == '_' ? '-' : g_ascii_tolower(c);
}

void suggestion_init(Suggestion *s, const char *text)
{
    s->best = NULL;
    s->text = text;
    s->len = strnlen(text, MAX_LEN + 1);
    s->distance = edits_allowed(s->len) + 1;
    if (s->len > MAX_LEN || !s->len) {
        s->distance = 0; /* nothing is nearer */
    }
}

/* Returns the smallest cell of those from which one edit leads to (i, j). */
static unsigned next_cell(const unsigned char *row, const unsigned char *above,
                          size_t j, bool same)
{
    unsigned cell = above[j - 1] + !same;

    cell = MIN(cell, above[j] + 1u);
    return MIN(cell, row[j - 1] + 1u);
}

/*
 * Returns the number of edits between the texts; @bound or more if it is not
 * below @bound.
 */
static unsigned edit_distance(const char *a, size_t a_len, const char *b,
                              size_t b_len, unsigned bound)
{
    unsigned char rows[3][MAX_LEN + MAX_EDITS + 2];

    memset(rows, MAX_EDITS + 1, sizeof(rows));
    for (size_t j = 0; j <= MIN(b_len, bound); j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= a_len; i++) {
        unsigned char *row = rows[i % 3];
        const unsigned char *above = rows[(i + 2) % 3];
        const unsigned char *two_above = rows[(i + 1) % 3];
        size_t first = i > bound ? i - bound : 1;
        size_t last = MIN(b_len, i + bound);

        /* The cells next to the band, which its ends read. */
        row[first - 1] = first == 1 ? MIN(i, MAX_EDITS + 1) : MAX_EDITS + 1;
        for (size_t j = first; j <= last; j++) {
            bool same = fold(a[i - 1]) == fold(b[j - 1]);
            unsigned cell = next_cell(row, above, j, same);

            if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) &&
                fold(a[i - 2]) == fold(b[j - 1])) {
                cell = MIN(cell, two_above[j - 2] + 1u);
            }
            row[j] = MIN(cell, MAX_EDITS + 1);
        }
        row[last + 1] = MAX_EDITS + 1;
    }
    return rows[a_len % 3][b_len];
}

static bool begins_with(const char *name, const char *text, size_t len)
{
    size_t i = 0;

    /* fold() keeps NUL, so the comparison ends where the name does. */
    while (i < len && fold(name[i]) == fold(text[i])) {
        i++;
    }
    return i == len;
}

void suggestion_offer(Suggestion *s, const char *name)
{
    size_t len = strnlen(name, s->len + s->distance);
    unsigned distance;

    /* Any edit is better than a rest that is missing. */
    if (!s->best && s->distance && s->len >= MIN_PREFIX &&
        begins_with(name, s->text, s->len) && name[s->len]) {
        s->best = name;
    }
    /* The difference of the lengths is a lower bound of the distance. */
    if (len >= s->len + s->distance || s->len >= len + s->distance ||
        !strcmp(name, s->text)) {
        return;
    }
    distance = edit_distance(s->text, s->len, name, len, s->distance);
    /* A name of which nothing remains is not meant. */
    if (distance < s->distance && distance < len) {
        s->distance = distance;
        s->best = name;
    }
}

void suggestion_append_hint(const Suggestion *s, Error *const *errp)
{
    if (s->best) {
        error_append_hint(errp, "Did you mean '%s'?\n", s->best);
    }
}
