/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * keyval: `key=value,key=value` text, as options of the command line are
 * written.
 *
 * Every value is text; what it means is up to the visitor that reads it
 * (json_input_visitor_new_keyval()).  A dotted key builds structure: `a.b=1`
 * a member of the object `a`, `a.0=1` an element of the list `a`.  A comma in
 * a value is written twice.
 *
 * There are two results of the same text: an array of entries in order of
 * first appearance, cheap enough for one pass from text to properties, and a
 * JSON object.
 *
 * Thread: any
 * Contract: docs/qapi.md, "Keyval"
 */
#ifndef QOM_QAPI_KEYVAL_H
#define QOM_QAPI_KEYVAL_H

#include "qapi/error.h"
#include "util/macros.h"

#include <json-glib/json-glib.h>
#include <stdbool.h>

QOM_BEGIN_DECLS

enum {
    KEYVAL_MAX_FRAGMENT = 127, /* bytes of one part of a dotted key */
    KEYVAL_MAX_NESTING = 1024, /* parts of a dotted key */
};

/* One top-level key; exactly one of @text and @node is set. */
typedef struct KeyvalEntry {
    const char *key;  /* without dots */
    const char *text; /* the value, NUL-ended, `,,` turned into a comma */
    JsonNode *node;   /* of `key.*`: object or array, text at the leaves */
} KeyvalEntry;

typedef struct Keyval {
    size_t n_entries;
    KeyvalEntry *entries; /* [n_entries] in order of first appearance */
} Keyval;

/**
 * keyval_parse_entries: parse to an array of entries
 * @params: NUL-ended text; may be empty
 * @implied_key: (nullable) key of a first element that has no '='; it may be
 *               dotted, as a key in @params
 * @help: (nullable) set to whether help is asked for, by an element `help`
 *        or `?` without a value; NULL makes that an error
 * @errp: set on failure
 *
 * The last assignment of a key wins.
 *
 * Returns: (transfer full) free with keyval_free(); NULL on failure, and
 *          then *@help is untouched
 */
Keyval *keyval_parse_entries(const char *params, const char *implied_key,
                             bool *help, Error **errp);

/**
 * keyval_free: free entries and all that they point to
 * @keyval: (nullable) consumed
 */
void keyval_free(Keyval *keyval);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Keyval, keyval_free)

/**
 * keyval_parse: parse to a JSON object whose leaves are strings
 *
 * As keyval_parse_entries() otherwise.
 *
 * Returns: (transfer full) an object node; NULL on failure
 */
JsonNode *keyval_parse(const char *params, const char *implied_key,
                       bool *help, Error **errp);

/**
 * keyval_merge: put one parsed object into another
 * @dest: an object node, changed
 * @merged: an object node of newer values, copied from
 * @errp: set when a key is of different kinds in the two
 *
 * Objects merge member by member, lists append, text is replaced.
 *
 * Returns: true; false with @errp set, and @dest is as before
 */
bool keyval_merge(JsonNode *dest, JsonNode *merged, Error **errp);

QOM_END_DECLS

#endif
