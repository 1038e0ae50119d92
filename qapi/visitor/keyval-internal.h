/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the parts of keyval share: the grammar of a key, and the trees that
 * dotted keys build.  `a.b=1,a.c=2` is one tree with the branches b and c.
 *
 * Thread: any; one thread at a time uses the trees of a text
 */
#ifndef QOM_QAPI_KEYVAL_INTERNAL_H
#define QOM_QAPI_KEYVAL_INTERNAL_H

#include "qapi/visitor/keyval.h"

/*
 * Returns the end of one fragment of a key; NULL if it is not valid.  Only
 * later fragments (@first is false) may be indexes.
 */
const char *keyval_fragment_end(const char *p, bool first);

/*
 * Reports a key that is used both as a value and as a container, or as two
 * kinds of container.  Returns false.
 */
bool keyval_fail_inconsistent(const char *path, size_t path_len,
                              Error **errp);

typedef struct KeyvalTrees {
    GHashTable *branches; /* (nullable) all branches of all trees */
} KeyvalTrees;

/*
 * Stores @text in the tree @first at the dotted path @rest.  @rest is
 * NUL-terminated and is cut to pieces, which the trees then point to, as to
 * @first and @text.  @key: the whole key as the user wrote it, for messages.
 * Returns false with @errp set if the tree has the path as another kind.
 */
bool keyval_trees_put(KeyvalTrees *trees, const char *first, char *rest,
                      const char *key, const char *text, Error **errp);

/*
 * Returns (transfer full) the tree @first, which exists, as a JSON value; NULL
 * with @errp set if it is neither an object nor a list.
 */
JsonNode *keyval_trees_to_node(KeyvalTrees *trees, const char *first,
                               Error **errp);

/* Frees the branches, which leaves the JSON values. */
void keyval_trees_cleanup(KeyvalTrees *trees);

#endif
