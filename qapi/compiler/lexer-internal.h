/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The words of the schema language.
 *
 * The language differs from JSON: strings are in single quotes and contain
 * printable ASCII only; `#` starts a comment; a comment that starts with `##`
 * is a word, TOKEN_COMMENT, because documentation is part of the language.
 * Numbers are words only where the parser requests it.
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
    const char *next; /* the first byte that was not read yet */
    const char *end;  /* the end of the file's text */
    NameTable *names;
    Diags *diags;

    /* The current word */
    TokenKind kind;
    const char *start;
    Name *name;
} Lexer;

/* lexer_init: begins at the start of a file; all pointers are borrowed */
void lexer_init(Lexer *lexer, const SourceFile *file, NameTable *names,
                Diags *diags);

typedef enum LexerMode {
    LEX_NORMAL,
    LEX_COMMENTS, /* every comment is a word */
    LEX_NUMBERS,  /* a number is a word */
} LexerMode;

/**
 * lexer_next: reads the next word; TOKEN_END at the end of the file
 *
 * Returns: true; false after an error has been reported
 */
bool lexer_next(Lexer *lexer, LexerMode mode);

/* lexer_loc: returns the place of the current word */
static inline SrcLoc lexer_loc(const Lexer *lexer)
{
    return lexer->file->base + (uint32_t)(lexer->start - lexer->file->text);
}

#endif
