/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading and writing property values: through visitors, as text, as JSON and
 * by C type.
 *
 * The functions for C types and text first call the code for rows
 * (property-rows.c), which needs neither a visitor nor a JSON value.  They use
 * a visitor for properties with accessors, and for values that the row code
 * does not accept, so that each message is worded once.
 */
#include "qapi/json/json.h"
#include "qapi/visitor/json-visitor.h"
#include "qapi/visitor/string-visitor.h"
#include "qom/object-pending-internal.h"
#include "qom/property-row-internal.h"

/* Finds a property; the inline part is enough unless there is none. */
static inline ObjectProperty *find(Object *obj, const char *name,
                                   Error **errp)
{
    ObjectProperty *prop = object_find_property(obj, name);

    return G_LIKELY(prop) ? prop : object_property_find_err(obj, name, errp);
}

/* Returns true if reading the property calls no function of the class. */
static bool property_is_field(const ObjectProperty *prop)
{
    return prop->row && prop->row->set != PROPERTY_SET_NEVER;
}

/*
 * A getter of the class may wait; the object and the property are then held.
 * Reading a field cannot, and stays without two atomic operations.
 */
bool object_property_get(Object *obj, const char *name, Visitor *v,
                         Error **errp)
{
    ERRP_GUARD();
    ObjectProperty *prop = find(obj, name, errp);

    if (!prop) {
        return false;
    }
    if (!prop->get) {
        error_setg(errp, "Property '%s.%s' is not readable",
                   object_get_typename(obj), name);
        return false;
    }
    if (property_is_field(prop)) {
        prop->get(obj, v, name, prop->opaque, errp);
        return !*errp;
    }
    object_ref(obj);
    object_property_hold(prop);
    prop->get(obj, v, name, prop->opaque, errp);
    object_property_drop(prop);
    object_unref(obj);
    return !*errp;
}

/*
 * A setter may wait, and other code may then delete the property or the
 * object.
 */
static void call_setter(Object *obj, ObjectProperty *prop, Visitor *v,
                        Error **errp)
{
    ERRP_GUARD();
    ObjectPending pending;

    object_pending_begin(&pending, obj, OBJECT_PENDING_SET);
    object_property_hold(prop);
    prop->set(obj, v, prop->name, prop->opaque, errp);
    if (!*errp) {
        /*
         * Any successful write through a setter counts as a change, because the
         * old value is not known. Rows report only values that differ.
         */
        object_report_changed(obj, prop->name);
    }
    object_property_drop(prop);
    object_pending_end(&pending);
}

/*
 * Rows check in row_store() whether the object is being changed, and they join
 * an open change set.
 */
bool object_property_set_prop(Object *obj, ObjectProperty *prop, Visitor *v,
                              Error **errp)
{
    ERRP_GUARD();

    object_assert_main_thread(obj);
    if (!prop->set) {
        error_setg(errp, PROPERTY_NOT_WRITABLE, object_get_typename(obj),
                   prop->name);
        return false;
    }
    if (prop->row) {
        prop->set(obj, v, prop->name, prop->opaque, errp);
    } else if (object_check_free(obj, errp)) {
        call_setter(obj, prop, v, errp);
    }
    return !*errp;
}

bool object_property_set(Object *obj, const char *name, Visitor *v,
                         Error **errp)
{
    ObjectProperty *prop = find(obj, name, errp);

    return prop && object_property_set_prop(obj, prop, v, errp);
}

/* ---- Text ---- */

/* The row code parses the common scalars without a visitor. */
bool object_property_parse(Object *obj, const char *name, const char *string,
                           Error **errp)
{
    ObjectProperty *prop = find(obj, name, errp);
    int done = prop ? object_row_parse(obj, prop, string, errp) : 0;
    g_autoptr(Visitor) v = NULL;

    /* -1: the property is no row, or the row code does not accept the text. */
    if (done >= 0) {
        return done;
    }
    v = string_input_visitor_new(string);
    return object_property_set_prop(obj, prop, v, errp);
}

char *object_property_print(Object *obj, const char *name, bool human,
                            Error **errp)
{
    char *string = NULL;
    g_autoptr(Visitor) v = string_output_visitor_new(human, &string);

    if (!object_property_get(obj, name, v, errp)) {
        return NULL;
    }
    visit_complete(v, &string);
    return string;
}

/* ---- JSON ---- */

JsonNode *object_property_get_json(Object *obj, const char *name,
                                   Error **errp)
{
    JsonNode *node = NULL;
    g_autoptr(Visitor) v = json_output_visitor_new(&node);

    if (!object_property_get(obj, name, v, errp)) {
        return NULL;
    }
    visit_complete(v, &node);
    return node;
}

/* @value is consumed. */
static bool set_node(Object *obj, ObjectProperty *prop, JsonNode *value,
                     Error **errp)
{
    g_autoptr(Visitor) v = json_input_visitor_new(value);

    /* The visitor has a reference of its own. */
    json_node_unref(value);
    return object_property_set_prop(obj, prop, v, errp);
}

bool object_property_set_json(Object *obj, const char *name, JsonNode *value,
                              Error **errp)
{
    ObjectProperty *prop = find(obj, name, errp);

    return prop && set_node(obj, prop, json_node_ref(value), errp);
}

/*
 * ---- By C type ----
 * object_row_set_*() return 1 on success, 0 with @errp set, and -1 if the row
 * code does not handle the property or the value.  object_row_get_*() return
 * false in this case.
 */

bool object_property_set_str(Object *obj, const char *name,
                             const char *value, Error **errp)
{
    ObjectProperty *prop = find(obj, name, errp);
    int done = prop ? object_row_set_str(obj, prop, value, errp) : 0;

    return done >= 0 ? done
                     : set_node(obj, prop, json_text_new(value), errp);
}

bool object_property_set_bool(Object *obj, const char *name, bool value,
                              Error **errp)
{
    ObjectProperty *prop = find(obj, name, errp);
    int done = prop ? object_row_set_bool(obj, prop, value, errp) : 0;

    return done >= 0 ? done
                     : set_node(obj, prop,
                                json_node_init_boolean(json_node_alloc(),
                                                       value), errp);
}

bool object_property_set_int(Object *obj, const char *name, int64_t value,
                             Error **errp)
{
    ObjectProperty *prop = find(obj, name, errp);
    int done = prop ? object_row_set_int(obj, prop, value, errp) : 0;

    return done >= 0 ? done
                     : set_node(obj, prop, json_number_new_int64(value),
                                errp);
}

bool object_property_set_uint(Object *obj, const char *name, uint64_t value,
                              Error **errp)
{
    ObjectProperty *prop = find(obj, name, errp);
    int done = prop ? object_row_set_uint(obj, prop, value, errp) : 0;

    return done >= 0 ? done
                     : set_node(obj, prop, json_number_new_uint64(value),
                                errp);
}

/* The value has another JSON type than the caller asked for. */
static void expected_type(Error **errp, const char *name, const char *type)
{
    error_setg(errp, PARAMETER_TYPE, name, type);
}

char *object_property_get_str(Object *obj, const char *name, Error **errp)
{
    ObjectProperty *prop = find(obj, name, errp);
    g_autoptr(JsonNode) node = NULL;
    char *value;

    if (!prop) {
        return NULL;
    }
    if (object_row_get_str(obj, prop, &value)) {
        return value;
    }
    node = object_property_get_json(obj, name, errp);
    if (!node) {
        return NULL;
    }
    if (json_qtype(node) != QTYPE_QSTRING) {
        expected_type(errp, name, "string");
        return NULL;
    }
    return json_node_dup_string(node);
}

bool object_property_get_bool(Object *obj, const char *name, Error **errp)
{
    ObjectProperty *prop = find(obj, name, errp);
    g_autoptr(JsonNode) node = NULL;
    bool value;

    if (!prop) {
        return false;
    }
    if (object_row_get_bool(obj, prop, &value)) {
        return value;
    }
    node = object_property_get_json(obj, name, errp);
    if (!node) {
        return false;
    }
    if (json_qtype(node) != QTYPE_QBOOL) {
        expected_type(errp, name, "boolean");
        return false;
    }
    return json_node_get_boolean(node);
}

int64_t object_property_get_int(Object *obj, const char *name, Error **errp)
{
    ObjectProperty *prop = find(obj, name, errp);
    g_autoptr(JsonNode) node = NULL;
    int64_t value;

    if (!prop) {
        return -1;
    }
    if (object_row_get_int(obj, prop, &value)) {
        return value;
    }
    node = object_property_get_json(obj, name, errp);
    if (!node) {
        return -1;
    }
    if (!json_number_get_int64(node, &value)) {
        expected_type(errp, name, "int");
        return -1;
    }
    return value;
}

uint64_t object_property_get_uint(Object *obj, const char *name, Error **errp)
{
    ObjectProperty *prop = find(obj, name, errp);
    g_autoptr(JsonNode) node = NULL;
    uint64_t value;

    if (!prop) {
        return 0;
    }
    if (object_row_get_uint(obj, prop, &value)) {
        return value;
    }
    node = object_property_get_json(obj, name, errp);
    if (!node) {
        return 0;
    }
    if (!json_number_get_uint64(node, &value)) {
        expected_type(errp, name, "uint");
        return 0;
    }
    return value;
}

const char *object_property_get_type(Object *obj, const char *name,
                                     Error **errp)
{
    ObjectProperty *prop = find(obj, name, errp);

    return prop ? prop->type : NULL;
}
