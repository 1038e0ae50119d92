/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An object as it was written for QEMU 4.1: the thread pool of an AioContext
 * executes jobs of "sample-worker". A GMainContext drives the context in a
 * private thread.  Writing "jobs" starts that many jobs; each is a coroutine.
 *
 * A link to an iothread keeps that in use, and each job schedules a function in
 * the context of the iothread.
 */
#include "qemu/osdep.h"
#include "qom/object.h"
#include "qom/object_interfaces.h"
#include "qemu/module.h"
#include "block/aio.h"
#include "block/thread-pool.h"
#include "sysemu/iothread.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qemu/atomic.h"
#include "qemu/coroutine.h"
#include "qemu/main-loop.h"
#include "qemu/rcu.h"

#define TYPE_WORKER "sample-worker"
#define WORKER(obj) OBJECT_CHECK(Worker, (obj), TYPE_WORKER)

typedef struct Job {
    int number;
    QSIMPLEQ_ENTRY(Job) next;
} Job;

typedef struct Worker {
    Object parent_obj;

    QemuThread thread;
    AioContext *ctx;
    GMainContext *worker_context;
    GMainLoop *main_loop;
    QemuSemaphore init_done_sem;
    int thread_id;
    int64_t poll_max_ns;

    EventNotifier kick;
    QemuMutex lock;
    QSIMPLEQ_HEAD(, Job) jobs; /* under lock */
    int ordered;               /* under lock */

    CoMutex co_lock;
    int done;  /* under co_lock; read with atomic_read() */
    int heard; /* atomic */
    IOThread *iothread; /* the link, released before the thread ends */
    IOThread *hearer;   /* what it was at the start, with a reference */
} Worker;

/* ---- In the thread ---- */

static int worker_do_job(void *opaque)
{
    Job *job = opaque;

    return job->number;
}

static void worker_heard(void *opaque)
{
    atomic_inc(&((Worker *)opaque)->heard);
}

static Job *worker_next_job(Worker *worker)
{
    Job *job;

    qemu_mutex_lock(&worker->lock);
    job = QSIMPLEQ_FIRST(&worker->jobs);
    if (job) {
        QSIMPLEQ_REMOVE_HEAD(&worker->jobs, next);
    }
    qemu_mutex_unlock(&worker->lock);
    return job;
}

static void coroutine_fn worker_co(void *opaque)
{
    Worker *worker = opaque;
    ThreadPool *pool = aio_get_thread_pool(worker->ctx);
    Job *job;

    while ((job = worker_next_job(worker))) {
        int ret = thread_pool_submit_co(pool, worker_do_job, job);

        g_assert(ret == job->number);
        qemu_co_mutex_lock(&worker->co_lock);
        qemu_co_sleep_ns(QEMU_CLOCK_REALTIME, 1000);
        atomic_set(&worker->done, worker->done + 1);
        qemu_co_mutex_unlock(&worker->co_lock);
        if (worker->hearer) {
            aio_bh_schedule_oneshot(iothread_get_aio_context(worker->hearer),
                                    worker_heard, worker);
        }
        g_free(job);
    }
}

static void worker_kicked(EventNotifier *e)
{
    Worker *worker = container_of(e, Worker, kick);

    event_notifier_test_and_clear(e);
    for (int i = 0; i < 3; i++) {
        Coroutine *co = qemu_coroutine_create(worker_co, worker);

        aio_co_enter(worker->ctx, co);
    }
}

static void *worker_run(void *opaque)
{
    Worker *worker = opaque;

    rcu_register_thread();
    g_main_context_push_thread_default(worker->worker_context);
    worker->thread_id = qemu_get_thread_id();
    qemu_sem_post(&worker->init_done_sem);
    g_main_loop_run(worker->main_loop);
    g_main_context_pop_thread_default(worker->worker_context);
    rcu_unregister_thread();
    return NULL;
}

static void worker_stop_bh(void *opaque)
{
    g_main_loop_quit(((Worker *)opaque)->main_loop);
}

/* ---- The object ---- */

static void worker_init_gcontext(Worker *worker)
{
    GSource *source = aio_get_g_source(worker->ctx);

    worker->worker_context = g_main_context_new();
    g_source_attach(source, worker->worker_context);
    g_source_unref(source);
    worker->main_loop = g_main_loop_new(worker->worker_context, TRUE);
}

static void worker_complete(UserCreatable *uc, Error **errp)
{
    Worker *worker = WORKER(uc);
    char *name;

    worker->ctx = aio_context_new(errp);
    if (!worker->ctx) {
        return;
    }
    worker_init_gcontext(worker);
    if (worker->iothread) {
        worker->hearer = worker->iothread;
        object_ref(OBJECT(worker->hearer));
    }
    aio_set_event_notifier(worker->ctx, &worker->kick, false, worker_kicked,
                           NULL);
    name = object_get_canonical_path_component(OBJECT(uc));
    qemu_thread_create(&worker->thread, name, worker_run, worker,
                       QEMU_THREAD_JOINABLE);
    g_free(name);
    qemu_sem_wait(&worker->init_done_sem);
}

static bool worker_is_busy(Worker *worker)
{
    return atomic_mb_read(&worker->done) != worker->ordered ||
           (worker->hearer &&
            atomic_mb_read(&worker->heard) != worker->ordered);
}

/* Jobs that were ordered are done first. */
static void worker_stop(Worker *worker)
{
    while (worker_is_busy(worker)) {
        g_thread_yield();
    }
    object_unref(OBJECT(worker->hearer));
    aio_bh_schedule_oneshot(worker->ctx, worker_stop_bh, worker);
    qemu_thread_join(&worker->thread);
    aio_set_event_notifier(worker->ctx, &worker->kick, false, NULL, NULL);
    aio_context_unref(worker->ctx);
    g_main_loop_unref(worker->main_loop);
    g_main_context_unref(worker->worker_context);
}

static void worker_order(Worker *worker)
{
    Job *job = g_new0(Job, 1);

    qemu_mutex_lock(&worker->lock);
    job->number = ++worker->ordered;
    QSIMPLEQ_INSERT_TAIL(&worker->jobs, job, next);
    qemu_mutex_unlock(&worker->lock);
}

static void worker_set_jobs(Object *obj, Visitor *v, const char *name,
                            void *opaque, Error **errp)
{
    Worker *worker = WORKER(obj);
    Error *local_err = NULL;
    uint32_t n;

    visit_type_uint32(v, name, &n, &local_err);
    if (local_err) {
        error_propagate(errp, local_err);
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        worker_order(worker);
    }
    event_notifier_set(&worker->kick);
}

static void worker_get_done(Object *obj, Visitor *v, const char *name,
                            void *opaque, Error **errp)
{
    int64_t done = atomic_read(&WORKER(obj)->done);

    visit_type_int(v, name, &done, errp);
}

static void worker_get_heard(Object *obj, Visitor *v, const char *name,
                             void *opaque, Error **errp)
{
    int64_t heard = atomic_read(&WORKER(obj)->heard);

    visit_type_int(v, name, &heard, errp);
}

static void worker_instance_init(Object *obj)
{
    Worker *worker = WORKER(obj);

    QSIMPLEQ_INIT(&worker->jobs);
    qemu_mutex_init(&worker->lock);
    qemu_co_mutex_init(&worker->co_lock);
    qemu_sem_init(&worker->init_done_sem, 0);
    event_notifier_init(&worker->kick, 0);
    object_property_add_link(obj, "iothread", TYPE_IOTHREAD,
                             (Object **)&worker->iothread,
                             object_property_allow_set_link,
                             OBJ_PROP_LINK_STRONG, &error_abort);
}

static void worker_instance_finalize(Object *obj)
{
    Worker *worker = WORKER(obj);

    if (worker->ctx) {
        worker_stop(worker);
    }
    event_notifier_cleanup(&worker->kick);
    qemu_sem_destroy(&worker->init_done_sem);
    qemu_mutex_destroy(&worker->lock);
}

static void worker_class_init(ObjectClass *oc, void *data)
{
    UserCreatableClass *ucc = USER_CREATABLE_CLASS(oc);

    ucc->complete = worker_complete;
    object_class_property_add(oc, "jobs", "uint32", NULL, worker_set_jobs,
                              NULL, NULL, &error_abort);
    object_class_property_add(oc, "done", "int", worker_get_done, NULL, NULL,
                              NULL, &error_abort);
    object_class_property_add(oc, "heard", "int", worker_get_heard, NULL,
                              NULL, NULL, NULL);
    object_class_property_set_description(oc, "jobs", "jobs to do",
                                          &error_abort);
}

static const TypeInfo worker_info = {
    .name = TYPE_WORKER,
    .parent = TYPE_OBJECT,
    .instance_size = sizeof(Worker),
    .instance_init = worker_instance_init,
    .instance_finalize = worker_instance_finalize,
    .class_init = worker_class_init,
    .interfaces = (InterfaceInfo[]) {
        { TYPE_USER_CREATABLE },
        { }
    },
};

static void worker_register_types(void)
{
    type_register_static(&worker_info);
}

type_init(worker_register_types);
