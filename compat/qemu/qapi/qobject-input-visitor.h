/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Visitors that read a QObject, which is a JSON node of the library. */
#ifndef QOM_COMPAT_QEMU_QOBJECT_INPUT_VISITOR_H
#define QOM_COMPAT_QEMU_QOBJECT_INPUT_VISITOR_H

#include "qapi/visitor.h"
#include "qapi/visitor/json-visitor.h"
#include "qapi/visitor/keyval.h"
#include "qobject/qobject.h"

/* @obj: with typed values, as from JSON; the visitor takes a reference */
static inline Visitor *qobject_input_visitor_new(QObject *obj)
{
    return json_input_visitor_new(obj);
}

/* @obj: with text as all scalars, as from keyval_parse() */
static inline Visitor *qobject_input_visitor_new_keyval(QObject *obj)
{
    return json_input_visitor_new_keyval(obj);
}

/*
 * qobject_input_visitor_new_str: reads an option
 * @str: JSON if it begins with '{'; otherwise KEY=VALUE,...
 * @implied_key: (nullable) the key of a first value without one
 *
 * Returns: (transfer full) the visitor; NULL with @errp set
 */
static inline Visitor *qobject_input_visitor_new_str(const char *str,
                                                     const char *implied_key,
                                                     Error **errp)
{
    bool is_json = *str == '{';
    QObject *obj = is_json ? json_parse(str, -1, errp)
                           : keyval_parse(str, implied_key, NULL, errp);
    Visitor *v;

    if (!obj) {
        return NULL;
    }
    v = is_json ? qobject_input_visitor_new(obj)
                : qobject_input_visitor_new_keyval(obj);
    qobject_unref(obj);
    return v;
}

#endif
