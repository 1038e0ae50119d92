/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptors: one of n eventfds becomes ready and its handler is called.
 *
 * An operation of "one-of-n" is a write to an eventfd, a blocking iteration
 * of the loop and the read in the handler; the eventfds take turns.  One of
 * "all-of-n" is the same for each of n eventfds that are all ready.  The
 * floor is epoll_wait() and a call through a pointer.
 */
#include "aio/aio.h"
#include "qapi/error.h"
#include "tests/bench/bench.h"
#include "util/event-notifier.h"

#include <glib-unix.h>
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

typedef struct Load {
    unsigned n_fds;
    bool all;
} Load;

static const Load load_1 = { 1, false };
static const Load load_64 = { 64, false };
static const Load load_1024 = { 1024, false };
static const Load load_all_64 = { 64, true };
static const Load load_all_1024 = { 1024, true };

/* What all implementations share: the eventfds, and the work of an op. */
typedef struct Fds {
    const Load *load;
    void *loop;
    void (*iterate)(void *loop);
    int fd[MAX_FDS];
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
    for (unsigned i = 0; i < fds->load->n_fds; i++) {
        fds->fd[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        g_assert(fds->fd[i] >= 0);
    }
}

static void fds_close(Fds *fds)
{
    for (unsigned i = 0; i < fds->load->n_fds; i++) {
        close(fds->fd[i]);
    }
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

/* The fds are the first member of each state. */
static void run(void *state, uint64_t n)
{
    Fds *fds = state;

    if (fds->load->all) {
        run_all(fds, n);
    } else {
        run_one(fds, n);
    }
}

/* ---- Ours ---- */

typedef struct Ours {
    Fds fds;
    AioContext *ctx;
    EventNotifier notifier[MAX_FDS];
} Ours;

static void ours_iterate(void *loop)
{
    aio_poll(loop, true);
}

static void ours_read(EventNotifier *notifier)
{
    fd_read(event_notifier_get_fd(notifier));
}

static void *ours_setup(const void *arg)
{
    Ours *s = g_new0(Ours, 1);

    s->ctx = aio_context_new(&error_abort);
    aio_set_current_context(s->ctx);
    fds_init(&s->fds, arg, s->ctx, ours_iterate);
    for (unsigned i = 0; i < s->fds.load->n_fds; i++) {
        event_notifier_init_fd(&s->notifier[i], s->fds.fd[i]);
        aio_set_event_notifier(s->ctx, &s->notifier[i], ours_read, NULL,
                               NULL);
    }
    return s;
}

static void ours_teardown(void *state)
{
    Ours *s = state;

    for (unsigned i = 0; i < s->fds.load->n_fds; i++) {
        aio_set_event_notifier(s->ctx, &s->notifier[i], NULL, NULL, NULL);
    }
    aio_set_current_context(NULL);
    aio_context_unref(s->ctx);
    fds_close(&s->fds);
    g_free(s);
}

/* ---- GLib ---- */

typedef struct Glib {
    Fds fds;
    GMainContext *context;
} Glib;

static void glib_iterate(void *loop)
{
    g_main_context_iteration(loop, TRUE);
}

static gboolean glib_read(gint fd, GIOCondition condition, gpointer opaque)
{
    fd_read(fd);
    return G_SOURCE_CONTINUE;
}

static void *glib_setup(const void *arg)
{
    Glib *s = g_new0(Glib, 1);

    s->context = g_main_context_new();
    fds_init(&s->fds, arg, s->context, glib_iterate);
    for (unsigned i = 0; i < s->fds.load->n_fds; i++) {
        GSource *source = g_unix_fd_source_new(s->fds.fd[i], G_IO_IN);

        g_source_set_callback(source, G_SOURCE_FUNC(glib_read), NULL, NULL);
        g_source_attach(source, s->context);
        g_source_unref(source);
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
    uv_poll_t poll[MAX_FDS];
} Uv;

static void libuv_iterate(void *loop)
{
    uv_run(loop, UV_RUN_ONCE);
}

static void libuv_read(uv_poll_t *poll, int status, int events)
{
    fd_read((int)(intptr_t)poll->data);
}

static void *libuv_setup(const void *arg)
{
    Uv *s = g_new0(Uv, 1);

    uv_loop_init(&s->loop);
    fds_init(&s->fds, arg, &s->loop, libuv_iterate);
    for (unsigned i = 0; i < s->fds.load->n_fds; i++) {
        uv_poll_init(&s->loop, &s->poll[i], s->fds.fd[i]);
        s->poll[i].data = (void *)(intptr_t)s->fds.fd[i];
        uv_poll_start(&s->poll[i], UV_READABLE, libuv_read);
    }
    return s;
}

static void libuv_teardown(void *state)
{
    Uv *s = state;

    for (unsigned i = 0; i < s->fds.load->n_fds; i++) {
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
    ev_io io[MAX_FDS];
} Ev;

static void libev_iterate(void *loop)
{
    ev_run(loop, EVRUN_ONCE);
}

static void libev_read(struct ev_loop *loop, ev_io *w, int revents)
{
    fd_read(w->fd);
}

static void *libev_setup(const void *arg)
{
    Ev *s = g_new0(Ev, 1);

    s->loop = ev_loop_new(EVBACKEND_EPOLL);
    fds_init(&s->fds, arg, s->loop, libev_iterate);
    for (unsigned i = 0; i < s->fds.load->n_fds; i++) {
        ev_io_init(&s->io[i], libev_read, s->fds.fd[i], EV_READ);
        ev_io_start(s->loop, &s->io[i]);
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

/* ---- The floor ---- */

typedef struct FloorHandler {
    void (*read)(int fd);
    int fd;
} FloorHandler;

typedef struct Floor {
    Fds fds;
    int epoll_fd;
    FloorHandler handler[MAX_FDS];
} Floor;

static void floor_iterate(void *loop)
{
    struct epoll_event events[128];
    Floor *s = loop;
    int n = epoll_wait(s->epoll_fd, events, G_N_ELEMENTS(events), -1);

    for (int i = 0; i < n; i++) {
        FloorHandler *handler = events[i].data.ptr;

        handler->read(handler->fd);
    }
}

static void *floor_setup(const void *arg)
{
    Floor *s = g_new0(Floor, 1);

    s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    fds_init(&s->fds, arg, s, floor_iterate);
    for (unsigned i = 0; i < s->fds.load->n_fds; i++) {
        struct epoll_event event = {
            .events = EPOLLIN,
            .data.ptr = &s->handler[i],
        };

        s->handler[i] = (FloorHandler) { fd_read, s->fds.fd[i] };
        epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, s->fds.fd[i], &event);
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

#define CASE(name_, load)                                               \
    {                                                                   \
        .name = name_,                                                  \
        .arg = load,                                                    \
        .ours = { .setup = ours_setup, .run = run,                      \
                  .teardown = ours_teardown },                          \
        .peers = {                                                      \
            { "glib", .setup = glib_setup, .run = run,                  \
              .teardown = glib_teardown },                              \
            LIBUV                                                       \
            LIBEV                                                       \
            { "floor", .setup = floor_setup, .run = run,                \
              .teardown = floor_teardown },                             \
        },                                                              \
    }

static const BenchCase cases[] = {
    CASE("aio/fd/one-of-1", &load_1),
    CASE("aio/fd/one-of-64", &load_64),
    CASE("aio/fd/one-of-1024", &load_1024),
    CASE("aio/fd/all-of-64", &load_all_64),
    CASE("aio/fd/all-of-1024", &load_all_1024),
    { NULL },
};

/* Five implementations of 1,024 descriptors are alive at a time. */
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
    return bench_main(argc, argv, cases);
}
