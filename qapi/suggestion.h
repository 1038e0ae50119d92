/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The known name that a misspelt one resembles: "Did you mean 'x'?"
 *
 *     Suggestion s;
 *
 *     suggestion_init(&s, "iothred");
 *     for (each name) { suggestion_offer(&s, name); }
 *     suggestion_append_hint(&s, errp);
 *
 * A text resembles a name if few edits turn it into the name: one edit for up
 * to five characters, two for up to eight, three for more.  An edit inserts,
 * deletes or replaces a character, or exchanges two neighbours.  Upper and
 * lower case, and '-' and '_', count as equal.  A text of at least four
 * characters also resembles a name that begins with it, but less than others.
 *
 * Offering a name takes time in proportion to the length of the shorter one.
 *
 * Thread: caller's, one at a time
 */
#ifndef QOM_QAPI_SUGGESTION_H
#define QOM_QAPI_SUGGESTION_H

#include "qapi/error.h"
#include "util/macros.h"

#include <stddef.h>

QOM_BEGIN_DECLS

/* The search for a name; callers read only `best`. */
typedef struct Suggestion {
    const char *best; /* (nullable) the name that is nearest so far; borrowed */

    /* private: */
    const char *text;
    size_t len;
    unsigned distance; /* of `best`; if NULL, one more than is near enough */
} Suggestion;

/**
 * suggestion_init: begins the search for a name that resembles a text
 * @s: (out) the search
 * @text: the misspelt name; borrowed as long as names are offered.  A text of
 *        more than 64 bytes resembles no name.
 *
 * Thread: caller's, one at a time
 */
void suggestion_init(Suggestion *s, const char *text);

/**
 * suggestion_offer: offers a known name
 * @s: the search
 * @name: the name; borrowed as long as @s is used
 *
 * `s->best` becomes @name if it is nearer than all names before it.  The text
 * itself is no suggestion.
 *
 * Thread: caller's, one at a time
 */
void suggestion_offer(Suggestion *s, const char *name);

/**
 * suggestion_append_hint: appends "Did you mean 'x'?" to the hint of an error
 * @s: the search; nothing is appended if no name resembles the text
 * @errp: the errp of a function that begins with ERRP_GUARD()
 *
 * Thread: caller's, one at a time
 */
void suggestion_append_hint(const Suggestion *s, Error *const *errp);

QOM_END_DECLS

#endif
