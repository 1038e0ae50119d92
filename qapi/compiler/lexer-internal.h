/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Words of the schema language.
 *
 * One character set apart from JSON: strings are in single quotes and hold
 * printable ASCII, `#` starts a comment, and `##` starts a word of its own,
 * TOKEN_COMMENT, since documentation is part of the language.  Numbers are
 * words only where the parser says so.
 */
#ifndef QOM_QAPI_COMPILER_LEXER_INTERNAL_H
#define QOM_QAPI_COMPILER_LEXER_INTERNAL_H

#include "qapi/compiler/diag-internal.h"
#include "qapi/compiler/names-internal.h"

typedef enum TokenKind {
    TOKEN_END,
    TOKEN_STRING, /* @name */
    TOKEN_TRUE,
    TOKEN_FALSE,
    TOKEN_NUMBER,  /* @start to @next, as in JSON */
    TOKEN_COMMENT, /* @start to @next, without the line end */
    TOKEN_OPEN_BRACE = '{',
    TOKEN_CLOSE_BRACE = '}',
    TOKEN_OPEN_BRACKET = '[',
    TOKEN_CLOSE_BRACKET = ']',
    TOKEN_COLON = ':',
    TOKEN_COMMA = ',',
} TokenKind;

typedef struct Lexer {
    const SourceFile *file;
    const char *next; /* first byte not yet read */
    const char *end;  /* of the file's text */
    NameTable *names;
    Diags *diags;

    /* The current word */
    TokenKind kind;
    const char *start;
    Name *name;
} Lexer;

void lexer_init(Lexer *lexer, const SourceFile *file, NameTable *names,
                Diags *diags);

typedef enum LexerMode {
    LEX_NORMAL,
    LEX_COMMENTS, /* every comment is a word */
    LEX_NUMBERS,  /* a number is a word */
} LexerMode;

/**
 * lexer_next: read the next word
 *
 * Returns: true; false when there is none to be read, which is reported
 */
bool lexer_next(Lexer *lexer, LexerMode mode);

/* Where the current word is. */
static inline SrcLoc lexer_loc(const Lexer *lexer)
{
    return lexer->file->base + (uint32_t)(lexer->start - lexer->file->text);
}

#endif
