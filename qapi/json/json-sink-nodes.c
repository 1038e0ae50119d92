/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The sink that creates nodes.  A container is added to its parent when it is
 * opened, so freeing the root frees everything.  The stack holds json-glib's
 * objects and arrays themselves, which saves a call per member.
 */
#include "qapi/json/json-internal.h"
#include "qapi/json/json-sink-internal.h"

typedef struct NodeSink {
    JsonNode *root; /* (nullable) the value that is being built */
    GHashTable *positions; /* (nullable) positions of nodes in the text */
    size_t depth;
    void *containers[JSON_MAX_NESTING]; /* [depth] JsonObject or JsonArray */
} NodeSink;

/*
 * Creates a container and makes it the innermost one.  Returns (transfer full)
 * its node.
 */
static JsonNode *open_container(NodeSink *sink, JsonKind kind)
{
    JsonNode *node;

    if (kind == JSON_KIND_OBJECT) {
        JsonObject *object = json_object_new();

        node = json_node_new(JSON_NODE_OBJECT);
        json_node_take_object(node, object);
        sink->containers[sink->depth++] = object;
    } else {
        JsonArray *array = json_array_new();

        node = json_node_new(JSON_NODE_ARRAY);
        json_node_take_array(node, array);
        sink->containers[sink->depth++] = array;
    }
    return node;
}

/* The text of a string is NUL-terminated; that of a number is not. */
JsonNode *json_scalar_node(const JsonPiece *piece)
{
    switch (piece->kind) {
    case JSON_KIND_NULL:
        return json_node_init_null(json_node_alloc());
    case JSON_KIND_FALSE:
    case JSON_KIND_TRUE:
        return json_node_init_boolean(json_node_alloc(),
                                      piece->kind == JSON_KIND_TRUE);
    case JSON_KIND_INT64:
        return json_number_new_int64(piece->i64);
    case JSON_KIND_NUMBER:
        return json_number_new_text(piece->text, piece->len);
    case JSON_KIND_STRING:
        return json_node_init_string(json_node_alloc(), piece->text);
    default:
        g_assert_not_reached();
    }
}

static JsonNode *piece_node(NodeSink *sink, const JsonPiece *piece)
{
    return json_kind_is_container(piece->kind)
        ? open_container(sink, piece->kind) : json_scalar_node(piece);
}

/*
 * Returns false if the object already had the member, which @node has then
 * replaced.  The value is dropped in that case.
 */
static bool put_member(JsonObject *object, const char *key, JsonNode *node)
{
    guint size = json_object_get_size(object);

    json_object_set_member(object, key, node);
    return json_object_get_size(object) > size;
}

/*
 * The table is keyed by the address of the node, which no later change of the
 * value affects.
 */
static void note_position(NodeSink *sink, JsonNode *node,
                          const JsonPiece *piece)
{
    JsonPosition *position = g_new(JsonPosition, 1);

    position->line = piece->line;
    position->column = piece->column;
    g_hash_table_insert(sink->positions, node, position);
}

/*
 * The parent is looked up first, because opening a container changes the stack.
 */
static bool node_sink_put(void *opaque, const char *key,
                          const JsonPiece *piece)
{
    NodeSink *sink = opaque;
    void *parent = sink->depth ? sink->containers[sink->depth - 1] : NULL;
    JsonNode *node = piece_node(sink, piece);

    if (sink->positions) {
        note_position(sink, node, piece);
    }
    if (!parent) {
        sink->root = node;
        return true;
    }
    if (key) {
        return put_member(parent, key, node);
    }
    json_array_add_element(parent, node);
    return true;
}

static void node_sink_close(void *opaque)
{
    ((NodeSink *)opaque)->depth--;
}

/*
 * The caller gets the root; the stack is empty, because all containers are
 * closed.
 */
static void *node_sink_finish(void *opaque)
{
    return g_steal_pointer(&((NodeSink *)opaque)->root);
}

static void node_sink_drop(void *opaque)
{
    NodeSink *sink = opaque;

    g_clear_pointer(&sink->root, json_node_unref);
    sink->depth = 0;
}

static void node_sink_free_value(void *value)
{
    json_node_unref(value);
}

const JsonSinkOps json_node_sink_ops = {
    .put = node_sink_put,
    .close = node_sink_close,
    .finish = node_sink_finish,
    .free_value = node_sink_free_value,
    .drop = node_sink_drop,
    .free = g_free,
};

/* The stack is not cleared; `depth` says what is valid. */
void *json_node_sink_new(void)
{
    NodeSink *sink = g_new(NodeSink, 1);

    sink->root = NULL;
    sink->positions = NULL;
    sink->depth = 0;
    return sink;
}

void *json_node_sink_new_with_positions(GHashTable *positions)
{
    NodeSink *sink = json_node_sink_new();

    sink->positions = positions;
    return sink;
}
