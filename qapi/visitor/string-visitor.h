/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Visitors that read and write a property's value as plain text.
 *
 * Text is one scalar, or a flat list of integers such as "1-3,5".  Structures
 * cannot be read from it, and are written as a marker.
 *
 * Thread: caller's, one at a time
 * Contract: docs/qapi.md, "Visitors"
 */
#ifndef QOM_QAPI_STRING_VISITOR_H
#define QOM_QAPI_STRING_VISITOR_H

#include "qapi/visitor/visitor.h"
#include "util/macros.h"

QOM_BEGIN_DECLS

enum {
    /* integers in one LOW-HIGH, and in all of a list together */
    STRING_VISITOR_MAX_RANGE = 65536,
};

/**
 * string_input_visitor_new: read one value from text
 * @text: NUL-ended; borrowed, must live as long as the visitor
 *
 * Returns: (transfer full) free with visit_free()
 */
Visitor *string_input_visitor_new(const char *text);

/**
 * string_output_visitor_new: write one value as text
 * @human: for people: strings in quotes, integers also in hexadecimal, sizes
 *         also with a unit
 * @result: visit_complete() stores the text there, (transfer full)
 *
 * Returns: (transfer full) free with visit_free()
 */
Visitor *string_output_visitor_new(bool human, char **result);

QOM_END_DECLS

#endif
