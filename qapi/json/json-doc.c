/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Documents: the sink that fills them, and the functions that read them.
 *
 * A document is an array of items and one buffer with all texts.  Both begin in
 * arrays inside JsonDoc, so that a usual request costs one allocation.  Text is
 * addressed by offset until the document is complete, because it moves when its
 * buffer grows.
 *
 * Names of members are strings in front of their values.  A duplicate name is
 * found by comparing the few names of a small object, or by a hash table for a
 * large one, so that no input makes the search quadratic.
 */
#include "qapi/json/json-doc-internal.h"
#include "qapi/json/json-internal.h"
#include "util/hash.h"

#include <string.h>

#define INLINE_ITEMS 32
#define INLINE_TEXT 384

/* Up to this number of members, names are compared one by one. */
#define FEW_MEMBERS 16

struct JsonDoc {
    JsonItem *items; /* [n_items] */
    size_t n_items;
    size_t max_items;
    char *text; /* [n_text] */
    size_t n_text;
    size_t max_text;
    JsonItem inline_items[INLINE_ITEMS];
    char inline_text[INLINE_TEXT];
};

typedef struct OpenContainer {
    size_t item;       /* index of the container */
    GHashTable *names; /* (nullable) names, if the members are many */
} OpenContainer;

typedef struct DocSink {
    JsonDoc *doc; /* (nullable) the document that is being built */
    size_t depth;
    OpenContainer open[JSON_MAX_NESTING]; /* [depth] */
} DocSink;

/* ---- Filling ---- */

/* The arrays are not cleared: the counts say what is valid. */
static JsonDoc *doc_new(void)
{
    JsonDoc *doc = g_new(JsonDoc, 1);

    doc->items = doc->inline_items;
    doc->n_items = 0;
    doc->max_items = INLINE_ITEMS;
    doc->text = doc->inline_text;
    doc->n_text = 0;
    doc->max_text = INLINE_TEXT;
    return doc;
}

/* Freeing takes the same time for every document: there is nothing to walk. */
void json_doc_free(JsonDoc *doc)
{
    if (!doc) {
        return;
    }
    if (doc->items != doc->inline_items) {
        g_free(doc->items);
    }
    if (doc->text != doc->inline_text) {
        g_free(doc->text);
    }
    g_free(doc);
}

/* Adds an item.  Pointers to other items may become invalid. */
static JsonItem *doc_add(JsonDoc *doc, JsonKind kind)
{
    JsonItem *item;

    if (doc->n_items == doc->max_items) {
        doc->max_items *= 2;
        if (doc->items == doc->inline_items) {
            doc->items = g_new(JsonItem, doc->max_items);
            memcpy(doc->items, doc->inline_items, sizeof(doc->inline_items));
        } else {
            doc->items = g_renew(JsonItem, doc->items, doc->max_items);
        }
    }
    item = &doc->items[doc->n_items++];
    item->kind = kind;
    item->n_span = 1;
    return item;
}

/*
 * Makes room for @len bytes.  Doubling the buffer keeps the cost per byte
 * constant.
 */
static void doc_reserve_text(JsonDoc *doc, size_t len)
{
    if (len <= doc->max_text - doc->n_text) {
        return;
    }
    while (len > doc->max_text - doc->n_text) {
        doc->max_text *= 2;
    }
    if (doc->text == doc->inline_text) {
        doc->text = memcpy(g_malloc(doc->max_text), doc->inline_text,
                           doc->n_text);
    } else {
        doc->text = g_realloc(doc->text, doc->max_text);
    }
}

/* Adds an item with a text, which is NUL-terminated in the buffer. */
static void doc_add_text(JsonDoc *doc, JsonKind kind, const char *text,
                         size_t len)
{
    JsonItem *item = doc_add(doc, kind);

    doc_reserve_text(doc, len + 1);
    item->offset = doc->n_text;
    memcpy(doc->text + doc->n_text, text, len);
    doc->n_text += len;
    doc->text[doc->n_text++] = 0;
}

/*
 * Returns true if the item's value is a text.  Other numbers than INT64 keep
 * their spelling.
 */
static bool has_text(const JsonItem *item)
{
    return item->kind == JSON_KIND_STRING || item->kind == JSON_KIND_NUMBER;
}

/* Replaces the offsets by pointers, when the buffer no longer moves. */
static void doc_settle_text(JsonDoc *doc)
{
    for (size_t i = 0; i < doc->n_items; i++) {
        JsonItem *item = &doc->items[i];

        if (has_text(item)) {
            item->text = doc->text + item->offset;
        }
    }
}

/* ---- Names ---- */

/* Most names differ in the first byte, which costs less to find out than a
 * call. */
static inline bool is_same_name(const char *a, const char *b)
{
    return *a == *b && !strcmp(a, b);
}

/*
 * Compares @name with the names of the object at index @object, which is the
 * last container, so that its members end where the items end.
 */
static bool object_has(const JsonDoc *doc, size_t object, const char *name)
{
    const JsonItem *item = &doc->items[object + 1];
    const JsonItem *end = &doc->items[doc->n_items];

    while (item < end) {
        if (is_same_name(doc->text + item->offset, name)) {
            return true;
        }
        item = json_item_behind(item + 1);
    }
    return false;
}

/*
 * Returns (transfer full) a set of the names of the object.  They are copied
 * because the text may still move.
 */
static GHashTable *object_names(const JsonDoc *doc, size_t object)
{
    GHashTable *names = g_hash_table_new_full(hash_str, g_str_equal,
                                              g_free, NULL);
    const JsonItem *item = &doc->items[object + 1];
    const JsonItem *end = &doc->items[doc->n_items];

    while (item < end) {
        g_hash_table_add(names, g_strdup(doc->text + item->offset));
        item = json_item_behind(item + 1);
    }
    return names;
}

/* Returns true if the innermost object has no member of this name yet. */
static bool put_name(DocSink *sink, const char *name)
{
    OpenContainer *open = &sink->open[sink->depth - 1];
    JsonDoc *doc = sink->doc;

    if (doc->items[open->item].n == FEW_MEMBERS && !open->names) {
        open->names = object_names(doc, open->item);
    }
    if (open->names ? !g_hash_table_add(open->names, g_strdup(name))
                    : object_has(doc, open->item, name)) {
        return false;
    }
    doc_add_text(doc, JSON_KIND_STRING, name, strlen(name));
    return true;
}

/* ---- The sink ---- */

/* Adds the items of a piece. */
static void put_piece(DocSink *sink, const JsonPiece *piece)
{
    JsonDoc *doc = sink->doc;

    switch (piece->kind) {
    case JSON_KIND_NULL:
    case JSON_KIND_FALSE:
    case JSON_KIND_TRUE:
        doc_add(doc, piece->kind);
        break;
    case JSON_KIND_INT64:
        doc_add(doc, piece->kind)->i64 = piece->i64;
        break;
    case JSON_KIND_NUMBER:
    case JSON_KIND_STRING:
        doc_add_text(doc, piece->kind, piece->text, piece->len);
        break;
    case JSON_KIND_OBJECT:
    case JSON_KIND_ARRAY:
        sink->open[sink->depth++] = (OpenContainer){ doc->n_items, NULL };
        doc_add(doc, piece->kind)->n = 0;
        break;
    }
}

/*
 * The document is created with the first piece, because most streams wait for
 * input most of the time.
 */
static bool doc_sink_put(void *opaque, const char *key,
                         const JsonPiece *piece)
{
    DocSink *sink = opaque;

    if (!sink->doc) {
        sink->doc = doc_new();
    }
    if (key && !put_name(sink, key)) {
        return false;
    }
    if (sink->depth) {
        sink->doc->items[sink->open[sink->depth - 1].item].n++;
    }
    put_piece(sink, piece);
    return true;
}

/* Closes the innermost container. */
static void pop(DocSink *sink)
{
    g_clear_pointer(&sink->open[--sink->depth].names, g_hash_table_unref);
}

/*
 * The span is known now: everything since the container was opened is inside
 * it.
 */
static void doc_sink_close(void *opaque)
{
    DocSink *sink = opaque;
    size_t item;

    pop(sink);
    item = sink->open[sink->depth].item;
    sink->doc->items[item].n_span = sink->doc->n_items - item;
}

/* The caller gets the document; the next piece begins a new one. */
static void *doc_sink_finish(void *opaque)
{
    DocSink *sink = opaque;

    doc_settle_text(sink->doc);
    return g_steal_pointer(&sink->doc);
}

static void doc_sink_drop(void *opaque)
{
    DocSink *sink = opaque;

    while (sink->depth) {
        pop(sink);
    }
    g_clear_pointer(&sink->doc, json_doc_free);
}

static void doc_sink_free_value(void *value)
{
    json_doc_free(value);
}

const JsonSinkOps json_doc_sink_ops = {
    .put = doc_sink_put,
    .close = doc_sink_close,
    .finish = doc_sink_finish,
    .free_value = doc_sink_free_value,
    .drop = doc_sink_drop,
    .free = g_free,
};

/* The stack of containers is not cleared; `depth` says what is valid. */
void *json_doc_sink_new(void)
{
    DocSink *sink = g_new(DocSink, 1);

    sink->doc = NULL;
    sink->depth = 0;
    return sink;
}

/* ---- Reading ---- */

const JsonItem *json_doc_root(const JsonDoc *doc)
{
    return doc->items;
}

/* Represents the arguments of a request that has none. */
const JsonItem *json_item_empty_object(void)
{
    static const JsonItem empty = { .kind = JSON_KIND_OBJECT, .n_span = 1 };

    return &empty;
}

QType json_item_qtype(const JsonItem *item)
{
    static const QType types[] = {
        [JSON_KIND_NULL] = QTYPE_QNULL,
        [JSON_KIND_FALSE] = QTYPE_QBOOL,
        [JSON_KIND_TRUE] = QTYPE_QBOOL,
        [JSON_KIND_INT64] = QTYPE_QNUM,
        [JSON_KIND_NUMBER] = QTYPE_QNUM,
        [JSON_KIND_STRING] = QTYPE_QSTRING,
        [JSON_KIND_OBJECT] = QTYPE_QDICT,
        [JSON_KIND_ARRAY] = QTYPE_QLIST,
    };

    return types[item->kind];
}

const char *json_item_string(const JsonItem *item)
{
    return item->kind == JSON_KIND_STRING ? item->text : NULL;
}

/* A member is two items: its name and its value. */
const JsonItem *json_item_next_member(const JsonItem *object,
                                      const JsonItem *member,
                                      const char **name)
{
    const JsonItem *item = member ? json_item_behind(member) : object + 1;

    if (item == json_item_behind(object)) {
        return NULL;
    }
    *name = item->text;
    return item + 1;
}

bool json_item_get_int64(const JsonItem *item, int64_t *value)
{
    if (item->kind != JSON_KIND_INT64) {
        return false;
    }
    *value = item->i64;
    return true;
}

/*
 * A linear search: objects of requests have few members, and each is looked up
 * once.
 */
const JsonItem *json_item_member(const JsonItem *object, const char *name)
{
    const JsonItem *member = NULL;
    const char *each;

    while ((member = json_item_next_member(object, member, &each))) {
        if (is_same_name(each, name)) {
            return member;
        }
    }
    return NULL;
}

/* ---- Creating nodes ---- */

/* The recursion is limited by JSON_MAX_NESTING. */
static JsonNode *object_to_node(const JsonItem *item)
{
    JsonNode *node = json_node_new(JSON_NODE_OBJECT);
    JsonObject *object = json_object_new();
    const JsonItem *member = NULL;
    const char *name;

    json_node_take_object(node, object);
    while ((member = json_item_next_member(item, member, &name))) {
        json_object_set_member(object, name, json_item_to_node(member));
    }
    return node;
}

static JsonNode *array_to_node(const JsonItem *item)
{
    JsonNode *node = json_node_new(JSON_NODE_ARRAY);
    JsonArray *array = json_array_sized_new(item->n);
    const JsonItem *end = json_item_behind(item);

    json_node_take_array(node, array);
    for (item++; item < end; item = json_item_behind(item)) {
        json_array_add_element(array, json_item_to_node(item));
    }
    return node;
}

/*
 * Scalars become nodes by the same function as in the sink of nodes, so both
 * models agree on what a node is.
 */
JsonNode *json_item_to_node(const JsonItem *item)
{
    JsonPiece piece = { .kind = item->kind };

    if (item->kind == JSON_KIND_OBJECT) {
        return object_to_node(item);
    }
    if (item->kind == JSON_KIND_ARRAY) {
        return array_to_node(item);
    }
    if (has_text(item)) {
        piece.text = item->text;
        piece.len = strlen(item->text);
    } else if (item->kind == JSON_KIND_INT64) {
        piece.i64 = item->i64;
    }
    return json_scalar_node(&piece);
}
