/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qom run: creates objects and QMP servers, and runs the main loop.
 *
 * Stopping: the handler of a signal only sets a flag and an event notifier,
 * which the loop watches.  It is installed before the first object is created,
 * so an early signal ends the loop in its first iteration.  A QMP client stops
 * the loop by `quit`.  Everything is undone in reverse order: servers, then
 * objects, newest first, then the notifier.
 *
 * Configuration: with -config the objects are those of -object and those of the
 * file.  The first never change; they are kept as `base`.  At SIGHUP the file
 * is read again, and both lists are applied as one change.  If that fails, all
 * objects are as before.
 */
#include "aio/aio.h"
#include "qmp/qmp-server.h"
#include "qom/object-apply.h"
#include "service/config-file.h"
#include "tools/object-option.h"
#include "tools/output.h"
#include "util/safe-text.h"
#include "tools/service.h"
#include "tools/verb-functions.h"
#include "util/event-notifier.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#define STATUS_BYTES 1024

typedef struct Runner {
    EventNotifier signalled; /* set by signals, after one of the two flags */
    volatile sig_atomic_t stop_wanted;
    volatile sig_atomic_t reload_wanted;
    bool stopping;
    AioContext *ctx;
    GPtrArray *servers; /* owned QmpServer, in the order of -qmp */
    char *config;       /* (nullable) path of -config */
    JsonNode *base;     /* (nullable) the objects of -object */
    PidFile pid_file;
} Runner;

static const int caught_signals[] = { SIGINT, SIGTERM, SIGHUP };

/* Used only by the handler of signals, which has no argument. */
static Runner *running;

/* Calls only what signal-safety(7) allows. */
static void handle_signal(int number)
{
    int saved_errno = errno;

    if (number == SIGHUP && running->config) {
        running->reload_wanted = true;
    } else {
        running->stop_wanted = true;
    }
    event_notifier_set(&running->signalled);
    errno = saved_errno;
}

/* ---- The configuration ---- */

/*
 * Returns (transfer full) the objects of the file and then those of -object.
 * In this order the index in an error message is the index in the file.
 */
static JsonArray *all_objects(const Runner *runner, const ConfigFile *config)
{
    JsonArray *all = json_array_new();
    JsonArray *lists[] = { config->objects,
                           json_node_get_array(runner->base) };

    for (size_t l = 0; l < G_N_ELEMENTS(lists); l++) {
        for (guint i = 0; i < json_array_get_length(lists[l]); i++) {
            json_array_add_element(
                all, json_node_ref(json_array_get_element(lists[l], i)));
        }
    }
    return all;
}

/* Makes the objects those of the file and of -object. */
static bool apply_config(const Runner *runner, const ConfigFile *config,
                         Error **errp)
{
    g_autoptr(JsonArray) objects = all_objects(runner, config);
    g_autoptr(JsonNode) plan = object_apply(objects, false, NULL, errp);

    if (!plan) {
        config_file_locate(config, errp);
    }
    return plan;
}

/* Reads the file again and applies it; on failure all objects are as before. */
static bool reload_config(const Runner *runner, Error **errp)
{
    g_autoptr(ConfigFile) config = NULL;

    if (!strcmp(runner->config, "-")) {
        error_setg(errp, "standard input cannot be read again");
        return false;
    }
    config = config_file_load(runner->config, errp);
    return config && apply_config(runner, config, errp);
}

/* sd_notify(3) requires the time, which distinguishes this reload. */
static void notify_reloading(void)
{
    g_autofree char *text = g_strdup_printf(
        "RELOADING=1\nMONOTONIC_USEC=%" PRId64 "\n",
        g_get_monotonic_time());

    notify_service_manager(text);
}

/*
 * Reports that a reload has ended.  A line break would end the status and begin
 * another assignment, so it is escaped.  The manager drops a message that is
 * too long as a whole, including READY=1, so the status is cut.
 */
static void notify_ready(const char *status)
{
    g_autoptr(GString) safe = g_string_new(NULL);
    g_autofree char *text = NULL;

    safe_text_append(safe, status, "");
    if (safe->len > STATUS_BYTES) {
        const char *end = safe->str + STATUS_BYTES + 1;

        g_string_truncate(safe,
                          g_utf8_find_prev_char(safe->str, end) - safe->str);
    }
    text = g_strdup_printf("READY=1\nSTATUS=%s\n", safe->str);
    notify_service_manager(text);
}

/* Handles SIGHUP.  The program stays ready also if the reload fails. */
static void reload(const Runner *runner)
{
    Error *err = NULL;

    notify_reloading();
    if (reload_config(runner, &err)) {
        notify_ready("");
        return;
    }
    notify_ready(error_get_pretty(err));
    output_error("-config", err);
}

/* ---- The loop ---- */

static void signal_noticed(EventNotifier *signalled)
{
    Runner *runner = container_of(signalled, Runner, signalled);

    event_notifier_test_and_clear(signalled);
    if (runner->stop_wanted) {
        runner->stopping = true;
    } else if (runner->reload_wanted) {
        runner->reload_wanted = false;
        reload(runner);
    }
}

static void stop_requested(void *opaque)
{
    ((Runner *)opaque)->stopping = true;
}

/*
 * Installs the handler of a signal and unblocks it.  SIGINT is caught also if
 * it is ignored, because a shell starts every background process like that.
 * SIGHUP stays ignored, because nohup(1) ignores it on the user's request; with
 * -config it means something else and is caught.
 */
static void catch_signal(int number)
{
    struct sigaction action = { .sa_handler = handle_signal,
                                .sa_flags = SA_RESTART };
    struct sigaction old;
    sigset_t set;

    sigaction(number, NULL, &old);
    if (number == SIGHUP && old.sa_handler == SIG_IGN && !running->config) {
        return;
    }
    sigaction(number, &action, NULL);
    sigemptyset(&set);
    sigaddset(&set, number);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

/* Each object may need several file descriptors, and clients need them, too. */
static void raise_file_limit(void)
{
    struct rlimit limit;

    if (!getrlimit(RLIMIT_NOFILE, &limit)) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static bool runner_init(Runner *runner, Error **errp)
{
    int ret;

    raise_file_limit();
    ret = event_notifier_init(&runner->signalled, false);
    if (ret < 0) {
        error_setg_errno(errp, -ret, "cannot make an event notifier");
        return false;
    }
    runner->ctx = aio_get_main_context();
    runner->servers = g_ptr_array_new();
    aio_set_event_notifier(runner->ctx, &runner->signalled, signal_noticed,
                           NULL, NULL);
    qmp_set_shutdown_handler(stop_requested, runner);
    running = runner;
    for (guint i = 0; i < G_N_ELEMENTS(caught_signals); i++) {
        catch_signal(caught_signals[i]);
    }
    return true;
}

static void runner_cleanup(Runner *runner)
{
    while (runner->servers->len) {
        qmp_server_free(g_ptr_array_steal_index(runner->servers,
                                                runner->servers->len - 1));
    }
    g_ptr_array_unref(runner->servers);
    objects_del();
    for (guint i = 0; i < G_N_ELEMENTS(caught_signals); i++) {
        signal(caught_signals[i], SIG_IGN);
    }
    qmp_set_shutdown_handler(NULL, NULL);
    aio_set_event_notifier(runner->ctx, &runner->signalled, NULL, NULL, NULL);
    event_notifier_cleanup(&runner->signalled);
    g_clear_pointer(&runner->base, json_node_unref);
    pid_file_cleanup(&runner->pid_file);
}

/* Creates a server, which the runner owns. */
static bool open_server(Runner *runner, const char *address, Error **errp)
{
    QmpServer *server = qmp_server_new(runner->ctx, address, errp);

    if (server) {
        g_ptr_array_add(runner->servers, server);
    }
    return server;
}

/* Creates a server per address; @what is the option or member they are from. */
static int open_servers(Runner *runner, const char *what,
                        const GPtrArray *addresses)
{
    for (guint i = 0; addresses && i < addresses->len; i++) {
        const char *address = addresses->pdata[i];
        Error *err = NULL;

        if (!open_server(runner, address, &err)) {
            g_autofree char *where = g_strdup_printf("%s %s", what, address);

            output_error(where, err);
            return EXIT_FAILED;
        }
    }
    return EXIT_DONE;
}

/* ---- Starting ---- */

static int failed(const char *what, Error *err)
{
    output_error(what, err);
    return EXIT_FAILED;
}

/* Creates the objects of -object and then those of the file. */
static int add_objects(Runner *runner, const Args *args,
                       const ConfigFile *config)
{
    int status = objects_add(args->objects);
    Error *err = NULL;

    if (status != EXIT_DONE || !config) {
        return status;
    }
    /* The list that -object has made is part of every later reload. */
    runner->base = object_snapshot();
    return apply_config(runner, config, &err) ? EXIT_DONE
                                              : failed("-config", err);
}

/* The option wins over the member of the file. */
static int take_pid_file(Runner *runner, const Args *args,
                         const ConfigFile *config)
{
    const char *path = args->pid_file;
    Error *err = NULL;

    if (!path && config) {
        path = config->pid_file;
    }
    return !path || pid_file_init(&runner->pid_file, path, &err)
        ? EXIT_DONE : failed("-pidfile", err);
}

/*
 * Does everything before the loop.  The pid file is first, so a second process
 * fails before it touches anything; servers are last, so that clients find all
 * objects.
 */
static int start(Runner *runner, const Args *args, const ConfigFile *config)
{
    int status = take_pid_file(runner, args, config);

    if (status == EXIT_DONE && config) {
        status = plugins_load(config->plugins);
    }
    if (status == EXIT_DONE) {
        status = add_objects(runner, args, config);
    }
    if (status == EXIT_DONE) {
        status = open_servers(runner, "-qmp", args->qmp);
    }
    if (status == EXIT_DONE && config) {
        status = open_servers(runner, "-config: qmp", config->qmp);
    }
    return status;
}

static bool serves_stdio(const GPtrArray *addresses)
{
    for (guint i = 0; addresses && i < addresses->len; i++) {
        if (g_str_has_prefix(addresses->pdata[i], "stdio")) {
            return true;
        }
    }
    return false;
}

static int go_to_background(const Args *args, const ConfigFile *config)
{
    Error *err = NULL;

    if (serves_stdio(args->qmp) || (config && serves_stdio(config->qmp))) {
        error_setg(&err, "-daemonize and QMP on stdio exclude each other");
        return tool_usage_error("run", err);
    }
    /* A main loop does not survive fork(): see aio_main_context_init(). */
    return daemonize(&err) && aio_main_context_init(&err)
        ? EXIT_DONE : failed("-daemonize", err);
}

static int run(Runner *runner, const Args *args, const ConfigFile *config)
{
    Error *err = NULL;
    int status;

    if (!runner_init(runner, &err)) {
        return failed(NULL, err);
    }
    status = start(runner, args, config);
    if (status == EXIT_DONE) {
        /* wait=on: a client may change what is to be run. */
        while (!runner->stopping && qmp_server_is_awaited()) {
            aio_poll(runner->ctx, true);
        }
        notify_service_manager("READY=1\n");
        daemonize_ready();
        while (!runner->stopping) {
            aio_poll(runner->ctx, true);
        }
        notify_service_manager("STOPPING=1\n");
    }
    runner_cleanup(runner);
    return status;
}

/* Returns (transfer full) an absolute path, which a later chdir() keeps. */
static char *config_path(const char *name)
{
    return strcmp(name, "-") ? g_canonicalize_filename(name, NULL)
                             : g_strdup(name);
}

int action_run(void *opaque)
{
    const Args *args = opaque;
    g_autoptr(ConfigFile) config = NULL;
    Runner runner = { .pid_file = { NULL } };
    int status = EXIT_DONE;
    Error *err = NULL;

    if (args->config) {
        config = config_file_load(args->config, &err);
        if (!config) {
            return failed("-config", err);
        }
        runner.config = config_path(args->config);
    }
    if (args->daemonize) {
        status = go_to_background(args, config);
    }
    if (status == EXIT_DONE) {
        status = run(&runner, args, config);
    }
    g_free(runner.config);
    return status;
}
