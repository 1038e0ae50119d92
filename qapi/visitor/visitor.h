/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Visitor: one walk over a value that serves every format.
 *
 * Code that visits a value (a property's accessor, qapi_type_visit()) says
 * what is there, member by member; the visitor decides what that means.  An
 * input visitor builds the value from JSON or text, an output visitor writes
 * it, a clone visitor copies it, a dealloc visitor frees it.
 *
 * The order of calls for a struct, with the same @obj at both ends:
 *
 *     if (!visit_start_struct(v, name, (void **)&obj, sizeof(*obj), errp)) {
 *         return false;
 *     }
 *     ok = visit_type_int(v, "a", &obj->a, errp) && ...
 *          && visit_check_struct(v, errp);
 *     visit_end_struct(v, (void **)&obj);
 *
 * Passing NULL for @obj (and 0 for its size) visits a struct or list that
 * has no C form of its own: a virtual walk.
 *
 * A visitor walks one value and is then freed.  @name is the member's name in
 * a struct, NULL in a list, and of no account at the root.  Errors name the
 * full path of the value, such as "limits.iops[2]".
 *
 * Thread: caller's, one at a time
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

/* The head of every list node of the C form. */
typedef struct GenericList {
    struct GenericList *next;
} GenericList;

/* The head of the C form of every alternate. */
typedef struct GenericAlternate {
    QType type;
} GenericAlternate;

/* What a visitor does with members that are deprecated or unstable. */
typedef enum CompatPolicyInput {
    COMPAT_POLICY_INPUT_ACCEPT,
    COMPAT_POLICY_INPUT_REJECT,
    COMPAT_POLICY_INPUT_CRASH,
} CompatPolicyInput;

typedef enum CompatPolicyOutput {
    COMPAT_POLICY_OUTPUT_ACCEPT,
    COMPAT_POLICY_OUTPUT_HIDE,
} CompatPolicyOutput;

typedef struct CompatPolicy {
    CompatPolicyInput deprecated_input;
    CompatPolicyOutput deprecated_output;
    CompatPolicyInput unstable_input;
    CompatPolicyOutput unstable_output;
} CompatPolicy;

/**
 * visit_complete: take the result of an output visitor
 * @v: the visitor
 * @opaque: the address that the visitor was made with
 *
 * Writes the result there, once.  Does nothing for other visitors.
 */
void visit_complete(Visitor *v, void *opaque);

/**
 * visit_free: free a visitor and what it has built but not handed over
 * @v: (nullable) consumed; may be in the middle of a walk
 */
void visit_free(Visitor *v);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Visitor, visit_free)

/**
 * visit_start_struct: begin a struct
 * @v: the visitor
 * @name: see above
 * @obj: (nullable) address of the pointer to the C struct; an input visitor
 *       allocates it, zeroed
 * @size: bytes of the C struct; 0 when @obj is NULL
 * @errp: set on failure, and then *@obj is NULL
 *
 * After success, visit_end_struct() must follow, whatever happens between.
 */
bool visit_start_struct(Visitor *v, const char *name, void **obj,
                        size_t size, Error **errp);

/**
 * visit_check_struct: fail if the input has members that nobody visited
 * @v: the visitor; last call before visit_end_struct(), if all went well
 * @errp: set on failure
 */
bool visit_check_struct(Visitor *v, Error **errp);

/**
 * visit_end_struct: end a struct
 * @v: the visitor
 * @obj: as passed to visit_start_struct()
 */
void visit_end_struct(Visitor *v, void **obj);

/**
 * visit_start_list: begin a list
 * @v: the visitor
 * @name: see above
 * @list: (nullable) address of the pointer to the first node; an input
 *        visitor allocates it, or stores NULL for an empty list
 * @size: bytes of a node, at least sizeof(GenericList); 0 for a virtual walk
 * @errp: set on failure, and then *@list is NULL
 */
bool visit_start_list(Visitor *v, const char *name, GenericList **list,
                      size_t size, Error **errp);

/**
 * visit_next_list: the next node of a list
 * @v: the visitor
 * @tail: the node just visited; *not* the head
 * @size: bytes of a node
 *
 * Returns: the node after @tail, allocated by an input visitor; NULL at the end
 */
GenericList *visit_next_list(Visitor *v, GenericList *tail, size_t size);

/**
 * visit_check_list: fail if the input has elements that nobody visited
 * @v: the visitor
 * @errp: set on failure
 */
bool visit_check_list(Visitor *v, Error **errp);

/**
 * visit_end_list: end a list
 * @v: the visitor
 * @list: as passed to visit_start_list()
 */
void visit_end_list(Visitor *v, void **list);

/**
 * visit_start_alternate: begin an alternate
 * @v: the visitor
 * @name: see above
 * @obj: address of the pointer to the C form; an input visitor allocates it
 *       and sets its type from the input
 * @size: bytes of the C form, at least sizeof(GenericAlternate)
 * @errp: set on failure, and then *@obj is NULL
 */
bool visit_start_alternate(Visitor *v, const char *name,
                           GenericAlternate **obj, size_t size,
                           Error **errp);
void visit_end_alternate(Visitor *v, void **obj);

/**
 * visit_optional: is an optional member there?
 * @v: the visitor
 * @name: the member's name
 * @present: an input visitor stores the answer; others read it
 *
 * Returns: *@present
 */
bool visit_optional(Visitor *v, const char *name, bool *present);

/**
 * visit_policy_reject: refuse a member by the compatibility policy
 * @v: the visitor
 * @name: the member's name
 * @features: its special features, bits of QAPI_DEPRECATED and so on
 * @errp: set when the answer is true
 *
 * Returns: true when an input visitor refuses the member
 */
bool visit_policy_reject(Visitor *v, const char *name, uint64_t features,
                         Error **errp);

/**
 * visit_policy_skip: leave a member out by the compatibility policy
 *
 * Returns: true when an output visitor leaves the member out
 */
bool visit_policy_skip(Visitor *v, const char *name, uint64_t features);

/**
 * visit_set_policy: set the compatibility policy
 * @v: the visitor
 * @policy: copied
 */
void visit_set_policy(Visitor *v, const CompatPolicy *policy);

/* What kind of visitor is it? */
bool visit_is_input(const Visitor *v);
bool visit_is_output(const Visitor *v);
bool visit_is_dealloc(const Visitor *v);

/*
 * Scalars.  @obj is the address of the value: an input visitor sets it, an
 * output visitor reads it.  On failure *@obj is untouched (NULL for
 * visit_type_str(), visit_type_any() and visit_type_null()).
 *
 * The narrow ones refuse what does not fit; nothing wraps.  'int' is int64.
 * visit_type_size() differs from visit_type_uint64() in that text may carry a
 * suffix of B k M G T P E, powers of 1024.
 */
bool visit_type_int(Visitor *v, const char *name, int64_t *obj, Error **errp);
bool visit_type_int8(Visitor *v, const char *name, int8_t *obj, Error **errp);
bool visit_type_int16(Visitor *v, const char *name, int16_t *obj,
                      Error **errp);
bool visit_type_int32(Visitor *v, const char *name, int32_t *obj,
                      Error **errp);
bool visit_type_int64(Visitor *v, const char *name, int64_t *obj,
                      Error **errp);
bool visit_type_uint8(Visitor *v, const char *name, uint8_t *obj,
                      Error **errp);
bool visit_type_uint16(Visitor *v, const char *name, uint16_t *obj,
                       Error **errp);
bool visit_type_uint32(Visitor *v, const char *name, uint32_t *obj,
                       Error **errp);
bool visit_type_uint64(Visitor *v, const char *name, uint64_t *obj,
                       Error **errp);
bool visit_type_size(Visitor *v, const char *name, uint64_t *obj,
                     Error **errp);
bool visit_type_bool(Visitor *v, const char *name, bool *obj, Error **errp);
bool visit_type_number(Visitor *v, const char *name, double *obj,
                       Error **errp);

/**
 * visit_type_str: visit a string
 * @obj: an input visitor stores a string (transfer full); an output visitor
 *       writes NULL as ""
 */
bool visit_type_str(Visitor *v, const char *name, char **obj, Error **errp);

/**
 * visit_type_any: visit a value of any JSON type
 * @obj: an input visitor stores a node (transfer full)
 */
bool visit_type_any(Visitor *v, const char *name, JsonNode **obj,
                    Error **errp);

/**
 * visit_type_null: visit a null
 * @obj: an input visitor stores a null node (transfer full)
 */
bool visit_type_null(Visitor *v, const char *name, JsonNode **obj,
                     Error **errp);

/**
 * visit_type_enum: visit an enum by its name
 * @obj: the value, an int
 * @lookup: the names
 */
bool visit_type_enum(Visitor *v, const char *name, int *obj,
                     const QEnumLookup *lookup, Error **errp);

QOM_END_DECLS

#endif
