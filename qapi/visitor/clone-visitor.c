/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The bytes of a container are copied before its members are visited.  When a
 * slot of the copy is visited, it therefore still holds a pointer into the
 * source; the visit replaces the pointer by a copy.
 *
 * The generic layer needs no visitor object on the heap: the visitor has no
 * state, and is a local variable of qapi_clone().
 */
#include "qapi/visitor/clone-visitor.h"
#include "qapi/json/json.h"
#include "qapi/visitor/visitor-impl.h"

#include <string.h>

/* *@obj points to the original before the call and to the copy after it. */
static bool clone_start_struct(Visitor *v, const char *name, void **obj,
                               size_t size, Error **errp)
{
    if (obj) {
        *obj = g_memdup2(*obj, size);
    }
    return true;
}

/* The copy belongs to what contains it; nothing remains to be done. */
static void clone_end(Visitor *v, void **obj)
{
}

static bool clone_start_list(Visitor *v, const char *name, GenericList **list,
                             size_t size, Error **errp)
{
    if (list) {
        *list = g_memdup2(*list, size);
    }
    return true;
}

/* The copied node still points to the next node of the source. */
static GenericList *clone_next_list(Visitor *v, GenericList *tail,
                                    size_t size)
{
    tail->next = g_memdup2(tail->next, size);
    return tail->next;
}

static bool clone_start_alternate(Visitor *v, const char *name,
                                  GenericAlternate **obj, size_t size,
                                  Error **errp)
{
    *obj = g_memdup2(*obj, size);
    return true;
}

/* Scalars have already been copied with the bytes of their container. */

static bool clone_type_int64(Visitor *v, const char *name, int64_t *obj,
                             Error **errp)
{
    return true;
}

static bool clone_type_uint64(Visitor *v, const char *name, uint64_t *obj,
                              Error **errp)
{
    return true;
}

static bool clone_type_bool(Visitor *v, const char *name, bool *obj,
                            Error **errp)
{
    return true;
}

static bool clone_type_number(Visitor *v, const char *name, double *obj,
                              Error **errp)
{
    return true;
}

/* A string that is NULL counts as "", as in JSON output. */
static bool clone_type_str(Visitor *v, const char *name, char **obj,
                           Error **errp)
{
    *obj = g_strdup(*obj ? *obj : "");
    return true;
}

/*
 * A node may be shared by reference, but what it contains may be changed later,
 * so the copy is deep.
 */
static bool clone_type_node(Visitor *v, const char *name, JsonNode **obj,
                            Error **errp)
{
    *obj = *obj ? json_node_copy_deep(*obj) : NULL;
    return true;
}

/* The visitor is a local variable of the functions below. */
static void clone_free(Visitor *v)
{
}

static const VisitorOps clone_ops = {
    .type = VISITOR_CLONE,
    .start_struct = clone_start_struct,
    .end_struct = clone_end,
    .start_list = clone_start_list,
    .next_list = clone_next_list,
    .end_list = clone_end,
    .start_alternate = clone_start_alternate,
    .type_int64 = clone_type_int64,
    .type_uint64 = clone_type_uint64,
    .type_bool = clone_type_bool,
    .type_str = clone_type_str,
    .type_number = clone_type_number,
    .type_any = clone_type_node,
    .type_null = clone_type_node,
    .free = clone_free,
};

/* A visit of C data cannot fail. */
void *qapi_clone(const void *src,
                 bool (*visit_type)(Visitor *v, const char *name, void **obj,
                                    Error **errp))
{
    Visitor v = { .ops = &clone_ops };
    void *dst = (void *)src;

    if (src) {
        visit_type(&v, NULL, &dst, &error_abort);
    }
    return dst;
}

/* The struct itself is the caller's memory. */
void qapi_clone_members(void *dst, const void *src, size_t size,
                        bool (*visit_type_members)(Visitor *v, void *obj,
                                                   Error **errp))
{
    Visitor v = { .ops = &clone_ops };

    memcpy(dst, src, size);
    visit_type_members(&v, dst, &error_abort);
}
