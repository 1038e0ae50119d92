/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The ranges of property rows, and the errors about values outside of them.
 *
 * The range of an integer that fits into int64_t is computed once, when the
 * class is built, and kept in ObjectProperty.min and .max: it is the
 * intersection of the range of the C type and that of the row.  The ranges of
 * 64-bit unsigned integers and of numbers are read from the row.
 */
#include "qom/property-row-internal.h"

#include <inttypes.h>

/* The default is the union's member for all kinds that int64_t can hold. */
char *property_row_value_text(const PropertyRow *row, PropertyValue value)
{
    switch (row->type->kind) {
    case QAPI_KIND_UINT64:
    case QAPI_KIND_SIZE:
        return g_strdup_printf("%" PRIu64, value.u);
    case QAPI_KIND_NUMBER:
        return g_strdup_printf("%.17g", value.n);
    default:
        return g_strdup_printf("%" PRId64, value.i);
    }
}

/* The range of an integer row of up to 64 bits with a sign. */
void row_int_limits(const PropertyRow *row, int64_t *min, int64_t *max)
{
    qapi_slot_int_limits(row->type, min, max);
    if (property_row_flags(row) & PROPERTY_HAS_MIN) {
        *min = MAX(*min, row->min.i);
    }
    if (property_row_flags(row) & PROPERTY_HAS_MAX) {
        *max = MIN(*max, row->max.i);
    }
}

/* The range is in the message, which is QEMU's; the unit is not. */
static void append_unit(const PropertyRow *row, Error *const *errp)
{
    if (row->unit) {
        error_append_hint(errp, "The unit is %s.\n", row->unit);
    }
}

/* The message is QEMU's. @name is the full path of the value for visitors. */
bool row_refuse_int(const ObjectProperty *prop, const char *name,
                    Error **errp)
{
    ERRP_GUARD();

    error_setg(errp, "%s value must be in range [%" PRId64 ", %" PRId64 "]",
               name, prop->min, prop->max);
    append_unit(prop->row, errp);
    return false;
}

void property_row_uint_range(const PropertyRow *row, uint64_t *min,
                             uint64_t *max)
{
    unsigned flags = property_row_flags(row);

    *min = flags & PROPERTY_HAS_MIN ? row->min.u : 0;
    *max = flags & PROPERTY_HAS_MAX ? row->max.u : UINT64_MAX;
}

void property_row_number_range(const PropertyRow *row, double *min,
                               double *max)
{
    unsigned flags = property_row_flags(row);

    *min = flags & PROPERTY_HAS_MIN ? row->min.n : -G_MAXDOUBLE;
    /*
     * The bounds are finite, so that infinity is refused without a bound, too.
     */
    *max = flags & PROPERTY_HAS_MAX ? row->max.n : G_MAXDOUBLE;
}

bool row_refuse_uint(const PropertyRow *row, const char *name,
                     Error **errp)
{
    ERRP_GUARD();
    uint64_t min;
    uint64_t max;

    property_row_uint_range(row, &min, &max);
    error_setg(errp, "%s value must be in range [%" PRIu64 ", %" PRIu64 "]",
               name, min, max);
    append_unit(row, errp);
    return false;
}

bool row_check_uint(const PropertyRow *row, const char *name,
                    uint64_t value, Error **errp)
{
    uint64_t min;
    uint64_t max;

    property_row_uint_range(row, &min, &max);
    return (value >= min && value <= max) || row_refuse_uint(row, name, errp);
}

static void refuse_number(const PropertyRow *row, const char *name,
                          Error **errp)
{
    ERRP_GUARD();
    double min;
    double max;

    property_row_number_range(row, &min, &max);
    error_setg(errp, "%s value must be in range [%.17g, %.17g]", name, min,
               max);
    append_unit(row, errp);
}

bool row_check_number(const PropertyRow *row, const char *name,
                      double value, Error **errp)
{
    double min;
    double max;

    property_row_number_range(row, &min, &max);
    /* In this form of the comparison NaN is rejected, too. */
    if (!(value >= min && value <= max)) {
        refuse_number(row, name, errp);
        return false;
    }
    return true;
}

/*
 * Appends the range and the unit to the error about a value of a wrong type,
 * such as "ten" or "10ms".
 */
void row_append_range(const PropertyRow *row, Error *const *errp)
{
    unsigned flags = property_row_flags(row);
    g_autofree char *min = NULL;
    g_autofree char *max = NULL;

    if (flags & PROPERTY_HAS_MIN) {
        min = property_row_value_text(row, row->min);
    }
    if (flags & PROPERTY_HAS_MAX) {
        max = property_row_value_text(row, row->max);
    }
    if (!min && !max) {
        append_unit(row, errp);
        return;
    }
    error_append_hint(errp, "Accepted values: %s%s%s%s%s.\n",
                      min ? min : "up", min && !max ? " and above" : " to ",
                      max ? max : "", row->unit ? ", in " : "",
                      row->unit ? row->unit : "");
}

/*
 * Checks the bits of a slot of any kind. Values without a bound return at once:
 * the visitor has checked the range of the C type.
 */
bool row_check(const ObjectProperty *prop, const char *name,
               uint64_t bits, Error **errp)
{
    const PropertyRow *row = prop->row;
    int64_t value;
    double number;

    if (!(property_row_flags(row) & (PROPERTY_HAS_MIN | PROPERTY_HAS_MAX))) {
        return true;
    }
    if (bits_to_int(row->type->kind, bits, &value)) {
        return row_check_int(prop, name, value, errp);
    }
    if (kind_is_unsigned_64(row->type->kind)) {
        return row_check_uint(row, name, bits, errp);
    }
    if (row->type->kind == QAPI_KIND_NUMBER) {
        memcpy(&number, &bits, sizeof(number));
        return row_check_number(row, name, number, errp);
    }
    return true;
}
