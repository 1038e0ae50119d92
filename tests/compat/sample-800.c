/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An object as it was written for QEMU 8.0: "sample-loop" is a child of the
 * class event-loop-base, with a thread, an AioContext and a pipe that it reads.
 * Writing "send" puts a byte into the pipe; "sum" is the sum of the bytes that
 * were read.
 */
#include "qemu/osdep.h"
#include "qom/object.h"
#include "qom/object_interfaces.h"
#include "qemu/module.h"
#include "block/aio.h"
#include "block/block.h"
#include "sysemu/event-loop-base.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qemu/atomic.h"
#include "qemu/lockable.h"
#include "qemu/main-loop.h"
#include "qemu/queue.h"
#include "qemu/rcu.h"

#define TYPE_SAMPLE_LOOP "sample-loop"
OBJECT_DECLARE_SIMPLE_TYPE(SampleLoop, SAMPLE_LOOP)

typedef struct Reading {
    uint8_t value;
    QLIST_ENTRY(Reading) next;
} Reading;

struct SampleLoop {
    EventLoopBase parent_obj;

    QemuThread thread;
    AioContext *ctx;
    QemuSemaphore init_done_sem;
    bool running; /* the thread's own */
    int thread_id;
    int pipe[2];
    int64_t updates;

    QemuMutex lock;
    QLIST_HEAD(, Reading) readings; /* under lock */

    int64_t poll_max_ns;
    int64_t poll_grow;
};

typedef struct {
    const char *name;
    ptrdiff_t offset;
} LoopParamInfo;

/* ---- In the thread ---- */

static void sample_loop_read(void *opaque)
{
    SampleLoop *loop = opaque;
    Reading *reading = g_new0(Reading, 1);
    ssize_t n = read(loop->pipe[0], &reading->value, 1);

    g_assert(n == 1);
    QEMU_LOCK_GUARD(&loop->lock);
    QLIST_INSERT_HEAD(&loop->readings, reading, next);
}

static void *sample_loop_run(void *opaque)
{
    SampleLoop *loop = opaque;

    rcu_register_thread();
    qemu_set_current_aio_context(loop->ctx);
    loop->thread_id = qemu_get_thread_id();
    qemu_sem_post(&loop->init_done_sem);
    while (loop->running) {
        aio_poll(loop->ctx, true);
    }
    rcu_unregister_thread();
    return NULL;
}

static void sample_loop_stop_bh(void *opaque)
{
    SampleLoop *loop = opaque;

    aio_set_fd_handler(loop->ctx, loop->pipe[0], false, NULL, NULL, NULL,
                       NULL, NULL);
    loop->running = false;
}

/* ---- The hooks of the class ---- */

static void sample_loop_update(EventLoopBase *base, Error **errp)
{
    ERRP_GUARD();
    SampleLoop *loop = SAMPLE_LOOP(base);

    if (!loop->ctx) {
        return;
    }
    aio_context_set_poll_params(loop->ctx, loop->poll_max_ns,
                                loop->poll_grow, 0, errp);
    if (*errp) {
        return;
    }
    aio_context_set_aio_params(loop->ctx, base->aio_max_batch, errp);
    aio_context_set_thread_pool_params(loop->ctx, base->thread_pool_min,
                                       base->thread_pool_max, errp);
    qatomic_inc(&loop->updates);
}

static void sample_loop_init(EventLoopBase *base, Error **errp)
{
    Error *local_err = NULL;
    SampleLoop *loop = SAMPLE_LOOP(base);
    const char *id = object_get_canonical_path_component(OBJECT(base));
    g_autofree char *thread_name = g_strdup_printf("LOOP %s", id);

    loop->ctx = aio_context_new(errp);
    if (!loop->ctx) {
        return;
    }
    sample_loop_update(base, &local_err);
    if (local_err) {
        error_propagate(errp, local_err);
        g_clear_pointer(&loop->ctx, aio_context_unref);
        return;
    }
    loop->running = true;
    aio_set_fd_handler(loop->ctx, loop->pipe[0], false, sample_loop_read,
                       NULL, NULL, NULL, loop);
    qemu_thread_create(&loop->thread, thread_name, sample_loop_run, loop,
                       QEMU_THREAD_JOINABLE);
    qemu_sem_wait(&loop->init_done_sem);
}

/* ---- Properties ---- */

static LoopParamInfo poll_max_ns_info = {
    "poll-max-ns", offsetof(SampleLoop, poll_max_ns),
};
static LoopParamInfo poll_grow_info = {
    "poll-grow", offsetof(SampleLoop, poll_grow),
};

static void sample_loop_get_param(Object *obj, Visitor *v, const char *name,
                                  void *opaque, Error **errp)
{
    LoopParamInfo *info = opaque;
    int64_t *field = (void *)SAMPLE_LOOP(obj) + info->offset;

    visit_type_int64(v, name, field, errp);
}

static void sample_loop_set_param(Object *obj, Visitor *v, const char *name,
                                  void *opaque, Error **errp)
{
    EventLoopBaseClass *bc = EVENT_LOOP_BASE_GET_CLASS(obj);
    LoopParamInfo *info = opaque;
    int64_t *field = (void *)SAMPLE_LOOP(obj) + info->offset;
    int64_t value;

    if (!visit_type_int64(v, name, &value, errp)) {
        return;
    }
    if (value < 0) {
        error_setg(errp, "%s value must be in range [0, %" PRId64 "]",
                   info->name, INT64_MAX);
        return;
    }
    *field = value;
    bc->update_params(EVENT_LOOP_BASE(obj), errp);
}

static void sample_loop_send(Object *obj, Visitor *v, const char *name,
                             void *opaque, Error **errp)
{
    SampleLoop *loop = SAMPLE_LOOP(obj);
    uint8_t value;

    if (!visit_type_uint8(v, name, &value, errp)) {
        return;
    }
    if (write(loop->pipe[1], &value, 1) != 1) {
        error_setg_errno(errp, errno, "cannot write");
    }
}

static void sample_loop_get_sum(Object *obj, Visitor *v, const char *name,
                                void *opaque, Error **errp)
{
    SampleLoop *loop = SAMPLE_LOOP(obj);
    int64_t sum = 0;
    Reading *reading;

    WITH_QEMU_LOCK_GUARD(&loop->lock) {
        QLIST_FOREACH(reading, &loop->readings, next) {
            sum += reading->value;
        }
    }
    visit_type_int(v, name, &sum, errp);
}

static void sample_loop_get_updates(Object *obj, Visitor *v,
                                    const char *name, void *opaque,
                                    Error **errp)
{
    int64_t updates = qatomic_read(&SAMPLE_LOOP(obj)->updates);

    visit_type_int(v, name, &updates, errp);
}

/* ---- The object ---- */

static void sample_loop_instance_init(Object *obj)
{
    SampleLoop *loop = SAMPLE_LOOP(obj);
    int ret = pipe(loop->pipe);

    g_assert(ret == 0);
    qemu_set_cloexec(loop->pipe[0]);
    qemu_set_cloexec(loop->pipe[1]);
    qemu_mutex_init(&loop->lock);
    qemu_sem_init(&loop->init_done_sem, 0);
}

static void sample_loop_instance_finalize(Object *obj)
{
    SampleLoop *loop = SAMPLE_LOOP(obj);
    Reading *reading, *next;

    if (loop->ctx) {
        aio_bh_schedule_oneshot(loop->ctx, sample_loop_stop_bh, loop);
        qemu_thread_join(&loop->thread);
        aio_context_unref(loop->ctx);
    }
    QLIST_FOREACH_SAFE(reading, &loop->readings, next, next) {
        QLIST_REMOVE(reading, next);
        g_free(reading);
    }
    close(loop->pipe[0]);
    close(loop->pipe[1]);
    qemu_sem_destroy(&loop->init_done_sem);
    qemu_mutex_destroy(&loop->lock);
}

static void sample_loop_class_init(ObjectClass *klass, void *class_data)
{
    EventLoopBaseClass *bc = EVENT_LOOP_BASE_CLASS(klass);

    bc->init = sample_loop_init;
    bc->update_params = sample_loop_update;
    object_class_property_add(klass, "poll-max-ns", "int",
                              sample_loop_get_param, sample_loop_set_param,
                              NULL, &poll_max_ns_info);
    object_class_property_add(klass, "poll-grow", "int",
                              sample_loop_get_param, sample_loop_set_param,
                              NULL, &poll_grow_info);
    object_class_property_add(klass, "send", "uint8", NULL, sample_loop_send,
                              NULL, NULL);
    object_class_property_add(klass, "sum", "int", sample_loop_get_sum, NULL,
                              NULL, NULL);
    object_class_property_add(klass, "updates", "int",
                              sample_loop_get_updates, NULL, NULL, NULL);
    object_class_property_set_description(klass, "send", "a byte to add");
}

static const TypeInfo sample_loop_info = {
    .name = TYPE_SAMPLE_LOOP,
    .parent = TYPE_EVENT_LOOP_BASE,
    .instance_size = sizeof(SampleLoop),
    .instance_init = sample_loop_instance_init,
    .instance_finalize = sample_loop_instance_finalize,
    .class_init = sample_loop_class_init,
};

static void sample_loop_register_types(void)
{
    type_register_static(&sample_loop_info);
}

type_init(sample_loop_register_types)
