/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Visitors that read a JSON value and that write one.
 *
 * Error messages of the input visitors name the full path of the value, such as
 * "limits.iops[2]".  With keyval the same path is "limits.iops.2".
 *
 * Thread: any; one thread at a time uses a visitor
 * Contract: docs/qapi.md, "Visitors"
 */
#ifndef QOM_QAPI_JSON_VISITOR_H
#define QOM_QAPI_JSON_VISITOR_H

#include "qapi/visitor/keyval.h"
#include "qapi/visitor/visitor.h"
#include "util/macros.h"

QOM_BEGIN_DECLS

typedef struct JsonItem JsonItem; /* qapi/json/json-doc.h */

/**
 * json_input_visitor_new: creates a visitor that reads a value from JSON
 * @node: the JSON value; the visitor takes a reference
 *
 * Returns: (transfer full) the visitor; free it with visit_free()
 * Thread: any
 */
Visitor *json_input_visitor_new(JsonNode *node);

/**
 * json_input_visitor_new_tolerant: creates a visitor that ignores what it does
 * not know
 * @node: the JSON value; the visitor takes a reference
 *
 * The visitor differs from that of json_input_visitor_new() in one way: it
 * ignores object members that are not visited instead of rejecting them.  It is
 * meant for input from a newer program.
 *
 * Returns: (transfer full) the visitor; free it with visit_free()
 * Thread: any
 */
Visitor *json_input_visitor_new_tolerant(JsonNode *node);

/**
 * json_input_visitor_new_keyval: creates a visitor that reads JSON whose
 * scalars are all text
 * @node: a value as keyval_parse() returns it; the visitor takes a reference
 *
 * Returns: (transfer full) the visitor; free it with visit_free()
 * Thread: any
 */
Visitor *json_input_visitor_new_keyval(JsonNode *node);

/**
 * json_input_visitor_new_entry: creates a visitor that reads one entry of
 * keyval
 * @entry: borrowed as long as the visitor is used
 *
 * The visitor reads what json_input_visitor_new_keyval() reads.  It also reads
 * a text as a list of integers, as string_input_visitor_new() does: "0-3,8".
 * If the key was set more than once, the list has the integers of all values.
 *
 * Returns: (transfer full) the visitor; free it with visit_free()
 * Thread: any
 */
Visitor *json_input_visitor_new_entry(const KeyvalEntry *entry);

/**
 * json_output_visitor_new: creates a visitor that writes a value as JSON
 * @result: (out) visit_complete() stores the value there (transfer full); it
 *          must be valid until then
 *
 * Returns: (transfer full) the visitor; free it with visit_free()
 * Thread: any
 */
Visitor *json_output_visitor_new(JsonNode **result);

/**
 * qapi_type_to_json: creates JSON from a C value
 * @type: the type of the value
 * @slot: address of the value's slot, as for qapi_type_visit(); borrowed
 * @errp: set if the value contains a number that is not finite
 *
 * Returns: (transfer full) the JSON value; NULL with @errp set
 * Thread: any
 */
JsonNode *qapi_type_to_json(const QapiType *type, void *slot, Error **errp);

/**
 * json_item_visitor_new: creates a visitor that reads a value from a part of a
 * document
 * @item: the part; borrowed, so the document must outlive the visitor
 *
 * The visitor accepts and rejects what json_input_visitor_new() does.
 *
 * Returns: (transfer full) the visitor; free it with visit_free()
 * Thread: any
 */
Visitor *json_item_visitor_new(const JsonItem *item);

QOM_END_DECLS

#endif
