/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qom: creates objects from the command line, runs, prints and changes them.
 *
 * main() registers types and commands, creates the main loop and leaves the
 * rest to the table of verbs in verbs.c.
 */
#include "aio/aio.h"
#include "tools/output.h"
#include "tools/verbs.h"
#include "util/module.h"

/* Reports a handler that an object forgot to remove before it closed its fd. */
static void on_closed_fd(AioContext *ctx, int fd, const char *handler,
                         void *opaque)
{
    Error *err = NULL;

    error_setg(&err, "file descriptor %d was closed while the handler %s "
               "watches it", fd, handler);
    output_error(NULL, err);
}

int main(int argc, char **argv)
{
    Error *err = NULL;

    output_init("qom");
    module_call_init(MODULE_INIT_QOM);
    module_call_init(MODULE_INIT_QMP);
    if (!aio_main_context_init(&err)) {
        output_error(NULL, err);
        return EXIT_FAILED;
    }
    aio_set_closed_fd_func(on_closed_fd, NULL);
    return tool_main(&qom_tool, argc ? argv + 1 : argv);
}
