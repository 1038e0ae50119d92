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

#include "qapi/visitor.h"
#include "util/macros.h"

QOM_BEGIN_DECLS

/**
 * json_input_visitor_new: read a value from JSON
 * @node: what to read; a reference is taken
 *
 * Returns: (transfer full) free with visit_free()
 */
Visitor *json_input_visitor_new(JsonNode *node);

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

QOM_END_DECLS

#endif
