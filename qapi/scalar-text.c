/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every property that is set from text is parsed here.  Each parser therefore
 * first tries the common spelling, a short plain decimal, in one tight loop.
 * Any other text goes to the general form after it; only the general form has
 * to be complete.
 */
#include "qapi/scalar-text.h"

#include <math.h>
#include <string.h>

/*
 * The number of decimal digits that can overflow neither a uint64_t nor an
 * int64_t.
 */
#define SAFE_DIGITS 18

typedef unsigned __int128 Uint128;

/* One comparison; other characters wrap around to a large number. */
static inline bool is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

/* Skips what isspace() accepts in the C locale, whatever the locale is. */
static const char *skip_blanks(const char *p)
{
    while (*p == ' ' || (*p >= '\t' && *p <= '\r')) {
        p++;
    }
    return p;
}

/* Skips white space and one sign. */
static const char *skip_sign(const char *p, bool *negative)
{
    p = skip_blanks(p);
    *negative = *p == '-';
    return p + (*p == '-' || *p == '+');
}

/* Parses a plain decimal without sign and leading zero, or "0". */
static inline bool parse_plain(const char *p, uint64_t *value)
{
    uint64_t n = 0;
    int i;

    if (*p == '0' || !is_digit(*p)) {
        *value = 0;
        return *p == '0' && !p[1];
    }
    for (i = 0; i < SAFE_DIGITS && is_digit(p[i]); i++) {
        n = n * 10 + (p[i] - '0');
    }
    *value = n;
    return !p[i];
}

/* Returns the value of a digit of any base; 99 if @c is not one. */
static int digit_value(char c)
{
    if (is_digit(c)) {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

/*
 * Returns the base by its prefix, as strtol() with base 0 does, and moves *@p
 * past "0x".  The leading 0 of an octal number is one of its digits.
 */
static int get_base(const char **p)
{
    if (**p != '0') {
        return 10;
    }
    if (((*p)[1] | 0x20) == 'x') {
        *p += 2;
        return 16;
    }
    return 8;
}

/*
 * Parses digits of any base up to the end of the text.  *@overflow is set if
 * the number is too large.
 */
static bool parse_digits(const char *p, uint64_t *value, bool *overflow)
{
    int base = get_base(&p);
    uint64_t n = 0;

    *overflow = false;
    if (digit_value(*p) >= base) {
        return false;
    }
    for (; digit_value(*p) < base; p++) {
        *overflow |= __builtin_mul_overflow(n, (uint64_t)base, &n) ||
            __builtin_add_overflow(n, (uint64_t)digit_value(*p), &n);
    }
    *value = n;
    return !*p;
}

bool scalar_text_is_integer(const char *text)
{
    bool negative;
    bool overflow;
    uint64_t n;

    return parse_digits(skip_sign(text, &negative), &n, &overflow);
}

bool scalar_parse_int64(const char *text, int64_t *value)
{
    bool negative = *text == '-';
    bool overflow;
    uint64_t n;

    if (parse_plain(text + negative, &n)) {
        *value = negative ? -(int64_t)n : (int64_t)n;
        return true;
    }
    if (!parse_digits(skip_sign(text, &negative), &n, &overflow) ||
        overflow || n > (uint64_t)INT64_MAX + negative) {
        return false;
    }
    *value = negative ? (int64_t)(0 - n) : (int64_t)n;
    return true;
}

/* "-0" is 0; every other negative number is rejected. */
bool scalar_parse_uint64(const char *text, uint64_t *value)
{
    bool negative;
    bool overflow;
    uint64_t n;

    if (parse_plain(text, &n)) {
        *value = n;
        return true;
    }
    if (!parse_digits(skip_sign(text, &negative), &n, &overflow) ||
        overflow || (negative && n)) {
        return false;
    }
    *value = n;
    return true;
}

/* The first letter is compared first, because most texts differ in it. */
bool scalar_parse_bool(const char *text, bool *value)
{
    static const struct {
        char text[6];
        bool value;
    } words[] = {
        { "on", true },   { "yes", true }, { "true", true },   { "y", true },
        { "off", false }, { "no", false }, { "false", false }, { "n", false },
    };
    size_t i;

    for (i = 0; i < G_N_ELEMENTS(words); i++) {
        if (text[0] == words[i].text[0] && !strcmp(text, words[i].text)) {
            *value = words[i].value;
            return true;
        }
    }
    return false;
}

/* Returns the shift of a size suffix in bits; -1 if @c is not a suffix. */
static int suffix_shift(char c)
{
    static const char letters[] = "bkmgtpe";
    const char *at = c ? strchr(letters, c | 0x20) : NULL;

    return at && *at ? 10 * (int)(at - letters) : -1;
}

/*
 * Parses the digits after the point as @numerator over @denominator.  Digits
 * after the twentieth are skipped: even in exabytes they amount to about a
 * hundredth of a byte.
 */
static const char *parse_fraction(const char *p, Uint128 *numerator,
                                  Uint128 *denominator)
{
    int i;

    *numerator = 0;
    *denominator = 1;
    for (i = 0; is_digit(*p); p++, i++) {
        if (i < 20) {
            *numerator = *numerator * 10 + (*p - '0');
            *denominator *= 10;
        }
    }
    return p;
}

/*
 * Parses the digits before the point.  128 bits are enough to detect an
 * overflow at the end.
 */
static const char *parse_whole(const char *p, Uint128 *value)
{
    *value = 0;
    for (; is_digit(*p); p++) {
        if (*value <= UINT64_MAX) {
            *value = *value * 10 + (*p - '0');
        }
    }
    return p;
}

/*
 * Parses digits, a fraction and a suffix.  The fraction is rounded to the
 * nearest byte.
 */
static bool parse_decimal_size(const char *p, Uint128 *value)
{
    Uint128 numerator = 0;
    Uint128 denominator = 1;
    const char *start = p;
    bool fraction;
    bool digits;
    int shift = 0;

    p = parse_whole(p, value);
    digits = p > start;
    fraction = *p == '.';
    if (fraction) {
        start = ++p;
        p = parse_fraction(p, &numerator, &denominator);
        digits = digits || p > start;
    }
    if (*p) {
        shift = suffix_shift(*p++);
    }
    if (!digits || shift < 0 || *p || (fraction && !shift)) {
        return false;
    }
    *value = (*value << shift) +
        ((numerator << shift) + denominator / 2) / denominator;
    return true;
}

bool scalar_parse_size(const char *text, uint64_t *value)
{
    Uint128 wide = 0;
    uint64_t narrow;
    bool overflow;
    bool negative;
    const char *p;

    if (parse_plain(text, &narrow)) {
        *value = narrow;
        return true;
    }
    p = skip_sign(text, &negative);
    if (p[0] == '0' && (p[1] | 0x20) == 'x') {
        if (!parse_digits(p, &narrow, &overflow) || overflow) {
            return false;
        }
        wide = narrow;
    } else if (!parse_decimal_size(p, &wide)) {
        return false;
    }
    if (wide > UINT64_MAX || (negative && wide)) {
        return false;
    }
    *value = wide;
    return true;
}

static const char *skip_digits(const char *p)
{
    while (is_digit(*p)) {
        p++;
    }
    return p;
}

/*
 * Returns true if the text is [digits][.digits][e[sign]digits].  @integer:
 * (out) true if it has digits only.
 */
static bool check_decimal(const char *p, bool *integer)
{
    const char *start = p;
    size_t n_digits;

    p = skip_digits(p);
    n_digits = p - start;
    *integer = !*p;
    if (*p == '.') {
        start = ++p;
        p = skip_digits(p);
        n_digits += p - start;
    }
    if (n_digits && (*p | 0x20) == 'e') {
        p++;
        p += *p == '-' || *p == '+';
        if (!is_digit(*p)) {
            return false;
        }
        p = skip_digits(p);
    }
    return n_digits && !*p;
}

/* Returns true if @number has exactly the value of the decimal digits at @p. */
static bool is_exact(const char *p, double number)
{
    char exact[320];

    p += strspn(p, "0");
    if (!*p) {
        return number == 0;
    }
    g_ascii_formatd(exact, sizeof(exact), "%.0f", number);
    return !strcmp(exact, p);
}

/*
 * Uses the C locale: g_ascii_strtod() takes '.' as the decimal point
 * everywhere.
 */
bool scalar_parse_number(const char *text, double *value)
{
    uint64_t small;
    double number;
    bool negative;
    bool integer;
    const char *p;

    if (parse_plain(text, &small) && small <= UINT64_C(1) << 53) {
        *value = small;
        return true;
    }
    p = skip_sign(text, &negative);
    if (!check_decimal(p, &integer)) {
        return false;
    }
    number = g_ascii_strtod(p, NULL);
    if (!isfinite(number) || (integer && !is_exact(p, number))) {
        return false;
    }
    *value = negative ? -number : number;
    return true;
}
