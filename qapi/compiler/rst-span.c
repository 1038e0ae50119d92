/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inline markup of reST.  A piece of markup begins where no word is before it
 * and ends where no word follows, so that 2*3*4 and a_b are text.  Whatever is
 * not closed is text as well.
 */
#include "qapi/compiler/rst-internal.h"

#include <string.h>

/* Marks that are farther apart do not belong together. */
#define MAX_SPAN 2000

/* The end of the text counts as a blank. */
static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\0';
}

/* The characters of names in a schema. */
static bool is_name_char(char c)
{
    return g_ascii_isalnum(c) || c == '-' || c == '_';
}

/*
 * Returns the end of the markup that begins at @p with @mark and ends with
 * @mark; NULL if it is not closed.  Text must follow and precede the marks
 * without a blank.
 */
static const char *find_close(const char *p, const char *mark)
{
    size_t len = strlen(mark);
    const char *close = p + len;

    if (is_space(*close)) {
        return NULL;
    }
    while ((close = strstr(close + 1, mark)) && close - p < MAX_SPAN) {
        /* `*` is not the end of `**`, and ``a``` ends with its last marks */
        while (close[len] == *mark) {
            close++;
        }
        if (!is_space(close[-1]) && !g_ascii_isalnum(close[len])) {
            return close + len;
        }
    }
    return NULL;
}

/*
 * Reads MARK text MARK.  Returns the text after it; NULL if there is no such
 * markup.
 */
static const char *read_marked(const char *p, const char *mark,
                               RstSpanKind kind, RstSpan *span)
{
    const char *end = find_close(p, mark);
    size_t len = strlen(mark);

    if (end) {
        *span = (RstSpan){ .kind = kind, .text = p + len,
                           .len = end - p - 2 * len };
    }
    return end;
}

/*
 * Separates "title <target>": what is shown and what it leads to.  Without a
 * target, the title is the target.
 */
static void split_target(RstSpan *span)
{
    const char *open = g_strrstr_len(span->text, span->len, "<");

    span->target = span->text;
    span->target_len = span->len;
    if (open && open > span->text && span->text[span->len - 1] == '>') {
        span->target = open + 1;
        span->target_len = span->text + span->len - 1 - span->target;
        span->len = open - span->text;
        while (span->len > 1 && is_space(span->text[span->len - 1])) {
            span->len--;
        }
    } else if (*span->text == '~' || *span->text == '!') {
        /* a role's "show only the last part" and "no link" */
        span->text++;
        span->len--;
        span->target = span->text;
        span->target_len = span->len;
    }
}

/*
 * Reads `text`, `text <address>`_ and `text`__.  Without an address, the last
 * two lead to a place that the manual does not have.
 */
static const char *read_quoted(const char *p, RstSpan *span)
{
    const char *end = read_marked(p, "`", RST_REFERENCE, span);

    if (!end || !span->len) {
        return NULL;
    }
    split_target(span);
    if (*end == '_') {
        span->kind = span->target == span->text ? RST_PLAIN : RST_LINK;
        end += end[1] == '_' ? 2 : 1;
    }
    return end;
}

/*
 * Reads :role:`text`. Roles say what kind of thing the text names; names of a
 * schema are unique without them, apart from classes.  A role with a colon
 * belongs to a domain.
 */
static const char *read_role(const char *p, RstSpan *span)
{
    const char *end = p + 1;

    while (is_name_char(*end) || (*end == ':' && end[1] != '`')) {
        end++;
    }
    return *end == ':' && end > p + 1 && end[1] == '`'
               ? read_quoted(end + 1, span)
               : NULL;
}

/* Reads @name, as comments refer to members. */
static const char *read_name(const char *p, RstSpan *span)
{
    const char *end = p + 1;

    while (is_name_char(*end)) {
        end++;
    }
    if (end == p + 1) {
        return NULL;
    }
    *span = (RstSpan){ .kind = RST_NAME, .text = p + 1, .len = end - p - 1 };
    return end;
}

/* An address ends before a blank; punctuation at its end is not part of it. */
static const char *read_address(const char *p, RstSpan *span)
{
    const char *end = p;

    if (!g_str_has_prefix(p, "http://") && !g_str_has_prefix(p, "https://")) {
        return NULL;
    }
    while (!is_space(*end) && !strchr("<>\"`", *end)) {
        end++;
    }
    while (strchr(".,;:!?)'", end[-1])) {
        end--;
    }
    *span = (RstSpan){ .kind = RST_LINK, .text = p, .len = end - p,
                       .target = p, .target_len = end - p };
    return end;
}

/* Returns the text after the markup at @p; NULL if there is none. */
static const char *read_markup(const char *p, RstSpan *span)
{
    const char *end = NULL;

    switch (*p) {
    case '`':
        end = p[1] == '`' ? read_marked(p, "``", RST_CODE, span) : NULL;
        return end ? end : p[1] == '`' ? NULL : read_quoted(p, span);
    case '*':
        return p[1] == '*' ? read_marked(p, "**", RST_STRONG, span)
                           : read_marked(p, "*", RST_EMPHASIS, span);
    case ':':
        return read_role(p, span);
    case '@':
        return read_name(p, span);
    case 'h':
        return read_address(p, span);
    default:
        return NULL;
    }
}

/* A backslash makes the next character text. */
bool rst_next_span(const char **p, char before, RstSpan *span)
{
    const char *start = *p;
    const char *q = start;

    for (; *q; before = *q++) {
        RstSpan found;
        const char *end;

        if (*q == '\\' && q[1]) {
            if (q > start) {
                break; /* the text before the backslash first */
            }
            /* the character after the backslash is text; a blank vanishes */
            start += is_space(q[1]) ? 2 : 1;
            before = *q;
            q = start;
            if (!*q) {
                break;
            }
            continue;
        }
        if (!strchr("`*:@h", *q) || g_ascii_isalnum(before)) {
            continue;
        }
        end = read_markup(q, &found);
        if (end && q == start) {
            *span = found;
            *p = end;
            return true;
        }
        if (end) {
            break;
        }
    }
    *span = (RstSpan){ .kind = RST_PLAIN, .text = start, .len = q - start };
    *p = q;
    return q > start;
}
