/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* keyval_parse(), whose result is a QDict of text; it is the library's. */
#ifndef QOM_COMPAT_QEMU_KEYVAL_H
#define QOM_COMPAT_QEMU_KEYVAL_H

#include "qapi/visitor/keyval.h"
#include "qobject/qdict.h"

/*
 * keyval_parse_into: parses parameters into @qdict, where they win
 *
 * Returns: @qdict; NULL with @errp set, and it may have changed
 */
static inline QDict *keyval_parse_into(QDict *qdict, const char *params,
                                       const char *implied_key, bool *p_help,
                                       Error **errp)
{
    g_autoptr(QDict) parsed = keyval_parse(params, implied_key, p_help, errp);

    return parsed && keyval_merge(qdict, parsed, errp) ? qdict : NULL;
}

#endif
