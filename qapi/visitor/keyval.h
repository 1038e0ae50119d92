/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * keyval: text of the form `key=value,key=value`, as in command line options.
 *
 * Every value is text.  The visitor that reads a value decides what the text
 * means (json_input_visitor_new_keyval()).  A dotted key builds structure:
 * `a.b=1` sets a member of the object `a`, `a.0=1` an element of the list `a`.
 * A comma inside a value is written twice.
 *
 * The same text has two results: an array of entries in order of first
 * appearance, which needs only one pass from the text to the properties, and a
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

/* One top-level key.  Exactly one of @text and @node is set. */
typedef struct KeyvalEntry {
    const char *key;  /* without dots */
    const char *text; /* the value, NUL-terminated; `,,` has become `,` */
    /* (nullable) all values of a key that is set more than once, in their order
     * and with a ',' between them: for a list of integers */
    GString *all;
    /* the keys `key.*`: an object or array; its scalars are all text */
    JsonNode *node;
} KeyvalEntry;

typedef struct Keyval {
    size_t n_entries;
    KeyvalEntry *entries; /* [n_entries] in order of first appearance */
} Keyval;

/**
 * keyval_parse_entries: parses text to an array of entries
 * @params: the text, NUL-terminated; it may be empty; borrowed
 * @implied_key: (nullable) the key of a first element that has no '='; it may
 *          be dotted like a key in @params
 * @help: (nullable) (out) set to whether the text asks for help with an element
 *        `help` or `?` that has no value; not changed on failure.  If @help is
 *        NULL, such an element is an error
 * @errp: set if the text is malformed
 *
 * If the text sets a key more than once, the last value wins, unless the key
 * is read as a list: json_input_visitor_new_entry().
 *
 * Returns: (transfer full) the entries; free them with keyval_free(); NULL with
 *          @errp set
 * Thread: any
 */
Keyval *keyval_parse_entries(const char *params, const char *implied_key,
                             bool *help, Error **errp);

/**
 * keyval_free: frees entries and everything that they own
 * @keyval: (nullable) consumed
 *
 * Thread: any
 */
void keyval_free(Keyval *keyval);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Keyval, keyval_free)

/**
 * keyval_parse: parses text to a JSON object whose scalars are all strings
 * @params: see keyval_parse_entries()
 * @implied_key: see keyval_parse_entries()
 * @help: see keyval_parse_entries()
 * @errp: set if the text is malformed
 *
 * Returns: (transfer full) an object node; NULL with @errp set
 * Thread: any
 */
JsonNode *keyval_parse(const char *params, const char *implied_key,
                       bool *help, Error **errp);

/**
 * keyval_merge: merges one parsed object into another one
 * @dest: an object node; changed only on success
 * @merged: an object node with newer values; borrowed, copied from
 * @errp: set if the two objects hold different kinds of value for a key
 *
 * Objects are merged member by member, lists are appended, text is replaced.
 *
 * Returns: true; false with @errp set
 * Thread: any; one thread at a time uses @dest
 */
bool keyval_merge(JsonNode *dest, JsonNode *merged, Error **errp);

QOM_END_DECLS

#endif
