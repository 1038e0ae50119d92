/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An object as it was written for QEMU 2.12: "sample-ticker" counts the ticks
 * of a timer, in a private thread with its own AioContext.
 *
 * The thread holds the context's lock while it polls, and reading "ticks" takes
 * the lock, as was usual then.
 */
#include "qemu/osdep.h"
#include "qom/object.h"
#include "qom/object_interfaces.h"
#include "qemu/module.h"
#include "block/aio.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qemu/atomic.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "qemu/rcu.h"
#include "qemu/thread.h"

#define TYPE_TICKER "sample-ticker"
#define TICKER(obj) OBJECT_CHECK(Ticker, (obj), TYPE_TICKER)

#define TICKER_KEPT 4

typedef struct Tick {
    int64_t number;
    QTAILQ_ENTRY(Tick) next;
} Tick;

typedef struct Ticker {
    Object parent_obj;

    QemuThread thread;
    AioContext *ctx;
    QEMUTimer *timer;
    QEMUBH *start_bh;
    QemuMutex init_done_lock;
    QemuCond init_done_cond;
    bool stopping;
    int thread_id;
    char *label;
    char *thread_name;

    QTAILQ_HEAD(TickHead, Tick) ticks; /* under the context's lock */
    int64_t n_ticks;                   /* under the context's lock */

    int64_t poll_max_ns;
    int64_t poll_grow;
    int64_t poll_shrink;
} Ticker;

/* ---- In the thread ---- */

static void ticker_forget(Ticker *ticker, int64_t n)
{
    Tick *tick, *next;

    QTAILQ_FOREACH_SAFE(tick, &ticker->ticks, next, next) {
        if (tick->number <= n) {
            QTAILQ_REMOVE(&ticker->ticks, tick, next);
            g_free(tick);
        }
    }
}

static void ticker_tick(void *opaque)
{
    Ticker *ticker = opaque;
    Tick *tick = g_new0(Tick, 1);

    tick->number = ++ticker->n_ticks;
    QTAILQ_INSERT_TAIL(&ticker->ticks, tick, next);
    ticker_forget(ticker, ticker->n_ticks - TICKER_KEPT);
    timer_mod(ticker->timer, qemu_clock_get_us(QEMU_CLOCK_REALTIME) + 100);
}

static void ticker_start(void *opaque)
{
    Ticker *ticker = opaque;

    g_assert(qemu_get_current_aio_context() == ticker->ctx);
    timer_mod(ticker->timer, 0);
}

static void *ticker_run(void *opaque)
{
    Ticker *ticker = opaque;

    rcu_register_thread();
    qemu_mutex_lock(&ticker->init_done_lock);
    ticker->thread_id = qemu_get_thread_id();
    qemu_cond_signal(&ticker->init_done_cond);
    qemu_mutex_unlock(&ticker->init_done_lock);

    while (!atomic_mb_read(&ticker->stopping)) {
        aio_context_acquire(ticker->ctx);
        aio_poll(ticker->ctx, true);
        aio_context_release(ticker->ctx);
    }
    rcu_unregister_thread();
    return NULL;
}

/* ---- The object ---- */

static void ticker_complete(UserCreatable *obj, Error **errp)
{
    Ticker *ticker = TICKER(obj);
    Error *local_err = NULL;
    char *name;

    ticker->ctx = aio_context_new(&local_err);
    if (!ticker->ctx) {
        error_propagate(errp, local_err);
        return;
    }
    aio_context_set_poll_params(ticker->ctx, ticker->poll_max_ns,
                                ticker->poll_grow, ticker->poll_shrink,
                                &local_err);
    if (local_err) {
        error_propagate(errp, local_err);
        aio_context_unref(ticker->ctx);
        ticker->ctx = NULL;
        return;
    }
    ticker->timer = aio_timer_new(ticker->ctx, QEMU_CLOCK_REALTIME, SCALE_US,
                                  ticker_tick, ticker);
    ticker->start_bh = aio_bh_new(ticker->ctx, ticker_start, ticker);
    qemu_bh_schedule(ticker->start_bh);

    name = object_get_canonical_path_component(OBJECT(obj));
    ticker->thread_name = g_strdup_printf("TICK %s", name);
    g_free(name);
    qemu_thread_create(&ticker->thread, ticker->thread_name, ticker_run,
                       ticker, QEMU_THREAD_JOINABLE);

    qemu_mutex_lock(&ticker->init_done_lock);
    while (ticker->thread_id == -1) {
        qemu_cond_wait(&ticker->init_done_cond, &ticker->init_done_lock);
    }
    qemu_mutex_unlock(&ticker->init_done_lock);
}

static void ticker_stop(Ticker *ticker)
{
    atomic_mb_set(&ticker->stopping, true);
    aio_notify(ticker->ctx);
    qemu_thread_join(&ticker->thread);
    qemu_bh_delete(ticker->start_bh);
    timer_del(ticker->timer);
    timer_free(ticker->timer);
    aio_context_unref(ticker->ctx);
}

typedef struct {
    const char *name;
    ptrdiff_t offset;
} TickerParamInfo;

static TickerParamInfo poll_max_ns_info = {
    "poll-max-ns", offsetof(Ticker, poll_max_ns),
};
static TickerParamInfo poll_grow_info = {
    "poll-grow", offsetof(Ticker, poll_grow),
};
static TickerParamInfo poll_shrink_info = {
    "poll-shrink", offsetof(Ticker, poll_shrink),
};

static void ticker_get_param(Object *obj, Visitor *v, const char *name,
                             void *opaque, Error **errp)
{
    TickerParamInfo *info = opaque;
    int64_t *field = (void *)TICKER(obj) + info->offset;

    visit_type_int64(v, name, field, errp);
}

static void ticker_set_param(Object *obj, Visitor *v, const char *name,
                             void *opaque, Error **errp)
{
    Ticker *ticker = TICKER(obj);
    TickerParamInfo *info = opaque;
    int64_t *field = (void *)ticker + info->offset;
    Error *local_err = NULL;
    int64_t value;

    visit_type_int64(v, name, &value, &local_err);
    if (local_err) {
        goto out;
    }
    if (value < 0) {
        error_setg(&local_err, "%s value must be in range [0, %" PRId64 "]",
                   info->name, INT64_MAX);
        goto out;
    }
    *field = value;
    if (ticker->ctx) {
        aio_context_set_poll_params(ticker->ctx, ticker->poll_max_ns,
                                    ticker->poll_grow, ticker->poll_shrink,
                                    &local_err);
    }
out:
    error_propagate(errp, local_err);
}

static void ticker_get_ticks(Object *obj, Visitor *v, const char *name,
                             void *opaque, Error **errp)
{
    Ticker *ticker = TICKER(obj);
    int64_t value = 0;
    Tick *last, *first;

    if (ticker->ctx) {
        aio_context_acquire(ticker->ctx);
        last = QTAILQ_LAST(&ticker->ticks, TickHead);
        first = QTAILQ_FIRST(&ticker->ticks);
        value = last ? last->number : 0;
        g_assert(!last || last->number - first->number < TICKER_KEPT);
        aio_context_release(ticker->ctx);
    }
    visit_type_int(v, name, &value, errp);
}

static char *ticker_get_label(Object *obj, Error **errp)
{
    return g_strdup(TICKER(obj)->label);
}

static void ticker_set_label(Object *obj, const char *value, Error **errp)
{
    Ticker *ticker = TICKER(obj);

    if (!*value) {
        error_setg(errp, "label must not be empty");
        return;
    }
    g_free(ticker->label);
    ticker->label = g_strdup(value);
}

static void ticker_instance_init(Object *obj)
{
    Ticker *ticker = TICKER(obj);

    QTAILQ_INIT(&ticker->ticks);
    qemu_mutex_init(&ticker->init_done_lock);
    qemu_cond_init(&ticker->init_done_cond);
    ticker->thread_id = -1;
    ticker->label = g_strdup("tick");

    object_property_add_str(obj, "label", ticker_get_label,
                            ticker_set_label, NULL);
    object_property_set_description(obj, "label", "what it is called",
                                    &error_abort);
    object_property_add(obj, "ticks", "int", ticker_get_ticks, NULL, NULL,
                        NULL, &error_abort);
    object_property_set_str(obj, "tock", "label", &error_abort);
}

static void ticker_instance_finalize(Object *obj)
{
    Ticker *ticker = TICKER(obj);

    if (ticker->ctx) {
        ticker_stop(ticker);
    }
    ticker_forget(ticker, ticker->n_ticks);
    qemu_cond_destroy(&ticker->init_done_cond);
    qemu_mutex_destroy(&ticker->init_done_lock);
    g_free(ticker->thread_name);
    g_free(ticker->label);
}

static void ticker_class_init(ObjectClass *klass, void *class_data)
{
    UserCreatableClass *ucc = USER_CREATABLE_CLASS(klass);

    ucc->complete = ticker_complete;
    object_class_property_add(klass, "poll-max-ns", "int", ticker_get_param,
                              ticker_set_param, NULL, &poll_max_ns_info,
                              &error_abort);
    object_class_property_add(klass, "poll-grow", "int", ticker_get_param,
                              ticker_set_param, NULL, &poll_grow_info,
                              &error_abort);
    object_class_property_add(klass, "poll-shrink", "int", ticker_get_param,
                              ticker_set_param, NULL, &poll_shrink_info,
                              &error_abort);
}

static const TypeInfo ticker_info = {
    .name = TYPE_TICKER,
    .parent = TYPE_OBJECT,
    .class_init = ticker_class_init,
    .instance_size = sizeof(Ticker),
    .instance_init = ticker_instance_init,
    .instance_finalize = ticker_instance_finalize,
    .interfaces = (InterfaceInfo[]) {
        { TYPE_USER_CREATABLE },
        { }
    },
};

static void ticker_register_types(void)
{
    type_register_static(&ticker_info);
}

type_init(ticker_register_types)
