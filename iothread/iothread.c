/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Starting and stopping the thread of an iothread.
 *
 * `running` is used only by the thread, `stopping` by the thread that stops
 * it.  To stop, a bottom half clears `running` in the thread itself.  A flag
 * with aio_notify() would not be enough: the aio_poll() before the blocking
 * one can consume the notification, whereas a bottom half stays scheduled
 * until it has run.
 *
 * Creating the object does not wait for the thread to start.
 * iothread_get_thread_id() waits, because the kernel assigns the id only when
 * the thread runs.  If the thread is to run on certain CPUs or with a
 * scheduling policy, it may fail to start, so creation waits for it.
 *
 * The GMainContext is created on first request: it needs a file descriptor,
 * and GLib aborts when there is none.  A bottom half switches the thread over
 * to it.  Bottom halves run in order, so all later ones find it as the default
 * context of their thread.
 */
#include "iothread/iothread-internal.h"
#include "iothread/qapi-classes-iothread.h"
#include "qom/user-creatable.h"
#include "util/log.h"

/* ---- In the thread ---- */

/* Runs before the thread uses memory, so that it is allocated near its CPUs. */
static bool iothread_start_placed(IOThread *iothread)
{
    int thread_id = thread_get_id();

    if (!iothread_place(iothread, thread_id, &iothread->start_error)) {
        return false;
    }
    iothread_place_finish(iothread, thread_id, true);
    return true;
}

/*
 * If the creating thread does not wait, it may change properties already, so
 * they are not read here.
 */
static bool iothread_start_here(IOThread *iothread)
{
    bool ok;

    atomic_store_explicit(&iothread->thread_id, thread_get_id(),
                          memory_order_release);
    ok = !iothread->is_awaited || iothread_start_placed(iothread);
    if (ok) {
        aio_set_current_context(iothread->ctx);
        iothread->running = true;
    }
    sem_post(&iothread->started);
    return ok;
}

/* The thread.  While the loop is driven by GLib, g_main_loop_run() runs it. */
static void *iothread_run(void *opaque)
{
    IOThread *iothread = opaque;
    IOThreadClass *klass = IOTHREAD_GET_CLASS(iothread);

    if (!iothread_start_here(iothread)) {
        return NULL;
    }

    while (iothread->running) {
        klass->iterate(iothread);
        if (iothread->running && iothread->run_gcontext) {
            g_main_loop_run(iothread->gloop);
        }
    }
    if (iothread->run_gcontext) {
        g_main_context_pop_thread_default(iothread->gcontext);
    }
    aio_set_current_context(NULL);
    return NULL;
}

static void iothread_iterate(IOThread *iothread)
{
    aio_poll(iothread->ctx, true);
}

/* Runs in the thread, so `running` needs no atomic operation. */
static void iothread_stop_bh(void *opaque)
{
    IOThread *iothread = opaque;

    iothread->running = false;
    if (iothread->run_gcontext) {
        g_main_loop_quit(iothread->gloop);
    }
}

static void iothread_switch_bh(void *opaque)
{
    IOThread *iothread = opaque;

    g_main_context_push_thread_default(iothread->gcontext);
    iothread->run_gcontext = true;
}

/* ---- Start and stop ---- */

LOG_AREA_DEFINE(iothread_log, "iothread")

/* Passes the properties to the context, which takes effect in its next wait. */
static bool iothread_apply(IOThread *iothread, Error **errp)
{
    return event_loop_base_apply(EVENT_LOOP_BASE(iothread), iothread->ctx,
                                 errp) &&
           aio_context_set_poll_params(iothread->ctx, iothread->poll_max_ns,
                                       iothread->poll_grow,
                                       iothread->poll_shrink, errp) &&
           aio_context_set_poll_weight(iothread->ctx, iothread->poll_weight,
                                       errp);
}

/* The semaphore is posted again for other threads that wait. */
static void iothread_await_start(IOThread *iothread)
{
    while (sem_wait(&iothread->started)) {
        /* interrupted by a signal */
    }
    sem_post(&iothread->started);
}

static bool iothread_start_thread(IOThread *iothread, Error **errp)
{
    const char *id = object_get_canonical_path_component(OBJECT(iothread));
    g_autofree char *name = g_strdup_printf("IO %s", id ? id : "");
    int ret;

    iothread->is_awaited = iothread_is_to_be_placed(iothread);
    ret = thread_create(&iothread->thread, name, 0, iothread_run, iothread);
    if (ret < 0) {
        error_setg_errno(errp, -ret, "could not create thread '%s'", name);
        return false;
    }
    log_debug(&iothread_log, "thread created", log_str("name", name));
    if (!iothread->is_awaited) {
        return true;
    }
    iothread_await_start(iothread);
    if (iothread->start_error) {
        thread_join(&iothread->thread);
        error_propagate(errp, g_steal_pointer(&iothread->start_error));
        return false;
    }
    return true;
}

static void iothread_init(EventLoopBase *base, Error **errp)
{
    IOThread *iothread = IOTHREAD(base);

    iothread->ctx = aio_context_new(errp);
    if (!iothread->ctx) {
        return;
    }
    if (!iothread_apply(iothread, errp) ||
        !iothread_start_thread(iothread, errp)) {
        g_clear_pointer(&iothread->ctx, aio_context_unref);
    }
}

/*
 * A class that derives from iothread calls this in its finalizer, and the
 * finalizer of iothread calls it again: only the first call stops the thread.
 */
void iothread_stop(IOThread *iothread)
{
    bool was_stopping;

    if (!iothread->ctx) {
        return;
    }
    g_mutex_lock(&iothread->gcontext_lock);
    was_stopping = iothread->stopping;
    iothread->stopping = true;
    g_mutex_unlock(&iothread->gcontext_lock);
    if (was_stopping) {
        return;
    }
    aio_bh_schedule_oneshot(iothread->ctx, iothread_stop_bh, iothread);
    thread_join(&iothread->thread);
    log_debug(&iothread_log, "thread ended",
              log_str("name", iothread->thread.name));
}

/*
 * Setting 0 sets the default, as in QEMU from 11.1 on.  The hook for changed
 * properties calls this before anything reads them, also while the object is
 * created.
 */
static void iothread_set_defaults(IOThread *iothread)
{
    if (iothread->poll_grow == 0) {
        iothread->poll_grow = AIO_POLL_GROW_DEFAULT;
    }
    if (iothread->poll_shrink == 0) {
        iothread->poll_shrink = AIO_POLL_SHRINK_DEFAULT;
    }
    if (iothread->poll_weight == 0) {
        iothread->poll_weight = AIO_POLL_WEIGHT_DEFAULT;
    }
}

static void iothread_update_params(EventLoopBase *base, Error **errp)
{
    IOThread *iothread = IOTHREAD(base);
    int thread_id = 0;
    bool ok;

    iothread_set_defaults(iothread);
    if (!iothread->ctx) {
        return;
    }
    /* The id of a thread that has ended may be that of another one by now. */
    if (iothread->stopping) {
        iothread_apply(iothread, errp);
        return;
    }
    /* Do not wait for the thread to start if its id is not needed. */
    if (iothread_is_to_be_placed(iothread)) {
        thread_id = iothread_get_thread_id(iothread);
    }
    if (!iothread_place(iothread, thread_id, errp)) {
        return;
    }
    ok = iothread_apply(iothread, errp);
    iothread_place_finish(iothread, thread_id, ok);
}

static AioContext *iothread_get_context(EventLoopBase *base)
{
    return IOTHREAD(base)->ctx;
}

/* ---- The object ---- */

static void iothread_instance_init(Object *obj)
{
    IOThread *iothread = IOTHREAD(obj);

    sem_init(&iothread->started, 0, 0);
    g_mutex_init(&iothread->gcontext_lock);
}

/* Frees the context before the GMainContext to which its source is attached. */
static void iothread_instance_finalize(Object *obj)
{
    IOThread *iothread = IOTHREAD(obj);

    iothread_stop(iothread);
    g_clear_pointer(&iothread->ctx, aio_context_unref);
    g_clear_pointer(&iothread->gloop, g_main_loop_unref);
    g_clear_pointer(&iothread->gcontext, g_main_context_unref);
    iothread_place_cleanup(iothread);
    g_mutex_clear(&iothread->gcontext_lock);
    sem_destroy(&iothread->started);
}

static void iothread_class_init(ObjectClass *klass, const void *data)
{
    EventLoopBaseClass *bc = EVENT_LOOP_BASE_CLASS(klass);

    bc->init = iothread_init;
    bc->update_params = iothread_update_params;
    bc->get_context = iothread_get_context;
    IOTHREAD_CLASS(klass)->iterate = iothread_iterate;
    object_class_add_properties(klass, iothread_properties);
}

static void iothread_register_types(void)
{
    static const TypeInfo info = {
        .name = TYPE_IOTHREAD,
        .parent = TYPE_EVENT_LOOP_BASE,
        .instance_size = sizeof(IOThread),
        .class_size = sizeof(IOThreadClass),
        .instance_init = iothread_instance_init,
        .instance_finalize = iothread_instance_finalize,
        .class_init = iothread_class_init,
    };

    type_register_static(&info);
}

type_init(iothread_register_types)

/* ---- For C code ---- */

IOThread *iothread_create(const char *id, Error **errp)
{
    Object *obj = object_new_with_props(TYPE_IOTHREAD,
                                        object_get_internal_root(), id, errp,
                                        NULL);

    return obj ? IOTHREAD(obj) : NULL;
}

void iothread_destroy(IOThread *iothread)
{
    object_unparent(OBJECT(iothread));
}

IOThread *iothread_by_id(const char *id)
{
    return IOTHREAD(object_resolve_path_type(id, TYPE_IOTHREAD, NULL));
}

char *iothread_get_id(IOThread *iothread)
{
    return g_strdup(object_get_canonical_path_component(OBJECT(iothread)));
}

AioContext *iothread_get_aio_context(IOThread *iothread)
{
    return iothread->ctx;
}

int iothread_get_thread_id(IOThread *iothread)
{
    int id = atomic_load_explicit(&iothread->thread_id, memory_order_acquire);

    if (!id && iothread->ctx) {
        iothread_await_start(iothread);
        id = atomic_load_explicit(&iothread->thread_id, memory_order_acquire);
    }
    return id;
}

/* Called under gcontext_lock. */
static void iothread_make_gcontext(IOThread *iothread)
{
    const char *id = object_get_canonical_path_component(OBJECT(iothread));
    g_autofree char *name = g_strdup_printf("IO %s aio-context",
                                            id ? id : "");
    GSource *source = aio_get_g_source(iothread->ctx);

    iothread->gcontext = g_main_context_new();
    iothread->gloop = g_main_loop_new(iothread->gcontext, FALSE);
    g_source_set_name(source, name);
    g_source_attach(source, iothread->gcontext);
    g_source_unref(source);
    if (!iothread->stopping) {
        aio_bh_schedule_oneshot(iothread->ctx, iothread_switch_bh, iothread);
    }
}

GMainContext *iothread_get_g_main_context(IOThread *iothread)
{
    GMainContext *gcontext;

    g_mutex_lock(&iothread->gcontext_lock);
    if (!iothread->gcontext) {
        iothread_make_gcontext(iothread);
    }
    gcontext = iothread->gcontext;
    g_mutex_unlock(&iothread->gcontext_lock);
    return gcontext;
}

bool in_iothread(void)
{
    return aio_get_current_context() != aio_get_main_context();
}
