/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qom/qom.json as data: the types, and a row and an unpacking function per
 * command.  The order and the documentation are the schema's.
 */
#include "qom/qom-types-internal.h"

#include "qapi/qapi-command.h"
#include "util/module.h"

static const QapiMember object_property_info_members[] = {
    { .name = "name", .type = &qapi_type_str,
      .offset = offsetof(ObjectPropertyInfo, name),
      .doc = "the property's name" },
    { .name = "type", .type = &qapi_type_str,
      .offset = offsetof(ObjectPropertyInfo, type),
      .doc = "the property's type" },
    { .name = "description", .type = &qapi_type_str,
      .offset = offsetof(ObjectPropertyInfo, description),
      .optional = true,
      .doc = "what it is for" },
    { .name = "default-value", .type = &qapi_type_any,
      .offset = offsetof(ObjectPropertyInfo, default_value),
      .optional = true,
      .doc = "its value in a new object" },
};

const QapiType qapi_type_ObjectPropertyInfo = {
    .name = "ObjectPropertyInfo",
    .kind = QAPI_KIND_STRUCT,
    .size = sizeof(ObjectPropertyInfo),
    .members = object_property_info_members,
    .n_members = G_N_ELEMENTS(object_property_info_members),
    .doc = "A property",
};

const QapiType qapi_type_ObjectPropertyInfoList = {
    .name = "ObjectPropertyInfoList",
    .kind = QAPI_KIND_LIST,
    .size = sizeof(ObjectPropertyInfoList),
    .element = &qapi_type_ObjectPropertyInfo,
    .value_offset = offsetof(ObjectPropertyInfoList, value),
};

static const QapiMember object_property_value_members[] = {
    { .name = "name", .type = &qapi_type_str,
      .offset = offsetof(ObjectPropertyValue, name),
      .doc = "the property's name" },
    { .name = "type", .type = &qapi_type_str,
      .offset = offsetof(ObjectPropertyValue, type),
      .doc = "the property's type" },
    { .name = "value", .type = &qapi_type_any,
      .offset = offsetof(ObjectPropertyValue, value),
      .optional = true,
      .doc = "its value; absent if it cannot be read" },
};

const QapiType qapi_type_ObjectPropertyValue = {
    .name = "ObjectPropertyValue",
    .kind = QAPI_KIND_STRUCT,
    .size = sizeof(ObjectPropertyValue),
    .members = object_property_value_members,
    .n_members = G_N_ELEMENTS(object_property_value_members),
    .doc = "A property with its value",
};

const QapiType qapi_type_ObjectPropertyValueList = {
    .name = "ObjectPropertyValueList",
    .kind = QAPI_KIND_LIST,
    .size = sizeof(ObjectPropertyValueList),
    .element = &qapi_type_ObjectPropertyValue,
    .value_offset = offsetof(ObjectPropertyValueList, value),
};

static const QapiMember object_properties_values_members[] = {
    { .name = "properties", .type = &qapi_type_ObjectPropertyValueList,
      .offset = offsetof(ObjectPropertiesValues, properties),
      .doc = "the properties of one object" },
};

const QapiType qapi_type_ObjectPropertiesValues = {
    .name = "ObjectPropertiesValues",
    .kind = QAPI_KIND_STRUCT,
    .size = sizeof(ObjectPropertiesValues),
    .members = object_properties_values_members,
    .n_members = G_N_ELEMENTS(object_properties_values_members),
    .doc = "An object's properties with their values",
};

const QapiType qapi_type_ObjectPropertiesValuesList = {
    .name = "ObjectPropertiesValuesList",
    .kind = QAPI_KIND_LIST,
    .size = sizeof(ObjectPropertiesValuesList),
    .element = &qapi_type_ObjectPropertiesValues,
    .value_offset = offsetof(ObjectPropertiesValuesList, value),
};

static const QapiMember object_type_info_members[] = {
    { .name = "name", .type = &qapi_type_str,
      .offset = offsetof(ObjectTypeInfo, name),
      .doc = "the type's name" },
    { .name = "abstract", .type = &qapi_type_bool,
      .offset = offsetof(ObjectTypeInfo, abstract),
      .has_offset = offsetof(ObjectTypeInfo, has_abstract),
      .optional = true,
      .doc = "true if no object can be made of it" },
    { .name = "parent", .type = &qapi_type_str,
      .offset = offsetof(ObjectTypeInfo, parent),
      .optional = true,
      .doc = "the type it derives from" },
};

const QapiType qapi_type_ObjectTypeInfo = {
    .name = "ObjectTypeInfo",
    .kind = QAPI_KIND_STRUCT,
    .size = sizeof(ObjectTypeInfo),
    .members = object_type_info_members,
    .n_members = G_N_ELEMENTS(object_type_info_members),
    .doc = "A type of objects",
};

const QapiType qapi_type_ObjectTypeInfoList = {
    .name = "ObjectTypeInfoList",
    .kind = QAPI_KIND_LIST,
    .size = sizeof(ObjectTypeInfoList),
    .element = &qapi_type_ObjectTypeInfo,
    .value_offset = offsetof(ObjectTypeInfoList, value),
};

typedef struct ObjectDelArg {
    char *id;
} ObjectDelArg;

static const QapiMember object_del_arg_members[] = {
    { .name = "id", .type = &qapi_type_str,
      .offset = offsetof(ObjectDelArg, id),
      .doc = "the object's id" },
};

static const QapiType object_del_arg = {
    .name = "q_obj_object-del-arg",
    .kind = QAPI_KIND_STRUCT,
    .size = sizeof(ObjectDelArg),
    .members = object_del_arg_members,
    .n_members = G_N_ELEMENTS(object_del_arg_members),
};

typedef struct QomListArg {
    char *path;
} QomListArg;

static const QapiMember qom_list_arg_members[] = {
    { .name = "path", .type = &qapi_type_str,
      .offset = offsetof(QomListArg, path),
      .doc = "path of the object" },
};

static const QapiType qom_list_arg = {
    .name = "q_obj_qom-list-arg",
    .kind = QAPI_KIND_STRUCT,
    .size = sizeof(QomListArg),
    .members = qom_list_arg_members,
    .n_members = G_N_ELEMENTS(qom_list_arg_members),
};

typedef struct QomGetArg {
    char *path;
    char *property;
} QomGetArg;

static const QapiMember qom_get_arg_members[] = {
    { .name = "path", .type = &qapi_type_str,
      .offset = offsetof(QomGetArg, path),
      .doc = "path of the object" },
    { .name = "property", .type = &qapi_type_str,
      .offset = offsetof(QomGetArg, property),
      .doc = "the property's name" },
};

static const QapiType qom_get_arg = {
    .name = "q_obj_qom-get-arg",
    .kind = QAPI_KIND_STRUCT,
    .size = sizeof(QomGetArg),
    .members = qom_get_arg_members,
    .n_members = G_N_ELEMENTS(qom_get_arg_members),
};

typedef struct QomSetArg {
    char *path;
    char *property;
    JsonNode *value;
} QomSetArg;

static const QapiMember qom_set_arg_members[] = {
    { .name = "path", .type = &qapi_type_str,
      .offset = offsetof(QomSetArg, path),
      .doc = "path of the object" },
    { .name = "property", .type = &qapi_type_str,
      .offset = offsetof(QomSetArg, property),
      .doc = "the property's name" },
    { .name = "value", .type = &qapi_type_any,
      .offset = offsetof(QomSetArg, value),
      .doc = "its new value" },
};

static const QapiType qom_set_arg = {
    .name = "q_obj_qom-set-arg",
    .kind = QAPI_KIND_STRUCT,
    .size = sizeof(QomSetArg),
    .members = qom_set_arg_members,
    .n_members = G_N_ELEMENTS(qom_set_arg_members),
};

typedef struct QomListTypesArg {
    char *implements; /* (nullable) */
    bool abstract;
    bool has_abstract;
} QomListTypesArg;

static const QapiMember qom_list_types_arg_members[] = {
    { .name = "implements", .type = &qapi_type_str,
      .offset = offsetof(QomListTypesArg, implements),
      .optional = true,
      .doc = "only types that are or implement this" },
    { .name = "abstract", .type = &qapi_type_bool,
      .offset = offsetof(QomListTypesArg, abstract),
      .has_offset = offsetof(QomListTypesArg, has_abstract),
      .optional = true,
      .doc = "also abstract types" },
};

static const QapiType qom_list_types_arg = {
    .name = "q_obj_qom-list-types-arg",
    .kind = QAPI_KIND_STRUCT,
    .size = sizeof(QomListTypesArg),
    .members = qom_list_types_arg_members,
    .n_members = G_N_ELEMENTS(qom_list_types_arg_members),
};

typedef struct QomListPropertiesArg {
    char *type_name;
} QomListPropertiesArg;

static const QapiMember qom_list_properties_arg_members[] = {
    { .name = "typename", .type = &qapi_type_str,
      .offset = offsetof(QomListPropertiesArg, type_name),
      .doc = "the type's name" },
};

static const QapiType qom_list_properties_arg = {
    .name = "q_obj_qom-list-properties-arg",
    .kind = QAPI_KIND_STRUCT,
    .size = sizeof(QomListPropertiesArg),
    .members = qom_list_properties_arg_members,
    .n_members = G_N_ELEMENTS(qom_list_properties_arg_members),
};

typedef struct QomListGetArg {
    strList *paths;
} QomListGetArg;

static const QapiMember qom_list_get_arg_members[] = {
    { .name = "paths", .type = &qapi_type_strList,
      .offset = offsetof(QomListGetArg, paths),
      .doc = "paths of the objects" },
};

static const QapiType qom_list_get_arg = {
    .name = "q_obj_qom-list-get-arg",
    .kind = QAPI_KIND_STRUCT,
    .size = sizeof(QomListGetArg),
    .members = qom_list_get_arg_members,
    .n_members = G_N_ELEMENTS(qom_list_get_arg_members),
};

static bool run_object_add(void *arg, void *ret, Error **errp)
{
    return qmp_object_add(arg, ret, errp);
}

static bool run_object_del(void *opaque, void *ret, Error **errp)
{
    ERRP_GUARD();
    ObjectDelArg *arg = opaque;

    qmp_object_del(arg->id, errp);
    return !*errp;
}

static bool run_qom_list(void *opaque, void *ret, Error **errp)
{
    ERRP_GUARD();
    QomListArg *arg = opaque;

    *(ObjectPropertyInfoList **)ret = qmp_qom_list(arg->path, errp);
    return !*errp;
}

static bool run_qom_get(void *opaque, void *ret, Error **errp)
{
    ERRP_GUARD();
    QomGetArg *arg = opaque;

    *(JsonNode **)ret = qmp_qom_get(arg->path, arg->property, errp);
    return !*errp;
}

static bool run_qom_set(void *opaque, void *ret, Error **errp)
{
    ERRP_GUARD();
    QomSetArg *arg = opaque;

    qmp_qom_set(arg->path, arg->property, arg->value, errp);
    return !*errp;
}

static bool run_qom_list_types(void *opaque, void *ret, Error **errp)
{
    ERRP_GUARD();
    QomListTypesArg *arg = opaque;

    *(ObjectTypeInfoList **)ret = qmp_qom_list_types(
        arg->implements, arg->has_abstract, arg->abstract, errp);
    return !*errp;
}

static bool run_qom_list_properties(void *opaque, void *ret, Error **errp)
{
    ERRP_GUARD();
    QomListPropertiesArg *arg = opaque;

    *(ObjectPropertyInfoList **)ret = qmp_qom_list_properties(arg->type_name,
                                                              errp);
    return !*errp;
}

static bool run_qom_list_get(void *opaque, void *ret, Error **errp)
{
    ERRP_GUARD();
    QomListGetArg *arg = opaque;

    *(ObjectPropertiesValuesList **)ret = qmp_qom_list_get(arg->paths, errp);
    return !*errp;
}

static const QapiCommand qom_commands[] = {
    {
        .name = "object-add",
        .arg_type = &qapi_type_any,
        .run = run_object_add,
        .flags = QCO_ALLOW_PRECONFIG,
        .doc = "Make an object",
    },
    {
        .name = "object-del",
        .arg_type = &object_del_arg,
        .run = run_object_del,
        .flags = QCO_ALLOW_PRECONFIG,
        .doc = "Delete an object",
    },
    {
        .name = "qom-list",
        .arg_type = &qom_list_arg,
        .ret_type = &qapi_type_ObjectPropertyInfoList,
        .run = run_qom_list,
        .flags = QCO_ALLOW_PRECONFIG,
        .doc = "The properties of an object",
    },
    {
        .name = "qom-get",
        .arg_type = &qom_get_arg,
        .ret_type = &qapi_type_any,
        .run = run_qom_get,
        .flags = QCO_ALLOW_PRECONFIG,
        .doc = "The value of a property",
    },
    {
        .name = "qom-set",
        .arg_type = &qom_set_arg,
        .run = run_qom_set,
        .flags = QCO_ALLOW_PRECONFIG,
        .doc = "Change the value of a property",
    },
    {
        .name = "qom-list-types",
        .arg_type = &qom_list_types_arg,
        .ret_type = &qapi_type_ObjectTypeInfoList,
        .run = run_qom_list_types,
        .flags = QCO_ALLOW_PRECONFIG,
        .doc = "The types of objects there are",
    },
    {
        .name = "qom-list-properties",
        .arg_type = &qom_list_properties_arg,
        .ret_type = &qapi_type_ObjectPropertyInfoList,
        .run = run_qom_list_properties,
        .flags = QCO_ALLOW_PRECONFIG,
        .doc = "The properties of a type",
    },
    {
        .name = "qom-list-get",
        .arg_type = &qom_list_get_arg,
        .ret_type = &qapi_type_ObjectPropertiesValuesList,
        .run = run_qom_list_get,
        .flags = QCO_ALLOW_PRECONFIG,
        .doc = "The properties of several objects with their values",
    },
};

static void register_qom_commands(void)
{
    qapi_register_commands(qom_commands, G_N_ELEMENTS(qom_commands));
}

module_init(register_qom_commands, MODULE_INIT_QMP)
