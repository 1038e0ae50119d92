/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The part of a visit that is the same for all visitors: assertions that check
 * the contracts of visitor.h, narrow integers, enumerations, and the
 * compatibility policy.  Everything else is one call through the visitor's
 * table of operations.
 *
 * The checks of results are assertions, because a visitor that breaks a
 * contract is a programming error: it would make every caller leak or crash.
 */
#include "qapi/visitor/visitor-impl.h"
#include "util/programming-error.h"

#include <stdlib.h>
#include <string.h>

/*
 * Sets was_named, by which a caller that adds the name of a property to errors
 * knows that this one has it.
 */
char *visitor_full_name(Visitor *v, const char *name)
{
    v->was_named = true;
    return v->ops->full_name ? v->ops->full_name(v, name)
                             : g_strdup(name ? name : "null");
}

/*
 * The three functions below build the full name only if @errp takes a message.
 */
bool visitor_fail_missing(Visitor *v, const char *name, Error **errp)
{
    g_autofree char *full_name = errp ? visitor_full_name(v, name) : NULL;

    error_setg(errp, "Parameter '%s' is missing", full_name);
    return false;
}

bool visitor_fail_type(Visitor *v, const char *name, const char *expected,
                       Error **errp)
{
    g_autofree char *full_name = errp ? visitor_full_name(v, name) : NULL;

    error_setg(errp, "Invalid parameter type for '%s', expected: %s",
               full_name, expected);
    return false;
}

bool visitor_fail_expects(Visitor *v, const char *name, const char *expected,
                          Error **errp)
{
    g_autofree char *full_name = errp ? visitor_full_name(v, name) : NULL;

    error_setg(errp, "Parameter '%s' expects %s", full_name, expected);
    return false;
}

/* Only output visitors have a result. */
void visit_complete(Visitor *v, void *opaque)
{
    if (v->ops->complete) {
        v->ops->complete(v, opaque);
    }
}

void visit_free(Visitor *v)
{
    if (v) {
        v->ops->free(v);
    }
}

/* Clone and dealloc visitors are neither input nor output visitors. */
bool visit_is_input(const Visitor *v)
{
    return v->ops->type == VISITOR_INPUT;
}

bool visit_is_output(const Visitor *v)
{
    return v->ops->type == VISITOR_OUTPUT;
}

bool visit_is_dealloc(const Visitor *v)
{
    return v->ops->type == VISITOR_DEALLOC;
}

/*
 * An output visitor needs a C value, and an input visitor's answer must agree
 * with *@obj.
 */
bool visit_start_struct(Visitor *v, const char *name, void **obj,
                        size_t size, Error **errp)
{
    bool ok;

    if (G_UNLIKELY(obj ? !size : size)) {
        programming_error("visit_start_struct(): '%s': %zu bytes for %s "
                          "object", name ? name : "", size,
                          obj ? "an" : "no");
    }
    if (G_UNLIKELY(obj && visit_is_output(v) && !*obj)) {
        programming_error("visit_start_struct(): '%s': there is no object to "
                          "write", name ? name : "");
    }
    ok = v->ops->start_struct(v, name, obj, size, errp);
    if (obj && visit_is_input(v)) {
        g_assert(ok == !!*obj);
    }
    return ok;
}

/* Visitors without the operation ignore what is left. */
bool visit_check_struct(Visitor *v, Error **errp)
{
    return !v->ops->check_struct || v->ops->check_struct(v, errp);
}

void visit_end_struct(Visitor *v, void **obj)
{
    v->ops->end_struct(v, obj);
}

/*
 * An empty list is NULL and no failure, so *@list is checked on failure alone.
 */
bool visit_start_list(Visitor *v, const char *name, GenericList **list,
                      size_t size, Error **errp)
{
    bool ok;

    if (G_UNLIKELY(list ? size < sizeof(GenericList) : size)) {
        programming_error("visit_start_list(): '%s': %zu bytes for a node of "
                          "%s list", name ? name : "", size,
                          list ? "a" : "no");
    }
    ok = v->ops->start_list(v, name, list, size, errp);
    if (list && visit_is_input(v)) {
        g_assert(ok || !*list);
    }
    return ok;
}

/* @tail must be a node: the caller stops at NULL. */
GenericList *visit_next_list(Visitor *v, GenericList *tail, size_t size)
{
    if (G_UNLIKELY(!tail || size < sizeof(GenericList))) {
        programming_error("visit_next_list(): %zu bytes for %s node of a list",
                          size, tail ? "a" : "no");
    }
    return v->ops->next_list(v, tail, size);
}

bool visit_check_list(Visitor *v, Error **errp)
{
    return !v->ops->check_list || v->ops->check_list(v, errp);
}

void visit_end_list(Visitor *v, void **list)
{
    v->ops->end_list(v, list);
}

/*
 * Output visitors need no operation: the branch is visited as a value of its
 * own.
 */
bool visit_start_alternate(Visitor *v, const char *name,
                           GenericAlternate **obj, size_t size, Error **errp)
{
    bool ok;

    if (G_UNLIKELY(!obj || size < sizeof(GenericAlternate) ||
                   (visit_is_output(v) && !*obj))) {
        programming_error("visit_start_alternate(): '%s': there is no object, "
                          "or its %zu bytes are too few",
                          name ? name : "", size);
    }
    if (!v->ops->start_alternate) {
        g_assert(!visit_is_input(v));
        return true;
    }
    ok = v->ops->start_alternate(v, name, obj, size, errp);
    if (visit_is_input(v)) {
        g_assert(ok == !!*obj);
    }
    return ok;
}

void visit_end_alternate(Visitor *v, void **obj)
{
    if (v->ops->end_alternate) {
        v->ops->end_alternate(v, obj);
    }
}

/* Visitors without the operation keep what the caller has set. */
bool visit_optional(Visitor *v, const char *name, bool *present)
{
    if (v->ops->optional) {
        v->ops->optional(v, name, present);
    }
    return *present;
}

/* Forwarding visitors copy it when they are created. */
void visit_set_policy(Visitor *v, const CompatPolicy *policy)
{
    v->policy = *policy;
}

/*
 * Returns true if @policy accepts @what, which is a @kind ("parameter",
 * "value") and @adjective ("Deprecated", "Unstable").  The words are those of
 * QEMU's messages.
 */
static bool policy_accepts(CompatPolicyInput policy, const char *adjective,
                           const char *kind, const char *what, Error **errp)
{
    switch (policy) {
    case COMPAT_POLICY_INPUT_ACCEPT:
        return true;
    case COMPAT_POLICY_INPUT_REJECT:
        error_setg(errp, "%s %s '%s' disabled by policy", adjective, kind,
                   what);
        return false;
    case COMPAT_POLICY_INPUT_CRASH:
        abort();
    }
    g_assert_not_reached();
}

/* @features: special features as bits */
static bool policy_accepts_features(const CompatPolicy *policy,
                                    uint64_t features, const char *kind,
                                    const char *what, Error **errp)
{
    if (features & (1u << QAPI_DEPRECATED) &&
        !policy_accepts(policy->deprecated_input, "Deprecated", kind, what,
                        errp)) {
        return false;
    }
    if (features & (1u << QAPI_UNSTABLE) &&
        !policy_accepts(policy->unstable_input, "Unstable", kind, what,
                        errp)) {
        return false;
    }
    return true;
}

/* The name is built only for a message: the first test needs none. */
bool visit_policy_reject(Visitor *v, const char *name, uint64_t features,
                         Error **errp)
{
    g_autofree char *full_name = NULL;

    if (!features || !visit_is_input(v) ||
        policy_accepts_features(&v->policy, features, NULL, NULL, NULL)) {
        return false;
    }
    full_name = visitor_full_name(v, name);
    return !policy_accepts_features(&v->policy, features, "parameter",
                                    full_name, errp);
}

/* Only output visitors hide members. */
bool visit_policy_skip(Visitor *v, const char *name, uint64_t features)
{
    if (!features || !visit_is_output(v)) {
        return false;
    }
    return (features & (1u << QAPI_DEPRECATED) &&
            v->policy.deprecated_output == COMPAT_POLICY_OUTPUT_HIDE) ||
        (features & (1u << QAPI_UNSTABLE) &&
         v->policy.unstable_output == COMPAT_POLICY_OUTPUT_HIDE);
}

/*
 * Visits an integer of up to 32 bits as an int64_t.  Unsigned types use it,
 * too, so that the message for -1 names the range of the type.
 */
static bool visit_narrow(Visitor *v, const char *name, int64_t *value,
                         int64_t min, int64_t max, const char *c_type,
                         Error **errp)
{
    if (!v->ops->type_int64(v, name, value, errp)) {
        return false;
    }
    if (G_LIKELY(*value >= min && *value <= max)) {
        return true;
    }
    return visitor_fail_expects(v, name, c_type, errp);
}

#define DEFINE_VISIT_NARROW(type, c_type, min, max)                     \
    bool visit_type_##type(Visitor *v, const char *name, c_type *obj,   \
                           Error **errp)                                \
    {                                                                   \
        int64_t value = *obj;                                           \
                                                                        \
        if (!visit_narrow(v, name, &value, min, max, #c_type, errp)) {  \
            return false;                                               \
        }                                                               \
        *obj = value;                                                   \
        return true;                                                    \
    }

/* The message names the C type, which shows the range. */
DEFINE_VISIT_NARROW(int8, int8_t, INT8_MIN, INT8_MAX)
DEFINE_VISIT_NARROW(int16, int16_t, INT16_MIN, INT16_MAX)
DEFINE_VISIT_NARROW(int32, int32_t, INT32_MIN, INT32_MAX)
DEFINE_VISIT_NARROW(uint8, uint8_t, 0, UINT8_MAX)
DEFINE_VISIT_NARROW(uint16, uint16_t, 0, UINT16_MAX)
DEFINE_VISIT_NARROW(uint32, uint32_t, 0, UINT32_MAX)

bool visit_type_int(Visitor *v, const char *name, int64_t *obj, Error **errp)
{
    return v->ops->type_int64(v, name, obj, errp);
}

bool visit_type_int64(Visitor *v, const char *name, int64_t *obj,
                      Error **errp)
{
    return v->ops->type_int64(v, name, obj, errp);
}

bool visit_type_uint64(Visitor *v, const char *name, uint64_t *obj,
                       Error **errp)
{
    return v->ops->type_uint64(v, name, obj, errp);
}

/*
 * A visitor without the operation has no suffixes: JSON numbers, for example.
 */
bool visit_type_size(Visitor *v, const char *name, uint64_t *obj,
                     Error **errp)
{
    return v->ops->type_size ? v->ops->type_size(v, name, obj, errp)
                             : v->ops->type_uint64(v, name, obj, errp);
}

bool visit_type_bool(Visitor *v, const char *name, bool *obj, Error **errp)
{
    return v->ops->type_bool(v, name, obj, errp);
}

bool visit_type_number(Visitor *v, const char *name, double *obj,
                       Error **errp)
{
    return v->ops->type_number(v, name, obj, errp);
}

/* A failed input visitor stores NULL, so that the caller may free the slot. */
bool visit_type_str(Visitor *v, const char *name, char **obj, Error **errp)
{
    bool ok = v->ops->type_str(v, name, obj, errp);

    if (!ok && visit_is_input(v)) {
        *obj = NULL;
    }
    return ok;
}

/* NULL on failure, as for strings. */
bool visit_type_any(Visitor *v, const char *name, JsonNode **obj,
                    Error **errp)
{
    bool ok = v->ops->type_any(v, name, obj, errp);

    if (!ok && visit_is_input(v)) {
        *obj = NULL;
    }
    return ok;
}

/* NULL on failure, as for strings. */
bool visit_type_null(Visitor *v, const char *name, JsonNode **obj,
                     Error **errp)
{
    bool ok = v->ops->type_null(v, name, obj, errp);

    if (!ok && visit_is_input(v)) {
        *obj = NULL;
    }
    return ok;
}

/* Writes the name; output visitors need no operation for enumerations. */
static bool output_enum(Visitor *v, const char *name, int value,
                        const QEnumLookup *lookup, Error **errp)
{
    char *text = (char *)qapi_enum_lookup(lookup, value);

    return v->ops->type_str(v, name, &text, errp);
}

/* Parses the name, and applies the policy to the features of the value. */
static bool input_enum(Visitor *v, const char *name, int *obj,
                       const QEnumLookup *lookup, Error **errp)
{
    ERRP_GUARD();
    g_autofree char *full_name = NULL;
    g_autofree char *text = NULL;
    int value;

    if (!v->ops->type_str(v, name, &text, errp)) {
        text = NULL;
        qapi_enum_append_values(lookup, errp);
        return false;
    }
    value = qapi_enum_parse(lookup, text, -1, NULL);
    if (value < 0) {
        full_name = visitor_full_name(v, name);
        qapi_enum_refuse(lookup, full_name, text, errp);
        return false;
    }
    if (lookup->features && lookup->features[value] &&
        !policy_accepts_features(&v->policy, lookup->features[value],
                                 "value", text, errp)) {
        return false;
    }
    *obj = value;
    return true;
}

/*
 * Clone and dealloc visitors have nothing to do: the value is in the bytes of
 * its container.
 */
bool visit_type_enum(Visitor *v, const char *name, int *obj,
                     const QEnumLookup *lookup, Error **errp)
{
    switch (v->ops->type) {
    case VISITOR_INPUT:
        return input_enum(v, name, obj, lookup, errp);
    case VISITOR_OUTPUT:
        return output_enum(v, name, *obj, lookup, errp);
    default:
        return true;
    }
}
