/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qom watch: prints a line for each event of a running program.
 *
 * Target     an argument: an object or one of its properties.  It is resolved
 * to
 *            a full path first, because events name objects by it, and then
 *            watched with the command qom-watch.
 * stop_fd    an epoll file descriptor that becomes readable at a signal, or
 * when
 *            no process reads the output any longer.
 *
 * The process sleeps until the connection or stop_fd is readable.
 */
#include "qapi/json/json.h"
#include "tools/output.h"
#include "tools/path.h"
#include "tools/target.h"
#include "tools/verb-functions.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

typedef struct Target {
    char *path;     /* absolute */
    char *property; /* NULL: all properties of the object */
} Target;

typedef struct Watcher {
    GArray *targets; /* of Target; empty: all objects that are added, deleted */
    int signal_fd;   /* -1: not open */
    int stop_fd;     /* becomes readable when the verb has to end; -1 */
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

/* Resolves and watches all arguments. */
static bool add_targets(Watcher *watcher, const Args *args, Error **errp)
{
    for (guint i = 0; i < args->base.n_rest; i++) {
        Target target = { NULL };
        bool ok = target_init(&target, args->base.rest->pdata[i], errp);

        g_array_append_val(watcher->targets, target);
        if (!ok || !target_watch(&target, errp)) {
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

/* Appends a value; a string without quotes if it has no control characters. */
static void append_value(GString *out, JsonNode *value)
{
    const char *text = json_qtype(value) == QTYPE_QSTRING
                           ? json_node_get_string(value)
                           : NULL;

    if (text && output_is_safe(text, "")) {
        g_string_append(out, text);
    } else {
        json_write(out, value, false);
    }
}

static int output_change(const char *path, JsonObject *data)
{
    g_autoptr(GString) text = g_string_new(NULL);

    output_append_safe(text, path, "");
    g_string_append_c(text, '.');
    output_append_safe(text, json_object_get_string_member(data, "property"),
                       "");
    g_string_append(text, " = ");
    append_value(text, json_object_get_member(data, "value"));
    g_string_append_c(text, '\n');
    return output_text(text->str);
}

static int output_object(const char *path, JsonObject *data, bool added)
{
    g_autoptr(GString) text = g_string_new(NULL);

    output_paint(text, added ? PAINT_GOOD : PAINT_BAD, added ? "+" : "-");
    g_string_append_c(text, ' ');
    output_append_safe(text, path, "");
    if (added) {
        g_string_append(text, " (");
        output_append_safe(text, json_object_get_string_member(data, "type"),
                           "");
        g_string_append_c(text, ')');
    }
    g_string_append_c(text, '\n');
    return output_text(text->str);
}

/* Returns (borrowed) the member as a string; NULL if it is not one. */
static const char *text_of(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);

    return node && json_qtype(node) == QTYPE_QSTRING
               ? json_node_get_string(node)
               : NULL;
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

    if (g_strcmp0(text_of(event, "event"), name) || !node ||
        !JSON_NODE_HOLDS_OBJECT(node)) {
        return NULL;
    }
    data = json_node_get_object(node);
    return text_of(data, "path") && text_of(data, member) ? data : NULL;
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
    if (added) {
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

/*
 * Returns false if stdout is a pipe whose reader has closed it.  Writing would
 * find that out only with the next line, which may never come.
 */
static bool check_reader(Error **errp)
{
    struct pollfd out = { .fd = STDOUT_FILENO };

    if (poll(&out, 1, 0) > 0 && out.revents & POLLERR) {
        error_setg_errno(errp, EPIPE, "cannot write the result");
        return false;
    }
    return true;
}

/* Prints events until a line limit, a signal, an error or the program's end. */
static int handle_events(Watcher *watcher)
{
    int status = EXIT_DONE;
    Error *err = NULL;

    while (status == EXIT_DONE && watcher->n_left) {
        g_autoptr(JsonNode) event =
            qmp_client_next_event(target_client(), watcher->stop_fd, &err);

        if (!event) {
            break;
        }
        status = handle_event(watcher, event);
    }
    if (err || (status == EXIT_DONE && !check_reader(&err))) {
        output_error(NULL, err);
        return EXIT_FAILED;
    }
    return status;
}

/* ---- The verb ---- */

/*
 * Opens stop_fd.  A blocked signal is queued also if it is ignored, so SIGINT
 * works in a background process, too.  For stdout, events = 0 reports errors
 * alone.  Adding it fails for regular files, which have no such errors.
 */
static bool open_stop_fd(Watcher *watcher, Error **errp)
{
    struct epoll_event stop = { .events = EPOLLIN };
    struct epoll_event broken = { .events = 0 };
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    watcher->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    watcher->stop_fd = epoll_create1(EPOLL_CLOEXEC);
    if (watcher->signal_fd < 0 || watcher->stop_fd < 0 ||
        epoll_ctl(watcher->stop_fd, EPOLL_CTL_ADD, watcher->signal_fd,
                  &stop) < 0) {
        error_setg_errno(errp, errno, "can't watch for signals");
        return false;
    }
    epoll_ctl(watcher->stop_fd, EPOLL_CTL_ADD, STDOUT_FILENO, &broken);
    return true;
}

static void close_stop_fd(Watcher *watcher)
{
    if (watcher->stop_fd >= 0) {
        close(watcher->stop_fd);
    }
    if (watcher->signal_fd >= 0) {
        close(watcher->signal_fd);
    }
}

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

static int watch(Watcher *watcher, const Args *args)
{
    Error *err = NULL;

    qmp_client_keep_events(target_client());
    if (!open_stop_fd(watcher, &err) || !add_targets(watcher, args, &err)) {
        output_error(NULL, err);
        return EXIT_FAILED;
    }
    return handle_events(watcher);
}

int action_watch(void *opaque)
{
    const Args *args = opaque;
    Watcher watcher = { .json = args->json };
    Error *err = NULL;
    int status;

    if (!read_count(args, &watcher.n_left, &err)) {
        return tool_usage_error("watch", err);
    }
    watcher.targets = g_array_new(false, false, sizeof(Target));
    g_array_set_clear_func(watcher.targets, target_clear);
    status = watch(&watcher, args);
    g_array_unref(watcher.targets);
    close_stop_fd(&watcher);
    return status;
}
