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

#define ADD_ROWS(prefix, rows, label, fn) \
    TEST_ADD_ROWS("/qapi/json/" prefix, rows, label, fn)

static void test_no_comments(void)
{
    Error *err = NULL;

    g_assert_null(json_parse("[] // x", -1, &err));
    assert_error(err, "Expecting at most one JSON value");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD_ROWS("parse/good", good_rows, name, test_good);
    ADD_ROWS("parse/bad", bad_rows, name, test_bad);
    g_test_add_func("/qapi/json/parse/bad/nul-byte", test_nul_byte);
    g_test_add_func("/qapi/json/parse/length", test_length_bounds_text);
    g_test_add_func("/qapi/json/limit/nesting", test_nesting);
    g_test_add_func("/qapi/json/limit/member-count", test_member_count);
    g_test_add_func("/qapi/json/limit/token-count", test_token_count);
    g_test_add_func("/qapi/json/limit/token-size", test_token_size);
    g_test_add_func("/qapi/json/write/pretty", test_pretty);
    g_test_add_func("/qapi/json/write/pretty-deep", test_pretty_deep);
    g_test_add_func("/qapi/json/write/double", test_write_double);
    g_test_add_func("/qapi/json/write/bad-utf8", test_write_bad_utf8);
    g_test_add_func("/qapi/json/write/text-is-no-number",
                    test_text_is_no_number);
    g_test_add_func("/qapi/json/comments/refused", test_no_comments);
    return test_run();
}
