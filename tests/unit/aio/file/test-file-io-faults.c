/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * File I/O when the kernel does less than was requested.
 *
 * The linker wraps the functions by which requests reach the kernel.  Each
 * transfer can be cut to `limit_bytes`, and the next `n_faults` of a kind end
 * with `fault`.  A ring of io_uring is changed in place: what goes in before
 * it is submitted, and what came out at once after it.
 */
#include "aio/context-internal.h"
#include "aio/file/defer-call.h"
#include "tests/unit/aio/file/file-io-fixture.h"
#include "tests/unit/test-util.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef CONFIG_LIBURING
#include <liburing.h>
#endif

/* ---- What goes wrong; set while no thread is in a request ---- */

static size_t limit_bytes;      /* of each transfer; 0: none */
static unsigned n_whole;        /* transfers before faults begin */
static unsigned n_faults;       /* transfers that fail */
static int fault;               /* with this errno; 0: nothing is transferred */
static bool cannot_allocate;    /* fallocate() is missing */
static int cached_fault;        /* errno of a read from the page cache, or 0 */
static unsigned n_submit_faults; /* submissions that fail */
static int submit_fault;        /* with this errno */
static unsigned n_submits;      /* submissions so far */
static unsigned n_cached;       /* reads from the page cache so far */
static unsigned max_taken;      /* requests per submission; 0: all */
static bool has_no_table;       /* the ring registers no files */
static atomic_bool is_held;     /* threads wait in a read */
static atomic_uint n_held;

static void no_faults(void)
{
    limit_bytes = 0;
    n_whole = 0;
    n_faults = 0;
    fault = 0;
    cannot_allocate = false;
    cached_fault = 0;
    n_submit_faults = 0;
    n_submits = 0;
    n_cached = 0;
    max_taken = 0;
    has_no_table = false;
    atomic_store(&is_held, false);
    atomic_store(&n_held, 0);
}

/* Returns true if the next transfer must fail. */
static bool takes_fault(void)
{
    if (n_whole > 0) {
        n_whole--;
        return false;
    }
    if (n_faults == 0) {
        return false;
    }
    n_faults--;
    return true;
}

/* ---- Plain system calls ---- */

ssize_t __real_preadv64(int fd, const struct iovec *iov, int n, off_t at);
ssize_t __wrap_preadv64(int fd, const struct iovec *iov, int n, off_t at);
ssize_t __real_pwritev64(int fd, const struct iovec *iov, int n, off_t at);
ssize_t __wrap_pwritev64(int fd, const struct iovec *iov, int n, off_t at);
int __real_fallocate64(int fd, int mode, off_t offset, off_t size);
int __wrap_fallocate64(int fd, int mode, off_t offset, off_t size);
int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);

/* Copies the first `limit_bytes` of @iov to @cut.  Returns: its entries */
static int cut_iov(const struct iovec *iov, int n, struct iovec *cut)
{
    size_t left = limit_bytes;
    int i;

    for (i = 0; i < n && i < 8 && left > 0; i++) {
        cut[i] = iov[i];
        cut[i].iov_len = MIN(cut[i].iov_len, left);
        left -= cut[i].iov_len;
    }
    return i;
}

static int fault_result(void)
{
    errno = fault;
    return fault ? -1 : 0;
}

ssize_t __wrap_preadv64(int fd, const struct iovec *iov, int n, off_t at)
{
    struct iovec cut[8];

    atomic_fetch_add(&n_held, 1);
    while (atomic_load(&is_held)) {
        sched_yield();
    }
    if (takes_fault()) {
        return fault_result();
    }
    if (limit_bytes > 0) {
        n = cut_iov(iov, n, cut);
        iov = cut;
    }
    return __real_preadv64(fd, iov, n, at);
}

ssize_t __wrap_pwritev64(int fd, const struct iovec *iov, int n, off_t at)
{
    struct iovec cut[8];

    if (takes_fault()) {
        return fault_result();
    }
    if (limit_bytes > 0) {
        n = cut_iov(iov, n, cut);
        iov = cut;
    }
    return __real_pwritev64(fd, iov, n, at);
}

int __wrap_fallocate64(int fd, int mode, off_t offset, off_t size)
{
    if (cannot_allocate) {
        errno = EOPNOTSUPP;
        return -1;
    }
    return __real_fallocate64(fd, mode, offset, size);
}

int __wrap_fdatasync(int fd)
{
    return takes_fault() ? fault_result() : __real_fdatasync(fd);
}

/* ---- Direct system calls ---- */

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

/* Reading from the page cache: the arguments of preadv2(). */
static long wrapped_preadv2(const long *args)
{
    const struct iovec *iov = (const struct iovec *)args[1];
    struct iovec cut[8];
    long n = args[2];

    n_cached++;
    if (cached_fault) {
        errno = cached_fault;
        return cached_fault < 0 ? 0 : -1;
    }
    if (limit_bytes > 0) {
        n = cut_iov(iov, n, cut);
        iov = cut;
    }
    return __real_syscall(SYS_preadv2, args[0], iov, n, args[3], args[4],
                          args[5]);
}

static void cut_iocb(struct iocb *iocb)
{
    static struct iovec cut[128][8];
    static unsigned next;
    struct iovec *mine = cut[next++ % 128];

    iocb->aio_nbytes = cut_iov((struct iovec *)(uintptr_t)iocb->aio_buf,
                               iocb->aio_nbytes, mine);
    iocb->aio_buf = (uintptr_t)mine;
}

static long wrapped_io_submit(long id, long n, struct iocb **iocbs)
{
    n_submits++;
    if (n_submit_faults > 0) {
        n_submit_faults--;
        errno = submit_fault;
        return -1;
    }
    for (long i = 0; limit_bytes > 0 && i < n; i++) {
        cut_iocb(iocbs[i]);
    }
    if (max_taken > 0) {
        n = MIN(n, max_taken);
    }
    return __real_syscall(SYS_io_submit, id, n, iocbs);
}

long __wrap_syscall(long number, ...)
{
    long args[6];
    va_list ap;

    va_start(ap, number);
    for (int i = 0; i < 6; i++) {
        args[i] = va_arg(ap, long);
    }
    va_end(ap);
    if (number == SYS_io_uring_register && has_no_table) {
        errno = EMFILE;
        return -1;
    }
    if (number == SYS_preadv2) {
        return wrapped_preadv2(args);
    }
    if (number == SYS_io_submit) {
        return wrapped_io_submit(args[0], args[1], (struct iocb **)args[2]);
    }
    return __real_syscall(number, args[0], args[1], args[2], args[3],
                          args[4], args[5]);
}

/* ---- io_uring ---- */

#ifdef CONFIG_LIBURING
int __real_io_uring_submit(struct io_uring *ring);
int __wrap_io_uring_submit(struct io_uring *ring);

static void change_sqe(struct io_uring_sqe *sqe)
{
    bool is_plain = sqe->opcode == IORING_OP_READ ||
                    sqe->opcode == IORING_OP_WRITE;
    bool is_vector = sqe->opcode == IORING_OP_READV ||
                     sqe->opcode == IORING_OP_WRITEV;
    static struct iovec cut[8];

    if (is_plain && limit_bytes > 0) {
        sqe->len = MIN(sqe->len, limit_bytes);
    } else if (is_vector && limit_bytes > 0) {
        sqe->len = cut_iov((struct iovec *)(uintptr_t)sqe->addr, sqe->len,
                           cut);
        sqe->addr = (uintptr_t)cut;
    } else if (sqe->opcode == IORING_OP_FALLOCATE && cannot_allocate) {
        sqe->len = 0x40000000; /* no such mode: EOPNOTSUPP */
    }
}

int __wrap_io_uring_submit(struct io_uring *ring)
{
    unsigned mask = *ring->sq.kring_mask;
    struct io_uring_cqe *cqe;
    unsigned head;
    int ret;

    n_submits++;
    if (n_submit_faults > 0) {
        n_submit_faults--;
        return -submit_fault;
    }
    for (unsigned i = *ring->sq.khead; i != ring->sq.sqe_tail; i++) {
        change_sqe(&ring->sq.sqes[i & mask]);
    }
    ret = __real_io_uring_submit(ring);
    io_uring_for_each_cqe(ring, head, cqe) {
        if (cqe->user_data && takes_fault()) {
            cqe->res = -fault;
        }
    }
    return ret;
}
#endif

/* ---- Helpers ---- */

static bool is_engine(Fixture *f, AioFileEngine engine)
{
    return f->variant->engine == engine;
}

static bool is_direct_aio(Fixture *f)
{
    return is_engine(f, AIO_FILE_ENGINE_LINUX_AIO) && f->variant->flags;
}

/* Returns true if takes_fault() changes the results of the engine. */
static bool has_result_faults(Fixture *f)
{
    bool is_direct = f->variant->flags;

    if (is_direct) {
        g_test_skip("results do not come at once");
        return false;
    }
    cached_fault = EAGAIN;
    return true;
}

/* All faults must have happened, except to what the kernel finishes later. */
static bool had_faults(void)
{
    if (n_faults > 0) {
        g_test_skip("the kernel did it later");
        return false;
    }
    return true;
}

/* Requests are carried out by a worker of the pool. */
static bool has_threads(Fixture *f)
{
    if (is_direct_aio(f) || is_engine(f, AIO_FILE_ENGINE_IO_URING)) {
        g_test_skip("not done by threads");
        return false;
    }
    cached_fault = EAGAIN;
    return true;
}

static bool has_batches(Fixture *f)
{
    if (is_direct_aio(f) || is_engine(f, AIO_FILE_ENGINE_IO_URING)) {
        return true;
    }
    g_test_skip("hands nothing over to the kernel");
    return false;
}

/* ---- Short transfers ---- */

static void test_short(Fixture *f, const void *data)
{
    limit_bytes = 1536;
    for (int i = 0; i < 4 * BLOCK; i++) {
        f->buf[i] = pattern_byte(i + 7);
    }
    g_assert_cmpint(write_wait(f, f->file, 0, f->buf, 4 * BLOCK), ==,
                    4 * BLOCK);
    memset(f->buf, 0, 4 * BLOCK);
    g_assert_cmpint(read_wait(f, f->file, 0, f->buf, 4 * BLOCK), ==,
                    4 * BLOCK);
    assert_pattern(f->buf, 7, 4 * BLOCK);
}

static void test_short_vectors(Fixture *f, const void *data)
{
    struct iovec iov[] = {
        { f->buf, 512 }, { f->buf + 512, BLOCK }, { f->buf, 0 },
        { f->buf + 512 + BLOCK, BLOCK - 512 },
    };
    Outcome outcome = { 0 };

    limit_bytes = 1536;
    aio_file_readv(f->file, 0, iov, 4, outcome_cb, &outcome);
    g_assert_cmpint(outcome_wait(f, &outcome), ==, 2 * BLOCK);
    assert_pattern(f->buf, 0, 2 * BLOCK);
}

static void test_short_then_end(Fixture *f, const void *data)
{
    limit_bytes = 1536;
    g_assert_cmpint(read_wait(f, f->file, 0, f->buf, 4 * BLOCK), ==,
                    2 * BLOCK);
    assert_pattern(f->buf, 0, 2 * BLOCK);
}

static void test_short_then_error(Fixture *f, const void *data)
{
    int ret;

    if (!has_result_faults(f)) {
        return;
    }
    limit_bytes = BLOCK;
    n_whole = 1;
    n_faults = 1;
    fault = EIO;
    ret = read_wait(f, f->file, 0, f->buf, 2 * BLOCK);
    if (had_faults()) {
        g_assert_cmpint(ret, ==, -EIO);
    }
}

static void test_nothing_written(Fixture *f, const void *data)
{
    int ret;

    if (!has_result_faults(f)) {
        return;
    }
    n_faults = 1;
    ret = write_wait(f, f->file, 0, f->buf, BLOCK);
    if (had_faults()) {
        g_assert_cmpint(ret, ==, -ENOSPC);
    }
}

/* ---- Repeated system calls ---- */

static void check_again(Fixture *f, int err)
{
    if (is_direct_aio(f)) {
        n_submit_faults = 3;
        submit_fault = err;
    } else if (has_result_faults(f)) {
        n_faults = 3;
        fault = err;
    }
    g_assert_cmpint(read_wait(f, f->file, 0, f->buf, BLOCK), ==, BLOCK);
    assert_pattern(f->buf, 0, BLOCK);
    g_assert_true(had_faults() || is_engine(f, AIO_FILE_ENGINE_IO_URING));
    g_assert_cmpuint(n_submit_faults, ==, 0);
}

static void test_interrupted(Fixture *f, const void *data)
{
    check_again(f, EINTR);
}

static void test_try_again(Fixture *f, const void *data)
{
    check_again(f, EAGAIN);
}

/* Other kinds of files may return EAGAIN always, so the user gets it. */
static void test_not_again(Fixture *f, const void *data)
{
    AioFile *file;
    int fd;

    if (!has_threads(f)) {
        return;
    }
    fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    file = aio_file_new(f->ctx, fd, f->variant->engine, &error_abort);
    n_faults = 1;
    fault = EAGAIN;
    g_assert_cmpint(read_wait(f, file, 0, f->buf, BLOCK), ==, -EAGAIN);
    aio_file_free(file);
    close(fd);
}

/* ---- Missing operations ---- */

static void test_no_discard(Fixture *f, const void *data)
{
    Outcome outcome = { 0 };

    cannot_allocate = true;
    aio_file_discard(f->file, 0, BLOCK, outcome_cb, &outcome);
    g_assert_cmpint(outcome_wait(f, &outcome), ==, -ENOTSUP);
    read_wait(f, f->file, 0, f->buf, BLOCK);
    assert_pattern(f->buf, 0, BLOCK);
}

static void test_no_zero_range(Fixture *f, const void *data)
{
    Outcome outcome = { 0 };
    struct stat st;

    cannot_allocate = true;
    aio_file_write_zeroes(f->file, BLOCK, 300 * BLOCK, outcome_cb, &outcome);
    g_assert_cmpint(outcome_wait(f, &outcome), ==, 0);
    g_assert_cmpint(fstat(f->fd, &st), ==, 0);
    g_assert_cmpint(st.st_size, ==, 301 * BLOCK);
    read_wait(f, f->file, 0, f->buf, 4 * BLOCK);
    assert_pattern(f->buf, 0, BLOCK);
    assert_zeroes(f->buf + BLOCK, 3 * BLOCK);
}

static void test_flush_fails(Fixture *f, const void *data)
{
    Outcome outcome = { 0 };

    if (is_engine(f, AIO_FILE_ENGINE_IO_URING)) {
        g_test_skip("the kernel does it by itself");
        return;
    }
    n_faults = 1;
    fault = EIO;
    aio_file_flush(f->file, outcome_cb, &outcome);
    g_assert_cmpint(outcome_wait(f, &outcome), ==, -EIO);
}

/* ---- The page cache ---- */

static bool looks_at_cache(Fixture *f)
{
    if (f->variant->flags || is_engine(f, AIO_FILE_ENGINE_IO_URING)) {
        g_test_skip("does not look at the page cache");
        return false;
    }
    return true;
}

static void test_cache_misses(Fixture *f, const void *data)
{
    if (looks_at_cache(f)) {
        cached_fault = EAGAIN;
        g_assert_cmpint(read_wait(f, f->file, 0, f->buf, BLOCK), ==, BLOCK);
        g_assert_cmpint(read_wait(f, f->file, 0, f->buf, BLOCK), ==, BLOCK);
        g_assert_cmpuint(n_cached, ==, 2);
        g_assert_cmpuint(atomic_load(&n_held), ==, 2);
        assert_pattern(f->buf, 0, BLOCK);
    }
}

static void test_cache_has_nothing(Fixture *f, const void *data)
{
    if (looks_at_cache(f)) {
        cached_fault = -1; /* 0 bytes */
        g_assert_cmpint(read_wait(f, f->file, 0, f->buf, BLOCK), ==, BLOCK);
        assert_pattern(f->buf, 0, BLOCK);
    }
}

static void test_cache_unknown(Fixture *f, const void *data)
{
    if (looks_at_cache(f)) {
        cached_fault = EOPNOTSUPP;
        g_assert_cmpint(read_wait(f, f->file, 0, f->buf, BLOCK), ==, BLOCK);
        g_assert_cmpint(read_wait(f, f->file, 0, f->buf, BLOCK), ==, BLOCK);
        g_assert_cmpuint(n_cached, ==, 1);
    }
}

/* A read of up to 1 MiB; here it ends with the file. */
static void test_cache_not_for_long(Fixture *f, const void *data)
{
    const size_t longest = 1024 * 1024;
    g_autofree char *buf = NULL;

    if (looks_at_cache(f)) {
        buf = g_malloc(longest + 1);
        g_assert_cmpint(read_wait(f, f->file, 0, buf, longest), ==,
                        2 * BLOCK);
        g_assert_cmpuint(n_cached, ==, 1);
        g_assert_cmpint(read_wait(f, f->file, 0, buf, longest + 1), ==,
                        2 * BLOCK);
        g_assert_cmpuint(n_cached, ==, 1);
    }
}

/* ---- Cancelling requests of workers ---- */

static void wait_held(Fixture *f, unsigned n)
{
    while (atomic_load(&n_held) < n) {
        aio_poll(f->ctx, false);
        sched_yield();
    }
}

static void test_cancel_queued(Fixture *f, const void *data)
{
    Outcome first = { 0 }, second = { 0 };
    AioFileRequest *req;

    if (!has_threads(f)) {
        return;
    }
    aio_context_set_thread_pool_params(f->ctx, 0, 1, &error_abort);
    atomic_store(&is_held, true);
    aio_file_read(f->file, 0, f->buf, BLOCK, outcome_cb, &first);
    wait_held(f, 1);
    req = aio_file_read(f->file, 0, f->buf + BLOCK, BLOCK, outcome_cb,
                        &second);
    aio_file_cancel(req);
    g_assert_cmpint(outcome_wait(f, &second), ==, -ECANCELED);
    atomic_store(&is_held, false);
    g_assert_cmpint(outcome_wait(f, &first), ==, BLOCK);
    assert_zeroes(f->buf + BLOCK, BLOCK);
}

static void test_cancel_between_parts(Fixture *f, const void *data)
{
    Outcome outcome = { 0 };
    AioFileRequest *req;

    if (!has_threads(f)) {
        return;
    }
    limit_bytes = 512;
    atomic_store(&is_held, true);
    req = aio_file_read(f->file, 0, f->buf, BLOCK, outcome_cb, &outcome);
    wait_held(f, 1);
    aio_file_cancel(req);
    atomic_store(&is_held, false);
    g_assert_cmpint(outcome_wait(f, &outcome), ==, -ECANCELED);
    assert_pattern(f->buf, 0, 512);
    assert_zeroes(f->buf + 512, BLOCK - 512);
}

/* ---- Batches ---- */

/* Returns: the number of system calls that submitted @n requests */
static unsigned count_submits(Fixture *f, int n)
{
    Outcome outcomes[64] = { { 0 } };

    n_submits = 0;
    defer_call_begin();
    for (int i = 0; i < n; i++) {
        aio_file_read(f->file, 0, f->buf, BLOCK, outcome_cb, &outcomes[i]);
    }
    defer_call_end();
    for (int i = 0; i < n; i++) {
        if (!outcomes[i].called) {
            outcome_wait(f, &outcomes[i]);
        }
        g_assert_cmpint(outcomes[i].ret, ==, BLOCK);
    }
    return n_submits;
}

static void test_batch(Fixture *f, const void *data)
{
    bool is_aio = is_engine(f, AIO_FILE_ENGINE_LINUX_AIO);

    if (!has_batches(f)) {
        return;
    }
    g_assert_cmpuint(count_submits(f, 8), ==, 1);
    g_assert_cmpuint(count_submits(f, 64), ==, is_aio ? 2 : 1);
    aio_context_set_aio_params(f->ctx, 4);
    g_assert_cmpuint(count_submits(f, 8), ==, 2);
    aio_file_set_max_batch(f->file, 2);
    g_assert_cmpuint(count_submits(f, 8), ==, 4);
    aio_context_set_aio_params(f->ctx, 1);
    g_assert_cmpuint(count_submits(f, 8), ==, 8);
    aio_context_set_aio_params(f->ctx, 0);
    aio_file_set_max_batch(f->file, 64);
    g_assert_cmpuint(count_submits(f, 64), ==, 1);
}

static void test_no_section(Fixture *f, const void *data)
{
    Outcome outcomes[4] = { { 0 } };

    if (!has_batches(f)) {
        return;
    }
    for (int i = 0; i < 4; i++) {
        aio_file_read(f->file, 0, f->buf, BLOCK, outcome_cb, &outcomes[i]);
    }
    g_assert_cmpuint(n_submits, ==, 4);
    for (int i = 0; i < 4; i++) {
        while (!outcomes[i].called) {
            aio_poll(f->ctx, true);
        }
    }
}

static void submit_two(void *opaque, int ret)
{
    Fixture *f = opaque;
    static Outcome outcomes[2];

    g_assert_cmpint(ret, ==, BLOCK);
    n_submits = 0;
    for (int i = 0; i < 2; i++) {
        outcomes[i] = (Outcome) { 0 };
        aio_file_read(f->file, 0, f->buf, BLOCK, outcome_cb, &outcomes[i]);
    }
    g_assert_cmpuint(n_submits, ==, 0);
    f->file = NULL; /* tells the waiting function */
}

static void test_callback_is_section(Fixture *f, const void *data)
{
    AioFile *file = f->file;

    if (!has_batches(f)) {
        return;
    }
    aio_file_read(f->file, 0, f->buf, BLOCK, submit_two, f);
    while (f->file) {
        aio_poll(f->ctx, true);
    }
    f->file = file;
    g_assert_cmpint(read_wait(f, f->file, 0, f->buf, BLOCK), ==, BLOCK);
    g_assert_cmpuint(n_submits, ==, 2);
    while (aio_poll(f->ctx, false)) {
    }
}

/* ---- Submission fails ---- */

#define BATCH 3

/* In one batch, all of the same block. */
static void read_batch(Fixture *f, Outcome outcomes[BATCH])
{
    defer_call_begin();
    for (int i = 0; i < BATCH; i++) {
        aio_file_read(f->file, 0, f->buf, BLOCK, outcome_cb, &outcomes[i]);
    }
    defer_call_end();
    for (int i = 0; i < BATCH; i++) {
        while (!outcomes[i].called) {
            aio_poll(f->ctx, true);
        }
    }
}

static void test_submit_refused(Fixture *f, const void *data)
{
    Outcome outcomes[BATCH] = { { 0 } };

    if (!is_engine(f, AIO_FILE_ENGINE_IO_URING)) {
        g_test_skip("not by io_uring");
        return;
    }
    n_submit_faults = 1;
    submit_fault = EPERM;
    read_batch(f, outcomes);
    for (int i = 0; i < BATCH; i++) {
        g_assert_cmpint(outcomes[i].ret, ==, -EPERM);
    }
    g_assert_cmpint(read_wait(f, f->file, 0, f->buf, BLOCK), ==, BLOCK);
    assert_pattern(f->buf, 0, BLOCK);
}

static void test_submit_busy(Fixture *f, const void *data)
{
    if (has_batches(f)) {
        n_submit_faults = 5;
        submit_fault = is_direct_aio(f) ? EAGAIN : EBUSY;
        g_assert_cmpint(read_wait(f, f->file, 0, f->buf, BLOCK), ==, BLOCK);
        g_assert_cmpuint(n_submit_faults, ==, 0);
    }
}

static void test_taken_one_by_one(Fixture *f, const void *data)
{
    if (is_direct_aio(f)) {
        max_taken = 1;
        g_assert_cmpuint(count_submits(f, 8), ==, 8);
    } else {
        g_test_skip("not by Linux AIO");
    }
}

/* The first request of a batch is refused, the others are not. */
static void test_first_refused(Fixture *f, const void *data)
{
    Outcome outcomes[BATCH] = { { 0 } };

    if (!is_direct_aio(f)) {
        g_test_skip("not by Linux AIO");
        return;
    }
    n_submit_faults = 1;
    submit_fault = EINVAL;
    read_batch(f, outcomes);
    for (int i = 0; i < BATCH; i++) {
        g_assert_cmpint(outcomes[i].ret, ==, i == 0 ? -EINVAL : BLOCK);
    }
}

/* ---- No table of files ---- */

/* Then each request contains the file descriptor. */
static void test_no_table(Fixture *f, const void *data)
{
    AioContext *ctx = aio_context_new(&error_abort);
    AioFile *file;
    Outcome outcome = { 0 };

    has_no_table = true;
    aio_set_current_context(ctx);
    file = aio_file_new(ctx, f->fd, f->variant->engine, &error_abort);
    aio_file_read(file, BLOCK, f->buf, BLOCK, outcome_cb, &outcome);
    while (!outcome.called) {
        aio_poll(ctx, true);
    }
    g_assert_cmpint(outcome.ret, ==, BLOCK);
    assert_pattern(f->buf, BLOCK, BLOCK);
    aio_file_free(file);
    aio_set_current_context(f->ctx);
    aio_context_unref(ctx);
}

/* ---- Table ---- */

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    fixture_before_test = no_faults;

    add_variants("faults/short/transfer", test_short);
    add_variants("faults/short/vectors", test_short_vectors);
    add_variants("faults/short/then-the-end", test_short_then_end);
    add_variants("faults/short/then-an-error", test_short_then_error);
    add_variants("faults/short/nothing-written", test_nothing_written);
    add_variants("faults/again/interrupted", test_interrupted);
    add_variants("faults/again/eagain", test_try_again);
    add_variants("faults/again/not-for-a-device", test_not_again);
    add_variants("faults/missing/discard", test_no_discard);
    add_variants("faults/missing/zero-range", test_no_zero_range);
    add_variants("faults/missing/table-of-files", test_no_table);
    add_variants("faults/flush-fails", test_flush_fails);
    add_variants("faults/page-cache/misses", test_cache_misses);
    add_variants("faults/page-cache/has-nothing", test_cache_has_nothing);
    add_variants("faults/page-cache/not-supported", test_cache_unknown);
    add_variants("faults/page-cache/not-for-long-reads",
                 test_cache_not_for_long);
    add_variants("faults/cancel/queued-for-a-thread", test_cancel_queued);
    add_variants("faults/cancel/between-parts", test_cancel_between_parts);
    add_variants("faults/batch/size", test_batch);
    add_variants("faults/batch/none-without-section", test_no_section);
    add_variants("faults/batch/callbacks-are-a-section",
                 test_callback_is_section);
    add_variants("faults/submit/refused", test_submit_refused);
    add_variants("faults/submit/busy", test_submit_busy);
    add_variants("faults/submit/taken-one-by-one", test_taken_one_by_one);
    add_variants("faults/submit/first-refused", test_first_refused);

    return test_run();
}
