/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading and writing property rows as native values and as text, without a
 * visitor.
 *
 * The functions that write return -1, and those that read return false, for
 * what they leave to the caller: it then uses a visitor.
 */
#include "qapi/scalar-text.h"
#include "qom/property-row-internal.h"

/* ---- Writing ---- */

int object_row_set_int(Object *obj, ObjectProperty *prop, int64_t value,
                       Error **errp)
{
    const PropertyRow *row = prop->row;
    QapiKind kind;

    if (!row) {
        return -1;
    }
    /*
     * A negative number is refused here, because it would become a large one
     * when it is converted to uint64_t.
     */
    kind = row->type->kind;
    if (kind_is_unsigned_64(kind)) {
        return value < 0 ? row_refuse_uint(row, row->name, errp)
                         : object_row_set_uint(obj, prop, value, errp);
    }
    if (!kind_is_int(kind)) {
        return -1;
    }
    if (!object_row_check_writable(obj, row, errp) ||
        !row_check_int(prop, row->name, value, errp)) {
        return 0;
    }
    /*
     * Narrow fields keep their low bits only; row_check_int() has made sure
     * that the others are copies of the sign.
     */
    return row_store(obj, row, value & slot_mask(row->type), errp);
}

int object_row_set_uint(Object *obj, ObjectProperty *prop, uint64_t value,
                        Error **errp)
{
    const PropertyRow *row = prop->row;
    QapiKind kind;

    if (!row) {
        return -1;
    }
    kind = row->type->kind;
    if (kind_is_unsigned_64(kind)) {
        return object_row_check_writable(obj, row, errp) &&
               row_check_uint(row, row->name, value, errp) &&
               row_store(obj, row, value, errp);
    }
    if (!kind_is_int(kind)) {
        return -1;
    }
    return value > INT64_MAX ? row_refuse_int(prop, row->name, errp)
                             : object_row_set_int(obj, prop, value, errp);
}

int object_row_set_bool(Object *obj, ObjectProperty *prop, bool value,
                        Error **errp)
{
    const PropertyRow *row = prop->row;

    if (!row || row->type->kind != QAPI_KIND_BOOL) {
        return -1;
    }
    return object_row_check_writable(obj, row, errp) &&
           row_store(obj, row, value, errp);
}

/*
 * Words the error like the visitors, but with the name of the property alone: a
 * native value has no path.
 */
static int row_set_enum(Object *obj, const PropertyRow *row,
                        const char *value, Error **errp)
{
    int number = qapi_enum_parse(row->type->lookup, value, -1, NULL);

    if (number < 0) {
        qapi_enum_refuse(row->type->lookup, row->name, value, errp);
        return 0;
    }
    return object_row_check_writable(obj, row, errp) &&
           row_store(obj, row, number, errp);
}

int object_row_set_str(Object *obj, ObjectProperty *prop, const char *value,
                       Error **errp)
{
    const PropertyRow *row = prop->row;

    if (!row) {
        return -1;
    }
    /*
     * An enum may be set by name through the string functions, as clients see
     * it.
     */
    if (row->type->kind == QAPI_KIND_ENUM && value) {
        return row_set_enum(obj, row, value, errp);
    }
    if (row->type->kind != QAPI_KIND_STR) {
        return -1;
    }
    return object_row_check_writable(obj, row, errp) &&
           row_store(obj, row, (uintptr_t)g_strdup(value), errp);
}

static int row_set_number(Object *obj, const PropertyRow *row, double value,
                          Error **errp)
{
    uint64_t bits;

    /* row_store() takes the bytes of the field, not the number. */
    memcpy(&bits, &value, sizeof(bits));
    return object_row_check_writable(obj, row, errp) &&
           row_check_number(row, row->name, value, errp) &&
           row_store(obj, row, bits, errp);
}

/* Text that does not parse is left to the visitor, which words the error. */
int object_row_parse(Object *obj, ObjectProperty *prop, const char *text,
                     Error **errp)
{
    const PropertyRow *row = prop->row;
    bool truth;
    int64_t integer;
    uint64_t natural;
    double number;

    if (!row) {
        return -1;
    }
    /*
     * A number that parses but does not fit is refused here, with the range.
     * All other text that is wrong goes to the visitor.
     */
    switch (row->type->kind) {
    case QAPI_KIND_INT8:
    case QAPI_KIND_INT16:
    case QAPI_KIND_INT32:
    case QAPI_KIND_INT64:
    case QAPI_KIND_UINT8:
    case QAPI_KIND_UINT16:
    case QAPI_KIND_UINT32:
        if (scalar_parse_int64(text, &integer)) {
            return object_row_set_int(obj, prop, integer, errp);
        }
        return scalar_text_is_integer(text)
                   ? row_refuse_int(prop, row->name, errp) : -1;
    case QAPI_KIND_UINT64:
    case QAPI_KIND_SIZE:
        if (row->type->kind == QAPI_KIND_SIZE
                ? scalar_parse_size(text, &natural)
                : scalar_parse_uint64(text, &natural)) {
            return object_row_set_uint(obj, prop, natural, errp);
        }
        return scalar_text_is_integer(text)
                   ? row_refuse_uint(row, row->name, errp) : -1;
    case QAPI_KIND_BOOL:
        if (scalar_parse_bool(text, &truth)) {
            return object_row_set_bool(obj, prop, truth, errp);
        }
        return -1;
    case QAPI_KIND_NUMBER:
        if (scalar_parse_number(text, &number)) {
            return row_set_number(obj, row, number, errp);
        }
        return -1;
    case QAPI_KIND_ENUM:
    case QAPI_KIND_STR:
        return object_row_set_str(obj, prop, text, errp);
    default:
        return -1;
    }
}

bool object_row_clear(Object *obj, ObjectProperty *prop, Error **errp)
{
    return object_row_check_writable(obj, prop->row, errp) &&
           row_store(obj, prop->row, 0, errp);
}

bool object_row_is_clear(Object *obj, ObjectProperty *prop)
{
    return !slot_read(prop->row->type, row_slot(prop->row, obj));
}

/* ---- Reading ---- */

/* True if the field is up to date without a call of property_refresh(). */
static bool row_is_direct(const PropertyRow *row, const Object *obj)
{
    return row && (row->set != PROPERTY_SET_NEVER ||
                   !obj->klass->property_refresh);
}

bool object_row_get_int(Object *obj, ObjectProperty *prop, int64_t *value)
{
    const QapiType *type;
    uint64_t bits;

    if (!row_is_direct(prop->row, obj)) {
        return false;
    }
    type = prop->row->type;
    bits = slot_read(type, row_slot(prop->row, obj));
    if (bits_to_int(type->kind, bits, value)) {
        return true;
    }
    /*
     * The kinds that int64_t cannot hold are read as unsigned ones. A value
     * above INT64_MAX is left to the visitor, which refuses it with its text.
     */
    return object_row_get_uint(obj, prop, &bits) && bits <= INT64_MAX &&
           (*value = bits, true);
}

bool object_row_get_uint(Object *obj, ObjectProperty *prop, uint64_t *value)
{
    const QapiType *type;
    int64_t integer;
    uint64_t bits;

    if (!row_is_direct(prop->row, obj)) {
        return false;
    }
    type = prop->row->type;
    bits = slot_read(type, row_slot(prop->row, obj));

    if (kind_is_unsigned_64(type->kind)) {
        *value = bits;
        return true;
    }
    if (bits_to_int(type->kind, bits, &integer) && integer >= 0) {
        *value = integer;
        return true;
    }
    return false;
}

bool object_row_get_bool(Object *obj, ObjectProperty *prop, bool *value)
{
    if (!row_is_direct(prop->row, obj) ||
        prop->row->type->kind != QAPI_KIND_BOOL) {
        return false;
    }
    *value = *(bool *)row_slot(prop->row, obj);
    return true;
}

bool object_row_get_str(Object *obj, ObjectProperty *prop, char **value)
{
    const char *text;

    if (!row_is_direct(prop->row, obj) ||
        prop->row->type->kind != QAPI_KIND_STR) {
        return false;
    }
    text = *(char **)row_slot(prop->row, obj);
    *value = g_strdup(text ? text : "");
    return true;
}
