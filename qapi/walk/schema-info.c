/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Introspection of the running program.
 *
 * It is created from a table that grows while it is read.  To name a type that
 * has no entry yet adds an entry at the end.  The first pass gives names,
 * breadth first.  The second pass adds nothing and creates the JSON.
 *
 * The form is that of query-qmp-schema; qapi/compiler/info.c creates the same
 * from schema files, and a test compares the two.
 */
#include "qapi/schema-info.h"

#include "qapi/error.h"
#include "qapi/json/json.h"
#include "qapi/qapi-command.h"
#include "qapi/qapi-event.h"
#include "util/hash.h"

#include <string.h>

/* A command, an event or a type that clients see. */
typedef struct InfoEntry {
    const QapiCommand *command; /* one of these three is set */
    const QapiEvent *event;
    const QapiType *type;
    const char *name; /* the name that clients see */
} InfoEntry;

typedef struct InfoTable {
    bool unmask;
    bool details;
    GArray *entries;        /* of InfoEntry */
    GHashTable *index;   /* type name -> index in entries, plus 1 */
    unsigned n_masked;
    GHashTable *provided; /* name -> type descriptor of its provider */
    /* everything that is freed with the table: names, provided types */
    GPtrArray *garbage;
} InfoTable;

/* From type name to QapiTypeProvider; main thread. */
static GHashTable *providers;

/* The provider replaces what the schema says about the type. */
void qapi_schema_info_provide(const char *type_name,
                              QapiTypeProvider *provider)
{
    if (!providers) {
        providers = g_hash_table_new_full(hash_str, g_str_equal, g_free,
                                          NULL);
    }
    if (provider) {
        g_hash_table_insert(providers, g_strdup(type_name),
                            (gpointer)provider);
    } else {
        g_hash_table_remove(providers, type_name);
    }
}

/* ---- Naming ---- */

/* The integers are consecutive in QapiKind. */
static bool kind_is_integer(QapiKind kind)
{
    return kind >= QAPI_KIND_INT8 && kind <= QAPI_KIND_SIZE;
}

/*
 * Returns the type descriptor that the provider of @name creates, once for each
 * table; NULL if the type has no provider.
 */
static const QapiType *provided(InfoTable *table, const char *name)
{
    QapiTypeProvider *provider = NULL;
    const QapiType *made;

    if (providers) {
        provider = (QapiTypeProvider *)g_hash_table_lookup(providers, name);
    }
    if (!provider) {
        return NULL;
    }
    made = g_hash_table_lookup(table->provided, name);
    if (!made) {
        made = provider(table->garbage);
        g_hash_table_insert(table->provided, (gpointer)name, (gpointer)made);
    }
    return made;
}

/*
 * Returns the type that represents @type for clients: all integer types are
 * one.
 */
static const QapiType *canonical(InfoTable *table, const QapiType *type)
{
    const QapiType *made;

    if (!type) {
        return &qapi_type_q_empty;
    }
    if (kind_is_integer(type->kind)) {
        return &qapi_type_int;
    }
    if (type->kind == QAPI_KIND_LIST && kind_is_integer(type->element->kind)) {
        return &qapi_type_intList;
    }
    made = provided(table, type->name);
    return made ? made : type;
}

/* Keeps @text until the table is freed; returns @text. */
static char *garbage_take(InfoTable *table, char *text)
{
    g_ptr_array_add(table->garbage, text);
    return text;
}

/* Built-in types keep their names for clients. */
static bool is_builtin(const QapiType *type)
{
    return type->kind < QAPI_KIND_ENUM || type->kind == QAPI_KIND_NULL ||
           type->kind == QAPI_KIND_ANY;
}

static const char *type_name(InfoTable *table, const QapiType *type);

/* The entry is added first, so that a type precedes the types that it uses. */
static const char *add_type(InfoTable *table, const QapiType *type)
{
    InfoEntry entry = { .type = type };
    guint at = table->entries->len;
    const char *name;

    g_array_append_val(table->entries, entry);
    g_hash_table_insert(table->index, (gpointer)type->name,
                        GUINT_TO_POINTER(at + 1));
    if (is_builtin(type)) {
        name = type->name;
    } else if (type->kind == QAPI_KIND_LIST) {
        name = garbage_take(table,
                            g_strdup_printf("[%s]", type_name(table,
                                                              type->element)));
    } else if (table->unmask) {
        name = type->name;
    } else {
        name = garbage_take(table, g_strdup_printf("%u", table->n_masked++));
    }
    g_array_index(table->entries, InfoEntry, at).name = name;
    return name;
}

/*
 * Returns the name that clients see for @type, which gets an entry if it has
 * none.  NULL is the empty object.
 */
static const char *type_name(InfoTable *table, const QapiType *type)
{
    guint at;

    type = canonical(table, type);
    at = GPOINTER_TO_UINT(g_hash_table_lookup(table->index, type->name));
    return at ? g_array_index(table->entries, InfoEntry, at - 1).name
              : add_type(table, type);
}

/* ---- The first pass ---- */

/*
 * A command that gets its arguments as JSON has types for introspection only.
 */
static const QapiType *command_arg(InfoTable *table,
                                   const QapiCommand *command)
{
    if (command->info_arg_name) {
        return provided(table, command->info_arg_name);
    }
    return command->info_arg_type ? command->info_arg_type
                                  : command->arg_type;
}

/* As for arguments, introspection may know more than the C form says. */
static const QapiType *command_ret(const QapiCommand *command)
{
    return command->info_ret_type ? command->info_ret_type
                                  : command->ret_type;
}

/* Returns (nullable) the branch for a value of the tag. */
static const QapiBranch *branch_of(const QapiType *type, int value)
{
    for (uint32_t i = 0; i < type->n_branches; i++) {
        if (type->branches[i].value == value) {
            return &type->branches[i];
        }
    }
    return NULL;
}

/* Returns the names of the tag's values. */
static const QEnumLookup *tag_lookup(const QapiType *type)
{
    return type->members[type->tag_index].type->lookup;
}

/*
 * Gives names to all types that @type uses.  A tag value without a branch uses
 * the empty object.
 */
static void visit_type(InfoTable *table, const QapiType *type)
{
    for (uint32_t i = 0; i < type->n_members; i++) {
        type_name(table, type->members[i].type);
    }
    for (uint32_t i = 0; i < type->n_branches; i++) {
        type_name(table, type->branches[i].type);
    }
    if (type->kind == QAPI_KIND_UNION) {
        const QEnumLookup *lookup = tag_lookup(type);

        for (int i = 0; i < lookup->size; i++) {
            if (lookup->array[i] && !branch_of(type, i)) {
                type_name(table, NULL);
            }
        }
    }
}

/* Gives names to all types that the entry uses, which may add entries. */
static void visit_entry(InfoTable *table, guint at)
{
    InfoEntry entry = g_array_index(table->entries, InfoEntry, at);

    if (entry.command) {
        type_name(table, command_arg(table, entry.command));
        type_name(table, command_ret(entry.command));
    } else if (entry.event) {
        type_name(table, entry.event->arg_type);
    } else {
        visit_type(table, entry.type);
    }
}

/*
 * For qapi_for_each_command(): commands come first, in the order of
 * registration.
 */
static void add_command(const QapiCommand *command, void *opaque)
{
    InfoTable *table = opaque;
    InfoEntry entry = { .command = command, .name = command->name };

    g_array_append_val(table->entries, entry);
}

/* Events follow the commands. */
static void add_event(const QapiEvent *event, void *opaque)
{
    InfoTable *table = opaque;
    InfoEntry entry = { .event = event, .name = event->name };

    g_array_append_val(table->entries, entry);
}

/* Reads the registries and gives all names. */
static void table_init(InfoTable *table, bool unmask, bool details)
{
    *table = (InfoTable){
        .unmask = unmask,
        .details = details,
        .entries = g_array_new(FALSE, FALSE, sizeof(InfoEntry)),
        .index = g_hash_table_new(hash_str, g_str_equal),
        .provided = g_hash_table_new(hash_str, g_str_equal),
        .garbage = g_ptr_array_new_with_free_func(g_free),
    };
    qapi_for_each_command(add_command, table);
    qapi_for_each_event(add_event, table);
    /* The table grows in this loop, until no new type is used. */
    for (guint i = 0; i < table->entries->len; i++) {
        visit_entry(table, i);
    }
}

static void table_clear(InfoTable *table)
{
    g_array_unref(table->entries);
    g_hash_table_destroy(table->index);
    g_hash_table_destroy(table->provided);
    g_ptr_array_unref(table->garbage);
}

/* ---- The second pass ---- */

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
        set_string(member, "type", type_name(table, m->type));
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
    set_string(variant, "type", type_name(table, type));
    json_array_add_object_element(array, variant);
}

/* A value of the tag without a branch is reported with the empty object. */
static void set_variants(InfoTable *table, JsonObject *object,
                         const QapiType *type)
{
    const QEnumLookup *lookup = tag_lookup(type);
    JsonArray *array = json_array_new();

    set_string(object, "tag", type->members[type->tag_index].name);
    for (uint32_t i = 0; i < type->n_branches; i++) {
        add_variant(table, array, type->branches[i].name,
                    type->branches[i].type);
    }
    for (int i = 0; i < lookup->size; i++) {
        if (lookup->array[i] && !branch_of(type, i)) {
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

        set_string(member, "type", type_name(table, type->branches[i].type));
        json_array_add_object_element(array, member);
    }
    json_object_set_array_member(object, "members", array);
}

/* Returns what a JSON value of a built-in type is. */
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

/* An enumeration, list, object, alternate or built-in type. */
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
        set_string(object, "element-type", type_name(table, type->element));
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
               type_name(table, command_arg(table, command)));
    set_string(object, "ret-type", type_name(table, command_ret(command)));
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
    set_string(object, "arg-type", type_name(table, event->arg_type));
    set_features(object, event->features);
    set_details(table, object, event->doc, NULL);
}

/* The first pass is table_init(); the loop is the second one. */
JsonNode *qapi_schema_info(bool unmask, bool details)
{
    JsonArray *array = json_array_new();
    JsonNode *node = json_node_new(JSON_NODE_ARRAY);
    InfoTable table;

    table_init(&table, unmask, details);
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
    table_clear(&table);
    json_node_take_array(node, array);
    return node;
}
