/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qapi/scalar-text.h"
#include "tests/unit/test-util.h"

#include <math.h>

typedef struct IntRow {
    const char *name;
    const char *text;
    bool ok;
    int64_t value;
} IntRow;

static const IntRow int_rows[] = {
    { "zero", "0", true, 0 },
    { "minus-zero", "-0", true, 0 },
    { "decimal", "4096", true, 4096 },
    { "eighteen-digits", "123456789012345678", true, 123456789012345678 },
    { "negative", "-42", true, -42 },
    { "max", "9223372036854775807", true, INT64_MAX },
    { "min", "-9223372036854775808", true, INT64_MIN },
    { "above-max", "9223372036854775808", false, 0 },
    { "below-min", "-9223372036854775809", false, 0 },
    { "far-above", "99999999999999999999", false, 0 },
    { "hexadecimal", "0x10", true, 16 },
    { "hexadecimal-upper", "0XfF", true, 255 },
    { "hexadecimal-min", "-0x8000000000000000", true, INT64_MIN },
    { "octal", "010", true, 8 },
    { "octal-zeros", "000", true, 0 },
    { "bad-octal", "08", false, 0 },
    { "bare-0x", "0x", false, 0 },
    { "leading-blanks", " \t\n7", true, 7 },
    { "leading-plus", "+7", true, 7 },
    { "blanks-then-minus", "  -7", true, -7 },
    { "trailing-blank", "7 ", false, 0 },
    { "suffix", "7k", false, 0 },
    { "empty", "", false, 0 },
    { "blank", " ", false, 0 },
    { "sign-alone", "-", false, 0 },
    { "two-signs", "+-7", false, 0 },
    { "fraction", "1.0", false, 0 },
    { "exponent", "1e3", false, 0 },
    { "word", "abc", false, 0 },
};

static void test_int64(const void *data)
{
    const IntRow *row = data;
    int64_t value = 77;

    g_assert_true(scalar_parse_int64(row->text, &value) == row->ok);
    g_assert_cmpint(value, ==, row->ok ? row->value : 77);
}

typedef struct UintRow {
    const char *name;
    const char *text;
    bool ok;
    uint64_t value;
} UintRow;

static const UintRow uint_rows[] = {
    { "zero", "0", true, 0 },
    { "max", "18446744073709551615", true, UINT64_MAX },
    { "max-hexadecimal", "0xffffffffffffffff", true, UINT64_MAX },
    { "above-max", "18446744073709551616", false, 0 },
    { "minus-one-does-not-wrap", "-1", false, 0 },
    { "minus-zero", "-0", true, 0 },
    { "blanks-and-plus", "  +12", true, 12 },
    { "octal", "0777", true, 0777 },
    { "trailing-blank", "1 ", false, 0 },
    { "empty", "", false, 0 },
};

static void test_uint64(const void *data)
{
    const UintRow *row = data;
    uint64_t value = 77;

    g_assert_true(scalar_parse_uint64(row->text, &value) == row->ok);
    g_assert_cmpuint(value, ==, row->ok ? row->value : 77);
}

static const UintRow size_rows[] = {
    { "zero", "0", true, 0 },
    { "plain", "4096", true, 4096 },
    { "byte", "12b", true, 12 },
    { "byte-upper", "12B", true, 12 },
    { "kilo", "1k", true, 1024 },
    { "kilo-upper", "1K", true, 1024 },
    { "mega", "3m", true, 3 << 20 },
    { "giga", "2G", true, UINT64_C(2) << 30 },
    { "tera", "1T", true, UINT64_C(1) << 40 },
    { "peta", "1p", true, UINT64_C(1) << 50 },
    { "exa", "1e", true, UINT64_C(1) << 60 },
    { "exa-with-exponent", "1e3", false, 0 },
    { "fraction", "1.5k", true, 1536 },
    { "fraction-without-whole", ".5k", true, 512 },
    { "fraction-empty", "1.k", true, 1024 },
    { "fraction-rounds-up", "0.0005k", true, 1 },
    { "fraction-rounds-down", "0.0004k", true, 0 },
    { "fraction-exact-exa", "0.000000000000000001e", true, 1 },
    { "fraction-of-many-digits",
      "1.50000000000000000000000000000000000000000000000k", true, 1536 },
    { "fraction-without-suffix", "1.5", false, 0 },
    { "fraction-of-bytes", "1.5b", false, 0 },
    { "point-alone", ".k", false, 0 },
    { "hexadecimal", "0x1b", true, 0x1b },
    { "hexadecimal-with-suffix", "0x1k", false, 0 },
    { "not-octal", "010", true, 10 },
    { "max", "18446744073709551615", true, UINT64_MAX },
    { "max-exa", "15e", true, UINT64_C(15) << 60 },
    { "above-max", "18446744073709551616", false, 0 },
    { "above-max-exa", "16e", false, 0 },
    { "far-above", "99999999999999999999999999999999999999999999e", false, 0 },
    { "negative", "-1", false, 0 },
    { "leading-blanks-and-plus", " +1k", true, 1024 },
    { "unknown-suffix", "1x", false, 0 },
    { "two-suffixes", "1kb", false, 0 },
    { "trailing-blank", "1k ", false, 0 },
    { "suffix-alone", "k", false, 0 },
    { "empty", "", false, 0 },
};

static void test_size(const void *data)
{
    const UintRow *row = data;
    uint64_t value = 77;

    g_assert_true(scalar_parse_size(row->text, &value) == row->ok);
    g_assert_cmpuint(value, ==, row->ok ? row->value : 77);
}

typedef struct BoolRow {
    const char *text;
    bool ok;
    bool value;
} BoolRow;

static const BoolRow bool_rows[] = {
    { "on", true, true },    { "yes", true, true },
    { "true", true, true },  { "y", true, true },
    { "off", true, false },  { "no", true, false },
    { "false", true, false }, { "n", true, false },
    { "ON", false },         { "True", false },
    { "1", false },          { "0", false },
    { " on", false },        { "on ", false },
    { "o", false },          { "", false },
};

static void test_bool(const void *data)
{
    const BoolRow *row = data;
    bool value = !row->value;

    g_assert_true(scalar_parse_bool(row->text, &value) == row->ok);
    g_assert_true(value == (row->ok ? row->value : !row->value));
}

typedef struct NumberRow {
    const char *text;
    bool ok;
    double value;
} NumberRow;

static const NumberRow number_rows[] = {
    { "0", true, 0 },
    { "-0", true, -0.0 },
    { "42", true, 42 },
    { "-1.5", true, -1.5 },
    { ".5", true, 0.5 },
    { "5.", true, 5 },
    { "1e3", true, 1000 },
    { "1E-3", true, 0.001 },
    { " +2.5", true, 2.5 },
    { "0.1", true, 0.1 },
    { "007", true, 7 },
    { "9007199254740992", true, 9007199254740992.0 },
    { "9007199254740993", false },
    { "1000000000000000000000", true, 1e21 },
    { "1000000000000000000000000000001", false },
    { "1e400", false },
    { "-1e400", false },
    { "1e-400", true, 0 },
    { "inf", false },
    { "-inf", false },
    { "nan", false },
    { "0x10", false },
    { "1e", false },
    { "1e+", false },
    { ".", false },
    { ".e1", false },
    { "1,5", false },
    { "1 ", false },
    { "", false },
};

static void test_number(const void *data)
{
    const NumberRow *row = data;
    double value = 77;

    g_assert_true(scalar_parse_number(row->text, &value) == row->ok);
    g_assert_cmpfloat(value, ==, row->ok ? row->value : 77);
    g_assert_true(!row->ok || signbit(value) == signbit(row->value));
}

static void test_number_huge_integer(void)
{
    g_autofree char *text = g_strnfill(400, '9');
    double value = 77;

    g_assert_false(scalar_parse_number(text, &value));
    g_assert_cmpfloat(value, ==, 77);
}

static void test_is_integer(void)
{
    g_assert_true(scalar_text_is_integer("99999999999999999999"));
    g_assert_true(scalar_text_is_integer(" -0x1"));
    g_assert_false(scalar_text_is_integer("abc"));
    g_assert_false(scalar_text_is_integer("1.5"));
    g_assert_false(scalar_text_is_integer(""));
}

#define ADD_ROWS(prefix, rows, label, fn)                               \
    do {                                                                \
        size_t i_;                                                      \
                                                                        \
        for (i_ = 0; i_ < G_N_ELEMENTS(rows); i_++) {                   \
            g_autofree char *path_ = g_strdup_printf(                   \
                "/qapi/scalar-text/" prefix "/'%s'", rows[i_].label);   \
                                                                        \
            g_test_add_data_func(path_, &rows[i_], fn);                 \
        }                                                               \
    } while (0)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD_ROWS("int64", int_rows, name, test_int64);
    ADD_ROWS("uint64", uint_rows, name, test_uint64);
    ADD_ROWS("size", size_rows, name, test_size);
    ADD_ROWS("bool", bool_rows, text, test_bool);
    ADD_ROWS("number", number_rows, text, test_number);
    g_test_add_func("/qapi/scalar-text/number/huge-integer",
                    test_number_huge_integer);
    g_test_add_func("/qapi/scalar-text/is-integer", test_is_integer);
    return test_run();
}
