/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qapi/json/json.h"
#include "tests/unit/test-util.h"

#include <math.h>
#include <string.h>

static char *to_text(JsonNode *node, bool pretty)
{
    GString *out = g_string_new(NULL);

    json_write(out, node, pretty);
    return g_string_free(out, FALSE);
}

typedef struct GoodRow {
    const char *name;
    const char *text;
    const char *written; /* NULL: as @text */
} GoodRow;

static const GoodRow good_rows[] = {
    { "null", "null" },
    { "true", "true" },
    { "false", "false" },
    { "zero", "0" },
    { "minus-zero", "-0" },
    { "integer", "-42" },
    { "int64-max", "9223372036854775807" },
    { "int64-min", "-9223372036854775808" },
    { "uint64-max", "18446744073709551615" },
    { "thirty-digits", "123456789012345678901234567890" },
    { "fraction", "0.1" },
    { "fraction-zero", "1.0" },
    { "exponent", "1e2" },
    { "exponent-upper-and-sign", "1.50E+003" },
    { "tiny", "1e-400" },
    { "empty-string", "\"\"" },
    { "string", "\"abc\"" },
    { "string-single-quotes", "'a\"b'", "\"a\\\"b\"" },
    { "string-single-quote-inside", "\"it's\"" },
    { "escapes", "\"\\\"\\\\\\b\\f\\n\\r\\t\"" },
    { "escape-slash", "\"\\/\"", "\"/\"" },
    { "escape-single-quote", "'\\''", "\"'\"" },
    { "escape-unicode", "\"\\u0041\\u00e9\"", "\"A\\u00E9\"" },
    { "escape-control", "\"\\u0001\\u001f\"", "\"\\u0001\\u001F\"" },
    { "escape-surrogates", "\"\\uD83D\\uDE00\"" },
    { "escape-nul", "\"a\\u0000b\"" },
    { "escape-nul-in-key", "{\"\\u0000\": 1}" },
    { "utf8", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"",
      "\"\\u00E9\\u20AC\\uD83D\\uDE00\"" },
    { "del", "\"\x7f\"", "\"\\u007F\"" },
    { "empty-array", "[]" },
    { "empty-object", "{}" },
    { "array", "[1, \"x\", null, [true]]" },
    { "object", "{\"b\": 1, \"a\": {\"c\": []}}" },
    { "blanks", " \t\r\n[ 1 ,\n2 ] \n", "[1, 2]" },
    { "no-blanks", "{\"a\":[1,2],\"b\":{}}", "{\"a\": [1, 2], \"b\": {}}" },
};

static void test_good(const void *data)
{
    const GoodRow *row = data;
    g_autoptr(JsonNode) node = json_parse(row->text, -1, &error_abort);
    g_autoptr(JsonNode) again = NULL;
    g_autofree char *text = to_text(node, false);

    g_assert_cmpstr(text, ==, row->written ? row->written : row->text);
    again = json_parse(text, -1, &error_abort);
    g_assert_true(json_node_equal_deep(node, again));
}

typedef struct BadRow {
    const char *name;
    const char *text;
    const char *message; /* after "JSON parse error, " if it has a ( */
} BadRow;

static const BadRow bad_rows[] = {
    { "empty", "", "Expecting a JSON value" },
    { "blank", " \n", "Expecting a JSON value" },
    { "two-values", "{} {}", "Expecting at most one JSON value" },
    { "trailing-word", "1 x", "Expecting at most one JSON value" },
    { "trailing-bracket", "[]]", "Expecting at most one JSON value" },
    { "trailing-quote", "[]\"", "Expecting at most one JSON value" },
    { "trailing-control", "[]\001", "Expecting at most one JSON value" },
    { "keyword", "nul", "invalid keyword 'nul' (line 1, column 1)" },
    { "keyword-upper", "[TRUE]", "invalid keyword 'TRUE' (line 1, column 2)" },
    { "keyword-nan", "NaN", "invalid keyword 'NaN' (line 1, column 1)" },
    { "keyword-infinity", "-Infinity",
      "invalid number '-Infinity' (line 1, column 1)" },
    { "keyword-long",
      "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
      "invalid keyword 'abcdefghijklmnopqrstuvwxyzabcdefghijklmn'..."
      " (line 1, column 1)" },
    { "leading-zero", "01", "invalid number '01' (line 1, column 1)" },
    { "leading-plus", "+1", "invalid number '+1' (line 1, column 1)" },
    { "point-first", ".5", "invalid number '.5' (line 1, column 1)" },
    { "point-last", "5.", "invalid number '5.' (line 1, column 1)" },
    { "minus-alone", "-", "invalid number '-' (line 1, column 1)" },
    { "exponent-empty", "1e", "invalid number '1e' (line 1, column 1)" },
    { "hexadecimal", "0x10", "invalid number '0x10' (line 1, column 1)" },
    { "number-out-of-range", "[1e400]",
      "number '1e400' is out of range (line 1, column 2)" },
    { "comment", "[1, // x\n2]", "stray '/' (line 1, column 5)" },
    { "stray-utf8", "\xc3\xa9", "stray byte 0xC3 (line 1, column 1)" },
    { "stray-bad-byte", "\x80", "stray byte 0x80 (line 1, column 1)" },
    { "byte-ff", "\xff", "byte 0xFF (line 1, column 1)" },
    { "control", "[\001]", "control character 0x01 (line 1, column 2)" },
    { "control-in-string", "\"a\001b\"",
      "control character 0x01 (line 1, column 3)" },
    { "newline-in-string", "\"a\nb\"",
      "control character 0x0a (line 1, column 3)" },
    { "tab-in-string", "\"\t\"",
      "control character 0x09 (line 1, column 2)" },
    { "newline-after-backslash", "\"\\\n\"",
      "control character 0x0a (line 1, column 3)" },
    { "byte-ff-in-string", "\"\xff\"", "byte 0xFF (line 1, column 2)" },
    { "bad-utf8", "\"a\xc3\"",
      "invalid UTF-8 sequence in string (line 1, column 3)" },
    { "overlong-utf8", "\"\xc0\x80\"",
      "invalid UTF-8 sequence in string (line 1, column 2)" },
    { "surrogate-utf8", "\"\xed\xa0\x80\"",
      "invalid UTF-8 sequence in string (line 1, column 2)" },
    { "beyond-unicode", "\"\xf4\x90\x80\x80\"",
      "invalid UTF-8 sequence in string (line 1, column 2)" },
    { "bad-escape", "\"\\x\"",
      "invalid escape sequence in string (line 1, column 2)" },
    { "short-unicode", "\"\\u12\"",
      "invalid escape sequence in string (line 1, column 2)" },
    { "bad-unicode", "\"\\u12g4\"",
      "invalid escape sequence in string (line 1, column 2)" },
    { "lone-high-surrogate", "\"\\uD83D\"",
      "lone surrogate in string (line 1, column 2)" },
    { "lone-low-surrogate", "\"ab\\uDE00\"",
      "lone surrogate in string (line 1, column 4)" },
    { "high-surrogate-twice", "\"\\uD83D\\uD83D\"",
      "lone surrogate in string (line 1, column 2)" },
    { "open-string", "\"abc",
      "unexpected end of input (line 1, column 5)" },
    { "open-string-backslash", "\"abc\\",
      "unexpected end of input (line 1, column 6)" },
    { "open-array", "[1,\n2",
      "unexpected end of input (line 2, column 2)" },
    { "open-object", "{", "unexpected end of input (line 1, column 2)" },
    { "close-alone", "}", "expecting value (line 1, column 1)" },
    { "trailing-comma-array", "[1,]", "expecting value (line 1, column 4)" },
    { "trailing-comma-object", "{\"a\": 1,}",
      "expecting a key in quotes (line 1, column 9)" },
    { "comma-first", "[,]", "expecting value or ']' (line 1, column 2)" },
    { "missing-comma-array", "[1 2]", "expecting ',' or ']'"
      " (line 1, column 4)" },
    { "missing-comma-object", "{\"a\": 1 \"b\": 2}",
      "expecting ',' or '}' (line 1, column 9)" },
    { "missing-colon", "{\"a\" 1}", "expecting ':' (line 1, column 6)" },
    { "missing-value", "{\"a\":}", "expecting value (line 1, column 6)" },
    { "key-not-string", "{1: 2}",
      "expecting a key in quotes or '}' (line 1, column 2)" },
    { "wrong-bracket", "[1}", "expecting ',' or ']' (line 1, column 3)" },
    { "duplicate-key", "{\"a\": 1,\n \"a\": 2}",
      "duplicate key 'a' (line 2, column 7)" },
    { "duplicate-key-by-escape", "{\"a\": 1, \"\\u0061\": []}",
      "duplicate key 'a' (line 1, column 20)" },
};

static void test_bad(const void *data)
{
    const BadRow *row = data;
    g_autoptr(Error) err = NULL;
    g_autofree char *message = NULL;

    message = g_strconcat(strchr(row->message, '(') ? "JSON parse error, "
                                                    : "",
                          row->message, NULL);
    g_assert_null(json_parse(row->text, -1, &err));
    g_assert_cmpstr(error_get_pretty(err), ==, message);
}

static void test_nul_byte(void)
{
    g_autoptr(Error) err = NULL;

    g_assert_null(json_parse("[1\0]", 4, &err));
    g_assert_cmpstr(error_get_pretty(err), ==, "JSON parse error,"
                    " control character 0x00 (line 1, column 3)");
}

static void test_length_bounds_text(void)
{
    g_autoptr(JsonNode) node = json_parse("123456", 3, &error_abort);

    g_assert_cmpint(json_node_get_int(node), ==, 123);
}

static char *nested(unsigned depth)
{
    char *text = g_malloc(2 * depth + 1);

    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    text[2 * depth] = 0;
    return text;
}

static void test_nesting(void)
{
    g_autofree char *deep = nested(JSON_MAX_NESTING);
    g_autofree char *deeper = nested(JSON_MAX_NESTING + 1);
    g_autoptr(JsonNode) node = json_parse(deep, -1, &error_abort);
    g_autoptr(Error) err = NULL;
    g_autofree char *text = to_text(node, false);

    g_assert_cmpstr(text, ==, deep);
    g_assert_null(json_parse(deeper, -1, &err));
    g_assert_cmpstr(error_get_pretty(err), ==, "JSON parse error,"
                    " JSON nesting depth limit exceeded"
                    " (line 1, column 1025)");
}

/* Each element at the deepest level is two bytes of input. */
static void test_pretty_deep(void)
{
    g_autofree char *open = g_strnfill(JSON_MAX_NESTING, '[');
    g_autofree char *close = g_strnfill(JSON_MAX_NESTING, ']');
    g_autoptr(GString) text = g_string_new(open);
    g_autoptr(JsonNode) node = NULL;
    g_autoptr(JsonNode) again = NULL;
    g_autofree char *pretty = NULL;

    for (unsigned i = 0; i < 1000; i++) {
        g_string_append(text, "1,");
    }
    g_string_append_printf(text, "1%s", close);
    node = json_parse(text->str, -1, &error_abort);
    pretty = to_text(node, true);
    g_assert_cmpuint(strlen(pretty), <, 3 * text->len);
    again = json_parse(pretty, -1, &error_abort);
    g_assert_true(json_node_equal_deep(node, again));
}

static char *object_of(unsigned n_members)
{
    GString *text = g_string_new("[{");

    for (unsigned i = 0; i < n_members; i++) {
        g_string_append_printf(text, "%s\"%u\": 1", i ? ", " : "", i);
    }
    g_string_append(text, "}, {\"0\": 1}]");
    return g_string_free(text, FALSE);
}

static void test_member_count(void)
{
    g_autofree char *most = object_of(JSON_MAX_MEMBERS);
    g_autofree char *more = object_of(JSON_MAX_MEMBERS + 1);
    g_autoptr(JsonNode) node = json_parse(most, -1, &error_abort);
    Error *err = NULL;

    g_assert_nonnull(node);
    g_assert_null(json_parse(more, -1, &err));
    assert_error(err, "JSON parse error, JSON object has more than 1024"
                 " members (line 1, column 10165)");
}

static void test_token_count(void)
{
    g_autoptr(GString) text = g_string_new("[0");
    g_autoptr(JsonNode) node = NULL;
    g_autoptr(Error) err = NULL;
    int n;

    /* Two brackets and one number make three; each ",0" makes two. */
    for (n = 3; n + 2 <= JSON_MAX_TOKENS; n += 2) {
        g_string_append(text, ",0");
    }
    g_string_append_c(text, ']');
    node = json_parse(text->str, text->len, &error_abort);
    g_assert_nonnull(node);
    g_string_insert(text, 1, "0,");
    g_assert_null(json_parse(text->str, text->len, &err));
    g_assert_nonnull(strstr(error_get_pretty(err),
                            "JSON token count limit exceeded"));
}

static void test_token_size(void)
{
    g_autoptr(GString) text = g_string_sized_new(JSON_MAX_TEXT + 16);
    g_autoptr(JsonNode) node = NULL;
    g_autoptr(Error) err = NULL;

    g_string_set_size(text, JSON_MAX_TEXT);
    memset(text->str, 'a', text->len);
    text->str[0] = '"';
    text->str[text->len - 1] = '"';
    node = json_parse(text->str, text->len, &error_abort);
    g_assert_nonnull(node);
    g_string_insert_c(text, 1, 'a');
    g_assert_null(json_parse(text->str, text->len, &err));
    g_assert_cmpstr(error_get_pretty(err), ==, "JSON parse error,"
                    " JSON token size limit exceeded (line 1, column 1)");
}

static void test_pretty(void)
{
    g_autoptr(JsonNode) node = NULL;
    g_autofree char *text = NULL;

    node = json_parse("{\"a\": [1, {}], \"b\": []}", -1, &error_abort);
    text = to_text(node, true);
    g_assert_cmpstr(text, ==,
                    "{\n"
                    "    \"a\": [\n"
                    "        1,\n"
                    "        {}\n"
                    "    ],\n"
                    "    \"b\": []\n"
                    "}");
}

static void assert_double_text(double value, const char *expected)
{
    g_autoptr(JsonNode) node = json_number_new_double(value);
    g_autofree char *text = to_text(node, false);

    g_assert_cmpstr(text, ==, expected);
}

static void test_write_double(void)
{
    assert_double_text(0.1, "0.1");
    assert_double_text(1.0 / 3, "0.3333333333333333");
    assert_double_text(0.1 + 0.2, "0.30000000000000004");
    assert_double_text(5, "5");
    assert_double_text(1e300, "1e+300");
    assert_double_text(INFINITY, "null");
    assert_double_text(NAN, "null");
}

static void test_write_bad_utf8(void)
{
    g_autoptr(JsonNode) node = json_text_new("a\xff\xc3z");
    g_autofree char *text = to_text(node, false);

    g_assert_cmpstr(text, ==, "\"a\\uFFFD\\uFFFDz\"");
}

/* A string that looks like a number kept as text stays a string. */
static void test_text_is_no_number(void)
{
    g_autoptr(JsonNode) node = json_text_new("\xff" "12");
    g_autofree char *text = to_text(node, false);

    g_assert_cmpint(json_qtype(node), ==, QTYPE_QSTRING);
    g_assert_cmpstr(text, ==, "\"\\uFFFD12\"");
}

typedef struct NumberRow {
    const char *text;
    bool integer;
    bool int64;
    bool uint64;
    bool number;
} NumberRow;

static const NumberRow number_rows[] = {
    { "0", true, true, true, true },
    { "-0", true, true, true, true },
    { "-1", true, true, false, true },
    { "9007199254740993", true, true, true, false },
    { "9223372036854775807", true, true, true, false },
    { "-9223372036854775808", true, true, false, true },
    { "9223372036854775808", true, false, true, true },
    { "18446744073709551615", true, false, true, false },
    { "18446744073709551616", true, false, false, true },
    { "1.0", false, false, false, true },
    { "1e3", false, false, false, true },
    { "\"1\"", false, false, false, false },
    { "true", false, false, false, false },
    { "null", false, false, false, false },
    { "[1]", false, false, false, false },
    { "{}", false, false, false, false },
};

static void test_number(const void *data)
{
    const NumberRow *row = data;
    g_autoptr(JsonNode) node = json_parse(row->text, -1, &error_abort);
    uint64_t u = 77;
    int64_t i = 77;
    double d = 77;

    g_assert_true(json_number_is_integer(node) == row->integer);
    g_assert_true(json_number_get_int64(node, &i) == row->int64);
    g_assert_cmpint(i, ==, row->int64 ? strtoll(row->text, NULL, 10) : 77);
    g_assert_true(json_number_get_uint64(node, &u) == row->uint64);
    g_assert_cmpuint(u, ==, row->uint64 ? strtoull(row->text, NULL, 10) : 77);
    g_assert_true(json_number_get_double(node, &d) == row->number);
    g_assert_cmpfloat(d, ==, row->number ? strtod(row->text, NULL) : 77);
}

static void test_number_new_uint64(void)
{
    g_autoptr(JsonNode) node = json_number_new_uint64(UINT64_MAX);
    g_autofree char *text = to_text(node, false);
    uint64_t value;

    g_assert_cmpint(json_qtype(node), ==, QTYPE_QNUM);
    g_assert_cmpstr(text, ==, "18446744073709551615");
    g_assert_true(json_number_get_uint64(node, &value));
    g_assert_cmpuint(value, ==, UINT64_MAX);
}

static void test_qtype(void)
{
    static const struct {
        const char *text;
        QType qtype;
    } rows[] = {
        { "null", QTYPE_QNULL }, { "1", QTYPE_QNUM }, { "1e2", QTYPE_QNUM },
        { "\"1\"", QTYPE_QSTRING }, { "{}", QTYPE_QDICT },
        { "[]", QTYPE_QLIST }, { "false", QTYPE_QBOOL },
    };
    size_t i;

    for (i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(JsonNode) node = json_parse(rows[i].text, -1, &error_abort);

        g_assert_cmpint(json_qtype(node), ==, rows[i].qtype);
    }
}

static void test_copy_is_deep(void)
{
    g_autoptr(JsonNode) node = NULL;
    g_autoptr(JsonNode) copy = NULL;

    node = json_parse("{\"a\": [1, {\"b\": 1e2}]}", -1, &error_abort);
    copy = json_node_copy_deep(node);
    g_assert_true(json_node_equal_deep(node, copy));
    json_array_add_null_element(
        json_object_get_array_member(json_node_get_object(copy), "a"));
    g_assert_false(json_node_equal_deep(node, copy));
    g_assert_cmpuint(json_array_get_length(json_object_get_array_member(
                         json_node_get_object(node), "a")), ==, 2);
}

typedef struct EqualRow {
    const char *name;
    const char *a;
    const char *b;
    bool equal;
} EqualRow;

static const EqualRow equal_rows[] = {
    { "member-order", "{\"a\": 1, \"b\": 2}", "{\"b\": 2, \"a\": 1}", true },
    { "element-order", "[1, 2]", "[2, 1]", false },
    { "spelling", "[1.0, 1e2]", "[1, 100]", true },
    { "big", "18446744073709551615", "18446744073709551614", false },
    { "huge", "123456789012345678901234567891",
      "123456789012345678901234567890", false },
    { "type", "1", "\"1\"", false },
    { "strings", "\"a\"", "\"b\"", false },
    { "bools", "true", "false", false },
    { "nulls", "null", "null", true },
    { "missing-member", "{\"a\": 1}", "{\"b\": 1}", false },
    { "size", "{\"a\": 1}", "{}", false },
    { "length", "[1]", "[]", false },
};

static void test_equal(const void *data)
{
    const EqualRow *row = data;
    g_autoptr(JsonNode) a = json_parse(row->a, -1, &error_abort);
    g_autoptr(JsonNode) b = json_parse(row->b, -1, &error_abort);

    g_assert_true(json_node_equal_deep(a, b) == row->equal);
    g_assert_true(json_node_equal_deep(b, a) == row->equal);
}

#define ADD_ROWS(prefix, rows, label, fn)                               \
    do {                                                                \
        size_t i_;                                                      \
                                                                        \
        for (i_ = 0; i_ < G_N_ELEMENTS(rows); i_++) {                   \
            g_autofree char *path_ = g_strconcat(                       \
                "/qapi/json/" prefix "/", rows[i_].label, NULL);        \
                                                                        \
            g_test_add_data_func(path_, &rows[i_], fn);                 \
        }                                                               \
    } while (0)

/* ---- Files ---- */

static void test_file_comments(void)
{
    g_autoptr(JsonNode) node = json_parse_file(
        "f", "# a\n{ // b\n\"a\": [1, /* [2,\n* / */ 3] } /**/ //", -1, NULL,
        &error_abort);
    g_autoptr(GString) text = g_string_new(NULL);

    json_write(text, node, false);
    g_assert_cmpstr(text->str, ==, "{\"a\": [1, 3]}");
}

static void test_file_strings(void)
{
    g_autoptr(JsonNode) node = json_parse_file("f", "\"# // /* */\"", -1,
                                               NULL, &error_abort);

    g_assert_cmpstr(json_node_get_string(node), ==, "# // /* */");
}

static void test_file_errors(void)
{
    static const char *const cases[][2] = {
        { "", "f:1:1: expecting value" },
        { "// x", "f:1:5: expecting value" },
        { "[1,\n 2", "f:2:3: unexpected end of input" },
        { "[1 /* \n */ 2]", "f:2:5: expecting ',' or ']'" },
        { "[\n /* \n\n", "f:2:2: comment without end" },
        { "[] x", "f:1:4: expecting nothing more" },
        { "[/]", "f:1:2: stray '/'" },
        { "{\"a\": 1,\n \"a\": 2}", "f:2:7: duplicate key 'a'" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        GHashTable *positions = NULL;
        Error *err = NULL;

        g_assert_null(json_parse_file("f", cases[i][0], -1, &positions,
                                      &err));
        assert_error(err, cases[i][1]);
        g_assert_null(positions);
    }
}

static void test_file_positions(void)
{
    GHashTable *positions;
    g_autoptr(JsonNode) node = json_parse_file("f", "[ 5,\n  {\"a\": \"x\"}]",
                                               -1, &positions, &error_abort);
    JsonArray *array = json_node_get_array(node);
    JsonObject *object = json_array_get_object_element(array, 1);
    const JsonPosition *at;

    at = g_hash_table_lookup(positions, json_array_get_element(array, 0));
    g_assert_cmpuint(at->line, ==, 1);
    g_assert_cmpuint(at->column, ==, 3);
    at = g_hash_table_lookup(positions, json_object_get_member(object, "a"));
    g_assert_cmpuint(at->line, ==, 2);
    g_assert_cmpuint(at->column, ==, 9);
    g_hash_table_unref(positions);
}

static void test_no_comments(void)
{
    Error *err = NULL;

    g_assert_null(json_parse("[] // x", -1, &err));
    assert_error(err, "Expecting at most one JSON value");
}

static void test_round(void)
{
    static const struct {
        const char *text;
        double number;
    } rows[] = {
        { "0", 0 },
        { "0.5", 0.5 },
        { "-3", -3 },
        { "9007199254740993", 9007199254740992.0 }, /* 2^53 + 1 */
        { "-9007199254740993", -9007199254740992.0 },
        { "18446744073709551615", 18446744073709551616.0 },
        { "\"1\"", 0 },
        { "[]", 0 },
        { "null", 0 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(JsonNode) node = json_parse(rows[i].text, -1, &error_abort);

        g_assert_true(json_number_round(node) == rows[i].number);
    }
    g_assert_true(json_number_round(NULL) == 0);
}

static void test_members(void)
{
    g_autoptr(JsonNode) node = json_parse("{'a': 1.5, 'b': {'c': 2}}", -1,
                                          &error_abort);
    JsonObject *object = json_node_get_object(node);

    g_assert_true(json_member_round(object, "a") == 1.5);
    g_assert_true(json_member_round(object, "b") == 0);
    g_assert_true(json_member_round(object, "none") == 0);
    g_assert_true(json_member_round(NULL, "a") == 0);
    g_assert_true(json_member_round(json_member_object(object, "b"), "c") ==
                  2);
    g_assert_null(json_member_object(object, "a"));
    g_assert_null(json_member_object(object, "none"));
    g_assert_null(json_member_object(NULL, "b"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD_ROWS("parse/good", good_rows, name, test_good);
    ADD_ROWS("parse/bad", bad_rows, name, test_bad);
    ADD_ROWS("number", number_rows, text, test_number);
    ADD_ROWS("equal", equal_rows, name, test_equal);
    g_test_add_func("/qapi/json/parse/bad/nul-byte", test_nul_byte);
    g_test_add_func("/qapi/json/parse/length", test_length_bounds_text);
    g_test_add_func("/qapi/json/limit/nesting", test_nesting);
    g_test_add_func("/qapi/json/limit/member-count", test_member_count);
    g_test_add_func("/qapi/json/limit/token-count", test_token_count);
    g_test_add_func("/qapi/json/limit/token-size", test_token_size);
    g_test_add_func("/qapi/json/write/pretty", test_pretty);
    g_test_add_func("/qapi/json/write/pretty-deep", test_pretty_deep);
    g_test_add_func("/qapi/json/number/round", test_round);
    g_test_add_func("/qapi/json/members", test_members);
    g_test_add_func("/qapi/json/write/double", test_write_double);
    g_test_add_func("/qapi/json/write/bad-utf8", test_write_bad_utf8);
    g_test_add_func("/qapi/json/write/text-is-no-number",
                    test_text_is_no_number);
    g_test_add_func("/qapi/json/number/new-uint64", test_number_new_uint64);
    g_test_add_func("/qapi/json/qtype", test_qtype);
    g_test_add_func("/qapi/json/copy-is-deep", test_copy_is_deep);
    g_test_add_func("/qapi/json/file/comments", test_file_comments);
    g_test_add_func("/qapi/json/file/strings", test_file_strings);
    g_test_add_func("/qapi/json/file/errors", test_file_errors);
    g_test_add_func("/qapi/json/file/positions", test_file_positions);
    g_test_add_func("/qapi/json/comments/refused", test_no_comments);
    return test_run();
}
