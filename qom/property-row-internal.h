/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Property rows inside the object model: how the field of a row (its slot) is
 * read and written, which values a row accepts, and how a checked value is
 * stored.
 *
 * A slot has eight bytes at most: a scalar, or a pointer to a value that the
 * object owns.  So every value of a slot fits into 64 bits, and code that is
 * the same for all types passes values in this form, as "bits".
 *
 * Thread: main, except that the last object_unref() may free slots in any
 * thread
 */
#ifndef QOM_QOM_PROPERTY_ROW_INTERNAL_H
#define QOM_QOM_PROPERTY_ROW_INTERNAL_H

#include "qapi/qapi-slot.h"
#include "qom/object-internal.h"

/* ---- Slots ---- */

static inline void *row_slot(const PropertyRow *row, const void *instance)
{
    return (char *)instance + row->offset;
}

static inline uint64_t slot_read(const QapiType *type, const void *slot)
{
    size_t size = qapi_type_slot_size(type);

    if (G_LIKELY(size == 8)) {
        return *(const uint64_t *)slot;
    }
    return size == 4   ? *(const uint32_t *)slot
           : size == 2 ? *(const uint16_t *)slot
                       : *(const uint8_t *)slot;
}

static inline void slot_write(const QapiType *type, void *slot, uint64_t bits)
{
    size_t size = qapi_type_slot_size(type);

    if (G_LIKELY(size == 8)) {
        *(uint64_t *)slot = bits;
    } else if (size == 4) {
        *(uint32_t *)slot = bits;
    } else if (size == 2) {
        *(uint16_t *)slot = bits;
    } else {
        *(uint8_t *)slot = bits;
    }
}

/* slot_mask: the bits of a value that a slot of the type keeps */
static inline uint64_t slot_mask(const QapiType *type)
{
    return UINT64_MAX >> (64 - 8 * qapi_type_slot_size(type));
}

/* An integer field as a number; false for fields of another kind. */
static inline bool bits_to_int(QapiKind kind, uint64_t bits, int64_t *value)
{
    switch (kind) {
    case QAPI_KIND_INT8:
        *value = (int8_t)bits;
        return true;
    case QAPI_KIND_INT16:
        *value = (int16_t)bits;
        return true;
    case QAPI_KIND_INT32:
        *value = (int32_t)bits;
        return true;
    case QAPI_KIND_INT64:
    case QAPI_KIND_UINT8:
    case QAPI_KIND_UINT16:
    case QAPI_KIND_UINT32:
        *value = bits;
        return true;
    default:
        return false;
    }
}

static inline bool kind_is_unsigned_64(QapiKind kind)
{
    return kind == QAPI_KIND_UINT64 || kind == QAPI_KIND_SIZE;
}

static inline bool kind_is_int(QapiKind kind)
{
    return kind >= QAPI_KIND_INT8 && kind <= QAPI_KIND_UINT32;
}

/* property_row_owns_memory: true if a value of the row can own memory */
static inline bool property_row_owns_memory(const PropertyRow *row)
{
    return row->type && qapi_type_is_pointer(row->type);
}

/* property_row_default_to: stores the default in an instance full of zeros */
void property_row_default_to(const PropertyRow *row, void *instance);

/* property_row_free: frees what the field of an instance owns */
void property_row_free(const PropertyRow *row, Object *obj);

/* row_free_bits: frees the value that @bits owns, if any */
void row_free_bits(const PropertyRow *row, uint64_t bits);

/* ---- Ranges: property-range.c ---- */

/* The range of a row of a 64-bit unsigned integer, or of a number. */
void property_row_uint_range(const PropertyRow *row, uint64_t *min,
                             uint64_t *max);
void property_row_number_range(const PropertyRow *row, double *min,
                               double *max);

/* property_row_value_text: a bound of the row in decimal, (transfer full) */
char *property_row_value_text(const PropertyRow *row, PropertyValue value);

/* row_int_limits: the range of an integer row that fits into int64_t */
void row_int_limits(const PropertyRow *row, int64_t *min, int64_t *max);

/*
 * The functions below return true if the value is in the range of the row,
 * false with @errp set otherwise.  @name is the property's name in the
 * message; it differs from that of the row if an alias is set.
 */
bool row_check_uint(const PropertyRow *row, const char *name, uint64_t value,
                    Error **errp);
bool row_check_number(const PropertyRow *row, const char *name, double value,
                      Error **errp);
/* row_check: for a value of any type, as bits */
bool row_check(const ObjectProperty *prop, const char *name, uint64_t bits,
               Error **errp);

/* Set @errp to the message of a value that is out of range; return false. */
bool row_refuse_int(const ObjectProperty *prop, const char *name, Error **errp);
bool row_refuse_uint(const PropertyRow *row, const char *name, Error **errp);

/* row_append_range: appends range and unit, if any, to the hint of an error */
void row_append_range(const PropertyRow *row, Error *const *errp);

static inline bool row_check_int(const ObjectProperty *prop,
                                 const char *name, int64_t value,
                                 Error **errp)
{
    if (G_UNLIKELY(value < prop->min || value > prop->max)) {
        return row_refuse_int(prop, name, errp);
    }
    return true;
}

/* ---- Stores: object-change.c ---- */

/*
 * row_store: stores a value that is in range
 * @bits: the value; consumed, also on failure
 *
 * The value is stored and properties_changed() called, or the value becomes
 * part of the object's open change set.
 *
 * Returns: true; false with @errp set if the class rejected the value, and
 * then the slot has its old value again
 */
bool row_store(Object *obj, const PropertyRow *row, uint64_t bits,
               Error **errp);

/* ---- Values: property-rows.c, property-row-values.c ---- */

/* object_row_check_writable: true, or false with @errp set if it is too late */
bool object_row_check_writable(const Object *obj, const PropertyRow *row,
                               Error **errp);

/*
 * object_row_set_*: write a row from a native value or text.  They return 1 on
 * success, 0 with @errp set if the value is rejected, and -1 if the property is
 * not a row of this type, so that the caller must use a visitor.
 */
int object_row_set_int(Object *obj, ObjectProperty *prop, int64_t value,
                       Error **errp);
int object_row_set_uint(Object *obj, ObjectProperty *prop, uint64_t value,
                        Error **errp);
int object_row_set_bool(Object *obj, ObjectProperty *prop, bool value,
                        Error **errp);
int object_row_set_str(Object *obj, ObjectProperty *prop, const char *value,
                       Error **errp);
int object_row_parse(Object *obj, ObjectProperty *prop, const char *text,
                     Error **errp);
/* object_row_clear: writes the value that is all zeros */
bool object_row_clear(Object *obj, ObjectProperty *prop, Error **errp);
bool object_row_is_clear(Object *obj, ObjectProperty *prop);
/* object_row_get_*: false when it is not a row of that kind */
bool object_row_get_int(Object *obj, ObjectProperty *prop, int64_t *value);
bool object_row_get_uint(Object *obj, ObjectProperty *prop, uint64_t *value);
bool object_row_get_bool(Object *obj, ObjectProperty *prop, bool *value);
bool object_row_get_str(Object *obj, ObjectProperty *prop, char **value);

/* ---- property-check.c: each aborts, naming class and property ---- */

/* property_row_check_end: the table must not end before @row */
void property_row_check_end(ObjectClass *klass, const PropertyRow *rows,
                            const PropertyRow *row, size_t n_bytes);

/* property_row_check: @row of the table @rows fits the class */
void property_row_check(ObjectClass *klass, const PropertyRow *rows,
                        const PropertyRow *row);

/* property_row_check_default: the default is a value that a write could set */
void property_row_check_default(ObjectClass *klass,
                                const ObjectProperty *prop);

#endif
