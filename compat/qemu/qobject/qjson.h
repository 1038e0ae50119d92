/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JSON text from and to QObjects. */
#ifndef QOM_COMPAT_QEMU_QJSON_H
#define QOM_COMPAT_QEMU_QJSON_H

#include "qobject/qdict.h"

/* Returns: (transfer full) the value; NULL with @errp set */
static inline QObject *qobject_from_json(const char *string, Error **errp)
{
    return json_parse(string, -1, errp);
}

/* (transfer full) */
static inline GString *qobject_to_json_pretty(const QObject *obj, bool pretty)
{
    GString *text = g_string_new(NULL);

    json_write(text, (QObject *)obj, pretty);
    return text;
}

static inline GString *qobject_to_json(const QObject *obj)
{
    return qobject_to_json_pretty(obj, false);
}

/* Appends @value, which is consumed, and returns the text after @spec. */
static inline const char *qemu_json_insert(GString *text, QObject *value,
                                           const char *spec, size_t len)
{
    json_write(text, value, false);
    qobject_unref(value);
    return spec + len;
}

/*
 * qobject_from_vjsonf_nofail: creates a value from a template in JSON
 * @string: JSON; outside strings %i inserts a boolean, %d, %ld, %lld, %u, %lu
 *          and %llu an integer, %f a number, %s a string, and %p a QObject,
 *          which is consumed.  In strings %% is a percent sign
 *
 * Malformed JSON is a programming error and aborts.
 *
 * Returns: (transfer full) the value
 */
static inline G_GNUC_PRINTF(1, 0) QObject *
qobject_from_vjsonf_nofail(const char *string, va_list ap)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const char *p = string;

#define QEMU_JSON_SPEC_(spec, value)                                    \
    if (g_str_has_prefix(p, (spec))) {                                  \
        p = qemu_json_insert(text, (value), p, strlen(spec));           \
        continue;                                                       \
    }

    while (*p) {
        if (*p == '%') {
            QEMU_JSON_SPEC_("%i", qbool_from_bool(va_arg(ap, int)))
            QEMU_JSON_SPEC_("%d", qnum_from_int(va_arg(ap, int)))
            QEMU_JSON_SPEC_("%ld", qnum_from_int(va_arg(ap, long)))
            QEMU_JSON_SPEC_("%lld", qnum_from_int(va_arg(ap, long long)))
            QEMU_JSON_SPEC_("%u", qnum_from_uint(va_arg(ap, unsigned)))
            QEMU_JSON_SPEC_("%lu", qnum_from_uint(va_arg(ap, unsigned long)))
            QEMU_JSON_SPEC_("%llu",
                            qnum_from_uint(va_arg(ap, unsigned long long)))
            QEMU_JSON_SPEC_("%f", qnum_from_double(va_arg(ap, double)))
            QEMU_JSON_SPEC_("%s", qstring_from_str(va_arg(ap, char *)))
            QEMU_JSON_SPEC_("%p", va_arg(ap, QObject *))
            if (p[1] == '%') {
                p++;
            }
        }
        g_string_append_c(text, *p++);
    }
#undef QEMU_JSON_SPEC_
    return qobject_from_json(text->str, &error_abort);
}

/* qobject_from_jsonf_nofail: the same with arguments */
static inline G_GNUC_PRINTF(1, 2) QObject *
qobject_from_jsonf_nofail(const char *string, ...)
{
    QObject *obj;
    va_list ap;

    va_start(ap, string);
    obj = qobject_from_vjsonf_nofail(string, ap);
    va_end(ap);
    return obj;
}

/* The same for a template that is a dictionary. */
static inline G_GNUC_PRINTF(1, 0) QDict *
qdict_from_vjsonf_nofail(const char *string, va_list ap)
{
    QObject *obj = qobject_from_vjsonf_nofail(string, ap);

    g_assert(qobject_type(obj) == QTYPE_QDICT);
    return obj;
}

static inline G_GNUC_PRINTF(1, 2) QDict *
qdict_from_jsonf_nofail(const char *string, ...)
{
    QDict *qdict;
    va_list ap;

    va_start(ap, string);
    qdict = qdict_from_vjsonf_nofail(string, ap);
    va_end(ap);
    return qdict;
}

#endif
