/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Drives whose data is in a file: each way to read and write it against a copy
 * in memory, the lock, holes, and errors of the kernel, for which system calls
 * are wrapped.
 */
#include "aio/file/file-io.h"
#include "qom/object-property.h"
#include "qom/user-creatable.h"
#include "tests/unit/plugins/block-test.h"
#include "tests/unit/test-loop.h"
#include "tests/unit/test-util.h"
#include "util/clock.h"
#include "util/module.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

/* ---- System calls that fail when a test wants it ---- */

static atomic_int fail_write; /* errno value; 0: does not fail */
static atomic_int fail_read; /* in the loop */
static atomic_int fail_flush;
static atomic_int fail_fallocate;
static atomic_int n_fallocate;
static atomic_int n_pwritev; /* in threads of the pool */
static int n_lock_tries; /* main thread */

/* If the clock stands, only writes in the loop take time, and this much. */
static atomic_bool clock_stands;
static int64_t write_ns;
static _Atomic int64_t clock_ns;

int64_t __wrap_clock_get_ns(AioClockType type);
int64_t __real_clock_get_ns(AioClockType type);
long __wrap_syscall(long number, ...);
long __real_syscall(long number, ...);
ssize_t __wrap_pwrite64(int fd, const void *buf, size_t size, off_t offset);
ssize_t __real_pwrite64(int fd, const void *buf, size_t size, off_t offset);
ssize_t __wrap_pwritev64(int fd, const struct iovec *iov, int n, off_t offset);
ssize_t __real_pwritev64(int fd, const struct iovec *iov, int n, off_t offset);
int __wrap_fcntl64(int fd, int command, ...);
int __real_fcntl64(int fd, int command, ...);
int __wrap_fdatasync(int fd);
int __real_fdatasync(int fd);
int __wrap_fallocate64(int fd, int mode, off_t offset, off_t size);
int __real_fallocate64(int fd, int mode, off_t offset, off_t size);

static int fail(int err)
{
    errno = err;
    return -1;
}

int64_t __wrap_clock_get_ns(AioClockType type)
{
    return atomic_load(&clock_stands) ? atomic_load(&clock_ns)
                                      : __real_clock_get_ns(type);
}

/* It reads more arguments than there may be. */
__attribute__((no_sanitize("address")))
long __wrap_syscall(long number, ...)
{
    long args[6];
    va_list list;

    va_start(list, number);
    for (int i = 0; i < 6; i++) {
        args[i] = va_arg(list, long);
    }
    va_end(list);
    if (number == SYS_preadv2 && fail_read) {
        return fail(fail_read);
    }
    return __real_syscall(number, args[0], args[1], args[2], args[3], args[4],
                          args[5]);
}

ssize_t __wrap_pwrite64(int fd, const void *buf, size_t size, off_t offset)
{
    atomic_fetch_add(&clock_ns, write_ns);
    return fail_write ? fail(fail_write)
                      : __real_pwrite64(fd, buf, size, offset);
}

ssize_t __wrap_pwritev64(int fd, const struct iovec *iov, int n, off_t offset)
{
    atomic_fetch_add(&n_pwritev, 1);
    return fail_write ? fail(fail_write)
                      : __real_pwritev64(fd, iov, n, offset);
}

/* All commands take one argument, or none, which is then not used. */
int __wrap_fcntl64(int fd, int command, ...)
{
    va_list list;
    void *arg;

    va_start(list, command);
    arg = va_arg(list, void *);
    va_end(list);
    if (command == F_OFD_SETLK) {
        n_lock_tries++;
    }
    return __real_fcntl64(fd, command, arg);
}

int __wrap_fdatasync(int fd)
{
    return fail_flush ? fail(fail_flush) : __real_fdatasync(fd);
}

int __wrap_fallocate64(int fd, int mode, off_t offset, off_t size)
{
    n_fallocate++;
    return fail_fallocate ? fail(fail_fallocate)
                          : __real_fallocate64(fd, mode, offset, size);
}

/* ---- A file ---- */

/* Not /tmp, which may be in memory, without O_DIRECT */
static char *build_dir;

typedef struct Fixture {
    char *dir;
    char *path;
} Fixture;

static void setup(Fixture *f, const void *data)
{
    f->dir = g_build_filename(build_dir, "test-block-file-XXXXXX", NULL);
    g_assert_nonnull(g_mkdtemp(f->dir));
    f->path = g_build_filename(f->dir, "disk", NULL);
}

static void teardown(Fixture *f, const void *data)
{
    g_unlink(f->path);
    g_rmdir(f->dir);
    g_free(f->path);
    g_free(f->dir);
    fail_write = 0;
    fail_read = 0;
    fail_flush = 0;
    fail_fallocate = 0;
    atomic_store(&clock_stands, false);
}

static void make_file(Fixture *f, int64_t size)
{
    int fd = open(f->path, O_CREAT | O_RDWR | O_TRUNC | O_CLOEXEC, 0600);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(ftruncate(fd, size), ==, 0);
    close(fd);
}

static bool can_direct(Fixture *f)
{
    int fd = open(f->path, O_RDWR | O_DIRECT | O_CLOEXEC);

    if (fd < 0) {
        g_test_skip("the file system has no O_DIRECT");
        return false;
    }
    close(fd);
    return true;
}

static void open_file(Fixture *f, Drive *d, const char *options)
{
    g_autofree char *text = g_strdup_printf("block-file,id=d,path=%s%s",
                                            f->path, options);

    drive_open(d, text);
}

static uint64_t get_file_stat(Drive *d, const char *name)
{
    g_autoptr(JsonNode) node = object_property_get_json(
        OBJECT(d->backend), "file-stats", &error_abort);

    return json_object_get_int_member(json_node_get_object(node), name);
}

/* ---- Against a copy in memory ---- */

typedef struct Model {
    const char *name;
    const char *options;
    int64_t size; /* of the file */
    unsigned align;
} Model;

static const Model models[] = {
    { "writeback", "", 1048576 + 511, 1 },
    { "threads", ",aio=threads,write-in-loop=off", 1048576 + 511, 1 },
    { "io_uring", ",aio=io_uring,write-in-loop=off", 1048576 + 511, 1 },
    { "direct", ",cache=none", 1048576, 4096 },
    { "direct-bounced", ",cache=none", 1048576, 1 },
    { "direct-native", ",cache=none,aio=native", 1048576, 512 },
    { "direct-threads", ",cache=none,aio=threads", 1048576, 1 },
};

static bool engine_is_missing(const char *options)
{
    AioContext *ctx = aio_context_new(&error_abort);
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    AioFileEngine engine = strstr(options, "io_uring")
        ? AIO_FILE_ENGINE_IO_URING
        : strstr(options, "native") ? AIO_FILE_ENGINE_LINUX_AIO
                                    : AIO_FILE_ENGINE_THREADS;
    AioFile *file;

    aio_set_current_context(ctx);
    file = aio_file_new(ctx, fd, engine, NULL);
    aio_file_free(file);
    aio_set_current_context(aio_get_main_context());
    aio_context_unref(ctx);
    close(fd);
    if (!file) {
        g_test_skip("the kernel does not have the engine");
    }
    return !file;
}

static void test_model(Fixture *f, const void *data)
{
    const Model *model = data;
    Drive d;

    make_file(f, model->size);
    if (engine_is_missing(model->options) ||
        (strstr(model->options, "cache=none") && !can_direct(f))) {
        return;
    }
    open_file(f, &d, model->options);
    drive_test_model(&d, g_test_slow() ? 20000 : 1500, model->align);
    if (strstr(model->name, "bounced")) {
        g_assert_cmpuint(get_file_stat(&d, "bounced"), >, 0);
    }
    drive_close(&d);
}

/* A file system without holes and fast zeroes */
static void test_model_slow_zeroes(Fixture *f, const void *options)
{
    Drive d;

    make_file(f, 1048576);
    if (strstr(options, "cache=none") && !can_direct(f)) {
        return;
    }
    open_file(f, &d, options);
    fail_fallocate = EOPNOTSUPP;
    g_assert_cmpint(drive_write_zeroes(&d, 0, 4096, BLOCK_FAST), ==,
                    -ENOTSUP);
    /* The test expects zeroes of a discard, which does nothing here. */
    for (int i = 0; i < 300; i++) {
        char buf[3000], zeroes[1000] = "", out[3000];
        int64_t at = g_test_rand_int_range(0, 1048576 - 3000);

        memset(buf, 1 + i % 255, sizeof(buf));
        g_assert_cmpint(drive_write(&d, at, buf, 3000, 0), ==, 0);
        g_assert_cmpint(drive_write_zeroes(&d, at + 1000, 1000,
                                           i % 2 ? BLOCK_NO_HOLE : 0), ==, 0);
        memcpy(buf + 1000, zeroes, 1000);
        g_assert_cmpint(drive_discard(&d, at, 3000), ==, 0);
        g_assert_cmpint(drive_read(&d, at, out, 3000), ==, 0);
        g_assert_cmpint(memcmp(buf, out, 3000), ==, 0);
    }
    drive_close(&d);
}

/* ---- Opening ---- */

static void assert_refused(Fixture *f, const char *options,
                           const char *message)
{
    g_autofree char *text = g_strdup_printf("block-file,id=x,path=%s%s",
                                            f->path, options);
    Error *err = NULL;

    g_assert_null(user_creatable_add_from_str(text, &err));
    g_assert_nonnull(err);
    g_assert_nonnull(strstr(error_get_pretty(err), message));
    error_free(err);
}

static void test_absent(Fixture *f, const void *data)
{
    assert_refused(f, "", "disk': No such file or directory");
}

static void test_no_path(Fixture *f, const void *data)
{
    Error *err = NULL;

    g_assert_null(user_creatable_add_from_str("block-file,id=x", &err));
    assert_error(err, "block-file needs a 'path'");
}

static void test_fifo(Fixture *f, const void *data)
{
    g_assert_cmpint(mkfifo(f->path, 0600), ==, 0);
    assert_refused(f, "", "neither a regular file nor a block device");
}

static void test_native_needs_direct(Fixture *f, const void *data)
{
    make_file(f, 4096);
    assert_refused(f, ",aio=native", "aio=native needs cache=none");
}

static void test_direct_size(Fixture *f, const void *data)
{
    make_file(f, 4097);
    if (can_direct(f)) {
        assert_refused(f, ",cache=none", "has 4097 bytes; cache=none needs a "
                       "multiple of ");
    }
}

static void test_second_writer(Fixture *f, const void *data)
{
    Drive d;
    g_autofree char *reader = g_strdup_printf(
        "block-file,id=r,read-only=on,path=%s", f->path);
    g_autofree char *link_path = g_build_filename(f->dir, "link", NULL);
    g_autofree char *path = g_strdup(f->path);

    make_file(f, 4096);
    open_file(f, &d, "");
    assert_refused(f, "", "disk' is in use by another drive that can write");
    assert_refused(f, ",cache=none", "is in use by another drive");
    /* By another name, too. */
    g_assert_cmpint(link(path, link_path), ==, 0);
    g_free(f->path);
    f->path = g_strdup(link_path);
    assert_refused(f, "", "link' is in use by another drive that can write");
    g_unlink(link_path);
    g_free(f->path);
    f->path = g_steal_pointer(&path);
    user_creatable_add_from_str(reader, &error_abort);
    drive_close(&d);
    open_file(f, &d, "");
    drive_close(&d);
}

/* The main loop must not wait until the lock is free. */
static void test_lock_is_tried_once(Fixture *f, const void *data)
{
    struct flock lock = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET,
        .l_start = INT64_C(1) << 62, .l_len = 1,
    };
    Drive d;
    int fd;

    make_file(f, 4096);
    open_file(f, &d, "");
    n_lock_tries = 0;
    assert_refused(f, "", "is in use by another drive that can write");
    g_assert_cmpint(n_lock_tries, ==, 1);
    drive_close(&d);
    /* As another process has it */
    fd = open(f->path, O_RDWR | O_CLOEXEC);
    g_assert_cmpint(fcntl(fd, F_OFD_SETLK, &lock), ==, 0);
    n_lock_tries = 0;
    assert_refused(f, "", "is in use by another drive that can write");
    g_assert_cmpint(n_lock_tries, ==, 1);
    close(fd);
    open_file(f, &d, "");
    drive_close(&d);
}

/* ---- Holes ---- */

static void test_extents(Fixture *f, const void *data)
{
    Drive d;
    struct stat st;
    BlockExtent extents[8];
    g_autofree char *buf = g_malloc(65536);

    make_file(f, 1048576);
    open_file(f, &d, "");
    memset(buf, 'x', 65536);
    g_assert_cmpint(drive_write(&d, 131072, buf, 65536, BLOCK_FUA), ==, 0);
    g_assert_cmpint(drive_status(&d, 0, 1048576, extents, 8), ==, 3);
    g_assert_cmpint(extents[0].size_bytes, ==, 131072);
    g_assert_cmpuint(extents[0].state, ==,
                     BLOCK_EXTENT_HOLE | BLOCK_EXTENT_ZERO);
    g_assert_cmpint(extents[1].size_bytes, ==, 65536);
    g_assert_cmpuint(extents[1].state, ==, 0);
    g_assert_cmpint(drive_status(&d, 0, 1048576, extents, 2), ==, 2);
    g_assert_cmpint(drive_status(&d, 131073, 100, extents, 8), ==, 1);
    g_assert_cmpint(extents[0].size_bytes, ==, 100);
    g_assert_cmpint(drive_discard(&d, 131072, 65536), ==, 0);
    g_assert_cmpint(drive_status(&d, 0, 1048576, extents, 8), ==, 1);
    g_assert_cmpint(stat(f->path, &st), ==, 0);
    g_assert_cmpint(st.st_blocks, ==, 0);
    g_assert_cmpint(st.st_size, ==, 1048576);
    drive_close(&d);
}

/* It is tried once. */
static void test_cannot_punch(Fixture *f, const void *data)
{
    Drive d;

    make_file(f, 1048576);
    open_file(f, &d, ",aio=threads");
    fail_fallocate = EOPNOTSUPP;
    n_fallocate = 0;
    for (int i = 0; i < 3; i++) {
        g_assert_cmpint(drive_write_zeroes(&d, 0, 4096, BLOCK_FAST), ==,
                        -ENOTSUP);
        g_assert_cmpint(drive_discard(&d, 0, 4096), ==, 0);
    }
    g_assert_cmpint(n_fallocate, ==, 3); /* punch, zero, discard */
    drive_close(&d);
}

/* ---- Errors ---- */

static void test_write_fails(Fixture *f, const void *options)
{
    Drive d;
    char buf[512] = "";

    make_file(f, 1048576);
    open_file(f, &d, options);
    fail_write = ENOSPC;
    g_assert_cmpint(drive_write(&d, 0, buf, 512, 0), ==, -ENOSPC);
    fail_write = EIO;
    g_assert_cmpint(drive_write(&d, 0, buf, 512, BLOCK_FUA), ==, -EIO);
    fail_write = 0;
    g_assert_cmpint(drive_write(&d, 0, buf, 512, 0), ==, 0);
    g_assert_cmpuint(drive_get_stat(&d, "write.failed"), ==, 2);
    g_assert_cmpuint(drive_get_stat(&d, "write.requests"), ==, 3);
    drive_close(&d);
}

static void test_flush_fails(Fixture *f, const void *data)
{
    Drive d;
    char buf[512] = "";

    make_file(f, 1048576);
    open_file(f, &d, ",aio=threads");
    fail_flush = EIO;
    g_assert_cmpint(drive_flush(&d), ==, -EIO);
    g_assert_cmpint(drive_write(&d, 0, buf, 512, BLOCK_FUA), ==, -EIO);
    g_assert_cmpint(drive_write(&d, 0, buf, 512, 0), ==, 0);
    drive_close(&d);
}

static void test_zeroes_fail(Fixture *f, const void *data)
{
    Drive d;

    make_file(f, 1048576);
    open_file(f, &d, "");
    fail_fallocate = ENOSPC;
    g_assert_cmpint(drive_write_zeroes(&d, 0, 512, 0), ==, -ENOSPC);
    fail_fallocate = 0;
    g_assert_cmpint(drive_write_zeroes(&d, 0, 512, 0), ==, 0);
    drive_close(&d);
}

static void test_truncated(Fixture *f, const void *data)
{
    Drive d;
    char buf[512];

    make_file(f, 8192);
    open_file(f, &d, "");
    g_assert_cmpint(truncate(f->path, 4096), ==, 0);
    g_assert_cmpint(drive_read(&d, 4000, buf, 512), ==, -EIO);
    g_assert_cmpint(drive_read(&d, 0, buf, 512), ==, 0);
    drive_close(&d);
}

/* ---- In the loop ---- */

static void test_in_loop(Fixture *f, const void *data)
{
    Drive d;
    g_autofree char *buf = g_malloc0(2 * 1048576);

    make_file(f, 4 * 1048576);
    open_file(f, &d, ",aio=threads,write-in-loop=on");
    g_assert_cmpint(drive_write(&d, 0, buf, 4096, 0), ==, 0);
    g_assert_cmpuint(get_file_stat(&d, "writes-in-loop"), ==, 1);
    g_assert_cmpint(drive_write(&d, 0, buf, 2 * 1048576, 0), ==, 0);
    g_assert_cmpuint(get_file_stat(&d, "writes-in-loop"), ==, 1);
    g_assert_cmpint(drive_read(&d, 0, buf, 262144), ==, 0);
    object_property_set_str(OBJECT(d.backend), "write-in-loop", "off",
                            &error_abort);
    atomic_store(&n_pwritev, 0);
    g_assert_cmpint(drive_write(&d, 0, buf, 4096, 0), ==, 0);
    g_assert_cmpint(atomic_load(&n_pwritev), ==, 1);
    g_assert_cmpuint(get_file_stat(&d, "writes-in-loop"), ==, 1);
    drive_close(&d);
}

static bool is_on_tmpfs(int fd)
{
    struct statfs fs;

    return fstatfs(fd, &fs) == 0 && fs.f_type == TMPFS_MAGIC;
}

/* tmpfs does not know RWF_NOWAIT. */
static void test_in_memory(Fixture *f, const void *data)
{
    g_autofree char *path = g_strdup("/dev/shm/test-block-file-XXXXXX");
    g_autofree char *text = NULL;
    int fd = g_mkstemp(path);
    char buf[4096];
    Drive d;

    if (fd < 0 || !is_on_tmpfs(fd)) {
        g_test_skip("/dev/shm is no tmpfs");
    } else {
        g_assert_cmpint(ftruncate(fd, 65536), ==, 0);
        text = g_strdup_printf("block-file,id=d,path=%s", path);
        drive_open(&d, text);
        g_assert_cmpint(drive_read(&d, 0, buf, sizeof(buf)), ==, 0);
        g_assert_cmpuint(get_file_stat(&d, "reads-in-loop"), ==, 1);
        drive_close(&d);
    }
    if (fd >= 0) {
        close(fd);
        g_unlink(path);
    }
}

static void write_many(Drive *d, int n)
{
    char buf[512] = "";

    for (int i = 0; i < n; i++) {
        g_assert_cmpint(drive_write(d, 0, buf, 512, 0), ==, 0);
    }
}

static void assert_writes(Drive *d, unsigned in_loop, unsigned slow,
                          int in_threads)
{
    g_assert_cmpuint(get_file_stat(d, "writes-in-loop"), ==, in_loop);
    g_assert_cmpuint(get_file_stat(d, "slow-writes"), ==, slow);
    g_assert_cmpint(atomic_load(&n_pwritev), ==, in_threads);
}

/* The second slow write leaves 64 writes to threads, the next one 128. */
static void test_slow_writes(Fixture *f, const void *data)
{
    Drive d;

    make_file(f, 1048576);
    open_file(f, &d, ",aio=threads");
    atomic_store(&n_pwritev, 0);
    atomic_store(&clock_stands, true);
    write_ns = 10 * SCALE_MS;
    write_many(&d, 2 + 64);
    assert_writes(&d, 2, 2, 64);
    write_many(&d, 1 + 128);
    assert_writes(&d, 3, 3, 64 + 128);
    write_ns = 0;
    write_many(&d, 100);
    assert_writes(&d, 103, 3, 64 + 128);
    drive_close(&d);
}

/* A single slow write now and then is an accident. */
static void test_rare_slow_writes(Fixture *f, const void *data)
{
    Drive d;

    make_file(f, 1048576);
    open_file(f, &d, ",aio=threads");
    atomic_store(&n_pwritev, 0);
    atomic_store(&clock_stands, true);
    for (int i = 0; i < 5; i++) {
        write_ns = 10 * SCALE_MS;
        write_many(&d, 1);
        write_ns = 0;
        write_many(&d, 65);
    }
    assert_writes(&d, 5 * 66, 5, 0);
    drive_close(&d);
}

static void test_cached_part(Fixture *f, const void *data)
{
    Drive d;
    g_autofree char *buf = g_malloc0(65536);
    int fd = -1;
    int64_t offset = -1;

    make_file(f, 1048576);
    open_file(f, &d, ",write-in-loop=on");
    g_assert_cmpint(drive_write(&d, 0, buf, 65536, 0), ==, 0);
    if (!block_channel_get_cached(d.channel, 4000, 10000, &fd, &offset)) {
        g_test_skip("the kernel has no cachestat()");
    } else {
        g_assert_cmpint(offset, ==, 4000);
        g_assert_cmpint(pread(fd, buf, 10000, offset), ==, 10000);
        g_assert_cmpuint(drive_get_stat(&d, "read.requests"), ==, 1);
        g_assert_cmpuint(drive_get_stat(&d, "read.bytes"), ==, 10000);
    }
    /* As if another request were just reading the pages from the disk. */
    fail_read = EAGAIN;
    g_assert_true(is_on_tmpfs(fd) ||
                  !block_channel_get_cached(d.channel, 4000, 10000, &fd,
                                            &offset));
    fail_read = 0;
    /* The page after the data is a hole. */
    g_assert_false(block_channel_get_cached(d.channel, 65535, 2, &fd,
                                            &offset));
    g_assert_false(block_channel_get_cached(d.channel, 1048570, 100, &fd,
                                            &offset));
    g_assert_false(block_channel_get_cached(d.channel, 0, 0, &fd, &offset));
    drive_close(&d);
}

static void test_try_write(Fixture *f, const void *data)
{
    Drive d;
    char buf[512] = "";

    make_file(f, 1048576);
    open_file(f, &d, ",aio=threads,write-in-loop=on");
    g_assert_true(block_channel_try_write(d.channel, 1001, "some", 4));
    g_assert_cmpint(drive_read(&d, 1000, buf, 6), ==, 0);
    g_assert_cmpmem(buf, 6, "\0some\0", 6);
    g_assert_false(block_channel_try_write(d.channel, 1048575, buf, 2));
    g_assert_false(block_channel_try_write(d.channel, 0, buf, 0));
    fail_write = EIO;
    g_assert_false(block_channel_try_write(d.channel, 0, buf, 512));
    fail_write = 0;
    object_property_set_str(OBJECT(d.backend), "write-in-loop", "off",
                            &error_abort);
    g_assert_false(block_channel_try_write(d.channel, 0, buf, 512));
    g_assert_cmpuint(drive_get_stat(&d, "write.requests"), ==, 1);
    g_assert_cmpuint(drive_get_stat(&d, "write.bytes"), ==, 4);
    g_assert_cmpuint(drive_get_stat(&d, "write.failed"), ==, 0);
    drive_close(&d);
}

/* ---- Parts of one block, from several loops ---- */

#define N_LOOPS 4
#define N_WRITES 40

typedef struct Job {
    BlockBackend *backend;
    int index;
    atomic_bool is_done;
} Job;

static void coroutine_fn job_run(void *opaque)
{
    Job *job = opaque;
    BlockChannel *channel = block_channel_get(job->backend, &error_abort);
    char buf[64];
    struct iovec iov = { buf, sizeof(buf) };

    for (int i = 0; i < N_WRITES; i++) {
        int64_t offset = (i * N_LOOPS + job->index) * (int64_t)sizeof(buf);

        memset(buf, 'a' + job->index, sizeof(buf));
        g_assert_cmpint(block_co_write(channel, offset, &iov, 1, 0), ==, 0);
    }
    block_channel_put(channel);
    atomic_store(&job->is_done, true);
}

static void test_torn_blocks(Fixture *f, const void *data)
{
    Drive d;
    Loop loops[N_LOOPS];
    Job jobs[N_LOOPS];
    char out[N_LOOPS * N_WRITES * 64];

    make_file(f, 65536);
    if (!can_direct(f)) {
        return;
    }
    open_file(f, &d, ",cache=none");
    for (int i = 0; i < N_LOOPS; i++) {
        jobs[i] = (Job) { d.backend, i, false };
        loop_start(&loops[i]);
        aio_co_schedule(loops[i].ctx, coroutine_create(job_run, &jobs[i]));
    }
    for (int i = 0; i < N_LOOPS; i++) {
        while (!atomic_load(&jobs[i].is_done)) {
            g_thread_yield();
        }
        loop_end(&loops[i]);
        loop_join(&loops[i]);
        aio_context_unref(loops[i].ctx);
    }
    g_assert_cmpint(drive_read(&d, 0, out, sizeof(out)), ==, 0);
    for (unsigned i = 0; i < sizeof(out); i++) {
        g_assert_cmpint(out[i], ==, 'a' + i / 64 % N_LOOPS);
    }
    drive_close(&d);
}

#define ADD(path, data, func) \
    g_test_add("/plugins/block-file/" path, Fixture, data, setup, func, \
               teardown)

int main(int argc, char **argv)
{
    g_autofree char *dir = g_path_get_dirname(argv[0]);
    g_autofree char *absolute = g_canonicalize_filename(dir, NULL);

    build_dir = absolute;
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    aio_main_context_init(&error_abort);

    for (unsigned i = 0; i < G_N_ELEMENTS(models); i++) {
        g_autofree char *path = g_strconcat("/plugins/block-file/model/",
                                            models[i].name, NULL);

        g_test_add(path, Fixture, &models[i], setup, test_model, teardown);
    }
    ADD("slow-zeroes/writeback", ",aio=threads", test_model_slow_zeroes);
    ADD("slow-zeroes/direct", ",aio=threads,cache=none",
        test_model_slow_zeroes);
    ADD("open/absent", NULL, test_absent);
    ADD("open/no-path", NULL, test_no_path);
    ADD("open/fifo", NULL, test_fifo);
    ADD("open/native-needs-direct", NULL, test_native_needs_direct);
    ADD("open/direct-needs-blocks", NULL, test_direct_size);
    ADD("open/second-writer", NULL, test_second_writer);
    ADD("open/lock-is-tried-once", NULL, test_lock_is_tried_once);
    ADD("holes/extents", NULL, test_extents);
    ADD("holes/tried-once", NULL, test_cannot_punch);
    ADD("errors/write-in-loop", ",aio=threads,write-in-loop=on",
        test_write_fails);
    ADD("errors/write-in-thread", ",aio=threads,write-in-loop=off",
        test_write_fails);
    ADD("errors/flush", NULL, test_flush_fails);
    ADD("errors/write-zeroes", NULL, test_zeroes_fail);
    ADD("errors/truncated", NULL, test_truncated);
    ADD("in-loop", NULL, test_in_loop);
    ADD("try-write", NULL, test_try_write);
    ADD("in-memory", NULL, test_in_memory);
    ADD("slow-writes", NULL, test_slow_writes);
    ADD("rare-slow-writes", NULL, test_rare_slow_writes);
    ADD("cached-part", NULL, test_cached_part);
    ADD("torn-blocks", NULL, test_torn_blocks);
    return test_run();
}
