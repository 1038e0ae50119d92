/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Each operation on file descriptors, with each fd monitor, run by aio_poll()
 * and by GLib: when it can proceed, when the peer has gone, after its deadline,
 * and cancelled at each time.
 */
#include "tests/unit/aio/net/net-fixture.h"

#include "aio/coroutine/coroutine-sleep.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/un.h>

/* ---- Operations that wait ---- */

/* One operation on f->fd[0], which has to wait. */
typedef struct Op {
    const char *name;
    ssize_t (*run)(NetFixture *f, int64_t deadline_ns);
    void (*block)(NetFixture *f);   /* makes it wait */
    void (*unblock)(NetFixture *f); /* lets it proceed */
    ssize_t result;
} Op;

static char byte;
static char large[1 << 20];

static void do_nothing(NetFixture *f)
{
}

static void send_byte(NetFixture *f)
{
    g_assert_cmpint(send(f->fd[1], "x", 1, 0), ==, 1);
}

static void fill_socket(NetFixture *f)
{
    while (send(f->fd[0], large, sizeof(large), 0) > 0) {
    }
    g_assert_cmpint(errno, ==, EAGAIN);
}

/* Reads what there is, until the operation is the only one that is left. */
static void drain_socket(NetFixture *f)
{
    while (recv(f->fd[1], large, sizeof(large), 0) > 0) {
    }
    g_assert_cmpint(errno, ==, EAGAIN);
}

static ssize_t op_wait_in(NetFixture *f, int64_t deadline_ns)
{
    return co_fd_wait(f->fd[0], POLLIN, deadline_ns);
}

static ssize_t op_wait_out(NetFixture *f, int64_t deadline_ns)
{
    return co_fd_wait(f->fd[0], POLLOUT, deadline_ns);
}

static ssize_t op_read(NetFixture *f, int64_t deadline_ns)
{
    return co_read(f->fd[0], &byte, 1, deadline_ns);
}

static ssize_t op_readv(NetFixture *f, int64_t deadline_ns)
{
    char first;
    struct iovec iov[2] = { { &first, 1 }, { &byte, 1 } };

    return co_readv(f->fd[0], iov, 2, deadline_ns);
}

static ssize_t op_write(NetFixture *f, int64_t deadline_ns)
{
    return co_write(f->fd[0], "y", 1, deadline_ns);
}

static ssize_t op_writev(NetFixture *f, int64_t deadline_ns)
{
    struct iovec iov[3] = {
        { (char *)"", 0 }, { (char *)"ab", 2 }, { (char *)"c", 1 },
    };

    return co_writev(f->fd[0], iov, 3, deadline_ns);
}

static struct sockaddr_un abstract_address(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    g_snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1,
               "qom-test-co-io-%d", (int)getpid());
    return address;
}

static void listen_here(NetFixture *f)
{
    struct sockaddr_un address = abstract_address();

    net_close(f, 0);
    f->fd[0] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(f->fd[0], (struct sockaddr *)&address,
                         sizeof(address)), ==, 0);
    g_assert_cmpint(listen(f->fd[0], 0), ==, 0);
}

static void connect_here(NetFixture *f)
{
    struct sockaddr_un address = abstract_address();

    net_close(f, 1);
    f->fd[1] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    g_assert_cmpint(connect(f->fd[1], (struct sockaddr *)&address,
                            sizeof(address)), ==, 0);
}

static ssize_t op_accept(NetFixture *f, int64_t deadline_ns)
{
    int fd = co_accept(f->fd[0], deadline_ns);

    if (fd < 0) {
        return fd;
    }
    g_assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    g_assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    close(fd);
    return 0;
}

/* The backlog of 0 has room for one client. */
static void fill_backlog(NetFixture *f)
{
    listen_here(f);
    connect_here(f);
}

static void take_client(NetFixture *f)
{
    int fd = accept(f->fd[0], NULL, NULL);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
}

static ssize_t op_connect(NetFixture *f, int64_t deadline_ns)
{
    struct sockaddr_un address = abstract_address();
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int ret = co_connect(fd, (struct sockaddr *)&address, sizeof(address),
                         deadline_ns);

    close(fd);
    return ret;
}

static const Op ops[] = {
    { "wait-in", op_wait_in, do_nothing, send_byte, POLLIN },
    { "wait-out", op_wait_out, fill_socket, drain_socket, POLLOUT },
    { "read", op_read, do_nothing, send_byte, 1 },
    { "readv", op_readv, do_nothing, send_byte, 1 },
    { "write", op_write, fill_socket, drain_socket, 1 },
    { "writev", op_writev, fill_socket, drain_socket, 3 },
    { "accept", op_accept, listen_here, connect_here, 0 },
    { "connect", op_connect, fill_backlog, take_client, 0 },
};

typedef struct Run {
    NetFixture *f;
    const Op *op;
    int64_t deadline_ns;
    bool cancel_first;
    Coroutine *co;
    ssize_t ret;
    bool done;
} Run;

static int run_op(void *opaque)
{
    Run *run = opaque;

    run->co = coroutine_self();
    if (run->cancel_first) {
        coroutine_cancel(run->co);
    }
    run->ret = run->op->run(run->f, run->deadline_ns);
    run->done = true;
    return 0;
}

static void run_start(Run *run)
{
    run->op->block(run->f);
    co_group_spawn(run->f->group, NULL, run_op, run);
}

static void check_proceeds(NetFixture *f, const Op *op)
{
    Run run = { .f = f, .op = op, .deadline_ns = co_deadline_ns(HOUR_NS) };

    run_start(&run);
    net_run(f, false);
    g_assert_false(run.done);
    op->unblock(f);
    net_run_until(f, run.done);
    g_assert_cmpint(run.ret, ==, op->result);
}

static void check_deadline(NetFixture *f, const Op *op)
{
    Run run = { .f = f, .op = op, .deadline_ns = co_deadline_ns(0) };

    run_start(&run);
    g_assert_cmpint(net_join(f), ==, 0);
    g_assert_cmpint(run.ret, ==, -ETIMEDOUT);
}

static void check_cancel_at_once(NetFixture *f, const Op *op)
{
    Run run = {
        .f = f, .op = op, .deadline_ns = -1, .cancel_first = true,
    };

    run_start(&run);
    g_assert_true(run.done);
    g_assert_cmpint(run.ret, ==, -ECANCELED);
}

static void check_cancel(NetFixture *f, const Op *op)
{
    Run run = { .f = f, .op = op, .deadline_ns = -1 };

    run_start(&run);
    net_run(f, false);
    g_assert_false(run.done);
    coroutine_cancel(run.co);
    g_assert_true(run.done);
    g_assert_cmpint(run.ret, ==, -ECANCELED);
}

/* The wait has ended by readiness when the cancellation comes. */
static void check_cancel_after_ready(NetFixture *f, const Op *op)
{
    Run run = { .f = f, .op = op, .deadline_ns = -1 };

    run_start(&run);
    op->unblock(f);
    co_group_cancel(f->group);
    net_join(f);
    g_assert_true(run.ret == op->result || run.ret == -ECANCELED);
}

static void *cancel_group(void *opaque)
{
    co_group_cancel(opaque);
    co_group_cancel(opaque);
    return NULL;
}

static void check_cancel_by_thread(NetFixture *f, const Op *op)
{
    Run run = { .f = f, .op = op, .deadline_ns = -1 };
    Thread thread;

    run_start(&run);
    g_assert_cmpint(thread_create(&thread, "cancel", 0, cancel_group,
                                  f->group), ==, 0);
    net_join(f);
    thread_join(&thread);
    g_assert_cmpint(run.ret, ==, -ECANCELED);
}

static const struct {
    const char *name;
    void (*check)(NetFixture *f, const Op *op);
} checks[] = {
    { "proceeds", check_proceeds },
    { "deadline", check_deadline },
    { "cancel-at-once", check_cancel_at_once },
    { "cancel", check_cancel },
    { "cancel-after-ready", check_cancel_after_ready },
    { "cancel-by-thread", check_cancel_by_thread },
};

/* All operations, one after the other, on fresh sockets. */
typedef struct Case {
    const NetVariant *variant;
    const Op *op;
    void (*check)(NetFixture *f, const Op *op);
} Case;

static void test_case(const void *data)
{
    const Case *c = data;
    NetFixture f;

    net_setup(&f, c->variant);
    if (f.skip) {
        g_test_skip("the kernel does not have the monitor");
    } else {
        c->check(&f, c->op);
    }
    net_teardown(&f, c->variant);
}

static void add_case(const NetVariant *variant, const Op *op, size_t check)
{
    g_autofree char *path =
        g_strdup_printf("/aio/net/co-io/%s/%s/%s", op->name,
                        checks[check].name, variant->name);
    Case *c = g_new(Case, 1);

    *c = (Case) { variant, op, checks[check].check };
    g_test_add_data_func(path, c, test_case);
}

/* ---- More ---- */

static int echo(void *opaque)
{
    NetFixture *f = opaque;
    char bytes[7];
    ssize_t n;

    while ((n = co_read(f->fd[1], bytes, sizeof(bytes), -1)) > 0) {
        n = co_write(f->fd[1], bytes, n, -1);
        g_assert_cmpint(n, >, 0);
    }
    return n;
}

static int send_large(void *opaque)
{
    NetFixture *f = opaque;

    g_assert_cmpint(co_write(f->fd[0], large, sizeof(large), -1), ==,
                    sizeof(large));
    return shutdown(f->fd[0], SHUT_WR);
}

static int receive_large(void *opaque)
{
    NetFixture *f = opaque;
    size_t total = 0;
    g_autofree char *bytes = g_malloc(1000);
    ssize_t n;

    while ((n = co_read(f->fd[0], bytes, 1000, -1)) > 0) {
        for (ssize_t i = 0; i < n; i++) {
            g_assert_cmpint(bytes[i], ==, large[total + i]);
        }
        total += n;
    }
    g_assert_cmpuint(total, ==, sizeof(large));
    return n;
}

static int echo_until_end(void *opaque)
{
    NetFixture *f = opaque;
    int ret = echo(f);

    return ret < 0 ? ret : shutdown(f->fd[1], SHUT_WR);
}

NET_TEST(test_reader_and_writer_of_one_socket)
{
    for (size_t i = 0; i < sizeof(large); i++) {
        large[i] = i * 7 + i / 251;
    }
    co_group_spawn(f->group, NULL, echo_until_end, f);
    co_group_spawn(f->group, NULL, receive_large, f);
    co_group_spawn(f->group, NULL, send_large, f);
    g_assert_cmpint(net_join(f), ==, 0);
}

static int write_to_closed(void *opaque)
{
    NetFixture *f = opaque;

    return co_write(f->fd[0], large, sizeof(large), -1);
}

NET_TEST(test_peer_that_vanishes)
{
    int ret = -1;

    co_group_spawn(f->group, NULL, write_to_closed, f);
    net_run(f, false);
    net_close(f, 1);
    ret = net_join(f);
    g_assert_true(ret == -EPIPE || ret == -ECONNRESET);
}

static int read_end(void *opaque)
{
    NetFixture *f = opaque;

    return op_read(f, -1);
}

NET_TEST(test_read_of_a_peer_that_vanishes)
{
    co_group_spawn(f->group, NULL, read_end, f);
    net_run(f, false);
    net_close(f, 1);
    g_assert_cmpint(net_join(f), ==, 0);
}

/* SIGPIPE would end the program. */
NET_TEST(test_pipe_without_reader)
{
    int fd[2];

    g_assert_cmpint(pipe2(fd, O_CLOEXEC | O_NONBLOCK), ==, 0);
    close(fd[0]);
    net_close(f, 0);
    f->fd[0] = fd[1];
    signal(SIGPIPE, SIG_DFL);
    co_group_spawn(f->group, NULL, write_to_closed, f);
    g_assert_cmpint(net_join(f), ==, -EPIPE);
}

static int connect_refused(void *opaque)
{
    NetFixture *f = opaque;

    return op_connect(f, -1);
}

NET_TEST(test_connect_is_refused)
{
    co_group_spawn(f->group, NULL, connect_refused, f);
    g_assert_cmpint(net_join(f), ==, -ECONNREFUSED);
}

static int accept_one(void *opaque)
{
    NetFixture *f = opaque;

    return op_accept(f, -1);
}

NET_TEST(test_accept_without_descriptors)
{
    struct rlimit old;
    struct rlimit none;

    fill_backlog(f);
    getrlimit(RLIMIT_NOFILE, &old);
    none = old;
    none.rlim_cur = test_lowest_free_descriptor();
    setrlimit(RLIMIT_NOFILE, &none);
    co_group_spawn(f->group, NULL, accept_one, f);
    setrlimit(RLIMIT_NOFILE, &old);
    g_assert_cmpint(net_join(f), ==, -EMFILE);
    co_group_spawn(f->group, NULL, accept_one, f);
    g_assert_cmpint(net_join(f), ==, 0);
}

/* /dev/zero never makes a reader wait. */
static int read_zeroes(void *opaque)
{
    int fd = open("/dev/zero", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    bool *stop = opaque;
    char bytes[16];

    while (!*stop) {
        g_assert_cmpint(co_read(fd, bytes, sizeof(bytes), -1), ==,
                        sizeof(bytes));
    }
    close(fd);
    return 0;
}

static void set_bool(void *opaque)
{
    *(bool *)opaque = true;
}

NET_TEST(test_endless_input_leaves_the_loop_running)
{
    bool stop = false;

    co_group_spawn(f->group, NULL, read_zeroes, &stop);
    aio_bh_schedule_oneshot(f->ctx, set_bool, &stop);
    g_assert_cmpint(net_join(f), ==, 0);
}

static int wait_forever(void *opaque)
{
    return co_fd_wait(GPOINTER_TO_INT(opaque), POLLIN, -1);
}

static void two_waits(void)
{
    CoGroup *group = co_group_new();
    int fd[2];

    g_assert_cmpint(pipe(fd), ==, 0);
    co_group_spawn(group, NULL, wait_forever, GINT_TO_POINTER(fd[0]));
    co_group_spawn(group, NULL, wait_forever, GINT_TO_POINTER(fd[0]));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_true(aio_main_context_init(&error_abort));

    for (size_t v = 0; v < G_N_ELEMENTS(net_variants); v++) {
        for (size_t o = 0; o < G_N_ELEMENTS(ops); o++) {
            for (size_t c = 0; c < G_N_ELEMENTS(checks); c++) {
                add_case(&net_variants[v], &ops[o], c);
            }
        }
    }
    net_add("/aio/net/co-io", "reader-and-writer",
            test_reader_and_writer_of_one_socket);
    net_add("/aio/net/co-io", "write/peer-vanishes", test_peer_that_vanishes);
    net_add("/aio/net/co-io", "write/pipe-without-reader",
            test_pipe_without_reader);
    net_add("/aio/net/co-io", "read/peer-vanishes",
            test_read_of_a_peer_that_vanishes);
    net_add("/aio/net/co-io", "connect/refused", test_connect_is_refused);
    net_add("/aio/net/co-io", "accept/no-descriptors",
            test_accept_without_descriptors);
    net_add("/aio/net/co-io", "endless-input",
            test_endless_input_leaves_the_loop_running);
    test_add_abort_func("/aio/net/co-io/two-readers", two_waits,
                        "*two coroutines wait for the same direction*");
    return test_run();
}
