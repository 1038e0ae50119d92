/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Property rows: the entries of a constant table that declares the properties
 * of a class as fields of its instances.
 *
 *     static const PropertyRow pump_rows[] = {
 *         PROPERTY_INT("rate", Pump, rate, .def = 10, .min = 1,
 *                      .doc = "litres per minute"),
 *         PROPERTY_STR("label", Pump, label),
 *         PROPERTY_LINK("tank", Pump, tank, Tank, TYPE_TANK),
 *         PROPERTY_CHILD("motor", Pump, motor, Motor, TYPE_MOTOR),
 *         PROPERTY_END
 *     };
 *
 * There is a macro for each kind of value.  Its arguments are the name of the
 * property, the instance structure and the field.  It does not compile if the
 * C type of the field is not that of the kind.  Options follow as designators,
 * in C++ in this order: .set, .flags, .def, .min, .max, .unit, .doc,
 * .special_features, .features.
 *
 * In this order:
 *
 *     PropertySet, the flags          when a property can be set
 *     PropertyRow                     one entry of a table
 *     PROPERTY_INT() and others       macros for scalars and strings
 *     PROPERTY_ENUM(), _STRUCT(),     and for types of a schema
 *     _UNION(), _ALTERNATE(), _LIST()
 *     PROPERTY_LINK(), _CHILD()       and for other objects
 *     object_class_add_properties()   declares the rows of a table
 *     what the macros expand to       private
 *
 * Thread: main
 * Contract: docs/objects.md, "Properties"
 */
#ifndef QOM_QOM_PROPERTY_ROW_H
#define QOM_QOM_PROPERTY_ROW_H

#include "qapi/qapi-type.h"
#include "qom/type.h"
#include "util/macros.h"

QOM_BEGIN_DECLS

/* When a property can be set. */
typedef enum PropertySet {
    PROPERTY_SET_ANY_TIME,
    PROPERTY_SET_CREATE, /* until the object is complete */
    PROPERTY_SET_NEVER,  /* never: C code writes the field */
} PropertySet;

/* Flags of a row.  The macros set the first three if the option is given. */
enum {
    PROPERTY_HAS_DEFAULT = 1 << 0, /* otherwise zero, and no default shown */
    PROPERTY_HAS_MIN = 1 << 1,
    PROPERTY_HAS_MAX = 1 << 2,
    PROPERTY_NO_NOTIFY = 1 << 3, /* no call of properties_changed() */
    PROPERTY_CREATES_CHILD = 1 << 4, /* set by PROPERTY_CHILD */
};

typedef union PropertyValue {
    int64_t i;     /* signed integers, enums, bool */
    uint64_t u;    /* unsigned integers, sizes */
    double n;      /* number */
    const char *s; /* str */
} PropertyValue;

/*
 * The members that all kinds of rows have, before and after the members that
 * differ.
 */
#define PROPERTY_ROW_FIELD                                                  \
    uint32_t offset; /* of the field in the instance, in bytes */           \
    uint16_t size;   /* of the field in bytes; 0: that of the type */       \
    uint16_t given;  /* set by a macro: PROPERTY_HAS_* of its options */    \
    PropertySet set;                                                        \
    unsigned flags; /* PROPERTY_* above */

#define PROPERTY_ROW_OPTIONS                                                \
    const char *unit;            /* (nullable) "ns", "bytes"... */          \
    const char *doc;             /* (nullable) one line */                  \
    uint64_t special_features;   /* as in QapiMember */                     \
    const QapiFeature *features; /* (nullable) */

/* bool and enum */
typedef struct PropertyRowChoice {
    PROPERTY_ROW_FIELD
    int64_t def;
    uint64_t unused[2];
    PROPERTY_ROW_OPTIONS
} PropertyRowChoice;

/* int, int8 to int64, uint8 to uint32 */
typedef struct PropertyRowInt {
    PROPERTY_ROW_FIELD
    int64_t def;
    int64_t min;
    int64_t max;
    PROPERTY_ROW_OPTIONS
} PropertyRowInt;

/* uint64 and size */
typedef struct PropertyRowUint {
    PROPERTY_ROW_FIELD
    uint64_t def;
    uint64_t min;
    uint64_t max;
    PROPERTY_ROW_OPTIONS
} PropertyRowUint;

/* number */
typedef struct PropertyRowNumber {
    PROPERTY_ROW_FIELD
    double def;
    double min;
    double max;
    PROPERTY_ROW_OPTIONS
} PropertyRowNumber;

/* str */
typedef struct PropertyRowStr {
    PROPERTY_ROW_FIELD
    const char *def;
    char unused[3 * sizeof(PropertyValue) - sizeof(char *)];
    PROPERTY_ROW_OPTIONS
} PropertyRowStr;

/* everything else: no default, no range */
typedef struct PropertyRowOther {
    PROPERTY_ROW_FIELD
    uint64_t unused[3];
    PROPERTY_ROW_OPTIONS
} PropertyRowOther;

/* C++ has anonymous structures only as an extension. */
_Pragma("GCC diagnostic push")
_Pragma("GCC diagnostic ignored \"-Wpedantic\"")

/*
 * One property of a class.  The field at @offset has the C type that
 * qapi/qapi-type.h shows for a member of the type.  A row with @link is a
 * strong link, or a child: the field is a pointer to an instance of the type
 * that it names.
 *
 * The macros below initialize a row.  In a row that is initialized without
 * them the compiler checks nothing; object_class_add_properties() checks what
 * can be checked at run time.
 */
struct PropertyRow {
    const char *name;     /* NULL ends a table */
    const QapiType *type; /* any type; NULL when @link is given */
    const char *link;     /* (nullable) type of a link's target or a child */
    union {
        struct {
            PROPERTY_ROW_FIELD
            PropertyValue def; /* scalars and str */
            PropertyValue min; /* numbers */
            PropertyValue max;
            PROPERTY_ROW_OPTIONS
        };
        PropertyRowChoice as_choice; /* private: for the macros */
        PropertyRowInt as_int;
        PropertyRowUint as_uint;
        PropertyRowNumber as_number;
        PropertyRowStr as_str;
        PropertyRowOther as_other;
    };
};

_Pragma("GCC diagnostic pop")

/* property_row_flags: returns the flags (PROPERTY_*) of a row */
static inline unsigned property_row_flags(const PropertyRow *row)
{
    return row->flags | row->given;
}

/* ---- The macros ---- */

#define PROPERTY_BOOL(name_, struct_, ...)                                  \
    PROPERTY_SCALAR_(as_choice, &qapi_type_bool, bool, name_, struct_,      \
                     __VA_ARGS__)
#define PROPERTY_INT(name_, struct_, ...)                                   \
    PROPERTY_SCALAR_(as_int, &qapi_type_int, int64_t, name_, struct_,       \
                     __VA_ARGS__)
#define PROPERTY_INT8(name_, struct_, ...)                                  \
    PROPERTY_SCALAR_(as_int, &qapi_type_int8, int8_t, name_, struct_,       \
                     __VA_ARGS__)
#define PROPERTY_INT16(name_, struct_, ...)                                 \
    PROPERTY_SCALAR_(as_int, &qapi_type_int16, int16_t, name_, struct_,     \
                     __VA_ARGS__)
#define PROPERTY_INT32(name_, struct_, ...)                                 \
    PROPERTY_SCALAR_(as_int, &qapi_type_int32, int32_t, name_, struct_,     \
                     __VA_ARGS__)
#define PROPERTY_INT64(name_, struct_, ...)                                 \
    PROPERTY_SCALAR_(as_int, &qapi_type_int64, int64_t, name_, struct_,     \
                     __VA_ARGS__)
#define PROPERTY_UINT8(name_, struct_, ...)                                 \
    PROPERTY_SCALAR_(as_int, &qapi_type_uint8, uint8_t, name_, struct_,     \
                     __VA_ARGS__)
#define PROPERTY_UINT16(name_, struct_, ...)                                \
    PROPERTY_SCALAR_(as_int, &qapi_type_uint16, uint16_t, name_, struct_,   \
                     __VA_ARGS__)
#define PROPERTY_UINT32(name_, struct_, ...)                                \
    PROPERTY_SCALAR_(as_int, &qapi_type_uint32, uint32_t, name_, struct_,   \
                     __VA_ARGS__)
#define PROPERTY_UINT64(name_, struct_, ...)                                \
    PROPERTY_SCALAR_(as_uint, &qapi_type_uint64, uint64_t, name_, struct_,  \
                     __VA_ARGS__)
#define PROPERTY_SIZE(name_, struct_, ...)                                  \
    PROPERTY_SCALAR_(as_uint, &qapi_type_size, uint64_t, name_, struct_,    \
                     __VA_ARGS__)
#define PROPERTY_NUMBER(name_, struct_, ...)                                \
    PROPERTY_SCALAR_(as_number, &qapi_type_number, double, name_, struct_,  \
                     __VA_ARGS__)
#define PROPERTY_STR(name_, struct_, ...)                                   \
    PROPERTY_SCALAR_(as_str, &qapi_type_str, char *, name_, struct_,        \
                     __VA_ARGS__)
#define PROPERTY_ANY(name_, struct_, ...)                                   \
    PROPERTY_SCALAR_(as_other, &qapi_type_any, JsonNode *, name_, struct_,  \
                     __VA_ARGS__)
#define PROPERTY_NULL(name_, struct_, ...)                                  \
    PROPERTY_SCALAR_(as_other, &qapi_type_null, JsonNode *, name_, struct_, \
                     __VA_ARGS__)

/*
 * Types of a schema: the argument after the field is the C type, whose type
 * descriptor is called qapi_type_TYPE.  The field is a `Colour` (or an int, if
 * the header does not know the enum), a `Point *`, a `strList *`:
 *
 *     PROPERTY_ENUM("colour", Pump, colour, Colour, .def = COLOUR_RED)
 *     PROPERTY_STRUCT("place", Pump, place, Point)
 *     PROPERTY_LIST("names", Pump, names, strList)
 */
#define PROPERTY_ENUM(name_, struct_, field_, ...)                          \
    PROPERTY_ENUM_(name_, PROPERTY_GIVEN_(__VA_ARGS__), struct_, field_,    \
                   __VA_ARGS__, )
#define PROPERTY_STRUCT(name_, struct_, field_, ...)                        \
    PROPERTY_POINTER_(name_, struct_, field_, __VA_ARGS__, )
#define PROPERTY_UNION(name_, struct_, field_, ...)                         \
    PROPERTY_POINTER_(name_, struct_, field_, __VA_ARGS__, )
#define PROPERTY_ALTERNATE(name_, struct_, field_, ...)                     \
    PROPERTY_POINTER_(name_, struct_, field_, __VA_ARGS__, )
#define PROPERTY_LIST(name_, struct_, field_, ...)                          \
    PROPERTY_POINTER_(name_, struct_, field_, __VA_ARGS__, )

/*
 * A strong link: the arguments after the field are the C type of the target and
 * the name of its type.  The field is a `Tank *` or an `Object *`:
 *
 *     PROPERTY_LINK("tank", Pump, tank, Tank, TYPE_TANK)
 */
#define PROPERTY_LINK(name_, struct_, field_, target_, ...)                 \
    PROPERTY_LINK_(name_, struct_, field_, target_, __VA_ARGS__, )

/*
 * A child, with the arguments of PROPERTY_LINK.  Each new object gets a child
 * of this name and of exactly this type.  It exists when instance_init is
 * called, and the field is valid until instance_finalize has returned.
 * Children are completed before their parent, see qom/user-creatable.h.
 */
#define PROPERTY_CHILD(name_, struct_, field_, target_, ...)                \
    PROPERTY_CHILD_(name_, struct_, field_, target_, __VA_ARGS__, )

/* The end of a table */
#define PROPERTY_END { .name = NULL }

/* ---- Declaring them ---- */

#define PROPERTY_SIZE_UNKNOWN ((size_t)-1)

/**
 * object_class_add_properties: declares properties of a class by rows
 * @klass: the class, in its class_init
 * @rows: table of rows that ends with PROPERTY_END; borrowed until the program
 *        exits
 *
 * These are programming errors, which abort with a message that names the class
 * and the property: a name that is in use, a field that lies outside of the
 * instance or has not the size of the type, fields that overlap, a default that
 * is out of range, and a table without an end.  The missing end is detected if
 * the compiler knows the size of @rows.
 */
void object_class_add_properties(ObjectClass *klass, const PropertyRow *rows);
#define object_class_add_properties(klass_, rows_)                          \
    object_class_add_properties_sized((klass_), (rows_),                    \
                                      __builtin_object_size((rows_), 1))

/*
 * object_class_add_properties_sized: the function behind the macro; @n_bytes is
 * the size of the table, or PROPERTY_SIZE_UNKNOWN
 */
void object_class_add_properties_sized(ObjectClass *klass,
                                       const PropertyRow *rows,
                                       size_t n_bytes);

/* ---- Private: what the macros expand to ---- */

#define PROPERTY_SCALAR_(form_, type_, ctype_, name_, struct_, ...)         \
    PROPERTY_FIELD_(form_, type_, ctype_, name_,                            \
                    PROPERTY_GIVEN_(__VA_ARGS__), struct_, __VA_ARGS__, )
#define PROPERTY_FIELD_(form_, type_, ctype_, name_, given_, struct_,       \
                        field_, ...)                                        \
    PROPERTY_ROW_(form_, type_, NULL, name_, given_,                        \
                  PROPERTY_OFFSET_(struct_, field_, ctype_, ctype_),        \
                  PROPERTY_SIZEOF_(struct_, field_), __VA_ARGS__)
#define PROPERTY_ENUM_(name_, given_, struct_, field_, enum_, ...)          \
    PROPERTY_ROW_(as_choice, &qapi_type_##enum_, NULL, name_, given_,       \
                  PROPERTY_OFFSET_(struct_, field_, enum_, int),            \
                  PROPERTY_SIZEOF_(struct_, field_), __VA_ARGS__)
#define PROPERTY_POINTER_(name_, struct_, field_, type_, ...)               \
    PROPERTY_ROW_(as_other, &qapi_type_##type_, NULL, name_, 0,             \
                  PROPERTY_OFFSET_(struct_, field_, type_ *, type_ *),      \
                  PROPERTY_SIZEOF_(struct_, field_), __VA_ARGS__)
#define PROPERTY_LINK_(name_, struct_, field_, target_, link_, ...)         \
    PROPERTY_OBJECT_(name_, 0, struct_, field_, target_, link_, __VA_ARGS__)
#define PROPERTY_CHILD_(name_, struct_, field_, target_, type_, ...)        \
    PROPERTY_OBJECT_(name_, PROPERTY_CREATES_CHILD, struct_, field_,        \
                     target_, type_, __VA_ARGS__)
#define PROPERTY_OBJECT_(name_, given_, struct_, field_, target_, link_,    \
                         ...)                                               \
    PROPERTY_ROW_(as_other, NULL, link_, name_, given_,                     \
                  PROPERTY_OFFSET_(struct_, field_, target_ *, Object *),   \
                  PROPERTY_SIZEOF_(struct_, field_), __VA_ARGS__)

#define PROPERTY_ROW_(form_, type_, link_, name_, given_, offset_, size_,   \
                      ...)                                                  \
    { .name = name_, .type = type_, .link = link_,                          \
      .form_ = { .offset = offset_, .size = size_, .given = given_,         \
                 __VA_ARGS__ } }

#define PROPERTY_SIZEOF_(struct_, field_) sizeof(((struct_ *)0)->field_)

/* The offset of a field that is of one of two types. */
#define PROPERTY_MISMATCH_(struct_, field_, ctype_)                         \
    "property row: field '" #field_ "' of " #struct_ " is not of type "     \
    #ctype_
#ifdef __cplusplus
#define PROPERTY_OFFSET_(struct_, field_, ctype_, other_)                   \
    [] {                                                                    \
        static_assert(                                                      \
            PropertySame<decltype(((struct_ *)0)->field_), ctype_>::value ||\
            PropertySame<decltype(((struct_ *)0)->field_), other_>::value,  \
            PROPERTY_MISMATCH_(struct_, field_, ctype_));                   \
        return (uint32_t)offsetof(struct_, field_);                         \
    }()
#else
#define PROPERTY_IS_(struct_, field_, ctype_)                               \
    __builtin_types_compatible_p(__typeof__(((struct_ *)0)->field_), ctype_)
#define PROPERTY_OFFSET_(struct_, field_, ctype_, other_)                   \
    (uint32_t)(offsetof(struct_, field_) +                                  \
               0 * sizeof(struct {                                          \
                   _Static_assert(                                          \
                       PROPERTY_IS_(struct_, field_, ctype_) ||             \
                       PROPERTY_IS_(struct_, field_, other_),               \
                       PROPERTY_MISMATCH_(struct_, field_, ctype_));        \
                   int unused;                                              \
               }))
#endif

/*
 * Whether an option was given cannot be seen from its value, because zero is a
 * valid default and bound.  So the macros compare the text of each argument.
 * Compilers evaluate the comparisons, and the text is not in the program.
 */
#define PROPERTY_STARTS_(text_, word_)                                      \
    (__builtin_strncmp(text_, word_, sizeof(word_) - 1) == 0)
#define PROPERTY_GIVES_(option_)                                            \
    (PROPERTY_STARTS_(#option_, ".def")   ? PROPERTY_HAS_DEFAULT            \
     : PROPERTY_STARTS_(#option_, ".min") ? PROPERTY_HAS_MIN                \
     : PROPERTY_STARTS_(#option_, ".max") ? PROPERTY_HAS_MAX                \
                                          : 0)

/* One to twelve arguments: a field, a type and all options. */
#define PROPERTY_GIVEN_(...)                                                \
    PROPERTY_COUNT_(__VA_ARGS__, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)  \
    (__VA_ARGS__)
#define PROPERTY_COUNT_(a, b, c, d, e, f, g, h, i, j, k, l, n, ...)         \
    PROPERTY_GIVEN_##n
#define PROPERTY_GIVEN_1(o) PROPERTY_GIVES_(o)
#define PROPERTY_GIVEN_2(o, ...)                                            \
    PROPERTY_GIVES_(o) | PROPERTY_GIVEN_1(__VA_ARGS__)
#define PROPERTY_GIVEN_3(o, ...)                                            \
    PROPERTY_GIVES_(o) | PROPERTY_GIVEN_2(__VA_ARGS__)
#define PROPERTY_GIVEN_4(o, ...)                                            \
    PROPERTY_GIVES_(o) | PROPERTY_GIVEN_3(__VA_ARGS__)
#define PROPERTY_GIVEN_5(o, ...)                                            \
    PROPERTY_GIVES_(o) | PROPERTY_GIVEN_4(__VA_ARGS__)
#define PROPERTY_GIVEN_6(o, ...)                                            \
    PROPERTY_GIVES_(o) | PROPERTY_GIVEN_5(__VA_ARGS__)
#define PROPERTY_GIVEN_7(o, ...)                                            \
    PROPERTY_GIVES_(o) | PROPERTY_GIVEN_6(__VA_ARGS__)
#define PROPERTY_GIVEN_8(o, ...)                                            \
    PROPERTY_GIVES_(o) | PROPERTY_GIVEN_7(__VA_ARGS__)
#define PROPERTY_GIVEN_9(o, ...)                                            \
    PROPERTY_GIVES_(o) | PROPERTY_GIVEN_8(__VA_ARGS__)
#define PROPERTY_GIVEN_10(o, ...)                                           \
    PROPERTY_GIVES_(o) | PROPERTY_GIVEN_9(__VA_ARGS__)
#define PROPERTY_GIVEN_11(o, ...)                                           \
    PROPERTY_GIVES_(o) | PROPERTY_GIVEN_10(__VA_ARGS__)
#define PROPERTY_GIVEN_12(o, ...)                                           \
    PROPERTY_GIVES_(o) | PROPERTY_GIVEN_11(__VA_ARGS__)

QOM_END_DECLS

#ifdef __cplusplus
extern "C++" {
template <typename A, typename B> struct PropertySame {
    static constexpr bool value = false;
};
template <typename A> struct PropertySame<A, A> {
    static constexpr bool value = true;
};
/* an element of an array */
template <typename A> struct PropertySame<A &, A> {
    static constexpr bool value = true;
};
}
#endif

#endif
