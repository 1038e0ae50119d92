/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/qom/thing-fixture.h"

int n_things;

static void note(Object *obj, const char *what)
{
    const char *id = object_get_canonical_path_component(obj);

    test_note("%s(%s)", what, id ? id : "-");
}

static const PropertyRow thing_rows[] = {
    PROPERTY_INT("number", Thing, number, .def = 7, .min = 0, .max = 100,
                 .unit = "ns", .doc = "a number"),
    PROPERTY_INT("low", Thing, low),
    PROPERTY_INT("high", Thing, high, .def = 10),
    PROPERTY_STR("Text", Thing, text, .def = "a \"b\"", .doc = "some text"),
    PROPERTY_LIST("ints", Thing, ints, intList),
    PROPERTY_LIST("names", Thing, names, strList),
    PROPERTY_BOOL("fail", Thing, fail),
    PROPERTY_BOOL("pinned", Thing, pinned),
    PROPERTY_INT("at-birth", Thing, at_birth, .set = PROPERTY_SET_CREATE),
    PROPERTY_SIZE("size", Thing, size, .min = 0, .max = UINT64_MAX),
    PROPERTY_NUMBER("ratio", Thing, ratio, .max = 0.5),
    PROPERTY_INT("fixed", Thing, at_birth, .set = PROPERTY_SET_NEVER),
    PROPERTY_LINK("friend", Thing, friend, Thing, "thing"),
    PROPERTY_END
};

static bool thing_changed(Object *obj, Error **errp)
{
    if (THING(obj)->low > THING(obj)->high) {
        error_setg(errp, "low is above high");
        return false;
    }
    return true;
}

static void thing_complete(UserCreatable *uc, Error **errp)
{
    note(OBJECT(uc), "complete");
    if (THING(uc)->fail) {
        error_setg(errp, "cannot complete");
        error_append_hint(errp, "Leave fail off.\n");
    }
}

static bool thing_can_be_deleted(UserCreatable *uc)
{
    return !THING(uc)->pinned;
}

static bool thing_may_be_deleted(UserCreatable *uc, Error **errp)
{
    if (THING(uc)->number == 99) {
        error_setg(errp, "99 must stay");
        return false;
    }
    return true;
}

static void thing_unparent(Object *obj)
{
    note(obj, "unparent");
}

static void thing_get_cpus(Object *obj, Visitor *v, const char *name,
                           void *opaque, Error **errp)
{
    qapi_type_visit(v, name, &qapi_type_uint16List, &THING(obj)->cpus, errp);
}

static void thing_set_cpus(Object *obj, Visitor *v, const char *name,
                           void *opaque, Error **errp)
{
    uint16List *cpus = NULL;

    if (qapi_type_visit(v, name, &qapi_type_uint16List, &cpus, errp)) {
        qapi_free_uint16List(THING(obj)->cpus);
        THING(obj)->cpus = cpus;
    }
}

static void thing_set_words(Object *obj, Visitor *v, const char *name,
                            void *opaque, Error **errp)
{
    strList *words = NULL;

    qapi_type_visit(v, name, &qapi_type_strList, &words, errp);
    qapi_free_strList(words);
}

static void thing_class_init(ObjectClass *klass, const void *data)
{
    UserCreatableClass *ucc = USER_CREATABLE_CLASS(klass);

    ucc->complete = thing_complete;
    ucc->can_be_deleted = thing_can_be_deleted;
    ucc->may_be_deleted = thing_may_be_deleted;
    klass->unparent = thing_unparent;
    klass->properties_changed = thing_changed;
    object_class_add_properties(klass, thing_rows);
    object_class_property_add_link(klass, "admirer", "thing",
                                   offsetof(Thing, admirer),
                                   object_property_allow_set_link, 0);
}

static void thing_init(Object *obj)
{
    n_things++;
}

static void thing_finalize(Object *obj)
{
    qapi_free_uint16List(THING(obj)->cpus);
    n_things--;
}

static void lists_class_init(ObjectClass *klass, const void *data)
{
    object_class_property_add(klass, "cpus", "int", thing_get_cpus,
                              thing_set_cpus, NULL, NULL);
    object_class_property_add(klass, "words", "list", NULL, thing_set_words,
                              NULL, NULL);
}

static void plain_class_init(ObjectClass *klass, const void *data)
{
}

#define CREATABLE (const InterfaceInfo[]){ { TYPE_USER_CREATABLE }, { NULL } }

static const TypeInfo infos[] = {
    {
        .name = "thing",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Thing),
        .instance_init = thing_init,
        .instance_finalize = thing_finalize,
        .class_init = thing_class_init,
        .interfaces = CREATABLE,
    },
    { .name = "Thing-kid", .parent = "thing" },
    { .name = "thing-lists", .parent = "thing",
      .class_init = lists_class_init },
    { .name = "thing-abstract", .parent = "thing", .abstract = true },
    {
        .name = "plain",
        .parent = TYPE_OBJECT,
        .class_init = plain_class_init,
        .interfaces = CREATABLE,
    },
};

void thing_register(void)
{
    type_register_static_array(infos, G_N_ELEMENTS(infos));
}

Object *add_str(const char *text)
{
    return user_creatable_add_from_str(text, &error_abort);
}

Object *find_thing(const char *id)
{
    return object_resolve_path_component(object_get_objects_root(), id);
}

static int count_child(Object *child, void *opaque)
{
    ++*(int *)opaque;
    return 0;
}

int count_objects(void)
{
    int n = 0;

    object_child_foreach(object_get_objects_root(), count_child, &n);
    return n;
}

static void set_up(void *fixture, const void *data)
{
    g_assert_cmpint(n_things, ==, 0);
}

static void tear_down(void *fixture, const void *data)
{
    user_creatable_cleanup();
    g_assert_cmpint(n_things, ==, 0);
    g_assert_cmpint(count_objects(), ==, 0);
}

void add_test(const char *path, const void *data,
              void (*test)(void *fixture, const void *data))
{
    g_autofree char *full = g_strconcat("/qom/user-creatable/", path, NULL);

    test_add_vtable(full, 0, data, set_up, test, tear_down);
}
