/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A conversation with a session: requests in, replies out. */
#ifndef QOM_TESTS_SESSION_TALK_H
#define QOM_TESTS_SESSION_TALK_H

#include "tests/unit/qmp/session-output.h"

#include <string.h>

/* Sends requests.  Returns: (transfer full) the replies to all of them */
static inline char *say(QmpSession *s, const char *text)
{
    qmp_session_feed(s, text, strlen(text));
    while (qmp_session_has_requests(s)) {
        qmp_session_run(s, QMP_IN_BAND, G_USEC_PER_SEC);
    }
    return take_session_output(s);
}

static inline void expect(QmpSession *s, const char *in, const char *out)
{
    g_autofree char *text = say(s, in);

    g_assert_cmpstr(text, ==, out);
}

#endif
