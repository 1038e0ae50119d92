/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The visitors of JSON whose scalars have types: a number is no string.
 *
 * Walk      json-input.c walks through the containers and finds each value; the
 *           functions here check its type and read it.
 * Text      keyval-input-visitor.c reads scalars that are all text.
 * Tolerant  a visitor for replies of newer programs ignores unknown members.
 */
#include "qapi/visitor/json-visitor.h"

#include "qapi/json/json-doc.h"
#include "qapi/visitor/json-input-internal.h"

/*
 * An integer that is out of range gets another message than a value that is no
 * integer.
 */
static bool jiv_type_int64(Visitor *v, const char *name, int64_t *obj,
                           Error **errp)
{
    const void *value = json_input_get(v, name, true, errp);

    if (!value) {
        return false;
    }
    if (to_jiv(v)->source->get_int64(value, obj)) {
        return true;
    }
    return to_jiv(v)->source->is_integer(value)
        ? visitor_fail_expects(v, name, "int64", errp)
        : visitor_fail_type(v, name, "integer", errp);
}

/* See jiv_type_int64(); -1 is out of range. */
static bool jiv_type_uint64(Visitor *v, const char *name, uint64_t *obj,
                            Error **errp)
{
    const void *value = json_input_get(v, name, true, errp);

    if (!value) {
        return false;
    }
    if (to_jiv(v)->source->get_uint64(value, obj)) {
        return true;
    }
    return to_jiv(v)->source->is_integer(value)
        ? visitor_fail_expects(v, name, "uint64", errp)
        : visitor_fail_type(v, name, "integer", errp);
}

/* Only true and false are booleans; with keyval other words are, too. */
static bool jiv_type_bool(Visitor *v, const char *name, bool *obj,
                          Error **errp)
{
    const void *value = json_input_get(v, name, true, errp);

    if (!value) {
        return false;
    }
    if (get_qtype(v, value) != QTYPE_QBOOL) {
        return visitor_fail_type(v, name, "boolean", errp);
    }
    *obj = to_jiv(v)->source->get_boolean(value);
    return true;
}

/* The document may be freed before the string is, so the string is copied. */
static bool jiv_type_str(Visitor *v, const char *name, char **obj,
                         Error **errp)
{
    const void *value = json_input_get(v, name, true, errp);
    const char *text;

    *obj = NULL;
    if (!value) {
        return false;
    }
    if (get_qtype(v, value) != QTYPE_QSTRING) {
        return visitor_fail_type(v, name, "string", errp);
    }
    text = to_jiv(v)->source->get_string(value);
    *obj = g_strdup(text ? text : "");
    return true;
}

/* Integers are numbers as well, unless a double would round them. */
static bool jiv_type_number(Visitor *v, const char *name, double *obj,
                            Error **errp)
{
    const void *value = json_input_get(v, name, true, errp);

    if (!value) {
        return false;
    }
    if (to_jiv(v)->source->get_double(value, obj)) {
        return true;
    }
    return get_qtype(v, value) == QTYPE_QNUM
        ? visitor_fail_expects(v, name, "a number that 'double' can hold", errp)
        : visitor_fail_type(v, name, "number", errp);
}

static const VisitorOps typed_ops = {
    JSON_INPUT_OPS,
    .check_struct = json_input_check_struct,
    .type_int64 = jiv_type_int64,
    .type_uint64 = jiv_type_uint64,
    .type_bool = jiv_type_bool,
    .type_str = jiv_type_str,
    .type_number = jiv_type_number,
};

/* Has no check_struct, so members that were not visited are ignored. */
static const VisitorOps tolerant_ops = {
    JSON_INPUT_OPS,
    .type_int64 = jiv_type_int64,
    .type_uint64 = jiv_type_uint64,
    .type_bool = jiv_type_bool,
    .type_str = jiv_type_str,
    .type_number = jiv_type_number,
};

Visitor *json_input_visitor_new(JsonNode *node)
{
    JsonInputVisitor *jiv = g_new(JsonInputVisitor, 1);

    json_input_init_node(jiv, node, &typed_ops);
    return &jiv->v;
}

Visitor *json_input_visitor_new_tolerant(JsonNode *node)
{
    JsonInputVisitor *jiv = g_new(JsonInputVisitor, 1);

    json_input_init_node(jiv, node, &tolerant_ops);
    return &jiv->v;
}

/* A document has no references; the caller keeps it. */
Visitor *json_item_visitor_new(const JsonItem *item)
{
    JsonInputVisitor *jiv = g_new(JsonInputVisitor, 1);

    json_input_init(jiv, &json_item_source, item, &typed_ops);
    return &jiv->v;
}
