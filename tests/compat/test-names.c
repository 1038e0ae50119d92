/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What compat/qemu makes itself: lists, atomics, locks, guards, reports. */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "block/block.h"
#include "block/thread-pool.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qemu/atomic.h"
#include "qemu/coroutine.h"
#include "qemu/error-report.h"
#include "qemu/lockable.h"
#include "qemu/main-loop.h"
#include "qemu/queue.h"
#include "qemu/thread.h"
#include "qom/object_interfaces.h"
#include "tests/unit/test-util.h"

#include <sys/prctl.h>

typedef struct Item {
    char name;
    QSLIST_ENTRY(Item) slist;
    QLIST_ENTRY(Item) list;
    QSIMPLEQ_ENTRY(Item) simpleq;
    QTAILQ_ENTRY(Item) tailq;
} Item;

/* The names of what a walk finds. */
#define assert_walk(walk, wanted)                                       \
    do {                                                                \
        char found_[8] = "";                                            \
        size_t n_ = 0;                                                  \
        walk {                                                          \
            found_[n_++] = item->name;                                  \
        }                                                               \
        g_assert_cmpstr(found_, ==, wanted);                            \
    } while (0)

static Item a = { .name = 'a' }, b = { .name = 'b' }, c = { .name = 'c' };

/* ---- Lists ---- */

static void test_qslist(void)
{
    QSLIST_HEAD(, Item) head = QSLIST_HEAD_INITIALIZER(head);
    QSLIST_HEAD(, Item) other;
    Item *item, *next;

    QSLIST_INIT(&other);
    QSLIST_INSERT_HEAD(&head, &c, slist);
    QSLIST_INSERT_HEAD(&head, &a, slist);
    QSLIST_INSERT_AFTER(&a, &b, slist);
    assert_walk(QSLIST_FOREACH(item, &head, slist), "abc");
    QSLIST_REMOVE(&head, &b, Item, slist);
    assert_walk(QSLIST_FOREACH(item, &head, slist), "ac");
    QSLIST_INSERT_HEAD_ATOMIC(&head, &b, slist);
    QSLIST_MOVE_ATOMIC(&other, &head);
    g_assert_true(QSLIST_EMPTY(&head));
    assert_walk(QSLIST_FOREACH_SAFE(item, &other, slist, next), "bac");
    QSLIST_REMOVE_AFTER(&b, slist);
    QSLIST_REMOVE_HEAD(&other, slist);
    g_assert_true(QSLIST_FIRST(&other) == &c && !QSLIST_NEXT(&c, slist));
}

static void test_qlist(void)
{
    QLIST_HEAD(, Item) head = QLIST_HEAD_INITIALIZER(head);
    Item *item, *next;

    QLIST_INSERT_HEAD(&head, &b, list);
    QLIST_INSERT_BEFORE(&b, &a, list);
    QLIST_INSERT_AFTER(&b, &c, list);
    assert_walk(QLIST_FOREACH(item, &head, list), "abc");
    g_assert_true(QLIST_IS_INSERTED(&b, list));
    QLIST_REMOVE(&b, list);
    g_assert_false(QLIST_IS_INSERTED(&b, list));
    QLIST_SAFE_REMOVE(&b, list);
    assert_walk(QLIST_FOREACH(item, &head, list), "ac");
    QLIST_FOREACH_SAFE(item, &head, list, next) {
        QLIST_REMOVE(item, list);
    }
    g_assert_true(QLIST_EMPTY(&head));
}

static void test_qsimpleq(void)
{
    QSIMPLEQ_HEAD(, Item) head = QSIMPLEQ_HEAD_INITIALIZER(head);
    QSIMPLEQ_HEAD(, Item) other;
    Item *item;

    QSIMPLEQ_INIT(&other);
    g_assert_null(QSIMPLEQ_LAST(&head, Item, simpleq));
    QSIMPLEQ_INSERT_TAIL(&head, &b, simpleq);
    QSIMPLEQ_INSERT_HEAD(&head, &a, simpleq);
    QSIMPLEQ_INSERT_AFTER(&head, &b, &c, simpleq);
    g_assert_true(QSIMPLEQ_LAST(&head, Item, simpleq) == &c);
    assert_walk(QSIMPLEQ_FOREACH(item, &head, simpleq), "abc");
    QSIMPLEQ_REMOVE(&head, &c, Item, simpleq);
    g_assert_true(QSIMPLEQ_LAST(&head, Item, simpleq) == &b);
    QSIMPLEQ_INSERT_TAIL(&other, &c, simpleq);
    QSIMPLEQ_CONCAT(&head, &other);
    assert_walk(QSIMPLEQ_FOREACH(item, &head, simpleq), "abc");
    for (int i = 0; i < 3; i++) {
        QSIMPLEQ_REMOVE_HEAD(&head, simpleq);
    }
    QSIMPLEQ_INSERT_TAIL(&head, &b, simpleq);
    assert_walk(QSIMPLEQ_FOREACH(item, &head, simpleq), "b");
}

static void test_qtailq(void)
{
    QTAILQ_HEAD(ItemHead, Item) head = QTAILQ_HEAD_INITIALIZER(head);
    Item *item, *other;

    QTAILQ_INSERT_HEAD(&head, &b, tailq);
    QTAILQ_INSERT_HEAD(&head, &a, tailq);
    QTAILQ_INSERT_AFTER(&head, &b, &c, tailq);
    assert_walk(QTAILQ_FOREACH(item, &head, tailq), "abc");
#if QOM_COMPAT_QEMU < 400
    assert_walk(QTAILQ_FOREACH_REVERSE(item, &head, ItemHead, tailq), "cba");
    g_assert_true(QTAILQ_LAST(&head, ItemHead) == &c);
    g_assert_true(QTAILQ_PREV(&c, ItemHead, tailq) == &b);
#else
    assert_walk(QTAILQ_FOREACH_REVERSE(item, &head, tailq), "cba");
    g_assert_true(QTAILQ_LAST(&head) == &c);
    g_assert_true(QTAILQ_PREV(&c, tailq) == &b);
#endif
    QTAILQ_REMOVE(&head, &c, tailq);
    QTAILQ_INSERT_BEFORE(&a, &c, tailq);
    assert_walk(QTAILQ_FOREACH(item, &head, tailq), "cab");
    QTAILQ_REMOVE(&head, &a, tailq);
    g_assert_false(QTAILQ_IN_USE(&a, tailq));
    QTAILQ_INSERT_AFTER(&head, &c, &a, tailq);
    assert_walk(QTAILQ_FOREACH(item, &head, tailq), "cab");
    QTAILQ_FOREACH_SAFE(item, &head, tailq, other) {
        QTAILQ_REMOVE(&head, item, tailq);
    }
    g_assert_true(QTAILQ_EMPTY(&head));
    QTAILQ_INSERT_TAIL(&head, &a, tailq);
    assert_walk(QTAILQ_FOREACH(item, &head, tailq), "a");
    QTAILQ_REMOVE(&head, &a, tailq);
}

/* ---- Atomics ---- */

static void test_atomics(void)
{
    const char *text = "x";
    unsigned n = 1;

    g_assert_cmpuint(qatomic_fetch_inc(&n), ==, 1);
    g_assert_cmpuint(qatomic_cmpxchg(&n, 5, 7), ==, 2);
    g_assert_cmpuint(qatomic_cmpxchg(&n, 2, 7), ==, 2);
    g_assert_cmpuint(qatomic_xchg(&n, 8), ==, 7);
    g_assert_cmpuint(qatomic_sub_fetch(&n, 3), ==, 5);
    g_assert_null(qatomic_rcu_read(&text) == NULL ? "" : NULL);
    qatomic_rcu_set(&text, NULL);
    g_assert_null(qatomic_cmpxchg(&text, NULL, "y"));
    g_assert_cmpstr(qatomic_read(&text), ==, "y");
#if QOM_COMPAT_QEMU < 502
    g_assert_cmpuint(atomic_fetch_inc(&n), ==, 5);
    atomic_mb_set(&n, 2);
    g_assert_cmpuint(atomic_mb_read(&n), ==, 2);
#endif
}

/* ---- Locks and guards ---- */

static bool is_locked(QemuMutex *mutex)
{
    bool locked = qemu_mutex_trylock(mutex) != 0;

    if (!locked) {
        qemu_mutex_unlock(mutex);
    }
    return locked;
}

static void leave_scope(QemuMutex *mutex)
{
    QEMU_LOCK_GUARD(mutex);

    g_assert_true(is_locked(mutex));
}

static void test_guards(void)
{
    QemuMutex mutex;
    QemuRecMutex rec;
    QemuSpin spin;

    qemu_mutex_init(&mutex);
    qemu_rec_mutex_init(&rec);
    qemu_spin_init(&spin);
    leave_scope(&mutex);
    g_assert_false(is_locked(&mutex));
    WITH_QEMU_LOCK_GUARD(&mutex) {
        QEMU_LOCK_GUARD(&rec);
        QEMU_LOCK_GUARD(&rec);
        LOCK_GUARD(&spin);
        g_assert_true(is_locked(&mutex));
    }
    g_assert_false(is_locked(&mutex));
    for (int i = 0; i < 2; i++) {
        WITH_QEMU_LOCK_GUARD(&mutex) {
            break;
        }
        g_assert_false(is_locked(&mutex));
    }
    qemu_rec_mutex_destroy(&rec);
    qemu_mutex_destroy(&mutex);
}

static void test_timed_waits(void)
{
    QemuSemaphore sem;
    QemuMutex mutex;
    QemuCond cond;

    qemu_sem_init(&sem, 1);
    g_assert_cmpint(qemu_sem_timedwait(&sem, 0), ==, 0);
    g_assert_cmpint(qemu_sem_timedwait(&sem, 1), ==, -1);
    qemu_sem_post(&sem);
    qemu_sem_wait(&sem);
    qemu_sem_destroy(&sem);

    qemu_mutex_init(&mutex);
    qemu_cond_init(&cond);
    qemu_mutex_lock(&mutex);
    g_assert_false(qemu_cond_timedwait(&cond, &mutex, 1));
    qemu_mutex_unlock(&mutex);
    qemu_cond_destroy(&cond);
    qemu_mutex_destroy(&mutex);
}

static void *set_event(void *opaque)
{
    qemu_event_set(opaque);
    return NULL;
}

static void test_event(void)
{
    QemuThread thread;
    QemuEvent event;

    qemu_event_init(&event, true);
    qemu_event_wait(&event);
    qemu_event_reset(&event);
    qemu_thread_create(&thread, "event", set_event, &event,
                       QEMU_THREAD_JOINABLE);
    qemu_event_wait(&event);
    qemu_thread_join(&thread);
    qemu_event_destroy(&event);
}

typedef struct Detached {
    QemuEvent done;
    char name[16];
} Detached;

static void *note_name(void *opaque)
{
    Detached *d = opaque;

    prctl(PR_GET_NAME, d->name);
    qemu_event_set(&d->done);
    return NULL;
}

/* All that the thread is created with is gone when this returns. */
static __attribute__((noinline)) void start_detached(Detached *d)
{
    char name[] = "detached";
    QemuThread thread;

    qemu_thread_create(&thread, name, note_name, d, QEMU_THREAD_DETACHED);
    memset(&thread, 0xff, sizeof(thread));
    memset(name, 0xff, sizeof(name));
}

static void test_detached_thread(void)
{
    for (int i = 0; i < 100; i++) {
        Detached d = { .name = "" };

        qemu_event_init(&d.done, false);
        start_detached(&d);
        qemu_event_wait(&d.done);
        g_assert_cmpstr(d.name, ==, "detached");
        qemu_event_destroy(&d.done);
    }
}

static void test_thread_without_name(void)
{
    Detached d = { .name = "" };
    char name[16];
    QemuThread thread;

    prctl(PR_GET_NAME, name);
    qemu_event_init(&d.done, false);
    qemu_thread_create(&thread, NULL, note_name, &d, QEMU_THREAD_JOINABLE);
    qemu_thread_join(&thread);
    g_assert_cmpstr(d.name, ==, name);
    qemu_event_destroy(&d.done);
}

static void test_make_lockable(void)
{
    QemuMutex mutex;
    QemuMutex *none = NULL;
    QemuLockable *lockable = QEMU_MAKE_LOCKABLE(&mutex);

    qemu_mutex_init(&mutex);
    g_assert_true(lockable->object == &mutex);
    qemu_lockable_lock(lockable);
    g_assert_true(is_locked(&mutex));
    qemu_lockable_unlock(lockable);
    g_assert_null(QEMU_MAKE_LOCKABLE(none));
    g_assert_null(QEMU_MAKE_LOCKABLE(NULL));
    g_assert_true(QEMU_MAKE_LOCKABLE_NONNULL(&mutex)->object == &mutex);
    qemu_mutex_destroy(&mutex);
}

/* ---- Coroutines and the main loop ---- */

typedef struct Waiting {
    CoQueue queue;
    CoMutex co_mutex;
    int n;
} Waiting;

static void coroutine_fn wait_in_queue(void *opaque)
{
    Waiting *w = opaque;

    qemu_co_mutex_lock(&w->co_mutex);
    qemu_co_queue_wait(&w->queue, &w->co_mutex);
    w->n++;
    qemu_co_mutex_unlock(&w->co_mutex);
    qemu_co_queue_wait(&w->queue, NULL);
    w->n++;
}

static bool wake_next(Waiting *w)
{
#if QOM_COMPAT_QEMU < 300
    return qemu_co_enter_next(&w->queue);
#else
    return qemu_co_enter_next(&w->queue, NULL);
#endif
}

static void test_co_queue(void)
{
    Waiting w = { .n = 0 };

    qemu_co_queue_init(&w.queue);
    qemu_co_mutex_init(&w.co_mutex);
    qemu_coroutine_enter(qemu_coroutine_create(wait_in_queue, &w));
    g_assert_true(wake_next(&w));
    g_assert_cmpint(w.n, ==, 1);
    g_assert_true(wake_next(&w));
    g_assert_cmpint(w.n, ==, 2);
    g_assert_false(wake_next(&w));
}

static void count_call(void *opaque)
{
    ++*(int *)opaque;
}

static void test_main_loop(void)
{
    int n = 0;
    QEMUBH *bh = qemu_bh_new(count_call, &n);
    QEMUTimer *timer = timer_new_ns(QEMU_CLOCK_REALTIME, count_call, &n);

    g_assert_true(qemu_in_main_thread());
    g_assert_true(qemu_get_current_aio_context() == qemu_get_aio_context());
    g_assert_false(qemu_in_iothread());
    GLOBAL_STATE_CODE();
    qemu_bh_schedule(bh);
    timer_mod(timer, qemu_clock_get_ns(QEMU_CLOCK_REALTIME));
    while (n < 2) {
        main_loop_wait(false);
    }
    timer_free(timer);
    qemu_bh_delete(bh);
    main_loop_wait(true);
}

static gboolean count_once(gpointer opaque)
{
    count_call(opaque);
    return G_SOURCE_REMOVE;
}

/* Each of the two loops calls what belongs to the other. */
static void test_main_loop_is_glib(void)
{
    GSource *source = aio_get_g_source(qemu_get_aio_context());
    int n = 0;
    QEMUBH *bh = qemu_bh_new(count_call, &n);

    g_assert_true(g_source_get_context(source) == g_main_context_default());
    g_source_unref(source);
    g_idle_add(count_once, &n);
    while (n < 1) {
        main_loop_wait(false);
    }
    g_timeout_add(1, count_once, &n);
    while (n < 2) {
        main_loop_wait(false);
    }
    qemu_bh_schedule(bh);
    while (n < 3) {
        g_main_context_iteration(NULL, true);
    }
    qemu_bh_delete(bh);
}

typedef struct Foreign {
    AioContext *ctx;
    bool in_iothread;
} Foreign;

static void *note_context(void *opaque)
{
    Foreign *foreign = opaque;

    foreign->ctx = qemu_get_current_aio_context();
    foreign->in_iothread = qemu_in_iothread();
    return NULL;
}

/* In a thread that is neither the main one nor an iothread's. */
static void test_context_elsewhere(void)
{
    Foreign foreign;
    QemuThread thread;

    qemu_thread_create(&thread, "foreign", note_context, &foreign,
                       QEMU_THREAD_JOINABLE);
    qemu_thread_join(&thread);
#if QOM_COMPAT_QEMU < 601
    g_assert_true(foreign.ctx == qemu_get_aio_context());
    g_assert_false(foreign.in_iothread);
#else
    g_assert_null(foreign.ctx);
    g_assert_true(foreign.in_iothread);
#endif
}

static int return_seven(void *opaque)
{
    return 7;
}

static void note_result(void *opaque, int ret)
{
    *(int *)opaque = ret;
}

static void test_thread_pool(void)
{
    AioContext *ctx = aio_context_new(&error_abort);
    int result = 0;
    BlockAIOCB *acb;

    qemu_set_current_aio_context(ctx);
#if QOM_COMPAT_QEMU < 801
    acb = thread_pool_submit_aio(aio_get_thread_pool(ctx),
                                 return_seven, NULL, note_result, &result);
#else
    acb = thread_pool_submit_aio(return_seven, NULL, note_result, &result);
#endif
    g_assert_nonnull(acb);
    AIO_WAIT_WHILE(ctx, result == 0);
    g_assert_cmpint(result, ==, 7);
    qemu_set_current_aio_context(qemu_get_aio_context());
    aio_context_unref(ctx);
}

/* A loop whose thread holds the context's lock; the main thread has it, too,
 * and lets go of it while it waits. */
typedef struct Holder {
    AioContext *ctx;
    bool done;
} Holder;

static void *hold_and_poll(void *opaque)
{
    Holder *holder = opaque;

    aio_context_acquire(holder->ctx);
    qatomic_set(&holder->done, true);
    aio_context_release(holder->ctx);
    aio_wait_kick();
    return NULL;
}

static void test_wait_lets_go(void)
{
    Holder holder = { .ctx = aio_context_new(&error_abort) };
    QemuThread thread;

    aio_context_acquire(holder.ctx);
    qemu_thread_create(&thread, "hold", hold_and_poll, &holder,
                       QEMU_THREAD_JOINABLE);
#if QOM_COMPAT_QEMU < 900
    AIO_WAIT_WHILE(holder.ctx, !qatomic_read(&holder.done));
    aio_context_release(holder.ctx);
#else
    aio_context_release(holder.ctx);
    AIO_WAIT_WHILE(holder.ctx, !qatomic_read(&holder.done));
#endif
    qemu_thread_join(&thread);
    aio_context_unref(holder.ctx);
}

/* ---- Objects ---- */

/* class_init as each version has it */
#if QOM_COMPAT_QEMU < 1001
#define CLASS_DATA void
#else
#define CLASS_DATA const void
#endif

#define TYPE_THING "compat-thing"
OBJECT_DECLARE_SIMPLE_TYPE(Thing, THING)

struct Thing {
    Object parent_obj;
    uint32_t count;
    bool flag;
    Object part;
};

OBJECT_DEFINE_SIMPLE_TYPE_WITH_INTERFACES(Thing, thing, THING, OBJECT,
                                          { TYPE_USER_CREATABLE }, { NULL })

static bool thing_get_flag(Object *obj, Error **errp)
{
    return THING(obj)->flag;
}

static void thing_set_flag(Object *obj, bool value, Error **errp)
{
    THING(obj)->flag = value;
}

/* What adds properties, in the forms of the version. */
static void thing_init(Object *obj)
{
    Thing *thing = THING(obj);

#if QOM_COMPAT_QEMU < 500
    object_property_add_uint32_ptr(obj, "count", &thing->count,
                                   &error_abort);
#elif QOM_COMPAT_QEMU < 501
    object_property_add_uint32_ptr(obj, "count", &thing->count,
                                   OBJ_PROP_FLAG_READ, &error_abort);
#else
    object_property_add_uint32_ptr(obj, "count", &thing->count,
                                   OBJ_PROP_FLAG_READ);
#endif
#if QOM_COMPAT_QEMU < 501
    object_initialize_child(obj, "part", &thing->part, sizeof(thing->part),
                            TYPE_CONTAINER, &error_abort, NULL);
    object_property_add_alias(obj, "again", obj, "flag", &error_abort);
    object_property_add_const_link(obj, "self", obj, &error_abort);
#else
    object_initialize_child(obj, "part", &thing->part, TYPE_CONTAINER);
    object_property_add_alias(obj, "again", obj, "flag");
    object_property_add_const_link(obj, "self", obj);
#endif
}

static void thing_finalize(Object *obj)
{
    THING(obj)->count = 0;
}

static void thing_class_init(ObjectClass *oc, CLASS_DATA *data)
{
#if QOM_COMPAT_QEMU < 501
    object_class_property_add_bool(oc, "flag", thing_get_flag,
                                   thing_set_flag, &error_abort);
#else
    object_class_property_add_bool(oc, "flag", thing_get_flag,
                                   thing_set_flag);
#endif
}

static void test_properties(void)
{
    Object *obj = object_new(TYPE_THING);

    THING(obj)->count = 7;
    g_assert_cmpuint(object_property_get_uint(obj, "count", &error_abort),
                     ==, 7);
#if QOM_COMPAT_QEMU < 501
    object_property_set_bool(obj, true, "again", &error_abort);
    object_property_parse(obj, "off", "flag", &error_abort);
    g_assert_cmpint(object_set_props(obj, &error_abort, "flag", "on", NULL),
                    ==, 0);
#else
    object_property_set_bool(obj, "again", true, &error_abort);
    object_property_parse(obj, "flag", "off", &error_abort);
    g_assert_true(object_set_props(obj, &error_abort, "flag", "on", NULL));
#endif
    g_assert_true(THING(obj)->flag);
    g_assert_true(object_resolve_path_component(obj, "self") == obj);
    g_assert_true(object_resolve_path_component(obj, "part") ==
                  &THING(obj)->part);
    object_unref(obj);
}

/* What is declared and compiled is what is checked. */
static void test_macros(void)
{
    static const int numbers[] = { 3, 1, 2 };
    Thing thing = { .count = 1 };

    QEMU_BUILD_BUG_ON(sizeof(int) < 2);
    QEMU_BUILD_BUG_MSG(ARRAY_SIZE(numbers) != 3, "three numbers");
    g_assert_cmpuint(ARRAY_SIZE(numbers), ==, 3);
    g_assert_cmpint(DIV_ROUND_UP(7, 4), ==, 2);
    g_assert_cmpint(ROUND_UP(9, 8), ==, 16);
    g_assert_cmpint(QEMU_ALIGN_UP(10, 3), ==, 12);
    g_assert_true(QEMU_IS_ALIGNED(12, 3));
    g_assert_cmpint(MIN_NON_ZERO(0, 5), ==, 5);
    g_assert_cmpint(MIN_NON_ZERO(4, 5), ==, 4);
    g_assert_cmpuint(sizeof_field(Thing, count), ==, 4);
    g_assert_true(container_of(&thing.part, Thing, part) == &thing);
    g_assert_cmpstr(stringify(glue(a, b)), ==, "ab");
    g_assert_cmpint(qemu_get_thread_id(), ==, getpid());
}

static void test_container_get(void)
{
    Object *deep = container_get(object_get_root(), "/machine/unit");
    g_autofree char *path = object_get_canonical_path(deep);

    g_assert_cmpstr(path, ==, "/machine/unit");
    g_assert_true(container_get(object_get_root(), "/machine/unit") == deep);
    g_assert_true(container_get(object_get_root(), "/objects") ==
                  object_get_objects_root());
    object_unparent(object_get_parent(deep));
}

static void test_path_component(void)
{
    Object *objects = object_get_objects_root();
#if QOM_COMPAT_QEMU < 501
    g_autofree char *name = object_get_canonical_path_component(objects);
#else
    const char *name = object_get_canonical_path_component(objects);
#endif

    g_assert_cmpstr(name, ==, "objects");
}

static void test_property_find(void)
{
    Object *obj = object_get_root();
#if QOM_COMPAT_QEMU < 502
    g_autoptr(Error) err = NULL;

    g_assert_null(object_property_find(obj, "nonsense", &err));
    assert_error(err, "Property 'container.nonsense' not found");
#else
    g_assert_null(object_property_find(obj, "nonsense"));
#endif
}

#if QOM_COMPAT_QEMU < 501
static void test_add_refused(void)
{
    Object *obj = object_get_root();
    g_autoptr(Error) err = NULL;

    object_property_add(obj, "x", "int", NULL, NULL, NULL, NULL, &err);
    g_assert_null(err);
    object_property_add(obj, "x", "int", NULL, NULL, NULL, NULL, &err);
    assert_error(err, "attempt to add duplicate property 'x' to object "
                      "(type 'container')");
    object_property_del(obj, "x", &error_abort);
}
#endif

/* ---- Reports ---- */

static void report_all(void)
{
    Error *err = NULL;

    g_set_prgname("prog");
    error_report("bad %s", "thing");
    warn_report("odd");
    for (int i = 0; i < 2; i++) {
        warn_report_once("once");
    }
    error_setg(&err, "no %d", 5);
    error_append_hint(&err, "Try 6\n");
    error_reportf_err(err, "cannot: ");
    err = NULL;
    error_setg(&err, "late");
    warn_report_err(err);
    abort();
}

#define REPORTS                                                     \
    "prog: bad thing\nprog: warning: odd\nprog: warning: once\n"    \
    "prog: cannot: no 5\nTry 6\nprog: warning: late\n"

static void *lock_bql(void *opaque)
{
    bql_lock();
    return NULL;
}

static void test_bql_elsewhere(void)
{
    QemuThread thread;

    qemu_thread_create(&thread, "bql", lock_bql, NULL, QEMU_THREAD_JOINABLE);
    qemu_thread_join(&thread);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    qemu_init_main_loop(&error_abort);

    g_test_add_func("/compat/queue/slist", test_qslist);
    g_test_add_func("/compat/queue/list", test_qlist);
    g_test_add_func("/compat/queue/simpleq", test_qsimpleq);
    g_test_add_func("/compat/queue/tailq", test_qtailq);
    g_test_add_func("/compat/atomic", test_atomics);
    g_test_add_func("/compat/thread/guards", test_guards);
    g_test_add_func("/compat/thread/timed-waits", test_timed_waits);
    g_test_add_func("/compat/thread/event", test_event);
    g_test_add_func("/compat/thread/detached", test_detached_thread);
    g_test_add_func("/compat/thread/without-name", test_thread_without_name);
    g_test_add_func("/compat/lockable/of-null", test_make_lockable);
    g_test_add_func("/compat/coroutine/queue", test_co_queue);
    g_test_add_func("/compat/main-loop", test_main_loop);
    g_test_add_func("/compat/main-loop/is-glib-s", test_main_loop_is_glib);
    g_test_add_func("/compat/current-context/elsewhere",
                    test_context_elsewhere);
    g_test_add_func("/compat/thread-pool", test_thread_pool);
    g_test_add_func("/compat/aio-wait/lets-go-of-lock", test_wait_lets_go);
    g_test_add_func("/compat/macros", test_macros);
    g_test_add_func("/compat/object/properties", test_properties);
    g_test_add_func("/compat/object/container-get", test_container_get);
    g_test_add_func("/compat/object/path-component", test_path_component);
    g_test_add_func("/compat/object/property-find", test_property_find);
#if QOM_COMPAT_QEMU < 501
    g_test_add_func("/compat/object/add-refused", test_add_refused);
#endif
    test_add_abort_func("/compat/error-report", report_all, REPORTS);
    test_add_abort_func("/compat/main-loop/lock-elsewhere-aborts",
                        test_bql_elsewhere, "*qemu_in_main_thread*");
    return test_run();
}
