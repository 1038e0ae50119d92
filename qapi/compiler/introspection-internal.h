/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Introspection data and its unions. */
#ifndef QOM_QAPI_COMPILER_INTROSPECTION_INTERNAL_H
#define QOM_QAPI_COMPILER_INTROSPECTION_INTERNAL_H

#include "qapi/compiler/info-set-internal.h"
#include "qapi/compiler/introspection.h"

/* Deeper unions in unions and alternates in alternates are ignored. */
enum {
    QAPI_INFO_MAX_DEPTH = 16,
};

struct QapiInfo {
    InfoSet set;
};

/*
 * qapi_info_branch: returns (nullable) the object type that @values select as
 * the branch of the union @object; NULL if it is no union or nothing is
 * selected
 */
JsonObject *qapi_info_branch(const QapiInfo *info, JsonObject *object,
                             JsonObject *values);

#endif
