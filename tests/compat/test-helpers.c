/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sockets, places of messages, tracing, options and other helpers. */
#include "qemu/osdep.h"

/* As QEMU's headers of devices define it. */
typedef struct {
    bool engaged_in_io;
} MemReentrancyGuard;

#include "qapi/error.h"
#include "qemu/config-file.h"
#include "qemu/coroutine_int.h"
#include "qemu/defer-call.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "qemu/option.h"
#include "qemu/sockets.h"
#include "qom/object.h"
#include "tests/unit/test-util.h"
#include "trace.h"

/* ---- Sockets ---- */

static void test_sockets(void)
{
    char buf[8] = "";
    int sv[2], pair[2];

    g_assert_cmpint(qemu_socketpair(AF_UNIX, SOCK_STREAM, 0, sv), ==, 0);
    g_assert_true(fd_is_socket(sv[0]));
    g_assert_true(fcntl(sv[1], F_GETFD) & FD_CLOEXEC);
    qemu_socket_set_nonblock(sv[0]);
    g_assert_cmpint(recv(sv[0], buf, 1, 0), ==, -1);
    g_assert_cmpint(errno, ==, EAGAIN);
    qemu_socket_set_block(sv[0]);
    g_assert_false(fcntl(sv[0], F_GETFL) & O_NONBLOCK);
    g_assert_true(qemu_set_blocking(sv[0], false, &error_abort));
    g_assert_cmpint(qemu_socket_try_set_nonblock(sv[0]), ==, 0);
    g_assert_cmpint(qemu_send_full(sv[1], "text", 5), ==, 5);
    g_assert_cmpint(recv(sv[0], buf, 8, 0), ==, 5);
    g_assert_cmpstr(buf, ==, "text");
    close(sv[0]);
    close(sv[1]);

    g_assert_cmpint(qemu_pipe(pair), ==, 0);
    g_assert_false(fd_is_socket(pair[0]));
    g_assert_true(fcntl(pair[0], F_GETFD) & FD_CLOEXEC);
    qemu_clear_cloexec(pair[0]);
    g_assert_false(fcntl(pair[0], F_GETFD) & FD_CLOEXEC);
    g_assert_cmpint(qemu_write_full(pair[1], "ab", 2), ==, 2);
    sv[0] = qemu_dup(pair[0]);
    g_assert_cmpint(read(sv[0], buf, 8), ==, 2);
    close(sv[0]);
    close(pair[0]);
    close(pair[1]);
}

static void test_inet_sockets(void)
{
    struct sockaddr_in addr = { .sin_family = AF_INET,
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(addr);
    int server = qemu_socket(AF_INET, SOCK_STREAM, 0);
    int client = qemu_socket(AF_INET, SOCK_STREAM, 0);
    int accepted;

    g_assert_cmpint(socket_init(), ==, 0);
    g_assert_cmpint(socket_set_fast_reuse(server), ==, 0);
    g_assert_cmpint(bind(server, (void *)&addr, len), ==, 0);
    g_assert_cmpint(listen(server, 1), ==, 0);
    g_assert_cmpint(getsockname(server, (void *)&addr, &len), ==, 0);
    g_assert_cmpint(connect(client, (void *)&addr, len), ==, 0);
    accepted = qemu_accept(server, NULL, NULL);
    g_assert_cmpint(accepted, >=, 0);
    g_assert_true(fcntl(accepted, F_GETFD) & FD_CLOEXEC);
    g_assert_cmpint(socket_set_nodelay(client), ==, 0);
    g_assert_cmpint(socket_set_cork(client, 1), ==, 0);
    close(accepted);
    close(client);
    close(server);
}

/* ---- Sockets in coroutines ---- */

typedef struct Transfer {
    int fd;
    ssize_t result;
    bool is_done;
    size_t size;
    char *data;
} Transfer;

static void coroutine_fn send_all(void *opaque)
{
    Transfer *t = opaque;

    t->result = qemu_co_send(t->fd, t->data, t->size);
    close(t->fd);
    t->is_done = true;
}

/* In two vectors, without the first bytes of the first one. */
static void coroutine_fn receive_all(void *opaque)
{
    Transfer *t = opaque;
    char skipped[3];
    struct iovec iov[] = {
        { skipped, sizeof(skipped) },
        { t->data, 10 },
        { t->data + 10, t->size - 10 },
    };

    yield_until_fd_readable(t->fd);
    t->result = qemu_co_recvv(t->fd, iov, G_N_ELEMENTS(iov), sizeof(skipped),
                              t->size);
    close(t->fd);
    t->is_done = true;
}

/* More than the buffers of the kernel hold, and then the end of the stream. */
static void test_coroutine_sockets(void)
{
    Transfer out = { .size = 3 << 20 }, in = { .size = out.size + 1 };
    int sv[2];

    g_assert_cmpint(qemu_socketpair(AF_UNIX, SOCK_STREAM, 0, sv), ==, 0);
    out.fd = sv[0];
    in.fd = sv[1];
    qemu_socket_set_nonblock(in.fd);
    qemu_socket_set_nonblock(out.fd);
    out.data = g_malloc(out.size);
    in.data = g_malloc0(in.size);
    for (size_t i = 0; i < out.size; i++) {
        out.data[i] = i / 251;
    }
    qemu_coroutine_enter(qemu_coroutine_create(receive_all, &in));
    g_assert_false(in.is_done);
    qemu_coroutine_enter(qemu_coroutine_create(send_all, &out));
    g_assert_false(out.is_done);
    while (!in.is_done || !out.is_done) {
        main_loop_wait(false);
    }
    g_assert_cmpint(out.result, ==, out.size);
    g_assert_cmpint(in.result, ==, out.size);
    g_assert_true(memcmp(in.data, out.data, out.size) == 0);
    g_free(in.data);
    g_free(out.data);
}

static void coroutine_fn send_to_nobody(void *opaque)
{
    Transfer *t = opaque;

    t->result = qemu_co_send(t->fd, t->data, t->size);
    t->is_done = errno == EPIPE;
}

static void test_coroutine_socket_fails(void)
{
    char data[4] = "data";
    Transfer out = { .size = sizeof(data), .data = data };
    int sv[2];

    g_assert_cmpint(qemu_socketpair(AF_UNIX, SOCK_STREAM, 0, sv), ==, 0);
    close(sv[1]);
    out.fd = sv[0];
    qemu_coroutine_enter(qemu_coroutine_create(send_to_nobody, &out));
    g_assert_true(out.is_done && out.result == -1);
    close(sv[0]);
}

/* ---- Coroutines ---- */

static void coroutine_fn yield_once(void *opaque)
{
    qemu_coroutine_yield();
}

static void coroutine_fn enter_other(void *opaque)
{
    qemu_coroutine_enter(opaque);
}

/* The caller of a coroutine that yields may end before it is entered again. */
static void test_ended_caller(void)
{
    Coroutine *inner = qemu_coroutine_create(yield_once, NULL);
    Coroutine *outer = qemu_coroutine_create(enter_other, inner);
    Coroutine saved;

    qemu_coroutine_inc_pool_size(1);
    qemu_aio_coroutine_enter(qemu_get_aio_context(), outer);
    saved = *outer;
    memset(outer, 0xff, sizeof(*outer));
    qemu_coroutine_enter(inner);
    *outer = saved;
    qemu_coroutine_dec_pool_size(1);
}

/* ---- Messages ---- */

static void report_places(void)
{
    const char *argv[] = { "program", "-object", "foo" };
    Location cmdline, file, saved;

    g_set_prgname("program");
    error_report("no place");
    loc_set_file("ignored", 1);
    loc_push_none(&cmdline);
    loc_set_cmdline((char **)argv, 1, 2);
    error_report("of arguments");
    loc_save(&saved);
    loc_push_none(&file);
    loc_set_file("a.cfg", 7);
    warn_report("of a line");
    loc_set_file("a.cfg", 0);
    error_report("of a file");
    loc_restore(&saved);
    error_report("restored");
    loc_set_none();
    error_report("none");
    loc_pop(&file);
    error_report("of arguments again");
    loc_pop(&cmdline);
    for (int i = 0; i < 2; i++) {
        Error *err = NULL;

        error_setg(&err, "number %d", i);
        g_assert_cmpint(warn_report_err_once(err), ==, i == 0);
    }
    error_vprintf("the end\n", (va_list){});
    abort();
}

#define PLACES                                                          \
    "program: no place\n"                                               \
    "program: -object foo: of arguments\n"                              \
    "program: a.cfg:7: warning: of a line\n"                            \
    "program: a.cfg: of a file\n"                                       \
    "program: -object foo: restored\n"                                  \
    "program: none\n"                                                   \
    "program: -object foo: of arguments again\n"                        \
    "program: warning: number 0\n"                                      \
    "the end\n"

/* ---- Tracing ---- */

static void trace_callback(void *opaque)
{
}

static void test_trace(void)
{
    trace_helper_simple(NULL, 1);
    trace_helper_void();
    trace_helper_empty();
    trace_helper_disabled("text");
    trace_helper_function_pointer(trace_callback, 2);
    g_assert_false(trace_event_get_state(TRACE_HELPER_SIMPLE));
    g_assert_false(trace_event_get_state_backends(TRACE_HELPER_DISABLED));
}

/* ---- Options ---- */

static QemuOptsList list_of_options = {
    .name = "helper",
    .implied_opt_name = "type",
    .head = QTAILQ_HEAD_INITIALIZER(list_of_options.head),
    .desc = { { .name = "size", .type = QEMU_OPT_SIZE }, { NULL } },
};

static void test_options(void)
{
    Error *err = NULL;

    qemu_add_opts(&list_of_options);
    g_assert_true(qemu_find_opts("helper") == &list_of_options);
    g_assert_null(qemu_find_opts_err("other", &err));
    assert_error(err, "There is no option group 'other'");
}

/* ---- Macros ---- */

#define CONFIG_HELPER_ONE 1
#define CONFIG_HELPER_EMPTY

struct Packed {
    char c;
    uint32_t n;
} QEMU_PACKED;

QEMU_BUILD_BUG_ON(endof(struct Packed, n) != 5);

static TSA_NO_TSA int which(int n)
{
    switch (n) {
    case 0:
        n++;
        QEMU_FALLTHROUGH;
    case 1:
        return n;
    default:
        qemu_build_assert(n > 1);
        return -1;
    }
}

static void test_macros(void)
{
    const int n = 5;
    char array[64];
    char *p = QEMU_ALIGN_PTR_UP(array + 1, 16);
    typeof_strip_qual(n) writable = n;

    writable++;
    g_assert_cmpint(writable, ==, 6);
    g_assert_true(IS_ENABLED(CONFIG_HELPER_ONE));
    g_assert_true(IS_ENABLED(CONFIG_HELPER_EMPTY));
    g_assert_false(IS_ENABLED(CONFIG_HELPER_NONE));
    g_assert_true(IS_ENABLED(CONFIG_POSIX));
    g_assert_cmpint(which(0), ==, 1);
    g_assert_cmpint(which(2), ==, -1);
    g_assert_cmpint(ROUND_DOWN(35, 16), ==, 32);
    g_assert_true(QEMU_PTR_IS_ALIGNED(p, 16));
    g_assert_true(QEMU_ALIGN_PTR_DOWN(p + 3, 16) == p);
    g_assert_cmpint(MAX_CONST(1, 2) + MIN_CONST(1, 2), ==, 3);
    g_assert_cmpuint(qemu_real_host_page_size() & 4095, ==, 0);
#if __has_warning("-Wnonsense") || __has_builtin(nonsense)
    g_assert_not_reached();
#endif
    qemu_flockfile(stdout);
    qemu_funlockfile(stdout);
}

static void test_atomics(void)
{
    aligned_int64_t big = -1;
    unsigned n = 1;

    qatomic64_init();
    qatomic_set_i64(&big, INT64_MIN);
    g_assert_cmpint(qatomic_read_i64(&big), ==, INT64_MIN);
    g_assert_cmpuint(qatomic_fetch_inc_nonzero(&n), ==, 1);
    g_assert_cmpuint(n, ==, 2);
    n = 0;
    g_assert_cmpuint(qatomic_fetch_inc_nonzero(&n), ==, 0);
    g_assert_cmpuint(n, ==, 0);
    signal_barrier();
}

/* ---- The main loop ---- */

static void count(void *opaque)
{
    ++*(int *)opaque;
}

static void test_main_loop(void)
{
    int n = 0;
    QEMUTimer *timer = timer_new_ns(QEMU_CLOCK_REALTIME, count, &n);
    GSource *source = iohandler_get_g_source();

    BQL_LOCK_GUARD();
    g_source_unref(source);
    qemu_init_clocks(NULL);
    timer_mod(timer, 1);
    qemu_clock_notify(QEMU_CLOCK_REALTIME);
    g_assert_true(qemu_clock_run_all_timers());
    g_assert_false(qemu_clock_run_all_timers());
    g_assert_cmpint(n, ==, 1);
    timer_free(timer);

    defer_call_begin();
    defer_call(count, &n);
    defer_call(count, &n);
    g_assert_cmpint(n, ==, 1);
    defer_call_end();
    g_assert_cmpint(n, ==, 2);
}

static bool was_engaged;

static void check_engaged(void *opaque)
{
    was_engaged = ((MemReentrancyGuard *)opaque)->engaged_in_io;
}

static void test_guard_of_device(void)
{
    MemReentrancyGuard guard = { false };
    QEMUBH *bh = qemu_bh_new_guarded(check_engaged, &guard, &guard);

    was_engaged = false;
    qemu_bh_schedule(bh);
    main_loop_wait(true);
    g_assert_true(was_engaged);
    g_assert_false(guard.engaged_in_io);
    qemu_bh_delete(bh);
}

/* ---- The order of instance_post_init ---- */

static GString *order;

static void parent_post_init(Object *obj)
{
    g_string_append(order, "parent ");
}

static void child_post_init(Object *obj)
{
    g_string_append(order, "child ");
}

static const TypeInfo order_types[] = {
    {
        .name = "order-parent",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Object),
        .instance_post_init = parent_post_init,
    },
    {
        .name = "order-child",
        .parent = "order-parent",
        .instance_post_init = child_post_init,
    },
};
DEFINE_TYPES(order_types)

static void test_post_init_order(void)
{
    order = g_string_new(NULL);
    object_unref(object_new("order-child"));
#if QOM_COMPAT_QEMU < 1001
    g_assert_cmpstr(order->str, ==, "child parent ");
#else
    g_assert_cmpstr(order->str, ==, "parent child ");
#endif
    g_string_free(order, TRUE);
}

int main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    qemu_init_main_loop(&error_abort);
    g_test_add_func("/compat/sockets/unix", test_sockets);
    g_test_add_func("/compat/sockets/inet", test_inet_sockets);
    g_test_add_func("/compat/sockets/coroutines", test_coroutine_sockets);
    g_test_add_func("/compat/sockets/coroutine-fails",
                    test_coroutine_socket_fails);
    g_test_add_func("/compat/coroutine/ended-caller", test_ended_caller);
    g_test_add_func("/compat/trace", test_trace);
    g_test_add_func("/compat/options/lists", test_options);
    g_test_add_func("/compat/macros", test_macros);
    g_test_add_func("/compat/atomic", test_atomics);
    g_test_add_func("/compat/main-loop/timers", test_main_loop);
    g_test_add_func("/compat/main-loop/guard-of-device",
                    test_guard_of_device);
    g_test_add_func("/compat/object/post-init-order", test_post_init_order);
    test_add_abort_func("/compat/error-report/places", report_places, PLACES);
    return test_run();
}
