/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One block of memory holds the entries, a copy of the text, and the implied
 * key.  Keys and values are cut out of the copy in place, because unescaping
 * never makes text longer.  Messages quote the text as the user wrote it, so
 * they take it from @params, at the same offset.
 *
 * A key without dots is an entry with a text.  The value of a dotted key goes
 * to a tree, keyval-tree.c, which becomes the JSON value of its entry when the
 * whole text has been parsed.
 */
#include "qapi/visitor/keyval-internal.h"

#include "qapi/json/json.h"
#include "util/hash.h"

#include <string.h>

/* With this many entries, a hash table is used to find them. */
#define MANY_ENTRIES 16

typedef struct KeyvalParser {
    const char *params;
    char *copy; /* a copy of @params */
    Keyval *keyval;
    GHashTable *index; /* (nullable) key to entry number + 1 */
    KeyvalTrees trees; /* of the dotted keys */
    bool help;
} KeyvalParser;

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
        end = keyval_fragment_end(p, p == key);
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

/* A value that is empty has no elements. */
static void set_text(KeyvalEntry *entry, const char *text)
{
    if (entry->text) {
        if (!entry->all) {
            entry->all = g_string_new(entry->text);
        }
        if (entry->all->len && *text) {
            g_string_append_c(entry->all, ',');
        }
        g_string_append(entry->all, text);
    }
    entry->text = text;
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

    key[first_len] = 0;
    entry = find_entry(parser, key);
    if (entry && dotted != !entry->text) {
        return keyval_fail_inconsistent(written, first_len, errp);
    }
    if (!entry) {
        entry = add_entry(parser, key);
    }
    if (!dotted) {
        set_text(entry, text);
        return true;
    }
    key[key_len] = 0;
    return keyval_trees_put(&parser->trees, entry->key, key + first_len + 1,
                            written, text, errp);
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

/* Entries with text keep it; dotted keys become nodes. */
static bool make_nodes(KeyvalParser *parser, Error **errp)
{
    Keyval *keyval = parser->keyval;

    for (size_t i = 0; i < keyval->n_entries; i++) {
        KeyvalEntry *entry = &keyval->entries[i];

        if (entry->text) {
            continue;
        }
        entry->node = keyval_trees_to_node(&parser->trees, entry->key, errp);
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
    keyval_trees_cleanup(&parser.trees);
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
        if (keyval->entries[i].all) {
            g_string_free(keyval->entries[i].all, TRUE);
        }
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
