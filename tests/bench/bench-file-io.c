/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * File I/O: read 4 KiB of a file that is in the page cache, and receive the
 * result in the loop.
 *
 * An operation is one read: one at a time, or as one of 64 in flight, where
 * each callback submits the next.  In the third form a coroutine reads.  With
 * "add-sqe" the benchmark prepares the requests of the loop's io_uring.  The
 * floor is a bare io_uring that is submitted to, waited for and emptied by
 * hand.  "preadv2" is a bare loop of this system call, one per read, which the
 * engines other than io_uring need as well.  libuv has its four threads.
 *
 * Most of the time is copying, which depends on where the pages are.  All
 * implementations therefore read the same file at the same places: with
 * separate files the times differ by up to a third.  The file has 4 MiB, so a
 * part of it is in the CPU's own caches and the rest of the work shows.  In the
 * cases "large" it has 64 MiB, because most page caches are in no other cache.
 */
#include "aio/file/aio-sqe.h"
#include "aio/file/file-io.h"
#include "qapi/error.h"
#include "tests/bench/bench.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifdef CONFIG_LIBURING
#include <liburing.h>
#endif
#ifdef HAVE_LIBUV
#include <uv.h>
#endif

#define BLOCK 4096
#define IN_FLIGHT 64

#define SMALL 1024 /* blocks */
#define LARGE (16 * SMALL)

typedef struct Load {
    AioFileEngine engine;
    unsigned in_flight;
    unsigned n_blocks;
} Load;

static uint64_t block_index;
static unsigned n_blocks;

/* Somewhere else each time. */
static int64_t next_offset(void)
{
    return block_index++ * 7 % n_blocks * BLOCK;
}

/* How many are still to be submitted, and to be done. */
static uint64_t left;
static uint64_t undone;

static char buffers[IN_FLIGHT][BLOCK] __attribute__((aligned(BLOCK)));

/* Returns: how many to begin with, of @n */
static unsigned begin(const Load *load, uint64_t n)
{
    unsigned first = MIN(n, load->in_flight);

    n_blocks = load->n_blocks;
    left = n - first;
    undone = n;
    return first;
}

static void check(int ret)
{
    if (ret != BLOCK) {
        g_error("a read returned %d", ret);
    }
}

/* Returns: a file that no name leads to; for each size there is one */
static int the_file(const Load *load)
{
    static int fds[2] = { -1, -1 };
    int *fd = &fds[load->n_blocks == LARGE];
    g_autofree char *path = NULL;

    if (*fd >= 0) {
        return *fd;
    }
    *fd = g_file_open_tmp("bench-file-io-XXXXXX", &path, NULL);
    g_unlink(path);
    for (unsigned i = 0; i < load->n_blocks; i++) {
        check(pwrite(*fd, buffers[0], BLOCK, (off_t)i * BLOCK));
    }
    return *fd;
}

/* ---- Ours ---- */

typedef struct Ours {
    AioContext *ctx;
    AioFile *file;
    int fd;
    const Load *load;
} Ours;

static void *ours_setup(const void *arg)
{
    Ours *s = g_new0(Ours, 1);

    s->load = arg;
    s->fd = the_file(arg);
    s->ctx = aio_context_new(&error_abort);
    aio_set_current_context(s->ctx);
    s->file = aio_file_new(s->ctx, s->fd, s->load->engine, &error_abort);
    return s;
}

static void ours_teardown(void *state)
{
    Ours *s = state;

    aio_file_free(s->file);
    aio_set_current_context(NULL);
    aio_context_unref(s->ctx);
    g_free(s);
}

typedef struct Slot {
    Ours *s;
    char *buf;
} Slot;

static void ours_done(void *opaque, int ret)
{
    Slot *slot = opaque;

    check(ret);
    undone--;
    if (left > 0) {
        left--;
        aio_file_read(slot->s->file, next_offset(), slot->buf, BLOCK,
                      ours_done, slot);
    }
}

static void ours_run(void *state, uint64_t n)
{
    Ours *s = state;
    Slot slots[IN_FLIGHT];

    for (unsigned i = begin(s->load, n); i > 0; i--) {
        slots[i - 1] = (Slot) { s, buffers[i - 1] };
        aio_file_read(s->file, next_offset(), buffers[i - 1], BLOCK,
                      ours_done, &slots[i - 1]);
    }
    while (undone > 0) {
        aio_poll(s->ctx, true);
    }
}

static void coroutine_fn ours_co_entry(void *opaque)
{
    Ours *s = opaque;

    while (undone > 0) {
        check(aio_file_co_read(s->file, next_offset(), buffers[0], BLOCK));
        undone--;
    }
}

static void ours_co_run(void *state, uint64_t n)
{
    Ours *s = state;

    begin(s->load, n);
    coroutine_enter(coroutine_create(ours_co_entry, s));
    while (undone > 0) {
        aio_poll(s->ctx, true);
    }
}

#ifdef CONFIG_LIBURING

/* ---- With aio_add_sqe() ---- */

typedef struct SqeSlot {
    CqeHandler handler;
    Ours *s;
    char *buf;
} SqeSlot;

static void sqe_prepare(struct io_uring_sqe *sqe, void *opaque)
{
    SqeSlot *slot = opaque;

    io_uring_prep_read(sqe, slot->s->fd, slot->buf, BLOCK, next_offset());
}

static void sqe_done(CqeHandler *handler)
{
    SqeSlot *slot = container_of(handler, SqeSlot, handler);

    check(handler->cqe.res);
    undone--;
    if (left > 0) {
        left--;
        aio_add_sqe(sqe_prepare, slot, &slot->handler);
    }
}

static void sqe_run(void *state, uint64_t n)
{
    Ours *s = state;
    SqeSlot slots[IN_FLIGHT];

    for (unsigned i = begin(s->load, n); i > 0; i--) {
        SqeSlot *slot = &slots[i - 1];

        *slot = (SqeSlot) { { .cb = sqe_done }, s, buffers[i - 1] };
        aio_add_sqe(sqe_prepare, slot, &slot->handler);
    }
    while (undone > 0) {
        aio_poll(s->ctx, true);
    }
}

/* ---- A bare io_uring ---- */

typedef struct Bare {
    struct io_uring ring;
    int fd;
    const Load *load;
} Bare;

static void *bare_setup(const void *arg)
{
    Bare *s = g_new0(Bare, 1);

    s->load = arg;
    s->fd = the_file(arg);
    if (io_uring_queue_init(128, &s->ring, 0) < 0) {
        g_error("there is no io_uring");
    }
    return s;
}

static void bare_teardown(void *state)
{
    Bare *s = state;

    io_uring_queue_exit(&s->ring);
    g_free(s);
}

static void bare_read(Bare *s, void *buf)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&s->ring);

    io_uring_prep_read(sqe, s->fd, buf, BLOCK, next_offset());
    io_uring_sqe_set_data(sqe, buf);
}

static void bare_reap(Bare *s)
{
    struct io_uring_cqe *cqe;
    unsigned head, n = 0;

    io_uring_for_each_cqe(&s->ring, head, cqe) {
        check(cqe->res);
        n++;
        if (left > 0) {
            left--;
            bare_read(s, io_uring_cqe_get_data(cqe));
        }
    }
    io_uring_cq_advance(&s->ring, n);
    undone -= n;
}

static void bare_run(void *state, uint64_t n)
{
    Bare *s = state;

    for (unsigned i = begin(s->load, n); i > 0; i--) {
        bare_read(s, buffers[i - 1]);
    }
    while (undone > 0) {
        io_uring_submit_and_wait(&s->ring, 1);
        bare_reap(s);
    }
}

#define FLOOR { .name = "floor", .setup = bare_setup, .run = bare_run, \
                .teardown = bare_teardown },
#else
#define FLOOR
#endif

/* ---- A system call for each ---- */

#ifdef SYS_preadv2
typedef struct Calls {
    int fd;
    const Load *load;
} Calls;

static void *calls_setup(const void *arg)
{
    Calls *s = g_new0(Calls, 1);

    s->load = arg;
    s->fd = the_file(arg);
    return s;
}

static void calls_run(void *state, uint64_t n)
{
    Calls *s = state;

    begin(s->load, n);
    for (uint64_t i = 0; i < n; i++) {
        struct iovec iov = { buffers[i % s->load->in_flight], BLOCK };

        check(syscall(SYS_preadv2, (long)s->fd, &iov, 1L,
                      (long)next_offset(), 0L, (long)RWF_NOWAIT));
    }
}

#define PREADV2 { .name = "preadv2", .setup = calls_setup, \
                  .run = calls_run, .teardown = g_free },
#else
#define PREADV2
#endif

/* ---- libuv ---- */

#ifdef HAVE_LIBUV
typedef struct Uv {
    uv_loop_t loop;
    uv_fs_t reqs[IN_FLIGHT];
    int fd;
    const Load *load;
} Uv;

static void *uv_bench_setup(const void *arg)
{
    Uv *s = g_new0(Uv, 1);

    s->load = arg;
    s->fd = the_file(arg);
    uv_loop_init(&s->loop);
    return s;
}

static void uv_bench_teardown(void *state)
{
    Uv *s = state;

    uv_loop_close(&s->loop);
    g_free(s);
}

static void uv_bench_done(uv_fs_t *req);

static void uv_bench_read(Uv *s, uv_fs_t *req)
{
    uv_buf_t buf = uv_buf_init(buffers[req - s->reqs], BLOCK);

    uv_fs_read(&s->loop, req, s->fd, &buf, 1, next_offset(), uv_bench_done);
}

static void uv_bench_done(uv_fs_t *req)
{
    Uv *s = container_of(req->loop, Uv, loop);

    check(req->result);
    uv_fs_req_cleanup(req);
    undone--;
    if (left > 0) {
        left--;
        uv_bench_read(s, req);
    }
}

static void uv_bench_run(void *state, uint64_t n)
{
    Uv *s = state;

    for (unsigned i = begin(s->load, n); i > 0; i--) {
        uv_bench_read(s, &s->reqs[i - 1]);
    }
    uv_run(&s->loop, UV_RUN_DEFAULT);
}

#define LIBUV { .name = "libuv", .setup = uv_bench_setup, \
                .run = uv_bench_run, .teardown = uv_bench_teardown },
#else
#define LIBUV
#endif

#define CASE(name_, run_, ...)                                          \
    { .name = name_,                                                    \
      .arg = &(const Load) { __VA_ARGS__ },                             \
      .ours = { .setup = ours_setup, .run = run_,                       \
                .teardown = ours_teardown },                            \
      .peers = { LIBUV FLOOR PREADV2 { NULL } } }

#define ENGINE(suffix, engine)                                          \
    CASE("file/read-4k/" suffix, ours_run, engine, 1, SMALL),           \
    CASE("file/read-4k-64/" suffix, ours_run, engine, IN_FLIGHT, SMALL), \
    CASE("file/read-4k-co/" suffix, ours_co_run, engine, 1, SMALL),     \
    CASE("file/read-4k-64-large/" suffix, ours_run, engine, IN_FLIGHT, LARGE)

static const BenchCase cases[] = {
#ifdef CONFIG_LIBURING
    ENGINE("io_uring", AIO_FILE_ENGINE_IO_URING),
    CASE("file/read-4k/add-sqe", sqe_run, AIO_FILE_ENGINE_IO_URING, 1, SMALL),
    CASE("file/read-4k-64/add-sqe", sqe_run, AIO_FILE_ENGINE_IO_URING,
         IN_FLIGHT, SMALL),
#endif
    ENGINE("threads", AIO_FILE_ENGINE_THREADS),
    ENGINE("linux-aio", AIO_FILE_ENGINE_LINUX_AIO),
    { NULL }
};

int main(int argc, char **argv)
{
    return bench_main(argc, argv, cases);
}
