/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The entries of introspection, and the names of types that clients see.
 *
 * The table grows while it is read: to name a type that has no entry yet adds
 * an entry at the end.  So types get their entries breadth first, in the order
 * of their first use.
 *
 * A provider creates the descriptor of a type that depends on the running
 * program, such as the union of all classes.
 */
#include "qapi/walk/schema-info-internal.h"

#include "qapi/schema-info.h"
#include "util/hash.h"

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
        const char *element = info_type_name(table, type->element);

        name = garbage_take(table, g_strdup_printf("[%s]", element));
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
const char *info_type_name(InfoTable *table, const QapiType *type)
{
    guint at;

    type = canonical(table, type);
    at = GPOINTER_TO_UINT(g_hash_table_lookup(table->index, type->name));
    return at ? g_array_index(table->entries, InfoEntry, at - 1).name
              : add_type(table, type);
}

/*
 * A command that gets its arguments as JSON has types for introspection only.
 */
const QapiType *info_command_arg(InfoTable *table,
                                 const QapiCommand *command)
{
    if (command->info_arg_name) {
        return provided(table, command->info_arg_name);
    }
    return command->info_arg_type ? command->info_arg_type
                                  : command->arg_type;
}

/* As for arguments, introspection may know more than the C form says. */
const QapiType *info_command_ret(const QapiCommand *command)
{
    return command->info_ret_type ? command->info_ret_type
                                  : command->ret_type;
}

/* Returns (nullable) the branch for a value of the tag. */
const QapiBranch *info_branch_of(const QapiType *type, int value)
{
    for (uint32_t i = 0; i < type->n_branches; i++) {
        if (type->branches[i].value == value) {
            return &type->branches[i];
        }
    }
    return NULL;
}

/* Returns the names of the tag's values. */
const QEnumLookup *info_tag_lookup(const QapiType *type)
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
        info_type_name(table, type->members[i].type);
    }
    for (uint32_t i = 0; i < type->n_branches; i++) {
        info_type_name(table, type->branches[i].type);
    }
    if (type->kind == QAPI_KIND_UNION) {
        const QEnumLookup *lookup = info_tag_lookup(type);

        for (int i = 0; i < lookup->size; i++) {
            if (lookup->array[i] && !info_branch_of(type, i)) {
                info_type_name(table, NULL);
            }
        }
    }
}

/* Gives names to all types that the entry uses, which may add entries. */
static void visit_entry(InfoTable *table, guint at)
{
    InfoEntry entry = g_array_index(table->entries, InfoEntry, at);

    if (entry.command) {
        info_type_name(table, info_command_arg(table, entry.command));
        info_type_name(table, info_command_ret(entry.command));
    } else if (entry.event) {
        info_type_name(table, entry.event->arg_type);
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
void info_table_init(InfoTable *table, bool unmask, bool details)
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

void info_table_clear(InfoTable *table)
{
    g_array_unref(table->entries);
    g_hash_table_destroy(table->index);
    g_hash_table_destroy(table->provided);
    g_ptr_array_unref(table->garbage);
}
