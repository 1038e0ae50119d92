/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A daemon that sends lines back to its clients: its command line, and reports.
 * The coroutine of a report sleeps, and has a thread of the pool write a line,
 * so that a slow disk delays no client.
 *
 *     relay -plugin ./rot13.so -config relay.conf -log info -qmp unix:relay.qmp
 */
#include "qapi-commands-relay.h"
#include "qapi-events-relay.h"
#include "qapi-types-relay.h"

#include "aio/coroutine/coroutine-group.h"
#include "aio/coroutine/coroutine-sleep.h"
#include "aio/thread-pool/thread-pool.h"
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

    CoGroup *group; /* of the coroutine; NULL before complete */
    uint64_t lines; /* of the report that is being written */
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

static int coroutine_fn report_run(void *opaque)
{
    RelayReport *report = opaque;
    const char *id = object_get_canonical_path_component(OBJECT(report));

    while (co_sleep_ns(AIO_CLOCK_REALTIME, report->interval * SCALE_MS) == 0) {
        g_autofree LoopServerStats *sum = qmp_query_relay(NULL);
        int ret;

        report->lines = sum->requests;
        ret = thread_pool_submit_co(write_report, report);
        qapi_event_send_relay_report(id, report->lines,
                                     ret < 0 ? g_strerror(-ret) : NULL);
    }
    return 0;
}

static void report_complete(UserCreatable *uc, Error **errp)
{
    RelayReport *report = RELAY_REPORT(uc);

    report->group = co_group_new();
    co_group_spawn(report->group, NULL, report_run, report);
}

/* The object still has its id, which an event may need. */
static void report_unparent(Object *obj)
{
    RelayReport *report = RELAY_REPORT(obj);

    if (report->group) {
        co_group_cancel(report->group);
        co_group_wait(report->group);
        g_clear_pointer(&report->group, co_group_free);
    }
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
