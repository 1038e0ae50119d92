/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers: integers from INT64_MIN to UINT64_MAX, and doubles. */
#ifndef QOM_COMPAT_QEMU_QNUM_H
#define QOM_COMPAT_QEMU_QNUM_H

#include "qobject/qobject.h"

/* (transfer full) */
static inline QNum *qnum_from_int(int64_t value)
{
    return json_number_new_int64(value);
}

static inline QNum *qnum_from_uint(uint64_t value)
{
    return json_number_new_uint64(value);
}

static inline QNum *qnum_from_double(double value)
{
    return json_number_new_double(value);
}

/* Returns: false if @qn is no integer of this range */
static inline bool qnum_get_try_int(const QNum *qn, int64_t *val)
{
    return json_number_get_int64((QNum *)qn, val);
}

static inline bool qnum_get_try_uint(const QNum *qn, uint64_t *val)
{
    return json_number_get_uint64((QNum *)qn, val);
}

/* Another number aborts. */
static inline int64_t qnum_get_int(const QNum *qn)
{
    int64_t value = 0;

    if (!qnum_get_try_int(qn, &value)) {
        g_error("qnum_get_int: not an int64_t");
    }
    return value;
}

static inline uint64_t qnum_get_uint(const QNum *qn)
{
    uint64_t value = 0;

    if (!qnum_get_try_uint(qn, &value)) {
        g_error("qnum_get_uint: not a uint64_t");
    }
    return value;
}

/* Integers are rounded to the nearest double. */
static inline double qnum_get_double(QNum *qn)
{
    double value;
    int64_t i;

    if (json_number_get_double(qn, &value)) {
        return value;
    }
    if (qnum_get_try_int(qn, &i)) {
        return i;
    }
    return qnum_get_uint(qn);
}

/* (transfer full) */
static inline char *qnum_to_string(QNum *qn)
{
    GString *text = g_string_new(NULL);

    json_write(text, qn, false);
    return g_string_free(text, FALSE);
}

static inline void qnum_unref(QNum *q)
{
    qobject_unref(q);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(QNum, qnum_unref)

#endif
