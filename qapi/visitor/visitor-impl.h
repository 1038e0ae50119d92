/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What every visitor implements.
 *
 * A visitor has Visitor as its first member and a constant table of operations.
 * The operations type_int64 to type_null and free are mandatory.  The generic
 * layer (visitor.c) implements narrow integers, enumerations and the
 * compatibility policy on top of them.
 *
 * Thread: any; one thread at a time uses a visitor
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

/*
 * The operations of one visitor.  visitor.h describes the parameters and
 * results, which are those of the functions visit_NAME().
 */
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
                            Error **errp);        /* input and dealloc */
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
                     bool *present); /* input; (nullable) in others */

    /*
     * (nullable) Returns the text of the scalar that is visited next, borrowed.
     * A visitor whose scalars are text needs it to choose the branch of an
     * alternate.
     */
    const char *(*peek_text)(Visitor *v, const char *name);

    /*
     * (nullable) Returns the full path of member @name (transfer full); NULL:
     * the path is @name itself.
     */
    char *(*full_name)(Visitor *v, const char *name);

    void (*complete)(Visitor *v, void *opaque); /* output */
    void (*free)(Visitor *v);
} VisitorOps;

struct Visitor {
    const VisitorOps *ops;
    CompatPolicy policy; /* all zero at first: accept everything */
    bool was_named; /* true once an error has named a value with full path */
};

/**
 * visitor_full_name: returns the name of a value for error messages
 * @v: the visitor
 * @name: (nullable) the name that the visit function got
 *
 * Returns: (transfer full) the full path, such as "limits.iops[2]"
 * Thread: any; one thread at a time uses @v
 */
char *visitor_full_name(Visitor *v, const char *name);

/* The errors that all input visitors report in the same words. */

/**
 * visitor_fail_missing: reports that the input has no value of that name
 * @v: the visitor
 * @name: (nullable) the name that the visit function got
 * @errp: (nullable) set
 *
 * Returns: false
 * Thread: any; one thread at a time uses @v
 */
bool visitor_fail_missing(Visitor *v, const char *name, Error **errp);

/**
 * visitor_fail_type: reports that the value has the wrong type
 * @v: the visitor
 * @name: (nullable) the name that the visit function got
 * @expected: the name of the expected type, for the message
 * @errp: (nullable) set
 *
 * Returns: false
 * Thread: any; one thread at a time uses @v
 */
bool visitor_fail_type(Visitor *v, const char *name, const char *expected,
                       Error **errp);

/**
 * visitor_fail_expects: reports that the value is outside the range of its
 * type
 * @v: the visitor
 * @name: (nullable) the name that the visit function got
 * @expected: what the parameter expects, for the message
 * @errp: (nullable) set
 *
 * Returns: false
 * Thread: any; one thread at a time uses @v
 */
bool visitor_fail_expects(Visitor *v, const char *name, const char *expected,
                          Error **errp);

QOM_END_DECLS

#endif
