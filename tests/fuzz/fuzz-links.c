/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lists of objects with links: the input is JSON arrays, each of which is
 * applied to the objects that the arrays before it have left.  check_apply()
 * says what must hold for any list.  For links:
 *
 * - After a list was applied, each link leads to the object that its text
 *   names, or to none.
 * - A strong link keeps its target: object-del refuses to delete it.  Otherwise
 *   the object is deleted, and no weak link leads to it any longer.
 */
#include "qapi/json/json.h"
#include "qom/object.h"
#include "qom/user-creatable.h"
#include "tests/fuzz/check-apply.h"
#include "tests/fuzz/fuzz-types.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static const char *const strong_links[] = { "mate", "peer" };

static bool is_link(const char *name)
{
    return strcmp(name, "mate") == 0 || strcmp(name, "peer") == 0 ||
           strcmp(name, "weak") == 0;
}

/* ---- What was applied ---- */

static void check_link(Object *obj, const char *name, JsonNode *value)
{
    const char *text = json_node_get_string(value);
    Object *target = object_property_get_link(obj, name, &error_abort);

    if (!text || !*text) {
        g_assert_null(target);
    } else {
        g_assert_true(object_resolve_path(text, NULL) == target);
    }
}

static void check_object(JsonObject *object)
{
    const char *id = json_object_get_string_member(object, "id");
    Object *obj = object_resolve_path_at(object_get_objects_root(), id);
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;

    g_assert_nonnull(obj);
    json_object_iter_init(&iter, object);
    while (json_object_iter_next(&iter, &name, &value)) {
        if (is_link(name) && object_dynamic_cast(obj, TYPE_FUZZ)) {
            check_link(obj, name, value);
        }
    }
}

static void take(void *opaque, JsonNode *node, Error *err)
{
    if (node && JSON_NODE_HOLDS_ARRAY(node)) {
        JsonArray *array = json_node_get_array(node);
        g_autofree char *refused = check_apply(array);

        for (guint i = 0; !refused && i < json_array_get_length(array); i++) {
            check_object(json_array_get_object_element(array, i));
        }
    }
    error_free(err);
    g_clear_pointer(&node, json_node_unref);
}

/* ---- Deletion ---- */

static int collect(Object *child, void *opaque)
{
    if (object_dynamic_cast(child, TYPE_FUZZ)) {
        g_ptr_array_add(opaque, child);
    }
    return 0;
}

static GPtrArray *list_objects(void)
{
    GPtrArray *objects = g_ptr_array_new();

    object_child_foreach(object_get_objects_root(), collect, objects);
    return objects;
}

static bool is_held(GPtrArray *objects, Object *obj)
{
    for (guint i = 0; i < objects->len; i++) {
        if (objects->pdata[i] == obj) {
            continue; /* an object does not keep itself */
        }
        for (size_t j = 0; j < G_N_ELEMENTS(strong_links); j++) {
            if (object_property_get_link(objects->pdata[i], strong_links[j],
                                         &error_abort) == obj) {
                return true;
            }
        }
    }
    return false;
}

static void check_no_link_to(Object *obj)
{
    g_autoptr(GPtrArray) objects = list_objects();

    for (guint i = 0; i < objects->len; i++) {
        g_assert_true(objects->pdata[i] != obj);
        g_assert_true(object_property_get_link(objects->pdata[i], "weak",
                                               &error_abort) != obj);
    }
}

/* Each object is deleted just if nothing holds it and it does not refuse. */
static void check_deletion(void)
{
    g_autoptr(GPtrArray) objects = list_objects();

    for (guint i = 0; i < objects->len; i++) {
        g_autoptr(GPtrArray) now = list_objects();
        Object *obj = objects->pdata[i];
        g_autofree char *id = g_strdup(
            object_get_canonical_path_component(obj));
        bool held = is_held(now, obj);
        bool deleted = user_creatable_del(id, NULL);

        g_assert_false(held && deleted);
        if (deleted) {
            check_no_link_to(obj);
        } else {
            g_assert_true(
                object_resolve_path_at(object_get_objects_root(), id) == obj);
        }
    }
}

/* ---- Target ---- */

const FuzzMutator fuzz_mutator = { mutate_links, mutate_json_cross };

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    fuzz_types_init();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(JsonStream) stream = json_stream_new(take, NULL);

    json_stream_feed(stream, (const char *)data, size);
    json_stream_flush(stream);
    check_deletion();
    fuzz_types_cleanup();
    return 0;
}
