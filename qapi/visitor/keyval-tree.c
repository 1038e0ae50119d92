/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keys, and the trees that the dotted keys of one text build.  A branch is one
 * fragment of a key; a branch without children is a leaf and has a text.  One
 * hash table finds a branch by its parent and name.
 *
 * When the whole text has been parsed, each tree becomes a JSON value; a branch
 * whose children are all indexes becomes an array.  An index is stored without
 * leading zeros, so 01 and 1 are the same element.
 */
#include "qapi/visitor/keyval-internal.h"

#include "qapi/json/json.h"
#include "util/hash.h"

#include <string.h>

/* One fragment of a dotted key, with the fragments below it. */
typedef struct Branch {
    struct Branch *parent; /* (nullable) NULL: the first fragment */
    const char *name;      /* in the copy */
    const char *text;      /* (nullable) value of a leaf, in the copy */
    struct Branch *first;  /* (nullable) children, see `next` */
    struct Branch *last;
    struct Branch *next;
    size_t n_children;
    size_t n_indexes; /* number of children whose name is an index */
    JsonNode *node;   /* the result; borrowed */
} Branch;

/* ---- Keys ---- */

/* Returns true for the characters of a key that is not an index. */
static bool is_name_char(char c)
{
    return g_ascii_isalnum(c) || c == '_' || c == '-';
}

/*
 * Returns the text after the prefix __RFQDN_, or @p if there is none; NULL if
 * the prefix is incomplete.
 */
static const char *skip_downstream_prefix(const char *p)
{
    if (*p != '_') {
        return p;
    }
    if (p[1] != '_') {
        return NULL;
    }
    p += 2;
    while (g_ascii_isalnum(*p) || *p == '-' || *p == '.') {
        p++;
    }
    return *p == '_' ? p + 1 : NULL;
}

const char *keyval_fragment_end(const char *p, bool first)
{
    if (!first && g_ascii_isdigit(*p)) {
        while (g_ascii_isdigit(*p)) {
            p++;
        }
        return p;
    }
    p = skip_downstream_prefix(p);
    if (!p || !g_ascii_isalpha(*p)) {
        return NULL;
    }
    while (is_name_char(*p)) {
        p++;
    }
    return p;
}

bool keyval_fail_inconsistent(const char *path, size_t path_len,
                              Error **errp)
{
    error_setg(errp, "Parameters '%.*s.*' used inconsistently",
               (int)path_len, path);
    return false;
}

/* ---- Trees ---- */

/* Cuts the fragment at *@p out of the copy and moves *@p past it. */
static const char *take_fragment(char **p)
{
    char *fragment = *p;
    char *end = (char *)keyval_fragment_end(fragment, false);

    *p = *end == '.' ? end + 1 : end;
    *end = 0;
    if (g_ascii_isdigit(*fragment)) {
        while (*fragment == '0' && fragment[1]) {
            fragment++;
        }
    }
    return fragment;
}

/* The same name occurs below many parents. */
static guint branch_hash(gconstpointer key)
{
    const Branch *branch = key;

    return hash_str(branch->name) ^ g_direct_hash(branch->parent);
}

static gboolean branch_equal(gconstpointer a, gconstpointer b)
{
    const Branch *one = a;
    const Branch *other = b;

    return one->parent == other->parent && !strcmp(one->name, other->name);
}

/* @parent: (nullable) as in Branch */
static Branch *branch_find(KeyvalTrees *trees, Branch *parent,
                           const char *name)
{
    Branch key = { .parent = parent, .name = name };

    return trees->branches ? g_hash_table_lookup(trees->branches, &key)
                           : NULL;
}

/* The order of children is that of the text until sort_indexes() changes it. */
static void branch_append(Branch *parent, Branch *child)
{
    child->next = NULL;
    if (parent->last) {
        parent->last->next = child;
    } else {
        parent->first = child;
    }
    parent->last = child;
}

/* Adds a branch; @parent must not have a child of this name. */
static Branch *branch_add(KeyvalTrees *trees, Branch *parent, const char *name)
{
    Branch *branch = g_new0(Branch, 1);

    branch->parent = parent;
    branch->name = name;
    if (!trees->branches) {
        trees->branches = g_hash_table_new_full(branch_hash, branch_equal,
                                                g_free, NULL);
    }
    g_hash_table_add(trees->branches, branch);
    if (parent) {
        branch_append(parent, branch);
        parent->n_children++;
        parent->n_indexes += !!g_ascii_isdigit(*name);
    }
    return branch;
}

/*
 * A fragment that exists must be of the kind that the key needs: a container
 * if more fragments follow, a leaf otherwise.
 */
bool keyval_trees_put(KeyvalTrees *trees, const char *first, char *rest,
                      const char *key, const char *text, Error **errp)
{
    size_t rest_at = strlen(first) + 1; /* the offset of @rest in @key */
    Branch *branch = branch_find(trees, NULL, first);
    char *p = rest;

    if (!branch) {
        branch = branch_add(trees, NULL, first);
    }
    while (*p) {
        size_t path_len = rest_at + (keyval_fragment_end(p, false) - rest);
        const char *fragment = take_fragment(&p);
        Branch *child = branch_find(trees, branch, fragment);

        if (child && (*p != 0) == (child->text != NULL)) {
            return keyval_fail_inconsistent(key, path_len, errp);
        }
        branch = child ? child : branch_add(trees, branch, fragment);
    }
    branch->text = text;
    return true;
}

/* Returns the whole dotted key of @branch. */
static char *branch_path(const Branch *branch)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    GString *path = g_string_new(NULL);

    for (; branch; branch = branch->parent) {
        g_ptr_array_add(names, (char *)branch->name);
    }
    for (guint i = names->len; i > 0; i--) {
        g_string_append_printf(path, "%s%s", path->len ? "." : "",
                               (char *)names->pdata[i - 1]);
    }
    return g_string_free(path, FALSE);
}

/* Sorts the children of a list by their indexes. */
static bool sort_indexes(KeyvalTrees *trees, Branch *branch, Error **errp)
{
    branch->first = branch->last = NULL;
    for (size_t i = 0; i < branch->n_children; i++) {
        g_autofree char *index = g_strdup_printf("%zu", i);
        Branch *child = branch_find(trees, branch, index);

        if (!child) {
            g_autofree char *path = branch_path(branch);

            error_setg(errp, "Parameter '%s.%zu' missing", path, i);
            return false;
        }
        branch_append(branch, child);
    }
    return true;
}

/*
 * Creates an empty container for @branch: a list if all its children are
 * indexes.  Their number is limited for objects alone, because a JsonObject is
 * a hash table without a secret key.
 */
static bool open_container(KeyvalTrees *trees, Branch *branch, Error **errp)
{
    g_autofree char *path = NULL;

    if (branch->n_indexes == branch->n_children) {
        branch->node = json_node_new(JSON_NODE_ARRAY);
        json_node_take_array(branch->node,
                             json_array_sized_new(branch->n_children));
        return sort_indexes(trees, branch, errp);
    }
    if (branch->n_indexes) {
        path = branch_path(branch);
        return keyval_fail_inconsistent(path, strlen(path), errp);
    }
    if (branch->n_children > JSON_MAX_MEMBERS) {
        path = branch_path(branch);
        error_setg(errp, "Parameters '%s.*' have more than %d names", path,
                   JSON_MAX_MEMBERS);
        return false;
    }
    branch->node = json_node_new(JSON_NODE_OBJECT);
    json_node_take_object(branch->node, json_object_new());
    return true;
}

/* Adds the node to that of the parent, which owns it from then on. */
static void put_into_parent(const Branch *branch)
{
    JsonNode *parent = branch->parent->node;

    if (JSON_NODE_HOLDS_ARRAY(parent)) {
        json_array_add_element(json_node_get_array(parent), branch->node);
    } else {
        json_object_set_member(json_node_get_object(parent), branch->name,
                               branch->node);
    }
}

/* Returns the next branch, parents before children; NULL at the end. */
static Branch *branch_next(Branch *branch)
{
    if (branch->first) {
        return branch->first;
    }
    while (branch && !branch->next) {
        branch = branch->parent;
    }
    return branch ? branch->next : NULL;
}

/* The walk is a loop, so nested keys need no stack. */
JsonNode *keyval_trees_to_node(KeyvalTrees *trees, const char *first,
                               Error **errp)
{
    Branch *root = branch_find(trees, NULL, first);

    for (Branch *branch = root; branch; branch = branch_next(branch)) {
        bool ok = true;

        if (branch->text) {
            branch->node = json_text_new(branch->text);
        } else {
            ok = open_container(trees, branch, errp);
        }
        if (branch->parent && branch->node) {
            put_into_parent(branch);
        }
        if (!ok) {
            g_clear_pointer(&root->node, json_node_unref);
            return NULL;
        }
    }
    return root->node;
}

void keyval_trees_cleanup(KeyvalTrees *trees)
{
    g_clear_pointer(&trees->branches, g_hash_table_unref);
}
