/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Stopping: signals are watched before the first object is created, so an early
 * one ends the loop in its first iteration.  Everything is undone in reverse
 * order: QMP servers, then objects, newest first, then the watches.
 *
 * Configuration: with -config the objects are those of the options and those of
 * the file.  The first never change; they are kept as `base`.  At SIGHUP the
 * file is read again, and both lists are applied as one change.  If that fails,
 * all objects are as before.
 */
#include "service/service.h"

#include "aio/aio.h"
#include "qmp/qmp-server.h"
#include "qom/object-apply.h"
#include "qom/object.h"
#include "qom/user-creatable.h"
#include "service/background-internal.h"
#include "service/config-file.h"
#include "service/log-option-internal.h"
#include "service/log-output.h"
#include "service/manager-internal.h"
#include "service/metrics-server-internal.h"
#include "service/pid-file-internal.h"
#include "service/signal-watch.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static const int watched_signals[] = { SIGINT, SIGTERM, SIGHUP };

typedef struct Service {
    ServiceOptions *options;
    const ServiceHooks *hooks; /* never NULL */
    AioContext *ctx;
    SignalWatch *watches[G_N_ELEMENTS(watched_signals)];
    GPtrArray *servers; /* owned QmpServer, in the order of the options */
    MetricsServer *metrics; /* (nullable) */
    ConfigFile *config; /* (nullable) as it was read at the start */
    char *config_path;  /* (nullable) absolute, which a later chdir() keeps */
    JsonNode *base;     /* (nullable) the objects of the options */
    PidFile pid_file;
    bool started;       /* the hook `start` has succeeded */
    bool reloading;     /* SIGHUP has arrived */
    bool stopping;
} Service;

/* The one that runs; for service_stop(), which has no argument. */
static Service *running;

void service_stop(void)
{
    if (running) {
        running->stopping = true;
        aio_notify(running->ctx);
    }
}

/* ---- The configuration ---- */

/*
 * Returns (transfer full) the objects of the file and then those of the
 * options.  In this order the index in an error is the index in the file.
 */
static JsonArray *all_objects(const Service *service, const ConfigFile *config)
{
    JsonArray *all = json_array_new();
    JsonArray *lists[] = {
        config->objects,
        service->base ? json_node_get_array(service->base) : NULL,
    };

    for (size_t l = 0; l < G_N_ELEMENTS(lists) && lists[l]; l++) {
        for (guint i = 0; i < json_array_get_length(lists[l]); i++) {
            json_array_add_element(
                all, json_node_ref(json_array_get_element(lists[l], i)));
        }
    }
    return all;
}

/* Makes the objects those of the file and of the options. */
static bool apply_config(const Service *service, const ConfigFile *config,
                         bool dry_run, Error **errp)
{
    g_autoptr(JsonArray) objects = all_objects(service, config);
    g_autoptr(JsonNode) plan = object_apply(objects, dry_run, NULL, errp);

    if (!plan) {
        config_file_locate(config, errp);
    }
    return plan;
}

/* Reads the file again and applies it; on failure all objects are as before. */
static bool reload_config(const Service *service, Error **errp)
{
    g_autoptr(ConfigFile) config = NULL;

    if (!strcmp(service->config_path, "-")) {
        error_setg(errp, "standard input cannot be read again");
        return false;
    }
    config = config_file_load(service->config_path, errp);
    return config && apply_config(service, config, false, errp);
}

/*
 * Handles SIGHUP.  The service stays ready also if something fails.  The
 * manager is notified before the error is shown, because writing to stderr may
 * block.
 */
static void reload(const Service *service)
{
    g_autofree char *status = NULL;
    Error *err = NULL;

    manager_reloading();
    log_reopen(&err);
    if (!err && service->config_path && !reload_config(service, &err)) {
        status = g_strdup(error_get_pretty(err));
        error_prepend(&err, "-config: ");
    }
    manager_ready(status ? status : err ? error_get_pretty(err) : "");
    if (err && service->hooks->report) {
        service->hooks->report(err, service->hooks->opaque);
    }
    error_free(err);
}

/* ---- Signals ---- */

/*
 * Without a file that could be read again, SIGHUP ends the service.  A hook may
 * be waiting in an inner iteration of the loop, so the file is read when the
 * outermost iteration has ended: its objects may change then.
 */
static void on_signal(const SignalInfo *info, void *opaque)
{
    Service *service = opaque;

    if (info->signum == SIGHUP &&
        (service->config_path || log_output_is_file())) {
        service->reloading = true;
    } else {
        service->stopping = true;
    }
}

/*
 * nohup(1) ignores SIGHUP on the user's request; only with -config it means
 * something else.  SIGINT is watched also if it is ignored, because a shell
 * starts every background process like that.
 */
static bool stays_ignored(const Service *service, int signum)
{
    struct sigaction action;

    return signum == SIGHUP && !service->config_path &&
           !sigaction(signum, NULL, &action) && action.sa_handler == SIG_IGN;
}

static bool watch_signals(Service *service, Error **errp)
{
    for (size_t i = 0; i < G_N_ELEMENTS(watched_signals); i++) {
        int signum = watched_signals[i];

        if (stays_ignored(service, signum)) {
            continue;
        }
        service->watches[i] = signal_watch_new(service->ctx, signum, on_signal,
                                               service, errp);
        if (!service->watches[i]) {
            return false;
        }
    }
    return true;
}

/* The kernel sends the signal only if the parent ends after the call. */
static bool follow_parent(const Service *service, Error **errp)
{
    pid_t parent = getppid();

    if (!service->options->exit_with_parent) {
        return true;
    }
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0) {
        error_setg_errno(errp, errno, "-exit-with-parent");
        return false;
    }
    if (getppid() != parent) {
        error_setg(errp, "-exit-with-parent: the parent has ended");
        return false;
    }
    return true;
}

/* ---- Options ---- */

static bool serves_stdio(const GPtrArray *addresses)
{
    for (guint i = 0; addresses && i < addresses->len; i++) {
        if (g_str_has_prefix(addresses->pdata[i], "stdio")) {
            return true;
        }
    }
    return false;
}

/* Options that exclude each other */
static bool check_options(const Service *service, Error **errp)
{
    const ServiceOptions *options = service->options;

    if (options->check && !options->config) {
        error_setg(errp, "-check needs -config");
        return false;
    }
    if (options->check && options->objects) {
        error_setg(errp, "-check checks the file of -config alone; leave out "
                   "-object");
        return false;
    }
    if (options->daemonize &&
        (serves_stdio(options->qmp) ||
         (service->config && serves_stdio(service->config->qmp)))) {
        error_setg(errp, "-daemonize and QMP on stdio exclude each other");
        return false;
    }
    return true;
}

/* Read before the process goes to the background, where names may differ. */
static bool load_config(Service *service, Error **errp)
{
    const char *name = service->options->config;

    if (!name) {
        return true;
    }
    service->config = config_file_load(name, errp);
    if (!service->config) {
        error_prepend(errp, "-config: ");
        return false;
    }
    service->config_path = strcmp(name, "-")
        ? g_canonicalize_filename(name, NULL) : g_strdup(name);
    return true;
}

/* ---- Starting ---- */

/* The option wins over the member of the file. */
static bool take_pid_file(Service *service, Error **errp)
{
    const char *path = service->options->pid_file;

    if (!path && service->config) {
        path = service->config->pid_file;
    }
    if (path && !pid_file_init(&service->pid_file, path, errp)) {
        error_prepend(errp, "-pidfile: ");
        return false;
    }
    return true;
}

static bool load_plugins(const Service *service, Error **errp)
{
    ServiceOptions of_file = {
        .plugins = service->config ? service->config->plugins : NULL,
    };

    return service_load(service->options, errp) && service_load(&of_file, errp);
}

/* Creates the objects of the options and then those of the file. */
static bool add_objects(Service *service, Error **errp)
{
    if (!log_option_apply(service->options->log, errp) ||
        !service_add_objects(service->options, errp)) {
        return false;
    }
    if (!service->config) {
        return true;
    }
    /* The objects of the options are part of every later reload. */
    service->base = object_snapshot();
    if (!apply_config(service, service->config, false, errp)) {
        error_prepend(errp, "-config: ");
        return false;
    }
    return true;
}

/* Creates a server per address; @what is the option or member they are from. */
static bool open_servers(Service *service, const char *what,
                         const GPtrArray *addresses, Error **errp)
{
    for (guint i = 0; addresses && i < addresses->len; i++) {
        const char *address = addresses->pdata[i];
        QmpServer *server = qmp_server_new(service->ctx, address, errp);

        if (!server) {
            error_prepend(errp, "%s %s: ", what, address);
            return false;
        }
        g_ptr_array_add(service->servers, server);
    }
    return true;
}

/* Opened before QMP, so that a client of QMP finds both. */
static bool open_metrics(Service *service, Error **errp)
{
    const char *address = service->options->metrics;

    if (!address) {
        return true;
    }
    service->metrics = metrics_server_new(service->ctx, address, errp);
    if (!service->metrics) {
        error_prepend(errp, "-metrics %s: ", address);
    }
    return service->metrics;
}

/* The hook finds all objects; clients cannot connect yet. */
static bool call_start(Service *service, Error **errp)
{
    service->started = !service->hooks->start ||
                       service->hooks->start(service->hooks->opaque, errp);
    return service->started;
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

/*
 * Does everything before the loop.  The pid file is first, so a second process
 * fails before it touches anything; servers are last, so that clients find all
 * objects.
 */
static bool start(Service *service, Error **errp)
{
    raise_file_limit();
    return watch_signals(service, errp) && follow_parent(service, errp) &&
           take_pid_file(service, errp) && load_plugins(service, errp) &&
           add_objects(service, errp) && call_start(service, errp) &&
           open_metrics(service, errp) &&
           open_servers(service, "-qmp", service->options->qmp, errp) &&
           (!service->config ||
            open_servers(service, "-config: qmp", service->config->qmp, errp));
}

static void stop_requested(void *opaque)
{
    ((Service *)opaque)->stopping = true;
}

/* An iteration of the loop, and what a signal in it has asked for */
static void iterate(Service *service)
{
    aio_poll(service->ctx, true);
    if (service->reloading && !service->stopping) {
        service->reloading = false;
        reload(service);
    }
}

static void run_loop(Service *service)
{
    /* wait=on: a client may change what is to be run. */
    while (!service->stopping && qmp_server_is_awaited()) {
        iterate(service);
    }
    manager_ready(NULL);
    manager_watch(service->ctx);
    background_ready();
    while (!service->stopping) {
        iterate(service);
    }
    manager_unwatch();
    manager_stopping();
}

/* A signal that arrives now is dropped: the service is stopping already. */
static void undo(Service *service)
{
    while (service->servers->len) {
        qmp_server_free(g_ptr_array_steal_index(service->servers,
                                                service->servers->len - 1));
    }
    metrics_server_free(service->metrics);
    if (service->started && service->hooks->stop) {
        service->hooks->stop(service->hooks->opaque);
    }
    /* What ends is logged, also after the object `log` has been deleted. */
    log_object_keep(true);
    user_creatable_cleanup();
    log_object_keep(false);
    for (size_t i = 0; i < G_N_ELEMENTS(watched_signals); i++) {
        signal_watch_free(service->watches[i]);
    }
    g_clear_pointer(&service->base, json_node_unref);
    pid_file_cleanup(&service->pid_file);
}

/* Runs a service whose options are checked and whose file is loaded. */
static bool run(Service *service, Error **errp)
{
    bool ok;

    service->ctx = aio_get_main_context();
    service->servers = g_ptr_array_new();
    running = service;
    qmp_set_shutdown_handler(stop_requested, service);
    ok = start(service, errp);
    if (ok) {
        run_loop(service);
    }
    undo(service);
    qmp_set_shutdown_handler(NULL, NULL);
    running = NULL;
    g_ptr_array_unref(service->servers);
    return ok;
}

/*
 * -check: plugins are loaded, because the file may use their types.  Objects
 * that are not completed are deleted again, and may wait in the main loop then.
 */
static bool check_config(Service *service, Error **errp)
{
    if ((!aio_get_main_context() && !aio_main_context_init(errp)) ||
        !load_plugins(service, errp)) {
        return false;
    }
    object_get_objects_root();
    if (!apply_config(service, service->config, true, errp)) {
        error_prepend(errp, "-config: ");
        return false;
    }
    return true;
}

/* A main loop does not survive fork(), so it is created afterwards. */
static bool prepare_loop(const Service *service, Error **errp)
{
    if (service->options->daemonize && !background_enter(errp)) {
        error_prepend(errp, "-daemonize: ");
        return false;
    }
    return (aio_get_main_context() && !service->options->daemonize) ||
           aio_main_context_init(errp);
}

ServiceStatus service_run(ServiceOptions *options,
                          const ServiceHooks *hooks, Error **errp)
{
    static const ServiceHooks no_hooks;
    Service service = {
        .options = options, .hooks = hooks ? hooks : &no_hooks,
    };
    ServiceStatus status = SERVICE_FAILED;

    if (load_config(&service, errp)) {
        if (!check_options(&service, errp)) {
            status = SERVICE_MISUSED;
        } else if (options->check ? check_config(&service, errp)
                                  : prepare_loop(&service, errp) &&
                                    run(&service, errp)) {
            status = SERVICE_STOPPED;
        }
    }
    g_clear_pointer(&service.config, config_file_free);
    g_free(service.config_path);
    return status;
}
