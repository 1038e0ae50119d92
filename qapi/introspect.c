/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rows to JSON, a function a level; nothing is kept. */
#include "qapi/introspect.h"

#include "qapi/error.h"
#include "qapi/json.h"

#include <string.h>

static void set_string(JsonObject *object, const char *key, const char *value)
{
    if (value) {
        json_object_set_string_member(object, key, value);
    }
}

static void set_json(JsonObject *object, const char *key, const char *text)
{
    if (text) {
        json_object_set_member(object, key,
                               json_parse(text, -1, &error_abort));
    }
}

static void set_features(JsonObject *object, const char *const *features)
{
    JsonArray *array;

    /* Conditions may have left none */
    if (!features || !*features) {
        return;
    }
    array = json_array_new();
    for (; *features; features++) {
        json_array_add_string_element(array, *features);
    }
    json_object_set_array_member(object, "features", array);
}

static void set_details(JsonObject *object, JsonObject *details)
{
    if (json_object_get_size(details)) {
        json_object_set_object_member(object, "details", details);
    } else {
        json_object_unref(details);
    }
}

static void set_member_details(JsonObject *object, const QapiInfoMember *m)
{
    JsonObject *details = json_object_new();

    set_string(details, "doc", m->doc);
    set_json(details, "default", m->def);
    set_json(details, "min", m->min);
    set_json(details, "max", m->max);
    set_string(details, "unit", m->unit);
    set_string(details, "set", m->set);
    set_details(object, details);
}

/* @name_key: "name" or "case"; NULL for branches of an alternate */
static void set_members(JsonObject *object, const char *key,
                        const QapiInfoMember *m, const char *name_key,
                        bool details)
{
    JsonArray *array = json_array_new();

    for (; m->name; m++) {
        JsonObject *member = json_object_new();

        if (name_key) {
            json_object_set_string_member(member, name_key, m->name);
        }
        set_string(member, "type", m->type);
        if (m->optional) {
            json_object_set_null_member(member, "default");
        }
        set_features(member, m->features);
        if (details) {
            set_member_details(member, m);
        }
        json_array_add_object_element(array, member);
    }
    json_object_set_array_member(object, key, array);
}

/* The old form of an enum's members. */
static void set_values(JsonObject *object, const QapiInfoMember *m)
{
    JsonArray *array = json_array_new();

    for (; m->name; m++) {
        json_array_add_string_element(array, m->name);
    }
    json_object_set_array_member(object, "values", array);
}

static const char *type_key(const char *meta_type)
{
    if (strcmp(meta_type, "builtin") == 0) {
        return "json-type";
    }
    return strcmp(meta_type, "array") == 0 ? "element-type" : "arg-type";
}

static JsonObject *info_to_json(const QapiInfo *row, bool details)
{
    JsonObject *object = json_object_new();
    bool is_alternate = strcmp(row->meta_type, "alternate") == 0;

    set_string(object, "name", row->name);
    set_string(object, "meta-type", row->meta_type);
    set_string(object, type_key(row->meta_type), row->type);
    set_string(object, "ret-type", row->ret_type);
    if (row->allow_oob) {
        json_object_set_boolean_member(object, "allow-oob", TRUE);
    }
    if (row->members) {
        set_members(object, "members", row->members,
                    is_alternate ? NULL : "name", details);
    }
    if (strcmp(row->meta_type, "enum") == 0) {
        set_values(object, row->members);
    }
    if (row->tag) {
        set_string(object, "tag", row->tag);
        set_members(object, "variants", row->variants, "case", false);
    }
    set_features(object, row->features);
    if (details) {
        JsonObject *extra = json_object_new();

        set_string(extra, "doc", row->doc);
        set_details(object, extra);
    }
    return object;
}

JsonNode *qapi_introspect(const QapiInfo *rows, bool details)
{
    JsonNode *node = json_node_new(JSON_NODE_ARRAY);
    JsonArray *array = json_array_new();

    for (; rows->name; rows++) {
        json_array_add_object_element(array, info_to_json(rows, details));
    }
    json_node_take_array(node, array);
    return node;
}
