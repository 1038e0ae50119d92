/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QapiType: the type descriptor, constant data that describes one type of the
 * schema.
 *
 * A type descriptor holds everything that the program knows about a type: its
 * kind, the size of its C form, its members with offset and type, its branches,
 * the names of its values, its features and its documentation.  The schema
 * compiler emits type descriptors; one may also be written by hand.  No code is
 * generated for a type.  Instead one function each visits, frees, clones and
 * compares any value of any type (declared below, implemented in qapi/walk/),
 * and others introspect types (qapi/schema-info.h) and print help.
 *
 * The C forms are those of QEMU's generated code:
 *
 *     kind        C type of a member or list value      absent when optional
 *     bool, ints  bool, int8_t .. uint64_t, double      has_NAME is false
 *     enum        the enum (int)                        has_NAME is false
 *     str         char *                                NULL
 *     any, null   JsonNode *                            NULL
 *     struct      T *                                   NULL
 *     union       T *: base members, then union `u`     NULL
 *     alternate   T *: QType `type`, then union `u`     NULL
 *     list        TList *: `next`, then `value`         has_NAME is false
 *
 * The type of an optional member therefore decides whether it has a has_NAME.
 *
 * Thread: any; type descriptors are constant, and one thread at a time uses a
 *         value
 * Contract: docs/qapi.md, "Type descriptors"
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

/* The kind of a type.  qapi/qapi-slot.h depends on the order. */
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
    QAPI_KIND_SIZE, /* uint64_t; as text it may have a suffix */
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

/* The JSON type of a value.  It also selects the branch of an alternate. */
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

/* Bit numbers of the special features, those that the library acts on. */
enum {
    QAPI_DEPRECATED,
    QAPI_UNSTABLE,
};

/* The names of an enumeration's values. */
typedef struct QEnumLookup {
    const char *const *array;      /* [size]; NULL: no such value */
    const unsigned char *features; /* (nullable) [size], special features */
    int size;
} QEnumLookup;

/* A feature, for introspection and documents. */
typedef struct QapiFeature {
    const char *name;
    const char *doc; /* (nullable) */
} QapiFeature;

/* Details of a member that is a property of a class. */
typedef struct QapiMemberDetails {
    const char *def; /* (nullable) the default as JSON */
    const char *min; /* (nullable) the smallest value as JSON */
    const char *max; /* (nullable) the largest value as JSON */
    const char *unit; /* (nullable) the unit, such as "ns" */
    const char *set; /* (nullable) "any-time", "create" or "never" */
} QapiMemberDetails;

/* One member of a struct or union. */
typedef struct QapiMember {
    const char *name;
    const QapiType *type;
    uint32_t offset;     /* bytes from the start of the struct to the value */
    uint32_t has_offset; /* bytes to its has_NAME, if it has one */
    bool optional;
    uint64_t special_features;   /* bits as above */
    const QapiFeature *features; /* (nullable) ends with a NULL name */
    const char *doc;             /* (nullable) */
    const QapiMemberDetails *details; /* (nullable) */
} QapiMember;

/*
 * A branch of a union, selected by the value of the tag, or of an alternate,
 * selected by the JSON type.
 */
typedef struct QapiBranch {
    const char *name;
    int value;            /* the tag's value, or a QType */
    const QapiType *type; /* (nullable) NULL: no members */
} QapiBranch;

/* A type descriptor. */
struct QapiType {
    const char *name; /* as in the schema; for a list, the name of its C type */
    QapiKind kind;
    uint32_t size; /* bytes of the C form; for a list, of its node */

    /* struct and union: all members, those of the base first */
    const QapiMember *members; /* [n_members] */
    uint32_t n_members;
    const QapiType *base; /* (nullable) the struct whose members come first */

    /*
     * union: the index of the tag in @members; union and alternate: the
     * branches
     */
    uint32_t tag_index;
    uint32_t u_offset;
    const QapiBranch *branches; /* [n_branches] in the order of the schema */
    uint32_t n_branches;

    const QapiType *element; /* list */
    uint32_t value_offset;   /* list: bytes to `value` in the node */

    const QEnumLookup *lookup;                /* enum */
    const QapiFeature *const *value_features; /* (nullable) [lookup->size] */
    const char *const *value_docs;            /* (nullable) [lookup->size] */

    uint64_t special_features;
    const QapiFeature *features; /* (nullable) ends with a NULL name */
    const char *doc;             /* (nullable) */
};

/* The built-in types of the schema language. */
extern const QapiType qapi_type_bool;
extern const QapiType qapi_type_int; /* the schema type 'int', an int64_t */
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
 * qapi_enum_parse: looks up the value of an enumeration by its name
 * @lookup: the names of the enumeration
 * @name: (nullable) the name, which must match exactly; borrowed
 * @def: the result if @name is NULL or unknown
 * @errp: set if @name is not NULL and unknown
 *
 * Returns: the value; @def if there is none
 * Thread: any
 */
int qapi_enum_parse(const QEnumLookup *lookup, const char *name, int def,
                    Error **errp);

/**
 * qapi_enum_refuse: reports that a parameter does not accept a name
 * @lookup: the names of the enumeration
 * @param: the parameter's name
 * @name: the unknown name of a value
 * @errp: set to "Parameter 'P' does not accept value 'V'"; the hint has the
 *        value that @name resembles, and the accepted values
 *
 * Thread: any
 */
void qapi_enum_refuse(const QEnumLookup *lookup, const char *param,
                      const char *name, Error **errp);

/**
 * qapi_enum_append_values: appends the names of an enumeration to the hint of
 * an error: "Accepted values: a, b."
 * @lookup: the names of the enumeration; more than 20 are only counted
 * @errp: the errp of a function that begins with ERRP_GUARD()
 *
 * Thread: any; one thread at a time uses the error
 */
void qapi_enum_append_values(const QEnumLookup *lookup, Error *const *errp);

/**
 * qapi_enum_lookup: returns the name of an enumeration value
 * @lookup: the names of the enumeration
 * @value: a value of the enumeration; any other value is a programming error
 *
 * Returns: static text
 * Thread: any
 */
const char *qapi_enum_lookup(const QEnumLookup *lookup, int value);

/**
 * qapi_type_visit: visits a value of any type
 * @v: the visitor
 * @name: the name of the member inside a struct; ignored at the root, NULL
 *        inside a list
 * @type: the type of the value
 * @obj: address of the value's slot, see the table above: `int64_t *`,
 *       `char **`, `T **` or `TList **`
 * @errp: set on failure
 *
 * The function does what visit_type_T() of QEMU's generated code does.  If an
 * input visitor fails, a pointer slot is NULL afterwards.
 *
 * Returns: true; false with @errp set
 * Thread: any; one thread at a time uses @v and the value
 */
bool qapi_type_visit(Visitor *v, const char *name, const QapiType *type,
                     void *obj, Error **errp);

/**
 * qapi_type_visit_members: visits the members of a struct or union
 * @v: the visitor, between visit_start_struct() and visit_end_struct()
 * @type: a struct or union
 * @obj: the C struct itself
 * @errp: set on failure
 *
 * Returns: true; false with @errp set
 * Thread: any; one thread at a time uses @v and the value
 */
bool qapi_type_visit_members(Visitor *v, const QapiType *type, void *obj,
                             Error **errp);

/**
 * qapi_type_free: frees everything that a value owns
 * @type: the type of the value
 * @obj: address of the value's slot, as for qapi_type_visit(); a pointer slot
 *       is NULL afterwards
 *
 * The value may be NULL or only partly built.
 *
 * Thread: any; no other thread may use the value
 */
void qapi_type_free(const QapiType *type, void *obj);

/**
 * qapi_type_clone: copies a value with everything that it owns
 * @type: the type of the value
 * @dst: address of the slot to fill; its former contents are overwritten, not
 *       freed; the copy is the caller's (transfer full)
 * @src: address of the slot to copy; borrowed
 *
 * Thread: any; one thread at a time uses a value
 */
void qapi_type_clone(const QapiType *type, void *dst, const void *src);

/**
 * qapi_type_equal: compares two values with everything that they own
 * @type: the type of the values
 * @a: address of a slot; borrowed
 * @b: address of a slot; borrowed
 *
 * Numbers are compared by value: 0.0 equals -0.0, and a NaN equals nothing.
 * The order of a list's elements matters, that of a JSON object's members does
 * not.
 *
 * Returns: true if the values are equal
 * Thread: any; one thread at a time uses a value
 */
bool qapi_type_equal(const QapiType *type, const void *a, const void *b);

QOM_END_DECLS

#endif
