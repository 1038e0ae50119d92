/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Properties with accessors of a C type: strings, bools, enumerations, struct
 * tm and integers at an address.
 *
 * A caller's getter returns a C value and knows no visitor.  Each kind has two
 * generic accessors, which convert between the C value and the visitor, and a
 * small struct with the caller's functions, which is their @opaque.  The struct
 * is freed with an instance property; class properties are never deleted.
 */
#include "qom/object-internal.h"

/* Frees the struct of an instance property. */
static void release_opaque(Object *obj, const char *name, void *opaque)
{
    g_free(opaque);
}

/* ---- str ---- */

/* Without a getter the property is write-only, without a setter read-only. */
typedef struct StrProperty {
    char *(*get)(Object *obj, Error **errp);
    void (*set)(Object *obj, const char *value, Error **errp);
} StrProperty;

/* Only *errp reports a failure, because "" and NULL are values. */
static void str_get(Object *obj, Visitor *v, const char *name, void *opaque,
                    Error **errp)
{
    ERRP_GUARD();
    StrProperty *str = opaque;
    g_autofree char *value = str->get(obj, errp);

    if (!*errp) {
        visit_type_str(v, name, &value, errp);
    }
}

/* The setter gets a borrowed string, and copies what it keeps. */
static void str_set(Object *obj, Visitor *v, const char *name, void *opaque,
                    Error **errp)
{
    StrProperty *str = opaque;
    g_autofree char *value = NULL;

    if (visit_type_str(v, name, &value, errp)) {
        str->set(obj, value, errp);
    }
}

/* Returns (transfer full) the struct for both functions. */
static StrProperty *str_new(char *(*get)(Object *, Error **),
                            void (*set)(Object *, const char *, Error **))
{
    StrProperty *str = g_new0(StrProperty, 1);

    str->get = get;
    str->set = set;
    return str;
}

ObjectProperty *object_property_add_str(
    Object *obj, const char *name, char *(*get)(Object *, Error **),
    void (*set)(Object *, const char *, Error **))
{
    return object_property_add(obj, name, "string", get ? str_get : NULL,
                               set ? str_set : NULL, release_opaque,
                               str_new(get, set));
}

ObjectProperty *object_class_property_add_str(
    ObjectClass *klass, const char *name, char *(*get)(Object *, Error **),
    void (*set)(Object *, const char *, Error **))
{
    return object_class_property_add(klass, name, "string",
                                     get ? str_get : NULL,
                                     set ? str_set : NULL, NULL,
                                     str_new(get, set));
}

/* ---- bool ---- */

/* As StrProperty; every bool is a value, so *errp alone reports a failure. */
typedef struct BoolProperty {
    bool (*get)(Object *obj, Error **errp);
    void (*set)(Object *obj, bool value, Error **errp);
} BoolProperty;

static void bool_get(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    ERRP_GUARD();
    BoolProperty *boolean = opaque;
    bool value = boolean->get(obj, errp);

    if (!*errp) {
        visit_type_bool(v, name, &value, errp);
    }
}

/* Called by the library with a value that the visitor accepts as a bool. */
static void bool_set(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    BoolProperty *boolean = opaque;
    bool value;

    if (visit_type_bool(v, name, &value, errp)) {
        boolean->set(obj, value, errp);
    }
}

/* Returns (transfer full) the struct for both functions. */
static BoolProperty *bool_new(bool (*get)(Object *, Error **),
                              void (*set)(Object *, bool, Error **))
{
    BoolProperty *boolean = g_new0(BoolProperty, 1);

    boolean->get = get;
    boolean->set = set;
    return boolean;
}

ObjectProperty *object_property_add_bool(
    Object *obj, const char *name, bool (*get)(Object *, Error **),
    void (*set)(Object *, bool, Error **))
{
    return object_property_add(obj, name, "bool", get ? bool_get : NULL,
                               set ? bool_set : NULL, release_opaque,
                               bool_new(get, set));
}

ObjectProperty *object_class_property_add_bool(
    ObjectClass *klass, const char *name, bool (*get)(Object *, Error **),
    void (*set)(Object *, bool, Error **))
{
    return object_class_property_add(klass, name, "bool",
                                     get ? bool_get : NULL,
                                     set ? bool_set : NULL, NULL,
                                     bool_new(get, set));
}

/* ---- enum ---- */

/* The visitor checks the value by `lookup`, in both directions. */
typedef struct EnumProperty {
    const QEnumLookup *lookup;
    int (*get)(Object *obj, Error **errp);
    void (*set)(Object *obj, int value, Error **errp);
} EnumProperty;

/* A getter that returns a value outside of the enum is a programming error. */
static void enum_get(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    ERRP_GUARD();
    EnumProperty *enumeration = opaque;
    int value = enumeration->get(obj, errp);

    if (!*errp) {
        visit_type_enum(v, name, &value, enumeration->lookup, errp);
    }
}

/* The setter is called only with values that `lookup` has. */
static void enum_set(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    EnumProperty *enumeration = opaque;
    int value;

    if (visit_type_enum(v, name, &value, enumeration->lookup, errp)) {
        enumeration->set(obj, value, errp);
    }
}

/* Returns (transfer full) the struct; @lookup stays valid until the exit. */
static EnumProperty *enum_new(const QEnumLookup *lookup,
                              int (*get)(Object *, Error **),
                              void (*set)(Object *, int, Error **))
{
    EnumProperty *enumeration = g_new0(EnumProperty, 1);

    enumeration->lookup = lookup;
    enumeration->get = get;
    enumeration->set = set;
    return enumeration;
}

ObjectProperty *object_property_add_enum(
    Object *obj, const char *name, const char *type_name,
    const QEnumLookup *lookup, int (*get)(Object *, Error **),
    void (*set)(Object *, int, Error **))
{
    return object_property_add(obj, name, type_name, get ? enum_get : NULL,
                               set ? enum_set : NULL, release_opaque,
                               enum_new(lookup, get, set));
}

ObjectProperty *object_class_property_add_enum(
    ObjectClass *klass, const char *name, const char *type_name,
    const QEnumLookup *lookup, int (*get)(Object *, Error **),
    void (*set)(Object *, int, Error **))
{
    return object_class_property_add(klass, name, type_name,
                                     get ? enum_get : NULL,
                                     set ? enum_set : NULL, NULL,
                                     enum_new(lookup, get, set));
}

/*
 * For a list the values are those of its elements.  A property without a row
 * has an EnumProperty if one of its accessors is that of enumerations.
 */
const QEnumLookup *object_property_enum_lookup(const ObjectProperty *prop)
{
    const QapiType *type = prop->row ? prop->row->type : NULL;

    if (type && type->kind == QAPI_KIND_LIST) {
        type = type->element;
    }
    if (type) {
        return type->kind == QAPI_KIND_ENUM ? type->lookup : NULL;
    }
    return prop->get == enum_get || prop->set == enum_set
               ? ((const EnumProperty *)prop->opaque)->lookup : NULL;
}

/* Returns the number of the present value of a row or an enum property. */
int object_property_get_enum(Object *obj, const char *name,
                             const char *type_name, Error **errp)
{
    ObjectProperty *prop = object_property_find_err(obj, name, errp);
    const QEnumLookup *lookup = NULL;
    g_autofree char *text = NULL;

    if (!prop) {
        return -1;
    }
    if (prop->row && prop->row->type->kind == QAPI_KIND_ENUM) {
        lookup = prop->row->type->lookup;
    } else if (prop->get == enum_get) {
        lookup = ((EnumProperty *)prop->opaque)->lookup;
    }
    /*
     * The caller names the type that it expects, so that it does not read the
     * number of another enumeration.
     */
    if (!lookup || strcmp(prop->type, type_name)) {
        error_setg(errp, "Property %s on %s is not '%s' enum type", name,
                   object_get_typename(obj), type_name);
        return -1;
    }
    text = object_property_get_str(obj, name, errp);
    return text ? qapi_enum_parse(lookup, text, -1, errp) : -1;
}

/* ---- tm ---- */

/* A point in time; there is no setter, as in QEMU. */
typedef struct TmProperty {
    void (*get)(Object *obj, struct tm *value, Error **errp);
} TmProperty;

/*
 * Visits the six members that QEMU shows, in its order. The fields of struct tm
 * are int, which has no visitor of its own.
 */
static bool tm_visit_members(Visitor *v, struct tm *value, Error **errp)
{
    const struct {
        const char *name;
        int *field;
    } members[] = {
        { "tm_year", &value->tm_year }, { "tm_mon", &value->tm_mon },
        { "tm_mday", &value->tm_mday }, { "tm_hour", &value->tm_hour },
        { "tm_min", &value->tm_min },   { "tm_sec", &value->tm_sec },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(members); i++) {
        int32_t field = *members[i].field;

        if (!visit_type_int32(v, members[i].name, &field, errp)) {
            return false;
        }
    }
    return visit_check_struct(v, errp);
}

/* Visits the time as a struct, which needs no C struct of the schema. */
static void tm_get(Object *obj, Visitor *v, const char *name, void *opaque,
                   Error **errp)
{
    ERRP_GUARD();
    TmProperty *tm = opaque;
    struct tm value = { 0 };

    tm->get(obj, &value, errp);
    if (*errp || !visit_start_struct(v, name, NULL, 0, errp)) {
        return;
    }
    tm_visit_members(v, &value, errp);
    visit_end_struct(v, NULL);
}

/* Returns (transfer full) the struct for the getter. */
static TmProperty *tm_new(void (*get)(Object *, struct tm *, Error **))
{
    TmProperty *tm = g_new0(TmProperty, 1);

    tm->get = get;
    return tm;
}

ObjectProperty *object_property_add_tm(
    Object *obj, const char *name,
    void (*get)(Object *, struct tm *, Error **))
{
    return object_property_add(obj, name, "struct tm", get ? tm_get : NULL,
                               NULL, release_opaque, tm_new(get));
}

ObjectProperty *object_class_property_add_tm(
    ObjectClass *klass, const char *name,
    void (*get)(Object *, struct tm *, Error **))
{
    return object_class_property_add(klass, name, "struct tm",
                                     get ? tm_get : NULL, NULL, NULL,
                                     tm_new(get));
}

/* ---- Integers at an address ---- */

/*
 * Accessors for each width; @opaque is the address of the integer.  The visitor
 * checks the range of the type.  A class property has one address for all
 * instances, as in QEMU.
 */
#define DEFINE_UINT_PTR(bits)                                               \
    static void uint##bits##_ptr_get(Object *obj, Visitor *v,               \
                                     const char *name, void *opaque,        \
                                     Error **errp)                          \
    {                                                                       \
        uint##bits##_t value = *(uint##bits##_t *)opaque;                   \
                                                                            \
        visit_type_uint##bits(v, name, &value, errp);                       \
    }                                                                       \
                                                                            \
    static void uint##bits##_ptr_set(Object *obj, Visitor *v,               \
                                     const char *name, void *opaque,        \
                                     Error **errp)                          \
    {                                                                       \
        uint##bits##_t value;                                               \
                                                                            \
        if (visit_type_uint##bits(v, name, &value, errp)) {                 \
            *(uint##bits##_t *)opaque = value;                              \
        }                                                                   \
    }                                                                       \
                                                                            \
    ObjectProperty *object_property_add_uint##bits##_ptr(                   \
        Object *obj, const char *name, const uint##bits##_t *v,             \
        ObjectPropertyFlags flags)                                          \
    {                                                                       \
        return object_property_add(                                         \
            obj, name, "uint" #bits,                                        \
            flags & OBJ_PROP_FLAG_READ ? uint##bits##_ptr_get : NULL,       \
            flags & OBJ_PROP_FLAG_WRITE ? uint##bits##_ptr_set : NULL,      \
            NULL, (void *)v);                                               \
    }                                                                       \
                                                                            \
    ObjectProperty *object_class_property_add_uint##bits##_ptr(             \
        ObjectClass *klass, const char *name, const uint##bits##_t *v,      \
        ObjectPropertyFlags flags)                                          \
    {                                                                       \
        return object_class_property_add(                                   \
            klass, name, "uint" #bits,                                      \
            flags & OBJ_PROP_FLAG_READ ? uint##bits##_ptr_get : NULL,       \
            flags & OBJ_PROP_FLAG_WRITE ? uint##bits##_ptr_set : NULL,      \
            NULL, (void *)v);                                               \
    }

DEFINE_UINT_PTR(8)
DEFINE_UINT_PTR(16)
DEFINE_UINT_PTR(32)
DEFINE_UINT_PTR(64)
