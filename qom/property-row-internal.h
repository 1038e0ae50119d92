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

/* row_free_bits: frees the value that @bits owns, if any */
void row_free_bits(const PropertyRow *row, uint64_t bits);

/* ---- Ranges: property-range.c ---- */

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

#endif
