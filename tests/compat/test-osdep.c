/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a source of QEMU has after it has included qemu/osdep.h alone. */
#include "qemu/osdep.h"

/* Only forward declarations: this is before any other header. */
typedef struct Everything {
    AioContext *ctx;
    BlockBackend *blk;
    Chardev *chr;
    Coroutine *co;
    DeviceState *dev;
    Error *err;
    EventNotifier *notifier;
    IOThread *iothread;
    Monitor *mon;
    Notifier *exit_notifier;
    Object *obj;
    ObjectClass *klass;
    QDict *dict;
    QEMUBH *bh;
    QEMUTimer *timer;
    QObject *value;
    QemuOpts *opts;
    Visitor *v;
    IOReadHandler *read;
    IOCanReadHandler *can_read;
    struct sockaddr_un addr;
    struct addrinfo info;
    struct iovec iov;
} Everything;

static void coroutine_fn only_in_coroutines(void *opaque)
{
    *(bool *)opaque = true;
}

static void no_coroutine_fn coroutine_mixed_fn anywhere(void *opaque)
{
    only_in_coroutines(opaque);
}

#include "block/aio.h"
#include "block/block.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qemu/coroutine-core.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "qom/object.h"
#include "tests/unit/test-util.h"

/* The definitions of the other headers agree with the declarations. */
static void test_declarations(void)
{
    Everything all = { .obj = object_get_root() };
    bool called = false;
    Coroutine *co = qemu_coroutine_create(only_in_coroutines, &called);

    g_assert_cmpstr(object_get_typename(all.obj), ==, "container");
    all.co = co;
    qemu_coroutine_enter(all.co);
    g_assert_true(called);
    called = false;
    anywhere(&called);
    g_assert_true(called);
}

static void test_host(void)
{
    union {
        uint16_t number;
        uint8_t bytes[2];
    } u = { .number = 0x0102 };

    g_assert_cmpint(HOST_LONG_BITS, ==, 8 * sizeof(void *));
    g_assert_cmpint(u.bytes[0], ==, HOST_BIG_ENDIAN ? 1 : 2);
#if HOST_BIG_ENDIAN
    g_assert_cmpint(u.bytes[1], ==, 2);
#endif
    g_assert_cmpint(O_BINARY, ==, 0);
}

static int fail_twice(int *n, int error)
{
    errno = error;
    return ++*n < 3 ? -1 : 7;
}

static void test_retry(void)
{
    int n = 0;

    g_assert_cmpint(RETRY_ON_EINTR(fail_twice(&n, EINTR)), ==, 7);
    g_assert_cmpint(n, ==, 3);
    n = 0;
    g_assert_cmpint(RETRY_ON_EINTR(fail_twice(&n, EIO)), ==, -1);
    g_assert_cmpint(n, ==, 1);
}

static void test_open(void)
{
    g_autofree char *dir = g_dir_make_tmp("qom-osdep-XXXXXX", NULL);
    g_autofree char *name = g_build_filename(dir, "file", NULL);
    struct stat st;
    int fd = qemu_open_old(name, O_RDWR | O_CREAT | O_BINARY, 0640);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(fcntl(fd, F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
    g_assert_true(g_unix_set_fd_nonblocking(fd, TRUE, NULL));
    g_assert_cmpint(fcntl(fd, F_GETFL) & O_NONBLOCK, ==, O_NONBLOCK);
    g_assert_cmpint(fstat(fd, &st), ==, 0);
    g_assert_cmpint(st.st_mode & 0137, ==, 0);
    g_assert_cmpint(qemu_close(fd), ==, 0);
#if QOM_COMPAT_QEMU < 502
    fd = qemu_open(name, O_RDONLY);
#else
    fd = qemu_open(name, O_RDONLY, &error_abort);
#endif
    g_assert_cmpint(fd, >=, 0);
    qemu_close(fd);
    unlink(name);
    rmdir(dir);
}

static void test_open_failure(void)
{
#if QOM_COMPAT_QEMU < 502
    g_assert_cmpint(qemu_open("/nowhere/file", O_RDONLY), ==, -1);
#else
    Error *err = NULL;

    g_assert_cmpint(qemu_create("/nowhere/file", O_RDWR, 0600, &err), ==, -1);
    g_assert_cmpint(errno, ==, ENOENT);
    assert_error(err, "Could not create '/nowhere/file': "
                      "No such file or directory");
    g_assert_cmpint(qemu_open("/nowhere/file", O_RDONLY, &err), ==, -1);
    g_assert_cmpint(errno, ==, ENOENT);
    assert_error(err, "Could not open '/nowhere/file': "
                      "No such file or directory");
    g_assert_cmpint(qemu_open("/nowhere/file", O_RDONLY, NULL), ==, -1);
#endif
    g_assert_cmpint(errno, ==, ENOENT);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    qemu_init_main_loop(&error_abort);

    g_test_add_func("/compat/osdep/declarations", test_declarations);
    g_test_add_func("/compat/osdep/host", test_host);
    g_test_add_func("/compat/osdep/retry", test_retry);
    g_test_add_func("/compat/osdep/open", test_open);
    g_test_add_func("/compat/osdep/open-failure", test_open_failure);
    return test_run();
}
