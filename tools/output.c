/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writing results and messages.
 *
 * A result is completed in memory and then written at once.  If any of it
 * cannot be written, the exit code is EXIT_FAILED.
 *
 * Texts from outside are made *safe* before a terminal shows them, because it
 * would act on control characters in them.
 */
#include "tools/output.h"
#include "qapi/json/json.h"
#include "util/safe-text.h"
#include "util/standard-fds.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define COLUMN_MAX_WIDTH 100
#define COLUMN_GAP 2

static const char *program_name;
static bool is_terminal; /* stdout is one */
static bool colours;     /* output_paint() uses them */

/* Returns true if a variable of the environment is set and not empty. */
static bool is_set(const char *variable)
{
    const char *value = g_getenv(variable);

    return value && *value;
}

void output_init(const char *program)
{
    program_name = program;
    if (!standard_fds_open()) {
        _exit(EXIT_FAILED);
    }
    /* Writing to a closed pipe then fails with EPIPE, which is reported. */
    signal(SIGPIPE, SIG_IGN);
    is_terminal = isatty(STDOUT_FILENO);
    colours = is_terminal && !is_set("NO_COLOR") &&
              is_set("TERM") && strcmp(g_getenv("TERM"), "dumb");
}

void output_append_value(GString *out, JsonNode *node)
{
    const char *text = json_qtype(node) == QTYPE_QSTRING
                           ? json_node_get_string(node)
                           : NULL;

    if (text && safe_text_check(text, "")) {
        g_string_append(out, text);
    } else {
        json_write(out, node, false);
    }
}

/* ---- Results ---- */

void output_paint(GString *out, Paint paint, const char *text)
{
    static const char *const codes[] = {
        [PAINT_GOOD] = "32",
        [PAINT_BAD] = "31",
        [PAINT_NEWS] = "33",
        [PAINT_TITLE] = "1",
    };

    if (colours) {
        g_string_append_printf(out, "\033[%sm%s\033[0m", codes[paint], text);
    } else {
        g_string_append(out, text);
    }
}

/* Characters are counted, because cutting one in two would not be UTF-8. */
char *output_shorten(const char *name, unsigned max)
{
    static const char gap[] = "..."; /* all terminals have it */
    glong n = g_utf8_strlen(name, -1);
    glong end = (max - strlen(gap)) / 2;

    if (n <= max) {
        return g_strdup(name);
    }
    return g_strdup_printf("%.*s%s%s",
                           (int)(g_utf8_offset_to_pointer(name, end) - name),
                           name, gap, g_utf8_offset_to_pointer(name, n - end));
}

int output_text(const char *text)
{
    /* Without the flush, an error of the disk would be found after main(). */
    if (fputs(text, stdout) == EOF || fflush(stdout) == EOF) {
        Error *err = NULL;

        error_setg_errno(&err, errno, "cannot write the result");
        output_error(NULL, err);
        return EXIT_FAILED;
    }
    return EXIT_DONE;
}

/* A file or a pipe gets the bytes: another program may need them. */
int output_foreign_text(const char *text)
{
    g_autoptr(GString) safe = g_string_new(NULL);

    if (!is_terminal) {
        return output_text(text);
    }
    safe_text_append(safe, text, "\n\t");
    return output_text(safe->str);
}

int output_json(JsonNode *node)
{
    g_autoptr(GString) text = g_string_new(NULL);

    json_write(text, node, false);
    g_string_append_c(text, '\n');
    return output_text(text->str);
}

/* Appends a string without quotes, any other value as JSON. */
static void append_value(GString *out, JsonNode *node)
{
    if (json_qtype(node) == QTYPE_QSTRING) {
        g_string_append(out, json_node_get_string(node));
    } else {
        json_write(out, node, false);
    }
}

int output_value(JsonNode *node)
{
    g_autoptr(GString) text = g_string_new(NULL);

    append_value(text, node);
    g_string_append_c(text, '\n');
    return output_foreign_text(text->str);
}

/* Returns (transfer full) the text of a cell. */
static char *cell_text(JsonObject *row, const char *member)
{
    g_autoptr(GString) text = g_string_new(NULL);
    GString *safe = g_string_new(NULL);

    if (json_object_has_member(row, member)) {
        append_value(text, json_object_get_member(row, member));
    } else {
        g_string_append_c(text, '-');
    }
    safe_text_append(safe, text->str, "");
    return g_string_free(safe, FALSE);
}

/* Returns (transfer full) the cells of a line; the titles if @row is NULL. */
static char **make_line(JsonObject *row, const Column *columns)
{
    GPtrArray *cells = g_ptr_array_new();

    for (const Column *c = columns; c->member; c++) {
        g_ptr_array_add(cells, row ? cell_text(row, c->member)
                                   : g_strdup(c->title));
    }
    g_ptr_array_add(cells, NULL);
    return (char **)g_ptr_array_free(cells, FALSE);
}

/* Returns (transfer full) the lines of a table, each an array of cells. */
static GPtrArray *make_lines(JsonArray *rows, const Column *columns)
{
    GPtrArray *lines;

    lines = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
    if (columns->title) {
        g_ptr_array_add(lines, make_line(NULL, columns));
    }
    for (guint i = 0; i < json_array_get_length(rows); i++) {
        g_ptr_array_add(lines,
                        make_line(json_array_get_object_element(rows, i),
                                  columns));
    }
    return lines;
}

/*
 * Returns the width of the widest cell of up to COLUMN_MAX_WIDTH characters.
 * A wider cell moves the rest of its own line alone; otherwise one long text
 * from a peer would fill up every line.
 */
static int column_width(const GPtrArray *lines, size_t column)
{
    glong width = 0;

    for (guint i = 0; i < lines->len; i++) {
        glong n = g_utf8_strlen(((char **)lines->pdata[i])[column], -1);

        width = n <= COLUMN_MAX_WIDTH ? MAX(width, n) : width;
    }
    return width;
}

/* Appends a cell to each line; the last column is not padded with blanks. */
static void append_column(GString **texts, const GPtrArray *lines,
                          size_t column, bool last)
{
    int width = column_width(lines, column);

    for (guint i = 0; i < lines->len; i++) {
        const char *cell = ((char **)lines->pdata[i])[column];
        glong blanks = width - g_utf8_strlen(cell, -1);

        g_string_append_printf(texts[i], "%s%*s", cell,
                               last ? 0 : (int)MAX(blanks, 0) + COLUMN_GAP,
                               "");
    }
}

/* The columns are appended one by one, each to all lines. */
GPtrArray *output_table_lines(JsonNode *rows, const Column *columns)
{
    g_autoptr(GPtrArray) cells = make_lines(json_node_get_array(rows),
                                            columns);
    g_autofree GString **texts = g_new0(GString *, cells->len);
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < cells->len; i++) {
        texts[i] = g_string_new(NULL);
    }
    for (size_t c = 0; columns[c].member; c++) {
        append_column(texts, cells, c, !columns[c + 1].member);
    }
    for (guint i = 0; i < cells->len; i++) {
        g_ptr_array_add(lines, g_string_free(texts[i], FALSE));
    }
    return lines;
}

int output_table(JsonNode *rows, const Column *columns)
{
    g_autoptr(GPtrArray) lines = output_table_lines(rows, columns);
    g_autoptr(GString) all = g_string_new(NULL);

    /* Colour is added last, because padding counts characters. */
    for (guint i = 0; i < lines->len; i++) {
        if (i == 0 && columns->title) {
            output_paint(all, PAINT_TITLE, lines->pdata[i]);
        } else {
            g_string_append(all, lines->pdata[i]);
        }
        g_string_append_c(all, '\n');
    }
    return output_text(all->str);
}

/*
 * ---- Messages ----
 * stdout is flushed first: if both go to one terminal, messages follow results.
 */

void output_error(const char *what, Error *err)
{
    g_autofree char *prefix = g_strconcat(program_name, what ? ": " : NULL,
                                          what, NULL);

    fflush(stdout);
    error_print(err, prefix);
    error_free(err);
}

void output_diagnostics(const char *lines)
{
    g_autoptr(GString) text = g_string_new(NULL);

    safe_text_append(text, lines, "\n\t");
    fflush(stdout);
    fputs(text->str, stderr);
}
