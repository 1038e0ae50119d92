/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The plugin of the test `top`: an object that keeps its iothread busy.  Every
 * 5 milliseconds a timer runs for `busy-ns`.
 */
#include "aio/aio-wait.h"
#include "aio/timer.h"
#include "iothread/loop-object.h"
#include "qom/plugin.h"

QOM_PLUGIN()

#define TYPE_BUSY "busy"
OBJECT_DECLARE_SIMPLE_TYPE(Busy, BUSY)

struct Busy {
    LoopObject parent_obj;
    int64_t busy_ns; /* property */
    AioTimer *timer; /* NULL unless attached */
};

OBJECT_DEFINE_SIMPLE_TYPE(Busy, busy, BUSY, LOOP_OBJECT)

static const PropertyRow busy_rows[] = {
    PROPERTY_INT("busy-ns", Busy, busy_ns, .set = PROPERTY_SET_CREATE),
    PROPERTY_END
};

/* Exported, so that statistics can name it. */
G_MODULE_EXPORT void busy_callback(void *opaque);

void busy_callback(void *opaque)
{
    Busy *busy = opaque;
    int64_t begin_ns = clock_get_ns(AIO_CLOCK_REALTIME);

    while (clock_get_ns(AIO_CLOCK_REALTIME) < begin_ns + busy->busy_ns) {
        continue;
    }
    timer_mod_ns(busy->timer, begin_ns + 5000000);
}

static void busy_attach(LoopObject *obj)
{
    Busy *busy = BUSY(obj);

    busy->timer = aio_timer_new(loop_object_get_loop(obj, 0),
                                AIO_CLOCK_REALTIME, SCALE_NS, busy_callback,
                                busy);
    timer_mod_ns(busy->timer, clock_get_ns(AIO_CLOCK_REALTIME));
}

static void delete_timer(void *opaque)
{
    g_clear_pointer(&BUSY(opaque)->timer, timer_free);
}

/* The timer may be running, so its own loop deletes it. */
static void busy_detach(LoopObject *obj)
{
    AioContext *ctx = loop_object_get_loop(obj, 0);

    aio_wait_bh_oneshot(ctx, delete_timer, obj);
}

static void busy_init(Object *obj)
{
}

static void busy_finalize(Object *obj)
{
}

static void busy_class_init(ObjectClass *klass, const void *data)
{
    LOOP_OBJECT_CLASS(klass)->attach = busy_attach;
    LOOP_OBJECT_CLASS(klass)->detach = busy_detach;
    object_class_add_properties(klass, busy_rows);
}
