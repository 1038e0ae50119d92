/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Discard and zeroes on a block device: a loop device on the fixture's file.
 * Skipped if no loop device can be created, for example without root rights.
 * test-file-io-device.c tests the ioctls.
 */
#include "tests/unit/aio/file/file-io-fixture.h"
#include "tests/unit/test-util.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEVICE_SIZE (2 * BLOCK)
#define SECTOR 512
#define MAX_TRIES 100

/* ---- The device ---- */

static int attach(int control, int file, int flags)
{
    int number = ioctl(control, LOOP_CTL_GET_FREE);
    g_autofree char *path = g_strdup_printf("/dev/loop%d", number);
    struct loop_info64 info = { .lo_flags = LO_FLAGS_AUTOCLEAR };
    int fd;

    if (number < 0) {
        return -1;
    }
    fd = open(path, flags);
    if (fd < 0) {
        return -1;
    }
    if (ioctl(fd, LOOP_SET_FD, file) < 0) {
        close(fd);
        return -1;
    }
    if (ioctl(fd, LOOP_SET_STATUS64, &info) < 0) {
        ioctl(fd, LOOP_CLR_FD);
        close(fd);
        return -1;
    }
    return fd;
}

/* The kernel detaches the device when the file descriptor is closed. */
static int open_loop(const char *path, int flags)
{
    int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
    int file = open(path, O_RDWR | O_CLOEXEC);
    int fd = -1;

    /* Another process may take the free device first. */
    for (int i = 0; control >= 0 && fd < 0 && i < MAX_TRIES; i++) {
        fd = attach(control, file, flags);
        if (fd < 0 && errno != EBUSY) {
            break;
        }
    }
    if (control >= 0) {
        close(control);
    }
    close(file);
    return fd;
}

/* ---- Helpers ---- */

static int discard_wait(Fixture *f, AioFile *file, int64_t offset,
                        int64_t size)
{
    Outcome outcome = { 0 };

    aio_file_discard(file, offset, size, outcome_cb, &outcome);
    return outcome_wait(f, &outcome);
}

static int zeroes_wait(Fixture *f, AioFile *file, int64_t offset,
                       int64_t size)
{
    Outcome outcome = { 0 };

    aio_file_write_zeroes(file, offset, size, outcome_cb, &outcome);
    return outcome_wait(f, &outcome);
}

/* The device has its pattern, except zeroes from @start to @end. */
static void assert_zero_from_to(Fixture *f, size_t start, size_t end)
{
    g_assert_cmpint(read_wait(f, f->file, 0, f->buf, DEVICE_SIZE), ==,
                    DEVICE_SIZE);
    assert_pattern(f->buf, 0, start);
    assert_zeroes(f->buf + start, end - start);
    assert_pattern(f->buf + end, end, DEVICE_SIZE - end);
}

static bool is_direct(const Fixture *f)
{
    return f->variant->flags & O_DIRECT;
}

/* ---- Tests ---- */

/* A discarded range of a loop device reads as zeroes. */
static void test_discard(Fixture *f, const void *data)
{
    int ret = discard_wait(f, f->file, BLOCK, BLOCK);

    if (ret == -ENOTSUP) {
        g_test_skip("the file system has no holes");
        return;
    }
    g_assert_cmpint(ret, ==, 0);
    assert_zero_from_to(f, BLOCK, DEVICE_SIZE);
}

static void test_discard_sectors(Fixture *f, const void *data)
{
    int ret = discard_wait(f, f->file, SECTOR + 1, SECTOR);

    g_assert_true(ret == -EINVAL || ret == -ENOTSUP);
    assert_zero_from_to(f, 0, 0);
}

static void test_discard_beyond_end(Fixture *f, const void *data)
{
    int ret = discard_wait(f, f->file, BLOCK, 2 * BLOCK);

    g_assert_true(ret == -EINVAL || ret == -ENOTSUP);
    assert_zero_from_to(f, 0, 0);
}

static void test_write_zeroes(Fixture *f, const void *data)
{
    g_assert_cmpint(zeroes_wait(f, f->file, 0, BLOCK), ==, 0);
    assert_zero_from_to(f, 0, BLOCK);
}

static void test_zeroes_of_sectors(Fixture *f, const void *data)
{
    g_assert_cmpint(zeroes_wait(f, f->file, SECTOR, 3 * SECTOR), ==, 0);
    assert_zero_from_to(f, SECTOR, 4 * SECTOR);
}

/* A device cannot, only the page cache can. */
static void test_zeroes_inside_sectors(Fixture *f, const void *data)
{
    int ret = zeroes_wait(f, f->file, 100, 1000);

    if (is_direct(f)) {
        g_assert_cmpint(ret, ==, -EINVAL);
        assert_zero_from_to(f, 0, 0);
    } else {
        g_assert_cmpint(ret, ==, 0);
        assert_zero_from_to(f, 100, 1100);
    }
}

static void test_zeroes_beyond_end(Fixture *f, const void *data)
{
    g_assert_cmpint(zeroes_wait(f, f->file, DEVICE_SIZE, BLOCK), ==,
                    -ENOSPC);
    assert_zero_from_to(f, 0, 0);
}

/* Like a write, it writes as much as there is room for. */
static void test_zeroes_across_end(Fixture *f, const void *data)
{
    g_assert_cmpint(zeroes_wait(f, f->file, BLOCK, 2 * BLOCK), ==, -ENOSPC);
    assert_zero_from_to(f, BLOCK, DEVICE_SIZE);
}

static void test_read_only(Fixture *f, const void *data)
{
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", f->fd);
    int fd = open(path, O_RDONLY | O_CLOEXEC | f->variant->flags);
    AioFile *file;

    g_assert_cmpint(fd, >=, 0);
    file = aio_file_new(f->ctx, fd, f->variant->engine, &error_abort);
    g_assert_cmpint(discard_wait(f, file, 0, BLOCK), ==, -EBADF);
    g_assert_cmpint(zeroes_wait(f, file, 0, BLOCK), ==, -EBADF);
    aio_file_free(file);
    close(fd);
    assert_zero_from_to(f, 0, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    fixture_open = open_loop;
    fixture_skip_reason = "no loop device, engine or O_DIRECT is available";

    add_variants("loop/discard", test_discard);
    add_variants("loop/discard-inside-sectors", test_discard_sectors);
    add_variants("loop/discard-beyond-end", test_discard_beyond_end);
    add_variants("loop/write-zeroes", test_write_zeroes);
    add_variants("loop/zeroes-of-sectors", test_zeroes_of_sectors);
    add_variants("loop/zeroes-inside-sectors", test_zeroes_inside_sectors);
    add_variants("loop/zeroes-beyond-end", test_zeroes_beyond_end);
    add_variants("loop/zeroes-across-end", test_zeroes_across_end);
    add_variants("loop/read-only", test_read_only);
    return test_run();
}
