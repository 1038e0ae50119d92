/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/fuzz/check-apply.h"

#include "qapi/json/json.h"
#include "qom/object-apply.h"
#include "qom/object.h"

#include <string.h>

/* ---- State ---- */

static char *to_text(JsonNode *node)
{
    GString *text = g_string_new(NULL);

    json_write(text, node, false);
    return g_string_free(text, FALSE);
}

static char *snapshot(void)
{
    g_autoptr(JsonNode) node = object_snapshot();

    return to_text(node);
}

static int add_object(Object *child, void *opaque)
{
    g_ptr_array_add(opaque, object_ref(child));
    return 0;
}

/* Returns: (transfer full) users' objects, in order, with a reference each */
static GPtrArray *list_objects(void)
{
    GPtrArray *objects = g_ptr_array_new_with_free_func(
        (GDestroyNotify)object_unref);

    object_child_foreach(object_get_objects_root(), add_object, objects);
    return objects;
}

static void check_same(const char *values, GPtrArray *objects)
{
    g_autoptr(GPtrArray) now = list_objects();
    g_autofree char *values_now = snapshot();

    g_assert_cmpstr(values, ==, values_now);
    g_assert_cmpuint(objects->len, ==, now->len);
    for (unsigned i = 0; i < now->len; i++) {
        g_assert_true(objects->pdata[i] == now->pdata[i]);
    }
}

/* ---- Applying ---- */

/* As text: of a plan, or of why there is none. */
static char *plan_of(JsonArray *objects, bool dry_run, bool *ok)
{
    g_autoptr(Error) err = NULL;
    g_autoptr(JsonNode) plan = object_apply(objects, dry_run, NULL, &err);

    g_assert_true(!plan == !!err);
    *ok = plan;
    return plan ? to_text(plan) : g_strdup(error_get_pretty(err));
}

/* What was written as text is read and applied: nothing happens. */
static void check_fixed_point(void)
{
    g_autofree char *text = snapshot();
    g_autoptr(GPtrArray) objects = list_objects();
    g_autoptr(JsonNode) list = json_parse(text, -1, &error_abort);
    bool ok;
    g_autofree char *plan = plan_of(json_node_get_array(list), false, &ok);

    g_assert_cmpstr(plan, ==, "[]");
    check_same(text, objects);
}

char *check_apply(JsonArray *objects)
{
    g_autofree char *values = snapshot();
    g_autoptr(GPtrArray) before = list_objects();
    bool dry_ok;
    g_autofree char *dry_plan = plan_of(objects, true, &dry_ok);
    g_autofree char *plan = NULL;
    bool ok;

    check_same(values, before);
    plan = plan_of(objects, false, &ok);
    if (!ok) {
        check_same(values, before);
        return g_steal_pointer(&plan);
    }
    g_assert_true(dry_ok);
    g_assert_cmpstr(plan, ==, dry_plan);
    check_fixed_point();
    return NULL;
}

/* ---- Mutator ---- */

/* One more object in the list that begins at the first bracket. */
static void insert_object(GString *text, MutateRandom *r)
{
    g_autoptr(GString) object = g_string_new(NULL);
    const char *open = memchr(text->str, '[', text->len);

    mutate_object(object, r);
    if (open) {
        bool first = open[1] == ']';

        g_string_append(object, first ? "" : ", ");
        g_string_insert_len(text, open + 1 - text->str, object->str,
                            object->len);
    } else {
        g_string_append_printf(text, "[%s]", object->str);
    }
}

void mutate_list(GString *text, MutateRandom *r)
{
    if (mutate_chance(r, 3)) {
        insert_object(text, r);
    } else {
        mutate_objects(text, r);
    }
}
