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

/* ---- introspection-text.c: arguments that are text ---- */

typedef struct InfoParser {
    const QapiInfo *info; /* (nullable) NULL: every type is any value */
    const char *command;  /* for messages */
    GString *path;        /* of the argument that is parsed */
} InfoParser;

/* Sets an error that the argument at the path has a wrong value. */
void info_set_mismatch(const InfoParser *parser, const char *type,
                       JsonNode *value, Error **errp);

/* Returns (transfer full) NULL if @text is no value of the built-in type. */
JsonNode *info_parse_builtin(const char *json_type, const char *text);

/* Returns (transfer full) NULL if @text is no value of the enumeration. */
JsonNode *info_parse_enum(JsonObject *entity, const char *text);

/*
 * Parses a text.
 * @entity: (nullable) the type, which is no alternate; NULL: any value
 *
 * Returns: (transfer full) the value; NULL with @errp set
 */
JsonNode *info_parse_text(const InfoParser *parser, JsonObject *entity,
                          JsonNode *value, Error **errp);

#endif
