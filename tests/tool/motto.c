/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The daemon of the test `daemon`: it has options of its own. */
#include "service/service.h"

#include <stdio.h>

typedef struct Args {
    ServiceOptions service;
    const char *motto;
    const char *book;
    bool loud;
} Args;

static const Option options[] = {
    SERVICE_MAIN_OPTIONS(Args, service),
    { "motto", OPTION_TEXT, offsetof(Args, motto), "TEXT", "what to say",
      NULL },
    { "book", OPTION_TEXT, offsetof(Args, book), "FILE",
      "where mottos\nare written - \\fB.so", NULL },
    { "loud", OPTION_FLAG, offsetof(Args, loud), NULL, "say it loudly", NULL },
    { NULL },
};

static bool start(void *opaque, Error **errp)
{
    const Args *args = opaque;

    if (!args->motto) {
        error_setg(errp, "there is no motto");
        return false;
    }
    printf("%s%s\n", args->motto, args->loud ? "!" : "");
    service_stop();
    return true;
}

int main(int argc, char **argv)
{
    static Args args;
    static const ServiceHooks hooks = { .start = start, .opaque = &args };
    static const ServiceProgram program = {
        .name = "motto",
        .summary = "say something",
        .description = "It says it once.\n\n    motto -motto x\n",
        .options = options,
        .values = &args.service,
        .hooks = &hooks,
    };

    return service_main(&program, argv);
}
