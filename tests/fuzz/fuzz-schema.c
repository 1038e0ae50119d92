/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The front end of the schema compiler: any text is a schema, about which there
 * may be warnings, or yields diagnostics.  Each is on a line, and the same text
 * yields the same diagnostics.
 */
#include "qapi/compiler/compiler.h"
#include "tests/fuzz/fuzz.h"

/* Includes are looked for where there are none. */
#define PATH "/nowhere/fuzz.json"

static void mutate(GString *text, MutateRandom *r)
{
    static const char *const keys[] = {
        "include", "pragma", "enum", "struct", "union", "alternate",
        "command", "event", "class", "data", "base", "discriminator",
        "returns", "boxed", "gen", "success-response", "allow-oob",
        "allow-preconfig", "coroutine", "if", "features", "name", "type",
        "prefix", "all", "any", "not", "parent", "abstract", "interfaces",
        "c-type", "properties", "default", "min", "max", "unit", "set",
        "notify", "doc-required", "*opt", NULL,
    };
    static const char *const values[] = {
        "str", "int", "bool", "number", "null", "any", "size", "uint8",
        "QType", "CONFIG_A", "deprecated", "unstable", "link<object>",
        "child<object>", "any-time", "create", "never", "Enum", "Struct",
        "Union", "Alternate", "ns", NULL,
    };
    static const MutateWords words = { keys, values };

    mutate_json(text, r, &words);
}

const FuzzMutator fuzz_mutator = { mutate, mutate_json_cross };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    g_autoptr(Error) err = NULL;
    g_autoptr(Error) again_err = NULL;
    g_autoptr(QapiSchema) schema = qapi_schema_load_text(PATH, text, size,
                                                         &err);
    g_autoptr(QapiSchema) again = qapi_schema_load_text(PATH, text, size,
                                                        &again_err);

    g_assert_true(!schema == !!err);
    g_assert_true(!again == !schema);
    g_assert_cmpstr(error_get_pretty(err), ==, error_get_pretty(again_err));
    if (err) {
        g_assert_true(g_str_has_suffix(error_get_pretty(err), "\n"));
    } else {
        g_autoptr(GString) warnings = g_string_new(NULL);

        if (qapi_schema_lint(schema, warnings) > 0) {
            g_assert_true(g_str_has_suffix(warnings->str, "]\n"));
        }
    }
    return 0;
}
