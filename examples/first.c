/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* README.md shows this program; a test compares the two. */
#include "qom/object.h"

#include <stdio.h>

int main(void)
{
    g_autofree char *text = NULL;
    Object *io;

    module_call_init(MODULE_INIT_QOM);
    io = object_new_with_props("iothread", object_get_objects_root(), "io0",
                               &error_fatal, "poll-max-ns", "4096", NULL);
    object_property_set_int(io, "poll-max-ns", 8192, &error_fatal);
    text = object_property_print(io, "poll-max-ns", false, &error_fatal);
    printf("%s\n", text);
    object_unparent(io); /* stops the thread */
    return 0;
}
