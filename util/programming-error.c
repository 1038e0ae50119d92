/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Aborts with a message; no state of the library is touched. */
#include "util/programming-error.h"

#include <stdio.h>
#include <stdlib.h>

/* One write, so that the messages of two threads do not mix. */
void programming_error_at(const char *file, int line, const char *func,
                          const char *format, ...)
{
    g_autofree char *message = NULL;
    va_list args;

    va_start(args, format);
    message = g_strdup_vprintf(format, args);
    va_end(args);
    fprintf(stderr, "%s:%d:%s: programming error: %s\n", file, line, func,
            message);
    fflush(stderr);
    abort();
}
