/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QMP requests, built from the program's introspection data (SchemaInfo, see
 * qapi/schema-info.h): the entity of its type determines an argument.  This
 * file knows only what no schema says: that strings of the members "id",
 * "path", "property" and so on name objects, properties and types.
 *
 * Objects have one of few ids, so that requests often concern the same object.
 */
#include "qapi/schema-info.h"
#include "tests/fuzz/mutate.h"

#include <json-glib/json-glib.h>
#include <string.h>

enum {
    MAX_DEPTH = 4,
};

static const char *const ids[] = { "a", "b", "c", "io0" };
static const char *const paths[] = {
    "a", "b", "c", "/objects/a", "/objects/b", "/objects/io0", "/objects",
    "/", "", "objects/c", "/objects/a/peer", "nowhere",
};

/* What the program tells, looked at once. */
typedef struct Schema {
    JsonNode *root;
    GHashTable *entities;   /* name -> JsonObject */
    GPtrArray *commands;    /* of JsonObject */
    GPtrArray *properties;  /* of JsonObject: members of objects' options */
    GPtrArray *type_names;  /* of objects */
    GPtrArray *words;       /* all of these names, and a NULL */
} Schema;

typedef struct Maker {
    const Schema *schema;
    MutateRandom *r;
    GString *out;
    const char *property_type; /* (nullable) of the last member "property" */
} Maker;

/* ---- The schema ---- */

static const char *get_text(JsonObject *object, const char *name)
{
    return json_object_get_string_member_with_default(object, name, NULL);
}

static JsonArray *get_array(JsonObject *object, const char *name)
{
    return json_object_has_member(object, name)
               ? json_object_get_array_member(object, name) : NULL;
}

static size_t get_length(JsonArray *array)
{
    return array ? json_array_get_length(array) : 0;
}

static void add_properties(Schema *schema, JsonObject *entity)
{
    JsonArray *members = get_array(entity, "members");

    for (size_t i = 0; i < get_length(members); i++) {
        JsonObject *member = json_array_get_object_element(members, i);

        g_ptr_array_add(schema->properties, member);
        g_ptr_array_add(schema->words, (char *)get_text(member, "name"));
    }
}

/* The options of objects are a union over the names of types. */
static void add_objects(Schema *schema, JsonObject *entity)
{
    JsonArray *variants = get_array(entity, "variants");

    for (size_t i = 0; i < get_length(variants); i++) {
        JsonObject *variant = json_array_get_object_element(variants, i);
        const char *name = get_text(variant, "case");

        g_ptr_array_add(schema->type_names, (char *)name);
        g_ptr_array_add(schema->words, (char *)name);
        add_properties(schema, g_hash_table_lookup(
                                   schema->entities,
                                   get_text(variant, "type")));
    }
}

static void add_entity(JsonArray *array, guint i, JsonNode *node,
                       gpointer opaque)
{
    Schema *schema = opaque;
    JsonObject *entity = json_node_get_object(node);
    const char *name = get_text(entity, "name");

    g_hash_table_insert(schema->entities, (char *)name, entity);
    if (!strcmp(get_text(entity, "meta-type"), "command")) {
        g_ptr_array_add(schema->commands, entity);
        g_ptr_array_add(schema->words, (char *)name);
    }
}

static void add_words(GPtrArray *words, const char *const *more, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        g_ptr_array_add(words, (char *)more[i]);
    }
}

static const Schema *get_schema(void)
{
    static Schema schema;
    JsonObject *options;

    if (schema.root) {
        return &schema;
    }
    schema.root = qapi_schema_info(true, false);
    schema.entities = g_hash_table_new(g_str_hash, g_str_equal);
    schema.commands = g_ptr_array_new();
    schema.properties = g_ptr_array_new();
    schema.type_names = g_ptr_array_new();
    schema.words = g_ptr_array_new();
    json_array_foreach_element(json_node_get_array(schema.root), add_entity,
                               &schema);
    options = g_hash_table_lookup(schema.entities, "ObjectOptions");
    if (options) {
        add_objects(&schema, options);
    }
    add_words(schema.words, ids, G_N_ELEMENTS(ids));
    add_words(schema.words, paths, G_N_ELEMENTS(paths));
    g_ptr_array_add(schema.words, NULL);
    return &schema;
}

/* ---- Values ---- */

static void put_value(Maker *m, const char *type, const char *member,
                      unsigned depth);

static void put_quoted(Maker *m, const char *text)
{
    g_string_append_printf(m->out, "\"%s\"", text);
}

static const char *pick_name(Maker *m, GPtrArray *names)
{
    return names->len ? g_ptr_array_index(names,
                                          mutate_below(m->r, names->len))
                      : "a";
}

static const char *pick_property(Maker *m)
{
    GPtrArray *properties = m->schema->properties;
    JsonObject *member;

    if (!properties->len || mutate_chance(m->r, 10)) {
        return "type";
    }
    member = properties->pdata[mutate_below(m->r, properties->len)];
    m->property_type = get_text(member, "type");
    return get_text(member, "name");
}

/* A text that fits the member's name. */
static const char *pick_text(Maker *m, const char *member)
{
    static const char *const texts[] = { "", "x", "\\u00e4", "\\u0000", "1" };

    if (!strcmp(member, "id") || mutate_chance(m->r, 4)) {
        return MUTATE_PICK(m->r, ids);
    }
    if (!strcmp(member, "path") || !strcmp(member, "paths") ||
        mutate_chance(m->r, 4)) {
        return MUTATE_PICK(m->r, paths);
    }
    if (!strcmp(member, "property")) {
        return pick_property(m);
    }
    if (!strcmp(member, "typename") || !strcmp(member, "implements")) {
        return pick_name(m, m->schema->type_names);
    }
    return MUTATE_PICK(m->r, texts);
}

static void put_builtin(Maker *m, JsonObject *entity, const char *member,
                        unsigned depth)
{
    static const char *const no_words[] = { NULL };
    const MutateWords words = { no_words,
                                (const char *const *)m->schema->words->pdata };
    const char *json_type = get_text(entity, "json-type");

    if (!strcmp(json_type, "string")) {
        put_quoted(m, pick_text(m, member));
    } else if (!strcmp(json_type, "boolean")) {
        g_string_append(m->out, mutate_chance(m->r, 2) ? "true" : "false");
    } else if (!strcmp(json_type, "int") && !mutate_chance(m->r, 6)) {
        g_string_append_printf(m->out, "%zu", mutate_below(m->r, 300));
    } else if (!strcmp(json_type, "value") && !strcmp(member, "objects")) {
        mutate_object(m->out, m->r);
    } else if (!strcmp(json_type, "value") && m->property_type &&
               depth < MAX_DEPTH) {
        put_value(m, m->property_type, "", depth + 1);
    } else {
        mutate_json_scalar(m->out, m->r, &words);
    }
}

/* Appends "NAME": VALUE, and a comma behind it. */
static void put_member(Maker *m, JsonObject *member, unsigned depth)
{
    const char *name = get_text(member, "name");

    put_quoted(m, name);
    g_string_append(m->out, ": ");
    put_value(m, get_text(member, "type"), name, depth + 1);
    g_string_append(m->out, ", ");
}

static void put_members(Maker *m, JsonObject *entity, unsigned depth)
{
    JsonArray *members = get_array(entity, "members");
    const char *tag = get_text(entity, "tag");

    for (size_t i = 0; i < get_length(members); i++) {
        JsonObject *member = json_array_get_object_element(members, i);
        bool optional = json_object_has_member(member, "default");

        if (tag && !strcmp(get_text(member, "name"), tag)) {
            continue;
        }
        if (optional ? mutate_chance(m->r, 4) : !mutate_chance(m->r, 30)) {
            put_member(m, member, depth);
        }
    }
}

static void put_branch(Maker *m, JsonObject *entity, unsigned depth)
{
    JsonArray *variants = get_array(entity, "variants");
    JsonObject *variant;
    JsonObject *branch;

    if (!get_length(variants)) {
        return;
    }
    variant = json_array_get_object_element(
        variants, mutate_below(m->r, get_length(variants)));
    put_quoted(m, get_text(entity, "tag"));
    g_string_append(m->out, ": ");
    put_quoted(m, get_text(variant, "case"));
    g_string_append(m->out, ", ");
    branch = g_hash_table_lookup(m->schema->entities,
                                 get_text(variant, "type"));
    put_members(m, branch, depth);
}

static void put_object(Maker *m, JsonObject *entity, unsigned depth)
{
    g_string_append_c(m->out, '{');
    put_branch(m, entity, depth);
    put_members(m, entity, depth);
    if (g_str_has_suffix(m->out->str, ", ")) {
        g_string_truncate(m->out, m->out->len - 2);
    }
    g_string_append_c(m->out, '}');
}

static void put_list(Maker *m, JsonObject *entity, const char *member,
                     unsigned depth)
{
    size_t n = mutate_below(m->r, depth < MAX_DEPTH ? 4 : 1);

    g_string_append_c(m->out, '[');
    for (size_t i = 0; i < n; i++) {
        g_string_append(m->out, i ? ", " : "");
        put_value(m, get_text(entity, "element-type"), member, depth + 1);
    }
    g_string_append_c(m->out, ']');
}

static void put_enum(Maker *m, JsonObject *entity)
{
    JsonArray *values = get_array(entity, "values");

    put_quoted(m, json_array_get_string_element(
                      values, mutate_below(m->r, get_length(values))));
}

static void put_value(Maker *m, const char *type, const char *member,
                      unsigned depth)
{
    JsonObject *entity = g_hash_table_lookup(m->schema->entities, type);
    const char *kind = entity ? get_text(entity, "meta-type") : "";

    if (!strcmp(kind, "builtin")) {
        put_builtin(m, entity, member, depth);
    } else if (!strcmp(kind, "object") && depth < MAX_DEPTH + 2) {
        put_object(m, entity, depth);
    } else if (!strcmp(kind, "array")) {
        put_list(m, entity, member, depth);
    } else if (!strcmp(kind, "enum")) {
        put_enum(m, entity);
    } else if (!strcmp(kind, "alternate")) {
        JsonArray *members = get_array(entity, "members");
        size_t which = mutate_below(m->r, get_length(members));

        put_value(m,
                  get_text(json_array_get_object_element(members, which),
                           "type"),
                  member, depth + 1);
    } else {
        g_string_append(m->out, "null");
    }
}

void mutate_object(GString *out, MutateRandom *r)
{
    Maker m = { .schema = get_schema(), .r = r, .out = out };

    put_value(&m, "ObjectOptions", "", 0);
}

/* ---- Requests ---- */

static bool allows_oob(JsonObject *cmd)
{
    return json_object_get_boolean_member_with_default(cmd, "allow-oob",
                                                       false);
}

/* `quit` ends the session: seldom. */
static JsonObject *pick_command(Maker *m)
{
    GPtrArray *commands = m->schema->commands;
    JsonObject *cmd = commands->pdata[mutate_below(m->r, commands->len)];

    if (!strcmp(get_text(cmd, "name"), "quit") && !mutate_chance(m->r, 10)) {
        return pick_command(m);
    }
    return cmd;
}

static void put_request(Maker *m)
{
    JsonObject *cmd = pick_command(m);

    bool oob = mutate_chance(m->r, allows_oob(cmd) ? 2 : 20);

    g_string_append_printf(m->out, "{\"%s\": \"%s\"",
                           oob ? "exec-oob" : "execute",
                           get_text(cmd, "name"));
    if (get_text(cmd, "arg-type")) {
        g_string_append(m->out, ", \"arguments\": ");
        put_value(m, get_text(cmd, "arg-type"), "", 0);
    }
    if (mutate_chance(m->r, 2)) {
        g_string_append_printf(m->out, ", \"id\": %zu",
                               mutate_below(m->r, 1000));
    }
    g_string_append(m->out, "}\n");
}

/* The beginning of any line. */
static size_t pick_line(const GString *text, MutateRandom *r)
{
    size_t at = mutate_below(r, text->len + 1);
    const char *end = memchr(text->str + at, '\n', text->len - at);

    return end ? (size_t)(end + 1 - text->str) : text->len;
}

static void insert_request(GString *text, MutateRandom *r)
{
    g_autoptr(GString) request = g_string_new(NULL);
    Maker m = { .schema = get_schema(), .r = r, .out = request };
    size_t at = pick_line(text, r);

    if (at && text->str[at - 1] != '\n') {
        g_string_append_c(request, '\n');
    }
    put_request(&m);
    g_string_insert_len(text, at, request->str, request->len);
}

/* Words that the program knows, and names of members in half of the cases. */
static MutateWords get_words(MutateRandom *r, const char *const *keys)
{
    const char *const *words =
        (const char *const *)get_schema()->words->pdata;

    return (MutateWords){ mutate_chance(r, 2) ? keys : words, words };
}

void mutate_requests(GString *text, MutateRandom *r)
{
    static const char *const keys[] = { "execute", "exec-oob", "arguments",
                                        "id", NULL };
    const MutateWords words = get_words(r, keys);

    if (mutate_chance(r, 2)) {
        insert_request(text, r);
    } else {
        mutate_json(text, r, &words);
    }
}

void mutate_objects(GString *text, MutateRandom *r)
{
    static const char *const keys[] = { "qom-type", "id", "objects", NULL };
    const MutateWords words = get_words(r, keys);

    mutate_json(text, r, &words);
}
