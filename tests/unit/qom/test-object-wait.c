/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is done to an object while one of its hooks runs.  Each site is a place
 * where a hook is called, and each action is done either by other code, in a
 * bottom half while the hook waits, or by the hook itself.  The expected
 * results are a table.
 */
#include "aio/aio.h"
#include "qapi/json/json.h"
#include "qom/object-apply.h"
#include "qom/object.h"
#include "qom/user-creatable.h"
#include "tests/unit/test-driver.h"
#include "tests/unit/test-util.h"
#include "tests/unit/qom/waiter.h"
#include "util/module.h"

#include <string.h>

/* ---- Waiting ---- */

typedef struct Action Action;

static struct {
    AioContext *ctx;
    DrivenLoop loop;
    Object *a;
    Hook hook; /* of `a` that waits, once */
    bool refuses; /* and then fails */
    bool itself;  /* the hook does it, and does not wait */
    const Action *action;
    bool done;
    char result;
} now;

static void run_action(void *opaque);

/* As aio_wait_bh_oneshot(): what is scheduled runs in the loop. */
static bool wait_in(Hook hook, Object *obj, Error **errp)
{
    if (now.hook != hook || (now.a && obj != now.a)) {
        return true;
    }
    now.hook = HOOK_NONE;
    now.a = obj;
    if (now.itself) {
        run_action(NULL);
    } else {
        aio_bh_schedule_oneshot(now.ctx, run_action, NULL);
    }
    while (!now.done) {
        driver_iterate(&now.loop, true);
    }
    if (now.refuses) {
        error_setg(errp, "The hook refuses");
    }
    return !now.refuses;
}

/* ---- What is done while the hook waits ---- */

#define LIST "[{'qom-type': 'waiter', 'id': 't1'}, " \
    "{'qom-type': 'waiter', 'id': 't2'}, " \
    "{'qom-type': 'waiter', 'id': 'b'}, " \
    "{'qom-type': 'waiter', 'id': 'a', 'text': '%s', 'n': %d, 'peer': '%s'}]"

static bool apply(const char *text, Error **errp)
{
    g_autoptr(JsonNode) node = json_parse(text, -1, &error_abort);
    g_autoptr(JsonNode) plan = object_apply(json_node_get_array(node), false,
                                            NULL, errp);

    return plan != NULL;
}

static bool do_set_same(Error **errp)
{
    return object_property_set_int(now.a, "n", 7, errp);
}

/* The value that is about to be accepted or refused. */
static bool do_set_pending(Error **errp)
{
    return object_property_set_int(now.a, "n", 2, errp);
}

static bool do_set_text(Error **errp)
{
    return object_property_set_str(now.a, "text", "other", errp);
}

static bool do_set_other(Error **errp)
{
    return object_property_parse(now.a, "m", "7", errp);
}

static bool do_set_custom(Error **errp)
{
    return object_property_set_int(now.a, "custom", 7, errp);
}

static bool do_set_link(Error **errp)
{
    return object_property_set_link(now.a, "peer", NULL, errp);
}

static bool do_set_several(Error **errp)
{
    return object_set_props(now.a, errp, "n", "7", "text", "other", NULL);
}

static bool do_set_none(Error **errp)
{
    return object_change_end(object_change_begin(now.a), true, errp);
}

static bool do_set_alias(Error **errp)
{
    Object *root = object_get_root();
    bool ok;

    object_property_add_alias(root, "alias", now.a, "n");
    ok = object_property_set_int(root, "alias", 7, errp);
    object_property_del(root, "alias");
    return ok;
}

static bool do_get(Error **errp)
{
    return object_property_get_int(now.a, "n", errp) >= 0 &&
           object_property_get_int(now.a, "custom", errp) >= 0;
}

static bool do_list(Error **errp)
{
    g_autoptr(JsonNode) node = object_snapshot();
    ObjectPropertyIterator iter;

    object_property_iter_init(&iter, now.a);
    while (object_property_iter_next(&iter)) {
        continue;
    }
    return node != NULL;
}

static bool do_delete(Error **errp)
{
    return user_creatable_del("a", errp);
}

static bool do_delete_t1(Error **errp)
{
    return user_creatable_del("t1", errp);
}

static bool do_delete_t2(Error **errp)
{
    return user_creatable_del("t2", errp);
}

static bool do_add_same(Error **errp)
{
    return user_creatable_add_from_str("waiter,id=a", errp) != NULL;
}

static bool do_add_other(Error **errp)
{
    return user_creatable_add_from_str("waiter,id=c", errp) != NULL;
}

static bool do_apply_nothing(Error **errp)
{
    return apply("[]", errp);
}

static bool do_apply_change(Error **errp)
{
    g_autofree char *text = g_strdup_printf(LIST, "other", 7, "t1");

    return apply(text, errp);
}

static bool do_link_to(Error **errp)
{
    return object_property_set_link(object_resolve_path("/objects/b", NULL),
                                    "peer", now.a, errp);
}

static bool do_unparent(Error **errp)
{
    object_unparent(now.a);
    return true;
}

static bool do_unparent_targets(Error **errp)
{
    object_unparent(object_resolve_path("/objects/t1", NULL));
    object_unparent(object_resolve_path("/objects/t2", NULL));
    return true;
}

static bool do_delete_properties(Error **errp)
{
    object_property_del(now.a, "instance");
    object_property_del(now.a, "checked");
    return true;
}

static bool do_cleanup(Error **errp)
{
    user_creatable_cleanup();
    return true;
}

struct Action {
    const char *name;
    bool (*run)(Error **errp);
};

/* The columns of the table below. */
static const Action actions[] = {
    { "set-same", do_set_same },
    { "set-pending", do_set_pending },
    { "set-text", do_set_text },
    { "set-other", do_set_other },
    { "set-custom", do_set_custom },
    { "set-link", do_set_link },
    { "set-several", do_set_several },
    { "set-none", do_set_none },
    { "set-alias", do_set_alias },
    { "get", do_get },
    { "list", do_list },
    { "delete", do_delete },
    { "delete-t1", do_delete_t1 },
    { "delete-t2", do_delete_t2 },
    { "add-same", do_add_same },
    { "add-other", do_add_other },
    { "apply-nothing", do_apply_nothing },
    { "apply-change", do_apply_change },
    { "link-to", do_link_to },
    { "unparent", do_unparent },
    { "unparent-targets", do_unparent_targets },
    { "delete-properties", do_delete_properties },
    { "cleanup", do_cleanup },
};

/* A letter for how the action ends. */
static char classify(const Error *err)
{
    static const struct {
        const char *part;
        char letter;
    } messages[] = {
        { "is being changed", 'R' },
        { "is in use", 'U' },
        { "duplicate", 'D' },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(messages); i++) {
        if (strstr(error_get_pretty(err), messages[i].part)) {
            return messages[i].letter;
        }
    }
    g_test_message("%s", error_get_pretty(err));
    return '?';
}

static void run_action(void *opaque)
{
    g_autoptr(Error) err = NULL;
    bool ok = now.action->run(&err);

    g_assert_cmpint(ok, ==, !err);
    now.result = ok ? 'o' : classify(err);
    now.done = true;
}

/* ---- Where hooks wait ---- */

static bool begin_set(Error **errp)
{
    return object_property_set_int(now.a, "n", 2, errp);
}

static bool begin_set_text(Error **errp)
{
    return object_property_set_str(now.a, "text", "new", errp);
}

static bool begin_set_link(Error **errp)
{
    Object *t2 = object_resolve_path("/objects/t2", NULL);

    return object_property_set_link(now.a, "peer", t2, errp);
}

static bool begin_set_several(Error **errp)
{
    return object_set_props(now.a, errp, "n", "2", "text", "new", "peer",
                            "t2", NULL);
}

/* One of several properties has a setter of its own. */
static bool begin_set_several_custom(Error **errp)
{
    return object_set_props(now.a, errp, "n", "2", "peer", "t2", "custom",
                            "2", NULL);
}

static bool begin_apply(Error **errp)
{
    g_autofree char *text = g_strdup_printf(LIST, "new", 2, "t2");

    return apply(text, errp);
}

static bool begin_setter(Error **errp)
{
    return object_property_set_int(now.a, "custom", 2, errp);
}

static bool begin_instance_setter(Error **errp)
{
    return object_property_set_int(now.a, "instance", 2, errp);
}

static bool begin_get(Error **errp)
{
    return object_property_get_int(now.a, "custom", errp) == 1;
}

static bool begin_snapshot(Error **errp)
{
    g_autoptr(JsonNode) node = object_snapshot();

    return node != NULL;
}

static bool begin_add(Error **errp)
{
    return user_creatable_add_from_str("waiter,id=a", errp) != NULL;
}

static bool begin_delete(Error **errp)
{
    return user_creatable_del("a", errp);
}

static bool begin_unparent(Error **errp)
{
    object_unparent(now.a);
    return true;
}

static bool begin_check(Error **errp)
{
    Object *t2 = object_resolve_path("/objects/t2", NULL);

    return object_property_set_link(now.a, "checked", t2, errp);
}

typedef struct Site {
    const char *name;
    Hook hook;
    bool (*begin)(Error **errp);
    bool can_refuse;
    /*
     * A letter for each action.  R: "is being changed", U: "is in use", D: a
     * duplicate, o: done.
     */
    const char *results;
    const char *by_itself; /* the same for the hook itself */
    bool needs_tree;
} Site;

/*
 * set-same, pending, text, other, custom, link, several, none, alias; get,
 * list; delete, t1, t2; add-same, add-other; apply-nothing, apply-change;
 * link-to; unparent, unparent-targets, delete-properties, cleanup
 */
static const Site sites[] = {
    { "set", HOOK_CHANGED, begin_set, true,
      "RRRRRRRRR" "oo" "RUo" "Do" "RR" "o" "oooo",
      "RRooooRoR" "oo" "RUo" "Do" "RR" "o" "oooo" },
    { "set-text", HOOK_CHANGED, begin_set_text, true,
      "RRRRRRRRR" "oo" "RUo" "Do" "RR" "o" "oooo",
      "ooRoooRoo" "oo" "RUo" "Do" "RR" "o" "oooo" },
    { "set-link", HOOK_CHANGED, begin_set_link, true,
      "RRRRRRRRR" "oo" "RRR" "Do" "RR" "o" "oooo",
      "oooooRooo" "oo" "RRR" "Do" "RR" "o" "oooo",
      true },
    { "set-several", HOOK_CHANGED, begin_set_several, true,
      "RRRRRRRRR" "oo" "RRR" "Do" "RR" "o" "oooo",
      "RRRooRRoR" "oo" "RRR" "Do" "RR" "o" "oooo",
      true },
    { "set-several-setter", HOOK_SETTER, begin_set_several_custom, true,
      "RRRRRRRRR" "oo" "RRR" "Do" "RR" "o" "oooo",
      "ooooooooo" "oo" "RRR" "Do" "Ro" "o" "oooo",
      true },
    { "apply", HOOK_CHANGED, begin_apply, true,
      "RRRRRRRRR" "oo" "RRR" "RR" "RR" "o" "oooo",
      "RRRRRRRoR" "oo" "RRR" "Do" "RR" "o" "oooo",
      true },
    { "setter", HOOK_SETTER, begin_setter, true,
      "RRRRRRRRR" "oo" "RUo" "Do" "RR" "o" "oooo",
      "ooooooooo" "oo" "RUo" "Do" "Ro" "o" "oooo" },
    { "instance-setter", HOOK_INSTANCE_SETTER, begin_instance_setter, true,
      "RRRRRRRRR" "oo" "RUo" "Do" "RR" "o" "oooo",
      "ooooooooo" "oo" "RUo" "Do" "Ro" "o" "oooo" },
    { "getter", HOOK_GETTER, begin_get, false,
      "ooooooooo" "oo" "oUo" "Do" "oo" "o" "oooo",
      "ooooooooo" "oo" "oUo" "Do" "oo" "o" "oooo" },
    { "snapshot", HOOK_GETTER, begin_snapshot, false,
      "ooooooooo" "oo" "oUo" "Do" "oo" "o" "oooo",
      "ooooooooo" "oo" "oUo" "Do" "oo" "o" "oooo",
      true },
    { "complete", HOOK_COMPLETE, begin_add, true,
      "RRRRRRRRR" "oo" "Roo" "Do" "RR" "R" "oooo",
      "ooooooooo" "oo" "Roo" "Do" "Ro" "o" "oooo",
      true },
    { "can-be-deleted", HOOK_CAN_BE_DELETED, begin_delete, true,
      "RRRRRRRRR" "oo" "RUo" "Do" "RR" "R" "oooo",
      "ooooooooo" "oo" "RUo" "Do" "Ro" "o" "oooo",
      true },
    { "unparent", HOOK_UNPARENT, begin_delete, false,
      "RRRRRRRRR" "oo" "RUo" "Do" "RR" "R" "oooo",
      "ooooooooo" "oo" "RUo" "Do" "Ro" "o" "oooo",
      true },
    { "unparent-alone", HOOK_UNPARENT, begin_unparent, false,
      "RRRRRRRRR" "oo" "RUo" "Do" "RR" "R" "oooo",
      "ooooooooo" "oo" "RUo" "Do" "Ro" "o" "oooo",
      true },
    { "check", HOOK_CHECK, begin_check, true,
      "RRRRRRRRR" "oo" "RUR" "Do" "RR" "o" "oooo",
      "ooooooooo" "oo" "RUR" "Do" "Ro" "o" "oooo",
      true },
};

/* ---- Each with each ---- */

typedef struct Pair {
    const Site *site;
    unsigned action;
    bool refuses;
    bool itself;
    const Driver *driver;
} Pair;

static void add_object(const char *text)
{
    g_assert_nonnull(user_creatable_add_from_str(text, &error_abort));
}

/* What the hook refuses has left nothing behind. */
static void assert_unchanged(void)
{
    Waiter *a = WAITER(now.a);

    g_assert_cmpint(a->n, ==, 1);
    g_assert_cmpstr(a->text, ==, "old");
    g_assert_cmpint(a->custom, ==, 1);
    g_assert_null(a->checked);
    g_assert_cmpstr(object_get_canonical_path_component(OBJECT(a->peer)), ==,
                    "t1");
}

static void test_pair(gconstpointer data)
{
    const Pair *pair = data;
    g_autoptr(Error) err = NULL;
    char expected = (pair->itself ? pair->site->by_itself
                                  : pair->site->results)[pair->action];
    bool ok;

    if (!driver_begin(&now.loop, now.ctx, pair->driver)) {
        return;
    }
    now.hook = HOOK_NONE;
    now.done = false;
    now.a = NULL;
    add_object("waiter,id=t1");
    add_object("waiter,id=t2");
    add_object("waiter,id=b");
    if (pair->site->hook != HOOK_COMPLETE) {
        add_object("waiter,id=a,n=1,text=old,peer=t1,custom=1");
        now.a = object_resolve_path("/objects/a", NULL);
    }
    now.hook = pair->site->hook;
    now.refuses = pair->refuses;
    now.itself = pair->itself;
    now.action = &actions[pair->action];
    ok = pair->site->begin(&err);
    g_assert_true(now.done);
    g_assert_cmpint(now.result, ==, expected);
    if (expected == 'R') {
        g_assert_cmpint(ok, ==, !pair->refuses);
    }
    if (pair->refuses && expected == 'R' &&
        pair->site->hook != HOOK_COMPLETE) {
        assert_unchanged();
    }
    user_creatable_cleanup();
    while (driver_iterate(&now.loop, false)) {
        continue;
    }
    driver_end(&now.loop);
}

/* ---- The last reference ---- */

static bool do_unref(Error **errp)
{
    object_unref(now.a);
    return true;
}

static const Action unref = { "unref", do_unref };

static void test_last_reference(gconstpointer data)
{
    const Pair *pair = data;
    g_autoptr(Error) err = NULL;

    if (!driver_begin(&now.loop, now.ctx, pair->driver)) {
        return;
    }
    now.hook = HOOK_NONE;
    now.done = false;
    now.a = object_new(TYPE_WAITER);
    object_set_props(now.a, &error_abort, "n", "1", "custom", "1", NULL);
    now.hook = pair->site->hook;
    now.refuses = pair->refuses;
    now.itself = pair->itself;
    now.action = &unref;
    g_assert_cmpint(pair->site->begin(&err), ==, !pair->refuses);
    g_assert_true(now.done);
    driver_end(&now.loop);
}

static void add(const Pair *pair, const char *action,
                void (*test)(gconstpointer data))
{
    g_autofree char *path = g_strdup_printf(
        "/qom/wait/%s/%s/%s%s/%s", pair->itself ? "hook" : "other",
        pair->site->name, action, pair->refuses ? "/refused" : "",
        pair->driver->name);

    g_test_add_data_func_full(path, g_memdup2(pair, sizeof(*pair)), test,
                              g_free);
}

/* A hook that does not wait runs no loop, so one driver is enough. */
static void add_pairs(const Site *site, bool refuses, bool itself)
{
    unsigned n_drivers = itself ? 1 : G_N_ELEMENTS(drivers);

    for (unsigned d = 0; d < n_drivers; d++) {
        Pair pair = { site, 0, refuses, itself, &drivers[d] };

        if (!site->needs_tree) {
            add(&pair, "unref", test_last_reference);
        }
        for (; pair.action < G_N_ELEMENTS(actions); pair.action++) {
            add(&pair, actions[pair.action].name, test_pair);
        }
    }
}

int main(int argc, char **argv)
{
    int ret;

    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    object_get_objects_root();
    waiter_hook = wait_in;
    now.ctx = aio_context_new(&error_abort);
    aio_set_current_context(now.ctx);
    for (unsigned i = 0; i < G_N_ELEMENTS(sites); i++) {
        g_assert_cmpuint(strlen(sites[i].results), ==,
                         G_N_ELEMENTS(actions));
        g_assert_cmpuint(strlen(sites[i].by_itself), ==,
                         G_N_ELEMENTS(actions));
        add_pairs(&sites[i], false, false);
        add_pairs(&sites[i], false, true);
        if (sites[i].can_refuse) {
            add_pairs(&sites[i], true, false);
            add_pairs(&sites[i], true, true);
        }
    }
    ret = test_run();
    aio_set_current_context(NULL);
    aio_context_unref(now.ctx);
    return ret;
}
