/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Creating and destroying iothreads, one at a time or many together.  The floor
 * is a bare thread that ends at once, or that waits on a semaphore until it is
 * to end, as an iothread does.  The floor "fds" also creates what a loop needs
 * of the kernel: an eventfd and an epoll set for each thread.
 */
#include "iothread/iothread.h"
#include "tests/bench/bench.h"
#include "util/module.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define MANY 500

static void *ours_setup(const void *arg)
{
    module_call_init(MODULE_INIT_QOM);
    return NULL;
}

static void ours_run(void *state, uint64_t n)
{
    while (n--) {
        iothread_destroy(iothread_create("bench", &error_abort));
    }
}

static void ours_run_awake(void *state, uint64_t n)
{
    while (n--) {
        IOThread *iothread = iothread_create("bench", &error_abort);

        iothread_get_thread_id(iothread);
        iothread_destroy(iothread);
    }
}

static void *end_at_once(void *opaque)
{
    return NULL;
}

static void floor_run(void *state, uint64_t n)
{
    pthread_t thread;

    while (n--) {
        g_assert(!pthread_create(&thread, NULL, end_at_once, NULL));
        pthread_join(thread, NULL);
    }
}

typedef struct Told {
    sem_t started;
    sem_t stop;
} Told;

static void *end_when_told(void *opaque)
{
    Told *told = opaque;

    sem_post(&told->started);
    sem_wait(&told->stop);
    return NULL;
}

static void floor_run_told(void *state, uint64_t n)
{
    pthread_t thread;
    Told told;

    sem_init(&told.started, 0, 0);
    sem_init(&told.stop, 0, 0);
    while (n--) {
        g_assert(!pthread_create(&thread, NULL, end_when_told, &told));
        sem_wait(&told.started);
        sem_post(&told.stop);
        pthread_join(thread, NULL);
    }
    sem_destroy(&told.started);
    sem_destroy(&told.stop);
}

/* ---- Many together ---- */

static void ours_run_many(void *state, uint64_t n)
{
    IOThread *iothreads[MANY];

    while (n--) {
        for (int i = 0; i < MANY; i++) {
            char name[16];

            snprintf(name, sizeof(name), "bench%d", i);
            iothreads[i] = iothread_create(name, &error_abort);
        }
        for (int i = 0; i < MANY; i++) {
            iothread_get_thread_id(iothreads[i]);
        }
        for (int i = 0; i < MANY; i++) {
            iothread_destroy(iothreads[i]);
        }
    }
}

typedef struct ManyThread {
    pthread_t thread;
    Told told;
    int event_fd;
    int epoll_fd;
} ManyThread;

static void many_start(ManyThread *t, bool fds)
{
    struct epoll_event event = { .events = EPOLLIN | EPOLLET };

    if (fds) {
        t->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        t->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        epoll_ctl(t->epoll_fd, EPOLL_CTL_ADD, t->event_fd, &event);
    }
    sem_init(&t->told.started, 0, 0);
    sem_init(&t->told.stop, 0, 0);
    g_assert(!pthread_create(&t->thread, NULL, end_when_told, &t->told));
}

static void many_stop(ManyThread *t, bool fds)
{
    sem_post(&t->told.stop);
    pthread_join(t->thread, NULL);
    if (fds) {
        close(t->epoll_fd);
        close(t->event_fd);
    }
}

static void many_run(uint64_t n, bool fds)
{
    static ManyThread threads[MANY];

    while (n--) {
        for (int i = 0; i < MANY; i++) {
            many_start(&threads[i], fds);
        }
        for (int i = 0; i < MANY; i++) {
            sem_wait(&threads[i].told.started);
        }
        for (int i = 0; i < MANY; i++) {
            many_stop(&threads[i], fds);
        }
    }
}

static void floor_run_many(void *state, uint64_t n)
{
    many_run(n, false);
}

static void floor_run_many_fds(void *state, uint64_t n)
{
    many_run(n, true);
}

static const BenchCase cases[] = {
    {
        .name = "iothread/create-destroy",
        .ours = { .setup = ours_setup, .run = ours_run },
        .peers = {
            { .name = "floor", .run = floor_run },
        },
    },
    {
        .name = "iothread/create-start-destroy",
        .ours = { .setup = ours_setup, .run = ours_run_awake },
        .peers = {
            { .name = "floor", .run = floor_run_told },
        },
    },
    {
        .name = "iothread/create-start-destroy-500",
        .max_ops = 4,
        .ours = { .setup = ours_setup, .run = ours_run_many },
        .peers = {
            { .name = "floor", .run = floor_run_many },
            { .name = "floor-fds", .run = floor_run_many_fds },
        },
    },
    { .name = NULL },
};

int main(int argc, char **argv)
{
    return bench_main(argc, argv, cases);
}
