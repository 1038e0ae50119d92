/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Properties of objects.  The input is JSON objects, one after the other, whose
 * members are properties to set; "qom-type" selects another object.  Each
 * property is set to the value and parsed from its text, in an object that is
 * being created and in one that is complete.
 *
 * A rejected value leaves all properties as before.  An accepted one reads as
 * the same value, can be set again, and survives a round trip through text.
 */
#include "qapi/json/json.h"
#include "qom/user-creatable.h"
#include "tests/fuzz/fuzz-types.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

/* Of one type: an object that is being made, and one that is complete. */
typedef struct Pair {
    Object *fresh;
    Object *complete;
} Pair;

/* What an input works on. */
typedef struct Run {
    GHashTable *pairs; /* name of a type -> Pair */
    Pair *pair;        /* the current one */
} Run;

/* ---- Values ---- */

/* What is never set may change by itself, as a count does. */
static bool is_settable(Object *obj, const char *name)
{
    const ObjectProperty *prop = object_property_find(obj, name);

    return prop && prop->set &&
           object_property_mutability(prop) != PROPERTY_SET_NEVER;
}

static JsonNode *read_value(Object *obj, const char *name)
{
    return object_property_get_json(obj, name, &error_abort);
}

/* Returns: (transfer full) the values of all that can be set, as text */
static char *snapshot(Object *obj)
{
    GString *text = g_string_new(NULL);
    ObjectPropertyIterator iter;
    ObjectProperty *prop;

    object_property_iter_init(&iter, obj);
    while ((prop = object_property_iter_next(&iter))) {
        g_autoptr(JsonNode) value = NULL;

        if (is_settable(obj, prop->name)) {
            value = read_value(obj, prop->name);
            g_string_append_printf(text, "%s: ", prop->name);
            json_write(text, value, false);
            g_string_append_c(text, '\n');
        }
    }
    return g_string_free(text, FALSE);
}

static bool is_link(Object *obj, const char *name)
{
    const char *type = object_property_get_type(obj, name, NULL);

    return type && g_str_has_prefix(type, "link<");
}

/* ---- Checks ---- */

static void check_refused(Object *obj, const char *before, const Error *err)
{
    g_autofree char *after = snapshot(obj);

    g_assert_nonnull(err);
    g_assert_cmpstr(error_get_pretty(err), !=, "");
    g_assert_cmpstr(before, ==, after);
}

/* The value that is there is taken, and stays. */
static void check_again(Object *obj, const char *name)
{
    g_autoptr(JsonNode) value = read_value(obj, name);
    g_autofree char *before = snapshot(obj);
    g_autofree char *after = NULL;

    if (JSON_NODE_HOLDS_NULL(value)) {
        return; /* never set */
    }
    object_property_set_json(obj, name, value, &error_abort);
    after = snapshot(obj);
    g_assert_cmpstr(before, ==, after);
}

/*
 * Others may have no text; that of a list is sorted, without what is in it
 * twice, and ranges that were joined may be longer than what is taken.
 */
static bool is_scalar(Object *obj, const char *name)
{
    g_autoptr(JsonNode) value = read_value(obj, name);

    return JSON_NODE_HOLDS_VALUE(value);
}

/* Text of the value, where there is one, is the value. */
static void check_text(Object *obj, const char *name)
{
    g_autofree char *text = object_property_print(obj, name, false, NULL);
    g_autofree char *before = snapshot(obj);
    g_autofree char *text_after = NULL;
    g_autofree char *after = NULL;
    g_autoptr(Error) err = NULL;

    if (!text) {
        return;
    }
    if (!object_property_parse(obj, name, text, &err)) {
        g_assert_true(!is_scalar(obj, name) ||
                      g_str_has_suffix(error_get_pretty(err),
                                       "cannot be given as plain text"));
        return;
    }
    text_after = object_property_print(obj, name, false, &error_abort);
    g_assert_cmpstr(text, ==, text_after);
    if (is_scalar(obj, name)) {
        after = snapshot(obj);
        g_assert_cmpstr(before, ==, after);
    }
}

/* Setting 0 sets the default, as in QEMU 11.1. */
static bool becomes_default(const char *name, JsonNode *value)
{
    int64_t number;

    return (g_str_equal(name, "poll-grow") ||
            g_str_equal(name, "poll-shrink") ||
            g_str_equal(name, "poll-weight")) &&
           json_number_get_int64(value, &number) && number == 0;
}

static void check_set(Object *obj, const char *name, JsonNode *value)
{
    g_autofree char *before = snapshot(obj);
    g_autoptr(Error) err = NULL;
    g_autoptr(JsonNode) now = NULL;

    if (!object_property_set_json(obj, name, value, &err)) {
        check_refused(obj, before, err);
        return;
    }
    g_assert_null(err);
    now = read_value(obj, name);
    /* A link reads as the whole path. */
    if (!is_link(obj, name) && !becomes_default(name, value)) {
        g_assert_true(json_node_equal_deep(value, now));
    }
    check_again(obj, name);
    check_text(obj, name);
}

static void check_parse(Object *obj, const char *name, JsonNode *value)
{
    g_autofree char *before = snapshot(obj);
    g_autoptr(GString) json = g_string_new(NULL);
    g_autoptr(Error) err = NULL;
    const char *text;

    json_write(json, value, false);
    text = json_qtype(value) == QTYPE_QSTRING ? json_node_get_string(value)
                                              : json->str;
    if (!object_property_parse(obj, name, text, &err)) {
        check_refused(obj, before, err);
        return;
    }
    g_assert_null(err);
    check_again(obj, name);
    check_text(obj, name);
}

/* ---- Inputs ---- */

static void free_pair(void *opaque)
{
    Pair *pair = opaque;

    object_unref(pair->fresh);
    g_free(pair);
}

/* Returns: (transfer full); NULL if it is no type that users make objects of */
static Pair *make_pair(const char *type)
{
    g_autoptr(JsonObject) options = json_object_new();
    g_autofree char *id = g_strdup_printf("the-%s", type);
    ObjectClass *klass = object_class_by_name(type);
    Object *complete;
    Pair *pair;

    json_object_set_string_member(options, "qom-type", type);
    json_object_set_string_member(options, "id", id);
    complete = user_creatable_add_json(options, NULL);
    if (!complete) {
        return NULL;
    }
    pair = g_new(Pair, 1);
    pair->complete = complete;
    pair->fresh = object_new_with_class(klass);
    return pair;
}

static void choose_type(Run *run, const char *type)
{
    Pair *pair = g_hash_table_lookup(run->pairs, type);

    if (!pair && (pair = make_pair(type))) {
        g_hash_table_insert(run->pairs, g_strdup(type), pair);
    }
    run->pair = pair ? pair : run->pair;
}

static void set_members(Run *run, JsonObject *object)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;

    json_object_iter_init_ordered(&iter, object);
    while (json_object_iter_next_ordered(&iter, &name, &value)) {
        if (!strcmp(name, "qom-type")) {
            if (json_qtype(value) == QTYPE_QSTRING) {
                choose_type(run, json_node_get_string(value));
            }
            continue;
        }
        check_set(run->pair->fresh, name, value);
        check_set(run->pair->complete, name, value);
        check_parse(run->pair->fresh, name, value);
        check_parse(run->pair->complete, name, value);
    }
}

static void take(void *opaque, JsonNode *node, Error *err)
{
    if (node && JSON_NODE_HOLDS_OBJECT(node)) {
        set_members(opaque, json_node_get_object(node));
    }
    error_free(err);
    g_clear_pointer(&node, json_node_unref);
}

static void mutate(GString *text, MutateRandom *r)
{
    if (mutate_chance(r, 3)) {
        g_string_append_c(text, '\n');
        mutate_object(text, r);
    } else {
        mutate_objects(text, r);
    }
}

const FuzzMutator fuzz_mutator = { mutate, mutate_json_cross };

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    fuzz_types_init();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Run run = {
        .pairs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                       free_pair),
    };
    g_autoptr(JsonStream) stream = json_stream_new(take, &run);

    choose_type(&run, TYPE_FUZZ);
    json_stream_feed(stream, (const char *)data, size);
    json_stream_flush(stream);
    g_hash_table_unref(run.pairs);
    fuzz_types_cleanup();
    return 0;
}
