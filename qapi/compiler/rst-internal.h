/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reStructuredText, as far as schemas use it, as a tree of blocks and as spans
 * of inline markup.
 *
 * Markup that is not understood is text.  No text is an error, because the
 * compiler has accepted it.
 */
#ifndef QOM_QAPI_COMPILER_RST_INTERNAL_H
#define QOM_QAPI_COMPILER_RST_INTERNAL_H

#include "qapi/compiler/names-internal.h"

typedef enum RstKind {
    RST_PARAGRAPH, /* @text, with inline markup */
    RST_LITERAL,   /* @text, in lines that end with '\n' */
    RST_HEADING,   /* @text, @number: its level, from 1 */
    RST_BULLETS,   /* a list of RST_ITEM */
    RST_NUMBERS,   /* a list of RST_ITEM; @number: that of the first item */
    RST_ITEM,      /* blocks */
    RST_TERMS,     /* a list of RST_TERM */
    RST_TERM,      /* @text, with inline markup; blocks that explain it */
    RST_NOTE,      /* @text: its title, with inline markup; blocks */
    RST_QUOTE,     /* blocks */
    RST_TABLE,     /* RST_ROW */
    RST_ROW,       /* RST_CELL; @is_header */
    RST_CELL,      /* blocks */
} RstKind;

typedef struct RstBlock RstBlock;
struct RstBlock {
    RstKind kind;
    bool is_header;
    unsigned number;
    const char *text; /* NULL for kinds without text */
    RstBlock *first;  /* (nullable) the blocks inside, chained by next */
    RstBlock *next;
};

/**
 * rst_parse: parses a text
 * @arena: the memory of the blocks
 * @text: lines; copied
 * @headings: true if underlined lines are headings
 *
 * Returns: (nullable) the first block; the others are chained by next
 */
RstBlock *rst_parse(Arena *arena, const char *text, bool headings);

typedef enum RstSpanKind {
    RST_PLAIN,
    RST_CODE,     /* ``text`` */
    RST_NAME,     /* @name: a member of the definition at hand */
    RST_STRONG,   /* **text** */
    RST_EMPHASIS, /* *text* */
    RST_REFERENCE, /* `text`, :role:`text`: perhaps a definition */
    RST_LINK,     /* `text <address>`_, or an address in the text */
} RstSpanKind;

/* A piece of inline markup.  All text is borrowed. */
typedef struct RstSpan {
    RstSpanKind kind;
    const char *text; /* what is shown */
    size_t len;
    const char *target; /* REFERENCE: a name; LINK: an address */
    size_t target_len;
} RstSpan;

/**
 * rst_next_span: reads the next piece of a text
 * @p: (inout) the position in the text, which is NUL-terminated
 * @before: the byte before the position; '\n' at the start of the text
 * @span: (out) the piece; it is never empty
 *
 * Returns: true; false at the end of the text
 */
bool rst_next_span(const char **p, char before, RstSpan *span);

#endif
