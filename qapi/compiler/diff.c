/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What changes for clients from one schema to another.
 *
 * Both sides are introspection data, so a running program can be compared with
 * files.  Names of types mean nothing there: commands and events are compared
 * by name, and types by what they accept, in the direction in which values
 * travel.  What clients may send must not shrink; what clients receive must not
 * grow in kind.
 *
 * Contract: docs/schema-language.md, "What breaks clients"
 */
#include "qapi/compiler/compiler.h"
#include "qapi/compiler/info-set-internal.h"

#include "qapi/file.h"
#include "qapi/json/json.h"
#include "util/hash.h"

#include <string.h>

typedef struct Diff {
    InfoSet old;
    InfoSet new;
    GString *out;
    bool breaks;
    const char *subject; /* the command or event */
    bool sent;           /* by clients, not to them */
    bool unstable;       /* its changes break no client */
    GHashTable *seen;    /* pairs of types compared already */
    unsigned depth;
} Diff;

/* ---- Reporting ---- */

/*
 * Appends one line.  A change of something unstable breaks no client, by its
 * promise.
 */
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

/* @path: where the features are, ending with ": "; "" for the command itself */
static void compare_features(Diff *d, const char *path, JsonObject *old,
                             JsonObject *new)
{
    JsonArray *was = info_array(old, "features");
    JsonArray *is = info_array(new, "features");

    for (guint i = 0; i < info_length(was); i++) {
        const char *name = info_string_at(was, i);

        if (!info_has_feature(new, name)) {
            bool status = strcmp(name, "deprecated") == 0 ||
                          strcmp(name, "unstable") == 0;

            report(d, !status, "%sfeature '%s' is gone%s", path, name,
                   status ? "" : "; clients that look for it take the "
                                 "behaviour to be gone as well");
        }
    }
    for (guint i = 0; i < info_length(is); i++) {
        const char *name = info_string_at(is, i);

        if (!info_has_feature(old, name)) {
            report(d, false, "%sfeature '%s' is new", path, name);
        }
    }
}

/* ---- Types ---- */

static void compare_types(Diff *d, const char *path, const char *old_name,
                          const char *new_name);

/*
 * A type may become wider in what clients send, narrower in what they receive:
 * int is part of number, and every type is part of value.
 */
static void compare_builtins(Diff *d, const char *path, JsonObject *old,
                             JsonObject *new)
{
    const char *was = info_string(old, "json-type");
    const char *is = info_string(new, "json-type");
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

/*
 * A new value is always fine: clients are expected to ignore values that they
 * do not know.
 */
static void compare_enums(Diff *d, const char *path, JsonObject *old,
                          JsonObject *new)
{
    JsonArray *was = info_array(old, "members");
    JsonArray *is = info_array(new, "members");

    for (guint i = 0; i < info_length(was); i++) {
        JsonObject *value_was = info_object_at(was, i);
        const char *name = info_string(value_was, "name");
        JsonObject *now = info_find(&d->new, is, "name", name);

        if (!now) {
            report(d, d->sent && !info_has_feature(value_was, "unstable"),
                   "%svalue '%s' is gone%s", path, name,
                   d->sent ? "; clients that send it are refused"
                           : "; clients do not get it any more");
        } else {
            g_autofree char *value =
                g_strdup_printf("%svalue '%s': ", path, name);

            compare_features(d, value, info_object_at(was, i), now);
        }
    }
    for (guint i = 0; i < info_length(is); i++) {
        const char *name = info_string(info_object_at(is, i), "name");

        if (!info_find(&d->old, was, "name", name)) {
            report(d, false, "%svalue '%s' is new", path, name);
        }
    }
}

/*
 * A member that clients send may become optional, one that they receive
 * mandatory.
 */
static void compare_member(Diff *d, const char *path, JsonObject *old,
                           JsonObject *new)
{
    const char *name = info_string(old, "name");
    bool was_unstable = d->unstable;
    g_autofree char *inner = g_strdup_printf("%s%s: ", path, name);

    d->unstable |= info_has_feature(old, "unstable");
    if (info_is_optional(old) && !info_is_optional(new)) {
        report(d, d->sent, "%smust be there now%s", inner,
               d->sent ? "; clients that leave it out are refused" : "");
    } else if (!info_is_optional(old) && info_is_optional(new)) {
        report(d, !d->sent, "%smay be left out now%s", inner,
               d->sent ? "" : "; clients rely on it to be there");
    }
    compare_features(d, inner, old, new);
    compare_types(d, inner, info_string(old, "type"), info_string(new, "type"));
    d->unstable = was_unstable;
}

/* The members of an object and of one of its branches. */
typedef struct Members {
    const InfoSet *side;
    JsonArray *common;
    JsonArray *branch; /* (nullable) */
} Members;

/* Returns (nullable) the member of this name, wherever it is. */
static JsonObject *find_member(const Members *members, const char *name)
{
    JsonObject *m = info_find(members->side, members->common, "name", name);

    return m ? m : info_find(members->side, members->branch, "name", name);
}

/* Compares the members of @array with those of the new side, by name. */
static void compare_old_members(Diff *d, const char *path, JsonArray *array,
                                const Members *new)
{
    for (guint i = 0; i < info_length(array); i++) {
        JsonObject *old = info_object_at(array, i);
        const char *name = info_string(old, "name");
        JsonObject *now = find_member(new, name);

        if (now) {
            compare_member(d, path, old, now);
        } else {
            report(d, !info_has_feature(old, "unstable"), "%s%s is gone; %s",
                   path, name,
                   d->sent ? "clients that send it are refused"
                           : "clients look for it");
        }
    }
}

/* A new mandatory member breaks the clients that have to send it. */
static void report_new_members(Diff *d, const char *path, JsonArray *array,
                               const Members *old)
{
    for (guint i = 0; i < info_length(array); i++) {
        JsonObject *new = info_object_at(array, i);
        const char *name = info_string(new, "name");
        bool needed = d->sent && !info_is_optional(new);

        if (!find_member(old, name)) {
            report(d, needed, "%s%s is new%s", path, name,
                   needed ? " and must be there; clients do not send it"
                          : "");
        }
    }
}

/* Returns (nullable) the members that one branch adds. */
static JsonArray *branch_members(const InfoSet *side, JsonObject *variant)
{
    JsonObject *type = info_lookup(side, info_string(variant, "type"));

    return info_array(type, "members");
}

/*
 * Compares case by case, so that a member may move from a branch to the object.
 */
static void compare_variants(Diff *d, const char *path, JsonObject *old,
                             JsonObject *new)
{
    JsonArray *was = info_array(old, "variants");
    JsonArray *is = info_array(new, "variants");

    for (guint i = 0; i < info_length(was); i++) {
        JsonObject *variant = info_object_at(was, i);
        const char *name = info_string(variant, "case");
        JsonObject *now = info_find(&d->new, is, "case", name);
        g_autofree char *inner =
            g_strdup_printf("%s%s %s: ", path, info_string(old, "tag"), name);
        Members before = { &d->old, info_array(old, "members"),
                           branch_members(&d->old, variant) };
        Members after = { &d->new, info_array(new, "members"),
                          branch_members(&d->new, now) };

        if (!now && info_length(is)) {
            continue; /* a removed value; the enum reports it */
        }
        compare_old_members(d, inner, before.branch, &after);
        report_new_members(d, inner, after.branch, &before);
    }
}

/* A union whose tag has changed cannot be compared by cases. */
static void compare_objects(Diff *d, const char *path, JsonObject *old,
                            JsonObject *new)
{
    Members before = { &d->old, info_array(old, "members"), NULL };
    Members after = { &d->new, info_array(new, "members"), NULL };
    const char *was = info_string(old, "tag");
    const char *is = info_string(new, "tag");

    if (*was && strcmp(was, is) != 0) {
        report(d, true, "%sis no longer told apart by %s", path, was);
    }
    compare_old_members(d, path, before.common, &after);
    report_new_members(d, path, after.common, &before);
    if (*was && *is) {
        compare_variants(d, path, old, new);
    }
}

/* Returns what a JSON value of this type is; all enumerations are strings. */
static const char *json_type(JsonObject *info)
{
    if (info_is(info, "builtin")) {
        return info_string(info, "json-type");
    }
    if (info_is(info, "enum")) {
        return "string";
    }
    return info_is(info, "array") ? "array" : "object";
}

/*
 * Returns (nullable) the branch of an alternate that takes values of the JSON
 * type @type.  There is one at most.
 */
static const char *find_alternative(const InfoSet *side, JsonObject *alternate,
                                    const char *type)
{
    JsonArray *members = info_array(alternate, "members");

    for (guint i = 0; i < info_length(members); i++) {
        const char *name = info_string(info_object_at(members, i), "type");
        JsonObject *info = info_lookup(side, name);

        if (info && strcmp(json_type(info), type) == 0) {
            return name;
        }
    }
    return NULL;
}

/* Branches have no names for clients, so they are matched by JSON type. */
static void compare_alternates(Diff *d, const char *path, JsonObject *old,
                               JsonObject *new)
{
    JsonArray *was = info_array(old, "members");
    JsonArray *is = info_array(new, "members");

    for (guint i = 0; i < info_length(was); i++) {
        const char *name = info_string(info_object_at(was, i), "type");
        JsonObject *info = info_lookup(&d->old, name);
        const char *now =
            info ? find_alternative(&d->new, new, json_type(info)) : NULL;

        if (now) {
            compare_types(d, path, name, now);
        } else if (info) {
            report(d, d->sent, "%smay not be of type %s any more", path,
                   json_type(info));
        }
    }
    for (guint i = 0; i < info_length(is); i++) {
        JsonObject *info =
            info_lookup(&d->new, info_string(info_object_at(is, i), "type"));

        if (info && !find_alternative(&d->old, old, json_type(info))) {
            report(d, !d->sent, "%smay be of type %s now%s", path,
                   json_type(info),
                   d->sent ? "" : "; clients do not expect it");
        }
    }
}

/*
 * Compares types of different kinds.  One of them may be a branch of the other,
 * which is an alternate, or any value; otherwise no value of one is a value of
 * the other.
 */
static void compare_kinds(Diff *d, const char *path, JsonObject *old,
                          JsonObject *new)
{
    const char *name = NULL;

    if (d->sent && info_is(new, "alternate")) {
        name = find_alternative(&d->new, new, json_type(old));
        if (name) {
            report(d, false, "%smay be of other types now", path);
            compare_types(d, path, info_string(old, "name"), name);
            return;
        }
    } else if (!d->sent && info_is(old, "alternate")) {
        name = find_alternative(&d->old, old, json_type(new));
        if (name) {
            report(d, false, "%sis always of type %s now", path,
                   json_type(new));
            compare_types(d, path, name, info_string(new, "name"));
            return;
        }
    }
    if (strcmp(info_string(d->sent ? new : old, "json-type"), "value") == 0) {
        report(d, false, "%stype changes from %s to %s", path, json_type(old),
               json_type(new));
        return;
    }
    if (info_is(old, "enum") && strcmp(json_type(new), "string") == 0) {
        report(d, false, "%smay be any string now", path);
    } else if (info_is(new, "enum") && strcmp(json_type(old), "string") == 0) {
        report(d, d->sent, "%smay only be some strings now", path);
    } else {
        report(d, true, "%stype changes from %s to %s", path,
               info_string(old, "meta-type"), info_string(new, "meta-type"));
    }
}

/*
 * Returns true if this pair was compared in this direction, which also ends
 * recursion through types that contain themselves.
 */
static bool seen_before(Diff *d, const char *old_name, const char *new_name)
{
    return !g_hash_table_add(d->seen,
                             g_strdup_printf("%c%s\t%s", d->sent ? '>' : '<',
                                             old_name, new_name));
}

/* Data from a peer may nest deeper than the stack allows. */
#define MAX_TYPES_DEPTH 400

/*
 * A type that one side does not have was reported by its name's user, or is no
 * type.
 */
static void compare_types(Diff *d, const char *path, const char *old_name,
                          const char *new_name)
{
    JsonObject *old = info_lookup(&d->old, old_name);
    JsonObject *new = info_lookup(&d->new, new_name);
    const char *meta = info_string(old, "meta-type");

    if (!old || !new || seen_before(d, old_name, new_name)) {
        return;
    }
    if (d->depth == MAX_TYPES_DEPTH) {
        report(d, true, "%stypes nest deeper than %d and are not compared",
               path, MAX_TYPES_DEPTH);
        return;
    }
    d->depth++;
    if (strcmp(meta, info_string(new, "meta-type")) != 0) {
        compare_kinds(d, path, old, new);
    } else if (strcmp(meta, "builtin") == 0) {
        compare_builtins(d, path, old, new);
    } else if (strcmp(meta, "enum") == 0) {
        compare_enums(d, path, old, new);
    } else if (strcmp(meta, "array") == 0) {
        compare_types(d, path, info_string(old, "element-type"),
                      info_string(new, "element-type"));
    } else if (strcmp(meta, "object") == 0) {
        compare_features(d, path, old, new);
        compare_objects(d, path, old, new);
    } else if (strcmp(meta, "alternate") == 0) {
        compare_alternates(d, path, old, new);
    }
    d->depth--;
}

/* ---- Commands and events ---- */

/* Arguments are sent by clients, results and data of events are received. */
static void compare_calls(Diff *d, JsonObject *old, JsonObject *new)
{
    bool command = info_is(old, "command");

    d->unstable = info_has_feature(old, "unstable");
    if (!info_is(new, info_string(old, "meta-type"))) {
        report(d, true, "is a %s now", info_string(new, "meta-type"));
        return;
    }
    compare_features(d, "", old, new);
    if (json_object_has_member(old, "allow-oob") &&
        !json_object_has_member(new, "allow-oob")) {
        report(d, true, "can not be run out of band any more");
    }
    /* A change of a type is reported for each command or event that uses it. */
    g_hash_table_remove_all(d->seen);
    d->sent = command;
    compare_types(d, command ? "argument " : "data ",
                  info_string(old, "arg-type"), info_string(new, "arg-type"));
    d->sent = false;
    compare_types(d, "result ", info_string(old, "ret-type"),
                  info_string(new, "ret-type"));
}

static bool is_call(JsonObject *info)
{
    return info_is(info, "command") || info_is(info, "event");
}

/* Types are compared only as far as commands and events use them. */
static void compare_sides(Diff *d)
{
    JsonArray *was = json_node_get_array(d->old.root);
    JsonArray *is = json_node_get_array(d->new.root);

    for (guint i = 0; i < info_length(was); i++) {
        JsonObject *old = info_object_at(was, i);
        JsonObject *new;

        d->subject = info_string(old, "name");
        new = info_lookup(&d->new, d->subject);
        if (!is_call(old)) {
            continue;
        }
        if (new) {
            compare_calls(d, old, new);
        } else {
            d->unstable = info_has_feature(old, "unstable");
            report(d, true, "the %s is gone", info_string(old, "meta-type"));
        }
    }
    d->unstable = false;
    for (guint i = 0; i < info_length(is); i++) {
        JsonObject *new = info_object_at(is, i);

        d->subject = info_string(new, "name");
        if (is_call(new) && !info_lookup(&d->old, d->subject)) {
            report(d, false, "the %s is new", info_string(new, "meta-type"));
        }
    }
}

/*
 * Tries introspection data first: no schema is valid JSON, because its strings
 * are in single quotes and its definitions are not in a list.
 */
JsonNode *qapi_schema_info_load(const QapiLoad *load, Error **errp)
{
    g_autofree char *text = NULL;
    g_autoptr(JsonNode) root = NULL;
    g_autoptr(GString) info = NULL;
    g_autoptr(QapiSchema) schema = NULL;
    size_t len = 0;

    text = qapi_file_read(load->path, JSON_MAX_TEXT, &len, NULL);
    if (text) {
        root = json_parse(text, len, NULL);
    }
    if (root && JSON_NODE_HOLDS_OBJECT(root)) {
        JsonObject *reply = json_node_get_object(root);
        JsonNode *ret = json_object_get_member(reply, "return");

        if (ret) {
            return json_node_ref(ret);
        }
    }
    if (root && JSON_NODE_HOLDS_ARRAY(root)) {
        return g_steal_pointer(&root);
    }
    schema = qapi_schema_load_with(load, errp);
    if (!schema) {
        return NULL;
    }
    info = g_string_new(NULL);
    qapi_schema_introspect(schema, true, info);
    return json_parse(info->str, info->len, &error_abort);
}

/* Both sides are cleared even if one was rejected. */
bool qapi_schema_diff(const QapiDiffSide *before, const QapiDiffSide *after,
                      GString *out, bool *breaks, Error **errp)
{
    Diff d = { .out = out };
    bool ok = info_set_init(&d.old, before->info, before->name, errp) &&
              info_set_init(&d.new, after->info, after->name, errp);

    if (ok) {
        d.seen = g_hash_table_new_full(hash_str, g_str_equal, g_free, NULL);
        compare_sides(&d);
        g_hash_table_destroy(d.seen);
        *breaks = d.breaks;
    }
    info_set_clear(&d.old);
    info_set_clear(&d.new);
    return ok;
}
