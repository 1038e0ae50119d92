/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Submitting the ring of a context, and the requests of aio_add_sqe() in it.
 *
 * - A request is written into the submission ring at once.  A full ring is
 *   submitted first.  If the kernel does not empty it, for lack of memory, the
 *   request waits in `sqes` as a WaitingSqe, which the next flush moves.
 * - The number of requests is not limited, because many of them may wait for
 *   long (for a connection, for a timeout) and must not keep file I/O waiting.
 */
#include "aio/file/uring-internal.h"
#include "util/programming-error.h"

#include <errno.h>

/* Flags that make a request end silently or together with others. */
#define REFUSED_FLAGS \
    (IOSQE_IO_LINK | IOSQE_IO_HARDLINK | IOSQE_CQE_SKIP_SUCCESS)

typedef struct WaitingSqe {
    QueueLink link;
    __extension__ struct io_uring_sqe sqe;
} WaitingSqe;

void uring_sqe_init(Uring *uring)
{
    queue_init(&uring->sqes);
}

void uring_sqe_ended(Uring *uring, uint64_t user_data, int res, unsigned flags)
{
    CqeHandler *handler = (CqeHandler *)(uintptr_t)(user_data & ~URING_IS_SQE);

    if (flags & IORING_CQE_F_MORE) {
        programming_error("aio_add_sqe(): a request completes more than once; "
                          "multishot and zero-copy requests are not possible");
    }
    uring->n_sqes--;
    handler->cqe = (AioCqe){ .res = res, .flags = flags };
    file_engine_sqe_ended(&uring->engine, handler);
}

/* ---- Submitting to the kernel ---- */

/*
 * The kernel accepts no more requests.  Those that it has not read yet end with
 * @ret, and the submission ring is emptied.
 */
static void uring_fail_unseen(Uring *uring, int ret)
{
    struct io_uring_sq *sq = &uring->ring.sq;
    unsigned head = *sq->khead;
    unsigned tail = sq->sqe_tail;

    for (unsigned i = head; i != tail; i++) {
        uint64_t data = sq->sqes[i & *sq->kring_mask].user_data;

        if (data & URING_IS_SQE) {
            uring_sqe_ended(uring, data, ret, 0);
        } else if (data) {
            uring->in_flight--;
            file_request_finish((AioFileRequest *)(uintptr_t)data, ret);
        }
    }
    *sq->ktail = head;
    sq->sqe_head = head;
    sq->sqe_tail = head;
}

/*
 * The kernel may read only a part of the ring; without memory (EAGAIN, EBUSY)
 * the next iteration tries again.
 */
void uring_enter(Uring *uring)
{
    int ret;

    do {
        ret = io_uring_submit(&uring->ring);
    } while (ret == -EINTR ||
             (ret > 0 && io_uring_sq_ready(&uring->ring) > 0));
    if (G_LIKELY(ret >= 0)) {
        return;
    }
    if (ret == -EAGAIN || ret == -EBUSY) {
        file_engine_flush_later(&uring->engine);
    } else {
        uring_fail_unseen(uring, ret);
    }
}

/* ---- Adding requests ---- */

static struct io_uring_sqe *get_sqe(Uring *uring)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&uring->ring);

    if (!sqe) {
        uring_enter(uring);
        sqe = io_uring_get_sqe(&uring->ring);
    }
    return sqe;
}

/* Puts @request into the ring, or into `sqes` to keep the order. */
static void put_sqe(Uring *uring, const struct io_uring_sqe *request)
{
    struct io_uring_sqe *sqe = NULL;
    WaitingSqe *waiting;

    if (queue_is_empty(&uring->sqes)) {
        sqe = get_sqe(uring);
    }
    if (sqe) {
        *sqe = *request;
        uring->n_sqes++;
        return;
    }
    waiting = g_new(WaitingSqe, 1);
    waiting->sqe = *request;
    queue_push(&uring->sqes, &waiting->link);
}

void uring_add_sqe(FileEngine *engine, AioPrepSqeFunc *prep_sqe, void *opaque,
                   CqeHandler *handler)
{
    Uring *uring = uring_of(engine);
    /* A copy, because the function may add requests. */
    struct io_uring_sqe sqe = { 0 };

    prep_sqe(&sqe, opaque);
    if (sqe.flags & REFUSED_FLAGS) {
        programming_error("aio_add_sqe(): a request must not be linked with "
                          "others or end without a completion (flags 0x%x)",
                          sqe.flags);
    }
    sqe.user_data = (uintptr_t)handler | URING_IS_SQE;
    put_sqe(uring, &sqe);
    file_engine_flush_later(engine);
}

bool uring_put_sqes(Uring *uring)
{
    bool any = false;

    while (!queue_is_empty(&uring->sqes)) {
        struct io_uring_sqe *sqe = io_uring_get_sqe(&uring->ring);
        WaitingSqe *waiting;

        if (!sqe) {
            break;
        }
        waiting = container_of(queue_pop(&uring->sqes), WaitingSqe, link);
        *sqe = waiting->sqe;
        g_free(waiting);
        uring->n_sqes++;
        any = true;
    }
    return any;
}

/* ---- Freeing the context ---- */

/* Removes what the kernel has not read yet.  No request to a file is left. */
static void drop_unseen(Uring *uring)
{
    struct io_uring_sq *sq = &uring->ring.sq;
    QueueLink *link;

    for (unsigned i = *sq->khead; i != sq->sqe_tail; i++) {
        uring->n_sqes -= sq->sqes[i & *sq->kring_mask].user_data & URING_IS_SQE;
    }
    sq->sqe_tail = *sq->ktail = sq->sqe_head = *sq->khead;
    while ((link = queue_pop(&uring->sqes)) != NULL) {
        g_free(container_of(link, WaitingSqe, link));
    }
}

static void drop_completions(Uring *uring)
{
    struct io_uring_cqe *cqe;
    unsigned head, n = 0;

    io_uring_for_each_cqe(&uring->ring, head, cqe) {
        uring->n_sqes -= cqe->user_data & URING_IS_SQE;
        n++;
    }
    io_uring_cq_advance(&uring->ring, n);
}

/*
 * Closing the ring would cancel its requests as well, but later, in a kernel
 * thread: until then they would write to memory that the caller may have freed.
 */
void uring_drop_sqes(Uring *uring)
{
    /* Some commands of drivers cannot be cancelled. */
    struct __kernel_timespec limit = { .tv_sec = 1 };
    struct io_uring_sqe *sqe;

    drop_unseen(uring);
    sqe = uring->n_sqes > 0 ? io_uring_get_sqe(&uring->ring) : NULL;
    if (!sqe) {
        return;
    }
    io_uring_prep_cancel64(sqe, 0, IORING_ASYNC_CANCEL_ANY |
                                       IORING_ASYNC_CANCEL_ALL);
    io_uring_sqe_set_data(sqe, NULL);
    io_uring_submit(&uring->ring);
    drop_completions(uring);
    while (uring->n_sqes > 0) {
        struct io_uring_cqe *cqe;

        if (io_uring_wait_cqe_timeout(&uring->ring, &cqe, &limit) < 0) {
            return;
        }
        drop_completions(uring);
    }
}
