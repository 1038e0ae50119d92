/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What it takes to be a visitor.
 *
 * A visitor embeds Visitor as its first member and fills a constant table of
 * operations.  Only type_int64 .. type_null and free are mandatory; the
 * generic layer (visitor.c) supplies the narrow integers, enums, policy and
 * everything else from them.
 *
 * Thread: any; a visitor is used by one at a time
 * Contract: docs/qapi.md, "Writing a visitor"
 */
#ifndef QOM_QAPI_VISITOR_IMPL_H
#define QOM_QAPI_VISITOR_IMPL_H

#include "qapi/visitor/visitor.h"
#include "util/macros.h"

QOM_BEGIN_DECLS

typedef enum VisitorType {
    VISITOR_INPUT = 1,
    VISITOR_OUTPUT = 2,
    VISITOR_CLONE = 3,
    VISITOR_DEALLOC = 4,
} VisitorType;

typedef struct VisitorOps {
    VisitorType type;

    bool (*start_struct)(Visitor *v, const char *name, void **obj,
                         size_t size, Error **errp);
    bool (*check_struct)(Visitor *v, Error **errp); /* (nullable) */
    void (*end_struct)(Visitor *v, void **obj);

    bool (*start_list)(Visitor *v, const char *name, GenericList **list,
                       size_t size, Error **errp);
    GenericList *(*next_list)(Visitor *v, GenericList *tail, size_t size);
    bool (*check_list)(Visitor *v, Error **errp); /* (nullable) */
    void (*end_list)(Visitor *v, void **list);

    bool (*start_alternate)(Visitor *v, const char *name,
                            GenericAlternate **obj, size_t size,
                            Error **errp);        /* input, dealloc */
    void (*end_alternate)(Visitor *v, void **obj); /* (nullable) */

    bool (*type_int64)(Visitor *v, const char *name, int64_t *obj,
                       Error **errp);
    bool (*type_uint64)(Visitor *v, const char *name, uint64_t *obj,
                        Error **errp);
    bool (*type_size)(Visitor *v, const char *name, uint64_t *obj,
                      Error **errp); /* (nullable): as type_uint64 */
    bool (*type_bool)(Visitor *v, const char *name, bool *obj, Error **errp);
    bool (*type_str)(Visitor *v, const char *name, char **obj, Error **errp);
    bool (*type_number)(Visitor *v, const char *name, double *obj,
                        Error **errp);
    bool (*type_any)(Visitor *v, const char *name, JsonNode **obj,
                     Error **errp);
    bool (*type_null)(Visitor *v, const char *name, JsonNode **obj,
                      Error **errp);

    void (*optional)(Visitor *v, const char *name,
                     bool *present); /* input; (nullable) otherwise */

    /*
     * The text of the scalar that is next, borrowed; (nullable) unless
     * scalars come as text and alternates are to be told apart by it
     */
    const char *(*peek_text)(Visitor *v, const char *name);

    /* Full path of member @name, (transfer full); (nullable): @name itself */
    char *(*full_name)(Visitor *v, const char *name);

    void (*complete)(Visitor *v, void *opaque); /* output */
    void (*free)(Visitor *v);
} VisitorOps;

struct Visitor {
    const VisitorOps *ops;
    CompatPolicy policy; /* all zero to begin with: accept */
    bool was_named; /* the full name of a value was asked for, by an error */
};

/**
 * visitor_full_name: how an error message calls a value
 * @v: the visitor
 * @name: (nullable) the name passed to the visit call
 *
 * Returns: (transfer full) such as "limits.iops[2]"
 */
char *visitor_full_name(Visitor *v, const char *name);

/*
 * What input visitors refuse, in the same words.  Each sets @errp, if it is
 * not NULL, and returns false.
 */

/* visitor_fail_missing: there is no value of that name */
bool visitor_fail_missing(Visitor *v, const char *name, Error **errp);

/* visitor_fail_type: it is a value of another type than @expected */
bool visitor_fail_type(Visitor *v, const char *name, const char *expected,
                       Error **errp);

/* visitor_fail_expects: it is not what a value of its type may be */
bool visitor_fail_expects(Visitor *v, const char *name, const char *expected,
                          Error **errp);

QOM_END_DECLS

#endif
