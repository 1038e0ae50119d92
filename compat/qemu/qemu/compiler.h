/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Attributes for the compiler, and macros of the preprocessor. */
#ifndef QOM_COMPAT_QEMU_COMPILER_H
#define QOM_COMPAT_QEMU_COMPILER_H

#include "util/macros.h"

#define QEMU_NORETURN __attribute__((__noreturn__))
#define QEMU_WARN_UNUSED_RESULT __attribute__((__warn_unused_result__))
#define QEMU_SENTINEL __attribute__((__sentinel__))
#define QEMU_PACKED __attribute__((__packed__))
#define QEMU_ALIGNED(bytes) __attribute__((__aligned__(bytes)))
#define QEMU_ALWAYS_INLINE __attribute__((__always_inline__))
#define GCC_FMT_ATTR(format, first) \
    __attribute__((__format__(__printf__, format, first)))

#ifndef likely
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#endif

#ifndef glue
#define xglue(x, y) x ## y
#define glue(x, y) xglue(x, y)
#define tostring(s) #s
#define stringify(s) tostring(s)
#endif

#define typeof_field(type, field) __typeof__(((type *)0)->field)
#define sizeof_field(type, field) sizeof(((type *)0)->field)

#define DO_UPCAST(type, field, ptr) container_of(ptr, type, field)

#define QEMU_BUILD_BUG_MSG(x, msg) _Static_assert(!(x), msg)
#define QEMU_BUILD_BUG_ON(x) QEMU_BUILD_BUG_MSG(x, "must not be: " #x)
/* The same as an expression of value 0. */
#define QEMU_BUILD_BUG_ON_ZERO(x) \
    (sizeof(struct { int ok; QEMU_BUILD_BUG_ON(x); }) * 0)

#endif
