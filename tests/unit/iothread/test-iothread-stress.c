/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Iothreads that come and go at random while several threads give them work.
 * Every bottom half that was scheduled before the stop must have run; the
 * thread sanitizer watches the rest.  GLib prints the seed.
 */
#include "tests/unit/test-util.h"
#include "aio/aio.h"
#include "iothread/iothread.h"
#include "qom/user-creatable.h"

#define N_SLOTS 4
#define N_WORKERS 3
#define N_ROUNDS 400

/* One iothread that is there or not. */
typedef struct Slot {
    GMutex lock;
    AioContext *ctx; /* under lock; NULL while there is none */
    AioBH *bh;       /* under lock; goes with ctx */
    IOThread *iothread; /* main's, and under lock for the others */
    int n_scheduled; /* under lock: oneshots */
    int n_ran;       /* the thread's; main's after the stop */
    int n_bh_ran;    /* the same */
} Slot;

typedef struct Stress {
    Slot slots[N_SLOTS];
    int stop; /* atomic */
    bool with_gcontext;
} Stress;

typedef struct Worker {
    Stress *stress;
    GRand *rand;
    GThread *thread;
} Worker;

static void count_oneshot(void *opaque)
{
    ((Slot *)opaque)->n_ran++;
}

static void count_bh(void *opaque)
{
    ((Slot *)opaque)->n_bh_ran++;
}

static void give_work(Stress *stress, Slot *slot, int what)
{
    g_mutex_lock(&slot->lock);
    if (!slot->ctx) {
        /* the slot has no iothread now */
    } else if (what == 0) {
        aio_notify(slot->ctx);
    } else if (what == 1) {
        aio_bh_schedule(slot->bh);
    } else if (what == 2 && stress->with_gcontext) {
        iothread_get_g_main_context(slot->iothread);
    } else {
        aio_bh_schedule_oneshot(slot->ctx, count_oneshot, slot);
        slot->n_scheduled++;
    }
    g_mutex_unlock(&slot->lock);
}

static void *work(void *opaque)
{
    Worker *worker = opaque;
    Stress *stress = worker->stress;

    while (!__atomic_load_n(&stress->stop, __ATOMIC_RELAXED)) {
        int i = g_rand_int_range(worker->rand, 0, N_SLOTS);

        give_work(stress, &stress->slots[i],
                  g_rand_int_range(worker->rand, 0, 5));
    }
    return NULL;
}

static void slot_start(Slot *slot, int i)
{
    g_autofree char *text = g_strdup_printf("iothread,id=stress%d", i);
    Object *obj = user_creatable_add_from_str(text, &error_abort);

    g_mutex_lock(&slot->lock);
    slot->iothread = IOTHREAD(obj);
    slot->ctx = iothread_get_aio_context(slot->iothread);
    slot->bh = aio_bh_new(slot->ctx, count_bh, slot);
    slot->n_scheduled = slot->n_ran = slot->n_bh_ran = 0;
    g_mutex_unlock(&slot->lock);
}

static void slot_stop(Slot *slot, int i)
{
    g_autofree char *id = g_strdup_printf("stress%d", i);

    g_mutex_lock(&slot->lock);
    slot->ctx = NULL;
    g_mutex_unlock(&slot->lock);

    iothread_stop(slot->iothread);
    g_assert_cmpint(slot->n_ran, ==, slot->n_scheduled);
    aio_bh_delete(slot->bh);
    g_assert_true(user_creatable_del(id, &error_abort));
    slot->iothread = NULL;
}

static void start_workers(Stress *stress, Worker *workers)
{
    for (int i = 0; i < N_WORKERS; i++) {
        workers[i].stress = stress;
        workers[i].rand = g_rand_new_with_seed(g_test_rand_int());
        workers[i].thread = g_thread_new("worker", work, &workers[i]);
    }
}

static void stop_workers(Stress *stress, Worker *workers)
{
    __atomic_store_n(&stress->stop, 1, __ATOMIC_RELAXED);
    for (int i = 0; i < N_WORKERS; i++) {
        g_thread_join(workers[i].thread);
        g_rand_free(workers[i].rand);
    }
}

static void test_start_and_stop(const void *data)
{
    g_autofree Stress *stress = g_new0(Stress, 1);
    Worker workers[N_WORKERS];

    stress->with_gcontext = data;
    for (int i = 0; i < N_SLOTS; i++) {
        g_mutex_init(&stress->slots[i].lock);
    }
    start_workers(stress, workers);
    for (int round = 0; round < N_ROUNDS; round++) {
        int i = g_test_rand_int_range(0, N_SLOTS);
        Slot *slot = &stress->slots[i];

        if (slot->iothread) {
            slot_stop(slot, i);
        } else {
            slot_start(slot, i);
        }
    }
    stop_workers(stress, workers);
    for (int i = 0; i < N_SLOTS; i++) {
        if (stress->slots[i].iothread) {
            slot_stop(&stress->slots[i], i);
        }
        g_mutex_clear(&stress->slots[i].lock);
    }
}

/* ---- Properties change while the loop reads them ---- */

static void test_change_while_running(void)
{
    g_autofree Stress *stress = g_new0(Stress, 1);
    Slot *slot = &stress->slots[0];
    Worker workers[N_WORKERS];

    for (int i = 0; i < N_SLOTS; i++) {
        g_mutex_init(&stress->slots[i].lock);
    }
    slot_start(slot, 0);
    start_workers(stress, workers);
    for (int i = 0; i < N_ROUNDS; i++) {
        Object *obj = OBJECT(slot->iothread);

        object_property_set_int(obj, "poll-max-ns", i % 2 * 1000,
                                &error_abort);
        object_property_set_int(obj, "aio-max-batch", i, &error_abort);
        object_property_set_int(obj, "thread-pool-max", i + 1, &error_abort);
    }
    stop_workers(stress, workers);
    slot_stop(slot, 0);
    for (int i = 0; i < N_SLOTS; i++) {
        g_mutex_clear(&stress->slots[i].lock);
    }
}

/* ---- The first request for the GMainContext, from many at once ---- */

static void *ask_for_gcontext(void *opaque)
{
    return iothread_get_g_main_context(opaque);
}

static void test_gcontext_from_many(void)
{
    for (int round = 0; round < 50; round++) {
        IOThread *iothread = iothread_create("many", &error_abort);
        GThread *threads[N_WORKERS];
        void *gcontext = NULL;

        for (int i = 0; i < N_WORKERS; i++) {
            threads[i] = g_thread_new("ask", ask_for_gcontext, iothread);
        }
        for (int i = 0; i < N_WORKERS; i++) {
            void *found = g_thread_join(threads[i]);

            g_assert_true(!gcontext || gcontext == found);
            gcontext = found;
        }
        iothread_destroy(iothread);
    }
}

/* ---- Many at once ---- */

static void test_many_alive(void)
{
    IOThread *iothreads[100];

    for (size_t i = 0; i < G_N_ELEMENTS(iothreads); i++) {
        g_autofree char *id = g_strdup_printf("alive%zu", i);

        iothreads[i] = iothread_create(id, &error_abort);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(iothreads); i++) {
        iothread_destroy(iothreads[i]);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    aio_main_context_init(&error_abort);

    g_test_add_data_func("/iothread/stress/start-and-stop", NULL,
                         test_start_and_stop);
    g_test_add_data_func("/iothread/stress/start-and-stop-with-gcontext",
                         "gcontext", test_start_and_stop);
    g_test_add_func("/iothread/stress/change-while-running",
                    test_change_while_running);
    g_test_add_func("/iothread/stress/gcontext-from-many",
                    test_gcontext_from_many);
    g_test_add_func("/iothread/stress/many-alive", test_many_alive);
    return test_run();
}
