/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Macros that every header uses.
 *
 * A public header wraps its declarations in QOM_BEGIN_DECLS and
 * QOM_END_DECLS.  They give C linkage under C++ and default visibility: what
 * a public header declares is exported, everything else of the library is
 * hidden, so there is no second list of symbols to keep.
 */
#ifndef QOM_UTIL_MACROS_H
#define QOM_UTIL_MACROS_H

#include <glib.h>
#include <stddef.h>

#define QOM_BEGIN_DECLS \
    G_BEGIN_DECLS _Pragma("GCC visibility push(default)")
#define QOM_END_DECLS \
    _Pragma("GCC visibility pop") G_END_DECLS

#ifndef container_of
/**
 * container_of: the structure around an embedded member
 * @ptr: pointer to the member
 * @type: the structure's type
 * @member: the member's name
 */
#define container_of(ptr, type, member) \
    ((type *)(void *)((char *)(ptr) - offsetof(type, member)))
#endif

#endif
