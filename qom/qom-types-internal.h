/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The C types of qom/qom.json and the handlers of its commands, as the schema
 * compiler writes them.
 */
#ifndef QOM_QOM_QOM_TYPES_INTERNAL_H
#define QOM_QOM_QOM_TYPES_INTERNAL_H

#include "qapi/qapi-builtin-types.h"
#include "qapi/qapi-type.h"

typedef struct ObjectPropertyInfo {
    char *name;
    char *type;
    char *description;       /* (nullable) */
    JsonNode *default_value; /* (nullable) */
} ObjectPropertyInfo;

typedef struct ObjectPropertyInfoList ObjectPropertyInfoList;
struct ObjectPropertyInfoList {
    ObjectPropertyInfoList *next;
    ObjectPropertyInfo *value;
};

typedef struct ObjectPropertyValue {
    char *name;
    char *type;
    JsonNode *value; /* (nullable) */
} ObjectPropertyValue;

typedef struct ObjectPropertyValueList ObjectPropertyValueList;
struct ObjectPropertyValueList {
    ObjectPropertyValueList *next;
    ObjectPropertyValue *value;
};

typedef struct ObjectPropertiesValues {
    ObjectPropertyValueList *properties;
} ObjectPropertiesValues;

typedef struct ObjectPropertiesValuesList ObjectPropertiesValuesList;
struct ObjectPropertiesValuesList {
    ObjectPropertiesValuesList *next;
    ObjectPropertiesValues *value;
};

typedef struct ObjectTypeInfo {
    char *name;
    char *parent; /* (nullable) */
    bool has_abstract;
    bool abstract;
} ObjectTypeInfo;

typedef struct ObjectTypeInfoList ObjectTypeInfoList;
struct ObjectTypeInfoList {
    ObjectTypeInfoList *next;
    ObjectTypeInfo *value;
};

extern const QapiType qapi_type_ObjectPropertyInfo;
extern const QapiType qapi_type_ObjectPropertyInfoList;
extern const QapiType qapi_type_ObjectPropertyValue;
extern const QapiType qapi_type_ObjectPropertyValueList;
extern const QapiType qapi_type_ObjectPropertiesValues;
extern const QapiType qapi_type_ObjectPropertiesValuesList;
extern const QapiType qapi_type_ObjectTypeInfo;
extern const QapiType qapi_type_ObjectTypeInfoList;

/* The commands' handlers, of the form that the field fixed. */
bool qmp_object_add(JsonNode *args, JsonNode **ret, Error **errp);
void qmp_object_del(const char *id, Error **errp);
ObjectPropertyInfoList *qmp_qom_list(const char *path, Error **errp);
JsonNode *qmp_qom_get(const char *path, const char *property, Error **errp);
void qmp_qom_set(const char *path, const char *property, JsonNode *value,
                 Error **errp);
ObjectTypeInfoList *qmp_qom_list_types(const char *implements,
                                       bool has_abstract, bool abstract,
                                       Error **errp);
ObjectPropertyInfoList *qmp_qom_list_properties(const char *type_name,
                                                Error **errp);
ObjectPropertiesValuesList *qmp_qom_list_get(strList *paths, Error **errp);

#endif
