/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Errors, as a caller uses them: create one with a formatted message and free
 * it.  The floor is a structure and a formatted message.
 */
#include "qapi/error.h"
#include "tests/bench/bench.h"

#include <stdio.h>

static void ours_set_free(void *state, uint64_t n)
{
    while (n--) {
        Error *err = NULL;

        error_setg(&err, "Property '%s' must be 0 to %d", "poll-max-ns", 7);
        BENCH_KEEP(err);
        error_free(err);
    }
}

static void glib_set_free(void *state, uint64_t n)
{
    GQuark domain = g_quark_from_static_string("bench");

    while (n--) {
        GError *err = NULL;

        g_set_error(&err, domain, 1, "Property '%s' must be 0 to %d",
                    "poll-max-ns", 7);
        BENCH_KEEP(err);
        g_error_free(err);
    }
}

static void floor_set_free(void *state, uint64_t n)
{
    while (n--) {
        struct {
            char *msg;
            int code;
        } *err = malloc(sizeof(*err));

        err->code = 1;
        if (asprintf(&err->msg, "Property '%s' must be 0 to %d",
                     "poll-max-ns", 7) < 0) {
            g_assert_not_reached();
        }
        BENCH_KEEP(err);
        free(err->msg);
        free(err);
    }
}

static const BenchCase cases[] = {
    {
        .name = "error/set-and-free",
        .ours = { .run = ours_set_free },
        .peers = {
            { .name = "glib", .run = glib_set_free },
            { .name = "floor", .run = floor_set_free },
        },
    },
    { NULL },
};

int main(int argc, char **argv)
{
    return bench_main(argc, argv, cases);
}
