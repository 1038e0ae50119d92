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
#include "qapi/compiler/diff-internal.h"

#include "util/hash.h"

/* Arguments are sent by clients, results and data of events are received. */
static void compare_calls(Diff *d, JsonObject *old, JsonObject *new)
{
    bool command = info_is(old, "command");

    d->unstable = info_has_feature(old, "unstable");
    if (!info_is(new, info_string(old, "meta-type"))) {
        diff_report(d, true, "is a %s now", info_string(new, "meta-type"));
        return;
    }
    diff_features(d, "", old, new);
    if (json_object_has_member(old, "allow-oob") &&
        !json_object_has_member(new, "allow-oob")) {
        diff_report(d, true, "can not be run out of band any more");
    }
    /* A change of a type is reported for each command or event that uses it. */
    g_hash_table_remove_all(d->seen);
    d->sent = command;
    diff_types(d, command ? "argument " : "data ", info_string(old, "arg-type"),
               info_string(new, "arg-type"));
    d->sent = false;
    diff_types(d, "result ", info_string(old, "ret-type"),
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
            diff_report(d, true, "the %s is gone",
                        info_string(old, "meta-type"));
        }
    }
    d->unstable = false;
    for (guint i = 0; i < info_length(is); i++) {
        JsonObject *new = info_object_at(is, i);

        d->subject = info_string(new, "name");
        if (is_call(new) && !info_lookup(&d->old, d->subject)) {
            diff_report(d, false, "the %s is new",
                        info_string(new, "meta-type"));
        }
    }
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
