/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Stopping: signals are watched before the first object is created, so an early
 * one ends the loop in its first iteration.  Everything is undone in reverse
 * order: QMP servers, then objects, newest first, then the watches.
 */
#include "service/service.h"

#include "aio/aio.h"
#include "qmp/qmp-server.h"
#include "qom/user-creatable.h"
#include "service/background-internal.h"
#include "service/config-internal.h"
#include "service/log-option-internal.h"
#include "service/log-output.h"
#include "service/manager-internal.h"
#include "service/metrics-server-internal.h"
#include "service/pid-file-internal.h"
#include "service/signal-watch.h"
#include "util/standard-fds.h"

#include <errno.h>
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
    Config *config; /* (nullable) of -config */
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

/* ---- Reloading ---- */

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
    if (!err && service->config && !config_reload(service->config, &err)) {
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
        (service->config || log_output_is_file())) {
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

    return signum == SIGHUP && !service->config &&
           !sigaction(signum, NULL, &action) && action.sa_handler == SIG_IGN;
}

/* The signals stay blocked when nobody watches them any more: one that comes
 * late would end the process before it returns its exit status. */
static void block_signal(int signum)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, signum);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static bool watch_signals(Service *service, Error **errp)
{
    for (size_t i = 0; i < G_N_ELEMENTS(watched_signals); i++) {
        int signum = watched_signals[i];

        if (stays_ignored(service, signum)) {
            continue;
        }
        block_signal(signum);
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

/* ---- Starting ---- */

/* The option wins over the member of the file. */
static bool take_pid_file(Service *service, Error **errp)
{
    const char *path = service->options->pid_file;

    if (!path && service->config) {
        path = service->config->file->pid_file;
    }
    if (path && !pid_file_init(&service->pid_file, path, errp)) {
        error_prepend(errp, "-pidfile: ");
        return false;
    }
    return true;
}

static bool load_plugins(const Service *service, Error **errp)
{
    return service_load(service->options, errp) &&
           (!service->config || config_load_plugins(service->config, errp));
}

/* Creates the objects of the options and then those of the file. */
static bool add_objects(const Service *service, Error **errp)
{
    return log_option_apply(service->options->log, errp) &&
           service_add_objects(service->options, errp) &&
           (!service->config || config_add_objects(service->config, errp));
}

static bool open_server(Service *service, const char *address, Error **errp)
{
    QmpServer *server = qmp_server_new(service->ctx, address, errp);

    if (server) {
        g_ptr_array_add(service->servers, server);
    }
    return server;
}

/* Opens the addresses of the options and then those of the file. */
static bool open_servers(Service *service, Error **errp)
{
    const GPtrArray *option = service->options->qmp;
    const GPtrArray *member = service->config ? service->config->file->qmp
                                              : NULL;

    for (guint i = 0; option && i < option->len; i++) {
        if (!open_server(service, option->pdata[i], errp)) {
            error_prepend(errp, "-qmp %s: ", (char *)option->pdata[i]);
            return false;
        }
    }
    for (guint i = 0; member && i < member->len; i++) {
        if (!open_server(service, member->pdata[i], errp)) {
            config_locate_element(service->config, "qmp", i, errp);
            return false;
        }
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
           open_metrics(service, errp) && open_servers(service, errp);
}

static void stop_requested(void *opaque)
{
    ((Service *)opaque)->stopping = true;
}

/* Shows an error that another thread may have found, and consumes it. */
static void report_bh(void *opaque)
{
    Error *err = opaque;

    if (running && running->hooks->report) {
        running->hooks->report(err, running->hooks->opaque);
    }
    error_free(err);
}

/* An AioClosedFdFunc, called in the thread of the loop, also after the end */
static void on_closed_fd(AioContext *ctx, int fd, const char *handler,
                         void *opaque)
{
    Error *err = NULL;

    error_setg(&err, "file descriptor %d was closed while the handler %s "
               "watches it", fd, handler);
    aio_bh_schedule_oneshot(aio_get_main_context(), report_bh, err);
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
    manager_cleanup();
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
    aio_set_closed_fd_func(on_closed_fd, NULL);
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
static bool check(const Service *service, Error **errp)
{
    if ((!aio_get_main_context() && !aio_main_context_init(errp)) ||
        !load_plugins(service, errp)) {
        return false;
    }
    return config_check(service->config, errp);
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

    if (!standard_fds_open()) {
        error_setg_errno(errp, errno, "cannot open '/dev/null'");
        return SERVICE_FAILED;
    }
    /* Read first, because options may contradict what it contains. */
    if (options->config) {
        service.config = config_new(options->config, errp);
        if (!service.config) {
            return SERVICE_FAILED;
        }
    }
    if (!config_check_options(service.config, options, errp)) {
        status = SERVICE_MISUSED;
    } else if (options->check ? check(&service, errp)
                              : prepare_loop(&service, errp) &&
                                run(&service, errp)) {
        status = SERVICE_STOPPED;
    }
    config_free(service.config);
    return status;
}
