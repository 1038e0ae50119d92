/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the tests of property rows share: a type with a row of each kind, and
 * its values as JSON.
 */
#ifndef QOM_TESTS_PROPERTY_ROWS_FIXTURE_H
#define QOM_TESTS_PROPERTY_ROWS_FIXTURE_H

#include "qapi/json/json.h"
#include "qapi/qapi-builtin-types.h"
#include "qom/object.h"

typedef enum Colour { COLOUR_RED, COLOUR_GREEN, COLOUR_BLUE } Colour;

typedef struct Point {
    int64_t x;
    char *label;
} Point;

typedef struct Rows {
    Object parent_obj;
    bool flag;
    int8_t i8;
    int16_t i16;
    int32_t i32;
    int64_t i64;
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    uint64_t size;
    double number;
    char *text;
    Colour colour;
    JsonNode *any;
    Point *point;
    intList *ints;
    strList *strs;
    int64_t fixed;
    int64_t at_birth;
    int64_t ranged;
    uint64_t uranged;
    double nranged;
    char *title;
    Colour shade;

    /* what properties_changed() does */
    int n_changes;
    bool refuse;
    int64_t seen_i64;
} Rows;

DECLARE_INSTANCE_CHECKER(Rows, ROWS, "rows")

extern const PropertyRow rows_rows[];

/* rows_register: register "rows", "rows-kid" and "creatable-rows" */
void rows_register(void);

bool set_json(Object *obj, const char *name, const char *json, Error **errp);

/* (transfer full) */
char *get_json(Object *obj, const char *name);

#define assert_json(obj, name, expected)                                    \
    do {                                                                    \
        g_autofree char *found = get_json((obj), (name));                   \
                                                                            \
        g_assert_cmpstr(found, ==, (expected));                             \
    } while (0)

/* A value of each kind. */
typedef struct KindRow {
    const char *name; /* of the property, and "-something" for the path */
    const char *type;
    const char *json;
    const char *text; /* (nullable) */
} KindRow;

#define N_KIND_ROWS 19
extern const KindRow kind_rows[N_KIND_ROWS];

#define RANGE_RANGED "ranged value must be in range [-10, 10]"

/* A test for each of @rows, which begin with a name. */
#define ADD_ROWS(prefix, rows, test) \
    TEST_ADD_ROWS("/qom/rows/" prefix, rows, name, test)

#endif
