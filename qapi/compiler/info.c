/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Introspection of a schema: which entities clients see, in which order and by
 * which names.
 *
 * Commands and events come first, module by module; then the types that they
 * use, in the order of first use.  All integers are `int`, and unused types are
 * left out.  Names of types are numbers unless they are unmasked, because they
 * are not part of the interface.
 *
 * The table grows while it is walked: naming the types that an entry uses adds
 * them at its end.
 */
#include "qapi/compiler/compiler.h"
#include "qapi/compiler/ir-internal.h"

#include <string.h>

typedef struct InfoEntry {
    IrEntity *entity;
    const char *name; /* as clients see it */
} InfoEntry;

typedef struct InfoTable {
    QapiSchema *schema;
    bool unmask;
    GArray *entries;      /* of InfoEntry */
    GHashTable *index; /* IrEntity to its position in @entries, plus one */
    GHashTable *masks; /* IrEntity to its name */
} InfoTable;

/* Returns (nullable) what the schema defines by this name. */
static IrEntity *entity(InfoTable *table, const char *name)
{
    return name_of(&table->schema->names, name)->entity;
}

static bool is_integer(const IrEntity *type)
{
    return type->kind == IR_BUILTIN &&
           strcmp(type->u.builtin->json_type, "int") == 0;
}

/*
 * Returns the type that clients see for @type: all integers are one.  NULL is
 * the empty object.
 */
static IrEntity *canonical(InfoTable *table, IrEntity *type)
{
    if (!type) {
        return entity(table, "q_empty");
    }
    if (is_integer(type)) {
        return entity(table, "int");
    }
    if (type->kind == IR_ARRAY && is_integer(type->u.array_of.element)) {
        return entity(table, "intList");
    }
    return type;
}

/* @index holds the position plus one, so that 0 means that there is none. */
static void add_entry(InfoTable *table, IrEntity *e, const char *name)
{
    InfoEntry entry = { e, name };

    g_array_append_val(table->entries, entry);
    g_hash_table_insert(table->index, e, GUINT_TO_POINTER(table->entries->len));
}

/*
 * Numbers are given in the order of first use, so that they do not depend on
 * addresses.
 */
static const char *mask(InfoTable *table, IrEntity *type)
{
    char *name = g_hash_table_lookup(table->masks, type);

    if (!name) {
        name = arena_printf(&table->schema->arena, "%u",
                            g_hash_table_size(table->masks));
        g_hash_table_insert(table->masks, type, name);
    }
    return name;
}

/* How clients see a type; NULL is the empty object. */
static const char *info_name(InfoTable *table, IrEntity *type);

/*
 * The position is taken first, so that a type comes before the types that it
 * uses.
 */
static const char *add_type(InfoTable *table, IrEntity *type)
{
    guint at = table->entries->len;
    const char *name;

    add_entry(table, type, NULL);
    if (type->kind == IR_BUILTIN) {
        name = type->name->str;
    } else if (type->kind == IR_ARRAY) {
        name = arena_printf(&table->schema->arena, "[%s]",
                            info_name(table, type->u.array_of.element));
    } else {
        name = table->unmask ? type->name->str : mask(table, type);
    }
    g_array_index(table->entries, InfoEntry, at).name = name;
    return name;
}

/* Returns how clients see a type, which is added if it is new. */
static const char *info_name(InfoTable *table, IrEntity *type)
{
    IrEntity *e = canonical(table, type);
    guint at = GPOINTER_TO_UINT(g_hash_table_lookup(table->index, e));

    return at ? g_array_index(table->entries, InfoEntry, at - 1).name
              : add_type(table, e);
}

static void visit_members(InfoTable *table, IrMember **members, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        info_name(table, members[i]->type);
    }
}

static void visit_branches(InfoTable *table, IrMembers branches)
{
    for (uint32_t i = 0; i < branches.n; i++) {
        info_name(table, branches.item[i].type);
    }
}

/* Names all types that the entry uses. */
static void visit_entry(InfoTable *table, IrEntity *e)
{
    switch (e->kind) {
    case IR_COMMAND:
        info_name(table, e->u.call.arg);
        info_name(table, e->u.call.ret);
        break;
    case IR_EVENT:
        info_name(table, e->u.call.arg);
        break;
    case IR_OBJECT:
        visit_members(table, e->u.object.members, e->u.object.n_members);
        visit_branches(table, e->u.object.branches);
        break;
    case IR_ALTERNATE:
        visit_branches(table, e->u.alternate.branches);
        break;
    default:
        break;
    }
}

/* Walks the schema; info_table_clear() frees the table. */
static void info_table_init(InfoTable *table, QapiSchema *schema, bool unmask)
{
    *table = (InfoTable){
        .schema = schema,
        .unmask = unmask,
        .entries = g_array_new(FALSE, FALSE, sizeof(InfoEntry)),
        .index = g_hash_table_new(NULL, NULL),
        .masks = g_hash_table_new(NULL, NULL),
    };
    for (IrModule *m = schema->modules; m; m = m->next) {
        for (IrEntity *e = m->first; e; e = e->next_in_module) {
            if (e->kind == IR_COMMAND || e->kind == IR_EVENT) {
                add_entry(table, e, e->name->str);
            }
        }
    }
    for (guint i = 0; i < table->entries->len; i++) {
        visit_entry(table, g_array_index(table->entries, InfoEntry, i).entity);
    }
}

static void info_table_clear(InfoTable *table)
{
    g_array_unref(table->entries);
    g_hash_table_destroy(table->index);
    g_hash_table_destroy(table->masks);
}

/* Names need no escaping: they are letters, digits, '-', '_' and '.'. */
static void print_features(GString *out, const IrFeatures *features)
{
    if (features->n == 0) {
        return;
    }
    g_string_append(out, ", \"features\": [");
    for (uint32_t i = 0; i < features->n; i++) {
        g_string_append_printf(out, "%s\"%s\"", i ? ", " : "",
                               features->item[i].name->str);
    }
    g_string_append_c(out, ']');
}

/* The default is always null, which only says that the member is optional. */
static void print_member(InfoTable *table, GString *out, const IrMember *m)
{
    g_string_append_printf(out, "{\"name\": \"%s\", \"type\": \"%s\"",
                           m->name->str, info_name(table, m->type));
    if (m->optional) {
        g_string_append(out, ", \"default\": null");
    }
    print_features(out, &m->features);
    g_string_append_c(out, '}');
}

/* Every value of the tag has a branch here, those without members, too. */
static void print_object(InfoTable *table, GString *out, const IrEntity *e)
{
    IrMembers branches = e->u.object.branches;

    g_string_append(out, ", \"members\": [");
    for (uint32_t i = 0; i < e->u.object.n_members; i++) {
        g_string_append(out, i ? ", " : "");
        print_member(table, out, e->u.object.members[i]);
    }
    g_string_append_c(out, ']');
    if (!ir_is_union(e)) {
        return;
    }
    g_string_append_printf(out, ", \"tag\": \"%s\", \"variants\": [",
                           e->u.object.tag->name->str);
    for (uint32_t i = 0; i < branches.n; i++) {
        g_string_append_printf(out, "%s{\"case\": \"%s\", \"type\": \"%s\"}",
                               i ? ", " : "", branches.item[i].name->str,
                               info_name(table, branches.item[i].type));
    }
    g_string_append_c(out, ']');
}

/* "values" is for clients that do not know "members". */
static void print_enum(GString *out, const IrEntity *e)
{
    IrMembers values = e->u.enumeration.values;

    g_string_append(out, ", \"members\": [");
    for (uint32_t i = 0; i < values.n; i++) {
        g_string_append_printf(out, "%s{\"name\": \"%s\"", i ? ", " : "",
                               values.item[i].name->str);
        print_features(out, &values.item[i].features);
        g_string_append_c(out, '}');
    }
    g_string_append(out, "], \"values\": [");
    for (uint32_t i = 0; i < values.n; i++) {
        g_string_append_printf(out, "%s\"%s\"", i ? ", " : "",
                               values.item[i].name->str);
    }
    g_string_append_c(out, ']');
}

/* The empty object represents missing arguments and results. */
static void print_call(InfoTable *table, GString *out, const IrEntity *e)
{
    g_string_append_printf(out, ", \"arg-type\": \"%s\"",
                           info_name(table, e->u.call.arg));
    if (e->kind == IR_COMMAND) {
        g_string_append_printf(out, ", \"ret-type\": \"%s\"",
                               info_name(table, e->u.call.ret));
        if (e->u.call.allow_oob) {
            g_string_append(out, ", \"allow-oob\": true");
        }
    }
}

/* Branches of an alternate have no names for clients. */
static void print_alternate(InfoTable *table, GString *out, const IrEntity *e)
{
    IrMembers branches = e->u.alternate.branches;

    g_string_append(out, ", \"members\": [");
    for (uint32_t i = 0; i < branches.n; i++) {
        g_string_append_printf(out, "%s{\"type\": \"%s\"}", i ? ", " : "",
                               info_name(table, branches.item[i].type));
    }
    g_string_append_c(out, ']');
}

/*
 * Classes are not in the table, because clients see the types that they imply.
 */
static void print_entry(InfoTable *table, GString *out, const InfoEntry *entry)
{
    static const char *const meta[] = {
        [IR_BUILTIN] = "builtin", [IR_ENUM] = "enum",
        [IR_ARRAY] = "array",     [IR_OBJECT] = "object",
        [IR_ALTERNATE] = "alternate", [IR_COMMAND] = "command",
        [IR_EVENT] = "event",
    };
    const IrEntity *e = entry->entity;

    g_string_append_printf(out, "  {\"name\": \"%s\", \"meta-type\": \"%s\"",
                           entry->name, meta[e->kind]);
    switch (e->kind) {
    case IR_BUILTIN:
        g_string_append_printf(out, ", \"json-type\": \"%s\"",
                               e->u.builtin->json_type);
        break;
    case IR_ENUM:
        print_enum(out, e);
        break;
    case IR_ARRAY:
        g_string_append_printf(out, ", \"element-type\": \"%s\"",
                               info_name(table, e->u.array_of.element));
        break;
    case IR_OBJECT:
        print_object(table, out, e);
        break;
    case IR_ALTERNATE:
        print_alternate(table, out, e);
        break;
    default:
        print_call(table, out, e);
    }
    print_features(out, &e->features);
    g_string_append_c(out, '}');
}

/* One entity per line, so that two versions can be compared by line. */
void qapi_schema_introspect(QapiSchema *schema, bool unmask, GString *out)
{
    InfoTable table;

    info_table_init(&table, schema, unmask);
    g_string_append(out, "[\n");
    for (guint i = 0; i < table.entries->len; i++) {
        print_entry(&table, out, &g_array_index(table.entries, InfoEntry, i));
        g_string_append(out, i + 1 < table.entries->len ? ",\n" : "\n");
    }
    g_string_append(out, "]\n");
    info_table_clear(&table);
}
