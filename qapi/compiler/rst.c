/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Blocks of reST: lines, headings, paragraphs and quotations, and which block
 * begins at a line.  What a line begins with and how far it is indented decide
 * where a block begins and ends.
 */
#include "qapi/compiler/rst-parse-internal.h"

#include "qapi/compiler/doc-text-internal.h"

#include <string.h>

/* Deeper nesting is not for readers. */
#define MAX_NESTING 24

static void parse_blocks(Rst *r);

/* ---- Lines ---- */

/*
 * Splits a text into lines without blanks at their ends.  @n: (out) their
 * number.  The array has one element more, which is a blank line.
 */
static Line *split_lines(Arena *arena, const char *text, size_t *n)
{
    Line *lines;

    *n = 0;
    for (const char *p = text; *p; p = doc_next_line(p)) {
        ++*n;
    }
    lines = arena_new_n(arena, Line, *n + 1);
    for (size_t i = 0; i < *n; i++, text = doc_next_line(text)) {
        size_t len = doc_line_length(text);
        size_t indent = strspn(text, " ");

        while (len && g_ascii_isspace(text[len - 1])) {
            len--;
        }
        if (len > indent) {
            lines[i] = (Line){ text + indent, len - indent, indent };
        }
    }
    return lines;
}

/* Returns the index after the lines from @i that are indented to @indent. */
size_t rst_block_end(const Rst *r, size_t i, size_t indent)
{
    size_t end = i;

    for (; i < r->n && (!r->lines[i].len || r->lines[i].indent >= indent);
         i++) {
        if (r->lines[i].len) {
            end = i + 1;
        }
    }
    return end;
}

/* Returns the smallest indentation of the lines from @i to @end. */
size_t rst_common_indent(const Line *lines, size_t n)
{
    size_t indent = SIZE_MAX;

    for (size_t i = 0; i < n; i++) {
        if (lines[i].len) {
            indent = MIN(indent, lines[i].indent);
        }
    }
    return indent == SIZE_MAX ? 0 : indent;
}

/* Removes up to @indent blanks from each line. */
static void dedent(Line *lines, size_t n, size_t indent)
{
    for (size_t i = 0; i < n; i++) {
        lines[i].indent -= MIN(indent, lines[i].indent);
    }
}

bool rst_begins(const Line *line, const char *prefix)
{
    size_t len = strlen(prefix);

    return line->len >= len && memcmp(line->text, prefix, len) == 0;
}

bool rst_ends(const Line *line, const char *suffix)
{
    size_t len = strlen(suffix);

    return line->len >= len &&
           memcmp(line->text + line->len - len, suffix, len) == 0;
}

/* Returns the lines as text; a line is indented as it is in the array. */
static char *join_lines(Arena *arena, const Line *lines, size_t n)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (size_t i = 0; i < n; i++) {
        if (lines[i].len) {
            g_string_append_printf(text, "%*s", (int)lines[i].indent, "");
            g_string_append_len(text, lines[i].text, lines[i].len);
        }
        g_string_append_c(text, '\n');
    }
    return arena_strndup(arena, text->str, text->len);
}

/* ---- Blocks ---- */

RstBlock *rst_add_block(Rst *r, RstKind kind, const char *text)
{
    RstBlock *block = arena_new(r->arena, RstBlock);

    block->kind = kind;
    block->text = text;
    *r->tail = block;
    r->tail = &block->next;
    return block;
}

/* Headings are not allowed inside of blocks, as in reST. */
void rst_fill_block(const Rst *r, RstBlock *block, Line *lines, size_t n)
{
    Rst inner = { r->arena, false, r->depth + 1, lines, n, &block->first };

    dedent(lines, n, rst_common_indent(lines, n));
    if (inner.depth < MAX_NESTING) {
        parse_blocks(&inner);
    } else {
        rst_add_block(&inner, RST_LITERAL, join_lines(r->arena, lines, n));
    }
}

Line *rst_copy_lines(const Rst *r, size_t i, size_t end)
{
    Line *lines = arena_new_n(r->arena, Line, end - i + 1);

    if (end > i) {
        memcpy(lines, &r->lines[i], (end - i) * sizeof(*lines));
    }
    return lines;
}

/* Blank lines before the text and its indentation do not belong to it. */
void rst_add_literal(Rst *r, size_t i, size_t end)
{
    Line *lines = rst_copy_lines(r, i, end);
    size_t n = end - i;

    while (n && !lines->len) {
        lines++;
        n--;
    }
    dedent(lines, n, rst_common_indent(lines, n));
    if (n) {
        rst_add_block(r, RST_LITERAL, join_lines(r->arena, lines, n));
    }
}

/* ---- Headings and paragraphs ---- */

/*
 * Returns the character that a line of at least three repeats; 0 if it cannot
 * underline a heading.
 */
static char rule_of(const Line *line)
{
    char c = line->len ? *line->text : 0;

    for (size_t i = 1; i < line->len; i++) {
        if (line->text[i] != c) {
            return 0;
        }
    }
    return c && line->len > 2 && strchr("*=-_^\"~#", c) ? c : 0;
}

/*
 * The levels are those of QEMU's schemas, whatever the order of their use.
 * Level 1 is below the title of the manual, which is QEMU's level 1.
 */
static unsigned heading_level(char rule)
{
    switch (rule) {
    case '*':
    case '#':
        return 1;
    case '=':
        return 2;
    case '_':
    case '-':
        return 3;
    case '^':
        return 4;
    default:
        return 5;
    }
}

/*
 * Returns the index after the heading at @i; @i if there is none.  A heading is
 * underlined, or over- and underlined in the same way.
 */
static size_t parse_heading(Rst *r, size_t i)
{
    const Line *line = &r->lines[i];
    char over = rule_of(line);
    size_t title = over ? i + 1 : i;
    char under = title + 1 < r->n ? rule_of(&r->lines[title + 1]) : 0;
    RstBlock *heading;

    if (!r->headings || !under || (over && over != under) ||
        !r->lines[title].len || rule_of(&r->lines[title])) {
        return i;
    }
    line = &r->lines[title];
    heading = rst_add_block(r, RST_HEADING,
                            arena_strndup(r->arena, line->text, line->len));
    heading->number = heading_level(under);
    return title + 2;
}

/*
 * Returns the index after the line "= TITLE" at @i, which stands alone and was
 * QEMU's form of a heading until 10.1; @i if it is another one.
 */
static size_t parse_old_heading(Rst *r, size_t i)
{
    const Line *line = &r->lines[i];
    size_t level = line->len && !line->indent ? strspn(line->text, "=") : 0;
    RstBlock *heading;

    if (!r->headings || !level || level + 1 >= line->len ||
        line->text[level] != ' ' || line->text[level + 1] == '=' ||
        (i > 0 && r->lines[i - 1].len) ||
        (i > 0 && i + 1 < r->n && r->lines[i + 1].len)) {
        return i;
    }
    heading = rst_add_block(r, RST_HEADING,
                            arena_strndup(r->arena, line->text + level + 1,
                                          line->len - level - 1));
    heading->number = level;
    return i + 1;
}

/*
 * Returns true if the line cannot continue a paragraph.  An item needs no blank
 * line before it here, unlike in reST, because texts of help need none.
 */
static bool ends_paragraph(const Rst *r, size_t i)
{
    const Line *line = &r->lines[i];
    RstKind kind;
    unsigned number;

    return !line->len || rst_item_mark(line, &kind, &number) ||
           rst_begins(line, ".. ") || rst_is_grid_rule(line);
}

/*
 * A paragraph that ends with "::" announces a literal block: the lines after it
 * that are indented more.
 */
static size_t parse_paragraph(Rst *r, size_t i)
{
    size_t end = i + 1;
    bool literal;
    Line *lines;
    char *text;

    while (end < r->n && !ends_paragraph(r, end)) {
        end++;
    }
    lines = rst_copy_lines(r, i, end);
    for (size_t k = 0; k < end - i; k++) {
        lines[k].indent = 0;
    }
    text = join_lines(r->arena, lines, end - i);
    text[strlen(text) - 1] = '\0';
    literal = g_str_has_suffix(text, "::");
    if (literal) {
        /* "as follows::" reads "as follows:", and " ::" nothing */
        text[strlen(text) - 1] = '\0';
        if (strlen(text) < 2 || text[strlen(text) - 2] == ' ' ||
            text[strlen(text) - 2] == '\n') {
            text[strlen(text) - 1] = '\0';
        }
    }
    g_strchomp(text);
    if (*text) {
        rst_add_block(r, RST_PARAGRAPH, text);
    }
    if (literal) {
        size_t start = end;

        end = rst_block_end(r, start, r->lines[i].indent + 1);
        rst_add_literal(r, start, end);
    }
    return end;
}

/* Lines that are indented without a reason are a quotation. */
static size_t parse_quote(Rst *r, size_t i)
{
    size_t end = rst_block_end(r, i, 1);

    rst_fill_block(r, rst_add_block(r, RST_QUOTE, NULL),
                   rst_copy_lines(r, i, end), end - i);
    return end;
}

/* Parses the block at @i.  Returns the index after it. */
static size_t parse_block(Rst *r, size_t i)
{
    const Line *line = &r->lines[i];
    size_t end = parse_heading(r, i);
    RstKind kind;
    unsigned number = 0;

    if (end == i) {
        end = parse_old_heading(r, i);
    }
    if (end > i) {
        return end;
    }
    if (line->indent) {
        return parse_quote(r, i);
    }
    if (rst_begins(line, ".. ") || (line->len == 2 && rst_begins(line, ".."))) {
        return rst_parse_directive(r, i);
    }
    if (rst_is_grid_rule(line)) {
        return rst_parse_grid(r, i);
    }
    if (rst_is_simple_rule(line)) {
        return rst_parse_simple_table(r, i);
    }
    if (rst_item_mark(line, &kind, &number)) {
        return rst_parse_list(r, i, kind, number);
    }
    if (rst_field_mark(line) ||
        (i + 1 < r->n && line[1].len && line[1].indent)) {
        return rst_parse_terms(r, i);
    }
    return parse_paragraph(r, i);
}

static void parse_blocks(Rst *r)
{
    for (size_t i = 0; i < r->n;) {
        i = r->lines[i].len ? parse_block(r, i) : i + 1;
    }
}

/*
 * The text is copied, because blocks refer to it and it may not live as long as
 * the arena.
 */
RstBlock *rst_parse(Arena *arena, const char *text, bool headings)
{
    RstBlock *first = NULL;
    Rst r = { .arena = arena, .headings = headings, .tail = &first };
    char *copy = arena_strndup(arena, text, strlen(text));
    size_t n;
    Line *lines;

    /* formats use other control characters as separators */
    for (char *p = copy; *p; p++) {
        *p = (unsigned char)*p < ' ' && *p != '\n' ? ' ' : *p;
    }
    lines = split_lines(arena, copy, &n);
    dedent(lines, n, rst_common_indent(lines, n));
    r.lines = lines;
    r.n = n;
    parse_blocks(&r);
    return first;
}
