/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A daemon that sends lines back to its clients: its command line, and reports.
 * A timer of the main loop begins a report, and a thread of the pool writes it,
 * so that a slow disk delays nobody.
 *
 *     relay -config relay.conf -log info -qmp unix:relay.qmp
 */
#include "qapi-commands-relay.h"
#include "qapi-events-relay.h"
#include "qapi-types-relay.h"

#include "aio/aio-wait.h"
#include "aio/thread-pool/thread-pool.h"
#include "aio/timer.h"
#include "qmp/qmp-server.h"
#include "qom/user-creatable.h"
#include "service/service.h"
#include "util/module.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define TYPE_RELAY_REPORT "relay-report"
OBJECT_DECLARE_SIMPLE_TYPE(RelayReport, RELAY_REPORT)

struct RelayReport {
    Object parent_obj;

    char *path;        /* property */
    uint32_t interval; /* property, in milliseconds */

    AioTimer *timer;
    uint64_t lines; /* of the report that is being written */
    bool is_busy;   /* a thread of the pool writes it */
};

#define QAPI_CLASS_RELAY_REPORT
#include "qapi-classes-relay.h"

/* In a thread of the pool.  Returns: 0 or a negative errno value */
static int write_report(void *opaque)
{
    RelayReport *report = opaque;
    FILE *file = fopen(report->path, "ae");

    if (file) {
        fprintf(file, "%" PRIu64 " lines\n", report->lines);
    }
    return !file || fclose(file) ? -errno : 0;
}

static void set_timer(RelayReport *report)
{
    timer_mod(report->timer,
              clock_get_ms(AIO_CLOCK_REALTIME) + report->interval);
}

static void report_done(void *opaque, int ret)
{
    RelayReport *report = opaque;
    const char *id = object_get_canonical_path_component(OBJECT(report));

    report->is_busy = false;
    qapi_event_send_relay_report(id, report->lines,
                                 ret < 0 ? g_strerror(-ret) : NULL);
    set_timer(report);
    aio_wait_kick();
}

static void on_timer(void *opaque)
{
    RelayReport *report = opaque;
    g_autofree RelayStats *sum = qmp_query_relay(NULL);

    report->lines = sum->lines;
    report->is_busy = true;
    thread_pool_submit_aio(write_report, report, report_done, report);
}

static void report_complete(UserCreatable *uc, Error **errp)
{
    RelayReport *report = RELAY_REPORT(uc);

    report->timer = timer_new_ms(AIO_CLOCK_REALTIME, on_timer, report);
    set_timer(report);
}

/* The object still has its id, which the event has. */
static void report_unparent(Object *obj)
{
    RelayReport *report = RELAY_REPORT(obj);

    AIO_WAIT_WHILE(NULL, report->is_busy);
    g_clear_pointer(&report->timer, timer_free);
}

static void report_class_init(ObjectClass *klass, const void *data)
{
    USER_CREATABLE_CLASS(klass)->complete = report_complete;
    klass->unparent = report_unparent;
    object_class_add_properties(klass, relay_report_properties);
}

static const TypeInfo types[] = {
    { .name = TYPE_RELAY_REPORT, .parent = TYPE_OBJECT,
      .instance_size = sizeof(RelayReport), .class_init = report_class_init,
      .interfaces = (const InterfaceInfo[]) { { TYPE_USER_CREATABLE }, { } } },
};

DEFINE_TYPES(types)

int main(int argc, char **argv)
{
    static const ServiceProgram program = {
        .name = "relay",
        .summary = "send lines back to their senders",
        .description = "Objects of the type relay-listener accept clients, and "
            "send each line back through their filters.  An object of the "
            "type relay-report writes the number of lines to a file.\n",
    };

    qmp_set_program(program.name, 1, 0, 0, NULL);
    return service_main(&program, argv);
}
