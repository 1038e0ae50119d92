/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * main() of a service that has no options but those of all services.
 *
 * service.c runs the service and prints nothing.  Here are the parts that need
 * stdout and stderr: help, and errors after the name of the program.
 */
#include "service/service.h"
#include "util/module.h"
#include "util/safe-text.h"

#include <stdio.h>

typedef struct Args {
    ServiceOptions service;
    bool help;
} Args;

static const Option options[] = {
    SERVICE_OPTIONS(Args, service),
    { "help", OPTION_FLAG, offsetof(Args, help), NULL, "print this", NULL },
    { NULL },
};

/* A ServiceHooks.report; @opaque is the name of the program. */
static void show_error(const Error *err, void *opaque)
{
    g_autoptr(GString) text = g_string_new(opaque);
    const char *hint = error_get_hint(err);

    g_string_append(text, ": ");
    safe_text_append(text, error_get_pretty(err), "");
    g_string_append_c(text, '\n');
    safe_text_append(text, hint ? hint : "", "\n");
    fputs(text->str, stderr);
}

/* Returns: true; false with @errp set if the usage is wrong */
static bool parse(char **argv, Args *args, Error **errp)
{
    g_autoptr(GPtrArray) rest = g_ptr_array_new();

    if (!options_parse(options, argv + 1, args, rest, errp)) {
        return false;
    }
    if (rest->len) {
        error_setg(errp, "unexpected argument '%s'",
                   (const char *)rest->pdata[0]);
        return false;
    }
    return true;
}

/* Returns: (transfer full) what -help prints */
static char *help_text(const char *name)
{
    GString *text = g_string_new(NULL);

    g_string_printf(text, "usage: %s [OPTION...]\n\n", name);
    options_append_help(options, text);
    return g_string_free(text, false);
}

/* Help of types comes after the plugins, because they provide types. */
static ServiceStatus run(const char *name, Args *args,
                         const ServiceHooks *hooks, Error **errp)
{
    const ServiceHooks default_hooks = {
        .report = show_error, .opaque = (void *)name,
    };
    ServiceOptions left = args->service;
    g_autofree char *help = args->help ? help_text(name) : NULL;

    if (!help && !service_load(&left, errp)) {
        return SERVICE_FAILED;
    }
    left.plugins = NULL; /* they are loaded */
    help = help ? help : service_get_help(&left);
    if (help) {
        fputs(help, stdout);
        return SERVICE_STOPPED;
    }
    /* Errors of a reload do not end the service, and are shown. */
    return service_run(&left, hooks ? hooks : &default_hooks, errp);
}

int service_main(const char *name, char **argv, const ServiceHooks *hooks)
{
    Args args = { };
    Error *err = NULL;
    ServiceStatus status = SERVICE_MISUSED;

    module_call_init(MODULE_INIT_QOM);
    module_call_init(MODULE_INIT_QMP);
    if (parse(argv, &args, &err)) {
        status = run(name, &args, hooks, &err);
    }
    if (err) {
        show_error(err, (void *)name);
        error_free(err);
    }
    options_clear(options, &args);
    return status;
}
