/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Introspection tells of classes that no schema knows, from their tables of
 * properties.
 */
#include "qapi/json/json.h"
#include "qapi/schema-info.h"
#include "qom/user-creatable.h"
#include "tests/unit/test-util.h"

#include <string.h>

typedef struct Lamp {
    Object parent_obj;
    int64_t watts;
    uint64_t room;
    double warmth;
    char *label;
    Object *socket;
} Lamp;

static const PropertyRow lamp_rows[] = {
    PROPERTY_INT("watts", Lamp, watts, .def = 40, .min = 0, .max = 100,
                 .unit = "W", .doc = "how bright"),
    PROPERTY_UINT64("room", Lamp, room, .max = UINT64_MAX,
                    .set = PROPERTY_SET_CREATE),
    PROPERTY_NUMBER("warmth", Lamp, warmth, .min = 0.5),
    PROPERTY_STR("secret", Lamp, label, .set = PROPERTY_SET_NEVER),
    PROPERTY_END
};

static bool get_bool(Object *obj, Error **errp)
{
    return true;
}

static void set_bool(Object *obj, bool value, Error **errp)
{
}

static void nothing(Object *obj, Visitor *v, const char *name, void *opaque,
                    Error **errp)
{
}

static void lamp_class_init(ObjectClass *klass, const void *data)
{
    object_class_add_properties(klass, lamp_rows);
    object_class_property_add_bool(klass, "on", get_bool, set_bool);
    object_class_property_add(klass, "odd", "a word", nothing, nothing, NULL,
                              NULL);
    object_class_property_add_link(klass, "socket", "object",
                                   offsetof(Lamp, socket),
                                   object_property_allow_set_link, 0);
}

static void desk_lamp_class_init(ObjectClass *klass, const void *data)
{
    object_class_property_add_bool(klass, "folds", get_bool, set_bool);
}

static const TypeInfo infos[] = {
    {
        .name = "lamp",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Lamp),
        .class_init = lamp_class_init,
        .interfaces = (const InterfaceInfo[]) { { TYPE_USER_CREATABLE },
                                                { } },
    },
    {
        .name = "desk-lamp",
        .parent = "lamp",
        .class_init = desk_lamp_class_init,
    },
    {
        .name = "lamp-shade",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Lamp),
    },
};

DEFINE_TYPES(infos)

/* The text of an entity's description. */
static char *describe(const char *name, bool details)
{
    g_autoptr(JsonNode) all = qapi_schema_info(true, details);
    JsonArray *array = json_node_get_array(all);

    for (guint i = 0; i < json_array_get_length(array); i++) {
        JsonNode *info = json_array_get_element(array, i);

        if (!strcmp(json_object_get_string_member(json_node_get_object(info),
                                                  "name"), name)) {
            GString *text = g_string_new(NULL);

            json_write(text, info, false);
            return g_string_free(text, FALSE);
        }
    }
    return NULL;
}

static void test_options(void)
{
    g_autofree char *text = describe("ObjectOptions", false);

    g_assert_cmpstr(text, ==,
                    "{\"name\": \"ObjectOptions\", \"meta-type\": \"object\", "
                    "\"members\": [{\"name\": \"qom-type\", \"type\": "
                    "\"ObjectType\"}, {\"name\": \"id\", \"type\": \"str\"}], "
                    "\"tag\": \"qom-type\", \"variants\": [{\"case\": "
                    "\"desk-lamp\", \"type\": \"DeskLampProperties\"}, "
                    "{\"case\": \"lamp\", \"type\": \"LampProperties\"}]}");
}

static void test_type_names(void)
{
    g_autofree char *text = describe("ObjectType", false);

    g_assert_nonnull(strstr(text, "\"values\": [\"desk-lamp\", \"lamp\"]"));
}

static void test_members(void)
{
    g_autofree char *text = describe("LampProperties", false);

    g_assert_cmpstr(text, ==,
                    "{\"name\": \"LampProperties\", \"meta-type\": "
                    "\"object\", \"members\": ["
                    "{\"name\": \"watts\", \"type\": \"int\", "
                    "\"default\": null}, "
                    "{\"name\": \"room\", \"type\": \"int\", "
                    "\"default\": null}, "
                    "{\"name\": \"warmth\", \"type\": \"number\", "
                    "\"default\": null}, "
                    "{\"name\": \"on\", \"type\": \"bool\", "
                    "\"default\": null}, "
                    "{\"name\": \"odd\", \"type\": \"any\", "
                    "\"default\": null}, "
                    "{\"name\": \"socket\", \"type\": \"str\", "
                    "\"default\": null}]}");
}

/* As a struct begins with its base. */
static void test_inherited_first(void)
{
    g_autofree char *text = describe("DeskLampProperties", false);

    g_assert_true(g_str_has_suffix(text,
                                   "{\"name\": \"socket\", \"type\": \"str\", "
                                   "\"default\": null}, {\"name\": \"folds\", "
                                   "\"type\": \"bool\", "
                                   "\"default\": null}]}"));
}

static void test_details(void)
{
    g_autofree char *text = describe("LampProperties", true);

    g_assert_nonnull(strstr(text,
                            "\"details\": {\"doc\": \"how bright\", "
                            "\"default\": 40, \"min\": 0, \"max\": 100, "
                            "\"unit\": \"W\", \"set\": \"any-time\"}"));
    g_assert_nonnull(strstr(text,
                            "\"details\": {\"max\": 18446744073709551615, "
                            "\"set\": \"create\"}"));
    g_assert_nonnull(strstr(text, "\"details\": {\"min\": 0.5, "));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    module_call_init(MODULE_INIT_QMP);
    g_test_add_func("/qom/object-options/variants-by-name", test_options);
    g_test_add_func("/qom/object-options/type-names", test_type_names);
    g_test_add_func("/qom/object-options/members", test_members);
    g_test_add_func("/qom/object-options/inherited-first",
                    test_inherited_first);
    g_test_add_func("/qom/object-options/details", test_details);
    return test_run();
}
