/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Property rows: a constant table that declares the properties of a class as
 * fields of its instances.
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

/* When a property may be written. */
typedef enum PropertySet {
    PROPERTY_SET_ANY_TIME,
    PROPERTY_SET_CREATE, /* until the object is complete */
    PROPERTY_SET_NEVER,  /* by C code alone, in the field itself */
} PropertySet;

enum {
    PROPERTY_HAS_DEFAULT = 1 << 0, /* else zero, and not shown as default */
    PROPERTY_HAS_MIN = 1 << 1,
    PROPERTY_HAS_MAX = 1 << 2,
    PROPERTY_NO_NOTIFY = 1 << 3, /* a change of it alone calls no hook */
};

typedef union PropertyValue {
    int64_t i;     /* signed integers, enums, bool */
    uint64_t u;    /* unsigned integers, sizes */
    double n;      /* number */
    const char *s; /* str */
} PropertyValue;

/*
 * One property of a class.  The field at @offset has the C form that
 * qapi/qapi-type.h gives for a member of that type.  A row with @link is a
 * strong link: the field is a pointer to an instance of that type.
 */
struct PropertyRow {
    const char *name;     /* NULL ends a table */
    const QapiType *type; /* any type; NULL when @link is given */
    const char *link;     /* (nullable) type of a link's target */
    uint32_t offset;      /* bytes from the instance's start */
    PropertySet set;
    unsigned flags;
    PropertyValue def; /* scalars and str */
    PropertyValue min; /* numbers */
    PropertyValue max;
    const char *unit;            /* (nullable) "ns", "bytes"... */
    const char *doc;             /* (nullable) one line */
    uint64_t special_features;   /* as in QapiMember */
    const QapiFeature *features; /* (nullable) */
};

/* Shorthands for the designated initialisers of a row. */
#define PROPERTY_DEFAULT_INT(value) \
    .flags = PROPERTY_HAS_DEFAULT, .def = { .i = (value) }

/**
 * object_class_add_properties: declare the properties of a class
 * @klass: the class; called from its class_init
 * @rows: table that ends with an empty row; borrowed for ever
 *
 * A name that is taken, or a default outside the row's range, is a
 * programming error and aborts.
 */
void object_class_add_properties(ObjectClass *klass, const PropertyRow *rows);

QOM_END_DECLS

#endif
