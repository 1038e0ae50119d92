/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which commands the rules of an address allow, and how they are parsed. */
#include "qmp/qmp-gateway-rules-internal.h"

#include "tests/unit/test-util.h"

static const QmpPeer root = { .is_known = true, .uid = 0 };
static const QmpPeer user = { .is_known = true, .uid = 1000 };
static const QmpPeer unknown = { .is_known = false };

/* An address, and which clients may execute a command on it. */
typedef struct Row {
    const char *name;
    const char *text;
    const char *rest;
    const char *command;
    bool allows_root;
    bool allows_user;
    bool allows_unknown;
} Row;

static const Row rows[] = {
    { "none", "stdio", "stdio", "a", true, true, true },
    { "allow", "unix:p,allow=a", "unix:p", "a", true, true, true },
    { "allow-other", "unix:p,allow=a", "unix:p", "b", false, false, false },
    { "pattern", "unix:p,allow=query-*", "unix:p", "query-x", true, true,
      true },
    { "pattern-whole", "unix:p,allow=query-*", "unix:p", "xquery-x", false,
      false, false },
    { "deny", "unix:p,deny=a", "unix:p", "a", false, false, false },
    { "deny-other", "unix:p,deny=a", "unix:p", "b", true, true, true },
    { "deny-wins", "unix:p,deny=a,allow=*", "unix:p", "a", false, false,
      false },
    { "allow-user", "unix:p,allow=1000:a", "unix:p", "a", false, true,
      false },
    { "allow-users", "unix:p,allow=1000:a,allow=0:*", "unix:p", "a", true,
      true, false },
    { "deny-user", "unix:p,deny=1000:a", "unix:p", "a", true, false, true },
    { "others-stay", "unix:p,mode=0600,allow=a,pretty=on",
      "unix:p,mode=0600,pretty=on", "a", true, true, true },
    { "comma-in-path", "unix:p,,allow=b,allow=a", "unix:p,,allow=b", "b",
      false, false, false },
    { "comma-in-option", "unix:p,x=1,,allow=b", "unix:p,x=1,,allow=b", "a",
      true, true, true },
    { "similar-name", "unix:p,allow-uid=5", "unix:p,allow-uid=5", "a", true,
      true, true },
};

static void test_row(const void *data)
{
    const Row *row = data;
    g_autofree char *rest = NULL;
    g_autoptr(QmpGatewayRules) rules =
        qmp_gateway_rules_parse(row->text, &rest, &error_abort);

    g_assert_cmpstr(rest, ==, row->rest);
    g_assert_cmpint(qmp_gateway_rules_allow(rules, &root, row->command), ==,
                    row->allows_root);
    g_assert_cmpint(qmp_gateway_rules_allow(rules, &user, row->command), ==,
                    row->allows_user);
    g_assert_cmpint(qmp_gateway_rules_allow(rules, &unknown, row->command),
                    ==, row->allows_unknown);
}

static void expect_refused(const char *text, const char *message)
{
    char *rest = NULL;
    Error *err = NULL;

    g_assert_null(qmp_gateway_rules_parse(text, &rest, &err));
    g_assert_null(rest);
    assert_error(err, message);
}

static void test_malformed(void)
{
    expect_refused("unix:p,allow=",
                   "'allow' needs the name of a command or a pattern");
    expect_refused("unix:p,allow=a,deny=5:",
                   "'deny' needs the name of a command or a pattern");
    expect_refused("unix:p,allow=root:a",
                   "Invalid 'allow=root:a': 'root' is not the number of a "
                   "user");
    expect_refused("unix:p,allow=4294967295:a",
                   "Invalid 'allow=4294967295:a': '4294967295' is not the "
                   "number of a user");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strconcat("/qmp/gateway-rules/",
                                            rows[i].name, NULL);

        g_test_add_data_func(path, &rows[i], test_row);
    }
    g_test_add_func("/qmp/gateway-rules/malformed", test_malformed);
    return test_run();
}
