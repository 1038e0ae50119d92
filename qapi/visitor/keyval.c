/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One block of memory holds the entries, a copy of the text, and the implied
 * key.  Keys and values are cut out of the copy in place, because unescaping
 * never makes text longer.  Messages quote the text as the user wrote it, so
 * they take it from @params, at the same offset.
 *
 * Dotted keys build a tree of branches.  One hash table finds a branch by its
 * parent and name.  When the whole text has been parsed, each tree becomes a
 * JSON value; a branch whose children are all indexes becomes an array.  An
 * index is stored without leading zeros, so 01 and 1 are the same element.
 */
#include "qapi/visitor/keyval.h"
#include "qapi/json/json.h"
#include "util/hash.h"

#include <string.h>

/* With this many entries, a hash table is used to find them. */
#define MANY_ENTRIES 16

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

typedef struct KeyvalParser {
    const char *params;
    char *copy; /* a copy of @params */
    Keyval *keyval;
    GHashTable *index;    /* (nullable) key to entry number + 1 */
    GHashTable *branches; /* (nullable) set of Branch by parent and name */
    bool help;
} KeyvalParser;

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

/*
 * Returns the end of one fragment of a key; NULL if it is not valid.  Only
 * later fragments (@first is false) may be indexes.
 */
static const char *fragment_end(const char *p, bool first)
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

/*
 * Checks the key of @key_len bytes at @key.  @first_len: (out) the length of
 * its first fragment in bytes.
 */
static bool check_key(const char *key, size_t key_len, size_t *first_len,
                      Error **errp)
{
    const char *p = key;
    const char *end = NULL;
    size_t depth = 0;

    for (;; p = end + 1) {
        end = fragment_end(p, p == key);
        if (!end || (end < key + key_len && *end != '.')) {
            error_setg(errp, "Invalid parameter '%.*s'", (int)key_len, key);
            return false;
        }
        if (end - p > KEYVAL_MAX_FRAGMENT) {
            error_setg(errp, "Parameter fragment '%.*s' is too long",
                       (int)(end - p), p);
            return false;
        }
        if (!depth++) {
            *first_len = end - key;
        }
        if (end == key + key_len) {
            return true;
        }
        if (depth == KEYVAL_MAX_NESTING) {
            error_setg(errp, "Parameter '%.*s.*' is nested more than %d deep",
                       (int)*first_len, key, KEYVAL_MAX_NESTING);
            return false;
        }
    }
}

/* Few entries are compared one by one. */
static KeyvalEntry *find_entry(KeyvalParser *parser, const char *key)
{
    Keyval *keyval = parser->keyval;
    size_t i;

    if (parser->index) {
        i = GPOINTER_TO_SIZE(g_hash_table_lookup(parser->index, key));
        return i ? &keyval->entries[i - 1] : NULL;
    }
    for (i = 0; i < keyval->n_entries; i++) {
        if (!strcmp(keyval->entries[i].key, key)) {
            return &keyval->entries[i];
        }
    }
    return NULL;
}

/*
 * The value is the number of the entry plus 1, so that NULL means that there is
 * none.
 */
static void index_entry(KeyvalParser *parser, size_t i)
{
    g_hash_table_insert(parser->index,
                        (char *)parser->keyval->entries[i].key,
                        GSIZE_TO_POINTER(i + 1));
}

/*
 * There is room for all entries, because there are at most as many as elements
 * in the text.
 */
static KeyvalEntry *add_entry(KeyvalParser *parser, const char *key)
{
    Keyval *keyval = parser->keyval;
    size_t n = keyval->n_entries++;
    size_t i;

    keyval->entries[n] = (KeyvalEntry) { .key = key };
    if (parser->index) {
        index_entry(parser, n);
    } else if (n == MANY_ENTRIES) {
        parser->index = g_hash_table_new(hash_str, g_str_equal);
        for (i = 0; i <= n; i++) {
            index_entry(parser, i);
        }
    }
    return &keyval->entries[n];
}

/*
 * Reports a key that is used both as a value and as a container, or as two
 * kinds of container.
 */
static bool fail_inconsistent(const char *path, size_t path_len, Error **errp)
{
    error_setg(errp, "Parameters '%.*s.*' used inconsistently",
               (int)path_len, path);
    return false;
}

/* Cuts the fragment at *@p out of the copy and moves *@p past it. */
static const char *take_fragment(char **p)
{
    char *fragment = *p;
    char *end = (char *)fragment_end(fragment, false);

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
static Branch *branch_find(KeyvalParser *parser, Branch *parent,
                           const char *name)
{
    Branch key = { .parent = parent, .name = name };

    return parser->branches ? g_hash_table_lookup(parser->branches, &key)
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
static Branch *branch_add(KeyvalParser *parser, Branch *parent,
                          const char *name)
{
    Branch *branch = g_new0(Branch, 1);

    branch->parent = parent;
    branch->name = name;
    if (!parser->branches) {
        parser->branches = g_hash_table_new_full(branch_hash, branch_equal,
                                                 g_free, NULL);
    }
    g_hash_table_add(parser->branches, branch);
    if (parent) {
        branch_append(parent, branch);
        parent->n_children++;
        parent->n_indexes += !!g_ascii_isdigit(*name);
    }
    return branch;
}

/*
 * Stores @text below @branch at the dotted path @rest, which is NUL-terminated
 * and is cut to pieces.  @key is the whole key as the user wrote it; @rest_at
 * is the offset of @rest in it.  A fragment that exists must be of the kind
 * that the key needs: a container if more fragments follow, a leaf otherwise.
 */
static bool put_nested(KeyvalParser *parser, Branch *branch, char *rest,
                       const char *key, size_t rest_at, const char *text,
                       Error **errp)
{
    char *p = rest;

    while (*p) {
        size_t path_len = rest_at + (fragment_end(p, false) - rest);
        const char *fragment = take_fragment(&p);
        Branch *child = branch_find(parser, branch, fragment);

        if (child && (*p != 0) == (child->text != NULL)) {
            return fail_inconsistent(key, path_len, errp);
        }
        branch = child ? child : branch_add(parser, branch, fragment);
    }
    branch->text = text;
    return true;
}

/*
 * Stores @text under the key of @key_len bytes at @key, which is in the copy.
 */
static bool put(KeyvalParser *parser, char *key, size_t key_len,
                size_t first_len, const char *text, Error **errp)
{
    const char *written = parser->params + (key - parser->copy);
    bool dotted = first_len < key_len;
    KeyvalEntry *entry;
    Branch *branch;

    key[first_len] = 0;
    entry = find_entry(parser, key);
    if (entry && dotted != !entry->text) {
        return fail_inconsistent(written, first_len, errp);
    }
    if (!entry) {
        entry = add_entry(parser, key);
    }
    if (!dotted) {
        entry->text = text;
        return true;
    }
    branch = branch_find(parser, NULL, entry->key);
    if (!branch) {
        branch = branch_add(parser, NULL, entry->key);
    }
    key[key_len] = 0;
    return put_nested(parser, branch, key + first_len + 1, written,
                      first_len + 1, text, errp);
}

/*
 * Unescapes the value at @value in place and terminates it.  Returns the text
 * after it.
 */
static char *cut_value(char *value)
{
    char *end = strchrnul(value, ',');
    char *out = end;

    while (end[0] == ',' && end[1] == ',') {
        char *from = end + 1;

        end = strchrnul(from + 1, ',');
        memmove(out, from, end - from);
        out += end - from;
    }
    if (*end) {
        end++;
    }
    *out = 0;
    return end;
}

/* "help" and "?" ask for help only as elements without a value. */
static bool is_help(const char *p, size_t len)
{
    return (len == 1 && *p == '?') || (len == 4 && !memcmp(p, "help", 4));
}

/* Parses the element at @p.  Returns the text after it; NULL on failure. */
static char *parse_element(KeyvalParser *parser, char *p, char *implied_key,
                           Error **errp)
{
    size_t key_len = strcspn(p, "=,");
    size_t first_len = 0;
    char *next;

    if (key_len && p[key_len] != '=') {
        next = p + key_len + (p[key_len] == ',');
        if (is_help(p, key_len)) {
            parser->help = true;
            return next;
        }
        if (implied_key) {
            size_t implied_len = strlen(implied_key);

            p[key_len] = 0;
            if (!check_key(implied_key, implied_len, &first_len, errp) ||
                !put(parser, implied_key, implied_len, first_len, p, errp)) {
                return NULL;
            }
            return next;
        }
    }
    if (!check_key(p, key_len, &first_len, errp)) {
        return NULL;
    }
    if (p[key_len] != '=') {
        error_setg(errp, "Expected '=' after parameter '%.*s'",
                   (int)key_len, p);
        return NULL;
    }
    next = cut_value(p + key_len + 1);
    if (!put(parser, p, key_len, first_len, p + key_len + 1, errp)) {
        return NULL;
    }
    return next;
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
static bool sort_indexes(KeyvalParser *parser, Branch *branch, Error **errp)
{
    branch->first = branch->last = NULL;
    for (size_t i = 0; i < branch->n_children; i++) {
        g_autofree char *index = g_strdup_printf("%zu", i);
        Branch *child = branch_find(parser, branch, index);

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
static bool open_container(KeyvalParser *parser, Branch *branch, Error **errp)
{
    g_autofree char *path = NULL;

    if (branch->n_indexes == branch->n_children) {
        branch->node = json_node_new(JSON_NODE_ARRAY);
        json_node_take_array(branch->node,
                             json_array_sized_new(branch->n_children));
        return sort_indexes(parser, branch, errp);
    }
    if (branch->n_indexes) {
        path = branch_path(branch);
        return fail_inconsistent(path, strlen(path), errp);
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

/*
 * Returns (transfer full) the value of @root; NULL with @errp set.  The walk is
 * a loop, so nested keys need no stack.
 */
static JsonNode *branch_to_node(KeyvalParser *parser, Branch *root,
                                Error **errp)
{
    for (Branch *branch = root; branch; branch = branch_next(branch)) {
        bool ok = true;

        if (branch->text) {
            branch->node = json_text_new(branch->text);
        } else {
            ok = open_container(parser, branch, errp);
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

/* Entries with text keep it; dotted keys become nodes. */
static bool make_nodes(KeyvalParser *parser, Error **errp)
{
    Keyval *keyval = parser->keyval;

    for (size_t i = 0; i < keyval->n_entries; i++) {
        KeyvalEntry *entry = &keyval->entries[i];

        if (entry->text) {
            continue;
        }
        entry->node = branch_to_node(parser,
                                     branch_find(parser, NULL, entry->key),
                                     errp);
        if (!entry->node) {
            return false;
        }
    }
    return true;
}

/*
 * Returns an upper limit of the number of separators: a comma in a value counts
 * as well.
 */
static size_t count_commas(const char *params)
{
    size_t n = 0;

    while ((params = strchr(params, ','))) {
        params++;
        n++;
    }
    return n;
}

/* The implied key is for the first element alone. */
static bool parse_elements(KeyvalParser *parser, char *implied_key,
                           Error **errp)
{
    char *p = parser->copy;

    while (*p) {
        p = parse_element(parser, p, implied_key, errp);
        if (!p) {
            return false;
        }
        implied_key = NULL;
    }
    return true;
}

/* The text is parsed in place in one block; see the head of this file. */
Keyval *keyval_parse_entries(const char *params, const char *implied_key,
                             bool *help, Error **errp)
{
    size_t entries_size = (count_commas(params) + 1) * sizeof(KeyvalEntry);
    size_t params_size = strlen(params) + 1;
    size_t implied_size = implied_key ? strlen(implied_key) + 1 : 0;
    g_autoptr(Keyval) keyval = NULL;
    KeyvalParser parser;
    char *implied = NULL;
    bool ok;

    keyval = g_malloc(sizeof(*keyval) + entries_size + params_size +
                      implied_size);
    keyval->n_entries = 0;
    keyval->entries = (KeyvalEntry *)(keyval + 1);
    parser = (KeyvalParser) {
        .params = params,
        .copy = (char *)keyval->entries + entries_size,
        .keyval = keyval,
    };
    memcpy(parser.copy, params, params_size);
    if (implied_key) {
        implied = parser.copy + params_size;
        memcpy(implied, implied_key, implied_size);
    }

    ok = parse_elements(&parser, implied, errp) && make_nodes(&parser, errp);
    g_clear_pointer(&parser.index, g_hash_table_unref);
    g_clear_pointer(&parser.branches, g_hash_table_unref);
    if (!ok) {
        return NULL;
    }
    if (parser.help && !help) {
        error_setg(errp, "Help is not available for this option");
        return NULL;
    }
    if (help) {
        *help = parser.help;
    }
    return g_steal_pointer(&keyval);
}

void keyval_free(Keyval *keyval)
{
    size_t i;

    if (!keyval) {
        return;
    }
    for (i = 0; i < keyval->n_entries; i++) {
        g_clear_pointer(&keyval->entries[i].node, json_node_unref);
    }
    g_free(keyval);
}

/* The entries' nodes move to the object. */
JsonNode *keyval_parse(const char *params, const char *implied_key,
                       bool *help, Error **errp)
{
    g_autoptr(JsonObject) object = NULL;
    g_autoptr(Keyval) keyval = NULL;
    size_t i;

    keyval = keyval_parse_entries(params, implied_key, help, errp);
    if (!keyval) {
        return NULL;
    }
    if (keyval->n_entries > JSON_MAX_MEMBERS) {
        error_setg(errp, "More than %d parameters", JSON_MAX_MEMBERS);
        return NULL;
    }
    object = json_object_new();
    for (i = 0; i < keyval->n_entries; i++) {
        KeyvalEntry *entry = &keyval->entries[i];
        JsonNode *node = g_steal_pointer(&entry->node);

        json_object_set_member(object, entry->key,
                               node ? node : json_text_new(entry->text));
    }
    return json_node_init_object(json_node_alloc(), object);
}

/*
 * Returns true if @merged can be merged into @dest.  @path is the path of both,
 * for messages.
 */
static bool check_merge(JsonObject *dest, JsonObject *merged, GString *path,
                        Error **errp)
{
    size_t path_len = path->len;
    JsonObjectIter iter;
    const char *name;
    JsonNode *node;

    json_object_iter_init_ordered(&iter, merged);
    while (json_object_iter_next_ordered(&iter, &name, &node)) {
        JsonNode *old = json_object_get_member(dest, name);

        if (!old) {
            continue;
        }
        g_string_append_printf(path, "%s%s", path_len ? "." : "", name);
        if (json_node_get_node_type(old) != json_node_get_node_type(node)) {
            return fail_inconsistent(path->str, path->len, errp);
        }
        if (JSON_NODE_HOLDS_OBJECT(node) &&
            !check_merge(json_node_get_object(old),
                         json_node_get_object(node), path, errp)) {
            return false;
        }
        g_string_truncate(path, path_len);
    }
    return true;
}

/* Copies are appended, because @merged is borrowed. */
static void append_elements(JsonArray *dest, JsonArray *merged)
{
    guint n = json_array_get_length(merged);
    guint i;

    for (i = 0; i < n; i++) {
        JsonNode *node = json_array_get_element(merged, i);

        json_array_add_element(dest, json_node_copy_deep(node));
    }
}

/* Cannot fail: check_merge() has compared all types. */
static void do_merge(JsonObject *dest, JsonObject *merged)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *node;

    json_object_iter_init_ordered(&iter, merged);
    while (json_object_iter_next_ordered(&iter, &name, &node)) {
        JsonNode *old = json_object_get_member(dest, name);

        if (old && JSON_NODE_HOLDS_OBJECT(node)) {
            do_merge(json_node_get_object(old), json_node_get_object(node));
        } else if (old && JSON_NODE_HOLDS_ARRAY(node)) {
            append_elements(json_node_get_array(old),
                            json_node_get_array(node));
        } else {
            json_object_set_member(dest, name, json_node_copy_deep(node));
        }
    }
}

/* Everything is checked before anything is changed. */
bool keyval_merge(JsonNode *dest, JsonNode *merged, Error **errp)
{
    g_autoptr(GString) path = g_string_new(NULL);

    if (!check_merge(json_node_get_object(dest),
                     json_node_get_object(merged), path, errp)) {
        return false;
    }
    do_merge(json_node_get_object(dest), json_node_get_object(merged));
    return true;
}
