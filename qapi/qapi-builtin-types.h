/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The C forms of lists of built-in types, as in QEMU's header of the same name.
 *
 * The type descriptors of these lists (qapi_type_strList and so on) are
 * declared in qapi/qapi-type.h.
 *
 * Thread: any; one thread at a time uses a list
 */
#ifndef QOM_QAPI_QAPI_BUILTIN_TYPES_H
#define QOM_QAPI_QAPI_BUILTIN_TYPES_H

#include "qapi/qapi-type.h"
#include "util/macros.h"

QOM_BEGIN_DECLS

/*
 * QAPI_DEFINE_BUILTIN_LIST: Defines a list type, which has a node of `next` and
 * `value`, and its function qapi_free_NAME().  The function frees the list
 * (nullable, consumed) with all its values, in any thread.
 */
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
 * QAPI_LIST_APPEND: Appends a value to a list.
 * @tail: a variable of type `TList **`; it holds the address of the list
 *        pointer before the first call, and every call moves it to the new end
 * @element: the value; consumed
 */
#define QAPI_LIST_APPEND(tail, element)                                     \
    do {                                                                    \
        *(tail) = (__typeof__(*(tail)))g_malloc0(sizeof(**(tail)));         \
        (*(tail))->value = (element);                                       \
        (tail) = &(*(tail))->next;                                          \
    } while (0)

/**
 * QAPI_LIST_PREPEND: Inserts a value at the beginning of a list.
 * @list: the list, a variable of type `TList *`; it may be NULL
 * @element: the value; consumed
 */
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
