/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Drives of all kinds: what their common part promises, and drives in memory.
 */
#include "qom/object-property.h"
#include "qom/user-creatable.h"
#include "tests/unit/plugins/block-test.h"
#include "tests/unit/test-loop.h"
#include "tests/unit/test-util.h"
#include "util/module.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

/* ---- Checks of requests ---- */

static void test_beyond_the_end(void)
{
    Drive d;
    char buf[16] = "";
    BlockExtent extent;

    drive_open(&d, "block-memory,id=d,size=1000");
    g_assert_cmpint(drive_read(&d, 990, buf, 10), ==, 0);
    g_assert_cmpint(drive_read(&d, 990, buf, 11), ==, -EINVAL);
    g_assert_cmpint(drive_write(&d, 990, buf, 11, 0), ==, -ENOSPC);
    g_assert_cmpint(drive_write_zeroes(&d, 0, 1001, 0), ==, -ENOSPC);
    g_assert_cmpint(drive_discard(&d, INT64_MAX, 1), ==, -EINVAL);
    g_assert_cmpint(drive_discard(&d, 1, INT64_MAX), ==, -EINVAL);
    g_assert_cmpint(drive_status(&d, 999, 2, &extent, 1), ==, -EINVAL);
    g_assert_cmpint(drive_read(&d, -1, buf, 1), ==, -EINVAL);
    g_assert_cmpuint(drive_get_stat(&d, "read.failed"), ==, 2);
    g_assert_cmpuint(drive_get_stat(&d, "read.requests"), ==, 3);
    g_assert_cmpuint(drive_get_stat(&d, "read.bytes"), ==, 10);
    drive_close(&d);
}

static void test_nothing(void)
{
    Drive d;
    BlockExtent extent;

    drive_open(&d, "block-memory,id=d,size=1000");
    g_assert_cmpint(drive_read(&d, 1000, NULL, 0), ==, 0);
    g_assert_cmpint(drive_write(&d, 1000, NULL, 0, BLOCK_FUA), ==, 0);
    g_assert_cmpint(drive_discard(&d, 0, 0), ==, 0);
    g_assert_cmpint(drive_status(&d, 0, 0, &extent, 1), ==, -EINVAL);
    drive_close(&d);
}

static void test_flags(void)
{
    Drive d;
    char buf[16] = "";

    drive_open(&d, "block-memory,id=d,size=1000");
    g_assert_cmpint(drive_write(&d, 0, buf, 16, BLOCK_FAST), ==, -EINVAL);
    g_assert_cmpint(drive_write_zeroes(&d, 0, 16, BLOCK_FAST), ==, 0);
    g_assert_cmpint(drive_write_zeroes(&d, 0, 16, 1u << 31), ==, -EINVAL);
    drive_close(&d);
}

static void test_read_only(void)
{
    Drive d;
    char buf[16] = "";

    drive_open(&d, "block-memory,id=d,size=1000,read-only=on");
    g_assert_true(block_backend_get_info(d.backend)->is_read_only);
    g_assert_cmpint(drive_read(&d, 0, buf, 16), ==, 0);
    g_assert_cmpint(drive_flush(&d), ==, 0);
    g_assert_cmpint(drive_write(&d, 0, buf, 16, 0), ==, -EPERM);
    g_assert_cmpint(drive_discard(&d, 0, 16), ==, -EPERM);
    g_assert_cmpint(drive_write_zeroes(&d, 0, 16, 0), ==, -EPERM);
    drive_close(&d);
}

/* ---- Channels ---- */

static void test_channel_is_shared(void)
{
    Drive d;
    BlockChannel *second;

    drive_open(&d, "block-null,id=d");
    second = block_channel_get(d.backend, &error_abort);
    g_assert_true(second == d.channel);
    g_assert_cmpuint(drive_get_stat(&d, "loops"), ==, 1);
    block_channel_put(second);
    g_assert_cmpuint(drive_get_stat(&d, "loops"), ==, 1);
    drive_close(&d);
}

static void test_statistics_survive_the_channel(void)
{
    Drive d;
    char buf[16];

    drive_open(&d, "block-null,id=d");
    g_assert_cmpint(drive_read(&d, 0, buf, 16), ==, 0);
    block_channel_put(d.channel);
    g_assert_cmpuint(drive_get_stat(&d, "loops"), ==, 0);
    g_assert_cmpuint(drive_get_stat(&d, "read.requests"), ==, 1);
    d.channel = block_channel_get(d.backend, &error_abort);
    g_assert_cmpuint(drive_get_stat(&d, "read.bytes"), ==, 16);
    drive_close(&d);
}

static void test_drive_outlives_its_object(void)
{
    Drive d;
    char buf[4] = "abc";

    drive_open(&d, "block-memory,id=d,size=1000");
    g_assert_cmpint(drive_write(&d, 0, buf, 4, 0), ==, 0);
    g_assert_true(user_creatable_del("d", &error_abort));
    memset(buf, 0, sizeof(buf));
    g_assert_cmpint(drive_read(&d, 0, buf, 4), ==, 0);
    g_assert_cmpstr(buf, ==, "abc");
    drive_close(&d);
}

/* ---- Drives in memory ---- */

static uint64_t get_allocated(Drive *d)
{
    return object_property_get_uint(OBJECT(d->backend), "allocated",
                                    &error_abort);
}

static void test_sparse(void)
{
    Drive d;
    const int64_t size = INT64_MAX;
    char buf[3] = "";
    BlockExtent extents[4];

    drive_open(&d, "block-memory,id=d,size=9223372036854775807");
    g_assert_cmpint(drive_write(&d, size - 2, "x", 2, 0), ==, 0);
    g_assert_cmpint(drive_write(&d, 4095, "yz", 2, 0), ==, 0);
    g_assert_cmpuint(get_allocated(&d), ==, 3 * 4096);
    g_assert_cmpint(drive_read(&d, size - 2, buf, 2), ==, 0);
    g_assert_cmpstr(buf, ==, "x");
    g_assert_cmpint(drive_status(&d, 0, size, extents, 4), ==, 3);
    g_assert_cmpint(extents[0].size_bytes, ==, 8192);
    g_assert_cmpuint(extents[0].state, ==, 0);
    g_assert_cmpuint(extents[1].state, ==,
                     BLOCK_EXTENT_HOLE | BLOCK_EXTENT_ZERO);
    g_assert_cmpint(extents[2].size_bytes, ==, 4095);
    g_assert_cmpint(drive_discard(&d, 0, size), ==, 0);
    g_assert_cmpuint(get_allocated(&d), ==, 0);
    g_assert_cmpint(drive_read(&d, 4095, buf, 2), ==, 0);
    g_assert_cmpint(buf[0], ==, 0);
    drive_close(&d);
}

static void test_no_hole(void)
{
    Drive d;
    BlockExtent extents[2];

    drive_open(&d, "block-memory,id=d,size=64k");
    g_assert_cmpint(drive_write_zeroes(&d, 0, 8192, BLOCK_NO_HOLE), ==, 0);
    g_assert_cmpuint(get_allocated(&d), ==, 8192);
    g_assert_cmpint(drive_status(&d, 0, 16384, extents, 2), ==, 2);
    g_assert_cmpint(extents[0].size_bytes, ==, 8192);
    g_assert_cmpuint(extents[0].state, ==, 0);
    g_assert_cmpint(drive_status(&d, 0, 16384, extents, 1), ==, 1);
    g_assert_cmpint(extents[0].size_bytes, ==, 8192);
    g_assert_cmpint(drive_write_zeroes(&d, 0, 65536, 0), ==, 0);
    g_assert_cmpuint(get_allocated(&d), ==, 0);
    drive_close(&d);
}

static void test_memory_model(void)
{
    Drive d;

    /* Three pieces, the last of which ends in the middle of a page. */
    drive_open(&d, "block-memory,id=d,size=4195537");
    drive_test_model(&d, g_test_slow() ? 100000 : 3000, 1);
    drive_close(&d);
}

/* ---- Several loops ---- */

#define N_LOOPS 4
#define PART_BYTES (1 << 20)

typedef struct Job {
    BlockBackend *backend;
    int64_t offset;
    char pattern;
    atomic_bool is_done;
} Job;

static void coroutine_fn job_run(void *opaque)
{
    Job *job = opaque;
    BlockChannel *channel = block_channel_get(job->backend, &error_abort);
    char buf[3000];
    struct iovec iov = { buf, sizeof(buf) };

    for (int64_t at = 0; at + (int64_t)sizeof(buf) <= PART_BYTES;
         at += sizeof(buf)) {
        memset(buf, job->pattern, sizeof(buf));
        g_assert_cmpint(block_co_write(channel, job->offset + at, &iov, 1, 0),
                        ==, 0);
        memset(buf, 0, sizeof(buf));
        g_assert_cmpint(block_co_read(channel, job->offset + at, &iov, 1),
                        ==, 0);
        for (unsigned i = 0; i < sizeof(buf); i++) {
            g_assert_cmpint(buf[i], ==, job->pattern);
        }
        aio_co_schedule(aio_get_current_context(), coroutine_self());
        coroutine_yield();
    }
    block_channel_put(channel);
    atomic_store(&job->is_done, true);
    aio_notify(aio_get_main_context());
}

/* Ranges of neighbours share a piece, and a page in between. */
static void test_loops(void)
{
    Drive d;
    Loop loops[N_LOOPS];
    Job jobs[N_LOOPS];

    drive_open(&d, "block-memory,id=d,size=8M");
    for (int i = 0; i < N_LOOPS; i++) {
        jobs[i] = (Job) { d.backend, 100 + i * PART_BYTES, 'a' + i, false };
        loop_start(&loops[i]);
        aio_co_schedule(loops[i].ctx, coroutine_create(job_run, &jobs[i]));
    }
    for (int i = 0; i < N_LOOPS; i++) {
        while (!atomic_load(&jobs[i].is_done)) {
            drive_get_stat(&d, "in-flight");
        }
    }
    for (int i = 0; i < N_LOOPS; i++) {
        loop_end(&loops[i]);
        loop_join(&loops[i]);
        aio_context_unref(loops[i].ctx);
    }
    g_assert_cmpuint(drive_get_stat(&d, "loops"), ==, 1);
    g_assert_cmpuint(drive_get_stat(&d, "write.requests"), ==,
                     N_LOOPS * (PART_BYTES / 3000));
    drive_close(&d);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    aio_main_context_init(&error_abort);

    g_test_add_func("/plugins/block/request/beyond-the-end",
                    test_beyond_the_end);
    g_test_add_func("/plugins/block/request/nothing", test_nothing);
    g_test_add_func("/plugins/block/request/flags", test_flags);
    g_test_add_func("/plugins/block/request/read-only", test_read_only);
    g_test_add_func("/plugins/block/channel/shared", test_channel_is_shared);
    g_test_add_func("/plugins/block/channel/statistics",
                    test_statistics_survive_the_channel);
    g_test_add_func("/plugins/block/channel/keeps-the-drive",
                    test_drive_outlives_its_object);
    g_test_add_func("/plugins/block-memory/sparse", test_sparse);
    g_test_add_func("/plugins/block-memory/no-hole", test_no_hole);
    g_test_add_func("/plugins/block-memory/model", test_memory_model);
    g_test_add_func("/plugins/block-memory/loops", test_loops);
    return test_run();
}
