/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qom run: objects, QMP servers, and the main loop until someone says stop.
 *
 * A signal's handler only sets an event notifier, which the loop watches; it
 * is in place before the first object is made, so a signal that comes early
 * ends the loop in its first round.  Everything is undone in the reverse
 * order: servers, objects, newest first, then the notifier.
 */
#include "aio/aio.h"
#include "qmp/qmp-server.h"
#include "tools/actions.h"
#include "tools/objects.h"
#include "tools/output.h"
#include "util/event-notifier.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

typedef struct Runner {
    EventNotifier stop; /* set by signals */
    bool stopping;
    AioContext *ctx;
    GPtrArray *servers; /* owned QmpServer, in the order of -qmp */
} Runner;

static const int stop_signals[] = { SIGINT, SIGTERM, SIGHUP };

/* For the handler of signals alone. */
static Runner *signalled;

static void handle_signal(int number)
{
    int saved_errno = errno;

    event_notifier_set(&signalled->stop);
    errno = saved_errno;
}

static void stop_notified(EventNotifier *stop)
{
    event_notifier_test_and_clear(stop);
    container_of(stop, Runner, stop)->stopping = true;
}

static void stop_requested(void *opaque)
{
    ((Runner *)opaque)->stopping = true;
}

/*
 * A shell starts what runs in the background with SIGINT ignored, so that is
 * caught all the same; SIGHUP is ignored when somebody said nohup.
 */
static void catch_signal(int number)
{
    struct sigaction action = { .sa_handler = handle_signal,
                                .sa_flags = SA_RESTART };
    struct sigaction old;
    sigset_t set;

    sigaction(number, NULL, &old);
    if (number == SIGHUP && old.sa_handler == SIG_IGN) {
        return;
    }
    sigaction(number, &action, NULL);
    sigemptyset(&set);
    sigaddset(&set, number);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

/* Objects may need a few descriptors each, so have as many as there may be. */
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
    ret = event_notifier_init(&runner->stop, false);
    if (ret < 0) {
        error_setg_errno(errp, -ret, "cannot make an event notifier");
        return false;
    }
    runner->stopping = false;
    runner->ctx = aio_get_main_context();
    runner->servers = g_ptr_array_new();
    aio_set_event_notifier(runner->ctx, &runner->stop, stop_notified, NULL,
                           NULL);
    qmp_set_shutdown_handler(stop_requested, runner);
    signalled = runner;
    for (guint i = 0; i < G_N_ELEMENTS(stop_signals); i++) {
        catch_signal(stop_signals[i]);
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
    for (guint i = 0; i < G_N_ELEMENTS(stop_signals); i++) {
        signal(stop_signals[i], SIG_IGN);
    }
    qmp_set_shutdown_handler(NULL, NULL);
    aio_set_event_notifier(runner->ctx, &runner->stop, NULL, NULL, NULL);
    event_notifier_cleanup(&runner->stop);
}

static int open_servers(Runner *runner, const GPtrArray *addresses)
{
    for (guint i = 0; addresses && i < addresses->len; i++) {
        Error *err = NULL;
        QmpServer *server = qmp_server_new(runner->ctx, addresses->pdata[i],
                                           &err);

        if (!server) {
            g_autofree char *what = g_strdup_printf(
                "-qmp %s", (char *)addresses->pdata[i]);

            output_error(what, err);
            return EXIT_FAILED;
        }
        g_ptr_array_add(runner->servers, server);
    }
    return EXIT_DONE;
}

int action_run(void *opaque)
{
    const Args *args = opaque;
    Error *err = NULL;
    Runner runner;
    int status;

    if (!runner_init(&runner, &err)) {
        output_error(NULL, err);
        return EXIT_FAILED;
    }
    status = objects_add(args->objects);
    if (status == EXIT_DONE) {
        status = open_servers(&runner, args->qmp);
    }
    while (status == EXIT_DONE && !runner.stopping) {
        aio_poll(runner.ctx, true);
    }
    runner_cleanup(&runner);
    return status;
}
