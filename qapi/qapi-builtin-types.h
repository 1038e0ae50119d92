/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * C forms of lists of built-in types, as QEMU's header of the same name has
 * them.  Their descriptors (qapi_type_strList and so on) are in
 * qapi/qapi-type.h.
 *
 * Thread: caller's, one at a time
 */
#ifndef QOM_QAPI_QAPI_BUILTIN_TYPES_H
#define QOM_QAPI_QAPI_BUILTIN_TYPES_H

#include "qapi/qapi-type.h"
#include "util/macros.h"

QOM_BEGIN_DECLS

/* A node: `next`, then `value`, which the list owns; free with qapi_free_N */
#define QAPI_DEFINE_BUILTIN_LIST(name, c_type)                              \
    typedef struct name {                                                   \
        struct name *next;                                                  \
        c_type value;                                                       \
    } name;                                                                 \
    static inline void qapi_free_##name(name *obj)                          \
    {                                                                       \
        qapi_type_free(&qapi_type_##name, &obj);                            \
    }                                                                       \
    G_DEFINE_AUTOPTR_CLEANUP_FUNC(name, qapi_free_##name)

QAPI_DEFINE_BUILTIN_LIST(boolList, bool)
QAPI_DEFINE_BUILTIN_LIST(intList, int64_t)
QAPI_DEFINE_BUILTIN_LIST(int8List, int8_t)
QAPI_DEFINE_BUILTIN_LIST(int16List, int16_t)
QAPI_DEFINE_BUILTIN_LIST(int32List, int32_t)
QAPI_DEFINE_BUILTIN_LIST(int64List, int64_t)
QAPI_DEFINE_BUILTIN_LIST(uint8List, uint8_t)
QAPI_DEFINE_BUILTIN_LIST(uint16List, uint16_t)
QAPI_DEFINE_BUILTIN_LIST(uint32List, uint32_t)
QAPI_DEFINE_BUILTIN_LIST(uint64List, uint64_t)
QAPI_DEFINE_BUILTIN_LIST(sizeList, uint64_t)
QAPI_DEFINE_BUILTIN_LIST(numberList, double)
QAPI_DEFINE_BUILTIN_LIST(strList, char *)
QAPI_DEFINE_BUILTIN_LIST(nullList, JsonNode *)
QAPI_DEFINE_BUILTIN_LIST(anyList, JsonNode *)

/**
 * QAPI_LIST_APPEND: add a value at the end of a list
 * @tail: variable of type `TList **`: the address of the list's pointer at
 *        first, moved on by each call
 * @element: the value; consumed
 */
#define QAPI_LIST_APPEND(tail, element)                                     \
    do {                                                                    \
        *(tail) = (__typeof__(*(tail)))g_malloc0(sizeof(**(tail)));         \
        (*(tail))->value = (element);                                       \
        (tail) = &(*(tail))->next;                                          \
    } while (0)

/* QAPI_LIST_PREPEND: add a value at the beginning of @list, a `TList *` */
#define QAPI_LIST_PREPEND(list, element)                                    \
    do {                                                                    \
        __typeof__(list) node_ =                                            \
            (__typeof__(list))g_malloc0(sizeof(*(list)));                   \
        node_->value = (element);                                           \
        node_->next = (list);                                               \
        (list) = node_;                                                     \
    } while (0)

QOM_END_DECLS

#endif
