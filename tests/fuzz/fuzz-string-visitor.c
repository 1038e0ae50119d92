/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Plain text as a value of each type that has a text form: what is read can be
 * written, and what is written reads as the same value.
 */
#include "qapi/visitor/string-visitor.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static char *to_text(const QapiType *type, void *obj, bool human)
{
    char *text = NULL;
    g_autoptr(Visitor) v = string_output_visitor_new(human, &text);

    qapi_type_visit(v, "x", type, obj, &error_abort);
    visit_complete(v, &text);
    return text;
}

static bool from_text(const QapiType *type, const char *text, void *obj,
                      Error **errp)
{
    g_autoptr(Visitor) v = string_input_visitor_new(text);

    return qapi_type_visit(v, "x", type, obj, errp);
}

/* A list is written sorted, and ranges may join: compare its text. */
static void check_again(const QapiType *type, const char *text)
{
    g_autofree char *again = NULL;
    g_autoptr(Error) err = NULL;
    uint64_t slot = 0;

    if (from_text(type, text, &slot, &err)) {
        again = to_text(type, &slot, false);
        g_assert_cmpstr(text, ==, again);
        qapi_type_free(type, &slot);
        return;
    }
    /* A joined range may have grown beyond what is taken. */
    g_assert_true(type->kind == QAPI_KIND_LIST);
}

static void check(const QapiType *type, const char *text)
{
    g_autofree char *plain = NULL;
    g_autofree char *human = NULL;
    g_autoptr(Error) err = NULL;
    uint64_t slot = 0;

    if (!from_text(type, text, &slot, &err)) {
        g_assert_nonnull(err);
        g_assert_cmpuint(slot, ==, 0);
        return;
    }
    g_assert_null(err);
    plain = to_text(type, &slot, false);
    human = to_text(type, &slot, true);
    qapi_type_free(type, &slot);
    check_again(type, plain);
}

const FuzzMutator fuzz_mutator = { mutate_scalar_text };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const QapiType *const types[] = {
        &qapi_type_bool, &qapi_type_int8, &qapi_type_int64,
        &qapi_type_uint16, &qapi_type_uint64, &qapi_type_size,
        &qapi_type_number, &qapi_type_str, &qapi_type_null, &qapi_type_any,
        &qapi_type_QType, &qapi_type_intList, &qapi_type_uint64List,
        &qapi_type_uint8List, &qapi_type_strList,
    };
    g_autofree char *text = g_strndup((const char *)data, MIN(size, 256));
    size_t i;

    for (i = 0; i < G_N_ELEMENTS(types); i++) {
        check(types[i], text);
    }
    return 0;
}
