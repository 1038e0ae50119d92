/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Attributes for the compiler, and macros of the preprocessor. */
#ifndef QOM_COMPAT_QEMU_COMPILER_H
#define QOM_COMPAT_QEMU_COMPILER_H

#include "util/macros.h"

#ifndef __has_warning
#define __has_warning(x) 0
#endif
#ifndef __has_attribute
#define __has_attribute(x) 0
#endif
#ifndef __has_builtin
#define __has_builtin(x) 0
#endif

#define QEMU_NORETURN __attribute__((__noreturn__))
#define QEMU_WARN_UNUSED_RESULT __attribute__((__warn_unused_result__))
#define QEMU_SENTINEL __attribute__((__sentinel__))
#define QEMU_PACKED __attribute__((__packed__))
#define QEMU_ALIGNED(bytes) __attribute__((__aligned__(bytes)))
#define QEMU_ALWAYS_INLINE __attribute__((__always_inline__))
#define QEMU_USED __attribute__((__used__))
#define QEMU_FALLTHROUGH __attribute__((__fallthrough__))
#define QEMU_NONSTRING
#define QEMU_UNINITIALIZED
#define QEMU_FLATTEN __attribute__((__flatten__))
#define QEMU_ANNOTATE(x)
#define QEMU_DISABLE_CFI
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

#define MAKE_IDENTIFIER(prefix) glue(prefix, __COUNTER__)

/* 1 if the macro x is defined as nothing or as 1; 0 if it is not defined */
#define IS_ENABLED(x) IS_ENABLED_VALUE_(x)
#define IS_ENABLED_VALUE_(value) IS_ENABLED_PICK_(QEMU_ENABLED_##value 1, 0, 0)
#define IS_ENABLED_PICK_(...) IS_ENABLED_SECOND_(__VA_ARGS__)
#define IS_ENABLED_SECOND_(first, second, ...) second
#define QEMU_ENABLED_ 0,
#define QEMU_ENABLED_1 0,

#define typeof_field(type, field) __typeof__(((type *)0)->field)
#define sizeof_field(type, field) sizeof(((type *)0)->field)

#define endof(container, field) \
    (offsetof(container, field) + sizeof_field(container, field))

/* The type of an expression of a scalar type, without qualifiers. */
#define typeof_strip_qual(expr) __typeof__(((void)0, (expr)))

#define DO_UPCAST(type, field, ptr) container_of(ptr, type, field)

#define QEMU_BUILD_BUG_MSG(x, msg) _Static_assert(!(x), msg)
#define QEMU_BUILD_BUG_ON(x) QEMU_BUILD_BUG_MSG(x, "must not be: " #x)
/* The same as an expression of value 0. */
#define QEMU_BUILD_BUG_ON_ZERO(x) \
    (sizeof(struct { int ok; QEMU_BUILD_BUG_ON(x); }) * 0)

#define QEMU_BUILD_BUG_ON_STRUCT(x) struct { int : (x) ? -1 : 1; }

/* What clang could check about locks; nothing checks it. */
#define TSA_CAPABILITY(x)
#define TSA_REQUIRES(...)
#define TSA_REQUIRES_SHARED(...)
#define TSA_EXCLUDES(...)
#define TSA_ACQUIRE(...)
#define TSA_ACQUIRE_SHARED(...)
#define TSA_RELEASE(...)
#define TSA_RELEASE_SHARED(...)
#define TSA_GUARDED_BY(x)
#define TSA_PT_GUARDED_BY(x)
#define TSA_ASSERT(...)
#define TSA_ASSERT_SHARED(...)
#define TSA_NO_TSA

#endif
