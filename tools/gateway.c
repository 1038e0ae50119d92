/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qom gateway: serves any number of clients in front of one monitor.
 *
 * The gateway itself is "qmp/qmp-gateway.h".  The verb runs it as a service,
 * without objects, and writes a line for each command.
 *
 * Log: a line is written at once with one system call, so that several
 * processes can share a file.  What a client has sent is quoted unless it is a
 * plain word, so a client cannot write lines of its own.
 */
#include "aio/aio.h"
#include "qapi/json/json.h"
#include "qmp/qmp-gateway.h"
#include "service/service.h"
#include "tools/output.h"
#include "tools/verb-functions.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

typedef struct Runner {
    const Args *args;
    QmpGateway *gateway; /* (nullable) */
    int log_fd;          /* -1: no log */
} Runner;

/* ---- The log ---- */

/* Appends a text, as a JSON string if it is not a plain word. */
static void append_word(GString *line, const char *text)
{
    g_autoptr(JsonNode) node = NULL;

    if (*text && !text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789"
                                    "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.:/,=*")]) {
        g_string_append(line, text);
        return;
    }
    node = json_text_new(text);
    json_write(line, node, false);
}

/* ISO 8601 in UTC, with microseconds. */
static void append_time(GString *line)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *text = g_date_time_format(now, "%Y-%m-%dT%H:%M:%S");

    g_string_append_printf(line, "%s.%06dZ", text,
                           g_date_time_get_microsecond(now));
}

/* Called for each command; the line has the order of docs/gateway.md. */
static void write_record(const QmpGatewayRecord *record, void *opaque)
{
    const Runner *runner = opaque;
    g_autoptr(GString) line = g_string_sized_new(200);
    ssize_t ret;

    append_time(line);
    g_string_append_printf(line, " client=%" PRIu64, record->client);
    if (record->has_peer) {
        g_string_append_printf(line, " uid=%u pid=%d", record->uid,
                               record->pid);
    }
    g_string_append(line, " listener=");
    append_word(line, record->listener);
    g_string_append(line, record->oob ? " exec-oob=" : " execute=");
    append_word(line, record->command);
    g_string_append_printf(line, " outcome=%s us=%" PRId64 "\n",
                           record->outcome, record->duration_us);
    ret = write(runner->log_fd, line->str, line->len);
    (void)ret; /* a full disk must not stop the gateway */
}

/* Sets log_fd; @name is a file or "stderr". */
static bool open_log(Runner *runner, const char *name, Error **errp)
{
    if (!name) {
        return true;
    }
    runner->log_fd = strcmp(name, "stderr")
                         ? open(name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC,
                                0640)
                         : fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
    if (runner->log_fd < 0) {
        error_setg_file_open(errp, errno, name);
        return false;
    }
    return true;
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
    const QmpGatewayOptions options = {
        .monitor = args->to,
        .log = args->log ? write_record : NULL,
        .lost = on_lost,
        .opaque = runner,
    };

    runner->gateway = qmp_gateway_new(aio_get_main_context(), &options, errp);
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
    const Args *args = opaque;
    Runner runner = { .args = args, .log_fd = -1 };
    const ServiceHooks hooks = {
        .start = start, .stop = stop, .opaque = &runner,
    };
    ServiceStatus status = SERVICE_FAILED;
    Error *err = NULL;

    if (!args->to || !args->addresses) {
        error_setg(&err, "option '-%s' is needed", args->to ? "qmp" : "to");
        return tool_usage_error("gateway", err);
    }
    /* Before the process changes its folder to be a daemon. */
    if (open_log(&runner, args->log, &err)) {
        status = service_run(&args->service, &hooks, &err);
    }
    if (runner.log_fd >= 0) {
        close(runner.log_fd);
    }
    if (status == SERVICE_STOPPED) {
        return EXIT_DONE;
    }
    output_error(NULL, err);
    return EXIT_FAILED;
}
