/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The visitor keeps a stack of the containers that are being visited and a list
 * of the members that have been visited.  Both begin in arrays inside the
 * visitor, so that a shallow value costs one allocation.
 *
 * The members are listed by their nodes.  If the list is as long as the object,
 * every member has been visited and check_struct() succeeds at once.  Otherwise
 * the error names the first member in the order of the text that is missing
 * from the list.
 *
 * With keyval all scalars are text, and only the functions that read scalars
 * differ.  The same goes for the text of an option, in which another visitor
 * reads a list of integers.  JsonSource hides whether the input is nodes or a
 * document.
 */
#include "qapi/visitor/json-visitor.h"

#include "qapi/json/json-doc.h"
#include "qapi/scalar-text.h"
#include "qapi/visitor/json-source-internal.h"
#include "qapi/visitor/string-visitor.h"
#include "qapi/visitor/text-visitor-internal.h"
#include "util/programming-error.h"

#include <string.h>

#define INLINE_FRAMES 4
#define INLINE_VISITED 16

typedef struct Frame {
    const char *name;   /* (nullable) the name of the container */
    const void *object; /* set for a struct */
    const void *array;  /* set for a list */
    guint n_taken;      /* list: number of elements taken */
    guint current;      /* list: the index of the last element read */
    const void *taken;  /* list: the last element taken */
    size_t n_outer;     /* struct: n_visited at its start */
} Frame;

typedef struct JsonInputVisitor {
    Visitor v;
    const JsonSource *source;
    const void *root;
    JsonNode *root_ref; /* (nullable) a reference that keeps @root */
    bool keyval;
    Visitor *ranges; /* (nullable) option: reads the list being visited */
    const char *ranges_name; /* of that list; (nullable) */
    Frame *frames; /* [depth] */
    size_t depth;
    size_t max_depth;
    const void **visited; /* [n_visited] members of all open structs */
    size_t n_visited;
    size_t max_visited;
    Frame inline_frames[INLINE_FRAMES];
    const void *inline_visited[INLINE_VISITED];
} JsonInputVisitor;

static JsonInputVisitor *to_jiv(Visitor *v)
{
    return container_of(v, JsonInputVisitor, v);
}

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
            g_string_append_printf(str, jiv->keyval ? ".%u" : "[%u]",
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
static char *jiv_full_name(Visitor *v, const char *name)
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
 * Returns the value that is visited next; NULL if there is none.  @take: true
 * if the visit takes the value, false if it only looks it up.  The list's
 * current index is set in both cases, because an error about a missing element
 * names it.
 */
static const void *find(JsonInputVisitor *jiv, const char *name, bool take)
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

/* Does what find() does, but a missing value is an error. */
static const void *get(Visitor *v, const char *name, bool take, Error **errp)
{
    const void *value = find(to_jiv(v), name, take);

    if (!value) {
        visitor_fail_missing(v, name, errp);
    }
    return value;
}

/* Shortens the callers below. */
static QType get_qtype(Visitor *v, const void *value)
{
    return to_jiv(v)->source->qtype(value);
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
static bool jiv_start_struct(Visitor *v, const char *name, void **obj,
                             size_t size, Error **errp)
{
    const void *value = get(v, name, true, errp);

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
static bool jiv_check_struct(Visitor *v, Error **errp)
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
static void jiv_end_struct(Visitor *v, void **obj)
{
    JsonInputVisitor *jiv = to_jiv(v);

    if (G_UNLIKELY(!jiv->depth || !jiv->frames[jiv->depth - 1].object)) {
        programming_error("visit_end_struct() without the matching start");
    }
    jiv->n_visited = jiv->frames[--jiv->depth].n_outer;
}

/*
 * The first node is allocated here and each further node by jiv_next_list(), so
 * a list never has a node without an element.
 */
static bool jiv_start_list(Visitor *v, const char *name, GenericList **list,
                           size_t size, Error **errp)
{
    const void *value = get(v, name, true, errp);

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

static GenericList *jiv_next_list(Visitor *v, GenericList *tail, size_t size)
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
static bool jiv_check_list(Visitor *v, Error **errp)
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

static void jiv_end_list(Visitor *v, void **list)
{
    JsonInputVisitor *jiv = to_jiv(v);

    if (G_UNLIKELY(!jiv->depth || !jiv->frames[jiv->depth - 1].array)) {
        programming_error("visit_end_list() without the matching start");
    }
    jiv->depth--;
}

static bool jiv_start_alternate(Visitor *v, const char *name,
                                GenericAlternate **obj, size_t size,
                                Error **errp)
{
    /* The value is not taken: the visit of the branch takes it. */
    const void *value = get(v, name, false, errp);

    *obj = NULL;
    if (!value) {
        return false;
    }
    *obj = g_malloc0(size);
    (*obj)->type = get_qtype(v, value);
    return true;
}

/*
 * An integer that is out of range gets another message than a value that is no
 * integer.
 */
static bool jiv_type_int64(Visitor *v, const char *name, int64_t *obj,
                           Error **errp)
{
    const void *value = get(v, name, true, errp);

    if (!value) {
        return false;
    }
    if (to_jiv(v)->source->get_int64(value, obj)) {
        return true;
    }
    return to_jiv(v)->source->is_integer(value)
        ? visitor_fail_expects(v, name, "int64", errp)
        : visitor_fail_type(v, name, "integer", errp);
}

/* See jiv_type_int64(); -1 is out of range. */
static bool jiv_type_uint64(Visitor *v, const char *name, uint64_t *obj,
                            Error **errp)
{
    const void *value = get(v, name, true, errp);

    if (!value) {
        return false;
    }
    if (to_jiv(v)->source->get_uint64(value, obj)) {
        return true;
    }
    return to_jiv(v)->source->is_integer(value)
        ? visitor_fail_expects(v, name, "uint64", errp)
        : visitor_fail_type(v, name, "integer", errp);
}

/* Only true and false are booleans; with keyval other words are, too. */
static bool jiv_type_bool(Visitor *v, const char *name, bool *obj,
                          Error **errp)
{
    const void *value = get(v, name, true, errp);

    if (!value) {
        return false;
    }
    if (get_qtype(v, value) != QTYPE_QBOOL) {
        return visitor_fail_type(v, name, "boolean", errp);
    }
    *obj = to_jiv(v)->source->get_boolean(value);
    return true;
}

/* The document may be freed before the string is, so the string is copied. */
static bool jiv_type_str(Visitor *v, const char *name, char **obj,
                         Error **errp)
{
    const void *value = get(v, name, true, errp);
    const char *text;

    *obj = NULL;
    if (!value) {
        return false;
    }
    if (get_qtype(v, value) != QTYPE_QSTRING) {
        return visitor_fail_type(v, name, "string", errp);
    }
    text = to_jiv(v)->source->get_string(value);
    *obj = g_strdup(text ? text : "");
    return true;
}

/* Integers are numbers as well, unless a double would round them. */
static bool jiv_type_number(Visitor *v, const char *name, double *obj,
                            Error **errp)
{
    const void *value = get(v, name, true, errp);

    if (!value) {
        return false;
    }
    if (to_jiv(v)->source->get_double(value, obj)) {
        return true;
    }
    return get_qtype(v, value) == QTYPE_QNUM
        ? visitor_fail_expects(v, name, "a number that 'double' can hold", errp)
        : visitor_fail_type(v, name, "number", errp);
}

/* A document has no nodes; they are created here. */
static bool jiv_type_any(Visitor *v, const char *name, JsonNode **obj,
                         Error **errp)
{
    const void *value = get(v, name, true, errp);

    *obj = value ? to_jiv(v)->source->to_node(value) : NULL;
    return value;
}

/* The node says nothing else than that it is null, so a new one is as good. */
static bool jiv_type_null(Visitor *v, const char *name, JsonNode **obj,
                          Error **errp)
{
    const void *value = get(v, name, true, errp);

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
static void jiv_optional(Visitor *v, const char *name, bool *present)
{
    *present = find(to_jiv(v), name, false);
}

/*
 * Returns the text of a scalar; NULL with @errp set.  Containers come from
 * dotted keys, so their message shows the keys.
 */
static const char *keyval_get_text(Visitor *v, const char *name, Error **errp)
{
    const void *value = get(v, name, true, errp);
    g_autofree char *full_name = NULL;

    if (!value) {
        return NULL;
    }
    switch (get_qtype(v, value)) {
    case QTYPE_QSTRING:
        return to_jiv(v)->source->get_string(value);
    case QTYPE_QDICT:
    case QTYPE_QLIST:
        full_name = visitor_full_name(v, name);
        error_setg(errp, "Parameters '%s.*' are unexpected", full_name);
        return NULL;
    default:
        visitor_fail_type(v, name, "string", errp);
        return NULL;
    }
}

/* Words the error for @text, which is not a value of the kind. */
static bool keyval_fail(Visitor *v, const char *name, QapiKind kind,
                        const char *text, Error **errp)
{
    const char *expected = "number";

    switch (kind) {
    case QAPI_KIND_INT64:
        expected = scalar_text_is_integer(text) ? "int64" : "integer";
        break;
    case QAPI_KIND_UINT64:
        expected = scalar_text_is_integer(text) ? "uint64" : "integer";
        break;
    case QAPI_KIND_SIZE:
        expected = "size";
        break;
    case QAPI_KIND_BOOL:
        expected = "'on' or 'off'";
        break;
    default:
        break;
    }
    return visitor_fail_expects(v, name, expected, errp);
}

/* Does not take the value: the branch of the alternate does. */
static const char *keyval_peek_text(Visitor *v, const char *name)
{
    const void *value = find(to_jiv(v), name, false);

    return value && get_qtype(v, value) == QTYPE_QSTRING
        ? to_jiv(v)->source->get_string(value) : NULL;
}

/* ---- The text of an option, which may be a list of integers ---- */

static bool option_start_list(Visitor *v, const char *name,
                              GenericList **list, size_t size, Error **errp)
{
    const char *text = keyval_peek_text(v, name);

    if (!text) {
        return jiv_start_list(v, name, list, size, errp);
    }
    to_jiv(v)->ranges = string_input_visitor_new(text);
    to_jiv(v)->ranges_name = name;
    return visit_start_list(to_jiv(v)->ranges, name, list, size, errp);
}

static GenericList *option_next_list(Visitor *v, GenericList *tail,
                                     size_t size)
{
    Visitor *ranges = to_jiv(v)->ranges;

    return ranges ? visit_next_list(ranges, tail, size)
                  : jiv_next_list(v, tail, size);
}

static bool option_check_list(Visitor *v, Error **errp)
{
    Visitor *ranges = to_jiv(v)->ranges;

    return ranges ? visit_check_list(ranges, errp) : jiv_check_list(v, errp);
}

static void option_end_list(Visitor *v, void **list)
{
    Visitor *ranges = to_jiv(v)->ranges;

    if (!ranges) {
        jiv_end_list(v, list);
        return;
    }
    visit_end_list(ranges, list);
    g_clear_pointer(&to_jiv(v)->ranges, visit_free);
}

static bool option_type_int64(Visitor *v, const char *name, int64_t *obj,
                              Error **errp)
{
    Visitor *ranges = to_jiv(v)->ranges;

    return ranges ? visit_type_int64(ranges, name, obj, errp)
                  : text_visitor_int64(v, name, obj, errp);
}

static bool option_type_uint64(Visitor *v, const char *name, uint64_t *obj,
                               Error **errp)
{
    Visitor *ranges = to_jiv(v)->ranges;

    return ranges ? visit_type_uint64(ranges, name, obj, errp)
                  : text_visitor_uint64(v, name, obj, errp);
}

static char *option_full_name(Visitor *v, const char *name)
{
    Visitor *ranges = to_jiv(v)->ranges;

    return ranges ? visitor_full_name(ranges, name) : jiv_full_name(v, name);
}

/* A list of anything but integers cannot be one text. */
static bool option_is_element(Visitor *v, Error **errp)
{
    JsonInputVisitor *jiv = to_jiv(v);

    if (!jiv->ranges) {
        return false;
    }
    visitor_fail_type(v, jiv->ranges_name, "array", errp);
    return true;
}

static const char *option_get_text(Visitor *v, const char *name, Error **errp)
{
    return option_is_element(v, errp) ? NULL : keyval_get_text(v, name, errp);
}

static bool option_start_struct(Visitor *v, const char *name, void **obj,
                                size_t size, Error **errp)
{
    if (option_is_element(v, errp)) {
        if (obj) {
            *obj = NULL;
        }
        return false;
    }
    return jiv_start_struct(v, name, obj, size, errp);
}

static bool option_start_alternate(Visitor *v, const char *name,
                                   GenericAlternate **obj, size_t size,
                                   Error **errp)
{
    *obj = NULL;
    return !option_is_element(v, errp) &&
           jiv_start_alternate(v, name, obj, size, errp);
}

/* Whatever was allocated for C values is owned by the caller's slots. */
static void jiv_free(Visitor *v)
{
    JsonInputVisitor *jiv = to_jiv(v);

    if (jiv->frames != jiv->inline_frames) {
        g_free(jiv->frames);
    }
    if (jiv->visited != jiv->inline_visited) {
        g_free(jiv->visited);
    }
    g_clear_pointer(&jiv->root_ref, json_node_unref);
    g_clear_pointer(&jiv->ranges, visit_free);
    g_free(jiv);
}

/* What all three kinds of input have in common. */
#define CONTAINER_OPS                                                   \
    .type = VISITOR_INPUT,                                              \
    .start_struct = jiv_start_struct,                                   \
    .end_struct = jiv_end_struct,                                       \
    .start_list = jiv_start_list,                                       \
    .next_list = jiv_next_list,                                         \
    .check_list = jiv_check_list,                                       \
    .end_list = jiv_end_list,                                           \
    .start_alternate = jiv_start_alternate,                             \
    .type_any = jiv_type_any,                                           \
    .type_null = jiv_type_null,                                         \
    .optional = jiv_optional,                                           \
    .full_name = jiv_full_name,                                         \
    .free = jiv_free

static const VisitorOps typed_ops = {
    CONTAINER_OPS,
    .check_struct = jiv_check_struct,
    .type_int64 = jiv_type_int64,
    .type_uint64 = jiv_type_uint64,
    .type_bool = jiv_type_bool,
    .type_str = jiv_type_str,
    .type_number = jiv_type_number,
};

/* Has no check_struct, so members that were not visited are ignored. */
static const VisitorOps tolerant_ops = {
    CONTAINER_OPS,
    .type_int64 = jiv_type_int64,
    .type_uint64 = jiv_type_uint64,
    .type_bool = jiv_type_bool,
    .type_str = jiv_type_str,
    .type_number = jiv_type_number,
};

static const TextVisitorOps keyval_ops = {
    .ops = {
        CONTAINER_OPS,
        .check_struct = jiv_check_struct,
        .type_int64 = text_visitor_int64,
        .type_uint64 = text_visitor_uint64,
        .type_size = text_visitor_size,
        .type_bool = text_visitor_bool,
        .type_str = text_visitor_str,
        .type_number = text_visitor_number,
        .peek_text = keyval_peek_text,
    },
    .get_text = keyval_get_text,
    .fail = keyval_fail,
};

static const TextVisitorOps option_ops = {
    .ops = {
        .type = VISITOR_INPUT,
        .start_struct = option_start_struct,
        .check_struct = jiv_check_struct,
        .end_struct = jiv_end_struct,
        .start_list = option_start_list,
        .next_list = option_next_list,
        .check_list = option_check_list,
        .end_list = option_end_list,
        .start_alternate = option_start_alternate,
        .type_int64 = option_type_int64,
        .type_uint64 = option_type_uint64,
        .type_size = text_visitor_size,
        .type_bool = text_visitor_bool,
        .type_str = text_visitor_str,
        .type_number = text_visitor_number,
        .type_any = jiv_type_any,
        .type_null = jiv_type_null,
        .optional = jiv_optional,
        .peek_text = keyval_peek_text,
        .full_name = option_full_name,
        .free = jiv_free,
    },
    .get_text = option_get_text,
    .fail = keyval_fail,
};

/* @ops: one of the tables above */
static Visitor *jiv_new(const JsonSource *source, const void *root,
                        const VisitorOps *ops)
{
    JsonInputVisitor *jiv = g_new(JsonInputVisitor, 1);

    /* The inline arrays need no clearing: they hold nothing yet. */
    memset(jiv, 0, offsetof(JsonInputVisitor, inline_frames));
    jiv->v.ops = ops;
    jiv->source = source;
    jiv->root = root;
    jiv->keyval = ops == &keyval_ops.ops || ops == &option_ops.ops;
    jiv->frames = jiv->inline_frames;
    jiv->max_depth = INLINE_FRAMES;
    jiv->visited = jiv->inline_visited;
    jiv->max_visited = INLINE_VISITED;
    return &jiv->v;
}

/* The reference keeps the value alive if the caller drops it. */
static Visitor *jiv_new_node(JsonNode *node, const VisitorOps *ops)
{
    Visitor *v = jiv_new(&json_node_source, node, ops);

    to_jiv(v)->root_ref = json_node_ref(node);
    return v;
}

Visitor *json_input_visitor_new(JsonNode *node)
{
    return jiv_new_node(node, &typed_ops);
}

Visitor *json_input_visitor_new_tolerant(JsonNode *node)
{
    return jiv_new_node(node, &tolerant_ops);
}

Visitor *json_input_visitor_new_keyval(JsonNode *node)
{
    return jiv_new_node(node, &keyval_ops.ops);
}

Visitor *json_input_visitor_new_option(const char *text)
{
    g_autoptr(JsonNode) node = json_text_new(text);

    return jiv_new_node(node, &option_ops.ops);
}

/* A document has no references; the caller keeps it. */
Visitor *json_item_visitor_new(const JsonItem *item)
{
    return jiv_new(&json_item_source, item, &typed_ops);
}
