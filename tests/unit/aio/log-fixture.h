/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A context that the thread of the test runs, and a log of its callbacks. */
#ifndef QOM_TESTS_LOG_FIXTURE_H
#define QOM_TESTS_LOG_FIXTURE_H

#include "aio/aio.h"
#include "qapi/error.h"

typedef struct Fixture {
    AioContext *ctx;
    GString *log;
} Fixture;

static inline void set_up(Fixture *f, const void *data)
{
    f->ctx = aio_context_new(&error_abort);
    aio_set_current_context(f->ctx);
    f->log = g_string_new(NULL);
}

static inline void tear_down(Fixture *f, const void *data)
{
    aio_set_current_context(aio_get_main_context());
    aio_context_unref(f->ctx);
    g_string_free(f->log, TRUE);
}

/* assert_log: compares the log with @text and empties it */
static inline void assert_log(Fixture *f, const char *text)
{
    g_assert_cmpstr(f->log->str, ==, text);
    g_string_truncate(f->log, 0);
}

#endif
