/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the visitors that read JSON share: they walk the containers of a value
 * in the same way.  They differ in how they read scalars.
 *
 * The operations have the parameters and results of the visit functions; see
 * qapi/visitor/visitor.h.
 *
 * Thread: any; one thread at a time uses a visitor
 */
#ifndef QOM_QAPI_JSON_INPUT_INTERNAL_H
#define QOM_QAPI_JSON_INPUT_INTERNAL_H

#include "qapi/visitor/json-source-internal.h"
#include "qapi/visitor/visitor-impl.h"

#define INLINE_FRAMES 4
#define INLINE_VISITED 16

/* A container that is being visited. */
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
    bool dotted_path;   /* errors name an element list.0, not list[0] */
    Frame *frames;      /* [depth] */
    size_t depth;
    size_t max_depth;
    const void **visited; /* [n_visited] members of all open structs */
    size_t n_visited;
    size_t max_visited;
    Frame inline_frames[INLINE_FRAMES];
    const void *inline_visited[INLINE_VISITED];
} JsonInputVisitor;

static inline JsonInputVisitor *to_jiv(Visitor *v)
{
    return container_of(v, JsonInputVisitor, v);
}

static inline QType get_qtype(Visitor *v, const void *value)
{
    return to_jiv(v)->source->qtype(value);
}

/*
 * Initializes a visitor of the value @root.  @ops: what `v.ops` is set to,
 * borrowed.
 */
void json_input_init(JsonInputVisitor *jiv, const JsonSource *source,
                     const void *root, const VisitorOps *ops);

/* The same for a node, of which the visitor takes a reference. */
void json_input_init_node(JsonInputVisitor *jiv, JsonNode *node,
                          const VisitorOps *ops);

/*
 * Returns the value that is visited next, borrowed; NULL if there is none.
 * @take: true if the visit takes the value, false if it only looks it up.
 */
const void *json_input_find(JsonInputVisitor *jiv, const char *name,
                            bool take);

/*
 * Does what json_input_find() does, but a missing value is an error.  Inline,
 * because each scalar is read with it.
 */
static inline const void *json_input_get(Visitor *v, const char *name,
                                         bool take, Error **errp)
{
    const void *value = json_input_find(to_jiv(v), name, take);

    if (!value) {
        visitor_fail_missing(v, name, errp);
    }
    return value;
}

bool json_input_start_struct(Visitor *v, const char *name, void **obj,
                             size_t size, Error **errp);
bool json_input_check_struct(Visitor *v, Error **errp);
void json_input_end_struct(Visitor *v, void **obj);
bool json_input_start_list(Visitor *v, const char *name, GenericList **list,
                           size_t size, Error **errp);
GenericList *json_input_next_list(Visitor *v, GenericList *tail, size_t size);
bool json_input_check_list(Visitor *v, Error **errp);
void json_input_end_list(Visitor *v, void **list);
bool json_input_start_alternate(Visitor *v, const char *name,
                                GenericAlternate **obj, size_t size,
                                Error **errp);
bool json_input_type_any(Visitor *v, const char *name, JsonNode **obj,
                         Error **errp);
bool json_input_type_null(Visitor *v, const char *name, JsonNode **obj,
                          Error **errp);
void json_input_optional(Visitor *v, const char *name, bool *present);
char *json_input_full_name(Visitor *v, const char *name);
void json_input_free(Visitor *v);

/* The entries of a table of operations that do not read scalars as text. */
#define JSON_INPUT_OPS                              \
    .type = VISITOR_INPUT,                          \
    .start_struct = json_input_start_struct,        \
    .end_struct = json_input_end_struct,            \
    .start_list = json_input_start_list,            \
    .next_list = json_input_next_list,              \
    .check_list = json_input_check_list,            \
    .end_list = json_input_end_list,                \
    .start_alternate = json_input_start_alternate,  \
    .type_any = json_input_type_any,                \
    .type_null = json_input_type_null,              \
    .optional = json_input_optional,                \
    .full_name = json_input_full_name,              \
    .free = json_input_free

#endif
