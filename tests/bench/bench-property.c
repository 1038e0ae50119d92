/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Properties by name, and whole objects from text, compared with GObject.
 *
 * The floor of an access by name is a comparison of the name and a store.  The
 * floor of an object from text is splitting the text at commas, strtoll() and
 * malloc().
 */
#include "qapi/json/json.h"
#include "qom/user-creatable.h"
#include "tests/bench/bench.h"

#include <gobject/gobject.h>
#include <json-glib/json-glib.h>
#include <stdlib.h>
#include <string.h>

/* ---- Ours ---- */

typedef struct Ours {
    Object parent_obj;
    int64_t aio_max_batch;
    int64_t poll_max_ns;
    int64_t poll_grow;
    int64_t poll_shrink;
    char *label;
} Ours;

#define TYPE_OURS "bench-loop"

static const PropertyRow ours_rows[] = {
#define ROW(text, field) PROPERTY_INT(text, Ours, field, .def = 0, .min = 0)
    ROW("aio-max-batch", aio_max_batch),
    ROW("poll-max-ns", poll_max_ns),
    ROW("poll-grow", poll_grow),
    ROW("poll-shrink", poll_shrink),
    PROPERTY_STR("label", Ours, label),
    PROPERTY_END
};

static void ours_class_init(ObjectClass *klass, const void *data)
{
    object_class_add_properties(klass, ours_rows);
}

static void ours_register_types(void)
{
    static const InterfaceInfo interfaces[] = { { TYPE_USER_CREATABLE }, { } };
    static const TypeInfo info = {
        .name = TYPE_OURS,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Ours),
        .class_init = ours_class_init,
        .interfaces = interfaces,
    };

    type_register_static(&info);
}

type_init(ours_register_types)

/* ---- GObject ---- */

typedef struct Theirs {
    GObject parent_instance;
    gint64 values[4];
    char *label;
} Theirs;

typedef struct TheirsClass {
    GObjectClass parent_class;
} TheirsClass;

static const char *const theirs_names[] = {
    "aio-max-batch", "poll-max-ns", "poll-grow", "poll-shrink",
};

static void theirs_set_property(GObject *obj, guint id, const GValue *value,
                                GParamSpec *pspec)
{
    Theirs *theirs = (Theirs *)obj;

    if (id == 5) {
        g_free(theirs->label);
        theirs->label = g_value_dup_string(value);
    } else {
        theirs->values[id - 1] = g_value_get_int64(value);
    }
}

static void theirs_get_property(GObject *obj, guint id, GValue *value,
                                GParamSpec *pspec)
{
    if (id == 5) {
        g_value_set_string(value, ((Theirs *)obj)->label);
    } else {
        g_value_set_int64(value, ((Theirs *)obj)->values[id - 1]);
    }
}

static GObjectClass *theirs_parent_class;

static void theirs_finalize(GObject *obj)
{
    g_free(((Theirs *)obj)->label);
    theirs_parent_class->finalize(obj);
}

static void theirs_class_init(gpointer klass, gpointer data)
{
    GObjectClass *oc = klass;

    theirs_parent_class = g_type_class_peek_parent(klass);
    oc->set_property = theirs_set_property;
    oc->get_property = theirs_get_property;
    oc->finalize = theirs_finalize;
    for (guint i = 0; i < G_N_ELEMENTS(theirs_names); i++) {
        g_object_class_install_property(
            oc, i + 1,
            g_param_spec_int64(theirs_names[i], NULL, NULL, 0, G_MAXINT64, 0,
                               G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
    }
    g_object_class_install_property(
        oc, 5, g_param_spec_string("label", NULL, NULL, NULL,
                                   G_PARAM_READWRITE |
                                       G_PARAM_STATIC_STRINGS));
}

static GType theirs_get_type(void)
{
    static GType type;

    if (!type) {
        type = g_type_register_static_simple(
            G_TYPE_OBJECT, "BenchLoop", sizeof(TheirsClass),
            (GClassInitFunc)theirs_class_init, sizeof(Theirs), NULL, 0);
    }
    return type;
}

/* ---- set-get by name ---- */

static void *ours_setup(const void *arg)
{
    module_call_init(MODULE_INIT_QOM);
    return object_new(TYPE_OURS);
}

static void ours_teardown(void *state)
{
    object_unref(state);
}

static void ours_set_get(void *state, uint64_t n)
{
    while (n--) {
        object_property_set_int(state, "poll-max-ns", n, &error_abort);
        BENCH_KEEP(object_property_get_int(state, "poll-max-ns",
                                           &error_abort));
    }
}

static void *theirs_setup(const void *arg)
{
    return g_object_new(theirs_get_type(), NULL);
}

static void theirs_teardown(void *state)
{
    g_object_unref(state);
}

static void theirs_set_get(void *state, uint64_t n)
{
    while (n--) {
        GValue value = G_VALUE_INIT;

        g_value_init(&value, G_TYPE_INT64);
        g_value_set_int64(&value, n);
        g_object_set_property(state, "poll-max-ns", &value);
        g_object_get_property(state, "poll-max-ns", &value);
        BENCH_KEEP(g_value_get_int64(&value));
    }
}

static void *floor_setup(const void *arg)
{
    return g_new0(Theirs, 1);
}

static void floor_set_get(void *state, uint64_t n)
{
    Theirs *obj = state;
    const char *volatile wanted = "poll-max-ns";

    while (n--) {
        const char *name = wanted;

        if (!strcmp(name, theirs_names[1])) {
            obj->values[1] = n;
        }
        name = wanted;
        if (!strcmp(name, theirs_names[1])) {
            BENCH_KEEP(obj->values[1]);
        }
    }
}

/* ---- set from text ---- */

static const char *const texts[] = { "4096", "8192" };

static void ours_parse(void *state, uint64_t n)
{
    while (n--) {
        object_property_parse(state, "poll-max-ns", texts[n & 1],
                              &error_abort);
    }
}

static void theirs_set_text(GObject *obj, const char *name, const char *text)
{
    GParamSpec *pspec = g_object_class_find_property(G_OBJECT_GET_CLASS(obj),
                                                     name);
    GValue value = G_VALUE_INIT;

    g_value_init(&value, pspec->value_type);
    if (pspec->value_type == G_TYPE_STRING) {
        g_value_set_static_string(&value, text);
    } else {
        g_value_set_int64(&value, g_ascii_strtoll(text, NULL, 0));
    }
    g_object_set_property(obj, name, &value);
    g_value_unset(&value);
}

static void theirs_parse(void *state, uint64_t n)
{
    while (n--) {
        theirs_set_text(state, "poll-max-ns", texts[n & 1]);
    }
}

static void floor_parse(void *state, uint64_t n)
{
    Theirs *obj = state;

    while (n--) {
        obj->values[1] = strtoll(texts[n & 1], NULL, 0);
        BENCH_KEEP(obj);
    }
}

/* ---- an object from text, and away again ---- */

static const char object_text[] =
    TYPE_OURS ",id=x,poll-max-ns=4096,poll-grow=2,label=some text";

static void ours_from_text(void *state, uint64_t n)
{
    while (n--) {
        user_creatable_add_from_str(object_text, &error_abort);
        user_creatable_del("x", &error_abort);
    }
}

static void *theirs_from_text_setup(const void *arg)
{
    theirs_get_type();
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                 g_object_unref);
}

static void theirs_from_text_teardown(void *state)
{
    g_hash_table_destroy(state);
}

/* The same text as JSON, read by json-glib, set property by property. */
static const char object_json[] =
    "{\"qom-type\": \"BenchLoop\", \"id\": \"x\", \"poll-max-ns\": 4096, "
    "\"poll-grow\": 2, \"label\": \"some text\"}";

static void theirs_set_member(JsonObject *object, const char *name,
                              JsonNode *node, gpointer data)
{
    GValue value = G_VALUE_INIT;

    if (!strcmp(name, "qom-type") || !strcmp(name, "id")) {
        return;
    }
    json_node_get_value(node, &value);
    g_object_set_property(data, name, &value);
    g_value_unset(&value);
}

static void theirs_from_text(void *state, uint64_t n)
{
    GHashTable *children = state;

    while (n--) {
        g_autoptr(JsonParser) parser = json_parser_new();
        JsonObject *options;
        GObject *obj;
        const char *id;

        if (!json_parser_load_from_data(parser, object_json, -1, NULL)) {
            g_assert_not_reached();
        }
        options = json_node_get_object(json_parser_get_root(parser));
        obj = g_object_new(g_type_from_name(json_object_get_string_member(
                               options, "qom-type")), NULL);
        json_object_foreach_member(options, theirs_set_member, obj);
        id = json_object_get_string_member(options, "id");
        g_hash_table_insert(children, g_strdup(id), obj);
        g_hash_table_remove(children, id);
    }
}

static void floor_from_text(void *state, uint64_t n)
{
    while (n--) {
        char *copy = strdup(object_text);
        Ours *obj = calloc(1, sizeof(*obj));
        char *rest = copy;
        char *option;

        while ((option = strsep(&rest, ","))) {
            char *value = strchr(option, '=');

            if (value && !strncmp(option, "poll-max-ns", value - option)) {
                obj->poll_max_ns = strtoll(value + 1, NULL, 0);
            } else if (value && !strncmp(option, "poll-grow",
                                         value - option)) {
                obj->poll_grow = strtoll(value + 1, NULL, 0);
            } else if (value && !strncmp(option, "label", value - option)) {
                obj->label = strdup(value + 1);
            }
        }
        BENCH_KEEP(obj);
        free(obj->label);
        free(obj);
        free(copy);
    }
}

static const BenchCase cases[] = {
    {
        .name = "property/set-get-int",
        .ours = { "ours", ours_setup, NULL, ours_set_get, NULL,
                  ours_teardown },
        .peers = { { "gobject", theirs_setup, NULL, theirs_set_get, NULL,
                     theirs_teardown },
                   { "floor", floor_setup, NULL, floor_set_get, NULL,
                     g_free } },
    },
    {
        .name = "property/set-from-text",
        .ours = { "ours", ours_setup, NULL, ours_parse, NULL, ours_teardown },
        .peers = { { "gobject", theirs_setup, NULL, theirs_parse, NULL,
                     theirs_teardown },
                   { "floor", floor_setup, NULL, floor_parse, NULL,
                     g_free } },
    },
    {
        .name = "property/object-from-text",
        .ours = { "ours", ours_setup, NULL, ours_from_text, NULL,
                  ours_teardown },
        .peers = { { "gobject", theirs_from_text_setup, NULL,
                     theirs_from_text, NULL, theirs_from_text_teardown },
                   { "floor", NULL, NULL, floor_from_text } },
    },
    { }
};

int main(int argc, char **argv)
{
    return bench_main(argc, argv, cases);
}
