/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qom: make objects, look at them and run them from the command line.
 */
#include "aio/aio.h"
#include "tools/output.h"
#include "tools/verbs.h"
#include "util/module.h"

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
