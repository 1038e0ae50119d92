/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Requests for ranges of block devices.
 *
 * The linker wraps fstat() and ioctl(), so that a file pretends to be a device.
 * Each ioctl is recorded, refused, or carried out on the file.
 * test-file-io-loop.c tests a real device.
 */
#include "tests/unit/aio/file/file-io-fixture.h"
#include "tests/unit/test-util.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_WRITE (256 * 1024) /* of zeroes, at once */

/* An ioctl of a device. */
typedef struct Range {
    unsigned long what;
    uint64_t offset;
    uint64_t size;
} Range;

/* Set while no thread is in a request. */
static unsigned n_refusals;   /* ranges that are refused */
static int refusal;           /* with this errno */
static bool only_notes;       /* ranges do not change the file */
static unsigned n_whole;      /* writes before one fails */
static int fault;             /* with this errno; -1: writes nothing */
static size_t limit_bytes;    /* of each write; 0: none */

static Range ranges[8];
static unsigned n_ranges;
static unsigned n_writes;

static void no_faults(void)
{
    n_refusals = 0;
    refusal = 0;
    only_notes = false;
    n_whole = 0;
    fault = 0;
    limit_bytes = 0;
    n_ranges = 0;
    n_writes = 0;
}

/* ---- The kernel ---- */

int __real_fstat64(int fd, struct stat *st);
int __wrap_fstat64(int fd, struct stat *st);
int __real_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);
ssize_t __real_pwrite64(int fd, const void *buf, size_t size, off_t at);
ssize_t __wrap_pwrite64(int fd, const void *buf, size_t size, off_t at);

int __wrap_fstat64(int fd, struct stat *st)
{
    int ret = __real_fstat64(fd, st);

    if (!ret && S_ISREG(st->st_mode)) {
        st->st_mode = S_IFBLK | (st->st_mode & ~S_IFMT);
    }
    return ret;
}

static int take_range(int fd, unsigned long what, const uint64_t range[2])
{
    int mode = what == BLKDISCARD ? FALLOC_FL_PUNCH_HOLE : FALLOC_FL_ZERO_RANGE;

    g_assert_cmpuint(n_ranges, <, G_N_ELEMENTS(ranges));
    ranges[n_ranges++] = (Range) { what, range[0], range[1] };
    if (n_refusals > 0) {
        n_refusals--;
        errno = refusal;
        return -1;
    }
    return only_notes ? 0 : fallocate(fd, mode | FALLOC_FL_KEEP_SIZE,
                                      range[0], range[1]);
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
    va_list ap;
    void *arg;

    va_start(ap, request);
    arg = va_arg(ap, void *);
    va_end(ap);
    if (request == BLKDISCARD || request == BLKZEROOUT) {
        return take_range(fd, request, arg);
    }
    return __real_ioctl(fd, request, arg);
}

static int take_fault(void)
{
    int taken = fault;

    fault = 0;
    errno = taken;
    return taken > 0 ? -1 : 0;
}

ssize_t __wrap_pwrite64(int fd, const void *buf, size_t size, off_t at)
{
    n_writes++;
    if (n_whole > 0) {
        n_whole--;
    } else if (fault) {
        return take_fault();
    }
    return __real_pwrite64(fd, buf, limit_bytes ? MIN(size, limit_bytes) : size,
                           at);
}

/* ---- Helpers ---- */

static int discard_wait(Fixture *f, int64_t offset, int64_t size)
{
    Outcome outcome = { 0 };

    aio_file_discard(f->file, offset, size, outcome_cb, &outcome);
    return outcome_wait(f, &outcome);
}

static int zeroes_wait(Fixture *f, int64_t offset, int64_t size)
{
    Outcome outcome = { 0 };

    aio_file_write_zeroes(f->file, offset, size, outcome_cb, &outcome);
    return outcome_wait(f, &outcome);
}

static void assert_range(unsigned i, unsigned long what, uint64_t offset,
                         uint64_t size)
{
    g_assert_cmpuint(n_ranges, >, i);
    g_assert_cmpuint(ranges[i].what, ==, what);
    g_assert_cmpuint(ranges[i].offset, ==, offset);
    g_assert_cmpuint(ranges[i].size, ==, size);
}

/* Checks that block @index of the file has the pattern, or zeroes. */
static void assert_block(Fixture *f, int64_t index, bool is_zero)
{
    g_assert_cmpint(read_wait(f, f->file, index * BLOCK, f->buf, BLOCK), ==,
                    BLOCK);
    if (is_zero) {
        assert_zeroes(f->buf, BLOCK);
    } else {
        assert_pattern(f->buf, index * BLOCK, BLOCK);
    }
}

#define LARGE_BLOCKS 160

/* Makes the file LARGE_BLOCKS long, with the pattern in all blocks. */
static void make_large(Fixture *f)
{
    for (int64_t at = 0; at < LARGE_BLOCKS * BLOCK; at += BLOCK) {
        for (int i = 0; i < BLOCK; i++) {
            f->buf[i] = pattern_byte(at + i);
        }
        g_assert_cmpint(write_wait(f, f->file, at, f->buf, BLOCK), ==, BLOCK);
    }
}

static void assert_zero_but_ends(Fixture *f)
{
    for (int64_t i = 0; i < LARGE_BLOCKS; i++) {
        assert_block(f, i, i > 0 && i < LARGE_BLOCKS - 1);
    }
}

#define MIDDLE BLOCK, (LARGE_BLOCKS - 2) * BLOCK

/* ---- Ranges ---- */

static void test_discard(Fixture *f, const void *data)
{
    g_assert_cmpint(discard_wait(f, BLOCK, BLOCK), ==, 0);
    g_assert_cmpuint(n_ranges, ==, 1);
    assert_range(0, BLKDISCARD, BLOCK, BLOCK);
    assert_block(f, 0, false);
    assert_block(f, 1, true);
}

static void test_write_zeroes(Fixture *f, const void *data)
{
    g_assert_cmpint(zeroes_wait(f, 0, BLOCK), ==, 0);
    g_assert_cmpuint(n_ranges, ==, 1);
    assert_range(0, BLKZEROOUT, 0, BLOCK);
    g_assert_cmpuint(n_writes, ==, 0);
    assert_block(f, 0, true);
    assert_block(f, 1, false);
}

/* Sectors beyond 32 bits, and the exact range. */
static void test_large(Fixture *f, const void *data)
{
    const int64_t offset = (INT64_C(5) << 41) + 512;
    const int64_t size = INT64_MAX - offset;

    only_notes = true;
    g_assert_cmpint(discard_wait(f, offset, size), ==, 0);
    g_assert_cmpint(zeroes_wait(f, offset, size), ==, 0);
    assert_range(0, BLKDISCARD, offset, size);
    assert_range(1, BLKZEROOUT, offset, size);
}

static void test_empty(Fixture *f, const void *data)
{
    g_assert_cmpint(discard_wait(f, BLOCK, 0), ==, 0);
    g_assert_cmpint(zeroes_wait(f, BLOCK, 0), ==, 0);
    g_assert_cmpuint(n_ranges, ==, 0);
}

static void test_interrupted(Fixture *f, const void *data)
{
    n_refusals = 2;
    refusal = EINTR;
    g_assert_cmpint(discard_wait(f, BLOCK, BLOCK), ==, 0);
    g_assert_cmpuint(n_ranges, ==, 3);
    assert_range(2, BLKDISCARD, BLOCK, BLOCK);
}

/* ---- Refusals ---- */

typedef struct RefusalRow {
    const char *name;
    int refusal;
    int discard; /* the result of it */
    bool is_missing; /* then zeroes are written */
} RefusalRow;

static const RefusalRow refusal_rows[] = {
    { "not-supported", EOPNOTSUPP, ENOTSUP, true },
    { "no-such-call", ENOSYS, ENOTSUP, true },
    { "no-such-device-call", ENOTTY, ENOTSUP, true },
    { "not-of-this-device", ENODEV, ENOTSUP, true },
    { "not-these-numbers", EINVAL, EINVAL, true },
    { "i/o-error", EIO, EIO, false },
    { "read-only", EBADF, EBADF, false },
    { "no-space", ENOSPC, ENOSPC, false },
};

static void set_up_refusal(Fixture *f, const void *data)
{
    const RefusalRow *row = data;

    fixture_set_up(f, NULL);
    n_refusals = 1;
    refusal = row->refusal;
}

static void test_discard_refused(Fixture *f, const void *data)
{
    const RefusalRow *row = data;

    g_assert_cmpint(discard_wait(f, 0, BLOCK), ==, -row->discard);
    g_assert_cmpuint(n_ranges, ==, 1);
    assert_block(f, 0, false);
}

static void test_zeroes_refused(Fixture *f, const void *data)
{
    const RefusalRow *row = data;

    g_assert_cmpint(zeroes_wait(f, 0, BLOCK), ==,
                    row->is_missing ? 0 : -row->refusal);
    g_assert_cmpuint(n_ranges, ==, 1);
    g_assert_cmpuint(n_writes, ==, row->is_missing);
    assert_block(f, 0, row->is_missing);
    assert_block(f, 1, false);
}

/* ---- Zeroes that are written ---- */

static void refuse_all(void)
{
    n_refusals = G_MAXUINT;
    refusal = EOPNOTSUPP;
}

static void test_written(Fixture *f, const void *data)
{
    make_large(f);
    refuse_all();
    g_assert_cmpint(zeroes_wait(f, MIDDLE), ==, 0);
    g_assert_cmpuint(n_writes, ==, 3);
    assert_zero_but_ends(f);
}

static void test_written_in_parts(Fixture *f, const void *data)
{
    make_large(f);
    refuse_all();
    limit_bytes = 3 * BLOCK;
    g_assert_cmpint(zeroes_wait(f, MIDDLE), ==, 0);
    g_assert_cmpuint(n_ranges, ==, 1);
    assert_zero_but_ends(f);
}

/* The rest is requested again. */
static void test_writing_interrupted(Fixture *f, const void *data)
{
    make_large(f);
    refuse_all();
    n_whole = 1;
    fault = EINTR;
    g_assert_cmpint(zeroes_wait(f, MIDDLE), ==, 0);
    g_assert_cmpuint(n_ranges, ==, 2);
    assert_range(1, BLKZEROOUT, BLOCK + MAX_WRITE,
                 (LARGE_BLOCKS - 2) * BLOCK - MAX_WRITE);
    assert_zero_but_ends(f);
}

static void test_writing_fails(Fixture *f, const void *data)
{
    make_large(f);
    refuse_all();
    n_whole = 1;
    fault = EIO;
    g_assert_cmpint(zeroes_wait(f, MIDDLE), ==, -EIO);
    assert_block(f, 0, false);
    assert_block(f, MAX_WRITE / BLOCK, true);
    assert_block(f, MAX_WRITE / BLOCK + 1, false);
}

static void test_device_is_full(Fixture *f, const void *data)
{
    refuse_all();
    fault = -1;
    g_assert_cmpint(zeroes_wait(f, 0, BLOCK), ==, -ENOSPC);
    assert_block(f, 0, false);
}

static void add_refusal_tests(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(refusal_rows); i++) {
        const RefusalRow *row = &refusal_rows[i];
        g_autofree char *discard = g_strconcat(
            "/aio/file-io/device/discard-refused/", row->name, NULL);
        g_autofree char *zeroes = g_strconcat(
            "/aio/file-io/device/zeroes-refused/", row->name, NULL);

        g_test_add(discard, Fixture, row, set_up_refusal,
                   test_discard_refused, fixture_tear_down);
        g_test_add(zeroes, Fixture, row, set_up_refusal, test_zeroes_refused,
                   fixture_tear_down);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    fixture_before_test = no_faults;

    add_variants("device/discard", test_discard);
    add_variants("device/write-zeroes", test_write_zeroes);
    add_variants("device/large-range", test_large);
    add_variants("device/empty-range", test_empty);
    add_variants("device/interrupted", test_interrupted);
    add_variants("device/written/all", test_written);
    add_variants("device/written/in-parts", test_written_in_parts);
    add_variants("device/written/interrupted", test_writing_interrupted);
    add_variants("device/written/fails", test_writing_fails);
    add_variants("device/written/full", test_device_is_full);
    add_refusal_tests();
    return test_run();
}
