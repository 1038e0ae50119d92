/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lexer reads each byte of the text once.  A string without an escape,
 * which nearly all are, is interned straight from the text.
 *
 * The text ends with a newline and a NUL, so the next byte can always be read.
 */
#include "qapi/compiler/lexer-internal.h"

#include <string.h>

void lexer_init(Lexer *lexer, const SourceFile *file, NameTable *names,
                Diags *diags)
{
    *lexer = (Lexer){
        .file = file,
        .next = file->text,
        .end = file->text + file->len,
        .names = names,
        .diags = diags,
        .start = file->text,
    };
}

/*
 * Returns true for bytes that end a malformed word in a message.  They include
 * NUL, the end of the text.
 */
static bool is_stray_end(unsigned char c)
{
    return strchr("[]{}:, \t\n\v\f'\"", c) != NULL;
}

/*
 * Returns the word that begins here, of at most 60 bytes and the rest of a
 * UTF-8 character.  A character that cannot be seen, such as a byte order mark,
 * is returned by its number.
 */
static char *stray_word(const Lexer *lexer)
{
    gunichar c = g_utf8_get_char(lexer->start);
    size_t len = 0;

    if (!g_unichar_isgraph(c)) {
        return g_strdup_printf("U+%04X", c);
    }
    while (len < 60 && !is_stray_end(lexer->start[len])) {
        len++;
    }
    while (((unsigned char)lexer->start[len] & 0xc0) == 0x80) {
        len++;
    }
    return g_strndup(lexer->start, MAX(len, 1));
}

static bool report_stray(Lexer *lexer)
{
    g_autofree char *word = stray_word(lexer);

    return diag(lexer->diags, *word == '"' ? DIAG_DOUBLE_QUOTE : DIAG_STRAY,
                lexer_loc(lexer), 0, word);
}

/*
 * Reads a string with escapes, or one that is malformed, into a copy.  @p: its
 * first byte.  The language has the escape \\ alone.
 */
static bool lex_escaped_string(Lexer *lexer, const char *p)
{
    g_autoptr(GString) text = g_string_new(NULL);
    char escape[2] = "";

    for (; *p != '\''; p++) {
        if (*p == '\n') {
            return diag(lexer->diags, DIAG_STRING_END, lexer_loc(lexer), 0);
        }
        if ((unsigned char)*p < 32 || (unsigned char)*p > 126) {
            return diag(lexer->diags, DIAG_STRING_CHAR, lexer_loc(lexer), 0);
        }
        if (*p == '\\') {
            p++;
            if (*p == '\n') {
                return diag(lexer->diags, DIAG_STRING_END, lexer_loc(lexer), 0);
            }
            if (*p != '\\') {
                escape[0] = (unsigned char)*p < 127 ? *p : '?';
                return diag(lexer->diags, DIAG_STRING_ESCAPE,
                            lexer_loc(lexer), 0, escape);
            }
        }
        g_string_append_c(text, *p);
    }
    lexer->kind = TOKEN_STRING;
    lexer->name = name_intern(lexer->names, text->str, text->len);
    lexer->next = p + 1;
    return true;
}

/* The comparison is true for the printable characters of ASCII. */
static bool lex_string(Lexer *lexer)
{
    const char *first = lexer->next;
    const char *p = first;

    while ((unsigned char)(*p - 32) < 95 && *p != '\'' && *p != '\\') {
        p++;
    }
    if (*p != '\'') {
        return lex_escaped_string(lexer, first);
    }
    lexer->kind = TOKEN_STRING;
    lexer->name = name_intern(lexer->names, first, p - first);
    lexer->next = p + 1;
    return true;
}

static const char *skip_digits(const char *p)
{
    while (g_ascii_isdigit(*p)) {
        p++;
    }
    return p;
}

/*
 * Returns the end of the JSON number that starts at @p; NULL if there is none.
 */
static const char *number_end(const char *p)
{
    if (*p == '-') {
        p++;
    }
    if (!g_ascii_isdigit(*p) || (p[0] == '0' && g_ascii_isdigit(p[1]))) {
        return NULL;
    }
    p = skip_digits(p);
    if (*p == '.') {
        if (!g_ascii_isdigit(p[1])) {
            return NULL;
        }
        p = skip_digits(p + 1);
    }
    if (*p == 'e' || *p == 'E') {
        p += p[1] == '+' || p[1] == '-' ? 2 : 1;
        if (!g_ascii_isdigit(*p)) {
            return NULL;
        }
        p = skip_digits(p);
    }
    return p;
}

/*
 * A number must end where a word can end, so that 1x is one malformed number.
 */
static bool lex_number(Lexer *lexer)
{
    const char *end = number_end(lexer->start);

    if (!end || !is_stray_end(*end)) {
        g_autofree char *word =
            g_strndup(lexer->start, strcspn(lexer->start, "]}, \t\n\v\f"));

        return diag(lexer->diags, DIAG_NUMBER, lexer_loc(lexer), 0, word);
    }
    lexer->kind = TOKEN_NUMBER;
    lexer->next = end;
    return true;
}

/*
 * Reads `true` or `false`. What follows the word is not checked here: it begins
 * the next word.
 */
static bool lex_literal(Lexer *lexer, const char *word, TokenKind kind)
{
    size_t len = strlen(word);

    if (strncmp(lexer->start, word, len) != 0) {
        return report_stray(lexer);
    }
    lexer->kind = kind;
    lexer->next = lexer->start + len;
    return true;
}

/*
 * Returns the length of a space beyond ASCII; 0 if there is none at @p.
 * Python's str.isspace(), by which the field's compiler skips, decides which
 * characters these are.
 */
static size_t wide_space(const char *p)
{
    gunichar c = g_utf8_get_char(p);

    if (c == 0x85 || c == 0xa0 || c == 0x1680 ||
        (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
        c == 0x202f || c == 0x205f || c == 0x3000) {
        return g_utf8_skip[(unsigned char)*p];
    }
    return 0;
}

/* Reads a number where the parser expects one; everything else is reported. */
static bool lex_other(Lexer *lexer, LexerMode mode)
{
    char c = *lexer->start;
    const char *end;

    if (mode == LEX_NUMBERS && (c == '-' || g_ascii_isdigit(c))) {
        return lex_number(lexer);
    }
    end = number_end(lexer->start);
    if (end && is_stray_end(*end)) {
        g_autofree char *word = stray_word(lexer);

        return diag(lexer->diags, DIAG_NUMBER_PLACE, lexer_loc(lexer), 0,
                    word);
    }
    return report_stray(lexer);
}

bool lexer_next(Lexer *lexer, LexerMode mode)
{
    while (lexer->next < lexer->end) {
        const char *start = lexer->start = lexer->next++;
        size_t skip;

        switch (*start) {
        case ' ':
        case '\n':
        case '\t':
        case '\v':
        case '\f':
        case 0x1c ... 0x1f:
            break;
        case '#':
            lexer->next = memchr(start, '\n', lexer->end - start);
            if (start[1] == '#' || mode == LEX_COMMENTS) {
                lexer->kind = TOKEN_COMMENT;
                return true;
            }
            break;
        case '{':
        case '}':
        case '[':
        case ']':
        case ':':
        case ',':
            lexer->kind = (TokenKind)*start;
            return true;
        case '\'':
            return lex_string(lexer);
        case 't':
            return lex_literal(lexer, "true", TOKEN_TRUE);
        case 'f':
            return lex_literal(lexer, "false", TOKEN_FALSE);
        default:
            skip = *start & 0x80 ? wide_space(start) : 0;
            if (!skip) {
                return lex_other(lexer, mode);
            }
            lexer->next = start + skip;
        }
    }
    lexer->start = lexer->end - 1;
    lexer->kind = TOKEN_END;
    return true;
}
