/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Types described by hand, one of each kind, for the tests of walkers and
 * visitors.  As a schema:
 *
 *   { 'enum': 'Color', 'data': [ 'red', 'dark-blue',
 *       { 'name': 'puce', 'features': [ 'deprecated' ] } ] }
 *   { 'struct': 'Limits', 'data': {
 *       '*iops': [ 'uint8' ], '*color': 'Color', '*burst': 'size' } }
 *   { 'struct': 'Base', 'data': { 'id': 'str', '*enabled': 'bool' } }
 *   { 'struct': 'Disk', 'base': 'Base', 'data': {
 *       'size': 'size', '*ratio': 'number', '*limits': 'Limits',
 *       '*tags': [ 'str' ], '*extra': 'any', '*nothing': 'null',
 *       '*next': 'Disk', '*parts': [ 'Disk' ],
 *       '*old': { 'type': 'int8', 'features': [ 'deprecated' ] },
 *       '*trial': { 'type': 'str', 'features': [ 'unstable' ] } } }
 *   { 'union': 'Shape', 'base': { 'kind': 'Color', '*label': 'str' },
 *     'discriminator': 'kind', 'data': {
 *       'red': 'Limits', 'dark-blue': 'Base' } }
 *   { 'alternate': 'Source', 'data': {
 *       'file': 'str', 'spec': 'Base', 'list': [ 'int' ], 'none': 'null' } }
 *   { 'alternate': 'Amount', 'data': { 'n': 'int', 'b': 'bool',
 *       'c': 'Color' } }
 *   { 'struct': 'Numbers', 'data': { '*i8': 'int8', ... '*any': 'any' } }
 */
#ifndef QOM_TESTS_TEST_TYPES_H
#define QOM_TESTS_TEST_TYPES_H

#include "qapi/qapi-builtin-types.h"
#include "qapi/qapi-type.h"

typedef enum Color {
    COLOR_RED,
    COLOR_DARK_BLUE,
    COLOR_PUCE,
    COLOR__MAX,
} Color;

typedef struct Limits {
    bool has_iops;
    uint8List *iops;
    bool has_color;
    Color color;
    bool has_burst;
    uint64_t burst;
} Limits;

typedef struct Base {
    char *id;
    bool has_enabled;
    bool enabled;
} Base;

typedef struct Disk Disk;

typedef struct DiskList {
    struct DiskList *next;
    Disk *value;
} DiskList;

struct Disk {
    char *id;
    bool has_enabled;
    bool enabled;
    uint64_t size;
    bool has_ratio;
    double ratio;
    Limits *limits;
    bool has_tags;
    strList *tags;
    JsonNode *extra;
    JsonNode *nothing;
    Disk *next;
    bool has_parts;
    DiskList *parts;
    bool has_old;
    int8_t old;
    char *trial;
};

typedef struct Shape {
    Color kind;
    char *label;
    union {
        Limits red;
        Base dark_blue;
    } u;
} Shape;

typedef struct Source {
    QType type;
    union {
        char *file;
        Base spec;
        intList *list;
        JsonNode *none;
    } u;
} Source;

typedef struct Amount {
    QType type;
    union {
        int64_t n;
        bool b;
        Color c;
    } u;
} Amount;

typedef struct Numbers {
    bool has_i8, has_i16, has_i32, has_i64;
    bool has_u8, has_u16, has_u32, has_u64;
    bool has_size, has_number, has_b, has_color;
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
    bool b;
    Color color;
    char *s;
    JsonNode *null;
    JsonNode *any;
} Numbers;

extern const QEnumLookup Color_lookup;
extern const QapiType Color_type;
extern const QapiType Limits_type;
extern const QapiType Base_type;
extern const QapiType Disk_type;
extern const QapiType DiskList_type;
extern const QapiType Shape_type;
extern const QapiType Source_type;
extern const QapiType SourceList_type;
extern const QapiType Amount_type;
extern const QapiType AmountList_type;
extern const QapiType Numbers_type;

/**
 * test_from_json: a C value of JSON text
 * @type: the type
 * @text: JSON
 * @obj: address of the slot to fill
 * @errp: set on failure
 */
bool test_from_json(const QapiType *type, const char *text, void *obj,
                    Error **errp);

/**
 * test_from_keyval: a C value of keyval text
 */
bool test_from_keyval(const QapiType *type, const char *text, void *obj,
                      Error **errp);

/**
 * test_to_json: JSON text of a C value; (transfer full)
 * @type: the type
 * @obj: address of the slot
 */
char *test_to_json(const QapiType *type, void *obj);

#endif
