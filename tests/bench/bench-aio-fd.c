/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * File descriptors: one of n eventfds becomes ready, and its handler is called.
 *
 * "one-of-n" is a write to an eventfd, a blocking iteration of the loop and the
 * read in the handler; each operation uses the next eventfd.  "all-of-n" is the
 * same for each of n eventfds that are all ready.  "register-among-n" registers
 * a handler, checks without waiting, removes the handler and checks again,
 * while n other eventfds are watched.  Our loop has the parameters of an
 * iothread and runs once with each monitor; the peers use epoll.  The floors
 * are bare epoll, and bare io_uring with multishot poll, which is not
 * level-triggered, each with a call through a pointer.
 */
#include "aio/aio.h"
#include "qapi/error.h"
#include "tests/bench/bench.h"

#include <glib-unix.h>
#ifdef CONFIG_LIBURING
#include <liburing.h>
#endif
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#ifdef HAVE_LIBUV
#include <uv.h>
#endif
#ifdef HAVE_LIBEV
#include <ev.h>
#endif

#define MAX_FDS 1024
#define IOTHREAD_POLL_MAX_NS 32768 /* by default */

typedef enum LoadKind {
    LOAD_ONE,
    LOAD_ALL,
    LOAD_REGISTER,
} LoadKind;

typedef struct Load {
    unsigned n_fds;
    LoadKind kind;
    AioFdMonitor monitor; /* of ours */
} Load;

/* What all implementations share: the eventfds, and the work of an op. */
typedef struct Fds {
    const Load *load;
    void *loop;
    void (*iterate)(void *loop);
    void (*look)(void *loop); /* without waiting */
    void (*set)(void *loop, bool is_watched); /* another descriptor */
    int fd[MAX_FDS + 1]; /* the last one for set() */
    unsigned next;
} Fds;

static uint64_t called;

static void fds_init(Fds *fds, const void *load, void *loop,
                     void (*iterate)(void *loop))
{
    fds->load = load;
    fds->loop = loop;
    fds->iterate = iterate;
    fds->next = 0;
    for (unsigned i = 0; i <= fds->load->n_fds; i++) {
        fds->fd[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        g_assert(fds->fd[i] >= 0);
    }
}

static void fds_close(Fds *fds)
{
    for (unsigned i = 0; i <= fds->load->n_fds; i++) {
        close(fds->fd[i]);
    }
}

static int fd_to_register(const Fds *fds)
{
    return fds->fd[fds->load->n_fds];
}

static void fd_write(int fd)
{
    uint64_t one = 1;

    if (write(fd, &one, sizeof(one)) != sizeof(one)) {
        abort();
    }
}

static void fd_read(int fd)
{
    uint64_t value;

    if (read(fd, &value, sizeof(value)) != sizeof(value)) {
        abort();
    }
    called++;
}

static void run_one(Fds *fds, uint64_t n)
{
    while (n--) {
        fd_write(fds->fd[fds->next]);
        fds->next = (fds->next + 1) % fds->load->n_fds;
        fds->iterate(fds->loop);
    }
}

static void run_all(Fds *fds, uint64_t n)
{
    while (n > 0) {
        unsigned batch = MIN(n, fds->load->n_fds);

        for (unsigned i = 0; i < batch; i++) {
            fd_write(fds->fd[i]);
        }
        called = 0;
        while (called < batch) {
            fds->iterate(fds->loop);
        }
        n -= batch;
    }
}

static void run_register(Fds *fds, uint64_t n)
{
    while (n--) {
        fds->set(fds->loop, true);
        fds->look(fds->loop);
        fds->set(fds->loop, false);
        fds->look(fds->loop);
    }
}

/* The fds are the first member of each state. */
static void run(void *state, uint64_t n)
{
    static void (*const runs[])(Fds *, uint64_t) = {
        [LOAD_ONE] = run_one,
        [LOAD_ALL] = run_all,
        [LOAD_REGISTER] = run_register,
    };
    Fds *fds = state;

    runs[fds->load->kind](fds, n);
}

/* ---- Ours ---- */

typedef struct Ours {
    Fds fds;
    AioContext *ctx;
} Ours;

static void ours_iterate(void *loop)
{
    aio_poll(((Ours *)loop)->ctx, true);
}

static void ours_look(void *loop)
{
    aio_poll(((Ours *)loop)->ctx, false);
}

static void ours_nothing(void *opaque)
{
}

static void ours_set(void *loop, bool is_watched)
{
    Ours *s = loop;

    aio_set_fd_handler(s->ctx, fd_to_register(&s->fds),
                       is_watched ? ours_nothing : NULL, NULL, NULL, NULL, s);
}

static void ours_read(void *opaque)
{
    fd_read((int)(intptr_t)opaque);
}

/* @io_read: NULL to end it */
static void ours_watch_all(Ours *s, IOHandler *io_read)
{
    for (unsigned i = 0; i < s->fds.load->n_fds; i++) {
        int fd = s->fds.fd[i];

        aio_set_fd_handler(s->ctx, fd, io_read, NULL, NULL, NULL,
                           (void *)(intptr_t)fd);
    }
}

static void *ours_setup(const void *arg)
{
    Ours *s = g_new0(Ours, 1);

    s->ctx = aio_context_new(&error_abort);
    aio_set_current_context(s->ctx);
    fds_init(&s->fds, arg, s, ours_iterate);
    s->fds.look = ours_look;
    s->fds.set = ours_set;
    aio_context_set_fd_monitor(s->ctx, s->fds.load->monitor, &error_abort);
    aio_context_set_poll_params(s->ctx, IOTHREAD_POLL_MAX_NS, 0, 0,
                                &error_abort);
    ours_watch_all(s, ours_read);
    return s;
}

static void ours_teardown(void *state)
{
    Ours *s = state;

    ours_watch_all(s, NULL);
    aio_set_current_context(NULL);
    aio_context_unref(s->ctx);
    fds_close(&s->fds);
    g_free(s);
}

/* ---- GLib ---- */

typedef struct Glib {
    Fds fds;
    GMainContext *context;
    GSource *source;
} Glib;

static void glib_iterate(void *loop)
{
    g_main_context_iteration(((Glib *)loop)->context, TRUE);
}

static void glib_look(void *loop)
{
    g_main_context_iteration(((Glib *)loop)->context, FALSE);
}

static gboolean glib_read(gint fd, GIOCondition condition, gpointer opaque)
{
    fd_read(fd);
    return G_SOURCE_CONTINUE;
}

static GSource *glib_watch(Glib *s, int fd)
{
    GSource *source = g_unix_fd_source_new(fd, G_IO_IN);

    g_source_set_callback(source, G_SOURCE_FUNC(glib_read), NULL, NULL);
    g_source_attach(source, s->context);
    return source;
}

static void glib_set(void *loop, bool is_watched)
{
    Glib *s = loop;

    if (is_watched) {
        s->source = glib_watch(s, fd_to_register(&s->fds));
    } else {
        g_source_destroy(s->source);
        g_source_unref(s->source);
    }
}

static void *glib_setup(const void *arg)
{
    Glib *s = g_new0(Glib, 1);

    s->context = g_main_context_new();
    fds_init(&s->fds, arg, s, glib_iterate);
    s->fds.look = glib_look;
    s->fds.set = glib_set;
    for (unsigned i = 0; i < s->fds.load->n_fds; i++) {
        g_source_unref(glib_watch(s, s->fds.fd[i]));
    }
    return s;
}

static void glib_teardown(void *state)
{
    Glib *s = state;

    g_main_context_unref(s->context);
    fds_close(&s->fds);
    g_free(s);
}

/* ---- libuv ---- */

#ifdef HAVE_LIBUV
typedef struct Uv {
    Fds fds;
    uv_loop_t loop;
    uv_poll_t poll[MAX_FDS + 1];
} Uv;

static void libuv_iterate(void *loop)
{
    uv_run(&((Uv *)loop)->loop, UV_RUN_ONCE);
}

static void libuv_look(void *loop)
{
    uv_run(&((Uv *)loop)->loop, UV_RUN_NOWAIT);
}

static void libuv_read(uv_poll_t *poll, int status, int events)
{
    fd_read((int)(intptr_t)poll->data);
}

static void libuv_set(void *loop, bool is_watched)
{
    Uv *s = loop;
    uv_poll_t *poll = &s->poll[s->fds.load->n_fds];

    if (is_watched) {
        uv_poll_start(poll, UV_READABLE, libuv_read);
    } else {
        uv_poll_stop(poll);
    }
}

static void *libuv_setup(const void *arg)
{
    Uv *s = g_new0(Uv, 1);

    uv_loop_init(&s->loop);
    fds_init(&s->fds, arg, s, libuv_iterate);
    s->fds.look = libuv_look;
    s->fds.set = libuv_set;
    for (unsigned i = 0; i <= s->fds.load->n_fds; i++) {
        uv_poll_init(&s->loop, &s->poll[i], s->fds.fd[i]);
        s->poll[i].data = (void *)(intptr_t)s->fds.fd[i];
        if (i < s->fds.load->n_fds) {
            uv_poll_start(&s->poll[i], UV_READABLE, libuv_read);
        }
    }
    return s;
}

static void libuv_teardown(void *state)
{
    Uv *s = state;

    for (unsigned i = 0; i <= s->fds.load->n_fds; i++) {
        uv_close((uv_handle_t *)&s->poll[i], NULL);
    }
    uv_run(&s->loop, UV_RUN_DEFAULT);
    uv_loop_close(&s->loop);
    fds_close(&s->fds);
    g_free(s);
}
#endif

/* ---- libev ---- */

#ifdef HAVE_LIBEV
typedef struct Ev {
    Fds fds;
    struct ev_loop *loop;
    ev_io io[MAX_FDS + 1];
} Ev;

static void libev_iterate(void *loop)
{
    ev_run(((Ev *)loop)->loop, EVRUN_ONCE);
}

static void libev_look(void *loop)
{
    ev_run(((Ev *)loop)->loop, EVRUN_NOWAIT);
}

static void libev_read(struct ev_loop *loop, ev_io *w, int revents)
{
    fd_read(w->fd);
}

static void libev_set(void *loop, bool is_watched)
{
    Ev *s = loop;
    ev_io *io = &s->io[s->fds.load->n_fds];

    if (is_watched) {
        ev_io_start(s->loop, io);
    } else {
        ev_io_stop(s->loop, io);
    }
}

static void *libev_setup(const void *arg)
{
    Ev *s = g_new0(Ev, 1);

    s->loop = ev_loop_new(EVBACKEND_EPOLL);
    fds_init(&s->fds, arg, s, libev_iterate);
    s->fds.look = libev_look;
    s->fds.set = libev_set;
    for (unsigned i = 0; i <= s->fds.load->n_fds; i++) {
        ev_io_init(&s->io[i], libev_read, s->fds.fd[i], EV_READ);
        if (i < s->fds.load->n_fds) {
            ev_io_start(s->loop, &s->io[i]);
        }
    }
    return s;
}

static void libev_teardown(void *state)
{
    Ev *s = state;

    ev_loop_destroy(s->loop);
    fds_close(&s->fds);
    g_free(s);
}
#endif

/* ---- The floors ---- */

typedef struct FloorHandler {
    void (*read)(int fd);
    int fd;
} FloorHandler;

typedef struct Floor {
    Fds fds;
    int epoll_fd;
    FloorHandler handler[MAX_FDS + 1];
} Floor;

static void floor_wait(Floor *s, int timeout_ms)
{
    struct epoll_event events[128];
    int n = epoll_wait(s->epoll_fd, events, G_N_ELEMENTS(events), timeout_ms);

    for (int i = 0; i < n; i++) {
        FloorHandler *handler = events[i].data.ptr;

        handler->read(handler->fd);
    }
}

static void floor_iterate(void *loop)
{
    floor_wait(loop, -1);
}

static void floor_look(void *loop)
{
    floor_wait(loop, 0);
}

static void floor_ctl(Floor *s, int op, unsigned i)
{
    struct epoll_event event = {
        .events = EPOLLIN,
        .data.ptr = &s->handler[i],
    };

    epoll_ctl(s->epoll_fd, op, s->fds.fd[i], &event);
}

static void floor_set(void *loop, bool is_watched)
{
    Floor *s = loop;

    floor_ctl(s, is_watched ? EPOLL_CTL_ADD : EPOLL_CTL_DEL,
              s->fds.load->n_fds);
}

static void *floor_setup(const void *arg)
{
    Floor *s = g_new0(Floor, 1);

    s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    fds_init(&s->fds, arg, s, floor_iterate);
    s->fds.look = floor_look;
    s->fds.set = floor_set;
    for (unsigned i = 0; i < s->fds.load->n_fds; i++) {
        s->handler[i] = (FloorHandler) { fd_read, s->fds.fd[i] };
        floor_ctl(s, EPOLL_CTL_ADD, i);
    }
    return s;
}

static void floor_teardown(void *state)
{
    Floor *s = state;

    close(s->epoll_fd);
    fds_close(&s->fds);
    g_free(s);
}

#ifdef CONFIG_LIBURING
typedef struct FloorUring {
    Fds fds;
    struct io_uring ring;
    FloorHandler handler[MAX_FDS + 1];
} FloorUring;

static void floor_uring_look(void *loop)
{
    FloorUring *s = loop;
    struct io_uring_cqe *cqe;
    unsigned head;
    unsigned n = 0;

    io_uring_for_each_cqe(&s->ring, head, cqe) {
        FloorHandler *handler = io_uring_cqe_get_data(cqe);

        n++;
        if (handler && cqe->res > 0) {
            handler->read(handler->fd);
        }
    }
    io_uring_cq_advance(&s->ring, n);
}

static void floor_uring_iterate(void *loop)
{
    FloorUring *s = loop;

    if (io_uring_cq_ready(&s->ring) == 0) {
        io_uring_submit_and_wait(&s->ring, 1);
    }
    floor_uring_look(s);
}

static void floor_uring_watch(FloorUring *s, unsigned i)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&s->ring);

    io_uring_prep_poll_multishot(sqe, s->fds.fd[i], POLLIN);
    io_uring_sqe_set_data(sqe, &s->handler[i]);
    io_uring_submit(&s->ring);
}

static void floor_uring_set(void *loop, bool is_watched)
{
    FloorUring *s = loop;
    unsigned i = s->fds.load->n_fds;

    if (is_watched) {
        floor_uring_watch(s, i);
    } else {
        struct io_uring_sqe *sqe = io_uring_get_sqe(&s->ring);

        io_uring_prep_poll_remove(sqe, (uintptr_t)&s->handler[i]);
        io_uring_sqe_set_data(sqe, NULL);
        io_uring_submit(&s->ring);
    }
}

static void *floor_uring_setup(const void *arg)
{
    FloorUring *s = g_new0(FloorUring, 1);
    struct io_uring_params params = {
        .flags = IORING_SETUP_CQSIZE,
        .cq_entries = 4 * MAX_FDS,
    };

    fds_init(&s->fds, arg, s, floor_uring_iterate);
    s->fds.look = floor_uring_look;
    s->fds.set = floor_uring_set;
    if (io_uring_queue_init_params(64, &s->ring, &params) < 0) {
        abort();
    }
    for (unsigned i = 0; i < s->fds.load->n_fds; i++) {
        s->handler[i] = (FloorHandler) { fd_read, s->fds.fd[i] };
        floor_uring_watch(s, i);
    }
    return s;
}

static void floor_uring_teardown(void *state)
{
    FloorUring *s = state;

    io_uring_queue_exit(&s->ring);
    fds_close(&s->fds);
    g_free(s);
}
#endif

/* ---- Tables ---- */

#ifdef HAVE_LIBUV
#define LIBUV { "libuv", .setup = libuv_setup, .run = run, \
                .teardown = libuv_teardown },
#else
#define LIBUV
#endif
#ifdef HAVE_LIBEV
#define LIBEV { "libev", .setup = libev_setup, .run = run, \
                .teardown = libev_teardown },
#else
#define LIBEV
#endif

#ifdef CONFIG_LIBURING
#define LIBURING { "floor-io_uring", .setup = floor_uring_setup, .run = run, \
                   .teardown = floor_uring_teardown },
#else
#define LIBURING
#endif

#define CASE(name_, monitor_, n_, kind_)                                \
    {                                                                   \
        .name = "aio/fd/" name_,                                        \
        .arg = &(const Load) { n_, kind_, AIO_FD_MONITOR_ ## monitor_ }, \
        .ours = { .setup = ours_setup, .run = run,                      \
                  .teardown = ours_teardown },                          \
        .peers = {                                                      \
            { "glib", .setup = glib_setup, .run = run,                  \
              .teardown = glib_teardown },                              \
            LIBUV                                                       \
            LIBEV                                                       \
            { "floor", .setup = floor_setup, .run = run,                \
              .teardown = floor_teardown },                             \
            LIBURING                                                    \
        },                                                              \
    }

#define CASES(monitor, suffix)                                          \
    CASE("one-of-1" suffix, monitor, 1, LOAD_ONE),                      \
    CASE("one-of-64" suffix, monitor, 64, LOAD_ONE),                    \
    CASE("one-of-1024" suffix, monitor, 1024, LOAD_ONE),                \
    CASE("all-of-64" suffix, monitor, 64, LOAD_ALL),                    \
    CASE("all-of-1024" suffix, monitor, 1024, LOAD_ALL),                \
    CASE("register-among-1024" suffix, monitor, 1024, LOAD_REGISTER)

/* Where the kernel refuses io_uring the second table is run. */
static const BenchCase all_cases[] = {
    CASES(EPOLL, "/epoll"),
    CASES(IO_URING, "/io_uring"),
    { NULL },
};

static const BenchCase epoll_cases[] = {
    CASES(EPOLL, "/epoll"),
    { NULL },
};

static bool has_io_uring(void)
{
    g_autoptr(AioContext) ctx = aio_context_new(&error_abort);

    return aio_context_set_fd_monitor(ctx, AIO_FD_MONITOR_IO_URING, NULL);
}

/* Six implementations of 1,024 descriptors are alive at a time. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
    raise_descriptor_limit();
    return bench_main(argc, argv, has_io_uring() ? all_cases : epoll_cases);
}
