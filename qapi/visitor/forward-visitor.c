/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A visitor that passes a visit on to another visitor, under another name: a
 * property that is an alias of a property of another object.
 *
 * The member `depth` is the number of open structs and lists; names are changed
 * at depth 0 only.  The table of operations determines the kind of a visitor,
 * so there is one table for each kind of target.
 */
#include "qapi/visitor/forward-visitor.h"
#include "qapi/visitor/visitor-impl.h"
#include "util/programming-error.h"

#include <string.h>

typedef struct ForwardFieldVisitor {
    Visitor v;
    Visitor *target;
    const char *from;
    const char *to;
    size_t depth;
    char names[]; /* the text of `from` and `to` */
} ForwardFieldVisitor;

static ForwardFieldVisitor *to_ffv(Visitor *v)
{
    return container_of(v, ForwardFieldVisitor, v);
}

/*
 * Changes *@name to the name in the target.  Returns false with @errp set if
 * the target has no such name.  Names inside a container are the same on both
 * sides.
 */
static bool translate(ForwardFieldVisitor *ffv, const char **name,
                      Error **errp)
{
    if (ffv->depth) {
        return true;
    }
    if (*name && !strcmp(*name, ffv->from)) {
        *name = ffv->to;
        return true;
    }
    error_setg(errp, "Parameter '%s' is missing",
               *name ? *name : "<anonymous>");
    return false;
}

/* On failure of an input visitor, *@obj is NULL by contract. */
static bool ffv_start_struct(Visitor *v, const char *name, void **obj,
                             size_t size, Error **errp)
{
    ForwardFieldVisitor *ffv = to_ffv(v);

    if (!translate(ffv, &name, errp)) {
        if (obj && visit_is_input(v)) {
            *obj = NULL;
        }
        return false;
    }
    if (!visit_start_struct(ffv->target, name, obj, size, errp)) {
        return false;
    }
    ffv->depth++;
    return true;
}

/* The container is the target's, and so are the errors about it. */
static bool ffv_check_struct(Visitor *v, Error **errp)
{
    return visit_check_struct(to_ffv(v)->target, errp);
}

static void ffv_end_struct(Visitor *v, void **obj)
{
    ForwardFieldVisitor *ffv = to_ffv(v);

    if (G_UNLIKELY(!ffv->depth)) {
        programming_error("visit_end_struct() without the matching start");
    }
    ffv->depth--;
    visit_end_struct(ffv->target, obj);
}

/*
 * The elements have no names, and those of structs in the list are inside a
 * container.
 */
static bool ffv_start_list(Visitor *v, const char *name, GenericList **list,
                           size_t size, Error **errp)
{
    ForwardFieldVisitor *ffv = to_ffv(v);

    if (!translate(ffv, &name, errp)) {
        if (list && visit_is_input(v)) {
            *list = NULL;
        }
        return false;
    }
    if (!visit_start_list(ffv->target, name, list, size, errp)) {
        return false;
    }
    ffv->depth++;
    return true;
}

static GenericList *ffv_next_list(Visitor *v, GenericList *tail, size_t size)
{
    return visit_next_list(to_ffv(v)->target, tail, size);
}

static bool ffv_check_list(Visitor *v, Error **errp)
{
    return visit_check_list(to_ffv(v)->target, errp);
}

static void ffv_end_list(Visitor *v, void **list)
{
    ForwardFieldVisitor *ffv = to_ffv(v);

    if (G_UNLIKELY(!ffv->depth)) {
        programming_error("visit_end_list() without the matching start");
    }
    ffv->depth--;
    visit_end_list(ffv->target, list);
}

/* The branch is visited under the alternate's own name. */
static bool ffv_start_alternate(Visitor *v, const char *name,
                                GenericAlternate **obj, size_t size,
                                Error **errp)
{
    ForwardFieldVisitor *ffv = to_ffv(v);

    if (!translate(ffv, &name, errp)) {
        if (visit_is_input(v)) {
            *obj = NULL;
        }
        return false;
    }
    /* `depth` stays: the branch is visited under the alternate's own name. */
    return visit_start_alternate(ffv->target, name, obj, size, errp);
}

static void ffv_end_alternate(Visitor *v, void **obj)
{
    visit_end_alternate(to_ffv(v)->target, obj);
}

/* Scalars are translated at depth 0 and passed on unchanged below it. */
#define DEFINE_FORWARD(type, c_type)                                    \
    static bool ffv_type_##type(Visitor *v, const char *name,           \
                                c_type *obj, Error **errp)              \
    {                                                                   \
        ForwardFieldVisitor *ffv = to_ffv(v);                           \
                                                                        \
        return translate(ffv, &name, errp) &&                           \
            visit_type_##type(ffv->target, name, obj, errp);            \
    }

DEFINE_FORWARD(int64, int64_t)
DEFINE_FORWARD(uint64, uint64_t)
DEFINE_FORWARD(size, uint64_t)
DEFINE_FORWARD(bool, bool)
DEFINE_FORWARD(str, char *)
DEFINE_FORWARD(number, double)
DEFINE_FORWARD(any, JsonNode *)
DEFINE_FORWARD(null, JsonNode *)

/* A member of another name is absent, which is no error. */
static void ffv_optional(Visitor *v, const char *name, bool *present)
{
    ForwardFieldVisitor *ffv = to_ffv(v);

    if (translate(ffv, &name, NULL)) {
        visit_optional(ffv->target, name, present);
    } else {
        *present = false;
    }
}

/* The target may be a visitor whose scalars are not text. */
static const char *ffv_peek_text(Visitor *v, const char *name)
{
    ForwardFieldVisitor *ffv = to_ffv(v);
    Visitor *target = ffv->target;

    return translate(ffv, &name, NULL) && target->ops->peek_text
        ? target->ops->peek_text(target, name) : NULL;
}

/*
 * Errors name the value as the target does; a name that is not translated is
 * left as it is.
 */
static char *ffv_full_name(Visitor *v, const char *name)
{
    ForwardFieldVisitor *ffv = to_ffv(v);

    translate(ffv, &name, NULL);
    return visitor_full_name(ffv->target, name);
}

static void ffv_free(Visitor *v)
{
    g_free(to_ffv(v));
}

/* The tables differ in the kind alone. */
#define FORWARD_OPS(visitor_type)                                       \
    [visitor_type] = {                                                  \
        .type = visitor_type,                                           \
        .start_struct = ffv_start_struct,                               \
        .check_struct = ffv_check_struct,                               \
        .end_struct = ffv_end_struct,                                   \
        .start_list = ffv_start_list,                                   \
        .next_list = ffv_next_list,                                     \
        .check_list = ffv_check_list,                                   \
        .end_list = ffv_end_list,                                       \
        .start_alternate = ffv_start_alternate,                         \
        .end_alternate = ffv_end_alternate,                             \
        .type_int64 = ffv_type_int64,                                   \
        .type_uint64 = ffv_type_uint64,                                 \
        .type_size = ffv_type_size,                                     \
        .type_bool = ffv_type_bool,                                     \
        .type_str = ffv_type_str,                                       \
        .type_number = ffv_type_number,                                 \
        .type_any = ffv_type_any,                                       \
        .type_null = ffv_type_null,                                     \
        .optional = ffv_optional,                                       \
        .peek_text = ffv_peek_text,                                     \
        .full_name = ffv_full_name,                                     \
        .free = ffv_free,                                               \
    }

static const VisitorOps ffv_ops[] = {
    FORWARD_OPS(VISITOR_INPUT),
    FORWARD_OPS(VISITOR_OUTPUT),
    FORWARD_OPS(VISITOR_CLONE),
    FORWARD_OPS(VISITOR_DEALLOC),
};

/* The policy is copied, so it must be set before. */
Visitor *forward_field_visitor_new(Visitor *target, const char *from,
                                   const char *to)
{
    /* One block of memory holds the visitor and both names. */
    size_t from_size = strlen(from) + 1;
    size_t to_size = strlen(to) + 1;
    ForwardFieldVisitor *ffv = g_malloc(sizeof(*ffv) + from_size + to_size);

    *ffv = (ForwardFieldVisitor) {
        .v.ops = &ffv_ops[target->ops->type],
        .v.policy = target->policy,
        .target = target,
        .from = memcpy(ffv->names, from, from_size),
        .to = memcpy(ffv->names + from_size, to, to_size),
    };
    return &ffv->v;
}
