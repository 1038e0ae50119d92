/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The registry of commands: finding, listing, and what is refused. */
#include "qapi/qapi-command.h"
#include "tests/unit/test-util.h"

static bool run_nothing(void *arg, void *ret, Error **errp)
{
    return true;
}

static const QapiCommand rows[] = {
    { .name = "zebra", .run = run_nothing, .flags = QCO_ALLOW_OOB },
    { .name = "apple", .run = run_nothing },
};

static void append_name(const QapiCommand *cmd, void *opaque)
{
    g_string_append_printf(opaque, "%s ", cmd->name);
}

static void test_find(void)
{
    g_assert_true(qapi_find_command("zebra") == &rows[0]);
    g_assert_true(qapi_find_command("apple") == &rows[1]);
}

static void test_find_unknown(void)
{
    g_assert_null(qapi_find_command("zebr"));
    g_assert_null(qapi_find_command(""));
}

static void test_order(void)
{
    g_autoptr(GString) names = g_string_new(NULL);

    qapi_for_each_command(append_name, names);
    g_assert_cmpstr(names->str, ==, "zebra apple ");
}

static void find_again(const QapiCommand *cmd, void *opaque)
{
    g_assert_true(qapi_find_command(cmd->name) == cmd);
    qapi_for_each_command(append_name, opaque);
}

static void test_nested(void)
{
    g_autoptr(GString) names = g_string_new(NULL);

    qapi_for_each_command(find_again, names);
    g_assert_cmpstr(names->str, ==, "zebra apple zebra apple ");
}

static void test_twice(void)
{
    if (g_test_subprocess()) {
        qapi_register_commands(&rows[1], 1);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*command 'apple' is registered twice*");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_null(qapi_find_command("zebra"));
    qapi_register_commands(rows, G_N_ELEMENTS(rows));
    g_test_add_func("/qapi/command/find", test_find);
    g_test_add_func("/qapi/command/find/unknown", test_find_unknown);
    g_test_add_func("/qapi/command/listed-in-order", test_order);
    g_test_add_func("/qapi/command/listed-in-order/nested", test_nested);
    g_test_add_func("/qapi/command/registered-twice-aborts", test_twice);
    return test_run();
}
