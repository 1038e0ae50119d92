/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lists of reST.  An item or a term contains the lines after it that are
 * indented more than its own line.
 */
#include "qapi/compiler/rst-parse-internal.h"

#include <string.h>

/*
 * Returns the length of the mark of a bullet item, with blanks; 0 if there is
 * none.  The mark may be alone on its line.
 */
static size_t bullet_mark(const Line *line)
{
    if (!line->len || !strchr("-*+", *line->text) ||
        (line->len > 1 && line->text[1] != ' ')) {
        return 0;
    }
    return line->len > 1 ? 1 + strspn(line->text + 1, " ") : 1;
}

/*
 * Does the same for "1.  ", "1) " and "#. ". *@number: (out) 0 for "#".
 * Numbers have three digits at most, so that a year may begin a line.
 */
static size_t number_mark(const Line *line, unsigned *number)
{
    size_t i = line->len && *line->text == '#';

    *number = 0;
    for (; i < line->len && i < 4 && g_ascii_isdigit(line->text[i]); i++) {
        *number = *number * 10 + (line->text[i] - '0');
    }
    if (i == 0 || i + 1 >= line->len || !strchr(".)", line->text[i]) ||
        line->text[i + 1] != ' ') {
        return 0;
    }
    return i + 1 + strspn(line->text + i + 1, " ");
}

size_t rst_item_mark(const Line *line, RstKind *kind, unsigned *number)
{
    size_t mark = bullet_mark(line);

    *kind = mark ? RST_BULLETS : RST_NUMBERS;
    return mark ? mark : number_mark(line, number);
}

/*
 * The mark counts as indentation of the first line, so that the text after it
 * is aligned with the lines below.
 */
static size_t parse_item(Rst *r, RstBlock *item, size_t i, size_t mark)
{
    size_t end = rst_block_end(r, i + 1, r->lines[i].indent + 1);
    Line *lines;

    end = MAX(end, i + 1);
    lines = rst_copy_lines(r, i, end);
    /* the mark counts as indentation */
    lines->text += mark;
    lines->len -= MIN(mark, lines->len);
    lines->indent += mark;
    rst_fill_block(r, item, lines, end - i);
    return end;
}

/*
 * Parses consecutive items of one kind and indentation; another kind of bullet
 * begins another list.
 */
size_t rst_parse_list(Rst *r, size_t i, RstKind kind, unsigned number)
{
    size_t indent = r->lines[i].indent;
    RstBlock *list = rst_add_block(r, kind, NULL);
    RstBlock **tail = &list->first;
    char bullet = *r->lines[i].text;
    size_t next = i;

    list->number = MAX(number, 1);
    while (next < r->n && r->lines[next].len &&
           r->lines[next].indent == indent) {
        RstKind same;
        size_t mark = rst_item_mark(&r->lines[next], &same, &number);

        if (!mark || same != kind ||
            (kind == RST_BULLETS && *r->lines[next].text != bullet)) {
            break;
        }
        *tail = arena_new(r->arena, RstBlock);
        (*tail)->kind = RST_ITEM;
        i = parse_item(r, *tail, next, mark);
        tail = &(*tail)->next;
        for (next = i; next < r->n && !r->lines[next].len; next++) {
        }
    }
    return i;
}

/* In ":role:`text`" no blank follows, so that it begins a paragraph. */
size_t rst_field_mark(const Line *line)
{
    const char *close = line->len > 2 && *line->text == ':' &&
                                line->text[1] != ':' && line->text[1] != ' '
                            ? memchr(line->text + 1, ':', line->len - 1)
                            : NULL;
    size_t len = close ? close + 1 - line->text : 0;

    /* :role:`text` begins a paragraph */
    return len && (len == line->len || line->text[len] == ' ') ? len : 0;
}

/* A term is a line that is followed by one that is indented more. */
size_t rst_parse_terms(Rst *r, size_t i)
{
    RstBlock *list = rst_add_block(r, RST_TERMS, NULL);
    RstBlock **tail = &list->first;
    size_t indent = r->lines[i].indent;
    size_t end = i;

    for (; i < r->n && r->lines[i].len && r->lines[i].indent == indent;
         i = end) {
        const Line *line = &r->lines[i];
        size_t mark = rst_field_mark(line);
        bool is_term = i + 1 < r->n && r->lines[i + 1].len &&
                       r->lines[i + 1].indent > indent;
        Line *lines;

        if (!mark && !is_term) {
            break;
        }
        end = MAX(rst_block_end(r, i + 1, indent + 1), i + 1);
        lines = rst_copy_lines(r, i, end);
        *tail = arena_new(r->arena, RstBlock);
        (*tail)->kind = RST_TERM;
        (*tail)->text = mark
            ? arena_strndup(r->arena, line->text + 1, mark - 2)
            : arena_strndup(r->arena, line->text, line->len);
        if (mark) {
            mark += strspn(line->text + mark, " ");
            mark = MIN(mark, line->len);
            lines->text += mark;
            lines->len -= mark;
        } else {
            lines->len = 0;
        }
        /* the first line is where the others are */
        if (end - i > 1) {
            lines->indent = rst_common_indent(lines + 1, end - i - 1);
        }
        rst_fill_block(r, *tail, lines, end - i);
        tail = &(*tail)->next;
        while (end < r->n && !r->lines[end].len) {
            end++;
        }
    }
    return end;
}
