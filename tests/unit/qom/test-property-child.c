/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Children that a class declares by rows. */
#include "qom/object-apply.h"
#include "qom/object-property.h"
#include "qom/object-tracking.h"
#include "qom/object.h"
#include "qom/user-creatable.h"
#include "tests/unit/test-util.h"
#include "util/module.h"

/* ---- A part, which notes what happens to it ---- */

typedef struct Part {
    Object parent_obj;
    int64_t size;
    bool fails;
    bool deletes; /* complete() deletes what the part belongs to */
} Part;

static const PropertyRow part_rows[] = {
    PROPERTY_INT("size", Part, size, .set = PROPERTY_SET_CREATE, .def = 3),
    PROPERTY_END
};

static void part_complete(UserCreatable *uc, Error **errp)
{
    Part *part = (Part *)uc;
    g_autofree char *path = object_get_canonical_path(OBJECT(part));

    test_note("complete %s", path ? path : "(no path)");
    if (part->fails) {
        error_setg(errp, "the part is broken");
    }
    if (part->deletes) {
        object_unparent(object_get_parent(OBJECT(part)));
    }
}

static void part_unparent(Object *obj)
{
    g_autofree char *name = g_strdup(object_get_canonical_path_component(obj));

    test_note("unparent %s", name);
}

static void part_finalize(Object *obj)
{
    test_note("finalize part %d", (int)((Part *)obj)->size);
}

static void part_class_init(ObjectClass *klass, const void *data)
{
    USER_CREATABLE_CLASS(klass)->complete = part_complete;
    klass->unparent = part_unparent;
    object_class_add_properties(klass, part_rows);
}

/* ---- What has parts ---- */

typedef struct Engine {
    Object parent_obj;
    Part *core;
} Engine;

static const PropertyRow engine_rows[] = {
    PROPERTY_CHILD("core", Engine, core, Part, "part", .doc = "in the middle"),
    PROPERTY_END
};

static void engine_init(Object *obj)
{
    Engine *engine = (Engine *)obj;

    test_note("init engine %d", (int)engine->core->size);
    engine->core->size = 1;
}

static void engine_class_init(ObjectClass *klass, const void *data)
{
    object_class_add_properties(klass, engine_rows);
}

typedef struct Machine {
    Engine parent_obj;
    Part *arm;
    Object *box;
    bool on;
} Machine;

static const PropertyRow machine_rows[] = {
    PROPERTY_BOOL("on", Machine, on),
    PROPERTY_CHILD("arm", Machine, arm, Part, "part"),
    PROPERTY_CHILD("box", Machine, box, Object, TYPE_CONTAINER),
    PROPERTY_END
};

/* What the next machine's arm does when it is completed */
static bool arm_fails;
static bool arm_deletes;

static void machine_init(Object *obj)
{
    Machine *machine = (Machine *)obj;

    machine->arm->size = 2;
    machine->arm->fails = arm_fails;
    machine->arm->deletes = arm_deletes;
}

static void machine_complete(UserCreatable *uc, Error **errp)
{
    test_note("complete machine");
}

static void machine_finalize(Object *obj)
{
    Machine *machine = (Machine *)obj;

    test_note("finalize machine with %d and %d",
              (int)machine->parent_obj.core->size, (int)machine->arm->size);
}

static void machine_class_init(ObjectClass *klass, const void *data)
{
    USER_CREATABLE_CLASS(klass)->complete = machine_complete;
    object_class_add_properties(klass, machine_rows);
}

static const InterfaceInfo interfaces[] = {
    { TYPE_USER_CREATABLE },
    { }
};

static const TypeInfo infos[] = {
    {
        .name = "part",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Part),
        .instance_finalize = part_finalize,
        .class_init = part_class_init,
        .interfaces = interfaces,
    },
    {
        .name = "engine",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Engine),
        .instance_init = engine_init,
        .class_init = engine_class_init,
    },
    {
        .name = "machine",
        .parent = "engine",
        .instance_size = sizeof(Machine),
        .instance_init = machine_init,
        .instance_finalize = machine_finalize,
        .class_init = machine_class_init,
        .interfaces = interfaces,
    },
};

/* ---- Life ---- */

static void test_life(void)
{
    test_trace_begin();
    user_creatable_add_from_str("machine,id=m,on=on", &error_abort);
    test_note("|");
    user_creatable_del("m", &error_abort);
    test_trace_end("init engine 3 complete /objects/m/core "
                   "complete /objects/m/arm complete machine | "
                   "unparent core unparent arm finalize machine with 1 and 2 "
                   "finalize part 2 finalize part 1");
}

/* A class without complete() completes its children, too. */
static void test_not_user_creatable(void)
{
    Object *engine;

    test_trace_begin();
    engine = object_new_with_props("engine", object_get_root(), "e",
                                   &error_abort, NULL);
    object_unparent(engine);
    test_trace_end("init engine 3 complete /e/core unparent core "
                   "finalize part 1");
}

static void test_outside_of_the_tree(void)
{
    test_trace_begin();
    object_unref(object_new("engine"));
    test_trace_end("init engine 3 unparent core finalize part 1");
}

static void test_complete_fails(void)
{
    Error *err = NULL;

    arm_fails = true;
    g_assert_null(user_creatable_add_from_str("machine,id=m", &err));
    assert_error(err, "child 'arm': the part is broken");
    arm_fails = false;
    user_creatable_add_from_str("machine,id=m", &error_abort);
    user_creatable_del("m", &error_abort);
}

static void test_deleted_while_child_completes(void)
{
    Error *err = NULL;

    arm_deletes = true;
    g_assert_null(user_creatable_add_from_str("machine,id=m", &err));
    assert_error(err, "object of type 'machine' was deleted while it was "
                 "being completed");
    arm_deletes = false;
}

/* The field is valid, also after the child has left the tree. */
static void test_unparented_child(void)
{
    Machine *machine = (Machine *)user_creatable_add_from_str("machine,id=m",
                                                              &error_abort);

    object_unparent(OBJECT(machine->arm));
    g_assert_null(object_resolve_path("/objects/m/arm", NULL));
    g_assert_cmpint(machine->arm->size, ==, 2);
    user_creatable_del("m", &error_abort);
}

/* ---- What clients and the class see ---- */

static char *list_properties(ObjectPropertyIterator *iter)
{
    GString *text = g_string_new(NULL);
    ObjectProperty *prop;

    while ((prop = object_property_iter_next(iter))) {
        g_string_append_printf(text, "%s:%s(%s) ", prop->name, prop->type,
                               prop->description ? prop->description : "");
    }
    return g_string_free(text, FALSE);
}

static void test_introspection(void)
{
    ObjectClass *klass = object_class_by_name("machine");
    Object *obj = object_new_with_class(klass);
    g_autofree char *of_class = NULL;
    g_autofree char *of_object = NULL;
    ObjectPropertyIterator iter;
    Error *err = NULL;

    object_class_property_iter_init(&iter, klass);
    of_class = list_properties(&iter);
    g_assert_cmpstr(of_class, ==, "on:bool() arm:child<part>() "
                    "box:child<container>() core:child<part>(in the middle) "
                    "type:string() ");
    object_property_iter_init(&iter, obj);
    of_object = list_properties(&iter);
    g_assert_cmpstr(of_object, ==, "on:bool() type:string() "
                    "core:child<part>(in the middle) arm:child<part>() "
                    "box:child<container>() ");
    g_assert_nonnull(object_class_property_find(klass, "core"));
    g_assert_false(object_property_parse(obj, "arm", "/x", &err));
    assert_error(err, "Property 'machine.arm' is not writable");
    object_unref(obj);
}

static void test_properties_of_a_child(void)
{
    Machine *machine = (Machine *)user_creatable_add_from_str("machine,id=m",
                                                              &error_abort);
    Object *arm = object_resolve_path("/objects/m/arm", NULL);
    Error *err = NULL;

    g_assert_true(arm == OBJECT(machine->arm));
    g_assert_cmpint(object_property_get_int(arm, "size", &error_abort), ==, 2);
    g_assert_false(object_property_set_int(arm, "size", 4, &err));
    assert_error(err, "Property 'part.size' can only be set when the object "
                 "is created");
    user_creatable_del("m", &error_abort);
}

static void test_snapshot(void)
{
    g_autoptr(JsonNode) before = NULL;
    g_autoptr(JsonNode) plan = NULL;
    JsonArray *objects;

    user_creatable_add_from_str("machine,id=m,on=on", &error_abort);
    before = object_snapshot();
    objects = json_node_get_array(before);
    g_assert_cmpuint(json_array_get_length(objects), ==, 1);
    g_assert_cmpuint(json_object_get_size(
                         json_array_get_object_element(objects, 0)), ==, 3);
    plan = object_apply(objects, false, NULL, &error_abort);
    g_assert_nonnull(object_resolve_path("/objects/m/arm", NULL));
    user_creatable_del("m", &error_abort);
}

static void test_tracking(void)
{
    uint64_t since = object_tracking_start();
    Object *obj = object_new_with_props("engine", object_get_root(), "e",
                                        &error_abort, NULL);
    g_autofree char *report = object_tracking_report(since);

    g_assert_cmpstr(report, ==, "/e (engine): 1 reference: its parent\n"
                    "/e/core (part): 2 references: its parent\n");
    object_unparent(obj);
}

/* ---- Programming errors ---- */

static void add_broken(const PropertyRow *rows)
{
    TypeInfo info = {
        .name = "broken",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Engine),
        .class_data = rows,
        .class_init = (void (*)(ObjectClass *, const void *))
            object_class_add_properties,
    };

    type_register(&info);
    object_new("broken");
}

static void test_unknown_type(void)
{
    static const PropertyRow rows[] = {
        PROPERTY_CHILD("core", Engine, core, Part, "prat"),
        PROPERTY_END
    };

    add_broken(rows);
}

static void test_abstract_type(void)
{
    static const PropertyRow rows[] = {
        PROPERTY_CHILD("core", Engine, core, Part, TYPE_OBJECT),
        PROPERTY_END
    };

    add_broken(rows);
}

static void test_overlap(void)
{
    static const PropertyRow rows[] = {
        PROPERTY_CHILD("core", Engine, core, Part, "part"),
        PROPERTY_LINK("part", Engine, core, Part, "part"),
        PROPERTY_END
    };

    add_broken(rows);
}

static void test_name_in_use(void)
{
    Object *obj = object_new("engine");

    object_property_add_new_container(obj, "core");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    type_register_static_array(infos, G_N_ELEMENTS(infos));
    g_test_add_func("/qom/property-child/life", test_life);
    g_test_add_func("/qom/property-child/not-user-creatable",
                    test_not_user_creatable);
    g_test_add_func("/qom/property-child/outside-of-the-tree",
                    test_outside_of_the_tree);
    g_test_add_func("/qom/property-child/complete-fails", test_complete_fails);
    g_test_add_func("/qom/property-child/deleted-while-child-completes",
                    test_deleted_while_child_completes);
    g_test_add_func("/qom/property-child/unparented-child",
                    test_unparented_child);
    g_test_add_func("/qom/property-child/introspection", test_introspection);
    g_test_add_func("/qom/property-child/properties-of-a-child",
                    test_properties_of_a_child);
    g_test_add_func("/qom/property-child/snapshot", test_snapshot);
    g_test_add_func("/qom/property-child/tracking", test_tracking);
    test_add_abort_func("/qom/property-child/unknown-type", test_unknown_type,
                        "*class 'broken': child 'core' cannot be created: its "
                        "type 'prat' is unknown; register it, too*");
    test_add_abort_func("/qom/property-child/abstract-type",
                        test_abstract_type,
                        "*class 'broken': child 'core' cannot be created: its "
                        "type 'object' is abstract; declare a type that "
                        "derives from it*");
    test_add_abort_func("/qom/property-child/overlap", test_overlap,
                        "*class 'broken': property 'part': the field overlaps "
                        "that of property 'core'*");
    test_add_abort_func("/qom/property-child/name-in-use", test_name_in_use,
                        "*attempt to add duplicate property 'core' to object "
                        "(type 'engine')*");
    return test_run();
}
