/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qom watch: prints a line for each event of a running program.
 *
 * Target     an argument: an object or one of its properties.  It is resolved
 *            to a full path first, because events name objects by it, and then
 *            watched with the command qom-watch.
 * Interval   with -interval the target is asked again and again instead, and
 *            differences become events; see object-poll.c.
 * Names      with -events the arguments are names of events.
 *
 * The process sleeps until the connection has an event, or until there is a
 * reason to stop waiting; see watch-stop.h.
 */
#include "qapi/json/json.h"
#include "tools/object-poll.h"
#include "tools/output.h"
#include "util/safe-text.h"
#include "tools/path.h"
#include "tools/reply.h"
#include "tools/target-info.h"
#include "tools/target.h"
#include "tools/verb-functions.h"
#include "tools/watch-names.h"
#include "tools/watch-stop.h"

#include <string.h>

typedef struct Target {
    char *path;     /* absolute */
    char *property; /* NULL: all properties of the object */
} Target;

typedef struct Watcher {
    GArray *targets; /* of Target; empty: all objects that are added, deleted */
    char *const *names; /* (nullable) with -events: the events that are printed;
                           none: all */
    ObjectPoll *poll; /* (nullable) with -interval */
    WatchStop stop;
    bool json;
    guint64 n_left; /* lines still to be printed */
} Watcher;

static void target_clear(void *opaque)
{
    Target *target = opaque;

    g_free(target->path);
    g_free(target->property);
}

/* ---- What is watched ---- */

/* Returns (transfer full) an object's absolute path; NULL with @errp set. */
static char *full_path(const char *path, Error **errp)
{
    g_autoptr(JsonNode) tree =
        target_execute("qom-tree", errp, "path", json_text_new(path), NULL);
    JsonObject *object = tree ? json_node_get_object(tree) : NULL;

    return object ? g_strdup(json_object_get_string_member(object, "path"))
                  : NULL;
}

/*
 * Resolves an argument.  Ids may contain dots, so "a.b" is the object of this
 * name if there is one, and the property "b" of "a" otherwise.
 */
static bool target_init(Target *target, const char *text, Error **errp)
{
    const char *dot = strrchr(text, '.');
    Error *err = NULL;

    target->path = full_path(text, &err);
    if (!target->path && dot && strcmp(text, ".") &&
        error_get_class(err) == ERROR_CLASS_DEVICE_NOT_FOUND) {
        g_autofree char *head = g_strndup(text, dot - text);

        g_clear_pointer(&err, error_free);
        target->property = g_strdup(dot + 1);
        target->path = full_path(head, &err);
        if (err) {
            path_explain(head, &err);
        }
    } else if (err) {
        path_explain(text, &err);
    }
    error_propagate(errp, err);
    return target->path != NULL;
}

/* Asks the program for PROPERTY_CHANGED events, and for the first values. */
static bool target_watch(const Target *target, Error **errp)
{
    JsonNode *property =
        target->property ? json_text_new(target->property) : NULL;
    g_autoptr(JsonNode) result =
        target_execute("qom-watch", errp, "path", json_text_new(target->path),
                       "property", property, NULL);

    return result != NULL;
}

/* Without arguments, no command tells whether the target has events. */
static bool check_events(Error **errp)
{
    const GPtrArray *commands = target_commands(errp);

    for (guint i = 0; commands && i < commands->len; i++) {
        if (!strcmp(commands->pdata[i], "qom-watch")) {
            return true;
        }
    }
    if (commands) {
        error_set(errp, ERROR_CLASS_COMMAND_NOT_FOUND,
                  "The command qom-watch has not been found");
    }
    return false;
}

/* Resolves and watches all arguments. */
static bool add_targets(Watcher *watcher, const Args *args, Error **errp)
{
    if (!args->base.n_rest && !watcher->poll && !check_events(errp)) {
        return false;
    }
    for (guint i = 0; i < args->base.n_rest; i++) {
        Target target = { NULL };
        bool ok = target_init(&target, args->base.rest->pdata[i], errp);

        g_array_append_val(watcher->targets, target);
        if (ok && watcher->poll) {
            object_poll_add(watcher->poll, target.path, target.property);
        } else if (!ok || !target_watch(&target, errp)) {
            return false;
        }
    }
    return true;
}

/* ---- Events ---- */

/*
 * Returns true if @path is the target's object, or below it if the target is a
 * whole object.
 */
static bool target_has(const Target *target, const char *path)
{
    size_t len = strlen(target->path);

    if (!strcmp(target->path, path)) {
        return true;
    }
    return !target->property && g_str_has_prefix(path, target->path) &&
           (len == 1 || path[len] == '/');
}

/*
 * Watches the object at @path again: it was deleted, which ended its watches,
 * and created again.
 */
static void watch_again(const Watcher *watcher, const char *path)
{
    for (guint i = 0; i < watcher->targets->len; i++) {
        const Target *target = &g_array_index(watcher->targets, Target, i);

        if (!strcmp(target->path, path)) {
            /* If it fails, the object has been deleted since, too. */
            target_watch(target, NULL);
        }
    }
}

/* Returns true if a target, or no target at all, asks for the object. */
static bool is_wanted(const Watcher *watcher, const char *path)
{
    for (guint i = 0; i < watcher->targets->len; i++) {
        if (target_has(&g_array_index(watcher->targets, Target, i), path)) {
            return true;
        }
    }
    return watcher->targets->len == 0;
}

static int output_change(const char *path, JsonObject *data)
{
    g_autoptr(GString) text = g_string_new(NULL);

    safe_text_append(text, path, "");
    g_string_append_c(text, '.');
    safe_text_append(text, json_object_get_string_member(data, "property"),
                       "");
    g_string_append(text, " = ");
    output_append_value(text, json_object_get_member(data, "value"));
    g_string_append_c(text, '\n');
    return output_text(text->str);
}

static int output_object(const char *path, JsonObject *data, bool added)
{
    g_autoptr(GString) text = g_string_new(NULL);

    output_paint(text, added ? PAINT_GOOD : PAINT_BAD, added ? "+" : "-");
    g_string_append_c(text, ' ');
    safe_text_append(text, path, "");
    if (added) {
        g_string_append(text, " (");
        safe_text_append(text, json_object_get_string_member(data, "type"),
                           "");
        g_string_append_c(text, ')');
    }
    g_string_append_c(text, '\n');
    return output_text(text->str);
}

/*
 * Returns the data of an event called @name; NULL if the event has another
 * name, or no "path" or @member, because no schema checks events.
 */
static JsonObject *data_of(JsonObject *event, const char *name,
                           const char *member)
{
    JsonNode *node = json_object_get_member(event, "data");
    JsonObject *data;

    if (g_strcmp0(reply_text(event, "event"), name) || !node ||
        !JSON_NODE_HOLDS_OBJECT(node)) {
        return NULL;
    }
    data = json_node_get_object(node);
    return reply_text(data, "path") && reply_text(data, member) ? data : NULL;
}

/* Prints an event if it is about a target. */
static int handle_event(Watcher *watcher, JsonNode *event)
{
    JsonObject *object = json_node_get_object(event);
    JsonObject *changed = data_of(object, "PROPERTY_CHANGED", "property");
    JsonObject *added = data_of(object, "OBJECT_ADDED", "type");
    JsonObject *deleted = data_of(object, "OBJECT_DELETED", "type");
    JsonObject *data = changed ? changed : added ? added : deleted;
    const char *path;

    if (!data || (changed && !json_object_has_member(data, "value"))) {
        return EXIT_DONE;
    }
    path = json_object_get_string_member(data, "path");
    if (added && !watcher->poll) {
        watch_again(watcher, path);
    }
    if (!changed && !is_wanted(watcher, path)) {
        return EXIT_DONE;
    }
    watcher->n_left--;
    if (watcher->json) {
        return output_json(event);
    }
    return changed ? output_change(path, data)
                   : output_object(path, data, added != NULL);
}

/* Prints an event if its name is asked for. */
static int handle_any(Watcher *watcher, JsonNode *event)
{
    if (!watch_names_want(watcher->names, event)) {
        return EXIT_DONE;
    }
    watcher->n_left--;
    return watcher->json ? output_json(event) : watch_names_output(event);
}

/* ---- The loop ---- */

/* Asks the target, and prints what has changed since the last time. */
static int handle_interval(Watcher *watcher)
{
    g_autoptr(GPtrArray) events = NULL;
    int status = EXIT_DONE;
    Error *err = NULL;

    if (!object_poll_run(watcher->poll, &events, &err)) {
        output_error(NULL, err);
        return EXIT_FAILED;
    }
    for (guint i = 0; status == EXIT_DONE && watcher->n_left &&
                      i < events->len; i++) {
        status = handle_event(watcher, events->pdata[i]);
    }
    return status;
}

/* Prints events until a line limit, a signal, an error or the program's end. */
static int handle_events(Watcher *watcher)
{
    int status = EXIT_DONE;
    Error *err = NULL;

    while (status == EXIT_DONE && watcher->n_left) {
        g_autoptr(JsonNode) event =
            qmp_client_next_event(target_client(), watcher->stop.fd, &err);

        if (event && !watcher->poll) {
            status = watcher->names ? handle_any(watcher, event)
                                    : handle_event(watcher, event);
        } else if (!event && !err &&
                   watch_stop_interval_ended(&watcher->stop)) {
            status = handle_interval(watcher);
        } else if (!event) {
            break;
        }
    }
    if (err || (status == EXIT_DONE && !watch_stop_check_reader(&err))) {
        output_error(NULL, err);
        return EXIT_FAILED;
    }
    return status;
}

/* ---- The verb ---- */

static bool read_count(const Args *args, guint64 *count, Error **errp)
{
    *count = G_MAXUINT64;
    if (!args->count || g_ascii_string_to_unsigned(args->count, 10, 1,
                                                   G_MAXUINT64, count, NULL)) {
        return true;
    }
    error_setg(errp, "option '-count' needs a number from 1 on, not '%s'",
               args->count);
    return false;
}

/* Reads -interval; 0 if it is not given. */
static bool read_interval(const Args *args, double *seconds, Error **errp)
{
    *seconds = 0;
    if (!args->interval) {
        return true;
    }
    if (!watch_stop_parse_interval(args->interval, seconds, errp)) {
        return false;
    }
    if (args->events) {
        error_setg(errp, "option '-interval' does not go with '-events'");
        return false;
    }
    return true;
}

/* Prepares all that the loop needs. */
static bool prepare(Watcher *watcher, const Args *args, double seconds,
                    Error **errp)
{
    g_autoptr(GPtrArray) none = NULL;

    qmp_client_keep_events(target_client());
    if (!watch_stop_open(&watcher->stop, errp)) {
        return false;
    }
    if (args->events) {
        return watch_names_check(watcher->names, errp);
    }
    if (!add_targets(watcher, args, errp)) {
        return false;
    }
    return !watcher->poll || (object_poll_run(watcher->poll, &none, errp) &&
                              watch_stop_set_interval(&watcher->stop, seconds,
                                                      errp));
}

/*
 * Advises to ask for what a target without events does not report.  It must
 * have values, which QEMU's guest agent has not.
 */
static void advise(const Args *args, Error **errp)
{
    ERRP_GUARD();

    if (error_get_class(*errp) == ERROR_CLASS_COMMAND_NOT_FOUND &&
        strstr(error_get_pretty(*errp), "qom-watch") && !args->events) {
        error_append_hint(errp, "Option '-interval SECONDS' compares values "
                          "instead.\n");
    }
}

static int watch(Watcher *watcher, const Args *args, double seconds)
{
    Error *err = NULL;

    if (prepare(watcher, args, seconds, &err)) {
        return handle_events(watcher);
    }
    target_refuse("watch", &err);
    advise(args, &err);
    output_error(NULL, err);
    return EXIT_FAILED;
}

int action_watch(void *opaque)
{
    const Args *args = opaque;
    Watcher watcher = { .json = args->json, .stop = WATCH_STOP_INIT };
    Error *err = NULL;
    double seconds;
    int status;

    if (!read_count(args, &watcher.n_left, &err) ||
        !read_interval(args, &seconds, &err)) {
        return tool_usage_error("watch", err);
    }
    watcher.names = args->events ? (char **)args->base.rest->pdata : NULL;
    watcher.poll = seconds ? object_poll_new() : NULL;
    watcher.targets = g_array_new(false, false, sizeof(Target));
    g_array_set_clear_func(watcher.targets, target_clear);
    status = watch(&watcher, args, seconds);
    object_poll_free(watcher.poll);
    g_array_unref(watcher.targets);
    watch_stop_close(&watcher.stop);
    return status;
}
