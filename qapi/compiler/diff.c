/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What changed between two schemas, as their clients see it.
 *
 * Both sides are introspection data, which a schema file is first turned
 * into, so that a running program can be compared with files.  Names of types
 * mean nothing there; commands and events are compared by name and types by
 * what they allow, in the direction that they travel: what clients may send
 * must not shrink, what they may get must not grow in kind.
 *
 * Contract: docs/schema-language.md, "What breaks clients"
 */
#include "qapi/compiler/compiler.h"

#include "qapi/json.h"

#include <string.h>

typedef struct Side {
    JsonNode *root;
    GHashTable *by_name; /* name to JsonObject */
} Side;

typedef struct Diff {
    Side old;
    Side new;
    GString *out;
    bool breaks;
    const char *subject; /* the command or event */
    bool sent;           /* by clients, not to them */
    bool unstable;       /* nobody may rely on it */
    GHashTable *seen;    /* pairs of types compared already */
    unsigned depth;
} Diff;

static void side_clear(Side *side)
{
    g_clear_pointer(&side->by_name, g_hash_table_destroy);
    g_clear_pointer(&side->root, json_node_unref);
}

/* What is missing or of another kind is "". */
static const char *get_string(JsonObject *object, const char *key)
{
    JsonNode *node = object ? json_object_get_member(object, key) : NULL;

    return node && json_qtype(node) == QTYPE_QSTRING
               ? json_node_get_string(node)
               : "";
}

static bool is_objects(JsonObject *info, const char *key)
{
    JsonNode *node = json_object_get_member(info, key);
    JsonArray *array;

    if (!node) {
        return true;
    }
    array = JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
    for (guint i = 0; array && i < json_array_get_length(array); i++) {
        if (!JSON_NODE_HOLDS_OBJECT(json_array_get_element(array, i))) {
            return false;
        }
    }
    return array != NULL;
}

static bool index_side(Side *side, const char *path, Error **errp)
{
    JsonArray *array;

    side->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    if (!JSON_NODE_HOLDS_ARRAY(side->root)) {
        error_setg(errp, "'%s' is neither a schema nor introspection data",
                   path);
        return false;
    }
    array = json_node_get_array(side->root);
    for (guint i = 0; i < json_array_get_length(array); i++) {
        JsonNode *node = json_array_get_element(array, i);
        JsonObject *info = JSON_NODE_HOLDS_OBJECT(node)
                               ? json_node_get_object(node)
                               : NULL;
        const char *name = get_string(info, "name");

        if (!*name || !*get_string(info, "meta-type") ||
            !is_objects(info, "members") || !is_objects(info, "variants")) {
            error_setg(errp, "'%s': entry %u is no SchemaInfo", path, i);
            return false;
        }
        g_hash_table_insert(side->by_name, (char *)name, info);
    }
    return true;
}

/* A file that is JSON is introspection data, or a reply that holds it. */
static bool load_side(Side *side, const char *path, Error **errp)
{
    g_autofree char *text = NULL;
    g_autoptr(GString) info = NULL;
    g_autoptr(QapiSchema) schema = NULL;
    gsize len = 0;

    if (g_file_get_contents(path, &text, &len, NULL)) {
        side->root = json_parse(text, len, NULL);
    }
    if (side->root && JSON_NODE_HOLDS_OBJECT(side->root)) {
        JsonObject *reply = json_node_get_object(side->root);
        JsonNode *ret = json_object_get_member(reply, "return");

        if (ret) {
            ret = json_node_ref(ret);
            json_node_unref(side->root);
            side->root = ret;
            return index_side(side, path, errp);
        }
    }
    if (side->root && JSON_NODE_HOLDS_ARRAY(side->root)) {
        return index_side(side, path, errp);
    }
    g_clear_pointer(&side->root, json_node_unref);
    schema = qapi_schema_load(path, errp);
    if (!schema) {
        return false;
    }
    info = g_string_new(NULL);
    qapi_schema_introspect(schema, true, info);
    side->root = json_parse(info->str, info->len, &error_abort);
    return index_side(side, path, errp);
}

/* ---- Looking into SchemaInfo; what is missing or odd is empty ---- */

static JsonArray *get_array(JsonObject *object, const char *key)
{
    JsonNode *node = object ? json_object_get_member(object, key) : NULL;

    return node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node)
                                               : NULL;
}

static guint array_length(JsonArray *array)
{
    return array ? json_array_get_length(array) : 0;
}

/* Of the arrays that is_objects() has checked */
static JsonObject *element(JsonArray *array, guint i)
{
    return json_array_get_object_element(array, i);
}

static JsonObject *find(JsonArray *array, const char *key, const char *name)
{
    for (guint i = 0; i < array_length(array); i++) {
        JsonObject *object = element(array, i);

        if (strcmp(get_string(object, key), name) == 0) {
            return object;
        }
    }
    return NULL;
}

static const char *string_element(JsonArray *array, guint i)
{
    JsonNode *node = json_array_get_element(array, i);

    return json_qtype(node) == QTYPE_QSTRING ? json_node_get_string(node)
                                             : "";
}

static bool has_feature(JsonObject *object, const char *name)
{
    JsonArray *features = get_array(object, "features");

    for (guint i = 0; i < array_length(features); i++) {
        if (strcmp(string_element(features, i), name) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_meta(JsonObject *info, const char *meta)
{
    return strcmp(get_string(info, "meta-type"), meta) == 0;
}

static bool is_optional(JsonObject *member)
{
    return json_object_has_member(member, "default");
}

static JsonObject *lookup(Side *side, const char *name)
{
    return g_hash_table_lookup(side->by_name, name);
}

/* ---- Reporting ---- */

static void report(Diff *d, bool breaks, const char *fmt, ...)
    G_GNUC_PRINTF(3, 4);

static void report(Diff *d, bool breaks, const char *fmt, ...)
{
    va_list ap;

    breaks = breaks && !d->unstable;
    d->breaks |= breaks;
    g_string_append_printf(d->out, "%s: %s: ", breaks ? "breaks" : "fine",
                           d->subject);
    va_start(ap, fmt);
    g_string_append_vprintf(d->out, fmt, ap);
    va_end(ap);
    g_string_append_c(d->out, '\n');
}

static void compare_features(Diff *d, const char *path, JsonObject *old,
                             JsonObject *new)
{
    JsonArray *was = get_array(old, "features");
    JsonArray *is = get_array(new, "features");

    for (guint i = 0; i < array_length(was); i++) {
        const char *name = string_element(was, i);

        if (!has_feature(new, name)) {
            bool status = strcmp(name, "deprecated") == 0 ||
                          strcmp(name, "unstable") == 0;

            report(d, !status, "%sfeature '%s' is gone%s", path, name,
                   status ? "" : "; clients that look for it take the "
                                 "behaviour to be gone as well");
        }
    }
    for (guint i = 0; i < array_length(is); i++) {
        const char *name = string_element(is, i);

        if (!has_feature(old, name)) {
            report(d, false, "%sfeature '%s' is new", path, name);
        }
    }
}

/* ---- Types ---- */

static void compare_types(Diff *d, const char *path, const char *old_name,
                          const char *new_name);

static void compare_builtins(Diff *d, const char *path, JsonObject *old,
                             JsonObject *new)
{
    const char *was = get_string(old, "json-type");
    const char *is = get_string(new, "json-type");
    const char *narrow = d->sent ? was : is;
    const char *wide = d->sent ? is : was;
    bool widened = strcmp(wide, "value") == 0 ||
                   (strcmp(wide, "number") == 0 &&
                    strcmp(narrow, "int") == 0);

    if (strcmp(was, is) != 0) {
        report(d, !widened, "%stype changes from %s to %s%s", path, was, is,
               widened ? "" : d->sent
                   ? "; what clients send now is refused"
                   : "; clients get what they do not expect");
    }
}

static void compare_enums(Diff *d, const char *path, JsonObject *old,
                          JsonObject *new)
{
    JsonArray *was = get_array(old, "members");
    JsonArray *is = get_array(new, "members");

    for (guint i = 0; i < array_length(was); i++) {
        const char *name = get_string(element(was, i), "name");
        JsonObject *now = find(is, "name", name);

        if (!now) {
            report(d, d->sent && !has_feature(element(was, i), "unstable"),
                   "%svalue '%s' is gone%s", path, name,
                   d->sent ? "; clients that send it are refused"
                           : "; clients do not get it any more");
        } else {
            g_autofree char *value =
                g_strdup_printf("%svalue '%s': ", path, name);

            compare_features(d, value, element(was, i), now);
        }
    }
    for (guint i = 0; i < array_length(is); i++) {
        const char *name = get_string(element(is, i), "name");

        if (!find(was, "name", name)) {
            report(d, false, "%svalue '%s' is new", path, name);
        }
    }
}

static void compare_member(Diff *d, const char *path, JsonObject *old,
                           JsonObject *new)
{
    const char *name = get_string(old, "name");
    bool was_unstable = d->unstable;
    g_autofree char *inner = g_strdup_printf("%s%s: ", path, name);

    d->unstable |= has_feature(old, "unstable");
    if (is_optional(old) && !is_optional(new)) {
        report(d, d->sent, "%smust be there now%s", inner,
               d->sent ? "; clients that leave it out are refused" : "");
    } else if (!is_optional(old) && is_optional(new)) {
        report(d, !d->sent, "%smay be left out now%s", inner,
               d->sent ? "" : "; clients rely on it to be there");
    }
    compare_features(d, inner, old, new);
    compare_types(d, inner, get_string(old, "type"), get_string(new, "type"));
    d->unstable = was_unstable;
}

/* The members of an object and of one of its branches. */
typedef struct Members {
    JsonArray *common;
    JsonArray *branch; /* (nullable) */
} Members;

static JsonObject *find_member(const Members *members, const char *name)
{
    JsonObject *m = find(members->common, "name", name);

    return m ? m : find(members->branch, "name", name);
}

static void compare_old_members(Diff *d, const char *path, JsonArray *array,
                                const Members *new)
{
    for (guint i = 0; i < array_length(array); i++) {
        JsonObject *old = element(array, i);
        const char *name = get_string(old, "name");
        JsonObject *now = find_member(new, name);

        if (now) {
            compare_member(d, path, old, now);
        } else {
            report(d, !has_feature(old, "unstable"), "%s%s is gone; %s",
                   path, name,
                   d->sent ? "clients that send it are refused"
                           : "clients look for it");
        }
    }
}

static void report_new_members(Diff *d, const char *path, JsonArray *array,
                               const Members *old)
{
    for (guint i = 0; i < array_length(array); i++) {
        JsonObject *new = element(array, i);
        const char *name = get_string(new, "name");
        bool needed = d->sent && !is_optional(new);

        if (!find_member(old, name)) {
            report(d, needed, "%s%s is new%s", path, name,
                   needed ? " and must be there; clients do not send it"
                          : "");
        }
    }
}

static JsonArray *branch_members(Side *side, JsonObject *variant)
{
    return get_array(lookup(side, get_string(variant, "type")), "members");
}

/* Case by case, so that a member may move from a branch to the object. */
static void compare_variants(Diff *d, const char *path, JsonObject *old,
                             JsonObject *new)
{
    JsonArray *was = get_array(old, "variants");
    JsonArray *is = get_array(new, "variants");

    for (guint i = 0; i < array_length(was); i++) {
        JsonObject *variant = element(was, i);
        const char *name = get_string(variant, "case");
        JsonObject *now = find(is, "case", name);
        g_autofree char *inner =
            g_strdup_printf("%s%s %s: ", path, get_string(old, "tag"), name);
        Members before = { get_array(old, "members"),
                           branch_members(&d->old, variant) };
        Members after = { get_array(new, "members"),
                          branch_members(&d->new, now) };

        if (!now && array_length(is)) {
            continue; /* a value that is gone, which its enum tells */
        }
        compare_old_members(d, inner, before.branch, &after);
        report_new_members(d, inner, after.branch, &before);
    }
}

static void compare_objects(Diff *d, const char *path, JsonObject *old,
                            JsonObject *new)
{
    Members before = { get_array(old, "members"), NULL };
    Members after = { get_array(new, "members"), NULL };
    const char *was = get_string(old, "tag");
    const char *is = get_string(new, "tag");

    if (*was && strcmp(was, is) != 0) {
        report(d, true, "%sis no longer told apart by %s", path, was);
    }
    compare_old_members(d, path, before.common, &after);
    report_new_members(d, path, after.common, &before);
    if (*was && *is) {
        compare_variants(d, path, old, new);
    }
}

static const char *json_type(JsonObject *info)
{
    if (is_meta(info, "builtin")) {
        return get_string(info, "json-type");
    }
    if (is_meta(info, "enum")) {
        return "string";
    }
    return is_meta(info, "array") ? "array" : "object";
}

/* The branch of an alternate that a type would be; NULL if none. */
static const char *find_alternative(Side *side, JsonObject *alternate,
                                    const char *type)
{
    JsonArray *members = get_array(alternate, "members");

    for (guint i = 0; i < array_length(members); i++) {
        const char *name = get_string(element(members, i), "type");
        JsonObject *info = lookup(side, name);

        if (info && strcmp(json_type(info), type) == 0) {
            return name;
        }
    }
    return NULL;
}

static void compare_alternates(Diff *d, const char *path, JsonObject *old,
                               JsonObject *new)
{
    JsonArray *was = get_array(old, "members");
    JsonArray *is = get_array(new, "members");

    for (guint i = 0; i < array_length(was); i++) {
        const char *name = get_string(element(was, i), "type");
        JsonObject *info = lookup(&d->old, name);
        const char *now =
            info ? find_alternative(&d->new, new, json_type(info)) : NULL;

        if (now) {
            compare_types(d, path, name, now);
        } else if (info) {
            report(d, d->sent, "%smay not be of type %s any more", path,
                   json_type(info));
        }
    }
    for (guint i = 0; i < array_length(is); i++) {
        JsonObject *info =
            lookup(&d->new, get_string(element(is, i), "type"));

        if (info && !find_alternative(&d->old, old, json_type(info))) {
            report(d, !d->sent, "%smay be of type %s now%s", path,
                   json_type(info),
                   d->sent ? "" : "; clients do not expect it");
        }
    }
}

/* Types of different kinds: one may be a branch of the other. */
static void compare_kinds(Diff *d, const char *path, JsonObject *old,
                          JsonObject *new)
{
    const char *name = NULL;

    if (d->sent && is_meta(new, "alternate")) {
        name = find_alternative(&d->new, new, json_type(old));
        if (name) {
            report(d, false, "%smay be of other types now", path);
            compare_types(d, path, get_string(old, "name"), name);
            return;
        }
    } else if (!d->sent && is_meta(old, "alternate")) {
        name = find_alternative(&d->old, old, json_type(new));
        if (name) {
            report(d, false, "%sis always of type %s now", path,
                   json_type(new));
            compare_types(d, path, name, get_string(new, "name"));
            return;
        }
    }
    if (strcmp(get_string(d->sent ? new : old, "json-type"), "value") == 0) {
        report(d, false, "%stype changes from %s to %s", path, json_type(old),
               json_type(new));
        return;
    }
    if (is_meta(old, "enum") && strcmp(json_type(new), "string") == 0) {
        report(d, false, "%smay be any string now", path);
    } else if (is_meta(new, "enum") && strcmp(json_type(old), "string") == 0) {
        report(d, d->sent, "%smay only be some strings now", path);
    } else {
        report(d, true, "%stype changes from %s to %s", path,
               get_string(old, "meta-type"), get_string(new, "meta-type"));
    }
}

static bool seen_before(Diff *d, const char *old_name, const char *new_name)
{
    return !g_hash_table_add(d->seen,
                             g_strdup_printf("%c%s\t%s", d->sent ? '>' : '<',
                                             old_name, new_name));
}

#define MAX_TYPES_DEPTH 400

static void compare_types(Diff *d, const char *path, const char *old_name,
                          const char *new_name)
{
    JsonObject *old = lookup(&d->old, old_name);
    JsonObject *new = lookup(&d->new, new_name);
    const char *meta = get_string(old, "meta-type");

    if (!old || !new || d->depth == MAX_TYPES_DEPTH ||
        seen_before(d, old_name, new_name)) {
        return;
    }
    d->depth++;
    if (strcmp(meta, get_string(new, "meta-type")) != 0) {
        compare_kinds(d, path, old, new);
    } else if (strcmp(meta, "builtin") == 0) {
        compare_builtins(d, path, old, new);
    } else if (strcmp(meta, "enum") == 0) {
        compare_enums(d, path, old, new);
    } else if (strcmp(meta, "array") == 0) {
        compare_types(d, path, get_string(old, "element-type"),
                      get_string(new, "element-type"));
    } else if (strcmp(meta, "object") == 0) {
        compare_features(d, path, old, new);
        compare_objects(d, path, old, new);
    } else if (strcmp(meta, "alternate") == 0) {
        compare_alternates(d, path, old, new);
    }
    d->depth--;
}

/* ---- Commands and events ---- */

static void compare_calls(Diff *d, JsonObject *old, JsonObject *new)
{
    bool command = is_meta(old, "command");

    d->unstable = has_feature(old, "unstable");
    if (!is_meta(new, get_string(old, "meta-type"))) {
        report(d, true, "is a %s now", get_string(new, "meta-type"));
        return;
    }
    compare_features(d, "", old, new);
    if (json_object_has_member(old, "allow-oob") &&
        !json_object_has_member(new, "allow-oob")) {
        report(d, true, "can not be run out of band any more");
    }
    /* A change of a type is told for each that uses it */
    g_hash_table_remove_all(d->seen);
    d->sent = command;
    compare_types(d, command ? "argument " : "data ",
                  get_string(old, "arg-type"), get_string(new, "arg-type"));
    d->sent = false;
    compare_types(d, "result ", get_string(old, "ret-type"),
                  get_string(new, "ret-type"));
}

static bool is_call(JsonObject *info)
{
    return is_meta(info, "command") || is_meta(info, "event");
}

static void compare_sides(Diff *d)
{
    JsonArray *was = json_node_get_array(d->old.root);
    JsonArray *is = json_node_get_array(d->new.root);

    for (guint i = 0; i < array_length(was); i++) {
        JsonObject *old = element(was, i);
        JsonObject *new;

        d->subject = get_string(old, "name");
        new = lookup(&d->new, d->subject);
        if (!is_call(old)) {
            continue;
        }
        if (new) {
            compare_calls(d, old, new);
        } else {
            d->unstable = has_feature(old, "unstable");
            report(d, true, "the %s is gone", get_string(old, "meta-type"));
        }
    }
    d->unstable = false;
    for (guint i = 0; i < array_length(is); i++) {
        JsonObject *new = element(is, i);

        d->subject = get_string(new, "name");
        if (is_call(new) && !lookup(&d->old, d->subject)) {
            report(d, false, "the %s is new", get_string(new, "meta-type"));
        }
    }
}

bool qapi_schema_diff(const char *old_path, const char *new_path,
                      GString *out, bool *breaks, Error **errp)
{
    Diff d = { .out = out };
    bool ok = load_side(&d.old, old_path, errp) &&
              load_side(&d.new, new_path, errp);

    if (ok) {
        d.seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        compare_sides(&d);
        g_hash_table_destroy(d.seen);
        *breaks = d.breaks;
    }
    side_clear(&d.old);
    side_clear(&d.new);
    return ok;
}
