/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qapi/file.h"
#include "tests/unit/test-util.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MIB (1u << 20)

typedef struct Fixture {
    char *dir;
    char *path; /* of nothing yet */
} Fixture;

static void setup(Fixture *f, const void *data)
{
    f->dir = g_dir_make_tmp("test-file-XXXXXX", NULL);
    f->path = g_build_filename(f->dir, "file", NULL);
}

static void teardown(Fixture *f, const void *data)
{
    g_unlink(f->path);
    g_assert_cmpint(g_rmdir(f->dir), ==, 0);
    g_free(f->path);
    g_free(f->dir);
}

static void assert_refused(const char *path, size_t max_bytes,
                           const char *message)
{
    size_t n_bytes = 12345;
    Error *err = NULL;

    g_assert_null(qapi_file_read(path, max_bytes, &n_bytes, &err));
    assert_error(err, message);
    g_assert_cmpuint(n_bytes, ==, 12345);
}

static void assert_content(const char *path, size_t max_bytes,
                           const char *expected, size_t expected_bytes)
{
    size_t n_bytes;
    g_autofree char *text = qapi_file_read(path, max_bytes, &n_bytes,
                                           &error_abort);

    g_assert_cmpmem(text, n_bytes, expected, expected_bytes);
    g_assert_cmpint(text[n_bytes], ==, '\0');
}

static void test_content(Fixture *f, const void *data)
{
    static const char text[] = "a\0b\n";

    g_assert_true(g_file_set_contents(f->path, text, 4, NULL));
    assert_content(f->path, 4, text, 4);
    g_assert_true(g_file_set_contents(f->path, "", 0, NULL));
    assert_content(f->path, 0, "", 0);
}

static void test_too_large(Fixture *f, const void *data)
{
    g_autofree char *zeroes = g_malloc0(MIB);

    g_assert_true(g_file_set_contents(f->path, zeroes, MIB, NULL));
    assert_content(f->path, MIB, zeroes, MIB);
    g_assert_cmpint(truncate(f->path, MIB + 1), ==, 0);
    assert_refused(f->path, MIB, "File is larger than 1 MiB");
    /* No memory is needed to say so. */
    g_assert_cmpint(truncate(f->path, (off_t)1 << 36), ==, 0);
    assert_refused(f->path, MIB, "File is larger than 1 MiB");
}

/* The kernel says that such files have no bytes. */
static void test_unknown_size(void)
{
    size_t n_bytes;
    g_autofree char *text = qapi_file_read("/proc/self/maps", MIB, &n_bytes,
                                           &error_abort);

    g_assert_cmpuint(n_bytes, >, 0);
    g_assert_cmpuint(strlen(text), ==, n_bytes);
}

static void test_fifo(Fixture *f, const void *data)
{
    g_assert_cmpint(mkfifo(f->path, 0600), ==, 0);
    assert_refused(f->path, MIB, "Not a regular file");
}

static void test_link_to_device(Fixture *f, const void *data)
{
    g_assert_cmpint(symlink("/dev/zero", f->path), ==, 0);
    assert_refused(f->path, MIB, "Not a regular file");
}

static void test_no_file(Fixture *f, const void *data)
{
    assert_refused(f->path, MIB, "No such file or directory");
    assert_refused(f->dir, MIB, "Is a directory");
    assert_refused("/dev/null", MIB, "Not a regular file");
}

static void test_pipe(void)
{
    g_autofree char *text = NULL;
    size_t n_bytes;
    int fds[2];

    g_assert_cmpint(pipe2(fds, O_CLOEXEC), ==, 0);
    g_assert_cmpint(write(fds[1], "text", 4), ==, 4);
    close(fds[1]);
    text = qapi_file_read_fd(fds[0], 4, &n_bytes, &error_abort);
    g_assert_cmpmem(text, n_bytes, "text", 4);
    close(fds[0]);
}

/* A pipe has no end, but there is one to what is read of it. */
static void test_endless_input(void)
{
    int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    Error *err = NULL;
    size_t n_bytes;

    g_assert_null(qapi_file_read_fd(fd, MIB, &n_bytes, &err));
    assert_error(err, "File is larger than 1 MiB");
    close(fd);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, test) \
    g_test_add("/qapi/file/" path, Fixture, NULL, setup, test, teardown)
    ADD("content", test_content);
    ADD("too-large", test_too_large);
    ADD("fifo", test_fifo);
    ADD("link-to-device", test_link_to_device);
    ADD("no-file", test_no_file);
    g_test_add_func("/qapi/file/unknown-size", test_unknown_size);
    g_test_add_func("/qapi/file/pipe", test_pipe);
    g_test_add_func("/qapi/file/endless-input", test_endless_input);
    return test_run();
}
