/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lexer turns bytes into tokens.  A token that the end of the input cuts in
 * two stays in the buffer.  `scanned` is the number of its bytes that have been
 * checked, so every byte is checked only once, even if bytes arrive one at a
 * time.
 */
#include "qapi/json/json-stream-internal.h"

/* Words are numbers and keywords; a malformed one is reported as a whole. */
static bool is_word_char(char c)
{
    return g_ascii_isalnum(c) || c == '-' || c == '+' || c == '.' || c == '_';
}

/* Control characters must be escaped in JSON, and 0xFF is not UTF-8. */
static bool is_bad_in_string(unsigned char c)
{
    return c < 0x20 || c == 0xFF;
}

/* Bytes at which the search in a string stops: \ " ' < 0x20 0xFF. */
static const bool stops_string[256] = {
    [0 ... 0x1F] = true, ['"'] = true, ['\''] = true, ['\\'] = true,
    [0xFF] = true,
};

/*
 * Skips the bytes of a string that need no attention. *@high collects them, so
 * that the caller sees whether all are ASCII.
 */
static inline const char *skip_string_bytes(const char *p, const char *end,
                                            unsigned char *high)
{
    unsigned char all = 0;

    while (p < end && !stops_string[(unsigned char)*p]) {
        all |= (unsigned char)*p++;
    }
    *high |= all;
    return p;
}

/*
 * Returns the closing quote of the string that starts at @token, or the first
 * invalid byte; NULL if there is neither.  The search starts where the last
 * search ended.
 */
static const char *find_string_end(JsonStream *s, const char *token,
                                   const char *end)
{
    const char *p = token + s->scanned;

    if (!s->scanned) {
        p++;
        s->escapes = false;
        s->high = 0;
    }
    for (;; p++) {
        p = skip_string_bytes(p, end, &s->high);
        if (p < end && *p == '\\') {
            s->escapes = true;
            if (p + 1 == end) {
                break;
            }
            if (!is_bad_in_string(p[1])) {
                s->high |= (unsigned char)*++p;
                continue;
            }
            p++;
        }
        if (p == end) {
            break;
        }
        if (*p == *token || is_bad_in_string(*p)) {
            s->scanned = 0;
            return p;
        }
    }
    s->scanned = p - token;
    return NULL;
}

/* Handles a byte that begins no token.  Returns where to continue. */
static const char *eat_stray(JsonStream *s, const char *p, uint64_t offset)
{
    if ((unsigned char)*p == 0xFF) {
        json_error_at(s, offset, JSON_ERROR_BYTE_FF);
        if (!json_stream_is_whole_text(s)) {
            json_grammar_reset(s);
        }
        return p + 1;
    }
    if ((unsigned char)*p < 0x20) {
        json_error_at(s, offset, JSON_ERROR_CONTROL, (unsigned char)*p);
        return p + (*p != '\n');
    }
    if ((unsigned char)*p < 0x80) {
        json_error_at(s, offset, JSON_ERROR_STRAY, *p);
    } else {
        /* The other bytes of its character may still be missing. */
        json_error_at(s, offset, JSON_ERROR_STRAY_BYTE, (unsigned char)*p);
    }
    return p + 1;
}

/*
 * Handles the string at @p.  Returns where to continue; NULL if the string is
 * cut in two.
 */
static const char *run_string(JsonStream *s, const char *p, const char *end,
                              uint64_t offset)
{
    const char *close = find_string_end(s, p, end);

    if (!close) {
        return NULL;
    }
    if (*close == *p) {
        json_grammar_string(s, p + 1, close, offset);
        return close + 1;
    }
    s->quote = *p; /* json_skip() must skip the string first */
    return eat_stray(s, close, offset + (close - p));
}

/* Handles a word as run_string() handles a string. */
static const char *run_word(JsonStream *s, const char *p, const char *end,
                            uint64_t offset, bool at_end)
{
    const char *close = p + s->scanned;

    while (close < end && is_word_char(*close)) {
        close++;
    }
    if (close == end && !at_end) {
        s->scanned = close - p;
        return NULL;
    }
    s->scanned = 0;
    json_grammar_word(s, p, close, offset);
    return close;
}

/* Handles the comment at @p.  Returns where to continue. */
static const char *run_comment(JsonStream *s, const char *p, const char *end,
                               uint64_t offset)
{
    const char *start = p;
    unsigned line = s->line;
    uint64_t line_start = s->line_start;

    if (*p == '#' || (end - p > 1 && p[1] == '/')) {
        while (p < end && *p != '\n') {
            p++;
        }
        return p;
    }
    for (p += 2; end - p > 1; p++) {
        if (p[0] == '*' && p[1] == '/') {
            return p + 2;
        }
        if (*p == '\n') {
            json_stream_new_line(s, offset + (p - start) + 1);
        }
    }
    s->line = line;
    s->line_start = line_start;
    json_error_at(s, offset, JSON_ERROR_COMMENT);
    return end;
}

/* Comments are allowed in files that a person has written, not in streams. */
static bool is_comment(const JsonStream *s, const char *p, const char *end)
{
    return s->file && (*p == '#' || (*p == '/' && end - p > 1 &&
                                     (p[1] == '/' || p[1] == '*')));
}

/* The limit also applies to a token that is cut in two. */
static void check_pending(JsonStream *s, const char *p, uint64_t offset)
{
    if (s->n_bytes + s->scanned > s->max_bytes) {
        s->quote = *p == '"' || *p == '\'' ? *p : 0;
        json_error_at(s, offset, JSON_ERROR_TEXT_LIMIT);
    }
}

/*
 * A word or string that is cut in two ends the loop; its bytes stay in the
 * buffer.
 */
const char *json_lexer_run(JsonStream *s, const char *buf, const char *end,
                           bool at_end)
{
    const char *p = buf;

    while (p < end) {
        uint64_t offset = s->offset + (p - buf);
        const char *next;

        if (s->state == JSON_SKIP) {
            if (json_stream_is_whole_text(s)) {
                break;
            }
            p = json_skip(s, p, end, offset);
            continue;
        }
        switch (*p) {
        case '\n':
            json_stream_new_line(s, offset + 1);
            p++;
            continue;
        case ' ':
        case '\t':
        case '\r':
            p++;
            continue;
        case '{':
        case '[':
            p += json_grammar_open(s, *p, offset);
            continue;
        case '}':
            p += json_grammar_close(s, '{', offset);
            continue;
        case ']':
            p += json_grammar_close(s, '[', offset);
            continue;
        case ':':
            p += json_grammar_colon(s, offset);
            continue;
        case ',':
            p += json_grammar_comma(s, offset);
            continue;
        case '"':
        case '\'':
            next = run_string(s, p, end, offset);
            break;
        default:
            next = is_word_char(*p) ? run_word(s, p, end, offset, at_end)
                   : is_comment(s, p, end) ? run_comment(s, p, end, offset)
                                           : eat_stray(s, p, offset);
            break;
        }
        if (!next) {
            check_pending(s, p, offset);
            if (s->state != JSON_SKIP) {
                break;
            }
            next = end;
        }
        p = next;
    }
    return p;
}
