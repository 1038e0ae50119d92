/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A client that is a string: it takes all that a session sends. */
#ifndef QOM_TESTS_SESSION_OUTPUT_H
#define QOM_TESTS_SESSION_OUTPUT_H

#include "qmp/qmp-session-internal.h"

#include <glib.h>

/* A QmpOutputWrite; @opaque: a GString */
static inline ssize_t append_output(void *opaque, const char *bytes,
                                    size_t n_bytes)
{
    g_string_append_len(opaque, bytes, n_bytes);
    return n_bytes;
}

/* Returns: (transfer full) the output, which the session has sent then */
static inline char *take_session_output(QmpSession *s)
{
    GString *text = g_string_new(NULL);

    qmp_session_send(s, append_output, text);
    return g_string_free(text, FALSE);
}

#endif
