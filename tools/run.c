/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qom run: a service that has nothing but what its options ask for.
 */
#include "service/service.h"
#include "tools/output.h"
#include "tools/verb-functions.h"

static void report(const Error *err, void *opaque)
{
    output_error(NULL, error_copy(err));
}

int action_run(void *opaque)
{
    static const ServiceHooks hooks = { .report = report };
    ServiceOptions *options = &((Args *)opaque)->service;
    g_autofree char *help = NULL;
    Error *err = NULL;

    /* Plugins provide types, of which help may be asked for. */
    if (!service_load(options, &err)) {
        output_error(NULL, err);
        return EXIT_FAILED;
    }
    help = service_get_help(options);
    if (help) {
        return output_foreign_text(help);
    }
    switch (service_run(options, &hooks, &err)) {
    case SERVICE_STOPPED:
        return EXIT_DONE;
    case SERVICE_MISUSED:
        return tool_usage_error("run", err);
    default:
        output_error(NULL, err);
        return EXIT_FAILED;
    }
}
