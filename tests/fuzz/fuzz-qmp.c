/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A QMP client: whatever it sends after the negotiation, each line of the
 * reply is one JSON object of a known form, and the replies are the same
 * however the input is cut.
 */
#include "qmp/qmp-session-internal.h"
#include "qom/object.h"
#include "qom/user-creatable.h"
#include "tests/fuzz/fuzz.h"
#include "util/module.h"

#include <stdbool.h>
#include <string.h>

#define NEGOTIATE "{\"execute\": \"qmp_capabilities\"}\n"

typedef struct Fuzz {
    Object parent_obj;
    bool flag;
    int64_t count;
    uint8_t small;
    double number;
    char *text;
    Object *peer;
} Fuzz;

static const PropertyRow fuzz_rows[] = {
    { .name = "flag", .type = &qapi_type_bool,
      .offset = offsetof(Fuzz, flag) },
    { .name = "count", .type = &qapi_type_int,
      .offset = offsetof(Fuzz, count),
      .flags = PROPERTY_HAS_DEFAULT | PROPERTY_HAS_MIN, .def = { .i = 1 } },
    { .name = "small", .type = &qapi_type_uint8,
      .offset = offsetof(Fuzz, small) },
    { .name = "number", .type = &qapi_type_number,
      .offset = offsetof(Fuzz, number) },
    { .name = "text", .type = &qapi_type_str,
      .offset = offsetof(Fuzz, text) },
    { }
};

static void fuzz_class_init(ObjectClass *klass, const void *data)
{
    object_class_add_properties(klass, fuzz_rows);
    object_class_property_add_link(klass, "peer", "fuzz",
                                   offsetof(Fuzz, peer),
                                   object_property_allow_set_link,
                                   OBJ_PROP_LINK_STRONG);
}

static const TypeInfo fuzz_types[] = {
    { .name = "fuzz", .parent = TYPE_OBJECT, .instance_size = sizeof(Fuzz),
      .class_init = fuzz_class_init,
      .interfaces = (const InterfaceInfo[]) { { TYPE_USER_CREATABLE },
                                              { } } },
};

DEFINE_TYPES(fuzz_types)

static void run(QmpSession *s)
{
    while (qmp_session_has_requests(s)) {
        qmp_session_run(s, G_USEC_PER_SEC);
        if (qmp_session_unsent(s) >= QMP_OUTPUT_LIMIT) {
            return;
        }
    }
}

/* Returns: (transfer full) what the client gets, up to the output limit */
static GString *talk(const char *data, size_t size, size_t piece)
{
    g_autoptr(QmpSession) s = qmp_session_new(false);
    GString *out = g_string_new(NULL);

    qmp_session_feed(s, NEGOTIATE, strlen(NEGOTIATE));
    for (size_t at = 0; at < size; at += piece) {
        qmp_session_feed(s, data + at, MIN(piece, size - at));
    }
    qmp_session_end_input(s);
    run(s);
    g_string_append_len(out, s->out->str, s->out->len);
    user_creatable_cleanup();
    return out;
}

static void check_line(const char *line, size_t len)
{
    g_autoptr(JsonNode) node = json_parse(line, len, &error_abort);
    JsonObject *object = json_node_get_object(node);

    g_assert_true(json_object_has_member(object, "return") ||
                  json_object_has_member(object, "error") ||
                  json_object_has_member(object, "QMP"));
}

static void check_lines(const GString *out)
{
    const char *line = out->str;
    const char *end;

    while ((end = strstr(line, "\r\n"))) {
        check_line(line, end - line);
        line = end + 2;
    }
    g_assert_cmpuint(strlen(line), ==, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GString) whole = NULL;
    g_autoptr(GString) cut = NULL;

    module_call_init(MODULE_INIT_QOM);
    module_call_init(MODULE_INIT_QMP);
    whole = talk((const char *)data, size, MAX(size, 1));
    cut = talk((const char *)data, size, 7);
    check_lines(whole);
    g_assert_cmpstr(whole->str, ==, cut->str);
    return 0;
}
