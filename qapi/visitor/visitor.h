/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Visitor: one walk over a value, for every format.
 *
 * Code that visits a value (the accessor of a property, qapi_type_visit())
 * names each member and its type.  The visitor decides what happens with the
 * member: an input visitor builds the value from JSON or text, an output
 * visitor writes it, a clone visitor copies it, a dealloc visitor frees it.
 *
 * The calls for a struct have this order, with the same @obj at both ends:
 *
 *     if (!visit_start_struct(v, name, (void **)&obj, sizeof(*obj), errp)) {
 *         return false;
 *     }
 *     ok = visit_type_int(v, "a", &obj->a, errp) && ...
 *          && visit_check_struct(v, errp);
 *     visit_end_struct(v, (void **)&obj);
 *
 * A caller passes NULL for @obj and 0 for its size to visit a struct or a list
 * that has no C form.  This is a virtual walk.
 *
 * A visitor walks one value and is then freed.  The parameter @name, which
 * every visit function has, is borrowed: it is the name of the member inside a
 * struct, NULL inside a list, and ignored at the root.  Error messages name the
 * full path of the value, such as "limits.iops[2]".
 *
 * Every function that takes @errp returns true on success and false with @errp
 * set on failure, unless its comment says otherwise.  @errp may be NULL.
 *
 * Thread: any; one thread at a time uses a visitor and the value that it visits
 * Contract: the API of QEMU 10's "qapi/visitor.h", with JsonNode for QObject
 */
#ifndef QOM_QAPI_VISITOR_H
#define QOM_QAPI_VISITOR_H

#include "qapi/error.h"
#include "qapi/qapi-type.h"
#include "util/macros.h"

#include <stdbool.h>
#include <stdint.h>

QOM_BEGIN_DECLS

/* The fields that every list node of the C form begins with. */
typedef struct GenericList {
    struct GenericList *next;
} GenericList;

/* The fields that the C form of every alternate begins with. */
typedef struct GenericAlternate {
    QType type;
} GenericAlternate;

/* What an input visitor does with a deprecated or unstable member or value. */
typedef enum CompatPolicyInput {
    COMPAT_POLICY_INPUT_ACCEPT,
    COMPAT_POLICY_INPUT_REJECT,
    COMPAT_POLICY_INPUT_CRASH,
} CompatPolicyInput;

/* What an output visitor does with a deprecated or unstable member. */
typedef enum CompatPolicyOutput {
    COMPAT_POLICY_OUTPUT_ACCEPT,
    COMPAT_POLICY_OUTPUT_HIDE,
} CompatPolicyOutput;

/*
 * The compatibility policy: what visitors do with deprecated and unstable parts
 * of the interface.
 */
typedef struct CompatPolicy {
    CompatPolicyInput deprecated_input;
    CompatPolicyOutput deprecated_output;
    CompatPolicyInput unstable_input;
    CompatPolicyOutput unstable_output;
} CompatPolicy;

/**
 * visit_complete: stores the result of an output visitor
 * @v: the visitor, after the walk
 * @opaque: the address that the visitor was created with; the result is stored
 *          there (transfer full)
 *
 * It must be called once at most.  For other visitors it does nothing.
 *
 * Thread: any; one thread at a time uses @v
 */
void visit_complete(Visitor *v, void *opaque);

/**
 * visit_free: frees a visitor and what it has built but not yet handed over
 * @v: (nullable) consumed; it may be in the middle of a walk
 *
 * Thread: any; no other thread may use @v
 */
void visit_free(Visitor *v);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Visitor, visit_free)

/**
 * visit_start_struct: begins the visit of a struct
 * @v: the visitor
 * @name: the name of the member, see above
 * @obj: (nullable) address of the pointer to the C struct; an input visitor
 *       allocates the struct, zeroed (transfer full); NULL for a virtual walk
 * @size: size of the C struct in bytes; 0 if @obj is NULL
 * @errp: set on failure; an input visitor then also stores NULL in *@obj
 *
 * After success visit_end_struct() must follow, even if a visit in between
 * fails.
 *
 * Returns: true; false with @errp set
 * Thread: any; one thread at a time uses @v
 */
bool visit_start_struct(Visitor *v, const char *name, void **obj,
                        size_t size, Error **errp);

/**
 * visit_check_struct: checks that every member of the input was visited
 * @v: the visitor, after the last member and before visit_end_struct()
 * @errp: set if the input has a member that was not visited
 *
 * A caller skips this check if a visit has failed.  Visitors other than input
 * visitors always succeed.
 *
 * Returns: true; false with @errp set
 * Thread: any; one thread at a time uses @v
 */
bool visit_check_struct(Visitor *v, Error **errp);

/**
 * visit_end_struct: ends the visit of a struct
 * @v: the visitor
 * @obj: the argument that visit_start_struct() got; a dealloc visitor frees
 *       *@obj and sets it to NULL
 *
 * Thread: any; one thread at a time uses @v
 */
void visit_end_struct(Visitor *v, void **obj);

/**
 * visit_start_list: begins the visit of a list
 * @v: the visitor
 * @name: the name of the member, see above
 * @list: (nullable) address of the pointer to the first node; an input visitor
 *        allocates the first node (transfer full), or stores NULL if the list
 *        is empty; NULL for a virtual walk
 * @size: size of a node in bytes, at least sizeof(GenericList); 0 if @list is
 *        NULL
 * @errp: set on failure; an input visitor then also stores NULL in *@list
 *
 * After success visit_end_list() must follow, even if a visit in between fails.
 *
 * Returns: true; false with @errp set
 * Thread: any; one thread at a time uses @v
 */
bool visit_start_list(Visitor *v, const char *name, GenericList **list,
                      size_t size, Error **errp);

/**
 * visit_next_list: moves on to the next node of a list
 * @v: the visitor
 * @tail: the node that was just visited; not the first node every time
 * @size: size of a node in bytes, as for visit_start_list()
 *
 * An input visitor allocates the node and appends it to @tail.  A dealloc
 * visitor frees @tail.
 *
 * Returns: the node after @tail, owned by the list; NULL at the end
 * Thread: any; one thread at a time uses @v
 */
GenericList *visit_next_list(Visitor *v, GenericList *tail, size_t size);

/**
 * visit_check_list: checks that every element of the input was visited
 * @v: the visitor, after the last element and before visit_end_list()
 * @errp: set if the input has an element that was not visited
 *
 * A caller skips this check if a visit has failed.
 *
 * Returns: true; false with @errp set
 * Thread: any; one thread at a time uses @v
 */
bool visit_check_list(Visitor *v, Error **errp);

/**
 * visit_end_list: ends the visit of a list
 * @v: the visitor
 * @list: the argument that visit_start_list() got; a dealloc visitor sets
 *        *@list to NULL
 *
 * Thread: any; one thread at a time uses @v
 */
void visit_end_list(Visitor *v, void **list);

/**
 * visit_start_alternate: begins the visit of an alternate
 * @v: the visitor
 * @name: the name of the member, see above
 * @obj: address of the pointer to the C form; an input visitor allocates the C
 *       form (transfer full) and sets its type to that of the input
 * @size: size of the C form in bytes, at least sizeof(GenericAlternate)
 * @errp: set on failure; an input visitor then also stores NULL in *@obj
 *
 * After success visit_end_alternate() must follow, even if the visit in between
 * fails.
 *
 * Returns: true; false with @errp set
 * Thread: any; one thread at a time uses @v
 */
bool visit_start_alternate(Visitor *v, const char *name,
                           GenericAlternate **obj, size_t size,
                           Error **errp);

/**
 * visit_end_alternate: ends the visit of an alternate
 * @v: the visitor
 * @obj: the argument that visit_start_alternate() got; a dealloc visitor frees
 *       *@obj and sets it to NULL
 *
 * Thread: any; one thread at a time uses @v
 */
void visit_end_alternate(Visitor *v, void **obj);

/**
 * visit_optional: finds out whether an optional member is present
 * @v: the visitor
 * @name: the name of the member
 * @present: an input visitor stores the answer; other visitors read it, so the
 *          caller sets it first
 *
 * Returns: *@present
 * Thread: any; one thread at a time uses @v
 */
bool visit_optional(Visitor *v, const char *name, bool *present);

/**
 * visit_policy_reject: rejects a member that the compatibility policy forbids
 * @v: the visitor
 * @name: the name of the member
 * @features: the special features of the member; bit numbers are
 *          QAPI_DEPRECATED and QAPI_UNSTABLE
 * @errp: set if the function returns true
 *
 * COMPAT_POLICY_INPUT_CRASH aborts the process instead.
 *
 * Returns: true with @errp set if @v is an input visitor and its policy rejects
 *          the member; false if the member may be visited
 * Thread: any; one thread at a time uses @v
 */
bool visit_policy_reject(Visitor *v, const char *name, uint64_t features,
                         Error **errp);

/**
 * visit_policy_skip: tests whether the compatibility policy hides a member
 * @v: the visitor
 * @name: the name of the member
 * @features: the special features of the member, as for visit_policy_reject()
 *
 * Returns: true if @v is an output visitor and its policy hides the member
 * Thread: any; one thread at a time uses @v
 */
bool visit_policy_skip(Visitor *v, const char *name, uint64_t features);

/**
 * visit_set_policy: sets the compatibility policy of a visitor
 * @v: the visitor, before the walk; it accepts everything until then
 * @policy: the policy; copied
 *
 * Thread: any; one thread at a time uses @v
 */
void visit_set_policy(Visitor *v, const CompatPolicy *policy);

/**
 * visit_is_input: tests whether a visitor builds values
 * @v: the visitor
 *
 * Returns: true for an input visitor
 * Thread: any
 */
bool visit_is_input(const Visitor *v);

/**
 * visit_is_output: tests whether a visitor writes values
 * @v: the visitor
 *
 * Returns: true for an output visitor
 * Thread: any
 */
bool visit_is_output(const Visitor *v);

/**
 * visit_is_dealloc: tests whether a visitor frees values
 * @v: the visitor
 *
 * Returns: true for a dealloc visitor
 * Thread: any
 */
bool visit_is_dealloc(const Visitor *v);

/*
 * Scalars.
 *
 * The functions below have the same parameters.  @v is the visitor and @name
 * the name of the member, see above.  @obj is the address of the value: an
 * input visitor sets the value, an output visitor reads it.  @errp is set on
 * failure; *@obj is then not changed, except that an input visitor stores NULL
 * where the value is a pointer.  Each function returns true on success and
 * false with @errp set on failure.  Any thread may call them; one thread at a
 * time uses @v.
 *
 * A number that the C type cannot hold is an error.
 */

/* visit_type_int: visits an integer of the schema type 'int', an int64_t */
bool visit_type_int(Visitor *v, const char *name, int64_t *obj, Error **errp);

/* visit_type_int8: visits an integer from -128 to 127 */
bool visit_type_int8(Visitor *v, const char *name, int8_t *obj, Error **errp);

/* visit_type_int16: visits an integer from -2^15 to 2^15-1 */
bool visit_type_int16(Visitor *v, const char *name, int16_t *obj,
                      Error **errp);

/* visit_type_int32: visits an integer from -2^31 to 2^31-1 */
bool visit_type_int32(Visitor *v, const char *name, int32_t *obj,
                      Error **errp);

/* visit_type_int64: visits an integer from -2^63 to 2^63-1 */
bool visit_type_int64(Visitor *v, const char *name, int64_t *obj,
                      Error **errp);

/* visit_type_uint8: visits an integer from 0 to 255 */
bool visit_type_uint8(Visitor *v, const char *name, uint8_t *obj,
                      Error **errp);

/* visit_type_uint16: visits an integer from 0 to 2^16-1 */
bool visit_type_uint16(Visitor *v, const char *name, uint16_t *obj,
                       Error **errp);

/* visit_type_uint32: visits an integer from 0 to 2^32-1 */
bool visit_type_uint32(Visitor *v, const char *name, uint32_t *obj,
                       Error **errp);

/* visit_type_uint64: visits an integer from 0 to 2^64-1 */
bool visit_type_uint64(Visitor *v, const char *name, uint64_t *obj,
                       Error **errp);

/*
 * visit_type_size: visits a number of bytes from 0 to 2^64-1.  As text it may
 * carry a suffix of b, k, m, g, t, p or e in either case, which stand for
 * powers of 1024.
 */
bool visit_type_size(Visitor *v, const char *name, uint64_t *obj,
                     Error **errp);

/* visit_type_bool: visits a boolean */
bool visit_type_bool(Visitor *v, const char *name, bool *obj, Error **errp);

/* visit_type_number: visits a floating-point number */
bool visit_type_number(Visitor *v, const char *name, double *obj,
                       Error **errp);

/**
 * visit_type_str: visits a string
 * @v: the visitor
 * @name: the name of the member, see above
 * @obj: address of the string, NUL-terminated; an input visitor stores a new
 *       string (transfer full), or NULL on failure; JSON output writes NULL as
 *       ""
 * @errp: set on failure
 *
 * Returns: true; false with @errp set
 * Thread: any; one thread at a time uses @v
 */
bool visit_type_str(Visitor *v, const char *name, char **obj, Error **errp);

/**
 * visit_type_any: visits a value of any JSON type
 * @v: the visitor
 * @name: the name of the member, see above
 * @obj: address of the node; an input visitor stores a node (transfer full), or
 *       NULL on failure
 * @errp: set on failure
 *
 * Returns: true; false with @errp set
 * Thread: any; one thread at a time uses @v
 */
bool visit_type_any(Visitor *v, const char *name, JsonNode **obj,
                    Error **errp);

/**
 * visit_type_null: visits a null
 * @v: the visitor
 * @name: the name of the member, see above
 * @obj: address of the node; an input visitor stores a null node (transfer
 *       full), or NULL on failure
 * @errp: set on failure
 *
 * Returns: true; false with @errp set
 * Thread: any; one thread at a time uses @v
 */
bool visit_type_null(Visitor *v, const char *name, JsonNode **obj,
                     Error **errp);

/**
 * visit_type_enum: visits an enumeration value by its name
 * @v: the visitor
 * @name: the name of the member, see above
 * @obj: address of the value; not changed on failure
 * @lookup: the names of the values; borrowed
 * @errp: set if the input is not one of the names, or if the compatibility
 *        policy rejects the value
 *
 * Returns: true; false with @errp set
 * Thread: any; one thread at a time uses @v
 */
bool visit_type_enum(Visitor *v, const char *name, int *obj,
                     const QEnumLookup *lookup, Error **errp);

QOM_END_DECLS

#endif
