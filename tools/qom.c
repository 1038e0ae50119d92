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
    return tool_main(&qom_tool, argc ? argv + 1 : argv);
}
