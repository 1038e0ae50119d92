/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Properties that a table declares: the generic accessors over a field, and
 * the transactions that every write to one is.
 *
 * Each field's slot is eight bytes at most (a scalar, or a pointer to what
 * the field owns), so an old value is kept as 64 bits.  A write checks the
 * range, exchanges the slot, asks properties_changed() and, when that
 * refuses, exchanges back; whichever value loses is freed.  In a change set
 * the old values wait in ObjectChange instead.  A write of the value that is
 * there already changes nothing and asks nobody, and neither does a change of
 * rows alone that are declared with PROPERTY_NO_NOTIFY.
 */
#include "qapi/json/json.h"
#include "qapi/scalar-text.h"
#include "qapi/visitor/visitor-impl.h"
#include "qom/object-internal.h"

#include <inttypes.h>

/* ---- Slots ---- */

static void *row_slot(const PropertyRow *row, const void *instance)
{
    return (char *)instance + row->offset;
}

/* What a field of each kind looks like; pointers own what they point to. */
static const struct {
    uint8_t size;
    bool owns;
} slot_forms[] = {
    [QAPI_KIND_BOOL] = { sizeof(bool), false },
    [QAPI_KIND_INT8] = { 1, false },
    [QAPI_KIND_INT16] = { 2, false },
    [QAPI_KIND_INT32] = { 4, false },
    [QAPI_KIND_INT64] = { 8, false },
    [QAPI_KIND_UINT8] = { 1, false },
    [QAPI_KIND_UINT16] = { 2, false },
    [QAPI_KIND_UINT32] = { 4, false },
    [QAPI_KIND_UINT64] = { 8, false },
    [QAPI_KIND_SIZE] = { 8, false },
    [QAPI_KIND_NUMBER] = { 8, false },
    [QAPI_KIND_STR] = { sizeof(char *), true },
    [QAPI_KIND_ENUM] = { sizeof(int), false },
    [QAPI_KIND_NULL] = { sizeof(void *), true },
    [QAPI_KIND_ANY] = { sizeof(void *), true },
    [QAPI_KIND_STRUCT] = { sizeof(void *), true },
    [QAPI_KIND_UNION] = { sizeof(void *), true },
    [QAPI_KIND_ALTERNATE] = { sizeof(void *), true },
    [QAPI_KIND_LIST] = { sizeof(void *), true },
};

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

bool property_row_owns_memory(const PropertyRow *row)
{
    return row->type && slot_forms[row->type->kind].owns;
}

size_t property_row_slot_size(const PropertyRow *row)
{
    return slot_forms[row->type->kind].size;
}

static inline size_t slot_size(const QapiType *type)
{
    return slot_forms[type->kind].size;
}

static uint64_t slot_read(const QapiType *type, const void *slot)
{
    size_t size = slot_size(type);

    if (G_LIKELY(size == 8)) {
        return *(const uint64_t *)slot;
    }
    return size == 4   ? *(const uint32_t *)slot
           : size == 2 ? *(const uint16_t *)slot
                       : *(const uint8_t *)slot;
}

static void slot_write(const QapiType *type, void *slot, uint64_t bits)
{
    size_t size = slot_size(type);

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

/* An integer field as a number; false for fields of another kind. */
static bool bits_to_int(QapiKind kind, uint64_t bits, int64_t *value)
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

static bool kind_is_unsigned_64(QapiKind kind)
{
    return kind == QAPI_KIND_UINT64 || kind == QAPI_KIND_SIZE;
}

static void row_free_bits(const PropertyRow *row, uint64_t bits)
{
    if (bits && property_row_owns_memory(row)) {
        qapi_type_free(row->type, &bits);
    }
}

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

/* ---- Ranges ---- */

static bool kind_is_int(QapiKind kind)
{
    return kind >= QAPI_KIND_INT8 && kind <= QAPI_KIND_UINT32;
}

/* The range of an integer row of up to 64 bits with a sign. */
static void int_limits(const PropertyRow *row, int64_t *min, int64_t *max)
{
    static const struct {
        int64_t min;
        int64_t max;
    } limits[] = {
        [QAPI_KIND_INT8] = { INT8_MIN, INT8_MAX },
        [QAPI_KIND_INT16] = { INT16_MIN, INT16_MAX },
        [QAPI_KIND_INT32] = { INT32_MIN, INT32_MAX },
        [QAPI_KIND_INT64] = { INT64_MIN, INT64_MAX },
        [QAPI_KIND_UINT8] = { 0, UINT8_MAX },
        [QAPI_KIND_UINT16] = { 0, UINT16_MAX },
        [QAPI_KIND_UINT32] = { 0, UINT32_MAX },
    };

    *min = limits[row->type->kind].min;
    *max = limits[row->type->kind].max;
    if (property_row_flags(row) & PROPERTY_HAS_MIN) {
        *min = MAX(*min, row->min.i);
    }
    if (property_row_flags(row) & PROPERTY_HAS_MAX) {
        *max = MIN(*max, row->max.i);
    }
}

/*
 * In what follows @name is the property's in the message: an alias of it has
 * a name of its own.
 */
static bool refuse_int(const ObjectProperty *prop, const char *name,
                       Error **errp)
{
    error_setg(errp, "%s value must be in range [%" PRId64 ", %" PRId64 "]",
               name, prop->min, prop->max);
    return false;
}

static bool check_int(const ObjectProperty *prop, const char *name,
                      int64_t value, Error **errp)
{
    if (G_UNLIKELY(value < prop->min || value > prop->max)) {
        return refuse_int(prop, name, errp);
    }
    return true;
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
    *max = flags & PROPERTY_HAS_MAX ? row->max.n : G_MAXDOUBLE;
}

static bool refuse_uint(const PropertyRow *row, const char *name,
                        Error **errp)
{
    uint64_t min;
    uint64_t max;

    property_row_uint_range(row, &min, &max);
    error_setg(errp, "%s value must be in range [%" PRIu64 ", %" PRIu64 "]",
               name, min, max);
    return false;
}

static bool check_uint(const PropertyRow *row, const char *name,
                       uint64_t value, Error **errp)
{
    uint64_t min;
    uint64_t max;

    property_row_uint_range(row, &min, &max);
    return (value >= min && value <= max) || refuse_uint(row, name, errp);
}

static bool check_number(const PropertyRow *row, const char *name,
                         double value, Error **errp)
{
    double min;
    double max;

    property_row_number_range(row, &min, &max);
    if (!(value >= min && value <= max)) {
        error_setg(errp, "%s value must be in range [%.17g, %.17g]",
                   name, min, max);
        return false;
    }
    return true;
}

static bool row_check(const ObjectProperty *prop, const char *name,
                      uint64_t bits, Error **errp)
{
    const PropertyRow *row = prop->row;
    int64_t value;
    double number;

    if (!(property_row_flags(row) & (PROPERTY_HAS_MIN | PROPERTY_HAS_MAX))) {
        return true;
    }
    if (bits_to_int(row->type->kind, bits, &value)) {
        return check_int(prop, name, value, errp);
    }
    if (kind_is_unsigned_64(row->type->kind)) {
        return check_uint(row, name, bits, errp);
    }
    if (row->type->kind == QAPI_KIND_NUMBER) {
        memcpy(&number, &bits, sizeof(number));
        return check_number(row, name, number, errp);
    }
    return true;
}

bool object_row_check_writable(const Object *obj, const PropertyRow *row,
                               Error **errp)
{
    if (G_LIKELY(row->set == PROPERTY_SET_ANY_TIME)) {
        return true;
    }
    if (row->set == PROPERTY_SET_NEVER) {
        error_setg(errp, "Property '%s.%s' is not writable",
                   object_get_typename(obj), row->name);
        return false;
    }
    if (obj->state & OBJECT_COMPLETE) {
        error_setg(errp,
                   "Property '%s.%s' can only be set when the object is made",
                   object_get_typename(obj), row->name);
        return false;
    }
    return true;
}

/* ---- Transactions ---- */

/* Keep the oldest value of each row; true when @old was taken over. */
static bool change_save(ObjectChange *change, const PropertyRow *row,
                        uint64_t old)
{
    for (unsigned i = 0; i < change->n_saved; i++) {
        if (change->saved[i].row == row) {
            return false;
        }
    }
    if (change->n_saved == change->n_allocated) {
        bool is_inline = change->saved == change->inline_saved;

        change->n_allocated *= 2;
        change->saved = g_renew(SavedValue, is_inline ? NULL : change->saved,
                                change->n_allocated);
        if (is_inline) {
            memcpy(change->saved, change->inline_saved,
                   sizeof(change->inline_saved));
        }
    }
    change->saved[change->n_saved++] = (SavedValue){ row, old };
    return true;
}

static bool row_has_hook(const Object *obj, const PropertyRow *row)
{
    return obj->klass->properties_changed &&
           !(row->flags & PROPERTY_NO_NOTIFY);
}

/*
 * The row has its new value: ask the class.  When it refuses, the old value is
 * put back; watchers may have seen the new one while the class waited.  Not
 * inline, like row_join(), to keep row_exchange() short for all other rows.
 */
static __attribute__((noinline)) bool row_decide(Object *obj,
                                                 const PropertyRow *row,
                                                 uint64_t old, Error **errp)
{
    ObjectPending pending;
    bool ok;

    object_pending_begin(&pending, obj, OBJECT_PENDING_ROW);
    pending.row = row;
    ok = obj->klass->properties_changed(obj, errp);
    if (!ok) {
        void *slot = row_slot(row, obj);
        uint64_t refused = slot_read(row->type, slot);

        slot_write(row->type, slot, old);
        old = refused;
    }
    row_free_bits(row, old);
    if (G_UNLIKELY(obj->state & OBJECT_WATCHED)) {
        object_property_changed(obj, row->name);
    }
    object_pending_end(&pending);
    return ok;
}

/* Keeps @old for the change set that is open; false if there is none. */
static __attribute__((noinline)) bool row_join(Object *obj,
                                               const PropertyRow *row,
                                               uint64_t old)
{
    ObjectChange *change = object_open_change(obj);

    if (change && !change_save(change, row, old)) {
        row_free_bits(row, old);
    }
    return change;
}

/* Puts a checked value in; @bits is consumed either way. */
static bool row_exchange(Object *obj, const PropertyRow *row, uint64_t bits,
                         Error **errp)
{
    void *slot = row_slot(row, obj);
    uint64_t old = slot_read(row->type, slot);

    object_assert_main_thread(obj);
    if (G_UNLIKELY(obj->state & OBJECT_CHANGING) &&
        !object_check_row_free_slow(obj, row, errp)) {
        row_free_bits(row, bits);
        return false;
    }
    if (old == bits) {
        return true;
    }
    if (property_row_owns_memory(row) &&
        qapi_type_equal(row->type, &old, &bits)) {
        row_free_bits(row, bits);
        return true;
    }
    slot_write(row->type, slot, bits);
    if (G_UNLIKELY(obj->state & OBJECT_CHANGING) && row_join(obj, row, old)) {
        return true;
    }
    if (row_has_hook(obj, row)) {
        return row_decide(obj, row, old, errp);
    }
    row_free_bits(row, old);
    if (G_UNLIKELY(obj->state & OBJECT_WATCHED)) {
        object_property_changed(obj, row->name);
    }
    return true;
}

/* The link has its new target, and the old one its reference still. */
bool object_row_link_changed(Object *obj, const PropertyRow *row, Object *old,
                             Error **errp)
{
    ObjectChange *change = object_open_change(obj);
    bool ok;

    if (change) {
        if (!change_save(change, row, (uintptr_t)old)) {
            object_unref(old);
        }
        return true;
    }
    ok = !row_has_hook(obj, row) || obj->klass->properties_changed(obj, errp);
    object_row_link_settle(obj, row, old, ok);
    return ok;
}

/*
 * When other code is changing the object all writes fail, and so does the
 * whole.  A change within another one, of a setter that sets several
 * properties, becomes part of that.
 */
void object_change_init(ObjectChange *change, Object *obj)
{
    change->refused = !object_check_free(obj, NULL);
    change->within = change->refused ? NULL : object_open_change(obj);
    change->n_saved = 0;
    change->n_allocated = G_N_ELEMENTS(change->inline_saved);
    change->saved = change->inline_saved;
    object_pending_begin(&change->pending, obj, OBJECT_PENDING_CHANGE);
    change->pending.change = change;
}

ObjectChange *object_change_begin(Object *obj)
{
    ObjectChange *change = g_new(ObjectChange, 1);

    object_change_init(change, obj);
    return change;
}

static bool saved_differs(const SavedValue *saved, const Object *obj)
{
    const PropertyRow *row = saved->row;
    void *slot = row_slot(row, obj);

    if (row->link) {
        return (uintptr_t)*(Object **)slot != saved->old;
    }
    return property_row_owns_memory(row)
               ? !qapi_type_equal(row->type, slot, &saved->old)
               : slot_read(row->type, slot) != saved->old;
}

/* Changes that were undone on the way are none. */
static bool change_notifies(const ObjectChange *change)
{
    for (unsigned i = 0; i < change->n_saved; i++) {
        const SavedValue *saved = &change->saved[i];

        if (!(saved->row->flags & PROPERTY_NO_NOTIFY) &&
            saved_differs(saved, change->pending.obj)) {
            return true;
        }
    }
    return false;
}

/* Keeps one of the two values; the other one is freed. */
static void saved_settle(SavedValue *saved, Object *obj, bool keep)
{
    const PropertyRow *row = saved->row;
    uint64_t loser = saved->old;

    saved->old = 0;
    if (row->link) {
        object_row_link_settle(obj, row, (Object *)(uintptr_t)loser, keep);
        return;
    }
    if (!keep) {
        void *slot = row_slot(row, obj);
        uint64_t refused = slot_read(row->type, slot);

        slot_write(row->type, slot, loser);
        loser = refused;
    }
    row_free_bits(row, loser);
}

/* Its values are decided on with those of the change around it. */
static void saved_hand_over(const SavedValue *saved, ObjectChange *to)
{
    if (change_save(to, saved->row, saved->old)) {
        return;
    }
    if (saved->row->link) {
        object_unref((Object *)(uintptr_t)saved->old);
    } else {
        row_free_bits(saved->row, saved->old);
    }
}

static bool change_decide(ObjectChange *change, Error **errp)
{
    Object *obj = change->pending.obj;

    if (change->refused && object_check_free(obj, errp)) {
        error_setg(errp, "'%s' was being changed", object_get_typename(obj));
    }
    if (change->refused) {
        return false;
    }
    if (change->within) {
        return true;
    }
    change->pending.kind = OBJECT_PENDING_DECISION;
    return !obj->klass->properties_changed || !change_notifies(change) ||
           obj->klass->properties_changed(obj, errp);
}

bool object_change_finish(ObjectChange *change, bool commit, Error **errp)
{
    Object *obj = change->pending.obj;
    bool ok;

    g_assert(object_open_change(obj) == change);
    ok = commit && change_decide(change, errp);
    change->pending.kind = OBJECT_PENDING_DECISION;
    for (unsigned i = 0; i < change->n_saved; i++) {
        if (ok && change->within) {
            saved_hand_over(&change->saved[i], change->within);
        } else {
            saved_settle(&change->saved[i], obj, ok);
        }
    }
    for (unsigned i = 0; i < change->n_saved; i++) {
        object_property_changed(obj, change->saved[i].row->name);
    }
    if (change->saved != change->inline_saved) {
        g_free(change->saved);
    }
    object_pending_end(&change->pending);
    return ok;
}

bool object_change_end(ObjectChange *change, bool commit, Error **errp)
{
    bool ok = object_change_finish(change, commit, errp);

    g_free(change);
    return ok;
}

/* ---- Native values ---- */

int object_row_set_int(Object *obj, ObjectProperty *prop, int64_t value,
                       Error **errp)
{
    const PropertyRow *row = prop->row;
    uint64_t mask;
    QapiKind kind;

    if (!row) {
        return -1;
    }
    kind = row->type->kind;
    if (kind_is_unsigned_64(kind)) {
        return value < 0 ? refuse_uint(row, row->name, errp)
                         : object_row_set_uint(obj, prop, value, errp);
    }
    if (!kind_is_int(kind)) {
        return -1;
    }
    if (!object_row_check_writable(obj, row, errp) ||
        !check_int(prop, row->name, value, errp)) {
        return 0;
    }
    mask = UINT64_MAX >> (64 - 8 * slot_size(row->type));
    return row_exchange(obj, row, value & mask, errp);
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
               check_uint(row, row->name, value, errp) &&
               row_exchange(obj, row, value, errp);
    }
    if (!kind_is_int(kind)) {
        return -1;
    }
    return value > INT64_MAX ? refuse_int(prop, row->name, errp)
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
           row_exchange(obj, row, value, errp);
}

static int row_set_enum(Object *obj, const PropertyRow *row,
                        const char *value, Error **errp)
{
    int number = qapi_enum_parse(row->type->lookup, value, -1, NULL);

    if (number < 0) {
        error_setg(errp, "Parameter '%s' does not accept value '%s'",
                   row->name, value);
        return 0;
    }
    return object_row_check_writable(obj, row, errp) &&
           row_exchange(obj, row, number, errp);
}

int object_row_set_str(Object *obj, ObjectProperty *prop, const char *value,
                       Error **errp)
{
    const PropertyRow *row = prop->row;

    if (!row) {
        return -1;
    }
    if (row->type->kind == QAPI_KIND_ENUM && value) {
        return row_set_enum(obj, row, value, errp);
    }
    if (row->type->kind != QAPI_KIND_STR) {
        return -1;
    }
    return object_row_check_writable(obj, row, errp) &&
           row_exchange(obj, row, (uintptr_t)g_strdup(value), errp);
}

static int row_set_number(Object *obj, const PropertyRow *row, double value,
                          Error **errp)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    return object_row_check_writable(obj, row, errp) &&
           check_number(row, row->name, value, errp) &&
           row_exchange(obj, row, bits, errp);
}

/* What does not parse is left to the visitor, for its message. */
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
                   ? refuse_int(prop, row->name, errp) : -1;
    case QAPI_KIND_UINT64:
        if (scalar_parse_uint64(text, &natural)) {
            return object_row_set_uint(obj, prop, natural, errp);
        }
        return scalar_text_is_integer(text)
                   ? refuse_uint(row, row->name, errp) : -1;
    case QAPI_KIND_SIZE:
        if (scalar_parse_size(text, &natural)) {
            return object_row_set_uint(obj, prop, natural, errp);
        }
        return scalar_text_is_integer(text)
                   ? refuse_uint(row, row->name, errp) : -1;
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
           row_exchange(obj, prop->row, 0, errp);
}

bool object_row_is_clear(Object *obj, ObjectProperty *prop)
{
    return !slot_read(prop->row->type, row_slot(prop->row, obj));
}

/* Is the value there without a call of the class, which may wait? */
static bool row_is_direct(const PropertyRow *row, const Object *obj)
{
    return row && (row->set != PROPERTY_SET_NEVER ||
                   !obj->klass->property_refresh);
}

/* Where the value is, up to date; the caller holds a reference. */
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

/* ---- The accessors behind every row ---- */

/* What is not there: a struct, union, alternate or value that nobody set. */
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

/* Of any width, so that what does not fit is told the row's range. */
static bool visit_int(Visitor *v, const char *name,
                      const ObjectProperty *prop, uint64_t *bits,
                      Error **errp)
{
    int64_t value = 0;

    if (!visit_type_int64(v, name, &value, errp)) {
        return false;
    }
    if (!check_int(prop, name, value, NULL)) {
        g_autofree char *full_name = visitor_full_name(v, name);

        refuse_int(prop, full_name, errp);
        return false;
    }
    *bits = value & (UINT64_MAX >> (64 - 8 * slot_size(prop->row->type)));
    return true;
}

static bool visit_other(Visitor *v, const char *name,
                        const ObjectProperty *prop, uint64_t *bits,
                        Error **errp)
{
    const PropertyRow *row = prop->row;
    uint64_t slot = 0;

    if (!qapi_type_visit(v, name, row->type, &slot, errp)) {
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

static void row_set(Object *obj, Visitor *v, const char *name, void *opaque,
                    Error **errp)
{
    const ObjectProperty *prop = object_find(obj, name);
    const PropertyRow *row = opaque;
    uint64_t bits;

    if (object_row_check_writable(obj, row, errp) &&
        (kind_is_int(row->type->kind)
             ? visit_int(v, name, prop, &bits, errp)
             : visit_other(v, name, prop, &bits, errp))) {
        row_exchange(obj, row, bits, errp);
    }
}

/* ---- Declaration ---- */

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

/* What clients see: builtins by the names that QOM gives them. */
static const char *row_type_name(const PropertyRow *row)
{
    return row->type->kind == QAPI_KIND_STR ? "string" : row->type->name;
}

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
        int_limits(row, &prop->min, &prop->max);
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

    for (; property_row_check_end(klass, rows, row, n_bytes), row->name;
         row++) {
        property_row_check(klass, rows, row);
        if (row->link) {
            object_class_add_link_row(klass, row);
        } else {
            class_add_row(klass, row);
        }
    }
}

/* For callers that were compiled without the macro of this name. */
void(object_class_add_properties)(ObjectClass *klass, const PropertyRow *rows)
{
    object_class_add_properties_sized(klass, rows, PROPERTY_SIZE_UNKNOWN);
}
