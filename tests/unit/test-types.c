/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test-types.h"
#include "qapi/json/json-doc.h"
#include "qapi/visitor/json-visitor.h"
#include "qapi/json/json.h"
#include "qapi/visitor/keyval.h"
#include "qapi/qapi-command.h"

#define ABSENT_IF_FALSE(T, c_name) \
    .optional = true, .has_offset = offsetof(T, has_##c_name)

static const char *const color_names[] = { "red", "dark-blue", "puce" };

static const unsigned char color_features[] = { 0, 0, 1 << QAPI_DEPRECATED };

const QEnumLookup Color_lookup = {
    .array = color_names,
    .features = color_features,
    .size = COLOR__MAX,
};

const QapiType Color_type = {
    .name = "Color",
    .kind = QAPI_KIND_ENUM,
    .size = sizeof(Color),
    .lookup = &Color_lookup,
};

static const QapiMember limits_members[] = {
    { "iops", &qapi_type_uint8List, offsetof(Limits, iops),
      ABSENT_IF_FALSE(Limits, iops) },
    { "color", &Color_type, offsetof(Limits, color),
      ABSENT_IF_FALSE(Limits, color) },
    { "burst", &qapi_type_size, offsetof(Limits, burst),
      ABSENT_IF_FALSE(Limits, burst) },
};

const QapiType Limits_type = {
    .name = "Limits",
    .kind = QAPI_KIND_STRUCT,
    .size = sizeof(Limits),
    .members = limits_members,
    .n_members = G_N_ELEMENTS(limits_members),
};

static const QapiMember base_members[] = {
    { "id", &qapi_type_str, offsetof(Base, id) },
    { "enabled", &qapi_type_bool, offsetof(Base, enabled),
      ABSENT_IF_FALSE(Base, enabled) },
};

const QapiType Base_type = {
    .name = "Base",
    .kind = QAPI_KIND_STRUCT,
    .size = sizeof(Base),
    .members = base_members,
    .n_members = G_N_ELEMENTS(base_members),
};

static const QapiMember disk_members[] = {
    { "id", &qapi_type_str, offsetof(Disk, id) },
    { "enabled", &qapi_type_bool, offsetof(Disk, enabled),
      ABSENT_IF_FALSE(Disk, enabled) },
    { "size", &qapi_type_size, offsetof(Disk, size) },
    { "ratio", &qapi_type_number, offsetof(Disk, ratio),
      ABSENT_IF_FALSE(Disk, ratio) },
    { "limits", &Limits_type, offsetof(Disk, limits), .optional = true },
    { "tags", &qapi_type_strList, offsetof(Disk, tags),
      ABSENT_IF_FALSE(Disk, tags) },
    { "extra", &qapi_type_any, offsetof(Disk, extra), .optional = true },
    { "nothing", &qapi_type_null, offsetof(Disk, nothing),
      .optional = true },
    { "next", &Disk_type, offsetof(Disk, next), .optional = true },
    { "parts", &DiskList_type, offsetof(Disk, parts),
      ABSENT_IF_FALSE(Disk, parts) },
    { "old", &qapi_type_int8, offsetof(Disk, old),
      ABSENT_IF_FALSE(Disk, old), .special_features = 1 << QAPI_DEPRECATED },
    { "trial", &qapi_type_str, offsetof(Disk, trial), .optional = true,
      .special_features = 1 << QAPI_UNSTABLE },
};

const QapiType Disk_type = {
    .name = "Disk",
    .kind = QAPI_KIND_STRUCT,
    .size = sizeof(Disk),
    .members = disk_members,
    .n_members = G_N_ELEMENTS(disk_members),
    .base = &Base_type,
};

const QapiType DiskList_type = {
    .name = "DiskList",
    .kind = QAPI_KIND_LIST,
    .size = sizeof(DiskList),
    .element = &Disk_type,
    .value_offset = offsetof(DiskList, value),
};

static const QapiMember shape_members[] = {
    { "label", &qapi_type_str, offsetof(Shape, label), .optional = true },
    { "kind", &Color_type, offsetof(Shape, kind) },
};

static const QapiBranch shape_branches[] = {
    { "red", COLOR_RED, &Limits_type },
    { "dark-blue", COLOR_DARK_BLUE, &Base_type },
    { "puce", COLOR_PUCE, NULL },
};

const QapiType Shape_type = {
    .name = "Shape",
    .kind = QAPI_KIND_UNION,
    .size = sizeof(Shape),
    .members = shape_members,
    .n_members = G_N_ELEMENTS(shape_members),
    .tag_index = 1,
    .u_offset = offsetof(Shape, u),
    .branches = shape_branches,
    .n_branches = G_N_ELEMENTS(shape_branches),
};

static const QapiBranch source_branches[] = {
    { "file", QTYPE_QSTRING, &qapi_type_str },
    { "spec", QTYPE_QDICT, &Base_type },
    { "list", QTYPE_QLIST, &qapi_type_intList },
    { "none", QTYPE_QNULL, &qapi_type_null },
};

const QapiType Source_type = {
    .name = "Source",
    .kind = QAPI_KIND_ALTERNATE,
    .size = sizeof(Source),
    .u_offset = offsetof(Source, u),
    .branches = source_branches,
    .n_branches = G_N_ELEMENTS(source_branches),
};

typedef struct PointerList {
    struct PointerList *next;
    void *value;
} PointerList;

const QapiType SourceList_type = {
    .name = "SourceList",
    .kind = QAPI_KIND_LIST,
    .size = sizeof(PointerList),
    .element = &Source_type,
    .value_offset = offsetof(PointerList, value),
};

static const QapiBranch amount_branches[] = {
    { "n", QTYPE_QNUM, &qapi_type_int },
    { "b", QTYPE_QBOOL, &qapi_type_bool },
    { "c", QTYPE_QSTRING, &Color_type },
};

const QapiType Amount_type = {
    .name = "Amount",
    .kind = QAPI_KIND_ALTERNATE,
    .size = sizeof(Amount),
    .u_offset = offsetof(Amount, u),
    .branches = amount_branches,
    .n_branches = G_N_ELEMENTS(amount_branches),
};

const QapiType AmountList_type = {
    .name = "AmountList",
    .kind = QAPI_KIND_LIST,
    .size = sizeof(PointerList),
    .element = &Amount_type,
    .value_offset = offsetof(PointerList, value),
};

#define NUMBER(c_name, qapi_type) \
    { #c_name, &qapi_type_##qapi_type, offsetof(Numbers, c_name), \
      ABSENT_IF_FALSE(Numbers, c_name) }

static const QapiMember numbers_members[] = {
    NUMBER(i8, int8),
    NUMBER(i16, int16),
    NUMBER(i32, int32),
    NUMBER(i64, int64),
    NUMBER(u8, uint8),
    NUMBER(u16, uint16),
    NUMBER(u32, uint32),
    NUMBER(u64, uint64),
    NUMBER(size, size),
    NUMBER(number, number),
    { "b", &qapi_type_bool, offsetof(Numbers, b),
      ABSENT_IF_FALSE(Numbers, b) },
    { "color", &Color_type, offsetof(Numbers, color),
      ABSENT_IF_FALSE(Numbers, color) },
    { "s", &qapi_type_str, offsetof(Numbers, s), .optional = true },
    { "null", &qapi_type_null, offsetof(Numbers, null), .optional = true },
    { "any", &qapi_type_any, offsetof(Numbers, any), .optional = true },
};

const QapiType Numbers_type = {
    .name = "Numbers",
    .kind = QAPI_KIND_STRUCT,
    .size = sizeof(Numbers),
    .members = numbers_members,
    .n_members = G_N_ELEMENTS(numbers_members),
};

/* A document is read as nodes are: the same value, or the same message. */
static void assert_doc_agrees(const QapiType *type, const char *text,
                              void *obj, const char *message)
{
    g_autoptr(JsonDoc) doc = json_doc_parse(text, -1, &error_abort);
    g_autoptr(Visitor) v = json_item_visitor_new(json_doc_root(doc));
    QapiValue value = { 0 };
    Error *err = NULL;

    if (!qapi_type_visit(v, NULL, type, &value, &err)) {
        g_assert_cmpstr(error_get_pretty(err), ==, message);
        error_free(err);
        return;
    }
    g_assert_null(message);
    if (obj) {
        g_autofree char *expected = test_to_json(type, obj);
        g_autofree char *got = test_to_json(type, &value);

        g_assert_cmpstr(got, ==, expected);
    }
    qapi_type_free(type, &value);
}

bool test_from_json(const QapiType *type, const char *text, void *obj,
                    Error **errp)
{
    ERRP_GUARD();
    g_autoptr(JsonNode) node = json_parse(text, -1, &error_abort);
    g_autoptr(Visitor) v = json_input_visitor_new(node);
    bool ok = qapi_type_visit(v, NULL, type, obj, errp);

    assert_doc_agrees(type, text, obj, ok ? NULL : error_get_pretty(*errp));
    return ok;
}

bool test_from_keyval(const QapiType *type, const char *text, void *obj,
                      Error **errp)
{
    g_autoptr(JsonNode) node = keyval_parse(text, NULL, NULL, &error_abort);
    g_autoptr(Visitor) v = json_input_visitor_new_keyval(node);

    return qapi_type_visit(v, NULL, type, obj, errp);
}

char *test_to_json(const QapiType *type, void *obj)
{
    g_autoptr(JsonNode) node = NULL;
    g_autoptr(Visitor) v = json_output_visitor_new(&node);
    GString *out = g_string_new(NULL);

    qapi_type_visit(v, NULL, type, obj, &error_abort);
    visit_complete(v, &node);
    json_write(out, node, false);
    return g_string_free(out, FALSE);
}
