/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any text of a comment becomes a manual in each format, the same one each
 * time, and in HTML every element is closed.  It can also be searched for
 * faults without harm.
 */
#include "qapi/compiler/compiler.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

/* Lines of reST that mean something; each is inserted with any indentation. */
static const char *const lines[] = {
    "- item", "* item", "1. first", "#. next", "::", "text::", "term",
    ":field: value", ".. note:: text", ".. qmp-example::", ":annotated:",
    ":title: x", ".. list-table::", "* - cell", "  - cell", ".. comment",
    "+---+---+", "| a | b |", "+===+===+", "=== ===", "a   b", "*****",
    "====", "Title", "``code`` **strong** *em* `doc` :r:`t <u>`",
    "https://example.org/x. `a <b>`_ \\*no* @name", "",
};

static size_t line_start(const GString *text, MutateRandom *r)
{
    size_t at = mutate_below(r, text->len + 1);

    while (at > 0 && text->str[at - 1] != '\n') {
        at--;
    }
    return at;
}

/* Inserts or removes a line, or changes its indentation. */
static void mutate(GString *text, MutateRandom *r)
{
    size_t at = line_start(text, r);
    size_t blanks = mutate_below(r, 7);
    g_autofree char *line = NULL;

    switch (mutate_below(r, 4)) {
    case 0:
        mutate_bytes(text, r);
        break;
    case 1:
        mutate_splice(text, at, strcspn(text->str + at, "\n"), "", 0);
        break;
    case 2:
        line = g_strdup_printf("%*s", (int)blanks, "");
        mutate_splice(text, at, strspn(text->str + at, " "), line, blanks);
        break;
    default:
        line = g_strdup_printf("%*s%s\n", (int)blanks, "",
                               MUTATE_PICK(r, lines));
        mutate_splice(text, at, 0, line, strlen(line));
    }
}

const FuzzMutator fuzz_mutator = { mutate };

/* Returns (transfer full) a schema whose comments are the text; NULL if bad. */
static QapiSchema *load(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(GStrv) parts = g_strsplit(text, "\n", -1);
    g_autoptr(GString) comment = g_string_new(NULL);
    /* its rules reject the fewest texts */
    g_autoptr(GString) schema =
        g_string_new("{ 'pragma': { 'language': '7.2' } }\n##\n");

    for (char **part = parts; *part; part++) {
        g_string_append_printf(comment, "%s%s\n", **part ? "# " : "#", *part);
    }
    g_string_append_printf(schema, "# \n%s##\n##\n# @doc:\n#\n%s##\n"
                           "{ 'command': 'doc' }\n", comment->str,
                           comment->str);
    return qapi_schema_load_text("fuzz.json", schema->str, schema->len, NULL);
}

/* Each opening tag has its closing one; only three elements have none. */
static void check_html(const char *p)
{
    g_autoptr(GPtrArray) open = g_ptr_array_new_with_free_func(g_free);

    while ((p = strchr(p, '<'))) {
        bool closes = p[1] == '/';
        const char *name = p + 1 + closes;
        g_autofree char *tag = g_strndup(name, strcspn(name, " >"));

        p = strchr(p, '>');
        g_assert_nonnull(p);
        if (closes) {
            g_assert_cmpuint(open->len, >, 0);
            g_assert_cmpstr(tag, ==, open->pdata[open->len - 1]);
            g_ptr_array_set_size(open, open->len - 1);
            continue;
        }
        if (!strcmp(tag, "style") || !strcmp(tag, "script")) {
            p = strstr(p, "</");
            p = strchr(p, '>');
        } else if (*tag != '!' && strcmp(tag, "meta") &&
                   strcmp(tag, "input")) {
            g_ptr_array_add(open, g_steal_pointer(&tag));
        }
    }
    g_assert_cmpuint(open->len, ==, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(QapiSchema) schema = load(data, size);
    g_autoptr(GString) warnings = g_string_new(NULL);

    if (schema) {
        qapi_schema_lint(schema, warnings);
    }
    for (int form = QAPI_MANUAL_HTML; schema && form <= QAPI_MANUAL_MD;
         form++) {
        g_autoptr(GString) out = g_string_new(NULL);
        g_autoptr(GString) again = g_string_new(NULL);

        qapi_schema_manual(schema, form, out);
        qapi_schema_manual(schema, form, again);
        g_assert_cmpstr(out->str, ==, again->str);
        if (form == QAPI_MANUAL_HTML) {
            check_html(out->str);
        }
    }
    return 0;
}
