/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writing a value as a tree of JSON nodes, which the caller owns at the end.
 *
 * A container is added to its parent when its visit starts.  The stack
 * therefore holds borrowed nodes, and freeing the root frees everything, also
 * in the middle of a walk.
 */
#include "qapi/visitor/json-visitor.h"
#include "qapi/json/json.h"
#include "qapi/visitor/visitor-impl.h"
#include "util/programming-error.h"

#include <math.h>
#include <string.h>

/* Values that are nested less deeply need no allocation for the stack. */
#define INLINE_DEPTH 8

typedef struct Frame {
    JsonNode *node; /* an object or array, borrowed */
    const char *name; /* of the container in its parent; borrowed */
} Frame;

typedef struct JsonOutputVisitor {
    Visitor v;
    JsonNode *root;
    JsonNode **result; /* where visit_complete() stores the root */
    Frame *frames; /* [depth]: the open containers, the outermost first */
    size_t depth;
    size_t max_depth;
    Frame inline_frames[INLINE_DEPTH];
} JsonOutputVisitor;

/* Returns the visitor of which @v is a member. */
static JsonOutputVisitor *to_jov(Visitor *v)
{
    return container_of(v, JsonOutputVisitor, v);
}

/* Adds @node (consumed) to the innermost container, or makes it the root. */
static void put(Visitor *v, const char *name, JsonNode *node)
{
    JsonOutputVisitor *jov = to_jov(v);
    JsonNode *parent;

    if (!jov->depth) {
        if (G_UNLIKELY(jov->root)) {
            programming_error("a second value, '%s', outside of any struct or "
                              "list", name ? name : "");
        }
        jov->root = node;
        return;
    }
    parent = jov->frames[jov->depth - 1].node;
    if (JSON_NODE_HOLDS_OBJECT(parent)) {
        if (G_UNLIKELY(!name)) {
            programming_error("a member of a struct has no name");
        }
        json_object_set_member(json_node_get_object(parent), name, node);
    } else {
        json_array_add_element(json_node_get_array(parent), node);
    }
}

/* Opens a container; the stack begins in an array inside the visitor. */
static void push(Visitor *v, const char *name, JsonNode *node)
{
    JsonOutputVisitor *jov = to_jov(v);

    put(v, name, node);
    if (jov->depth == jov->max_depth) {
        jov->max_depth *= 2;
        if (jov->frames == jov->inline_frames) {
            jov->frames = memcpy(g_new(Frame, jov->max_depth), jov->frames,
                                 sizeof(jov->inline_frames));
        } else {
            jov->frames = g_renew(Frame, jov->frames, jov->max_depth);
        }
    }
    jov->frames[jov->depth++] = (Frame) { node, name };
}

/* Closes a container, which must be of the type that was opened. */
static void pop(Visitor *v, JsonNodeType type)
{
    JsonOutputVisitor *jov = to_jov(v);

    if (G_UNLIKELY(!jov->depth || json_node_get_node_type(
                                      jov->frames[jov->depth - 1].node) !=
                                      type)) {
        programming_error("%s() without the matching start",
                          type == JSON_NODE_OBJECT ? "visit_end_struct"
                                                   : "visit_end_list");
    }
    jov->depth--;
}

/*
 * The index of an element is the number of elements before it, because an
 * element is added when its visit starts or, for a scalar, ends.
 */
static char *jov_full_name(Visitor *v, const char *name)
{
    JsonOutputVisitor *jov = to_jov(v);
    GString *str = g_string_new(NULL);
    size_t i;

    for (i = 0; i < jov->depth; i++) {
        Frame *frame = &jov->frames[i];
        bool last = i + 1 == jov->depth;

        if (frame->name) {
            g_string_append_printf(str, "%s%s", str->len ? "." : "",
                                   frame->name);
        }
        if (JSON_NODE_HOLDS_ARRAY(frame->node)) {
            guint n = json_array_get_length(json_node_get_array(frame->node));

            /*
             * An outer list already contains the element that is being visited.
             */
            g_string_append_printf(str, "[%u]", last ? n : n - 1);
        }
    }
    if (name) {
        g_string_append_printf(str, "%s%s", str->len ? "." : "", name);
    }
    if (!str->len) {
        g_string_append(str, "<anonymous>");
    }
    return g_string_free(str, FALSE);
}

/* @obj and its size do not matter: members are visited one by one. */
static bool jov_start_struct(Visitor *v, const char *name, void **obj,
                             size_t size, Error **errp)
{
    JsonNode *node = json_node_new(JSON_NODE_OBJECT);

    json_node_take_object(node, json_object_new());
    push(v, name, node);
    return true;
}

static void jov_end_struct(Visitor *v, void **obj)
{
    pop(v, JSON_NODE_OBJECT);
}

static bool jov_start_list(Visitor *v, const char *name, GenericList **list,
                           size_t size, Error **errp)
{
    JsonNode *node = json_node_new(JSON_NODE_ARRAY);

    json_node_take_array(node, json_array_new());
    push(v, name, node);
    return true;
}

/* Walks the C list. */
static GenericList *jov_next_list(Visitor *v, GenericList *tail, size_t size)
{
    return tail->next;
}

static void jov_end_list(Visitor *v, void **list)
{
    pop(v, JSON_NODE_ARRAY);
}

static bool jov_type_int64(Visitor *v, const char *name, int64_t *obj,
                           Error **errp)
{
    put(v, name, json_number_new_int64(*obj));
    return true;
}

/* A value beyond 2^63-1 becomes a number that is kept as text. */
static bool jov_type_uint64(Visitor *v, const char *name, uint64_t *obj,
                            Error **errp)
{
    put(v, name, json_number_new_uint64(*obj));
    return true;
}

static bool jov_type_bool(Visitor *v, const char *name, bool *obj,
                          Error **errp)
{
    put(v, name, json_node_init_boolean(json_node_alloc(), *obj));
    return true;
}

/*
 * The text may come from C code, so json_text_new() makes sure that it is not
 * taken for a number.
 */
static bool jov_type_str(Visitor *v, const char *name, char **obj,
                         Error **errp)
{
    put(v, name, json_text_new(*obj));
    return true;
}

static bool jov_type_number(Visitor *v, const char *name, double *obj,
                            Error **errp)
{
    g_autofree char *full_name = NULL;

    /* JSON has no form for infinity and NaN. */
    if (!isfinite(*obj)) {
        full_name = visitor_full_name(v, name);
        error_setg(errp, "Parameter '%s' is not a finite number", full_name);
        return false;
    }
    put(v, name, json_number_new_double(*obj));
    return true;
}

/* The caller keeps its node. */
static bool jov_type_any(Visitor *v, const char *name, JsonNode **obj,
                         Error **errp)
{
    put(v, name, json_node_copy_deep(*obj));
    return true;
}

/* @obj is not read: its value can only be null. */
static bool jov_type_null(Visitor *v, const char *name, JsonNode **obj,
                          Error **errp)
{
    put(v, name, json_node_new(JSON_NODE_NULL));
    return true;
}

static void jov_complete(Visitor *v, void *opaque)
{
    JsonOutputVisitor *jov = to_jov(v);

    if (G_UNLIKELY(opaque != jov->result || !jov->root || jov->depth)) {
        programming_error("visit_complete(): %s",
                          opaque != jov->result
                              ? "the argument is not the one of "
                                "json_output_visitor_new()"
                          : jov->depth ? "a struct or a list has no end"
                                       : "nothing was visited");
    }
    *jov->result = g_steal_pointer(&jov->root);
}

/* Without visit_complete() the value is freed as well. */
static void jov_free(Visitor *v)
{
    JsonOutputVisitor *jov = to_jov(v);

    g_clear_pointer(&jov->root, json_node_unref);
    if (jov->frames != jov->inline_frames) {
        g_free(jov->frames);
    }
    g_free(jov);
}

static const VisitorOps jov_ops = {
    .type = VISITOR_OUTPUT,
    .start_struct = jov_start_struct,
    .end_struct = jov_end_struct,
    .start_list = jov_start_list,
    .next_list = jov_next_list,
    .end_list = jov_end_list,
    .type_int64 = jov_type_int64,
    .type_uint64 = jov_type_uint64,
    .type_bool = jov_type_bool,
    .type_str = jov_type_str,
    .type_number = jov_type_number,
    .type_any = jov_type_any,
    .type_null = jov_type_null,
    .full_name = jov_full_name,
    .complete = jov_complete,
    .free = jov_free,
};

/* The frames are not cleared; `depth` says what is valid. */
Visitor *json_output_visitor_new(JsonNode **result)
{
    JsonOutputVisitor *jov = g_new(JsonOutputVisitor, 1);

    memset(jov, 0, offsetof(JsonOutputVisitor, inline_frames));
    jov->v.ops = &jov_ops;
    jov->result = result;
    jov->frames = jov->inline_frames;
    jov->max_depth = INLINE_DEPTH;
    return &jov->v;
}
