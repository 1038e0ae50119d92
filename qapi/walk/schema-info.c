/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Introspection of the running program.
 *
 * Table   everything that clients see, filled by schema-info-table.c
 * Entry   a command, an event or a type; it becomes one JSON object here.  This
 *         adds nothing to the table, because all names are given by then.
 *
 * The form is that of query-qmp-schema; qapi/compiler/info.c creates the same
 * from schema files, and a test compares the two.
 */
#include "qapi/schema-info.h"

#include "qapi/error.h"
#include "qapi/json/json.h"
#include "qapi/walk/schema-info-internal.h"

/* An object without features has no such member. */
static void set_features(JsonObject *object, const QapiFeature *features)
{
    JsonArray *array;

    if (!features || !features->name) {
        return;
    }
    array = json_array_new();
    for (; features->name; features++) {
        json_array_add_string_element(array, features->name);
    }
    json_object_set_array_member(object, "features", array);
}

/* @value: (nullable) */
static void set_string(JsonObject *object, const char *key, const char *value)
{
    if (value) {
        json_object_set_member(object, key, json_text_new(value));
    }
}

/*
 * @text: (nullable) valid JSON, because the compiler or the property table
 * wrote it
 */
static void set_json(JsonObject *object, const char *key, const char *text)
{
    if (text) {
        json_object_set_member(object, key,
                               json_parse(text, -1, &error_abort));
    }
}

/* Adds "details" if the caller asked for them and there are any. */
static void set_details(const InfoTable *table, JsonObject *object,
                        const char *doc, const QapiMemberDetails *facts)
{
    JsonObject *details;

    if (!table->details || (!doc && !facts)) {
        return;
    }
    details = json_object_new();
    set_string(details, "doc", doc);
    if (facts) {
        set_json(details, "default", facts->def);
        set_json(details, "min", facts->min);
        set_json(details, "max", facts->max);
        set_string(details, "unit", facts->unit);
        set_string(details, "set", facts->set);
    }
    json_object_set_object_member(object, "details", details);
}

/* The default is always null, which says that the member is optional. */
static void set_members(InfoTable *table, JsonObject *object,
                        const QapiType *type)
{
    JsonArray *array = json_array_new();

    for (uint32_t i = 0; i < type->n_members; i++) {
        const QapiMember *m = &type->members[i];
        JsonObject *member = json_object_new();

        set_string(member, "name", m->name);
        set_string(member, "type", info_type_name(table, m->type));
        if (m->optional) {
            json_object_set_null_member(member, "default");
        }
        set_features(member, m->features);
        set_details(table, member, m->doc, m->details);
        json_array_add_object_element(array, member);
    }
    json_object_set_array_member(object, "members", array);
}

/* @type: (nullable) NULL: no members */
static void add_variant(InfoTable *table, JsonArray *array, const char *name,
                        const QapiType *type)
{
    JsonObject *variant = json_object_new();

    set_string(variant, "case", name);
    set_string(variant, "type", info_type_name(table, type));
    json_array_add_object_element(array, variant);
}

/* A value of the tag without a branch is reported with the empty object. */
static void set_variants(InfoTable *table, JsonObject *object,
                         const QapiType *type)
{
    const QEnumLookup *lookup = info_tag_lookup(type);
    JsonArray *array = json_array_new();

    set_string(object, "tag", type->members[type->tag_index].name);
    for (uint32_t i = 0; i < type->n_branches; i++) {
        add_variant(table, array, type->branches[i].name,
                    type->branches[i].type);
    }
    for (int i = 0; i < lookup->size; i++) {
        if (lookup->array[i] && !info_branch_of(type, i)) {
            add_variant(table, array, lookup->array[i], NULL);
        }
    }
    json_object_set_array_member(object, "variants", array);
}

/* "values" is for clients that do not know "members". */
static void set_enum(const InfoTable *table, JsonObject *object,
                     const QapiType *type)
{
    JsonArray *members = json_array_new();
    JsonArray *values = json_array_new();

    for (int i = 0; i < type->lookup->size; i++) {
        JsonObject *member;

        if (!type->lookup->array[i]) {
            continue;
        }
        member = json_object_new();
        set_string(member, "name", type->lookup->array[i]);
        set_features(member,
                     type->value_features ? type->value_features[i] : NULL);
        set_details(table, member,
                    type->value_docs ? type->value_docs[i] : NULL, NULL);
        json_array_add_object_element(members, member);
        json_array_add_string_element(values, type->lookup->array[i]);
    }
    json_object_set_array_member(object, "members", members);
    json_object_set_array_member(object, "values", values);
}

/* Branches have no names for clients. */
static void set_alternate(InfoTable *table, JsonObject *object,
                          const QapiType *type)
{
    JsonArray *array = json_array_new();

    for (uint32_t i = 0; i < type->n_branches; i++) {
        JsonObject *member = json_object_new();

        set_string(member, "type",
                   info_type_name(table, type->branches[i].type));
        json_array_add_object_element(array, member);
    }
    json_object_set_array_member(object, "members", array);
}

/*
 * Returns what a JSON value of a built-in type is.  All integers are "int",
 * because canonical() made them one type.
 */
static const char *json_type(const QapiType *type)
{
    switch (type->kind) {
    case QAPI_KIND_STR:
        return "string";
    case QAPI_KIND_NUMBER:
        return "number";
    case QAPI_KIND_BOOL:
        return "boolean";
    case QAPI_KIND_NULL:
        return "null";
    case QAPI_KIND_ANY:
        return "value";
    default:
        return "int";
    }
}

/*
 * Lists name their element; a union has members, the tag's name and branches;
 * the other types have one list.
 */
static void set_type(InfoTable *table, JsonObject *object,
                     const QapiType *type)
{
    switch (type->kind) {
    case QAPI_KIND_ENUM:
        set_string(object, "meta-type", "enum");
        set_enum(table, object, type);
        break;
    case QAPI_KIND_LIST:
        set_string(object, "meta-type", "array");
        set_string(object, "element-type",
                   info_type_name(table, type->element));
        break;
    case QAPI_KIND_STRUCT:
    case QAPI_KIND_UNION:
        set_string(object, "meta-type", "object");
        set_members(table, object, type);
        if (type->kind == QAPI_KIND_UNION) {
            set_variants(table, object, type);
        }
        break;
    case QAPI_KIND_ALTERNATE:
        set_string(object, "meta-type", "alternate");
        set_alternate(table, object, type);
        break;
    default:
        set_string(object, "meta-type", "builtin");
        set_string(object, "json-type", json_type(type));
    }
    set_features(object, type->features);
    set_details(table, object, type->doc, NULL);
}

/* Missing arguments and results are reported as the empty object. */
static void set_command(InfoTable *table, JsonObject *object,
                        const QapiCommand *command)
{
    set_string(object, "meta-type", "command");
    set_string(object, "arg-type",
               info_type_name(table, info_command_arg(table, command)));
    set_string(object, "ret-type",
               info_type_name(table, info_command_ret(command)));
    if (command->flags & QCO_ALLOW_OOB) {
        json_object_set_boolean_member(object, "allow-oob", TRUE);
    }
    set_features(object, command->features);
    set_details(table, object, command->doc, NULL);
}

/* Events have no result. */
static void set_event(InfoTable *table, JsonObject *object,
                      const QapiEvent *event)
{
    set_string(object, "meta-type", "event");
    set_string(object, "arg-type", info_type_name(table, event->arg_type));
    set_features(object, event->features);
    set_details(table, object, event->doc, NULL);
}

/* The first pass is info_table_init(); the loop is the second one. */
JsonNode *qapi_schema_info(bool unmask, bool details)
{
    JsonArray *array = json_array_new();
    JsonNode *node = json_node_new(JSON_NODE_ARRAY);
    InfoTable table;

    info_table_init(&table, unmask, details);
    for (guint i = 0; i < table.entries->len; i++) {
        InfoEntry entry = g_array_index(table.entries, InfoEntry, i);
        JsonObject *object = json_object_new();

        set_string(object, "name", entry.name);
        if (entry.command) {
            set_command(&table, object, entry.command);
        } else if (entry.event) {
            set_event(&table, object, entry.event);
        } else {
            set_type(&table, object, entry.type);
        }
        json_array_add_object_element(array, object);
    }
    info_table_clear(&table);
    json_node_take_array(node, array);
    return node;
}
