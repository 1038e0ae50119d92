/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Visitors that read and write a JSON value.
 *
 * Errors of an input visitor name the full path, such as "limits.iops[2]", or
 * "limits.iops.2" with keyval.
 *
 * Thread: caller's, one at a time
 * Contract: docs/qapi.md, "Visitors"
 */
#ifndef QOM_QAPI_JSON_VISITOR_H
#define QOM_QAPI_JSON_VISITOR_H

#include "qapi/visitor/visitor.h"
#include "util/macros.h"

QOM_BEGIN_DECLS

typedef struct JsonItem JsonItem; /* qapi/json/json-doc.h */

/**
 * json_input_visitor_new: read a value from JSON
 * @node: what to read; a reference is taken
 *
 * Returns: (transfer full) free with visit_free()
 */
Visitor *json_input_visitor_new(JsonNode *node);

/**
 * json_input_visitor_new_tolerant: read a value that a newer program may send
 * @node: what to read; a reference is taken
 *
 * As json_input_visitor_new(), but members of objects that nobody visits are
 * ignored instead of refused.
 *
 * Returns: (transfer full) free with visit_free()
 */
Visitor *json_input_visitor_new_tolerant(JsonNode *node);

/**
 * json_input_visitor_new_keyval: read a value from JSON whose leaves are text
 * @node: what keyval_parse() gives; a reference is taken
 *
 * Returns: (transfer full) free with visit_free()
 */
Visitor *json_input_visitor_new_keyval(JsonNode *node);

/**
 * json_output_visitor_new: make a JSON value
 * @result: visit_complete() stores the value there, (transfer full)
 *
 * Returns: (transfer full) free with visit_free()
 */
Visitor *json_output_visitor_new(JsonNode **result);

/**
 * qapi_type_to_json: a C value as JSON
 * @type: its type
 * @slot: where it is, in the form that qapi_type_visit() takes; borrowed
 *
 * Returns: (transfer full); NULL with @errp set
 */
JsonNode *qapi_type_to_json(const QapiType *type, void *slot, Error **errp);

/**
 * json_item_visitor_new: read a value from a part of a document
 * @item: the part; borrowed, must outlive the visitor
 *
 * Errors are those of json_input_visitor_new().
 *
 * Returns: (transfer full) free with visit_free()
 */
Visitor *json_item_visitor_new(const JsonItem *item);

QOM_END_DECLS

#endif
