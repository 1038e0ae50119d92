/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Tables of reST.  A rule, a line of '=' or '-', says where the columns are.  A
 * cell is the part of its lines that is in its column, parsed like a whole
 * text.
 *
 * Cells that span several columns or rows are not understood: their text is cut
 * at the columns of the first rule.
 */
#include "qapi/compiler/rst-parse-internal.h"

#include <string.h>

/* Returns true for "+---+====+" and the like. */
bool rst_is_grid_rule(const Line *line)
{
    return line->len > 2 && *line->text == '+' && rst_ends(line, "+") &&
           line->text[1] != '+' &&
           strspn(line->text, "+-=") >= line->len;
}

/*
 * Returns true for "==== ====": at least two columns, or it would underline a
 * heading.
 */
bool rst_is_simple_rule(const Line *line)
{
    return !line->indent && rst_begins(line, "==") &&
           memchr(line->text, ' ', line->len) &&
           strspn(line->text, "= ") >= line->len;
}

/*
 * The columns of a table: byte positions in its lines.  Further columns are
 * ignored.
 */
typedef struct Columns {
    size_t start[64];
    size_t end[64];
    unsigned n;
} Columns;

/*
 * Columns of a grid are between its '+', those of a simple table are the '='
 * themselves.  The last column of a simple table has no end.
 */
static Columns find_columns(const Line *rule)
{
    bool grid = *rule->text == '+';
    Columns columns = { .n = 0 };
    size_t i = grid ? 1 : 0;

    while (i < rule->len && columns.n < G_N_ELEMENTS(columns.start)) {
        size_t start = i;

        while (i < rule->len && rule->text[i] != (grid ? '+' : ' ')) {
            i++;
        }
        columns.start[columns.n] = start;
        columns.end[columns.n++] = i;
        while (i < rule->len && rule->text[i] == (grid ? '+' : ' ')) {
            i++;
        }
    }
    /* the last column of a simple table has no end */
    if (!grid && columns.n) {
        columns.end[columns.n - 1] = SIZE_MAX;
    }
    return columns;
}

/*
 * Returns the part of a line that is in a column, as a line.  Columns are
 * counted from the start of the rule, which is not indented; the line may be.
 */
static Line cell_line(const Line *line, const Columns *columns, unsigned c)
{
    size_t skip = line->indent;
    size_t start = MIN(columns->start[c] - MIN(skip, columns->start[c]),
                       line->len);
    size_t end = MIN(columns->end[c] - MIN(skip, columns->end[c]), line->len);
    Line cell = { line->text + start, end - start, 0 };

    while (cell.len && *cell.text == ' ') {
        cell.text++;
        cell.len--;
        cell.indent++;
    }
    while (cell.len && cell.text[cell.len - 1] == ' ') {
        cell.len--;
    }
    return cell;
}

/* Adds a row of the lines from @i to @end.  Each cell is parsed on its own. */
static void add_row(const Rst *r, RstBlock ***tail, const Columns *columns,
                    size_t i, size_t end)
{
    RstBlock *row = arena_new(r->arena, RstBlock);
    RstBlock **cell = &row->first;

    row->kind = RST_ROW;
    for (unsigned c = 0; c < columns->n; c++) {
        Line *lines = arena_new_n(r->arena, Line, end - i + 1);

        for (size_t k = i; k < end; k++) {
            lines[k - i] = cell_line(&r->lines[k], columns, c);
        }
        *cell = arena_new(r->arena, RstBlock);
        (*cell)->kind = RST_CELL;
        rst_fill_block(r, *cell, lines, end - i);
        cell = &(*cell)->next;
    }
    **tail = row;
    *tail = &row->next;
}

/* The rows so far are the header. */
static void end_header(RstBlock *table)
{
    for (RstBlock *row = table->first; row; row = row->next) {
        row->is_header = true;
    }
}

/* A row ends at a rule; "=" in the rule ends the header. */
size_t rst_parse_grid(Rst *r, size_t i)
{
    Columns columns = find_columns(&r->lines[i]);
    RstBlock *table = rst_add_block(r, RST_TABLE, NULL);
    RstBlock **tail = &table->first;
    size_t start = ++i;

    for (; i < r->n && r->lines[i].len; i++) {
        if (rst_is_grid_rule(&r->lines[i])) {
            if (i > start) {
                add_row(r, &tail, &columns, start, i);
            }
            if (memchr(r->lines[i].text, '=', r->lines[i].len)) {
                end_header(table);
            }
            start = i + 1;
        } else if (!rst_begins(&r->lines[i], "|")) {
            break;
        }
    }
    return i;
}

/*
 * Each line is a row, except that a line whose first column is empty continues
 * the row before it.  The second of three rules ends the header.
 */
size_t rst_parse_simple_table(Rst *r, size_t i)
{
    Columns columns = find_columns(&r->lines[i]);
    RstBlock *table = rst_add_block(r, RST_TABLE, NULL);
    RstBlock **tail = &table->first;
    size_t start = ++i;
    unsigned n_rules = 1;

    for (; i < r->n; i++) {
        bool rule = rst_is_simple_rule(&r->lines[i]);
        bool more = !rule && r->lines[i].len &&
                    !cell_line(&r->lines[i], &columns, 0).len;

        if (i > start && !more && r->lines[start].len) {
            add_row(r, &tail, &columns, start, i);
        }
        start = more ? start : i;
        if (rule) {
            bool last = i + 1 == r->n || !r->lines[i + 1].len;

            if (++n_rules == 2 && !last) {
                end_header(table);
            }
            start = i + 1;
            if (last) {
                return i + 1;
            }
        }
    }
    return i;
}
