/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The schema compiler: reading and checking schemas that look like QEMU's, and
 * generating all C code from them.
 *
 * An operation is a whole schema.  The cost per line should not grow with the
 * size.  The floor reads each byte once to find the ends of lines.
 */
#include "qapi/compiler/compiler.h"
#include "tests/bench/bench.h"

#include <stdlib.h>
#include <string.h>

typedef struct Load {
    GString *text;
    uint64_t n_lines;
} Load;

static void append_group(GString *text, unsigned i)
{
    g_string_append_printf(
        text,
        "##\n# @Kind%u:\n#\n# What it can be, in group %u.\n#\n"
        "# @first: the first of them\n#\n# @second: the one after it\n#\n"
        "# Since: 1.0\n##\n"
        "{ 'enum': 'Kind%u',\n  'data': [ 'first', 'second' ] }\n\n"
        "##\n# @Thing%u:\n#\n# A thing with members.\n#\n"
        "# @name: what it is called\n#\n"
        "# @kind: what it is, which takes a second line to say\n"
        "#     as descriptions often do\n#\n# @others: those near it\n#\n"
        "# Since: 1.0\n##\n"
        "{ 'struct': 'Thing%u',\n  'data': { 'name': 'str',\n"
        "            '*kind': 'Kind%u',\n"
        "            'others': [ 'Thing%u' ] } }\n\n"
        "##\n# @query-thing-%u:\n#\n# Ask for things.\n#\n"
        "# @name: of that name\n#\n# Returns: things\n#\n# Since: 1.0\n##\n"
        "{ 'command': 'query-thing-%u',\n  'data': { '*name': 'str' },\n"
        "  'returns': [ 'Thing%u' ] }\n\n",
        i, i, i, i, i, i, i ? i - 1 : 0, i, i, i);
}

static void *make_load(const void *arg)
{
    uint64_t wanted = GPOINTER_TO_SIZE(arg);
    Load *load = g_new0(Load, 1);
    gsize counted = 0;

    load->text = g_string_new(NULL);
    for (unsigned i = 0; load->n_lines < wanted; i++) {
        append_group(load->text, i);
        for (; counted < load->text->len; counted++) {
            load->n_lines += load->text->str[counted] == '\n';
        }
    }
    return load;
}

static void free_load(void *state)
{
    Load *load = state;

    g_string_free(load->text, TRUE);
    g_free(load);
}

static QapiSchema *compile(const Load *load)
{
    return qapi_schema_load_text("bench.json", load->text->str,
                                 load->text->len, &error_abort);
}

static void check(void *state, uint64_t n)
{
    while (n--) {
        qapi_schema_free(compile(state));
    }
}

/* All files are made to be listed; none is written. */
static void generate(void *state, uint64_t n)
{
    while (n--) {
        g_autoptr(QapiSchema) schema = compile(state);
        g_autoptr(GString) names = g_string_new(NULL);

        qapi_schema_list_files(schema, NULL, names);
        BENCH_KEEP(names->str);
    }
}

static void count_lines(void *state, uint64_t n)
{
    const Load *load = state;

    while (n--) {
        const char *p = load->text->str;
        uint64_t lines = 0;

        while ((p = strchr(p, '\n'))) {
            lines++;
            p++;
        }
        BENCH_KEEP(lines);
    }
}

#define SCHEMA_CASE(what, run_it, lines)                                  \
    {                                                                     \
        .name = "compiler/" what "/" #lines "-lines",                     \
        .arg = GSIZE_TO_POINTER(lines),                                   \
        .ours = { .name = "ours", .setup = make_load, .run = run_it,      \
                  .teardown = free_load },                                \
        .peers = { { .name = "floor", .setup = make_load,                 \
                     .run = count_lines, .teardown = free_load } },       \
    }

static const BenchCase cases[] = {
    SCHEMA_CASE("check", check, 1000),
    SCHEMA_CASE("check", check, 26000),
    SCHEMA_CASE("check", check, 1000000),
    SCHEMA_CASE("generate", generate, 26000),
    SCHEMA_CASE("generate", generate, 1000000),
    { NULL },
};

int main(int argc, char **argv)
{
    return bench_main(argc, argv, cases);
}
