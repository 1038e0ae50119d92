/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Messages that are off, as most are in a program that runs.  The floor is the
 * program without the message.  GLib formats its message before it looks who
 * wants it.
 */
#define G_LOG_DOMAIN "bench"

#include "tests/bench/bench.h"
#include "util/log.h"

#include <glib.h>

LOG_AREA_DEFINE(bench_log, "bench")

/* BENCH_KEEP() is what the program does besides. */
static void ours_off(void *state, uint64_t n)
{
    while (n--) {
        BENCH_KEEP(n);
        log_debug(&bench_log, "request done", log_str("client", "one"),
                  log_int("number", n));
    }
}

/* The program without the message */
static void floor_off(void *state, uint64_t n)
{
    while (n--) {
        BENCH_KEEP(n);
    }
}

static void glib_off(void *state, uint64_t n)
{
    while (n--) {
        BENCH_KEEP(n);
        g_debug("request done client=%s number=%" G_GUINT64_FORMAT, "one", n);
    }
}

static const BenchCase cases[] = {
    {
        .name = "log/off",
        .ours = { .run = ours_off },
        .peers = {
            { .name = "glib", .run = glib_off },
            { .name = "floor", .run = floor_off },
        },
    },
    { NULL },
};

int main(int argc, char **argv)
{
    return bench_main(argc, argv, cases);
}
