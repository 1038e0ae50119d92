/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Property rows: their declaration, and reading and writing them through
 * visitors.  property-row-values.c reads and writes native values and text.
 *
 * Writing is the same for all: check that the row may be written, check the
 * range (property-range.c), store the value (object-change.c).
 */
#include "qapi/json/json.h"
#include "qapi/visitor/visitor-impl.h"
#include "qom/property-row-internal.h"

void property_row_free(const PropertyRow *row, Object *obj)
{
    qapi_type_free(row->type, row_slot(row, obj));
}

void property_row_default_to(const PropertyRow *row, void *instance)
{
    if (!(property_row_flags(row) & PROPERTY_HAS_DEFAULT)) {
        return;
    }
    if (row->type->kind == QAPI_KIND_STR) {
        *(char **)row_slot(row, instance) = g_strdup(row->def.s);
    } else {
        slot_write(row->type, row_slot(row, instance), row->def.u);
    }
}

bool object_row_check_writable(const Object *obj, const PropertyRow *row,
                               Error **errp)
{
    if (G_LIKELY(row->set == PROPERTY_SET_ANY_TIME)) {
        return true;
    }
    if (row->set == PROPERTY_SET_NEVER) {
        error_setg(errp, PROPERTY_NOT_WRITABLE, object_get_typename(obj),
                   row->name);
        return false;
    }
    /*
     * Before complete() has run, "create" rows may still be written: this is
     * how the options of -object get into the object.
     */
    if (obj->state & OBJECT_COMPLETE) {
        error_setg(errp, "Property '%s.%s' can only be set when the object "
                   "is created", object_get_typename(obj), row->name);
        return false;
    }
    return true;
}

/* ---- Getter and setter of all rows ---- */

/* Returns the slot after property_refresh(), which may wait. */
static void *row_read_slot(const PropertyRow *row, Object *obj)
{
    if (G_UNLIKELY(row->set == PROPERTY_SET_NEVER)) {
        ObjectClass *klass = object_get_class(obj);

        if (klass->property_refresh) {
            klass->property_refresh(obj, row);
        }
    }
    return row_slot(row, obj);
}

/* True for a pointer that was never set, which is read as null. */
static bool row_is_unset(const PropertyRow *row, const void *slot)
{
    switch (row->type->kind) {
    case QAPI_KIND_NULL:
    case QAPI_KIND_ANY:
    case QAPI_KIND_STRUCT:
    case QAPI_KIND_UNION:
    case QAPI_KIND_ALTERNATE:
        return !*(void *const *)slot;
    default:
        return false;
    }
}

/*
 * The getter of every row: property_refresh() first, then the walk that the
 * type descriptor describes.
 */
static void row_get(Object *obj, Visitor *v, const char *name, void *opaque,
                    Error **errp)
{
    const PropertyRow *row = opaque;
    void *slot = row_read_slot(row, obj);

    if (row_is_unset(row, slot)) {
        g_autoptr(JsonNode) null = json_node_new(JSON_NODE_NULL);

        visit_type_null(v, name, &null, errp);
    } else {
        qapi_type_visit(v, name, row->type, slot, errp);
    }
}

/* Reads 64 bits, so that the error about a larger value names the range. */
static bool visit_int(Visitor *v, const char *name,
                      const ObjectProperty *prop, uint64_t *bits,
                      Error **errp)
{
    int64_t value = 0;

    if (!visit_type_int64(v, name, &value, errp)) {
        row_append_range(prop->row, errp);
        return false;
    }
    /*
     * The full name, such as "list[3].size", costs an allocation; so it is
     * built only for the error.
     */
    if (!row_check_int(prop, name, value, NULL)) {
        g_autofree char *full_name = visitor_full_name(v, name);

        row_refuse_int(prop, full_name, errp);
        return false;
    }
    *bits = value & slot_mask(prop->row->type);
    return true;
}

/*
 * Reads a value of any other kind into a slot on the stack, so that nothing of
 * the object changes before the range has been checked. A value that owns
 * memory is freed by row_store() if it is refused.
 */
static bool visit_other(Visitor *v, const char *name,
                        const ObjectProperty *prop, uint64_t *bits,
                        Error **errp)
{
    const PropertyRow *row = prop->row;
    uint64_t slot = 0;

    if (!qapi_type_visit(v, name, row->type, &slot, errp)) {
        row_append_range(row, errp);
        return false;
    }
    *bits = slot_read(row->type, &slot);
    if (!row_check(prop, name, *bits, NULL)) {
        g_autofree char *full_name = visitor_full_name(v, name);

        row_check(prop, full_name, *bits, errp);
        return false;
    }
    return true;
}

/*
 * The setter of every row. Writes of C, of text and of visitors end in
 * row_store(), which runs the change hook and rolls back.
 */
static void row_set(Object *obj, Visitor *v, const char *name, void *opaque,
                    Error **errp)
{
    ERRP_GUARD();
    const ObjectProperty *prop = object_find_property(obj, name);
    const PropertyRow *row = opaque;
    uint64_t bits;

    if (object_row_check_writable(obj, row, errp) &&
        (kind_is_int(row->type->kind)
             ? visit_int(v, name, prop, &bits, errp)
             : visit_other(v, name, prop, &bits, errp))) {
        row_store(obj, row, bits, errp);
    }
}

/* ---- Declaration ---- */

/*
 * Returns the default for introspection, (transfer full). Objects do not use
 * it: the image of the class holds their defaults.
 */
static JsonNode *row_default_json(const PropertyRow *row)
{
    switch (row->type->kind) {
    case QAPI_KIND_BOOL:
        return json_node_init_boolean(json_node_alloc(), row->def.i);
    case QAPI_KIND_STR:
        return json_text_new(row->def.s);
    case QAPI_KIND_ENUM:
        return json_text_new(qapi_enum_lookup(row->type->lookup,
                                              row->def.i));
    case QAPI_KIND_NUMBER:
        return json_number_new_double(row->def.n);
    case QAPI_KIND_UINT64:
    case QAPI_KIND_SIZE:
        return json_number_new_uint64(row->def.u);
    default:
        g_assert(row->type->kind <= QAPI_KIND_UINT32);
        return json_number_new_int64(row->def.i);
    }
}

/* The name of the type that clients see; QOM calls "str" "string". */
static const char *row_type_name(const PropertyRow *row)
{
    return row->type->kind == QAPI_KIND_STR ? "string" : row->type->name;
}

/*
 * Turns one row into a class property. All strings are borrowed from the row,
 * which is constant.
 */
static void class_add_row(ObjectClass *klass, const PropertyRow *row)
{
    ObjectProperty *prop = object_class_property_insert(klass, row->name,
                                                        row_type_name(row));

    prop->row = row;
    prop->opaque = (void *)row;
    prop->get = row_get;
    prop->set = row->set == PROPERTY_SET_NEVER ? NULL : row_set;
    prop->description = row->doc;
    prop->state |= row->set == PROPERTY_SET_CREATE ? PROPERTY_CREATE_ONLY : 0;
    if (kind_is_int(row->type->kind)) {
        row_int_limits(row, &prop->min, &prop->max);
    }
    if (property_row_flags(row) & PROPERTY_HAS_DEFAULT) {
        property_row_check_default(klass, prop);
        prop->defval = row_default_json(row);
    }
}

void object_class_add_properties_sized(ObjectClass *klass,
                                       const PropertyRow *rows,
                                       size_t n_bytes)
{
    const PropertyRow *row = rows;

    /*
     * The end is checked before row->name is read: a table without its end
     * would otherwise be read out of bounds.
     */
    for (; property_row_check_end(klass, rows, row, n_bytes), row->name;
         row++) {
        property_row_check(klass, rows, row);
        if (property_row_flags(row) & PROPERTY_CREATES_CHILD) {
            object_class_add_child_row(klass, row);
        } else if (row->link) {
            object_class_add_link_row(klass, row);
        } else {
            class_add_row(klass, row);
        }
    }
}

/* For callers that do not know the macro of this name. */
void(object_class_add_properties)(ObjectClass *klass, const PropertyRow *rows)
{
    object_class_add_properties_sized(klass, rows, PROPERTY_SIZE_UNKNOWN);
}
