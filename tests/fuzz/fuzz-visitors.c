/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Visitors over a type that the first bytes describe and a value that the other
 * bytes describe, which usually fits the type.  What the JSON or keyval visitor
 * accepts is written and read again, copied, compared and freed; a scalar is
 * also written as text and parsed.  A document is accepted or rejected like
 * nodes, with the same values and messages.
 *
 * Bytes after the end count as 0, which is the simplest type and value, so
 * every input ends.
 */
#include "qapi/json/json-doc.h"
#include "qapi/visitor/json-visitor.h"
#include "qapi/json/json.h"
#include "qapi/qapi-type.h"
#include "qapi/visitor/string-visitor.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

enum {
    MAX_DEPTH = 4,
    SLOT_BYTES = 16, /* of a member: its value, and has_NAME behind it */
};

typedef struct Source {
    const uint8_t *next;
    const uint8_t *end;
    GPtrArray *garbage; /* what types are made of */
    unsigned n_names;
} Source;

static unsigned take(Source *s)
{
    return s->next < s->end ? *s->next++ : 0;
}

static gpointer make(Source *s, size_t n_bytes)
{
    gpointer memory = g_malloc0(n_bytes);

    g_ptr_array_add(s->garbage, memory);
    return memory;
}

static const char *make_name(Source *s)
{
    char *name = g_strdup_printf("m%u", s->n_names++);

    g_ptr_array_add(s->garbage, name);
    return name;
}

/* ---- Types ---- */

static const QapiType *make_type(Source *s, unsigned depth);

static const QapiType *make_enum(Source *s)
{
    static const char *const names[] = { "zero", "one", NULL, "three" };
    QapiType *type = make(s, sizeof(*type));
    QEnumLookup *lookup = make(s, sizeof(*lookup));

    lookup->array = names;
    lookup->size = 1 + take(s) % G_N_ELEMENTS(names);
    type->name = "Enum";
    type->kind = QAPI_KIND_ENUM;
    type->size = sizeof(int);
    type->lookup = lookup;
    return type;
}

static const QapiType *make_list(Source *s, unsigned depth)
{
    QapiType *type = make(s, sizeof(*type));

    type->name = "List";
    type->kind = QAPI_KIND_LIST;
    type->size = 2 * sizeof(void *);
    type->element = make_type(s, depth + 1);
    type->value_offset = sizeof(void *);
    return type;
}

/* Pointers are NULL when absent; a list is not, as it may be empty. */
static bool has_flag(QapiKind kind)
{
    return kind < QAPI_KIND_STR || kind == QAPI_KIND_ENUM ||
           kind == QAPI_KIND_LIST;
}

static void set_member(Source *s, QapiMember *member, unsigned i,
                       const QapiType *type, bool optional)
{
    member->name = make_name(s);
    member->type = type;
    member->offset = i * SLOT_BYTES;
    member->optional = optional;
    if (optional && has_flag(type->kind)) {
        member->has_offset = i * SLOT_BYTES + SLOT_BYTES / 2;
    }
}

static QapiType *make_struct(Source *s, unsigned depth)
{
    QapiType *type = make(s, sizeof(*type));
    unsigned n = take(s) % 5;
    QapiMember *members = make(s, (n + 1) * sizeof(*members));

    type->name = "Struct";
    type->kind = QAPI_KIND_STRUCT;
    type->size = (n + 1) * SLOT_BYTES;
    type->members = members;
    type->n_members = n;
    for (unsigned i = 0; i < n; i++) {
        bool optional = take(s) & 1;

        set_member(s, &members[i], i, make_type(s, depth + 1), optional);
    }
    return type;
}

/* A struct with a tag behind its members, and branches in place. */
static const QapiType *make_union(Source *s, unsigned depth)
{
    QapiType *type = make_struct(s, depth);
    unsigned n = type->n_members++;
    QapiMember *tag = (QapiMember *)&type->members[n];
    QapiBranch *branches;
    unsigned u_bytes = SLOT_BYTES;

    set_member(s, tag, n, make_enum(s), false);
    type->kind = QAPI_KIND_UNION;
    type->name = "Union";
    type->tag_index = n;
    type->u_offset = type->size;
    type->n_branches = take(s) % (tag->type->lookup->size + 1);
    branches = make(s, (type->n_branches + 1) * sizeof(*branches));
    type->branches = branches;
    for (unsigned i = 0; i < type->n_branches; i++) {
        branches[i].name = tag->type->lookup->array[i];
        branches[i].value = i;
        if (branches[i].name && take(s) % 4) {
            branches[i].type = make_struct(s, depth + 1);
            u_bytes = MAX(u_bytes, branches[i].type->size);
        }
    }
    type->size += u_bytes;
    return type;
}

static const QapiType *make_alternate(Source *s, unsigned depth)
{
    QapiType *type = make(s, sizeof(*type));
    QapiBranch *branches = make(s, 4 * sizeof(*branches));
    unsigned which = take(s);
    QapiBranch *b = branches;

    *b++ = which & 1 ? (QapiBranch){ "n", QTYPE_QNUM, &qapi_type_int }
                     : (QapiBranch){ "b", QTYPE_QBOOL, &qapi_type_bool };
    *b++ = which & 2 ? (QapiBranch){ "d", QTYPE_QDICT,
                                     make_struct(s, depth + 1) }
                     : (QapiBranch){ "z", QTYPE_QNULL, &qapi_type_null };
    if (which & 4) {
        *b++ = (QapiBranch){ "l", QTYPE_QLIST, make_list(s, depth + 1) };
    }
    if (which & 8) {
        *b++ = (QapiBranch){ "s", QTYPE_QSTRING,
                             which & 16 ? make_enum(s) : &qapi_type_str };
    }
    type->name = "Alternate";
    type->kind = QAPI_KIND_ALTERNATE;
    type->u_offset = sizeof(void *);
    type->size = type->u_offset +
                 MAX(branches[1].type->size, sizeof(uint64_t));
    type->branches = branches;
    type->n_branches = b - branches;
    return type;
}

static const QapiType *make_type(Source *s, unsigned depth)
{
    static const QapiType *const builtins[] = {
        &qapi_type_bool, &qapi_type_int8, &qapi_type_int16,
        &qapi_type_int32, &qapi_type_int, &qapi_type_uint8,
        &qapi_type_uint16, &qapi_type_uint32, &qapi_type_uint64,
        &qapi_type_size, &qapi_type_number, &qapi_type_str,
        &qapi_type_null, &qapi_type_any,
    };
    unsigned kind = take(s) % (G_N_ELEMENTS(builtins) + 5);

    if (kind < G_N_ELEMENTS(builtins)) {
        return builtins[kind];
    }
    kind -= G_N_ELEMENTS(builtins);
    if (kind == 0 || depth >= MAX_DEPTH) {
        return make_enum(s);
    }
    return kind == 1   ? make_list(s, depth)
           : kind == 2 ? make_struct(s, depth)
           : kind == 3 ? make_union(s, depth)
                       : make_alternate(s, depth);
}

/* ---- Values, as JSON text ---- */

static const char *const scalars[] = {
    "0", "1", "-1", "127", "128", "-128", "255", "256", "65535", "65536",
    "2147483648", "4294967296", "9223372036854775807",
    "-9223372036854775808", "18446744073709551615", "18446744073709551616",
    "0.5", "1e300", "-0.0", "true", "false", "null", "\"\"", "\"one\"",
    "\"on\"", "\"17\"", "\"1k\"", "\"0x10\"", "\"1-3,7\"", "\"\\u00e4\"",
    "[]", "{}", "[1, 2]", "{\"m0\": 1}",
};

static void put_value(Source *s, GString *out, const QapiType *type);

static void put_scalar(Source *s, GString *out)
{
    g_string_append(out, scalars[take(s) % G_N_ELEMENTS(scalars)]);
}

static void put_enum(Source *s, GString *out, const QapiType *type)
{
    const char *name = type->lookup->array[take(s) % type->lookup->size];

    g_string_append_printf(out, "\"%s\"", name ? name : "hole");
}

static const QapiType *put_members(Source *s, GString *out,
                                   const QapiType *type)
{
    const QapiType *branch = NULL;

    for (unsigned i = 0; i < type->n_members; i++) {
        const QapiMember *m = &type->members[i];
        bool is_tag = type->n_branches && i == type->tag_index;
        unsigned how = take(s);

        if ((m->optional && how & 1) || how == 0xfe) {
            continue;
        }
        g_string_append_printf(out, "\"%s\": ", m->name);
        if (is_tag) {
            const QapiBranch *b = &type->branches[how % type->n_branches];

            branch = b->type;
            g_string_append_printf(out, "\"%s\"", b->name ? b->name : "");
        } else {
            put_value(s, out, m->type);
        }
        g_string_append(out, ", ");
    }
    return branch;
}

static void put_object(Source *s, GString *out, const QapiType *type)
{
    g_string_append_c(out, '{');
    while (type) {
        type = put_members(s, out, type);
    }
    if (g_str_has_suffix(out->str, ", ")) {
        g_string_truncate(out, out->len - 2);
    }
    g_string_append_c(out, '}');
}

static void put_list(Source *s, GString *out, const QapiType *type)
{
    unsigned n = take(s) % 4;

    g_string_append_c(out, '[');
    for (unsigned i = 0; i < n; i++) {
        g_string_append(out, i ? ", " : "");
        put_value(s, out, type->element);
    }
    g_string_append_c(out, ']');
}

static void put_value(Source *s, GString *out, const QapiType *type)
{
    if (take(s) == 0xff) {
        put_scalar(s, out);
        return;
    }
    switch (type->kind) {
    case QAPI_KIND_BOOL:
        g_string_append(out, take(s) & 1 ? "true" : "false");
        break;
    case QAPI_KIND_STR:
        g_string_append_printf(out, "\"\\u%04x\"", 1 + take(s));
        break;
    case QAPI_KIND_NULL:
        g_string_append(out, "null");
        break;
    case QAPI_KIND_ENUM:
        put_enum(s, out, type);
        break;
    case QAPI_KIND_LIST:
        put_list(s, out, type);
        break;
    case QAPI_KIND_STRUCT:
    case QAPI_KIND_UNION:
        put_object(s, out, type);
        break;
    case QAPI_KIND_ALTERNATE:
        put_value(s, out, type->branches[take(s) % type->n_branches].type);
        break;
    default:
        put_scalar(s, out);
    }
}

/* ---- Visits ---- */

static JsonNode *to_json(const QapiType *type, void *slot)
{
    JsonNode *node = NULL;
    g_autoptr(Visitor) v = json_output_visitor_new(&node);

    qapi_type_visit(v, NULL, type, slot, &error_abort);
    visit_complete(v, &node);
    return node;
}

static void check_again(const QapiType *type, void *slot)
{
    g_autoptr(JsonNode) node = to_json(type, slot);
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(JsonNode) parsed = NULL;
    g_autoptr(Visitor) v = NULL;
    uint64_t again = 0;

    json_write(text, node, false);
    parsed = json_parse(text->str, text->len, &error_abort);
    v = json_input_visitor_new(parsed);
    qapi_type_visit(v, NULL, type, &again, &error_abort);
    g_assert_true(qapi_type_equal(type, slot, &again));
    qapi_type_free(type, &again);
}

static void check_copy(const QapiType *type, const void *slot)
{
    uint64_t copy = 0;

    qapi_type_clone(type, &copy, slot);
    g_assert_true(qapi_type_equal(type, slot, &copy));
    qapi_type_free(type, &copy);
}

static void check_text(const QapiType *type, void *slot)
{
    g_autofree char *text = NULL;
    g_autofree char *human = NULL;
    g_autoptr(Visitor) out = string_output_visitor_new(false, &text);
    g_autoptr(Visitor) out_human = string_output_visitor_new(true, &human);
    g_autoptr(Visitor) in = NULL;
    uint64_t again = 0;

    qapi_type_visit(out, "x", type, slot, &error_abort);
    visit_complete(out, &text);
    qapi_type_visit(out_human, "x", type, slot, &error_abort);
    visit_complete(out_human, &human);
    in = string_input_visitor_new(text);
    qapi_type_visit(in, "x", type, &again, &error_abort);
    g_assert_true(qapi_type_equal(type, slot, &again));
    qapi_type_free(type, &again);
}

static void check(const QapiType *type, Visitor *v)
{
    g_autoptr(Error) err = NULL;
    uint64_t slot = 0;

    if (!qapi_type_visit(v, NULL, type, &slot, &err)) {
        g_assert_nonnull(err);
        return;
    }
    g_assert_null(err);
    check_again(type, &slot);
    check_copy(type, &slot);
    if (type->kind <= QAPI_KIND_ENUM) {
        check_text(type, &slot);
    }
    qapi_type_free(type, &slot);
}

static void check_doc(const QapiType *type, JsonNode *node,
                      const GString *text)
{
    g_autoptr(JsonDoc) doc = json_doc_parse(text->str, text->len,
                                            &error_abort);
    g_autoptr(Visitor) doc_v = json_item_visitor_new(json_doc_root(doc));
    g_autoptr(Visitor) node_v = json_input_visitor_new(node);
    g_autoptr(Error) doc_err = NULL;
    g_autoptr(Error) node_err = NULL;
    uint64_t from_doc = 0;
    uint64_t from_node = 0;
    bool ok = qapi_type_visit(doc_v, NULL, type, &from_doc, &doc_err);

    g_assert_true(ok == qapi_type_visit(node_v, NULL, type, &from_node,
                                        &node_err));
    g_assert_cmpstr(error_get_pretty(doc_err), ==,
                    error_get_pretty(node_err));
    if (ok) {
        g_assert_true(qapi_type_equal(type, &from_doc, &from_node));
        qapi_type_free(type, &from_doc);
        qapi_type_free(type, &from_node);
    }
}

/* As keyval has it: all that is no object or array is text. */
static JsonNode *with_text(JsonNode *node)
{
    g_autoptr(GString) text = g_string_new(NULL);
    JsonNode *result;

    if (JSON_NODE_HOLDS_OBJECT(node)) {
        JsonObject *object = json_object_new();
        JsonObjectIter iter;
        const char *name;
        JsonNode *member;

        json_object_iter_init(&iter, json_node_get_object(node));
        while (json_object_iter_next(&iter, &name, &member)) {
            json_object_set_member(object, name, with_text(member));
        }
        result = json_node_new(JSON_NODE_OBJECT);
        json_node_take_object(result, object);
        return result;
    }
    if (JSON_NODE_HOLDS_ARRAY(node)) {
        JsonArray *array = json_array_new();
        JsonArray *from = json_node_get_array(node);

        for (unsigned i = 0; i < json_array_get_length(from); i++) {
            json_array_add_element(
                array, with_text(json_array_get_element(from, i)));
        }
        result = json_node_new(JSON_NODE_ARRAY);
        json_node_take_array(result, array);
        return result;
    }
    json_write(text, node, false);
    if (text->str[0] == '"') {
        g_string_truncate(text, text->len - 1);
        g_string_erase(text, 0, 1);
    }
    return json_text_new(text->str);
}

/* Bytes choose types and values, so any change of them is one of these. */
const FuzzMutator fuzz_mutator = { mutate_bytes };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GPtrArray) garbage = g_ptr_array_new_with_free_func(g_free);
    Source source = { data, data + size, garbage, 0 };
    const QapiType *type = make_type(&source, 0);
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(JsonNode) node = NULL;
    g_autoptr(JsonNode) keyval = NULL;
    g_autoptr(Visitor) v = NULL;
    g_autoptr(Visitor) keyval_v = NULL;

    put_value(&source, text, type);
    node = json_parse(text->str, text->len, &error_abort);
    v = json_input_visitor_new(node);
    check(type, v);
    check_doc(type, node, text);
    keyval = with_text(node);
    keyval_v = json_input_visitor_new_keyval(keyval);
    check(type, keyval_v);
    return 0;
}
