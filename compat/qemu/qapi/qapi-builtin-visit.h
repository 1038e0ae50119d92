/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* visit_type_NAMEList() for lists of built-in types, and visit_type_QType(). */
#ifndef QOM_COMPAT_QEMU_QAPI_BUILTIN_VISIT_H
#define QOM_COMPAT_QEMU_QAPI_BUILTIN_VISIT_H

#include "qapi/qapi-builtin-types.h"
#include "qapi/util.h"
#include "qapi/visitor.h"

#define QEMU_VISIT_LIST_(list)                                          \
    static inline bool visit_type_##list(Visitor *v, const char *name,  \
                                         list **obj, Error **errp)      \
    {                                                                   \
        return qapi_type_visit(v, name, &qapi_type_##list, obj, errp);  \
    }

QEMU_VISIT_LIST_(anyList)
QEMU_VISIT_LIST_(boolList)
QEMU_VISIT_LIST_(int16List)
QEMU_VISIT_LIST_(int32List)
QEMU_VISIT_LIST_(int64List)
QEMU_VISIT_LIST_(int8List)
QEMU_VISIT_LIST_(intList)
QEMU_VISIT_LIST_(nullList)
QEMU_VISIT_LIST_(numberList)
QEMU_VISIT_LIST_(sizeList)
QEMU_VISIT_LIST_(strList)
QEMU_VISIT_LIST_(uint16List)
QEMU_VISIT_LIST_(uint32List)
QEMU_VISIT_LIST_(uint64List)
QEMU_VISIT_LIST_(uint8List)

static inline bool visit_type_QType(Visitor *v, const char *name, QType *obj,
                                    Error **errp)
{
    return qapi_type_visit(v, name, &qapi_type_QType, obj, errp);
}

#endif
