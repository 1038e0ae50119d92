/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What changes for clients from one type to another.
 *
 * Names of types mean nothing: types are compared by what they accept, in the
 * direction in which values travel.  What clients may send must not shrink;
 * what clients receive must not grow in kind.
 */
#include "qapi/compiler/diff-internal.h"

#include <string.h>

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
                   (strcmp(wide, "number") == 0 && strcmp(narrow, "int") == 0);

    if (strcmp(was, is) != 0) {
        diff_report(d, !widened, "%stype changes from %s to %s%s", path, was,
                    is,
                    widened   ? ""
                    : d->sent ? "; what clients send now is refused"
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
            diff_report(d, d->sent && !info_has_feature(value_was, "unstable"),
                        "%svalue '%s' is gone%s", path, name,
                        d->sent ? "; clients that send it are refused"
                                : "; clients do not get it any more");
        } else {
            g_autofree char *value =
                g_strdup_printf("%svalue '%s': ", path, name);

            diff_features(d, value, info_object_at(was, i), now);
        }
    }
    for (guint i = 0; i < info_length(is); i++) {
        const char *name = info_string(info_object_at(is, i), "name");

        if (!info_find(&d->old, was, "name", name)) {
            diff_report(d, false, "%svalue '%s' is new", path, name);
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
        diff_report(d, d->sent, "%smust be there now%s", inner,
                    d->sent ? "; clients that leave it out are refused" : "");
    } else if (!info_is_optional(old) && info_is_optional(new)) {
        diff_report(d, !d->sent, "%smay be left out now%s", inner,
                    d->sent ? "" : "; clients rely on it to be there");
    }
    diff_features(d, inner, old, new);
    diff_types(d, inner, info_string(old, "type"), info_string(new, "type"));
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
            diff_report(d, !info_has_feature(old, "unstable"),
                        "%s%s is gone; %s", path, name,
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
            diff_report(d, needed, "%s%s is new%s", path, name,
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
        diff_report(d, true, "%sis no longer told apart by %s", path, was);
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
            diff_types(d, path, name, now);
        } else if (info) {
            diff_report(d, d->sent, "%smay not be of type %s any more", path,
                        json_type(info));
        }
    }
    for (guint i = 0; i < info_length(is); i++) {
        JsonObject *info =
            info_lookup(&d->new, info_string(info_object_at(is, i), "type"));

        if (info && !find_alternative(&d->old, old, json_type(info))) {
            diff_report(d, !d->sent, "%smay be of type %s now%s", path,
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
            diff_report(d, false, "%smay be of other types now", path);
            diff_types(d, path, info_string(old, "name"), name);
            return;
        }
    } else if (!d->sent && info_is(old, "alternate")) {
        name = find_alternative(&d->old, old, json_type(new));
        if (name) {
            diff_report(d, false, "%sis always of type %s now", path,
                        json_type(new));
            diff_types(d, path, name, info_string(new, "name"));
            return;
        }
    }
    if (strcmp(info_string(d->sent ? new : old, "json-type"), "value") == 0) {
        diff_report(d, false, "%stype changes from %s to %s", path,
                    json_type(old), json_type(new));
        return;
    }
    if (info_is(old, "enum") && strcmp(json_type(new), "string") == 0) {
        diff_report(d, false, "%smay be any string now", path);
    } else if (info_is(new, "enum") && strcmp(json_type(old), "string") == 0) {
        diff_report(d, d->sent, "%smay only be some strings now", path);
    } else {
        diff_report(d, true, "%stype changes from %s to %s", path,
                    info_string(old, "meta-type"),
                    info_string(new, "meta-type"));
    }
}

/*
 * Returns true if this pair was compared in this direction, which also ends
 * recursion through types that contain themselves.
 */
static bool seen_before(Diff *d, const char *old_name, const char *new_name)
{
    return !g_hash_table_add(
        d->seen,
        g_strdup_printf("%c%s\t%s", d->sent ? '>' : '<', old_name, new_name));
}

/* Data from a peer may nest deeper than the stack allows. */
#define MAX_TYPES_DEPTH 400

/*
 * A type that one side does not have was reported by its name's user, or is no
 * type.
 */
void diff_types(Diff *d, const char *path, const char *old_name,
                const char *new_name)
{
    JsonObject *old = info_lookup(&d->old, old_name);
    JsonObject *new = info_lookup(&d->new, new_name);
    const char *meta = info_string(old, "meta-type");

    if (!old || !new || seen_before(d, old_name, new_name)) {
        return;
    }
    if (d->depth == MAX_TYPES_DEPTH) {
        diff_report(d, true, "%stypes nest deeper than %d and are not compared",
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
        diff_types(d, path, info_string(old, "element-type"),
                   info_string(new, "element-type"));
    } else if (strcmp(meta, "object") == 0) {
        diff_features(d, path, old, new);
        compare_objects(d, path, old, new);
    } else if (strcmp(meta, "alternate") == 0) {
        compare_alternates(d, path, old, new);
    }
    d->depth--;
}
