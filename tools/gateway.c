/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qom gateway: serves any number of clients in front of one monitor.
 *
 * The gateway itself is "qmp/qmp-gateway.h".  The verb runs it as a service
 * without objects.
 *
 * - Log: messages of the area `gateway`, to a place of "service/log-output.h".
 * - Polling: a client and a monitor that take turns would wait for two wake-ups
 *   of the gateway per command.  So the loop polls as an iothread does; it
 *   stops by itself when commands come rarely.
 */
#include "aio/aio.h"
#include "qmp/qmp-gateway.h"
#include "service/log-output.h"
#include "service/service.h"
#include "tools/output.h"
#include "tools/verb-functions.h"
#include "util/log.h"

#include <string.h>

/* What QEMU needs for a small command is about half of it. */
#define POLL_MAX_NS 400000

typedef struct Runner {
    const Args *args;
    int64_t poll_max_ns;
    QmpGateway *gateway; /* (nullable) */
} Runner;

/* ---- Options ---- */

/* @name: (nullable) "stderr", "journal" or a file */
static bool open_log(const char *name, Error **errp)
{
    bool is_file = name && strcmp(name, "stderr") && strcmp(name, "journal");
    g_autofree char *output = g_strconcat(is_file ? "file:" : "", name, NULL);

    if (!name) {
        return true;
    }
    if (!log_set_output(output, errp)) {
        error_prepend(errp, "-log: ");
        return false;
    }
    log_set_level("gateway", LOG_LEVEL_DEBUG);
    return true;
}

/* Sets @ns.  @text: (nullable) the value of -poll-max-ns */
static bool parse_poll_max(const char *text, int64_t *ns, Error **errp)
{
    guint64 value = POLL_MAX_NS;

    if (text && !g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &value,
                                            NULL)) {
        error_setg(errp, "option '-poll-max-ns' needs a number of "
                   "nanoseconds, not '%s'", text);
        return false;
    }
    *ns = value;
    return true;
}

/* Sets @errp if the command line is wrong. */
static bool parse_args(const Args *args, Runner *runner, Error **errp)
{
    if (!args->to || !args->addresses) {
        error_setg(errp, "option '-%s' is needed", args->to ? "qmp" : "to");
        return false;
    }
    return parse_poll_max(args->poll_max_ns, &runner->poll_max_ns, errp);
}

/* ---- The service ---- */

/* A monitor that was passed as a file descriptor cannot come back. */
static void on_lost(void *opaque)
{
    service_stop();
}

/* Connects before it listens: clients need the greeting of the monitor. */
static bool start(void *opaque, Error **errp)
{
    Runner *runner = opaque;
    const Args *args = runner->args;
    const QmpGatewayOptions options = { .monitor = args->to, .lost = on_lost };
    AioContext *ctx = aio_get_main_context();

    aio_context_set_poll_params(ctx, runner->poll_max_ns, 0, 0, &error_abort);
    runner->gateway = qmp_gateway_new(ctx, &options, errp);
    for (guint i = 0; runner->gateway && i < args->addresses->len; i++) {
        if (!qmp_gateway_listen(runner->gateway, args->addresses->pdata[i],
                                errp)) {
            g_clear_pointer(&runner->gateway, qmp_gateway_free);
        }
    }
    return runner->gateway != NULL;
}

/* Commands that are in flight end here, and are logged. */
static void stop(void *opaque)
{
    Runner *runner = opaque;

    g_clear_pointer(&runner->gateway, qmp_gateway_free);
}

int action_gateway(void *opaque)
{
    Args *args = opaque;
    Runner runner = { .args = args };
    const ServiceHooks hooks = {
        .start = start, .stop = stop, .opaque = &runner,
    };
    ServiceStatus status = SERVICE_FAILED;
    Error *err = NULL;

    if (!parse_args(args, &runner, &err)) {
        return tool_usage_error("gateway", err);
    }
    /* Before the process changes its folder to be a daemon. */
    if (open_log(args->log, &err)) {
        status = service_run(&args->service, &hooks, &err);
    }
    log_set_output("none", &error_abort);
    if (status == SERVICE_STOPPED) {
        return EXIT_DONE;
    }
    output_error(NULL, err);
    return EXIT_FAILED;
}
