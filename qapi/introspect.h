/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QapiInfo: what clients may know of a schema, as constant rows, and the
 * answer of query-qmp-schema made from them.
 *
 * The schema compiler emits the rows (`qapi_schema_info` in
 * qapi-introspect.h), so that conditions of the build apply to them.
 *
 * Contract: docs/schema-language.md, "Introspection"
 */
#ifndef QOM_QAPI_INTROSPECT_H
#define QOM_QAPI_INTROSPECT_H

#include "util/macros.h"

#include <json-glib/json-glib.h>
#include <stdbool.h>

QOM_BEGIN_DECLS

/* A member, a value of an enum, a branch. */
typedef struct QapiInfoMember {
    const char *name;            /* NULL ends the rows */
    const char *type;            /* (nullable) */
    bool optional;
    const char *const *features; /* (nullable) ends with NULL */
    const char *doc;             /* (nullable) */
    /* of a class's property: JSON texts; all (nullable) */
    const char *def;
    const char *min;
    const char *max;
    const char *unit;
    const char *set;             /* "any-time", "create" */
} QapiInfoMember;

typedef struct QapiInfo {
    const char *name;      /* NULL ends the rows */
    const char *meta_type; /* "command", "object"... */
    const char *type;      /* json-type, element-type or arg-type */
    const char *ret_type;  /* of a command */
    bool allow_oob;
    const char *tag;                /* of a union */
    const QapiInfoMember *members;  /* (nullable) */
    const QapiInfoMember *variants; /* (nullable) */
    const char *const *features;    /* (nullable) ends with NULL */
    const char *doc;                /* (nullable) */
} QapiInfo;

/**
 * qapi_introspect: the answer of query-qmp-schema
 * @rows: a schema
 * @details: add to each member and entity a member "details" with what goes
 *           beyond QEMU's form: "doc", and of properties "default", "min",
 *           "max", "unit" and "set"
 *
 * Returns: (transfer full) an array of SchemaInfo
 * Thread: any
 */
JsonNode *qapi_introspect(const QapiInfo *rows, bool details);

QOM_END_DECLS

#endif
