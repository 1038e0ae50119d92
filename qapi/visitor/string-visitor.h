/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Visitors that read the value of a property from plain text and that write it
 * as plain text.
 *
 * The text is one scalar, or a flat list of integers such as "1-3,5".  A struct
 * cannot be read from text; the output visitor writes a placeholder for it.
 *
 * Thread: any; one thread at a time uses a visitor
 * Contract: docs/qapi.md, "Visitors"
 */
#ifndef QOM_QAPI_STRING_VISITOR_H
#define QOM_QAPI_STRING_VISITOR_H

#include "qapi/visitor/visitor.h"
#include "util/macros.h"

QOM_BEGIN_DECLS

enum {
    /* the largest number of integers in one LOW-HIGH, and in a whole list */
    STRING_VISITOR_MAX_RANGE = 65536,
};

/**
 * string_input_visitor_new: creates a visitor that reads one value from text
 * @text: the text, NUL-terminated; borrowed, so it must outlive the visitor
 *
 * Returns: (transfer full) the visitor; free it with visit_free()
 * Thread: any
 */
Visitor *string_input_visitor_new(const char *text);

/**
 * string_output_visitor_new: creates a visitor that writes one value as text
 * @human: true for interactive use: strings are quoted, integers are also
 *         written in hexadecimal, sizes also with a unit
 * @result: (out) visit_complete() stores the text there (transfer full); it
 *          must be valid until then
 *
 * Returns: (transfer full) the visitor; free it with visit_free()
 * Thread: any
 */
Visitor *string_output_visitor_new(bool human, char **result);

QOM_END_DECLS

#endif
