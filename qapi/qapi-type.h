/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QapiType: a C data type, described once as static data.
 *
 * A descriptor says all that is to be known of a type of the schema: its
 * kind, the size of its C form, its members with offset and type, its
 * branches, the names of its values, its features and its documentation.  The
 * schema compiler emits descriptors, and a descriptor may be written by hand;
 * nothing is generated but data.  One walker each visits, frees, clones and
 * compares any value of any type (below), and others introspect and print
 * help (qapi/introspect.h).
 *
 * C forms, chosen to be those of QEMU's generated code:
 *
 *   kind        C type of a member or list value      absent when optional
 *   bool, ints  bool, int8_t .. uint64_t, double      has_NAME is false
 *   enum        the enum (int)                        has_NAME is false
 *   str         char *                                NULL
 *   any, null   JsonNode *                            NULL
 *   struct      T *                                   NULL
 *   union       T *: base members, then union `u`     NULL
 *   alternate   T *: QType `type`, then union `u`     NULL
 *   list        TList *: `next`, then `value`         has_NAME is false
 *
 * So the type of an optional member says whether there is a has_NAME.
 *
 * Thread: descriptors are constant; walkers may run in any thread, one at a
 * time for one value.
 * Contract: docs/qapi.md, "Descriptors"
 */
#ifndef QOM_QAPI_QAPI_TYPE_H
#define QOM_QAPI_QAPI_TYPE_H

#include "qapi/error.h"
#include "util/macros.h"

#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <stdint.h>

QOM_BEGIN_DECLS

typedef struct Visitor Visitor;
typedef struct QapiType QapiType;

typedef enum QapiKind {
    QAPI_KIND_BOOL,
    QAPI_KIND_INT8,
    QAPI_KIND_INT16,
    QAPI_KIND_INT32,
    QAPI_KIND_INT64, /* 'int' and 'int64' */
    QAPI_KIND_UINT8,
    QAPI_KIND_UINT16,
    QAPI_KIND_UINT32,
    QAPI_KIND_UINT64,
    QAPI_KIND_SIZE, /* uint64_t; text may carry a suffix */
    QAPI_KIND_NUMBER,
    QAPI_KIND_STR,
    QAPI_KIND_ENUM,
    QAPI_KIND_NULL,
    QAPI_KIND_ANY,
    QAPI_KIND_STRUCT,
    QAPI_KIND_UNION,
    QAPI_KIND_ALTERNATE,
    QAPI_KIND_LIST,
} QapiKind;

/* The JSON type of a value; which branch of an alternate is present. */
typedef enum QType {
    QTYPE_NONE,
    QTYPE_QNULL,
    QTYPE_QNUM,
    QTYPE_QSTRING,
    QTYPE_QDICT,
    QTYPE_QLIST,
    QTYPE_QBOOL,
    QTYPE__MAX,
} QType;

/* Bit numbers of the features that the library itself acts on. */
enum {
    QAPI_DEPRECATED,
    QAPI_UNSTABLE,
};

/* Names of an enumeration's values, as C code that has no schema gives them. */
typedef struct QEnumLookup {
    const char *const *array;      /* [size]; NULL is a hole */
    const unsigned char *features; /* (nullable) [size], bits as above */
    int size;
} QEnumLookup;

/* A feature as the schema names it, for introspection and documents. */
typedef struct QapiFeature {
    const char *name;
    const char *doc; /* (nullable) */
} QapiFeature;

/* What goes with a member beyond its type; of properties of classes. */
typedef struct QapiMemberDetails {
    const char *def; /* (nullable) the default, as JSON text */
    const char *min; /* (nullable) the same */
    const char *max; /* (nullable) the same */
    const char *unit; /* (nullable) such as "ns" */
    const char *set; /* (nullable) "any-time", "create" or "never" */
} QapiMemberDetails;

typedef struct QapiMember {
    const char *name;
    const QapiType *type;
    uint32_t offset;     /* of the value in the containing struct */
    uint32_t has_offset; /* of its has_NAME, if it is to have one */
    bool optional;
    uint64_t special_features;   /* bits as above */
    const QapiFeature *features; /* (nullable) ends with a NULL name */
    const char *doc;             /* (nullable) */
    const QapiMemberDetails *details; /* (nullable) */
} QapiMember;

/* A branch of a union (by tag value) or of an alternate (by JSON type). */
typedef struct QapiBranch {
    const char *name;
    int value;            /* tag value, or QType */
    const QapiType *type; /* NULL: no members */
} QapiBranch;

struct QapiType {
    const char *name; /* as in the schema; of a list, that of its C type */
    QapiKind kind;
    uint32_t size; /* sizeof the C form; of a list, of its node */

    /* struct and union: all members, those of the base first */
    const QapiMember *members; /* [n_members] */
    uint32_t n_members;
    const QapiType *base; /* (nullable) struct that members begin with */

    /* union: which member is the tag; union and alternate: the branches */
    uint32_t tag_index;
    uint32_t u_offset;
    const QapiBranch *branches; /* [n_branches] in order of declaration */
    uint32_t n_branches;

    const QapiType *element; /* list */
    uint32_t value_offset;   /* list: of `value` in the node */

    const QEnumLookup *lookup;                /* enum */
    const QapiFeature *const *value_features; /* (nullable) [lookup->size] */
    const char *const *value_docs;            /* (nullable) [lookup->size] */

    uint64_t special_features;
    const QapiFeature *features; /* (nullable) ends with a NULL name */
    const char *doc;             /* (nullable) */
};

/* The built-in types of the schema language. */
extern const QapiType qapi_type_bool;
extern const QapiType qapi_type_int; /* int64_t, spelt 'int' */
extern const QapiType qapi_type_int8;
extern const QapiType qapi_type_int16;
extern const QapiType qapi_type_int32;
extern const QapiType qapi_type_int64;
extern const QapiType qapi_type_uint8;
extern const QapiType qapi_type_uint16;
extern const QapiType qapi_type_uint32;
extern const QapiType qapi_type_uint64;
extern const QapiType qapi_type_size;
extern const QapiType qapi_type_number;
extern const QapiType qapi_type_str;
extern const QapiType qapi_type_null;
extern const QapiType qapi_type_any;
extern const QapiType qapi_type_QType;
extern const QapiType qapi_type_q_empty; /* a struct without members */
extern const QapiType qapi_type_boolList;
extern const QapiType qapi_type_intList;
extern const QapiType qapi_type_int8List;
extern const QapiType qapi_type_int16List;
extern const QapiType qapi_type_int32List;
extern const QapiType qapi_type_int64List;
extern const QapiType qapi_type_uint8List;
extern const QapiType qapi_type_uint16List;
extern const QapiType qapi_type_uint32List;
extern const QapiType qapi_type_uint64List;
extern const QapiType qapi_type_sizeList;
extern const QapiType qapi_type_numberList;
extern const QapiType qapi_type_strList;
extern const QapiType qapi_type_nullList;
extern const QapiType qapi_type_anyList;

/**
 * qapi_enum_parse: the value of a name
 * @lookup: the enumeration
 * @name: (nullable) text to match exactly; NULL gives @def
 * @def: returned where @name is NULL or unknown
 * @errp: set when @name is unknown
 */
int qapi_enum_parse(const QEnumLookup *lookup, const char *name, int def,
                    Error **errp);

/**
 * qapi_enum_lookup: the name of a value
 * @lookup: the enumeration
 * @value: a value of it; any other is a programming error
 *
 * Returns: static text
 */
const char *qapi_enum_lookup(const QEnumLookup *lookup, int value);

/**
 * qapi_type_visit: visit a value of any type
 * @v: the visitor
 * @name: name in the containing struct; ignored at the root, NULL in a list
 * @type: what @obj is
 * @obj: address of the value's slot: `int64_t *`, `char **`, `T **`,
 *       `TList **` as the table above says
 *
 * Does what visit_type_T() of QEMU's generated code does.  An input visitor
 * that fails leaves NULL in a pointer slot.
 *
 * Returns: true; false with @errp set
 */
bool qapi_type_visit(Visitor *v, const char *name, const QapiType *type,
                     void *obj, Error **errp);

/**
 * qapi_type_visit_members: visit the members of a struct or union
 * @v: the visitor, within visit_start_struct()
 * @type: a struct or union
 * @obj: the C struct itself
 *
 * Returns: true; false with @errp set
 */
bool qapi_type_visit_members(Visitor *v, const QapiType *type, void *obj,
                             Error **errp);

/**
 * qapi_type_free: free what a value owns
 * @type: what @obj is
 * @obj: address of the value's slot, as for qapi_type_visit(); a pointer slot
 *       is NULL afterwards; half-built values are fine
 */
void qapi_type_free(const QapiType *type, void *obj);

/**
 * qapi_type_clone: copy a value deeply
 * @type: what the values are
 * @dst: address of the slot to fill; what it held is overwritten, not freed
 * @src: address of the slot to copy
 */
void qapi_type_clone(const QapiType *type, void *dst, const void *src);

/**
 * qapi_type_equal: compare two values deeply
 * @type: what the values are
 * @a: address of a slot
 * @b: address of a slot
 *
 * Numbers compare by value (0.0 equals -0.0, a NaN equals nothing), lists by
 * order, JSON objects without order.
 */
bool qapi_type_equal(const QapiType *type, const void *a, const void *b);

QOM_END_DECLS

#endif
