/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Visiting a nested struct by its type descriptor, compared with functions
 * written for the struct, as a generator of functions would write them (the
 * peer "body"). Both end in the same calls of the same visitor.
 */
#include "qapi/visitor/json-visitor.h"
#include "qapi/json/json.h"
#include "qapi/qapi-builtin-types.h"
#include "tests/bench/bench.h"

typedef struct Inner {
    char *name;
    int64_t first;
    bool has_second;
    int64_t second;
    bool flag;
} Inner;

typedef struct Outer {
    char *id;
    Inner *one;
    Inner *two;
    bool has_size;
    uint64_t size;
    double ratio;
    bool has_tags;
    strList *tags;
} Outer;

static const QapiMember inner_members[] = {
    { .name = "name", .type = &qapi_type_str,
      .offset = offsetof(Inner, name) },
    { .name = "first", .type = &qapi_type_int,
      .offset = offsetof(Inner, first) },
    { .name = "second", .type = &qapi_type_int,
      .offset = offsetof(Inner, second),
      .has_offset = offsetof(Inner, has_second), .optional = true },
    { .name = "flag", .type = &qapi_type_bool,
      .offset = offsetof(Inner, flag) },
};

static const QapiType inner_type = {
    .name = "Inner",
    .kind = QAPI_KIND_STRUCT,
    .size = sizeof(Inner),
    .members = inner_members,
    .n_members = G_N_ELEMENTS(inner_members),
};

static const QapiMember outer_members[] = {
    { .name = "id", .type = &qapi_type_str, .offset = offsetof(Outer, id) },
    { .name = "one", .type = &inner_type, .offset = offsetof(Outer, one) },
    { .name = "two", .type = &inner_type, .offset = offsetof(Outer, two),
      .optional = true },
    { .name = "size", .type = &qapi_type_size,
      .offset = offsetof(Outer, size),
      .has_offset = offsetof(Outer, has_size), .optional = true },
    { .name = "ratio", .type = &qapi_type_number,
      .offset = offsetof(Outer, ratio) },
    { .name = "tags", .type = &qapi_type_strList,
      .offset = offsetof(Outer, tags),
      .has_offset = offsetof(Outer, has_tags), .optional = true },
};

static const QapiType outer_type = {
    .name = "Outer",
    .kind = QAPI_KIND_STRUCT,
    .size = sizeof(Outer),
    .members = outer_members,
    .n_members = G_N_ELEMENTS(outer_members),
};

static const char text[] =
    "{\"id\": \"disk0\", \"one\": {\"name\": \"a\", \"first\": 1,"
    " \"second\": 2, \"flag\": true}, \"two\": {\"name\": \"b\","
    " \"first\": 3, \"flag\": false}, \"size\": 4096, \"ratio\": 1.5,"
    " \"tags\": [\"x\", \"y\", \"z\"]}";

/* ---- Bodies ---- */

static bool body_inner_members(Visitor *v, Inner *obj, Error **errp)
{
    if (!visit_type_str(v, "name", &obj->name, errp) ||
        !visit_type_int(v, "first", &obj->first, errp)) {
        return false;
    }
    if (visit_optional(v, "second", &obj->has_second)) {
        if (!visit_type_int(v, "second", &obj->second, errp)) {
            return false;
        }
    }
    return visit_type_bool(v, "flag", &obj->flag, errp);
}

static bool body_inner(Visitor *v, const char *name, Inner **obj,
                       Error **errp)
{
    bool ok;

    if (!visit_start_struct(v, name, (void **)obj, sizeof(Inner), errp)) {
        return false;
    }
    ok = body_inner_members(v, *obj, errp) && visit_check_struct(v, errp);
    visit_end_struct(v, (void **)obj);
    return ok;
}

static bool body_tags(Visitor *v, const char *name, strList **obj,
                      Error **errp)
{
    strList *tail;
    bool ok = true;

    if (!visit_start_list(v, name, (GenericList **)obj, sizeof(**obj),
                          errp)) {
        return false;
    }
    for (tail = *obj; tail && ok;
         tail = (strList *)visit_next_list(v, (GenericList *)tail,
                                           sizeof(*tail))) {
        ok = visit_type_str(v, NULL, &tail->value, errp);
    }
    ok = ok && visit_check_list(v, errp);
    visit_end_list(v, (void **)obj);
    return ok;
}

static bool body_outer_members(Visitor *v, Outer *obj, Error **errp)
{
    bool has_two = obj->two != NULL;

    if (!visit_type_str(v, "id", &obj->id, errp) ||
        !body_inner(v, "one", &obj->one, errp)) {
        return false;
    }
    if (visit_optional(v, "two", &has_two)) {
        if (!body_inner(v, "two", &obj->two, errp)) {
            return false;
        }
    }
    if (visit_optional(v, "size", &obj->has_size)) {
        if (!visit_type_size(v, "size", &obj->size, errp)) {
            return false;
        }
    }
    if (!visit_type_number(v, "ratio", &obj->ratio, errp)) {
        return false;
    }
    return !visit_optional(v, "tags", &obj->has_tags) ||
           body_tags(v, "tags", &obj->tags, errp);
}

static bool body_outer(Visitor *v, Outer **obj, Error **errp)
{
    bool ok;

    if (!visit_start_struct(v, NULL, (void **)obj, sizeof(Outer), errp)) {
        return false;
    }
    ok = body_outer_members(v, *obj, errp) && visit_check_struct(v, errp);
    visit_end_struct(v, (void **)obj);
    return ok;
}

static bool table_outer(Visitor *v, Outer **obj, Error **errp)
{
    return qapi_type_visit(v, NULL, &outer_type, obj, errp);
}

/* ---- Loads ---- */

typedef bool VisitOuter(Visitor *v, Outer **obj, Error **errp);

static void *input_setup(const void *arg)
{
    return json_parse(text, -1, &error_abort);
}

static void input_teardown(void *state)
{
    json_node_unref(state);
}

static inline void input(void *state, uint64_t n, VisitOuter *visit)
{
    while (n--) {
        Visitor *v = json_input_visitor_new(state);
        Outer *outer = NULL;

        visit(v, &outer, &error_abort);
        visit_free(v);
        BENCH_KEEP(outer);
        qapi_type_free(&outer_type, &outer);
    }
}

static void input_table(void *state, uint64_t n)
{
    input(state, n, table_outer);
}

static void input_body(void *state, uint64_t n)
{
    input(state, n, body_outer);
}

static void *output_setup(const void *arg)
{
    g_autoptr(JsonNode) node = input_setup(arg);
    Visitor *v = json_input_visitor_new(node);
    Outer *outer = NULL;

    table_outer(v, &outer, &error_abort);
    visit_free(v);
    return outer;
}

static void output_teardown(void *state)
{
    qapi_type_free(&outer_type, &state);
}

static inline void output(void *state, uint64_t n, VisitOuter *visit)
{
    Outer *outer = state;

    while (n--) {
        JsonNode *node = NULL;
        Visitor *v = json_output_visitor_new(&node);

        visit(v, &outer, &error_abort);
        visit_complete(v, &node);
        visit_free(v);
        BENCH_KEEP(node);
        json_node_unref(node);
    }
}

static void output_table(void *state, uint64_t n)
{
    output(state, n, table_outer);
}

static void output_body(void *state, uint64_t n)
{
    output(state, n, body_outer);
}

static const BenchCase cases[] = {
    {
        .name = "visit/struct/input",
        .ours = { .name = "ours", .setup = input_setup, .run = input_table,
                  .teardown = input_teardown },
        .peers = { { .name = "body", .setup = input_setup,
                     .run = input_body, .teardown = input_teardown } },
    },
    {
        .name = "visit/struct/output",
        .ours = { .name = "ours", .setup = output_setup,
                  .run = output_table, .teardown = output_teardown },
        .peers = { { .name = "body", .setup = output_setup,
                     .run = output_body, .teardown = output_teardown } },
    },
    { NULL },
};

int main(int argc, char **argv)
{
    return bench_main(argc, argv, cases);
}
