/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The type descriptors of the built-in types.  Each line of the table below
 * defines a scalar and its list.
 *
 * 'int' and 'int64' are the same kind, but different types in the schema and in
 * C names.  The list nodes have the layout of the types in
 * qapi/qapi-builtin-types.h.
 */
#include "qapi/qapi-type.h"

#include <stddef.h>

#define SCALAR_AND_LIST(type_name, c_type, type_kind)                   \
    typedef struct type_name##ListNode {                                \
        struct type_name##ListNode *next;                               \
        c_type value;                                                   \
    } type_name##ListNode;                                              \
                                                                        \
    const QapiType qapi_type_##type_name = {                            \
        .name = #type_name,                                             \
        .kind = QAPI_KIND_##type_kind,                                  \
        .size = sizeof(c_type),                                         \
    };                                                                  \
                                                                        \
    const QapiType qapi_type_##type_name##List = {                      \
        .name = #type_name "List",                                      \
        .kind = QAPI_KIND_LIST,                                         \
        .size = sizeof(type_name##ListNode),                            \
        .element = &qapi_type_##type_name,                              \
        .value_offset = offsetof(type_name##ListNode, value),           \
    };

SCALAR_AND_LIST(bool, bool, BOOL)
SCALAR_AND_LIST(int, int64_t, INT64)
SCALAR_AND_LIST(int8, int8_t, INT8)
SCALAR_AND_LIST(int16, int16_t, INT16)
SCALAR_AND_LIST(int32, int32_t, INT32)
SCALAR_AND_LIST(int64, int64_t, INT64)
SCALAR_AND_LIST(uint8, uint8_t, UINT8)
SCALAR_AND_LIST(uint16, uint16_t, UINT16)
SCALAR_AND_LIST(uint32, uint32_t, UINT32)
SCALAR_AND_LIST(uint64, uint64_t, UINT64)
SCALAR_AND_LIST(size, uint64_t, SIZE)
SCALAR_AND_LIST(number, double, NUMBER)
SCALAR_AND_LIST(str, char *, STR)
SCALAR_AND_LIST(null, JsonNode *, NULL)
SCALAR_AND_LIST(any, JsonNode *, ANY)

/*
 * QType is an enumeration of the schema language: QEMU's names, in the order of
 * the C enum.
 */
static const char *const qtype_names[QTYPE__MAX] = {
    [QTYPE_NONE] = "none",
    [QTYPE_QNULL] = "qnull",
    [QTYPE_QNUM] = "qnum",
    [QTYPE_QSTRING] = "qstring",
    [QTYPE_QDICT] = "qdict",
    [QTYPE_QLIST] = "qlist",
    [QTYPE_QBOOL] = "qbool",
};

static const QEnumLookup qtype_lookup = {
    .array = qtype_names,
    .size = QTYPE__MAX,
};

const QapiType qapi_type_QType = {
    .name = "QType",
    .kind = QAPI_KIND_ENUM,
    .size = sizeof(QType),
    .lookup = &qtype_lookup,
};

/* The type of the arguments or the result that a command does not have. */
const QapiType qapi_type_q_empty = {
    .name = "q_empty",
    .kind = QAPI_KIND_STRUCT,
};
