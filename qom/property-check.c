/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Checks of a table of property rows that the compiler cannot make: rows that
 * were initialized without a macro, an instance structure that does not begin
 * with that of the parent, and a table without an end.  All of them are made
 * when the class is built, before a wrong row can write into the field of
 * another one.
 */
#include "qom/property-row-internal.h"
#include "util/programming-error.h"

#include <inttypes.h>

/* All flags that a row may have; other bits tell that the memory is no row. */
#define ROW_FLAGS                                                           \
    (PROPERTY_HAS_DEFAULT | PROPERTY_HAS_MIN | PROPERTY_HAS_MAX |           \
     PROPERTY_NO_NOTIFY | PROPERTY_CREATES_CHILD)

#define row_error(klass, row, format, ...)                                  \
    programming_error("class '%s': property '%s': " format,                 \
                      object_class_get_name(klass), (row)->name,            \
                      ##__VA_ARGS__)

static uint32_t field_size(const PropertyRow *row)
{
    return row->link ? sizeof(Object *) : qapi_type_slot_size(row->type);
}

/* Checks the row itself, without following its pointers. */
static bool is_row(const PropertyRow *row)
{
    return !row->type != !row->link && row->set <= PROPERTY_SET_NEVER &&
           !(property_row_flags(row) & ~ROW_FLAGS);
}

/*
 * Checks where the field is. row->size is the result of sizeof in the macro of
 * the row; 0 if the row was initialized without a macro.
 */
static void check_field(ObjectClass *klass, const PropertyRow *row)
{
    const TypeImpl *parent = klass->type->parent;
    size_t instance_size = klass->type->instance_size;
    uint32_t size = field_size(row);

    if (row->size && row->size != size) {
        row_error(klass, row,
                  "the field has %u bytes, but a value of type '%s' has %u; "
                  "declare the row with the macro of its kind", row->size,
                  row->link ? row->link : row->type->name, size);
    }
    if ((uint64_t)row->offset + size > instance_size) {
        row_error(klass, row,
                  "the field at offset %u ends outside the instance, which "
                  "has %zu bytes; is instance_size that of the struct in the "
                  "row?", row->offset, instance_size);
    }
    /*
     * A type without fields of its own may have rows for those of its parent,
     * so only a larger instance is checked.
     */
    if (parent && row->offset < parent->instance_size &&
        instance_size > parent->instance_size) {
        row_error(klass, row,
                  "the field at offset %u is in the first %zu bytes, which "
                  "belong to the parent type '%s'; the struct must begin "
                  "with the parent's", row->offset, parent->instance_size,
                  parent->name);
    }
}

/* Returns the row that declared the property; NULL if none did. */
static const PropertyRow *property_any_row(const ObjectProperty *prop)
{
    if (property_creates_child(prop)) {
        return property_child_row(prop);
    }
    return prop->row ? prop->row : property_link_row(prop);
}

static bool fields_overlap(const PropertyRow *a, const PropertyRow *b)
{
    return a->offset < b->offset + field_size(b) &&
           b->offset < a->offset + field_size(a);
}

/* Two properties may share a scalar, but not memory, which is freed once. */
static bool fields_are_one(const PropertyRow *a, const PropertyRow *b)
{
    return a->offset == b->offset && a->type && a->type == b->type &&
           !property_row_owns_memory(a);
}

/*
 * Compares the row with all earlier ones of the class and its parents. This is
 * quadratic, but a class has few rows and is built once.
 */
static void check_neighbours(ObjectClass *klass, const PropertyRow *row)
{
    for (ObjectClass *k = klass; k; k = object_class_get_parent(k)) {
        const PropertyList *list = k->properties;

        for (ObjectProperty *p = list ? list->first : NULL; p; p = p->next) {
            const PropertyRow *other = property_any_row(p);

            if (other && fields_overlap(row, other) &&
                !fields_are_one(row, other)) {
                row_error(klass, row,
                          "the field overlaps that of property '%s' of class "
                          "'%s'", p->name, object_class_get_name(k));
            }
        }
    }
}

/* The kinds are ordered: integers and numbers are consecutive. */
static bool kind_is_number(QapiKind kind)
{
    return kind >= QAPI_KIND_INT8 && kind <= QAPI_KIND_NUMBER;
}

/* Lists and structs have no default: a row has room for a scalar only. */
static bool kind_has_default(QapiKind kind)
{
    return kind <= QAPI_KIND_ENUM;
}

static void check_options(ObjectClass *klass, const PropertyRow *row)
{
    unsigned flags = property_row_flags(row);

    if ((flags & PROPERTY_HAS_DEFAULT) &&
        (row->link || !kind_has_default(row->type->kind))) {
        row_error(klass, row, "a value of its type cannot have a default");
    }
    if ((flags & (PROPERTY_HAS_MIN | PROPERTY_HAS_MAX)) &&
        (row->link || !kind_is_number(row->type->kind))) {
        row_error(klass, row, "only a number can have a minimum or maximum");
    }
}

void property_row_check(ObjectClass *klass, const PropertyRow *rows,
                        const PropertyRow *row)
{
    /* Checked first: the other functions read row->type and row->link. */
    if (!is_row(row)) {
        programming_error(
            "class '%s': row %td of its table, after property '%s', is none: "
            "a row has a type or a link, and a table ends with PROPERTY_END",
            object_class_get_name(klass), row - rows,
            row > rows ? row[-1].name : "(none)");
    }
    check_field(klass, row);
    check_neighbours(klass, row);
    check_options(klass, row);
}

void property_row_check_end(ObjectClass *klass, const PropertyRow *rows,
                            const PropertyRow *row, size_t n_bytes)
{
    if (n_bytes != PROPERTY_SIZE_UNKNOWN &&
        (size_t)(row - rows) >= n_bytes / sizeof(*row)) {
        programming_error(
            "class '%s': the table of its properties has no end after "
            "property '%s'; end it with PROPERTY_END",
            object_class_get_name(klass),
            row > rows ? row[-1].name : "(none)");
    }
}

/* ---- Defaults ---- */

static void check_integer_default(ObjectClass *klass,
                                  const ObjectProperty *prop)
{
    const PropertyRow *row = prop->row;
    int64_t def = row->def.i;

    if (def < prop->min || def > prop->max) {
        row_error(klass, row,
                  "the default %" PRId64 " is not in the range [%" PRId64
                  ", %" PRId64 "]", def, prop->min, prop->max);
    }
}

/* The bounds of 64-bit unsigned rows do not fit into prop->min and max. */
static void check_natural_default(ObjectClass *klass, const PropertyRow *row)
{
    uint64_t min;
    uint64_t max;

    property_row_uint_range(row, &min, &max);
    if (row->def.u < min || row->def.u > max) {
        row_error(klass, row,
                  "the default %" PRIu64 " is not in the range [%" PRIu64
                  ", %" PRIu64 "]", row->def.u, min, max);
    }
}

static void check_number_default(ObjectClass *klass, const PropertyRow *row)
{
    double min;
    double max;

    property_row_number_range(row, &min, &max);
    /* In this form of the comparison NaN is rejected, too. */
    if (!(row->def.n >= min && row->def.n <= max)) {
        row_error(klass, row,
                  "the default %.17g is not in the range [%.17g, %.17g]",
                  row->def.n, min, max);
    }
}

/*
 * Checks a bool or an enum. An enum may have gaps: values that the build leaves
 * out by their 'if'.
 */
static void check_choice_default(ObjectClass *klass, const PropertyRow *row)
{
    const QEnumLookup *lookup = row->type->lookup;
    int64_t def = row->def.i;

    if (row->type->kind == QAPI_KIND_BOOL
            ? def != 0 && def != 1
            : def < 0 || def >= lookup->size || !lookup->array[def]) {
        row_error(klass, row,
                  "the default %" PRId64 " is no value of type '%s'", def,
                  row->type->name);
    }
}

void property_row_check_default(ObjectClass *klass,
                                const ObjectProperty *prop)
{
    const PropertyRow *row = prop->row;

    switch (row->type->kind) {
    case QAPI_KIND_BOOL:
    case QAPI_KIND_ENUM:
        check_choice_default(klass, row);
        break;
    case QAPI_KIND_UINT64:
    case QAPI_KIND_SIZE:
        check_natural_default(klass, row);
        break;
    case QAPI_KIND_NUMBER:
        check_number_default(klass, row);
        break;
    case QAPI_KIND_STR:
        if (!row->def.s) {
            row_error(klass, row, "the default is NULL; leave it out");
        }
        break;
    default:
        check_integer_default(klass, prop);
    }
}
