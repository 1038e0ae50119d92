/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Cases of the schema compiler: all verbs of qapi for one schema. */
#include "qapi/compiler/compiler.h"
#include "qapi/json/json.h"
#include "tests/cost/cost.h"

#include <glib/gstdio.h>
#include <string.h>

/* ---- All verbs ---- */

static void generate(QapiSchema *schema)
{
    g_autofree char *folder = g_dir_make_tmp(NULL, NULL);
    QapiGenerate options = { .folder = folder };
    g_autoptr(GString) files = g_string_new(NULL);
    g_auto(GStrv) names = NULL;

    qapi_schema_generate(schema, &options, NULL);
    qapi_schema_list_files(schema, NULL, files);
    names = g_strsplit(files->str, "\n", -1);
    for (char **name = names; *name; name++) {
        g_autofree char *path = g_build_filename(folder, *name, NULL);

        g_unlink(path);
    }
    g_rmdir(folder);
}

/* @other: the same, or nothing in common */
static void diff(JsonNode *info, JsonNode *other)
{
    QapiDiffSide old = { "old", info };
    QapiDiffSide new = { "new", other };
    g_autoptr(GString) out = g_string_new(NULL);
    bool breaks;

    qapi_schema_diff(&old, &new, out, &breaks, NULL);
    qapi_schema_diff(&new, &old, out, &breaks, NULL);
}

static void use_info(const char *text)
{
    g_autoptr(JsonNode) info = json_parse(text, -1, &error_abort);
    g_autoptr(JsonNode) empty = json_parse("[]", -1, &error_abort);

    qapi_schema_free(qapi_schema_load_info("info", info, NULL));
    diff(info, info);
    diff(info, empty);
}

static void run_schema(const char *text)
{
    g_autoptr(QapiSchema) schema = qapi_schema_load_text("x.json", text,
                                                         strlen(text),
                                                         &error_abort);
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GString) info = g_string_new(NULL);

    qapi_schema_show(schema, NULL, out, NULL);
    qapi_schema_show(schema, "First", out, NULL);
    for (int format = 0; format <= QAPI_MANUAL_MD; format++) {
        qapi_schema_manual(schema, format, out);
    }
    generate(schema);
    qapi_schema_lint(schema, out);
    qapi_schema_introspect(schema, true, info);
    use_info(info->str);
}

/* Code alone, for schemas that are large enough for a single line of it. */
static void run_generate(const char *text)
{
    g_autoptr(QapiSchema) schema = qapi_schema_load_text("x.json", text,
                                                         strlen(text),
                                                         &error_abort);

    generate(schema);
}

/* What is no schema has only errors. */
static void run_broken(const char *text)
{
    g_autoptr(QapiSchema) schema = qapi_schema_load_text("x.json", text,
                                                         strlen(text), NULL);

    g_assert_null(schema);
}

/* ---- Schemas ---- */

#define FIRST "{ 'struct': 'First', 'data': { 'm': 'int' } }\n"

static void make_structs(GString *text, unsigned n)
{
    g_string_append(text, FIRST);
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(text, "{ 'struct': 'Sa%u', 'data':"
                               " { 'm': 'First' } }\n", i);
    }
}

static void make_commands(GString *text, unsigned n)
{
    g_string_append(text, FIRST);
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(text, "{ 'command': 'c%u', 'data':"
                               " { 'a': 'First' }, 'returns': ['First'] }\n"
                               "{ 'event': 'E%u', 'data': 'First' }\n", i, i);
    }
}

static void make_members(GString *text, unsigned n)
{
    g_string_append(text, "{ 'struct': 'First', 'data': { 'm': 'int'");
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(text, ", '*m%u': 'int'", i);
    }
    g_string_append(text, "} }\n{ 'command': 'c', 'data': 'First' }\n");
}

static void make_parameters(GString *text, unsigned n)
{
    g_string_append(text, "{ 'command': 'c', 'data': { 'm': 'int'");
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(text, ", 'm%u': 'int'", i);
    }
    g_string_append(text, "} }\n");
}

static void make_values(GString *text, unsigned n)
{
    g_string_append(text, "{ 'enum': 'First', 'data': [ 'v'");
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(text, ", 'v%u'", i);
    }
    g_string_append(text, "] }\n{ 'command': 'c', 'data': {'a': 'First'} }\n");
}

static void make_branches(GString *text, unsigned n)
{
    make_values(text, n);
    g_string_append(text, "{ 'struct': 'Aa', 'data': {} }\n"
                    "{ 'union': 'Uu', 'base': { 'd': 'First' },"
                    " 'discriminator': 'd', 'data': { 'v': 'Aa'");
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(text, ", 'v%u': 'Aa'", i);
    }
    g_string_append(text, "} }\n{ 'command': 'd', 'returns': 'Uu' }\n");
}

static void make_chain(GString *text, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(text, "{ 'struct': 'Sa%u', 'data':"
                               " { 'm': 'Sa%u' } }\n", i, i + 1);
    }
    g_string_append_printf(text, "{ 'struct': 'Sa%u', 'data': {} }\n"
                           "{ 'command': 'c', 'data': 'Sa0' }\n" FIRST, n);
}

static void make_classes(GString *text, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(text, "{ 'class': 'c%u', 'properties': {"
                               " 'p': { 'type': 'int', 'default': 1 } } }\n",
                               i);
    }
}

static void make_properties(GString *text, unsigned n)
{
    g_string_append(text, "{ 'class': 'c', 'properties': {"
                    " 'p': { 'type': 'int' }");
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(text, ", 'p%u': { 'type': 'int' }", i);
    }
    g_string_append(text, "} }\n");
}

static void make_conditions(GString *text, unsigned n)
{
    g_string_append(text, "{ 'struct': 'First', 'data': {},"
                    " 'if': { 'any': [ 'A'");
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(text, ", 'A%u'", i);
    }
    g_string_append(text, "] } }\n");
}

static void make_docs(GString *text, unsigned n)
{
    g_string_append(text, "##\n# @First:\n#\n# A struct.\n#\n"
                    "# @m: a number\n#\n");
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(text, "# @m%u: a member with a text\n#\n", i);
    }
    g_string_append(text, "# Since: 1\n##\n"
                    "{ 'struct': 'First', 'data': { 'm': 'int'");
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(text, ", '*m%u': 'int'", i);
    }
    g_string_append(text, "} }\n");
}

static void make_doc_text(GString *text, unsigned n)
{
    g_string_append(text, "##\n# @First:\n#\n");
    for (unsigned i = 0; i < n; i++) {
        g_string_append(text, "# A line of *text*, with ``code``, @First.\n");
        g_string_append(text, i % 8 ? "" : "#\n");
    }
    g_string_append(text, "#\n# @m: a number\n##\n" FIRST);
}

/* A comment whose lines are those of @lines, again and again. */
static void append_markup(GString *text, const char *const *lines, unsigned n)
{
    g_string_append(text, "##\n# @First:\n#\n");
    for (unsigned i = 0; i < n; i++) {
        for (unsigned k = 0; lines[k]; k++) {
            g_string_append_printf(text, "#%s%s\n", *lines[k] ? " " : "",
                                   lines[k]);
        }
    }
    g_string_append(text, "#\n# @m: a number\n##\n" FIRST);
}

static void make_doc_list(GString *text, unsigned n)
{
    static const char *const lines[] = {
        "- an item", "", "  - inside", "", "1. a number", "", "term",
        "  definition", "", ".. note:: text", "", NULL,
    };

    append_markup(text, lines, n);
}

static void make_doc_table(GString *text, unsigned n)
{
    static const char *const lines[] = { "| a | b |", "+---+---+", NULL };

    append_markup(text, lines, n);
    /* one table: the rule of its first line comes first */
    g_string_insert(text, strlen("##\n# @First:\n#\n"), "# +---+---+\n");
}

/* Each line is indented more than the one before it, and opens much. */
static void make_doc_nested(GString *text, unsigned n)
{
    g_string_append(text, "##\n# @First:\n#\n");
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(text, "# %*s- *a **b `c ``d\n#\n",
                               (int)(i % 40), "");
    }
    g_string_append(text, "#\n# @m: a number\n##\n" FIRST);
}

/* Whether the comment is that of a class is found out at its end. */
static void make_doc_class(GString *text, unsigned n)
{
    g_string_append(text, "##\n# @first:\n#\n");
    for (unsigned i = 0; i < n; i++) {
        g_string_append(text, "# A sentence. Another one.\n");
    }
    g_string_append(text, "##\n{ 'class': 'first' }\n");
}

/* Every line has a warning, and every name resembles all members. */
static void make_warnings(GString *text, unsigned n)
{
    g_string_append(text, "{ 'pragma': { 'language': '10.0' } }\n"
                          "##\n# @First:\n#\n");
    for (unsigned i = 0; i < n; i++) {
        g_string_append(text, "# A sentence. Another one with @member.\n");
    }
    g_string_append(text, "#\n# @members: a number\n##\n{ 'struct': 'First',"
                          " 'data': { 'members': 'int' } }\n");
}

static void make_errors(GString *text, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(text, "{ 'struct': 'a%u', 'data':"
                               " { 'm': 'Nothing' } }\n", i);
    }
}

static void make_same(GString *text, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        g_string_append(text, FIRST);
    }
}

const CostCase cost_compiler_cases[] = {
    { "schema/structs", 100, make_structs, run_schema },
    { "schema/commands", 40, make_commands, run_schema },
    { "schema/members", 100, make_members, run_schema },
    { "schema/parameters", 4000, make_parameters, run_generate },
    { "schema/values", 100, make_values, run_schema },
    { "schema/branches", 50, make_branches, run_schema },
    { "schema/chain", 50, make_chain, run_schema },
    { "schema/classes", 50, make_classes, run_schema },
    { "schema/properties", 200, make_properties, run_schema },
    { "schema/conditions", 200, make_conditions, run_schema },
    { "schema/docs", 100, make_docs, run_schema },
    { "schema/doc-warnings", 200, make_warnings, run_schema },
    { "schema/doc-text", 200, make_doc_text, run_schema },
    { "schema/doc-list", 50, make_doc_list, run_schema },
    { "schema/doc-table", 100, make_doc_table, run_schema },
    { "schema/doc-nested", 100, make_doc_nested, run_schema },
    { "schema/doc-class", 1000, make_doc_class, run_schema },
    { "schema/errors", 200, make_errors, run_broken },
    { "schema/same", 200, make_same, run_broken },
    { }
};
