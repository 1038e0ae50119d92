/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Walking through JSON, for the visitors that read it.
 *
 * The visitor keeps a stack of the containers that are being visited and a list
 * of the members that have been visited.  Both begin in arrays inside the
 * visitor, so that a shallow value costs one allocation.
 *
 * The members are listed by their nodes.  If the list is as long as the object,
 * every member has been visited and check_struct() succeeds at once.  Otherwise
 * the error names the first member in the order of the text that is missing
 * from the list.
 *
 * JsonSource hides whether the input is nodes or a document.
 */
#include "qapi/visitor/json-input-internal.h"
#include "util/programming-error.h"

#include <string.h>

/* Doubles the size of an array that is full. */
static void *grow(void *array, void *inline_array, size_t *max, size_t size)
{
    size_t n = *max;

    *max *= 2;
    if (array == inline_array) {
        return memcpy(g_malloc_n(*max, size), array, n * size);
    }
    return g_realloc_n(array, *max, size);
}

/*
 * Returns the path of @name inside the outermost @depth containers.  If @name
 * is NULL, it is the path of the current element of the innermost list.
 */
static char *path(JsonInputVisitor *jiv, size_t depth, const char *name)
{
    GString *str = g_string_new(NULL);
    size_t i;

    for (i = 0; i < depth; i++) {
        Frame *frame = &jiv->frames[i];

        if (frame->name) {
            g_string_append_printf(str, "%s%s", str->len ? "." : "",
                                   frame->name);
        }
        if (frame->array && (i + 1 < depth || !name)) {
            g_string_append_printf(str, jiv->dotted_path ? ".%u" : "[%u]",
                                   frame->current);
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

/* The path of everything that contains the value, and @name. */
char *json_input_full_name(Visitor *v, const char *name)
{
    JsonInputVisitor *jiv = to_jiv(v);

    return path(jiv, jiv->depth, name);
}

/* Returns the path of the innermost container. */
static char *container_name(JsonInputVisitor *jiv)
{
    const char *name = jiv->frames[jiv->depth - 1].name;

    jiv->v.was_named = true;
    return path(jiv, jiv->depth - 1, name);
}

/*
 * The members of the innermost struct begin at `n_outer`.  A linear search is
 * enough: an object has at most JSON_MAX_MEMBERS members, usually few.
 */
static bool is_visited(const JsonInputVisitor *jiv, const void *value)
{
    size_t i;

    for (i = jiv->frames[jiv->depth - 1].n_outer; i < jiv->n_visited; i++) {
        if (jiv->visited[i] == value) {
            return true;
        }
    }
    return false;
}

/*
 * A member that is visited twice is listed once, so that the length of the list
 * is the number of members that have been visited.
 */
static void mark_visited(JsonInputVisitor *jiv, const void *value)
{
    if (is_visited(jiv, value)) {
        return;
    }
    if (jiv->n_visited == jiv->max_visited) {
        jiv->visited = grow(jiv->visited, jiv->inline_visited,
                            &jiv->max_visited, sizeof(*jiv->visited));
    }
    jiv->visited[jiv->n_visited++] = value;
}

/*
 * The list's current index is set even if the value is not taken, because an
 * error about a missing element names it.
 */
const void *json_input_find(JsonInputVisitor *jiv, const char *name,
                            bool take)
{
    const void *value = NULL;
    Frame *frame;

    if (!jiv->depth) {
        return jiv->root;
    }
    frame = &jiv->frames[jiv->depth - 1];
    if (frame->object) {
        if (G_UNLIKELY(!name)) {
            programming_error("a member of a struct has no name");
        }
        value = jiv->source->member(frame->object, name);
        if (value && take) {
            mark_visited(jiv, value);
        }
        return value;
    }
    frame->current = frame->n_taken;
    if (frame->n_taken < jiv->source->n_elements(frame->array)) {
        value = jiv->source->element(frame->array, frame->n_taken,
                                     frame->taken);
        if (take) {
            frame->n_taken++;
            frame->taken = value;
        }
    }
    return value;
}

/* Opens a container; the caller sets `object` or `array`. */
static Frame *push(JsonInputVisitor *jiv, const char *name)
{
    Frame *frame;

    if (jiv->depth == jiv->max_depth) {
        jiv->frames = grow(jiv->frames, jiv->inline_frames, &jiv->max_depth,
                           sizeof(*jiv->frames));
    }
    frame = &jiv->frames[jiv->depth++];
    *frame = (Frame) { .name = name, .n_outer = jiv->n_visited };
    return frame;
}

/*
 * The value is taken first, so that it counts as visited even if it has the
 * wrong type: one error per value.
 */
bool json_input_start_struct(Visitor *v, const char *name, void **obj,
                             size_t size, Error **errp)
{
    const void *value = json_input_get(v, name, true, errp);

    if (obj) {
        *obj = NULL;
    }
    if (!value) {
        return false;
    }
    if (get_qtype(v, value) != QTYPE_QDICT) {
        return visitor_fail_type(v, name, "object", errp);
    }
    push(to_jiv(v), name)->object = value;
    if (obj) {
        *obj = g_malloc0(size);
    }
    return true;
}

/* For find_member(): the first member that was not visited. */
static bool is_left_over(const void *value, void *opaque)
{
    return !is_visited(opaque, value);
}

/* Counting comes first: the members are searched only if one is left over. */
bool json_input_check_struct(Visitor *v, Error **errp)
{
    JsonInputVisitor *jiv = to_jiv(v);
    Frame *frame;
    g_autofree char *full_name = NULL;
    const char *name;

    if (G_UNLIKELY(!jiv->depth || !jiv->frames[jiv->depth - 1].object)) {
        programming_error("visit_check_struct() outside of a struct");
    }
    frame = &jiv->frames[jiv->depth - 1];
    if (jiv->n_visited - frame->n_outer ==
        jiv->source->n_members(frame->object)) {
        return true;
    }
    name = jiv->source->find_member(frame->object, is_left_over, jiv);
    full_name = visitor_full_name(v, name);
    error_setg(errp, "Parameter '%s' is unexpected", full_name);
    return false;
}

/* Forgets the members of the struct that ends. */
void json_input_end_struct(Visitor *v, void **obj)
{
    JsonInputVisitor *jiv = to_jiv(v);

    if (G_UNLIKELY(!jiv->depth || !jiv->frames[jiv->depth - 1].object)) {
        programming_error("visit_end_struct() without the matching start");
    }
    jiv->n_visited = jiv->frames[--jiv->depth].n_outer;
}

/*
 * The first node is allocated here and each further node by
 * json_input_next_list(), so a list never has a node without an element.
 */
bool json_input_start_list(Visitor *v, const char *name, GenericList **list,
                           size_t size, Error **errp)
{
    const void *value = json_input_get(v, name, true, errp);

    if (list) {
        *list = NULL;
    }
    if (!value) {
        return false;
    }
    if (get_qtype(v, value) != QTYPE_QLIST) {
        return visitor_fail_type(v, name, "array", errp);
    }
    push(to_jiv(v), name)->array = value;
    if (list && to_jiv(v)->source->n_elements(value)) {
        *list = g_malloc0(size);
    }
    return true;
}

GenericList *json_input_next_list(Visitor *v, GenericList *tail, size_t size)
{
    JsonInputVisitor *jiv = to_jiv(v);
    Frame *frame = &jiv->frames[jiv->depth - 1];

    if (frame->n_taken == jiv->source->n_elements(frame->array)) {
        return NULL;
    }
    tail->next = g_malloc0(size);
    return tail->next;
}

/*
 * Elements are visited in order, so the number of those taken is the index of
 * the first that is left.
 */
bool json_input_check_list(Visitor *v, Error **errp)
{
    JsonInputVisitor *jiv = to_jiv(v);
    Frame *frame = &jiv->frames[jiv->depth - 1];
    g_autofree char *name = NULL;

    if (frame->n_taken == jiv->source->n_elements(frame->array)) {
        return true;
    }
    name = container_name(jiv);
    error_setg(errp, "Only %u list elements expected in '%s'",
               frame->n_taken, name);
    return false;
}

void json_input_end_list(Visitor *v, void **list)
{
    JsonInputVisitor *jiv = to_jiv(v);

    if (G_UNLIKELY(!jiv->depth || !jiv->frames[jiv->depth - 1].array)) {
        programming_error("visit_end_list() without the matching start");
    }
    jiv->depth--;
}

bool json_input_start_alternate(Visitor *v, const char *name,
                                GenericAlternate **obj, size_t size,
                                Error **errp)
{
    /* The value is not taken: the visit of the branch takes it. */
    const void *value = json_input_get(v, name, false, errp);

    *obj = NULL;
    if (!value) {
        return false;
    }
    *obj = g_malloc0(size);
    (*obj)->type = get_qtype(v, value);
    return true;
}

/* A document has no nodes; they are created here. */
bool json_input_type_any(Visitor *v, const char *name, JsonNode **obj,
                         Error **errp)
{
    const void *value = json_input_get(v, name, true, errp);

    *obj = value ? to_jiv(v)->source->to_node(value) : NULL;
    return value;
}

/* The node says nothing else than that it is null, so a new one is as good. */
bool json_input_type_null(Visitor *v, const char *name, JsonNode **obj,
                          Error **errp)
{
    const void *value = json_input_get(v, name, true, errp);

    *obj = NULL;
    if (!value) {
        return false;
    }
    if (get_qtype(v, value) != QTYPE_QNULL) {
        return visitor_fail_type(v, name, "null", errp);
    }
    *obj = json_node_new(JSON_NODE_NULL);
    return true;
}

/*
 * The member is looked up again when it is visited, which is cheap compared to
 * keeping it.
 */
void json_input_optional(Visitor *v, const char *name, bool *present)
{
    *present = json_input_find(to_jiv(v), name, false);
}

/* Whatever was allocated for C values is owned by the caller's slots. */
void json_input_free(Visitor *v)
{
    JsonInputVisitor *jiv = to_jiv(v);

    if (jiv->frames != jiv->inline_frames) {
        g_free(jiv->frames);
    }
    if (jiv->visited != jiv->inline_visited) {
        g_free(jiv->visited);
    }
    g_clear_pointer(&jiv->root_ref, json_node_unref);
    g_free(jiv);
}

void json_input_init(JsonInputVisitor *jiv, const JsonSource *source,
                     const void *root, const VisitorOps *ops)
{
    /* The inline arrays need no clearing: they hold nothing yet. */
    memset(jiv, 0, offsetof(JsonInputVisitor, inline_frames));
    jiv->v.ops = ops;
    jiv->source = source;
    jiv->root = root;
    jiv->frames = jiv->inline_frames;
    jiv->max_depth = INLINE_FRAMES;
    jiv->visited = jiv->inline_visited;
    jiv->max_visited = INLINE_VISITED;
}

/* The reference keeps the value alive if the caller drops it. */
void json_input_init_node(JsonInputVisitor *jiv, JsonNode *node,
                          const VisitorOps *ops)
{
    json_input_init(jiv, &json_node_source, node, ops);
    jiv->root_ref = json_node_ref(node);
}
