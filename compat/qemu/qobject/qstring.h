/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Strings. */
#ifndef QOM_COMPAT_QEMU_QSTRING_H
#define QOM_COMPAT_QEMU_QSTRING_H

#include "qobject/qobject.h"

/* (transfer full) */
static inline QString *qstring_from_str(const char *str)
{
    return json_text_new(str);
}

static inline QString *qstring_new(void)
{
    return qstring_from_str("");
}

/* The bytes of @str from @start to before @end. */
static inline QString *qstring_from_substr(const char *str, size_t start,
                                           size_t end)
{
    g_autofree char *text = g_strndup(str + start, end - start);

    g_assert(start <= end);
    return qstring_from_str(text);
}

/* @gstr is consumed. */
static inline QString *qstring_from_gstring(GString *gstr)
{
    QString *qstring = qstring_from_str(gstr->str);

    g_string_free(gstr, TRUE);
    return qstring;
}

/* Borrowed from @qstring. */
static inline const char *qstring_get_str(const QString *qstring)
{
    return json_node_get_string((QString *)qstring);
}

static inline void qstring_unref(QString *q)
{
    qobject_unref(q);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(QString, qstring_unref)

#endif
