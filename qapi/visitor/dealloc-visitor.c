/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A struct or alternate is freed when its visit ends, a list node when the next
 * node is requested, a string when it is visited.  Each slot is NULL
 * afterwards.
 *
 * The visitor serves code that visits values by hand and partly built values; a
 * caller that has the type descriptor uses qapi_type_free().
 */
#include "qapi/visitor/dealloc-visitor.h"
#include "qapi/visitor/visitor-impl.h"

/*
 * The members are visited first; the visit is skipped by the caller if *@obj is
 * NULL.
 */
static bool dealloc_start_struct(Visitor *v, const char *name, void **obj,
                                 size_t size, Error **errp)
{
    return true;
}

/* @obj is NULL in a virtual walk and where an alternate contains the struct. */
static void dealloc_end(Visitor *v, void **obj)
{
    if (obj) {
        g_free(*obj);
        *obj = NULL;
    }
}

/* The nodes are freed one by one as the list is visited. */
static bool dealloc_start_list(Visitor *v, const char *name,
                               GenericList **list, size_t size, Error **errp)
{
    return true;
}

/* The node was visited, so what it owned is freed; now the node itself is. */
static GenericList *dealloc_next_list(Visitor *v, GenericList *tail,
                                      size_t size)
{
    GenericList *next = tail->next;

    g_free(tail);
    return next;
}

static void dealloc_end_list(Visitor *v, void **list)
{
    if (list) {
        *list = NULL; /* next_list() has freed the nodes */
    }
}

/* The branch is visited next and frees what it owns. */
static bool dealloc_start_alternate(Visitor *v, const char *name,
                                    GenericAlternate **obj, size_t size,
                                    Error **errp)
{
    return true;
}

/* Scalars own nothing. */
static bool dealloc_type_int64(Visitor *v, const char *name, int64_t *obj,
                               Error **errp)
{
    return true;
}

static bool dealloc_type_uint64(Visitor *v, const char *name, uint64_t *obj,
                                Error **errp)
{
    return true;
}

static bool dealloc_type_bool(Visitor *v, const char *name, bool *obj,
                              Error **errp)
{
    return true;
}

static bool dealloc_type_number(Visitor *v, const char *name, double *obj,
                                Error **errp)
{
    return true;
}

static bool dealloc_type_str(Visitor *v, const char *name, char **obj,
                             Error **errp)
{
    if (obj) {
        g_clear_pointer(obj, g_free);
    }
    return true;
}

static bool dealloc_type_node(Visitor *v, const char *name, JsonNode **obj,
                              Error **errp)
{
    if (obj) {
        g_clear_pointer(obj, json_node_unref);
    }
    return true;
}

static void dealloc_free(Visitor *v)
{
    g_free(v);
}

static const VisitorOps dealloc_ops = {
    .type = VISITOR_DEALLOC,
    .start_struct = dealloc_start_struct,
    .end_struct = dealloc_end,
    .start_list = dealloc_start_list,
    .next_list = dealloc_next_list,
    .end_list = dealloc_end_list,
    .start_alternate = dealloc_start_alternate,
    .end_alternate = dealloc_end,
    .type_int64 = dealloc_type_int64,
    .type_uint64 = dealloc_type_uint64,
    .type_bool = dealloc_type_bool,
    .type_str = dealloc_type_str,
    .type_number = dealloc_type_number,
    .type_any = dealloc_type_node,
    .type_null = dealloc_type_node,
    .free = dealloc_free,
};

Visitor *qapi_dealloc_visitor_new(void)
{
    Visitor *v = g_new0(Visitor, 1);

    v->ops = &dealloc_ops;
    return v;
}
