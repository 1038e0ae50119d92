/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The QMP commands of the object model.
 *
 * Results are in order of declaration: properties as they are iterated over,
 * types by name, objects as in the request.  Only object-add creates an
 * object; the properties of a type are read from the table of its class.
 */
#include "qom/qapi-commands-qom.h"

#include "qapi/visitor/json-visitor.h"
#include "qapi/json/json.h"
#include "qom/object-apply.h"
#include "qom/object-internal.h"
#include "qom/qom-commands-internal.h"
#include "qom/user-creatable.h"

/* ---- Finding ---- */

/*
 * For commands that list; resolve_device() is for those that read and write.
 * QEMU words their errors differently.
 */
Object *resolve_path(const char *path, Error **errp)
{
    bool ambiguous = false;
    Object *obj = object_resolve_path(path, &ambiguous);

    if (!obj && ambiguous) {
        error_setg(errp, "Path '%s' is ambiguous", path);
    } else if (!obj) {
        error_set(errp, ERROR_CLASS_DEVICE_NOT_FOUND, DEVICE_NOT_FOUND, path);
    }
    return obj;
}

/* An ambiguous path has the class DeviceNotFound here, as in QEMU. */
Object *resolve_device(const char *path, Error **errp)
{
    bool ambiguous = false;
    Object *obj = object_resolve_path(path, &ambiguous);

    if (!obj) {
        error_set(errp, ERROR_CLASS_DEVICE_NOT_FOUND,
                  DEVICE_NOT_FOUND "%s", path,
                  ambiguous ? ": the path is ambiguous" : "");
    }
    return obj;
}

/* ---- Objects ---- */

/* A hook of object-apply waits, and the loop executes another command. */
bool check_no_apply(Error **errp)
{
    if (object_apply_is_under_way()) {
        error_setg(errp, "a list of objects is being applied");
        return false;
    }
    return true;
}

/*
 * The schema says 'gen': false, because the arguments depend on the type: each
 * member is a property.
 */
bool qmp_object_add(JsonNode *args, JsonNode **ret, Error **errp)
{
    return check_no_apply(errp) &&
           user_creatable_add_json(json_node_get_object(args), errp) != NULL;
}

void qmp_object_del(const char *id, Error **errp)
{
    if (check_no_apply(errp)) {
        user_creatable_del(id, errp);
    }
}

/* The plan is made by object_apply(), so a visit that fails is a bug. */
static ObjectApplyStepList *steps_of_plan(JsonNode *plan)
{
    g_autoptr(Visitor) v = json_input_visitor_new(plan);
    void *list = NULL;

    qapi_type_visit(v, NULL, &qapi_type_ObjectApplyStepList, &list,
                    &error_abort);
    return list;
}

ObjectApplyStepList *qmp_object_apply(anyList *objects, bool has_dry_run,
                                      bool dry_run, Error **errp)
{
    g_autoptr(JsonArray) array = json_array_new();
    g_autoptr(JsonNode) plan = NULL;

    for (; objects; objects = objects->next) {
        json_array_add_element(array, json_node_ref(objects->value));
    }
    plan = object_apply(array, has_dry_run && dry_run, NULL, errp);
    return plan ? steps_of_plan(plan) : NULL;
}

/* The list is built from its end, so that no tail pointer is needed. */
anyList *qmp_query_objects(Error **errp)
{
    g_autoptr(JsonNode) snapshot = object_snapshot();
    JsonArray *array = json_node_get_array(snapshot);
    anyList *list = NULL;

    for (guint i = json_array_get_length(array); i > 0; i--) {
        anyList *element = g_new0(anyList, 1);

        element->value = json_array_dup_element(array, i - 1);
        element->next = list;
        list = element;
    }
    return list;
}

/* ---- Properties ---- */

/* The reply has a default only if the property has one. */
static ObjectPropertyInfo *describe_property(const ObjectProperty *prop)
{
    ObjectPropertyInfo *info = g_new0(ObjectPropertyInfo, 1);

    info->name = g_strdup(prop->name);
    info->type = g_strdup(prop->type);
    info->description = g_strdup(prop->description);
    if (prop->defval) {
        info->default_value = json_node_copy_deep(prop->defval);
    }
    return info;
}

/* Describes the properties that an iteration finds, in its order. */
static ObjectPropertyInfoList *
describe_properties(ObjectPropertyIterator *iter)
{
    ObjectPropertyInfoList *list = NULL;
    ObjectPropertyInfoList **tail = &list;
    ObjectProperty *prop;

    while ((prop = object_property_iter_next(iter))) {
        *tail = g_new0(ObjectPropertyInfoList, 1);
        (*tail)->value = describe_property(prop);
        tail = &(*tail)->next;
    }
    return list;
}

ObjectPropertyInfoList *qmp_qom_list(const char *path, Error **errp)
{
    Object *obj = resolve_path(path, errp);
    ObjectPropertyIterator iter;

    if (!obj) {
        return NULL;
    }
    object_property_iter_init(&iter, obj);
    return describe_properties(&iter);
}

JsonNode *qmp_qom_get(const char *path, const char *property, Error **errp)
{
    Object *obj = resolve_device(path, errp);

    return obj ? object_property_get_json(obj, property, errp) : NULL;
}

void qmp_qom_set(const char *path, const char *property, JsonNode *value,
                 Error **errp)
{
    Object *obj = resolve_device(path, errp);

    if (obj) {
        object_property_set_json(obj, property, value, errp);
    }
}

/* Describes a property together with its value. */
static ObjectPropertyValue *get_property(Object *obj,
                                         const ObjectProperty *prop)
{
    ObjectPropertyValue *value = g_new0(ObjectPropertyValue, 1);

    value->name = g_strdup(prop->name);
    value->type = g_strdup(prop->type);
    /* A property that cannot be read has no value, as in QEMU. */
    value->value = object_property_get_json(obj, prop->name, NULL);
    return value;
}

/* Reads all properties of an object, in order of declaration. */
static ObjectPropertiesValues *get_properties(Object *obj)
{
    ObjectPropertiesValues *values = g_new0(ObjectPropertiesValues, 1);
    ObjectPropertyValueList **tail = &values->properties;
    g_autoptr(GPtrArray) props = NULL;

    /* Getters may wait, and other code may then delete the object. */
    object_ref(obj);
    props = object_property_hold_all(obj);
    for (guint i = 0; i < props->len; i++) {
        const ObjectProperty *prop = props->pdata[i];

        /* A getter that waited: other code has deleted the property. */
        if (prop->state & PROPERTY_GONE) {
            continue;
        }
        *tail = g_new0(ObjectPropertyValueList, 1);
        (*tail)->value = get_property(obj, prop);
        tail = &(*tail)->next;
    }
    g_clear_pointer(&props, g_ptr_array_unref);
    object_unref(obj);
    return values;
}

/*
 * Rejects a second path to the same object.  Otherwise each few bytes of a
 * request would add all values of an object to the reply.
 */
static Object *resolve_new_path(const char *path, unsigned index,
                                GHashTable *seen, Error **errp)
{
    Object *obj = resolve_path(path, errp);

    if (obj && !g_hash_table_add(seen, obj)) {
        g_autofree char *full = object_get_canonical_path(obj);

        error_setg(errp, "Parameter 'paths[%u]' leads to '%s' again", index,
                   full);
        return NULL;
    }
    return obj;
}

ObjectPropertiesValuesList *qmp_qom_list_get(strList *paths, Error **errp)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    ObjectPropertiesValuesList *list = NULL;
    ObjectPropertiesValuesList **tail = &list;

    for (unsigned i = 0; paths; paths = paths->next) {
        Object *obj = resolve_new_path(paths->value, i++, seen, errp);

        if (!obj) {
            /* One bad path refuses the whole request. */
            qapi_type_free(&qapi_type_ObjectPropertiesValuesList, &list);
            return NULL;
        }
        *tail = g_new0(ObjectPropertiesValuesList, 1);
        (*tail)->value = get_properties(obj);
        tail = &(*tail)->next;
    }
    return list;
}

/* ---- Types ---- */

/* The member "abstract" is present only if it is true, as in QEMU. */
static void describe_type(ObjectClass *klass, void *opaque)
{
    ObjectTypeInfoList ***tail = opaque;
    ObjectClass *parent = object_class_get_parent(klass);
    ObjectTypeInfo *info = g_new0(ObjectTypeInfo, 1);

    info->name = g_strdup(object_class_get_name(klass));
    info->abstract = object_class_is_abstract(klass);
    info->has_abstract = info->abstract;
    if (parent) {
        info->parent = g_strdup(object_class_get_name(parent));
    }
    **tail = g_new0(ObjectTypeInfoList, 1);
    (**tail)->value = info;
    *tail = &(**tail)->next;
}

ObjectTypeInfoList *qmp_qom_list_types(const char *implements,
                                       bool has_abstract, bool abstract,
                                       Error **errp)
{
    ObjectTypeInfoList *list = NULL;
    ObjectTypeInfoList **tail = &list;

    object_class_foreach(describe_type, implements, has_abstract && abstract,
                         &tail);
    return list;
}

/* No object is created, so instance properties are not listed. */
ObjectPropertyInfoList *qmp_qom_list_properties(const char *type_name,
                                                Error **errp)
{
    ERRP_GUARD();
    ObjectClass *klass = module_object_class_by_name(type_name);
    ObjectPropertyIterator iter;

    if (!klass) {
        error_set(errp, ERROR_CLASS_DEVICE_NOT_FOUND, CLASS_NOT_FOUND,
                  type_name);
        suggest_type(type_name, NULL, true, errp);
        return NULL;
    }
    if (object_class_is_interface(klass)) {
        error_setg(errp, "Parameter 'typename' expects a QOM type");
        return NULL;
    }
    object_class_property_iter_init(&iter, klass);
    return describe_properties(&iter);
}
