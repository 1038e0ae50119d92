/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Scalars of visitors whose input is text.  Each function gets the text from
 * the visitor, parses it by qapi/scalar-text.h, and lets the visitor word the
 * error.
 */
#include "qapi/visitor/text-visitor-internal.h"

#include "qapi/scalar-text.h"

static const TextVisitorOps *text_ops(const Visitor *v)
{
    return container_of(v->ops, const TextVisitorOps, ops);
}

#define DEFINE_TEXT_SCALAR(type, c_type, KIND)                          \
    bool text_visitor_##type(Visitor *v, const char *name, c_type *obj, \
                             Error **errp)                              \
    {                                                                   \
        const char *text = text_ops(v)->get_text(v, name, errp);        \
                                                                        \
        return text && (scalar_parse_##type(text, obj) ||               \
                        text_ops(v)->fail(v, name, QAPI_KIND_##KIND,    \
                                          text, errp));                 \
    }

DEFINE_TEXT_SCALAR(int64, int64_t, INT64)
DEFINE_TEXT_SCALAR(uint64, uint64_t, UINT64)
DEFINE_TEXT_SCALAR(size, uint64_t, SIZE)
DEFINE_TEXT_SCALAR(bool, bool, BOOL)
DEFINE_TEXT_SCALAR(number, double, NUMBER)

/* Every text is a string. */
bool text_visitor_str(Visitor *v, const char *name, char **obj, Error **errp)
{
    const char *text = text_ops(v)->get_text(v, name, errp);

    *obj = g_strdup(text);
    return text;
}
