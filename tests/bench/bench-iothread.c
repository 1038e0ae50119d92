/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Creating and deleting iothreads.  The floors are a bare thread that ends at
 * once, and one that waits on a futex until it may end, as an iothread does.
 */
#include "iothread/iothread.h"
#include "tests/bench/bench.h"
#include "util/module.h"

#include <pthread.h>
#include <semaphore.h>

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
    { .name = NULL },
};

int main(int argc, char **argv)
{
    return bench_main(argc, argv, cases);
}
