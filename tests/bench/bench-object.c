/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Creating and casting objects, compared with GObject.
 *
 * Both have a type three levels below their root, with five integer properties
 * of the class.  The floor of creating one is malloc(), copying an image of the
 * instance and free(); that of a cast is one comparison.
 */
#include "qom/object.h"
#include "qom/user-creatable.h"
#include "tests/bench/bench.h"

#include <gobject/gobject.h>
#include <stdlib.h>
#include <string.h>

#define N_TYPES 8

/* ---- Ours ---- */

typedef struct Ours {
    Object parent_obj;
    int64_t values[5];
} Ours;

#define TYPE_OURS_A "bench-a"
#define TYPE_OURS_B "bench-b"
#define TYPE_OURS "bench-c"

OBJECT_DECLARE_SIMPLE_TYPE(Ours, OURS)

static const PropertyRow ours_rows[] = {
#define ROW(n) PROPERTY_INT("value-" #n, Ours, values[n])
    ROW(0), ROW(1), ROW(2), ROW(3), ROW(4), PROPERTY_END
};

static void ours_init(Object *obj)
{
    BENCH_KEEP(obj);
}

static void ours_class_init(ObjectClass *klass, const void *data)
{
    object_class_add_properties(klass, ours_rows);
}

/* Eight types below that one, cast one after the other. */
#define FOR_EACH_TYPE(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)

#define DECLARE_OURS(n)                                                     \
    DECLARE_INSTANCE_CHECKER(Ours, OURS_##n, "bench-cast-" #n)
FOR_EACH_TYPE(DECLARE_OURS)

#define TYPE_OURS_IFACE "bench-iface"
typedef struct OursIface OursIface;
DECLARE_INTERFACE_CHECKER(OursIface, OURS_IFACE, TYPE_OURS_IFACE)

static void ours_register_types(void)
{
    static const InterfaceInfo ifaces[] = { { TYPE_OURS_IFACE }, { } };
    static const TypeInfo types[] = {
        {
            .name = TYPE_OURS_IFACE,
            .parent = TYPE_INTERFACE,
        },
        {
            .name = TYPE_OURS_A,
            .parent = TYPE_OBJECT,
            .instance_size = sizeof(Ours),
            .instance_init = ours_init,
            .class_init = ours_class_init,
            .interfaces = ifaces,
        },
        {
            .name = TYPE_OURS_B,
            .parent = TYPE_OURS_A,
            .instance_init = ours_init,
        },
        {
            .name = TYPE_OURS,
            .parent = TYPE_OURS_B,
            .instance_init = ours_init,
        },
    };

    type_register_static_array(types, G_N_ELEMENTS(types));
    for (int i = 0; i < N_TYPES; i++) {
        g_autofree char *name = g_strdup_printf("bench-cast-%d", i);
        const TypeInfo info = { .name = name, .parent = TYPE_OURS };

        type_register(&info);
    }
}

type_init(ours_register_types)

/* ---- GObject ---- */

typedef struct Theirs {
    GObject parent_instance;
    gint64 values[5];
} Theirs;

typedef struct TheirsClass {
    GObjectClass parent_class;
} TheirsClass;

static void theirs_iface_init(gpointer iface, gpointer data)
{
}

static GType theirs_iface_get_type(void)
{
    static GType type;

    if (g_once_init_enter(&type)) {
        GType t = g_type_register_static_simple(
            G_TYPE_INTERFACE, "BenchIface", sizeof(GTypeInterface),
            (GClassInitFunc)theirs_iface_init, 0, NULL, 0);

        g_type_interface_add_prerequisite(t, G_TYPE_OBJECT);
        g_once_init_leave(&type, t);
    }
    return type;
}

static void theirs_set_property(GObject *obj, guint id, const GValue *value,
                                GParamSpec *pspec)
{
    ((Theirs *)obj)->values[id - 1] = g_value_get_int64(value);
}

static void theirs_get_property(GObject *obj, guint id, GValue *value,
                                GParamSpec *pspec)
{
    g_value_set_int64(value, ((Theirs *)obj)->values[id - 1]);
}

static void theirs_class_init(gpointer klass, gpointer data)
{
    GObjectClass *oc = klass;

    oc->set_property = theirs_set_property;
    oc->get_property = theirs_get_property;
    for (int i = 0; i < 5; i++) {
        g_autofree char *name = g_strdup_printf("value-%d", i);

        g_object_class_install_property(
            oc, i + 1,
            g_param_spec_int64(name, NULL, NULL, G_MININT64, G_MAXINT64, 0,
                               G_PARAM_READWRITE | G_PARAM_STATIC_BLURB));
    }
}

static void theirs_init(GTypeInstance *instance, gpointer klass)
{
    BENCH_KEEP(instance);
}

static GType theirs_types[3 + N_TYPES];

static GType theirs_register(const char *name, GType parent,
                             GClassInitFunc class_init)
{
    return g_type_register_static_simple(parent, name, sizeof(TheirsClass),
                                         class_init, sizeof(Theirs),
                                         theirs_init, 0);
}

static void theirs_register_types(void)
{
    const GInterfaceInfo info = { theirs_iface_init, NULL, NULL };

    if (theirs_types[0]) {
        return;
    }
    theirs_types[0] = theirs_register("BenchA", G_TYPE_OBJECT,
                                      (GClassInitFunc)theirs_class_init);
    g_type_add_interface_static(theirs_types[0], theirs_iface_get_type(),
                                &info);
    theirs_types[1] = theirs_register("BenchB", theirs_types[0], NULL);
    theirs_types[2] = theirs_register("BenchC", theirs_types[1], NULL);
    for (int i = 0; i < N_TYPES; i++) {
        g_autofree char *name = g_strdup_printf("BenchCast%d", i);

        theirs_types[3 + i] = theirs_register(name, theirs_types[2], NULL);
    }
}

/* ---- create-destroy ---- */

static void *ours_setup(const void *arg)
{
    module_call_init(MODULE_INIT_QOM);
    return NULL;
}

static void ours_create(void *state, uint64_t n)
{
    while (n--) {
        Object *obj = object_new(TYPE_OURS);

        BENCH_KEEP(obj);
        object_unref(obj);
    }
}

static void *theirs_setup(const void *arg)
{
    theirs_register_types();
    return NULL;
}

static void theirs_create(void *state, uint64_t n)
{
    while (n--) {
        GObject *obj = g_object_new(theirs_types[2], NULL);

        BENCH_KEEP(obj);
        g_object_unref(obj);
    }
}

static void floor_create(void *state, uint64_t n)
{
    static const Ours image;

    while (n--) {
        Ours *obj = malloc(sizeof(*obj));

        BENCH_KEEP(obj);
        memcpy(obj, &image, sizeof(*obj));
        BENCH_KEEP(obj);
        free(obj);
    }
}

/* ---- create-with-three-properties, from text and parented ---- */

static const char *const texts[] = { "4096", "17", "100000" };

static void ours_create_props(void *state, uint64_t n)
{
    Object *parent = state;

    while (n--) {
        Object *obj = object_new_with_props(
            TYPE_OURS, parent, "child", &error_abort, "value-0", texts[0],
            "value-1", texts[1], "value-2", texts[2], NULL);

        object_unparent(obj);
    }
}

static void *ours_parent_setup(const void *arg)
{
    ours_setup(arg);
    return object_get_container("bench");
}

/* As GtkBuilder does: the text to a value of the property's own type. */
static void theirs_set_from_text(GObject *obj, const char *name,
                                 const char *text)
{
    GParamSpec *pspec = g_object_class_find_property(G_OBJECT_GET_CLASS(obj),
                                                     name);
    GValue value = G_VALUE_INIT;

    g_value_init(&value, pspec->value_type);
    g_value_set_int64(&value, g_ascii_strtoll(text, NULL, 0));
    g_object_set_property(obj, name, &value);
    g_value_unset(&value);
}

static void *theirs_parent_setup(const void *arg)
{
    theirs_register_types();
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                 g_object_unref);
}

static void theirs_parent_teardown(void *state)
{
    g_hash_table_destroy(state);
}

static void theirs_create_props(void *state, uint64_t n)
{
    GHashTable *children = state;

    while (n--) {
        GObject *obj = g_object_new(theirs_types[2], NULL);

        theirs_set_from_text(obj, "value-0", texts[0]);
        theirs_set_from_text(obj, "value-1", texts[1]);
        theirs_set_from_text(obj, "value-2", texts[2]);
        g_hash_table_insert(children, g_strdup("child"), obj);
        g_hash_table_remove(children, "child");
    }
}

static void floor_create_props(void *state, uint64_t n)
{
    Ours *list = NULL;

    while (n--) {
        Ours *obj = calloc(1, sizeof(*obj));

        BENCH_KEEP(obj);
        obj->values[0] = strtoll(texts[0], NULL, 0);
        obj->values[1] = strtoll(texts[1], NULL, 0);
        obj->values[2] = strtoll(texts[2], NULL, 0);
        list = obj;
        BENCH_KEEP(list);
        free(list);
    }
}

/* ---- casts: the state is an object of each of the eight types ---- */

static void *ours_cast_setup(const void *arg)
{
    Object **objs = g_new(Object *, N_TYPES);

    ours_setup(arg);
    for (int i = 0; i < N_TYPES; i++) {
        g_autofree char *name = g_strdup_printf("bench-cast-%d", i);

        objs[i] = object_new(name);
    }
    return objs;
}

static void ours_cast_teardown(void *state)
{
    Object **objs = state;

    for (int i = 0; i < N_TYPES; i++) {
        object_unref(objs[i]);
    }
    g_free(objs);
}

static void ours_cast_same(void *state, uint64_t n)
{
    Object *obj = *(Object **)state;

    while (n--) {
        BENCH_KEEP(obj);
        BENCH_KEEP(OURS(obj));
    }
}

static void ours_cast_alternating(void *state, uint64_t n)
{
    Object **objs = state;

    for (; n >= N_TYPES; n -= N_TYPES) {
#define CAST(i) BENCH_KEEP(OURS_##i(objs[i]));
        FOR_EACH_TYPE(CAST)
    }
}

static void ours_cast_iface(void *state, uint64_t n)
{
    Object *obj = *(Object **)state;

    while (n--) {
        BENCH_KEEP(obj);
        BENCH_KEEP(OURS_IFACE(obj));
    }
}

static void *theirs_cast_setup(const void *arg)
{
    GTypeInstance **objs = g_new(GTypeInstance *, N_TYPES);

    theirs_register_types();
    for (int i = 0; i < N_TYPES; i++) {
        objs[i] = g_object_new(theirs_types[3 + i], NULL);
    }
    return objs;
}

static void theirs_cast_teardown(void *state)
{
    GTypeInstance **objs = state;

    for (int i = 0; i < N_TYPES; i++) {
        g_object_unref(objs[i]);
    }
    g_free(objs);
}

/* The library's function, as the macro is without checks when optimised. */
static void theirs_cast_same(void *state, uint64_t n)
{
    GTypeInstance *obj = *(GTypeInstance **)state;

    while (n--) {
        BENCH_KEEP(obj);
        BENCH_KEEP(g_type_check_instance_cast(obj, theirs_types[2]));
    }
}

static void theirs_cast_alternating(void *state, uint64_t n)
{
    GTypeInstance **objs = state;

    for (; n >= N_TYPES; n -= N_TYPES) {
#define THEIR_CAST(i)                                                       \
    BENCH_KEEP(g_type_check_instance_cast(objs[i], theirs_types[3 + (i)]));
        FOR_EACH_TYPE(THEIR_CAST)
    }
}

static void theirs_cast_iface(void *state, uint64_t n)
{
    GTypeInstance *obj = *(GTypeInstance **)state;
    GType type = theirs_iface_get_type();

    while (n--) {
        BENCH_KEEP(obj);
        BENCH_KEEP(g_type_check_instance_cast(obj, type));
    }
}

static void floor_cast(void *state, uint64_t n)
{
    Object *obj = *(Object **)state;
    ObjectClass *volatile wanted = object_get_class(obj);

    while (n--) {
        BENCH_KEEP(obj);
        if (obj->klass != wanted) {
            abort();
        }
        BENCH_KEEP(obj);
    }
}

#define OURS_CAST(fn)                                                       \
    { "ours", ours_cast_setup, NULL, fn, NULL, ours_cast_teardown }
#define THEIR_CASTS(fn)                                                     \
    { "gobject", theirs_cast_setup, NULL, fn, NULL, theirs_cast_teardown }
#define FLOOR_CAST                                                          \
    { "floor", ours_cast_setup, NULL, floor_cast, NULL, ours_cast_teardown }

static const BenchCase cases[] = {
    {
        .name = "object/create-destroy/three-levels-five-properties",
        .ours = { "ours", ours_setup, NULL, ours_create },
        .peers = { { "gobject", theirs_setup, NULL, theirs_create },
                   { "floor", NULL, NULL, floor_create } },
    },
    {
        .name = "object/create-destroy/three-from-text-parented",
        .ours = { "ours", ours_parent_setup, NULL, ours_create_props },
        .peers = { { "gobject", theirs_parent_setup, NULL,
                     theirs_create_props, NULL, theirs_parent_teardown },
                   { "floor", NULL, NULL, floor_create_props } },
    },
    {
        .name = "object/cast/same-class",
        .ours = OURS_CAST(ours_cast_same),
        .peers = { THEIR_CASTS(theirs_cast_same), FLOOR_CAST },
    },
    {
        .name = "object/cast/eight-classes",
        .ours = OURS_CAST(ours_cast_alternating),
        .peers = { THEIR_CASTS(theirs_cast_alternating), FLOOR_CAST },
    },
    {
        .name = "object/cast/interface",
        .ours = OURS_CAST(ours_cast_iface),
        .peers = { THEIR_CASTS(theirs_cast_iface), FLOOR_CAST },
    },
    { }
};

int main(int argc, char **argv)
{
    return bench_main(argc, argv, cases);
}
