/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Cancelling coroutines at each wait, and groups of coroutines. */
#include "aio/coroutine/coroutine-group.h"
#include "aio/coroutine/coroutine-lock.h"
#include "aio/coroutine/coroutine-sleep.h"
#include "aio/file/file-io.h"
#include "aio/thread-pool/thread-pool.h"
#include "tests/unit/test-loop.h"
#include "tests/unit/test-util.h"
#include "util/clock.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define HOUR_NS (3600 * NANOSECONDS_PER_SECOND)

/* ---- A context of the test's own thread ---- */

typedef struct Fixture {
    AioContext *ctx;
    CoGroup *group;
} Fixture;

static void setup(Fixture *f, const void *data)
{
    f->ctx = aio_context_new(&error_abort);
    aio_set_current_context(f->ctx);
    f->group = co_group_new();
}

static void teardown(Fixture *f, const void *data)
{
    while (co_group_get_n(f->group) > 0) {
        aio_poll(f->ctx, true);
    }
    co_group_free(f->group);
    aio_set_current_context(aio_get_main_context());
    aio_context_unref(f->ctx);
}

/* ---- The waits ---- */

static CoSleep shared_sleep;
static CoGroup *inner_group;

static int wait_sleep_ns(void)
{
    return co_sleep_ns(AIO_CLOCK_REALTIME, HOUR_NS);
}

static int wait_sleep(void)
{
    return co_sleep(&shared_sleep);
}

static int sleep_member(void *opaque)
{
    return wait_sleep_ns();
}

static int wait_join(void)
{
    int ret;

    inner_group = co_group_new();
    co_group_spawn(inner_group, NULL, sleep_member, NULL);
    co_group_spawn(inner_group, NULL, sleep_member, NULL);
    ret = co_group_join(inner_group);
    co_group_free(inner_group);
    return ret;
}

static void timeout_entry(void *opaque)
{
    *(int *)opaque = wait_sleep_ns();
}

static int wait_timeout(void)
{
    int result = 0;

    g_assert_cmpint(co_timeout(timeout_entry, &result, HOUR_NS, NULL), ==, 0);
    return result;
}

static int wait_nested_timeout(void)
{
    int result = 0;

    co_timeout(timeout_entry, &result, 0, NULL);
    return result;
}

typedef struct Wait {
    const char *name;
    int (*wait)(void);
} Wait;

static const Wait waits[] = {
    { "sleep-ns", wait_sleep_ns },
    { "sleep", wait_sleep },
    { "join", wait_join },
    { "timeout", wait_timeout },
    { "timeout-without-limit", wait_nested_timeout },
};

typedef struct Waiter {
    const Wait *wait;
    Coroutine *co;
    int ret;
    int second_ret;
    bool done;
    bool cancel_self;
} Waiter;

static void run_waiter(void *opaque)
{
    Waiter *w = opaque;

    if (w->cancel_self) {
        coroutine_cancel(coroutine_self());
    }
    w->ret = w->wait->wait();
    g_assert_true(coroutine_is_cancelled());
    w->second_ret = w->wait->wait();
    w->done = true;
}

static void poll_until(Fixture *f, const bool *done)
{
    while (!*done) {
        aio_poll(f->ctx, true);
    }
}

static void check_cancelled(Fixture *f, Waiter *w)
{
    poll_until(f, &w->done);
    g_assert_cmpint(w->ret, ==, -ECANCELED);
    g_assert_cmpint(w->second_ret, ==, -ECANCELED);
}

static void test_while_it_waits(Fixture *f, const void *data)
{
    Waiter w = { .wait = data };
    Coroutine *co = coroutine_create(run_waiter, &w);

    coroutine_enter(co);
    aio_poll(f->ctx, false);
    g_assert_false(w.done);
    coroutine_cancel(co);
    check_cancelled(f, &w);
}

static void test_before_it_begins(Fixture *f, const void *data)
{
    Waiter w = { .wait = data };
    Coroutine *co = coroutine_create(run_waiter, &w);

    coroutine_cancel(co);
    coroutine_enter(co);
    check_cancelled(f, &w);
}

static void test_itself(Fixture *f, const void *data)
{
    Waiter w = { .wait = data, .cancel_self = true };

    coroutine_enter(coroutine_create(run_waiter, &w));
    check_cancelled(f, &w);
}

static void cancel_twice(void *opaque)
{
    coroutine_cancel(opaque);
    coroutine_cancel(opaque);
}

static void test_twice_by_a_coroutine(Fixture *f, const void *data)
{
    Waiter w = { .wait = data };
    Coroutine *co = coroutine_create(run_waiter, &w);

    coroutine_enter(co);
    coroutine_enter(coroutine_create(cancel_twice, co));
    check_cancelled(f, &w);
}

static void *cancel_thread(void *opaque)
{
    cancel_twice(opaque);
    return NULL;
}

static void test_from_another_thread(Fixture *f, const void *data)
{
    Waiter w = { .wait = data };
    Coroutine *co = coroutine_create(run_waiter, &w);
    Thread thread;

    coroutine_enter(co);
    g_assert_cmpint(thread_create(&thread, "cancel", 0, cancel_thread, co),
                    ==, 0);
    thread_join(&thread);
    check_cancelled(f, &w);
}

/* ---- The thread pool ---- */

typedef struct PoolCase {
    int ret;
    bool done;
    atomic_bool begun;
    atomic_bool may_end;
} PoolCase;

static int pool_until_told(void *opaque)
{
    PoolCase *c = opaque;

    atomic_store(&c->begun, true);
    while (!atomic_load(&c->may_end)) {
        g_thread_yield();
    }
    return 7;
}

static void run_pool_wait(void *opaque)
{
    PoolCase *c = opaque;

    c->ret = thread_pool_submit_co(pool_until_told, c);
    c->done = true;
}

static void test_pool_request_that_has_begun(Fixture *f, const void *data)
{
    PoolCase c = { 0 };
    Coroutine *co = coroutine_create(run_pool_wait, &c);

    coroutine_enter(co);
    while (!atomic_load(&c.begun)) {
        aio_poll(f->ctx, false);
    }
    coroutine_cancel(co);
    g_assert_false(aio_poll(f->ctx, false));
    g_assert_false(c.done);
    atomic_store(&c.may_end, true);
    poll_until(f, &c.done);
    g_assert_cmpint(c.ret, ==, 7);
}

static void test_pool_request_in_the_queue(Fixture *f, const void *data)
{
    PoolCase busy = { 0 };
    PoolCase queued = { 0 };
    Coroutine *co = coroutine_create(run_pool_wait, &queued);

    aio_context_set_thread_pool_params(f->ctx, 1, 1, &error_abort);
    coroutine_enter(coroutine_create(run_pool_wait, &busy));
    while (!atomic_load(&busy.begun)) {
        aio_poll(f->ctx, false);
    }
    coroutine_enter(co);
    coroutine_cancel(co);
    poll_until(f, &queued.done);
    g_assert_cmpint(queued.ret, ==, -ECANCELED);
    g_assert_false(atomic_load(&queued.begun));
    atomic_store(&busy.may_end, true);
    poll_until(f, &busy.done);
}

static void run_pool_cancelled(void *opaque)
{
    coroutine_cancel(coroutine_self());
    run_pool_wait(opaque);
}

static void test_pool_request_of_a_cancelled_coroutine(Fixture *f,
                                                       const void *data)
{
    PoolCase c = { 0 };

    coroutine_enter(coroutine_create(run_pool_cancelled, &c));
    g_assert_true(c.done);
    g_assert_cmpint(c.ret, ==, -ECANCELED);
}

/* ---- Files ---- */

typedef struct FileCase {
    AioFile *file;
    bool cancel_first;
    int ret;
    bool done;
} FileCase;

static void run_file_write(void *opaque)
{
    FileCase *c = opaque;

    if (c->cancel_first) {
        coroutine_cancel(coroutine_self());
    }
    c->ret = aio_file_co_write(c->file, 0, "abc", 3);
    c->done = true;
}

static void file_begin(Fixture *f, FileCase *c, int *fd)
{
    g_autofree char *path = NULL;

    *fd = g_file_open_tmp("qom-cancel-XXXXXX", &path, NULL);
    g_assert_cmpint(*fd, >=, 0);
    unlink(path);
    c->file = aio_file_new(f->ctx, *fd, AIO_FILE_ENGINE_THREADS,
                           &error_abort);
}

/* The only thread is busy, so the write has not begun. */
static void test_file_request_in_the_queue(Fixture *f, const void *data)
{
    PoolCase busy = { 0 };
    FileCase c = { 0 };
    Coroutine *co = coroutine_create(run_file_write, &c);
    int fd;

    aio_context_set_thread_pool_params(f->ctx, 1, 1, &error_abort);
    file_begin(f, &c, &fd);
    coroutine_enter(coroutine_create(run_pool_wait, &busy));
    while (!atomic_load(&busy.begun)) {
        aio_poll(f->ctx, false);
    }
    coroutine_enter(co);
    g_assert_false(c.done);
    coroutine_cancel(co);
    poll_until(f, &c.done);
    g_assert_cmpint(c.ret, ==, -ECANCELED);
    g_assert_cmpint(lseek(fd, 0, SEEK_END), ==, 0);
    atomic_store(&busy.may_end, true);
    poll_until(f, &busy.done);
    aio_file_free(c.file);
    close(fd);
}

/* Cancelled at any time of the request: it has its usual result or none. */
static void test_file_request_that_may_have_begun(Fixture *f,
                                                  const void *data)
{
    FileCase c = { 0 };
    int fd;

    file_begin(f, &c, &fd);
    for (int i = 0; i < 100; i++) {
        Coroutine *co = coroutine_create(run_file_write, &c);

        c.done = false;
        coroutine_enter(co);
        for (int n = 0; n < i && !c.done; n++) {
            aio_poll(f->ctx, false);
        }
        if (!c.done) {
            coroutine_cancel(co);
        }
        poll_until(f, &c.done);
        g_assert_true(c.ret == 3 || c.ret == -ECANCELED);
    }
    aio_file_free(c.file);
    close(fd);
}

static void test_file_request_of_a_cancelled_coroutine(Fixture *f,
                                                       const void *data)
{
    FileCase c = { .cancel_first = true };
    int fd;

    file_begin(f, &c, &fd);
    coroutine_enter(coroutine_create(run_file_write, &c));
    g_assert_true(c.done);
    g_assert_cmpint(c.ret, ==, -ECANCELED);
    aio_file_free(c.file);
    close(fd);
}

/* ---- Queues ---- */

typedef struct QueueCase {
    CoMutex mutex;
    CoQueue queue;
    int64_t deadline_ns;
    char order[16]; /* of those that were woken up */
} QueueCase;

typedef struct QueueWaiter {
    QueueCase *c;
    Coroutine *co;
    char name;
    int ret;
    bool done;
} QueueWaiter;

static void lock_mutex(void *object)
{
    co_mutex_lock(object);
}

static void unlock_mutex(void *object)
{
    co_mutex_unlock(object);
}

static void run_queue_wait(void *opaque)
{
    QueueWaiter *w = opaque;
    QueueCase *c = w->c;
    CoLockable lock = { &c->mutex, lock_mutex, unlock_mutex };

    co_mutex_lock(&c->mutex);
    w->ret = co_queue_wait_until(&c->queue, &lock, c->deadline_ns);
    co_mutex_assert_locked(&c->mutex);
    if (w->ret == 0) {
        c->order[strlen(c->order)] = w->name;
    }
    co_mutex_unlock(&c->mutex);
    w->done = true;
}

static void queue_start(QueueWaiter *w, QueueCase *c, char name)
{
    *w = (QueueWaiter) { .c = c, .name = name };
    w->co = coroutine_create(run_queue_wait, w);
    coroutine_enter(w->co);
    g_assert_false(w->done);
}

static void wake_one(void *opaque)
{
    QueueCase *c = opaque;

    co_mutex_lock(&c->mutex);
    co_queue_next(&c->queue);
    co_mutex_unlock(&c->mutex);
}

static void wake_all(void *opaque)
{
    QueueCase *c = opaque;

    co_mutex_lock(&c->mutex);
    co_queue_restart_all(&c->queue);
    co_mutex_unlock(&c->mutex);
}

/* The holder of the mutex cancels the first waiter, and then wakes up one. */
static void cancel_then_wake_one(void *opaque)
{
    QueueWaiter *w = opaque;

    co_mutex_lock(&w->c->mutex);
    coroutine_cancel(w->co);
    co_queue_next(&w->c->queue);
    co_mutex_unlock(&w->c->mutex);
}

static void test_queue_wake_up_is_not_lost(Fixture *f, const void *data)
{
    QueueCase c = { .deadline_ns = -1 };
    QueueWaiter w[3];

    for (int i = 0; i < 3; i++) {
        queue_start(&w[i], &c, "abc"[i]);
    }
    coroutine_enter(coroutine_create(cancel_then_wake_one, &w[0]));
    g_assert_cmpint(w[0].ret, ==, -ECANCELED);
    g_assert_cmpint(w[1].ret, ==, 0);
    g_assert_true(w[0].done && w[1].done);
    g_assert_false(w[2].done);
    coroutine_cancel(w[2].co);
    g_assert_cmpint(w[2].ret, ==, -ECANCELED);
    g_assert_true(co_queue_empty(&c.queue));
    g_assert_cmpstr(c.order, ==, "b");
}

static void test_queue_order(Fixture *f, const void *data)
{
    QueueCase c = { .deadline_ns = -1 };
    QueueWaiter w[4];

    for (int i = 0; i < 4; i++) {
        queue_start(&w[i], &c, "abcd"[i]);
    }
    coroutine_cancel(w[3].co);
    coroutine_cancel(w[1].co);
    queue_start(&w[1], &c, 'e');
    coroutine_enter(coroutine_create(wake_one, &c));
    coroutine_enter(coroutine_create(wake_all, &c));
    g_assert_cmpstr(c.order, ==, "ace");
}

static void test_queue_deadline(Fixture *f, const void *data)
{
    QueueCase c = { .deadline_ns = clock_get_ns(AIO_CLOCK_REALTIME) };
    QueueWaiter w;

    queue_start(&w, &c, 'a');
    poll_until(f, &w.done);
    g_assert_cmpint(w.ret, ==, -ETIMEDOUT);
    g_assert_true(co_queue_empty(&c.queue));
}

typedef struct QueueStress {
    QueueCase c;
    unsigned n_woken; /* under the mutex */
} QueueStress;

static int wait_often(void *opaque)
{
    QueueStress *s = opaque;
    CoLockable lock = { &s->c.mutex, lock_mutex, unlock_mutex };
    int ret;

    do {
        co_mutex_lock(&s->c.mutex);
        ret = co_queue_wait_until(&s->c.queue, &lock,
                                  clock_get_ns(AIO_CLOCK_REALTIME) + 1000);
        s->n_woken += ret == 0;
        co_mutex_unlock(&s->c.mutex);
    } while (ret != -ECANCELED);
    return 0;
}

static int wake_often(void *opaque)
{
    QueueStress *s = opaque;

    for (int i = 0; i < 2000; i++) {
        wake_one(&s->c);
        co_sleep_ns(AIO_CLOCK_REALTIME, 0);
    }
    return 0;
}

/* Wake-ups, deadlines and cancellations at the same time, in three threads. */
static void test_queue_between_threads(Fixture *f, const void *data)
{
    CoGroup *wakers = co_group_new();
    QueueStress s = { .n_woken = 0 };
    Loop loops[2];

    loop_start(&loops[0]);
    loop_start(&loops[1]);
    for (int i = 0; i < 16; i++) {
        co_group_spawn(f->group, loops[i % 2].ctx, wait_often, &s);
    }
    co_group_spawn(wakers, NULL, wake_often, &s);
    co_group_spawn(wakers, loops[0].ctx, wake_often, &s);
    co_group_wait(wakers);
    co_group_free(wakers);
    co_group_cancel(f->group);
    g_assert_cmpint(co_group_wait(f->group), ==, 0);
    g_assert_true(co_queue_empty(&s.c.queue));
    for (int i = 0; i < 2; i++) {
        loop_end(&loops[i]);
        loop_join(&loops[i]);
        aio_context_unref(loops[i].ctx);
    }
}

/* ---- Protected sections ---- */

typedef struct Section {
    CoSleep sleep;
    int ret[2];
    bool done;
} Section;

static void run_section(void *opaque)
{
    Section *s = opaque;
    bool was_cancellable = coroutine_set_cancellable(false);

    g_assert_true(was_cancellable);
    s->ret[0] = co_sleep(&s->sleep);
    g_assert_false(coroutine_set_cancellable(was_cancellable));
    s->ret[1] = co_sleep(&s->sleep);
    s->done = true;
}

static void test_not_in_a_protected_section(Fixture *f, const void *data)
{
    Section s = { .ret = { 1, 1 } };
    Coroutine *co = coroutine_create(run_section, &s);

    coroutine_enter(co);
    coroutine_cancel(co);
    g_assert_false(aio_poll(f->ctx, false));
    g_assert_cmpint(s.ret[0], ==, 1);
    co_sleep_wake(&s.sleep);
    g_assert_true(s.done);
    g_assert_cmpint(s.ret[0], ==, 0);
    g_assert_cmpint(s.ret[1], ==, -ECANCELED);
}

static void test_another_coroutine_on_the_stack_is_not(Fixture *f,
                                                       const void *data)
{
    Waiter w = { .wait = &waits[0], .cancel_self = true };
    Section s = { .ret = { 1, 1 } };

    coroutine_enter(coroutine_create(run_waiter, &w));
    g_assert_true(w.done);
    coroutine_enter(coroutine_create(run_section, &s));
    co_sleep_wake(&s.sleep);
    g_assert_false(s.done);
    co_sleep_wake(&s.sleep);
    g_assert_cmpint(s.ret[1], ==, 0);
}

static void test_outside_of_coroutines(void)
{
    g_assert_false(coroutine_is_cancelled());
}

/* ---- Groups ---- */

typedef struct Member {
    CoSleep *sleep;
    int ret;
} Member;

static int run_member(void *opaque)
{
    Member *m = opaque;
    int ret = co_sleep(m->sleep);

    return m->ret ? m->ret : ret;
}

static int end_at_once(void *opaque)
{
    return GPOINTER_TO_INT(opaque);
}

typedef struct Join {
    CoGroup *group;
    int ret;
    bool done;
} Join;

static void run_join(void *opaque)
{
    Join *join = opaque;

    join->ret = co_group_join(join->group);
    join->done = true;
}

static void test_group_reports_the_first_error(Fixture *f, const void *data)
{
    CoSleep sleeps[3] = { { NULL } };
    Member members[] = {
        { &sleeps[0], -EIO }, { &sleeps[1], -ENOSPC }, { &sleeps[2], 5 },
    };
    Join join = { .group = f->group };

    for (int i = 0; i < 3; i++) {
        co_group_spawn(f->group, NULL, run_member, &members[i]);
    }
    g_assert_cmpuint(co_group_get_n(f->group), ==, 3);
    coroutine_enter(coroutine_create(run_join, &join));
    co_sleep_wake(&sleeps[2]);
    co_sleep_wake(&sleeps[1]);
    g_assert_false(join.done);
    co_sleep_wake(&sleeps[0]);
    g_assert_true(join.done);
    g_assert_cmpint(join.ret, ==, -ENOSPC);
}

static void test_group_is_as_new_after_join(Fixture *f, const void *data)
{
    co_group_cancel(f->group);
    co_group_spawn(f->group, NULL, sleep_member, NULL);
    g_assert_cmpint(co_group_wait(f->group), ==, -ECANCELED);
    co_group_spawn(f->group, NULL, end_at_once, GINT_TO_POINTER(3));
    g_assert_cmpint(co_group_wait(f->group), ==, 0);
}

static void test_group_join_without_members(Fixture *f, const void *data)
{
    Join join = { .group = f->group, .ret = 1 };

    coroutine_enter(coroutine_create(run_join, &join));
    g_assert_true(join.done);
    g_assert_cmpint(join.ret, ==, 0);
}

static void test_group_cancel_in_any_state(Fixture *f, const void *data)
{
    co_group_cancel(f->group);
    g_assert_cmpint(co_group_wait(f->group), ==, 0);
    co_group_spawn(f->group, NULL, sleep_member, NULL);
    co_group_spawn(f->group, NULL, end_at_once, NULL);
    co_group_cancel(f->group);
    co_group_cancel(f->group);
    g_assert_cmpint(co_group_wait(f->group), ==, -ECANCELED);
    co_group_cancel(f->group);
    g_assert_cmpint(co_group_wait(f->group), ==, 0);
}

/* ---- Groups between threads ---- */

#define N_LOOPS 3
#define N_MEMBERS 50

static int wander(void *opaque)
{
    Loop *loops = opaque;
    unsigned i = 0;

    while (co_sleep_ns(AIO_CLOCK_REALTIME, 0) == 0) {
        aio_co_reschedule_self(loops[++i % N_LOOPS].ctx);
    }
    return -EIO;
}

/* Members move between loops while other threads cancel the group. */
static void test_group_cancel_while_members_move(Fixture *f,
                                                 const void *data)
{
    Loop loops[N_LOOPS];

    for (int i = 0; i < N_LOOPS; i++) {
        loop_start(&loops[i]);
    }
    for (int round = 0; round < (g_test_slow() ? 200 : 20); round++) {
        for (int i = 0; i < N_MEMBERS; i++) {
            co_group_spawn(f->group, loops[i % N_LOOPS].ctx, wander, loops);
        }
        co_group_cancel(f->group);
        g_assert_cmpint(co_group_wait(f->group), ==, -EIO);
    }
    for (int i = 0; i < N_LOOPS; i++) {
        loop_end(&loops[i]);
    }
    for (int i = 0; i < N_LOOPS; i++) {
        loop_join(&loops[i]);
        aio_context_unref(loops[i].ctx);
    }
}

static void free_with_member(void)
{
    CoGroup *group = co_group_new();

    co_group_spawn(group, NULL, sleep_member, NULL);
    co_group_free(group);
}

#define ADD(path, data, test) \
    g_test_add(path, Fixture, data, setup, test, teardown)

static void add_wait(const Wait *wait, const char *when,
                     void (*test)(Fixture *f, const void *data))
{
    g_autofree char *path = g_strdup_printf("/aio/coroutine/cancel/%s/%s",
                                            wait->name, when);

    ADD(path, wait, test);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_true(aio_main_context_init(&error_abort));

    for (size_t i = 0; i < G_N_ELEMENTS(waits); i++) {
        add_wait(&waits[i], "while-it-waits", test_while_it_waits);
        add_wait(&waits[i], "before-it-begins", test_before_it_begins);
        add_wait(&waits[i], "by-itself", test_itself);
        add_wait(&waits[i], "twice", test_twice_by_a_coroutine);
        add_wait(&waits[i], "from-another-thread", test_from_another_thread);
    }
    ADD("/aio/coroutine/cancel/pool/begun", NULL,
        test_pool_request_that_has_begun);
    ADD("/aio/coroutine/cancel/pool/queued", NULL,
        test_pool_request_in_the_queue);
    ADD("/aio/coroutine/cancel/pool/before", NULL,
        test_pool_request_of_a_cancelled_coroutine);
    ADD("/aio/coroutine/cancel/file/queued", NULL,
        test_file_request_in_the_queue);
    ADD("/aio/coroutine/cancel/file/begun", NULL,
        test_file_request_that_may_have_begun);
    ADD("/aio/coroutine/cancel/file/before", NULL,
        test_file_request_of_a_cancelled_coroutine);
    ADD("/aio/coroutine/cancel/queue/wake-up-is-not-lost", NULL,
        test_queue_wake_up_is_not_lost);
    ADD("/aio/coroutine/cancel/queue/order", NULL, test_queue_order);
    ADD("/aio/coroutine/cancel/queue/deadline", NULL, test_queue_deadline);
    ADD("/aio/coroutine/cancel/queue/between-threads", NULL,
        test_queue_between_threads);
    ADD("/aio/coroutine/cancel/protected-section", NULL,
        test_not_in_a_protected_section);
    ADD("/aio/coroutine/cancel/next-on-the-stack", NULL,
        test_another_coroutine_on_the_stack_is_not);
    g_test_add_func("/aio/coroutine/cancel/outside-of-coroutines",
                    test_outside_of_coroutines);
    ADD("/aio/coroutine/group/first-error", NULL,
        test_group_reports_the_first_error);
    ADD("/aio/coroutine/group/as-new-after-join", NULL,
        test_group_is_as_new_after_join);
    ADD("/aio/coroutine/group/join-empty", NULL,
        test_group_join_without_members);
    ADD("/aio/coroutine/group/cancel-in-any-state", NULL,
        test_group_cancel_in_any_state);
    ADD("/aio/coroutine/group/cancel-while-members-move", NULL,
        test_group_cancel_while_members_move);
    test_add_abort_func("/aio/coroutine/group/free-with-member",
                        free_with_member,
                        "*co_group_free: the group has members*");
    return test_run();
}
