/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/aio/file/file-io-fixture.h"
#include "tests/unit/test-util.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

const Variant variants[] = {
    { "threads", AIO_FILE_ENGINE_THREADS, 0 },
    { "linux-aio", AIO_FILE_ENGINE_LINUX_AIO, 0 },
    { "linux-aio-direct", AIO_FILE_ENGINE_LINUX_AIO, O_DIRECT },
    { "io_uring", AIO_FILE_ENGINE_IO_URING, 0 },
    { "io_uring-direct", AIO_FILE_ENGINE_IO_URING, O_DIRECT },
};
const unsigned n_variants = G_N_ELEMENTS(variants);

void (*fixture_before_test)(void);
int (*fixture_open)(const char *path, int flags);
const char *fixture_skip_reason =
    "no such engine, or no O_DIRECT, on this system";

char pattern_byte(int64_t offset)
{
    return 1 + offset % 251;
}

void assert_pattern(const char *buf, int64_t offset, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        g_assert_cmpint(buf[i], ==, pattern_byte(offset + i));
    }
}

void assert_zeroes(const char *buf, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        g_assert_cmpint(buf[i], ==, 0);
    }
}

static void fixture_make_file(Fixture *f)
{
    int flags = O_RDWR | O_CLOEXEC | f->variant->flags;
    int fd;

    f->path = g_build_filename(g_get_tmp_dir(), "file-io-XXXXXX", NULL);
    fd = g_mkstemp_full(f->path, O_RDWR | O_CLOEXEC, 0600);
    g_assert_cmpint(fd, >=, 0);
    for (int i = 0; i < 2 * BLOCK; i++) {
        f->buf[i] = pattern_byte(i);
    }
    g_assert_cmpint(write(fd, f->buf, 2 * BLOCK), ==, 2 * BLOCK);
    for (int i = 0; i < 4 * BLOCK; i++) {
        f->buf[i] = 0;
    }
    close(fd);
    f->fd = fixture_open ? fixture_open(f->path, flags)
                         : open(f->path, flags);
}

void fixture_set_up(Fixture *f, const void *variant)
{
    if (fixture_before_test) {
        fixture_before_test();
    }
    f->variant = variant ? variant : &variants[0];
    f->ctx = aio_context_new(&error_abort);
    aio_set_current_context(f->ctx);
    f->buf = g_aligned_alloc0(4, BLOCK, BLOCK);
    fixture_make_file(f);
    if (f->fd >= 0) {
        f->file = aio_file_new(f->ctx, f->fd, f->variant->engine, NULL);
    }
    if (!f->file) {
        g_test_skip(fixture_skip_reason);
    }
}

void fixture_tear_down(Fixture *f, const void *variant)
{
    aio_file_free(f->file);
    aio_set_current_context(NULL);
    aio_context_unref(f->ctx);
    if (f->fd >= 0) {
        close(f->fd);
    }
    g_unlink(f->path);
    g_free(f->path);
    g_aligned_free(f->buf);
}

void outcome_cb(void *opaque, int ret)
{
    Outcome *outcome = opaque;

    outcome->called++;
    outcome->ret = ret;
}

int outcome_wait(Fixture *f, Outcome *outcome)
{
    g_assert_cmpuint(outcome->called, ==, 0);
    while (!outcome->called) {
        aio_poll(f->ctx, true);
    }
    g_assert_cmpuint(outcome->called, ==, 1);
    return outcome->ret;
}

int read_wait(Fixture *f, AioFile *file, int64_t offset, void *buf,
              size_t size)
{
    Outcome outcome = { 0 };

    aio_file_read(file, offset, buf, size, outcome_cb, &outcome);
    return outcome_wait(f, &outcome);
}

int write_wait(Fixture *f, AioFile *file, int64_t offset, const void *buf,
               size_t size)
{
    Outcome outcome = { 0 };

    aio_file_write(file, offset, buf, size, outcome_cb, &outcome);
    return outcome_wait(f, &outcome);
}

typedef struct TestOfVariant {
    Variant variant; /* first, as the fixture gets it */
    void (*test)(Fixture *f, const void *data);
} TestOfVariant;

static void run_variant(Fixture *f, const void *data)
{
    const TestOfVariant *row = data;

    if (f->file) {
        row->test(f, data);
    }
}

void add_variants(const char *path, void (*test)(Fixture *f, const void *d))
{
    for (unsigned i = 0; i < n_variants; i++) {
        g_autofree char *full = g_strdup_printf("/aio/file-io/%s/%s",
                                                variants[i].name, path);
        TestOfVariant *row = g_new(TestOfVariant, 1);

        *row = (TestOfVariant) { variants[i], test };
        g_test_add(full, Fixture, g_steal_pointer(&row), fixture_set_up,
                   run_variant, fixture_tear_down);
    }
}
