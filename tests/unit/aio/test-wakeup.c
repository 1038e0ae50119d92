/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every way to wake up a sleeping loop: with each fd monitor, each kind of
 * event and each way to drive the loop.
 *
 * The loop runs in a thread.  The main thread waits until the kernel reports
 * that this thread sleeps, and only then creates the event.  If an event is
 * lost, the test waits until its time limit.  Each event is created several
 * times, because a monitor may handle the first one differently.
 */
#include "aio/context-internal.h"
#include "aio/coroutine/coroutine.h"
#include "aio/file/file-io.h"
#include "aio/thread-pool/thread-pool.h"
#include "iothread/iothread.h"
#include "qom/user-creatable.h"
#include "tests/unit/test-util.h"
#include "util/thread.h"

#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define N_EVENTS 3
#define HOUR_NS (3600 * NANOSECONDS_PER_SECOND)

typedef struct Sleeper Sleeper;

typedef struct Kind {
    const char *name;
    bool (*start)(Sleeper *s); /* (nullable) home thread; false: skip it */
    void (*fire)(Sleeper *s);  /* another thread */
    void (*stop)(Sleeper *s);  /* (nullable) home thread */
} Kind;

typedef struct Driver {
    const char *name;
    void (*outer)(Sleeper *s); /* one iteration */
    void (*inner)(Sleeper *s); /* (nullable) the same, inside a callback */
} Driver;

typedef struct Row {
    AioFdMonitor monitor;
    const Kind *kind;
    const Driver *driver;
} Row;

struct Sleeper {
    const Row *row;
    AioContext *ctx;
    GMainContext *gcontext;
    Thread thread;
    atomic_int thread_id;  /* 0: not in the loop yet */
    atomic_bool skipped;   /* the kernel lacks what the kind needs */
    atomic_uint n_seen;    /* events */
    atomic_bool is_said;   /* set before aio_notify() */
    sem_t fired;           /* the other thread has finished with the kind */

    AioBH *bh;
    EventNotifier notifier;
    int fds[2];
    AioTimer timer;
    sem_t sem; /* the pool's function waits for it */
    AioFile *file;
    char byte;
};

static void saw(void *opaque)
{
    Sleeper *s = opaque;

    atomic_fetch_add(&s->n_seen, 1);
}

/* ---- Kinds of events ---- */

static bool start_bh(Sleeper *s)
{
    s->bh = aio_bh_new(s->ctx, saw, s);
    return true;
}

static void fire_bh(Sleeper *s)
{
    aio_bh_schedule(s->bh);
}

static void stop_bh(Sleeper *s)
{
    aio_bh_delete(s->bh);
}

static void fire_oneshot(Sleeper *s)
{
    aio_bh_schedule_oneshot(s->ctx, saw, s);
}

static void on_notifier(EventNotifier *notifier)
{
    Sleeper *s = container_of(notifier, Sleeper, notifier);

    g_assert_true(event_notifier_test_and_clear(notifier));
    saw(s);
}

static bool start_notifier(Sleeper *s)
{
    g_assert_cmpint(event_notifier_init(&s->notifier, 0), ==, 0);
    aio_set_event_notifier(s->ctx, &s->notifier, on_notifier, NULL, NULL);
    return true;
}

static void fire_notifier(Sleeper *s)
{
    event_notifier_set(&s->notifier);
}

static void stop_notifier(Sleeper *s)
{
    aio_set_event_notifier(s->ctx, &s->notifier, NULL, NULL, NULL);
    event_notifier_cleanup(&s->notifier);
}

static void on_pipe(void *opaque)
{
    Sleeper *s = opaque;

    g_assert_cmpint(read(s->fds[0], &s->byte, 1), ==, 1);
    saw(s);
}

static bool start_pipe(Sleeper *s)
{
    g_assert_cmpint(pipe(s->fds), ==, 0);
    aio_set_fd_handler(s->ctx, s->fds[0], on_pipe, NULL, NULL, NULL, s);
    return true;
}

static void fire_pipe(Sleeper *s)
{
    g_assert_cmpint(write(s->fds[1], "x", 1), ==, 1);
}

static void close_pipe(Sleeper *s)
{
    close(s->fds[0]);
    close(s->fds[1]);
}

static void stop_pipe(Sleeper *s)
{
    aio_set_fd_handler(s->ctx, s->fds[0], NULL, NULL, NULL, NULL, NULL);
    close_pipe(s);
}

/* The file descriptor is ready before it gets a handler. */
static bool start_new_handler(Sleeper *s)
{
    g_assert_cmpint(pipe(s->fds), ==, 0);
    return true;
}

static void on_new_handler(void *opaque)
{
    Sleeper *s = opaque;

    aio_set_fd_handler(s->ctx, s->fds[0], NULL, NULL, NULL, NULL, NULL);
    on_pipe(s);
}

static void fire_new_handler(Sleeper *s)
{
    fire_pipe(s);
    aio_set_fd_handler(s->ctx, s->fds[0], on_new_handler, NULL, NULL, NULL,
                       s);
}

static void put_timer_off(Sleeper *s)
{
    timer_mod(&s->timer, clock_get_ns(AIO_CLOCK_REALTIME) + HOUR_NS);
}

static void on_timer(void *opaque)
{
    Sleeper *s = opaque;

    put_timer_off(s);
    saw(s);
}

static bool start_timer(Sleeper *s)
{
    aio_timer_init(s->ctx, &s->timer, AIO_CLOCK_REALTIME, SCALE_NS, on_timer,
                   s);
    put_timer_off(s);
    return true;
}

static void fire_timer(Sleeper *s)
{
    timer_mod(&s->timer, 0);
}

static void stop_timer(Sleeper *s)
{
    timer_del(&s->timer);
    timer_deinit(&s->timer);
}

static void take(sem_t *sem)
{
    while (sem_wait(sem) < 0) {
        /* a signal */
    }
}

static int block(void *opaque)
{
    Sleeper *s = opaque;

    take(&s->sem);
    return 0;
}

static void on_pool(void *opaque, int ret)
{
    Sleeper *s = opaque;

    g_assert_cmpint(ret, ==, 0);
    if (atomic_load(&s->n_seen) + 1 < N_EVENTS) {
        thread_pool_submit_aio(block, s, on_pool, s);
    }
    saw(s);
}

static bool start_pool(Sleeper *s)
{
    sem_init(&s->sem, 0, 0);
    thread_pool_submit_aio(block, s, on_pool, s);
    return true;
}

static void fire_pool(Sleeper *s)
{
    sem_post(&s->sem);
}

static void stop_pool(Sleeper *s)
{
    sem_destroy(&s->sem);
}

static void on_file(void *opaque, int ret)
{
    Sleeper *s = opaque;

    g_assert_cmpint(ret, ==, 1);
    if (atomic_load(&s->n_seen) + 1 < N_EVENTS) {
        aio_file_read(s->file, 0, &s->byte, 1, on_file, s);
    }
    saw(s);
}

/* Another thread can end the read of a pipe by writing to it. */
static bool start_file(Sleeper *s)
{
    g_assert_cmpint(pipe(s->fds), ==, 0);
    s->file = aio_file_new(s->ctx, s->fds[0], AIO_FILE_ENGINE_IO_URING,
                           NULL);
    if (!s->file) {
        close_pipe(s);
        return false;
    }
    aio_file_read(s->file, 0, &s->byte, 1, on_file, s);
    return true;
}

static void stop_file(Sleeper *s)
{
    aio_file_free(s->file);
    close_pipe(s);
}

static void fire_notify(Sleeper *s)
{
    atomic_store(&s->is_said, true);
    aio_notify(s->ctx);
}

static const Kind kinds[] = {
    { "bottom-half", start_bh, fire_bh, stop_bh },
    { "oneshot", NULL, fire_oneshot, NULL },
    { "notifier", start_notifier, fire_notifier, stop_notifier },
    { "descriptor", start_pipe, fire_pipe, stop_pipe },
    { "new-handler", start_new_handler, fire_new_handler, close_pipe },
    { "earlier-timer", start_timer, fire_timer, stop_timer },
    { "thread-pool", start_pool, fire_pool, stop_pool },
    { "file-io", start_file, fire_pipe, stop_file },
    { "notify", NULL, fire_notify, NULL },
};

/* ---- Drivers ---- */

static void drive_aio_poll(Sleeper *s)
{
    aio_poll(s->ctx, true);
}

static void drive_glib(Sleeper *s)
{
    g_main_context_iteration(s->gcontext, TRUE);
}

static const Driver drivers[] = {
    { "aio-poll", drive_aio_poll, NULL },
    { "glib", drive_glib, NULL },
    { "aio-poll-in-glib", drive_glib, drive_aio_poll },
    { "glib-in-aio-poll", drive_aio_poll, drive_glib },
};

static void run_until_done(Sleeper *s, void (*iterate)(Sleeper *s))
{
    while (atomic_load(&s->n_seen) < N_EVENTS) {
        iterate(s);
        if (atomic_exchange(&s->is_said, false)) {
            saw(s);
        }
    }
}

static void run_inner(void *opaque)
{
    Sleeper *s = opaque;

    atomic_store(&s->thread_id, thread_get_id());
    run_until_done(s, s->row->driver->inner);
}

/* ---- The loop's thread ---- */

static void run_driver(Sleeper *s)
{
    const Driver *driver = s->row->driver;

    if (driver->inner) {
        aio_bh_schedule_oneshot(s->ctx, run_inner, s);
    } else {
        atomic_store(&s->thread_id, thread_get_id());
    }
    run_until_done(s, driver->outer);
}

static void *sleeper_run(void *opaque)
{
    Sleeper *s = opaque;
    const Kind *kind = s->row->kind;

    aio_set_current_context(s->ctx);
    if (!kind->start || kind->start(s)) {
        run_driver(s);
        take(&s->fired);
        if (kind->stop) {
            kind->stop(s);
        }
        aio_poll(s->ctx, false); /* frees what was deleted */
    } else {
        atomic_store(&s->skipped, true);
    }
    aio_set_current_context(NULL);
    return NULL;
}

/* The state of a thread in /proc: R is running, S is sleeping. */
static char thread_state(int thread_id)
{
    g_autofree char *path = g_strdup_printf("/proc/self/task/%d/stat",
                                            thread_id);
    g_autofree char *text = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        return '?';
    }
    return strrchr(text, ')')[2];
}

static bool is_asleep(AioContext *ctx, int thread_id)
{
    return thread_id && (atomic_load(&ctx->wake.word) & AIO_WAKE_ARMED) &&
           thread_state(thread_id) == 'S';
}

/* Checked twice, because the thread may sleep for a lock first. */
static void wait_until_asleep(AioContext *ctx, atomic_int *thread_id)
{
    for (int n = 0; n < 2; n++) {
        if (!is_asleep(ctx, atomic_load(thread_id))) {
            n = -1;
        }
        g_thread_yield();
    }
}

static void fire_all(Sleeper *s)
{
    for (unsigned n = 0; n < N_EVENTS; n++) {
        wait_until_asleep(s->ctx, &s->thread_id);
        s->row->kind->fire(s);
        while (atomic_load(&s->n_seen) == n) {
            g_thread_yield();
        }
    }
    sem_post(&s->fired);
}

static void sleeper_init(Sleeper *s, const Row *row)
{
    g_autoptr(GSource) source = NULL;

    *s = (Sleeper) { .row = row };
    sem_init(&s->fired, 0, 0);
    s->ctx = aio_context_new(&error_abort);
    s->gcontext = g_main_context_new();
    if (row->driver->outer == drive_glib || row->driver->inner) {
        source = aio_get_g_source(s->ctx);
        g_source_attach(source, s->gcontext);
    }
}

static void sleeper_cleanup(Sleeper *s)
{
    aio_context_unref(s->ctx);
    g_main_context_unref(s->gcontext);
    sem_destroy(&s->fired);
}

static bool set_monitor(AioContext *ctx, AioFdMonitor monitor)
{
    g_autoptr(Error) err = NULL;

    if (aio_context_set_fd_monitor(ctx, monitor, &err)) {
        return true;
    }
    g_test_skip(error_get_pretty(err));
    return false;
}

static void test_wakes_up(const void *data)
{
    Sleeper s;

    sleeper_init(&s, data);
    if (set_monitor(s.ctx, s.row->monitor)) {
        thread_create(&s.thread, "sleeper", 0, sleeper_run, &s);
        while (!atomic_load(&s.thread_id) && !atomic_load(&s.skipped)) {
            g_thread_yield();
        }
        if (atomic_load(&s.skipped)) {
            g_test_skip("no io_uring for files");
        } else {
            fire_all(&s);
        }
        thread_join(&s.thread);
    }
    sleeper_cleanup(&s);
}

/* ---- The end of an iothread ---- */

typedef struct Nested {
    AioContext *ctx;
    GMainContext *gcontext; /* (nullable) */
    atomic_bool is_inside;
    bool must_leave; /* used only by the iothread */
} Nested;

static void leave_nested(void *opaque)
{
    ((Nested *)opaque)->must_leave = true;
}

static void run_nested(void *opaque)
{
    Nested *nested = opaque;

    atomic_store(&nested->is_inside, true);
    while (!nested->must_leave) {
        aio_poll(nested->ctx, true);
    }
}

static IOThread *iothread_with(AioFdMonitor monitor)
{
    static const char *const names[] = { "auto", "poll", "epoll",
                                         "io_uring" };
    g_autofree char *text = g_strdup_printf(
        "iothread,id=a,poll-max-ns=0,fd-monitor=%s", names[monitor]);
    g_autoptr(Error) err = NULL;
    Object *obj = user_creatable_add_from_str(text, &err);

    if (!obj) {
        g_test_skip(error_get_pretty(err));
        return NULL;
    }
    return IOTHREAD(obj);
}

static void enter_nested(Nested *nested)
{
    aio_bh_schedule_oneshot(nested->ctx, run_nested, nested);
    while (!atomic_load(&nested->is_inside)) {
        g_thread_yield();
    }
}

/* @data: the case; its driver decides what sleeps when the thread must end. */
static void test_iothread_ends(const void *data)
{
    const Row *row = data;
    IOThread *iothread = iothread_with(row->monitor);
    Nested nested = { NULL };
    atomic_int thread_id;

    if (!iothread) {
        return;
    }
    nested.ctx = iothread_get_aio_context(iothread);
    atomic_init(&thread_id, iothread_get_thread_id(iothread));
    if (row->driver->outer == drive_glib) {
        iothread_get_g_main_context(iothread);
    }
    if (row->driver->inner) {
        enter_nested(&nested);
    }
    wait_until_asleep(nested.ctx, &thread_id);
    if (row->driver->inner) {
        aio_bh_schedule_oneshot(nested.ctx, leave_nested, &nested);
    }
    object_unparent(OBJECT(iothread));
}

/*
 * Another thread may be attaching the source, which GLib does without a lock.
 * So a source that GLib has not prepared yet must not be changed.
 */
static void test_unprepared_source_is_left_alone(void)
{
    AioContext *ctx = aio_context_new(&error_abort);
    g_autoptr(GSource) source = aio_get_g_source(ctx);
    int fds[2];

    g_assert_cmpint(pipe(fds), ==, 0);
    for (int m = AIO_FD_MONITOR_POLL; m <= AIO_FD_MONITOR_EPOLL; m++) {
        aio_context_set_fd_monitor(ctx, m, &error_abort);
        aio_set_fd_handler(ctx, fds[0], on_pipe, NULL, NULL, NULL, NULL);
        aio_poll(ctx, false);
        g_assert_null(source->poll_fds);
        aio_set_fd_handler(ctx, fds[0], NULL, NULL, NULL, NULL, NULL);
    }
    close(fds[0]);
    close(fds[1]);
    aio_context_unref(ctx);
}

typedef struct LateSource {
    GSource source;
    AioContext *ctx;
    bool has_run;
} LateSource;

static void late_bh(void *opaque)
{
    ((LateSource *)opaque)->has_run = true;
}

/* Called after the context's source has armed the loop. */
static gboolean late_prepare(GSource *source, int *timeout_ms)
{
    LateSource *late = (LateSource *)source;

    if (late->ctx) {
        aio_bh_schedule_oneshot(late->ctx, late_bh, late);
        late->ctx = NULL;
    }
    *timeout_ms = -1;
    return FALSE;
}

/* The home thread schedules between the loop's last check and the sleep. */
static void test_scheduled_by_later_source(void)
{
    static GSourceFuncs funcs = { .prepare = late_prepare };
    GMainContext *context = g_main_context_new();
    AioContext *ctx = aio_context_new(&error_abort);
    GSource *own = aio_get_g_source(ctx);
    LateSource *late = (LateSource *)g_source_new(&funcs, sizeof(*late));

    aio_set_current_context(ctx);
    aio_bh_make_ring(ctx);
    g_source_attach(own, context);
    g_source_set_priority(&late->source, G_PRIORITY_LOW);
    g_source_attach(&late->source, context);
    for (int i = 0; i < 3; i++) {
        late->has_run = false;
        late->ctx = ctx;
        while (!late->has_run) {
            g_main_context_iteration(context, TRUE);
        }
    }
    g_source_destroy(&late->source);
    g_source_unref(&late->source);
    g_source_destroy(own);
    g_source_unref(own);
    aio_set_current_context(aio_get_main_context());
    aio_context_unref(ctx);
    g_main_context_unref(context);
}

/* ---- The main loop of a program that GLib drives ---- */

typedef struct Waker {
    Sleeper s;
    unsigned n;
} Waker;

static void *waker_run(void *opaque)
{
    Waker *waker = opaque;

    for (unsigned n = 0; n < N_EVENTS; n++) {
        wait_until_asleep(waker->s.ctx, &waker->s.thread_id);
        aio_bh_schedule_oneshot(waker->s.ctx, saw, &waker->s);
        while (atomic_load(&waker->s.n_seen) == n) {
            g_thread_yield();
        }
    }
    return NULL;
}

static Object *main_loop; /* a program has one, and it cannot be deleted */

/* A qom-set on a GLib program's main loop must not make it miss events. */
static void test_main_loop_set_under_glib(const void *data)
{
    const Row *row = data;
    static const char *const names[] = { "auto", "poll", "epoll",
                                         "io_uring" };
    Waker waker = { .s = { .ctx = aio_get_main_context() } };
    GSource *source = aio_get_g_source(waker.s.ctx);
    g_autoptr(Error) err = NULL;
    Thread thread;

    g_source_attach(source, NULL);
    while (g_main_context_iteration(NULL, FALSE)) {
        continue;
    }
    if (!object_property_set_str(main_loop, "fd-monitor", names[row->monitor],
                                 &err)) {
        g_test_skip(error_get_pretty(err));
    } else {
        atomic_store(&waker.s.thread_id, thread_get_id());
        thread_create(&thread, "waker", 0, waker_run, &waker);
        while (atomic_load(&waker.s.n_seen) < N_EVENTS) {
            g_main_context_iteration(NULL, TRUE);
        }
        thread_join(&thread);
        object_property_set_str(main_loop, "fd-monitor", "auto", &error_abort);
    }
    g_source_destroy(source);
    g_source_unref(source);
    aio_poll(waker.s.ctx, false);
}

/* ---- Properties ---- */

/* GLib cannot wait for a ring, and the property reports the replacement. */
static void test_in_use(void)
{
    Row row = { AIO_FD_MONITOR_IO_URING, &kinds[0], &drivers[1] };
    Sleeper s;

    sleeper_init(&s, &row);
    aio_set_current_context(NULL);
    if (set_monitor(s.ctx, AIO_FD_MONITOR_IO_URING)) {
        aio_poll(s.ctx, false);
        g_assert_cmpint(aio_context_get_fd_monitor_in_use(s.ctx), ==,
                        AIO_FD_MONITOR_IO_URING);
        g_main_context_iteration(s.gcontext, FALSE);
        g_assert_cmpint(aio_context_get_fd_monitor(s.ctx), ==,
                        AIO_FD_MONITOR_IO_URING);
        g_assert_cmpint(aio_context_get_fd_monitor_in_use(s.ctx), ==,
                        AIO_FD_MONITOR_EPOLL);
    }
    sleeper_cleanup(&s);
    aio_set_current_context(aio_get_main_context());
}

static const char *monitor_name(AioFdMonitor monitor)
{
    return monitor == AIO_FD_MONITOR_POLL ? "poll"
         : monitor == AIO_FD_MONITOR_EPOLL ? "epoll" : "io_uring";
}

static void add(const Row *row, const char *kind, GTestDataFunc test)
{
    g_autofree char *path = g_strdup_printf(
        "/aio/wakeup/%s/%s/%s", kind, monitor_name(row->monitor),
        row->driver->name);

    g_test_add_data_func(path, row, test);
}

static void add_row(AioFdMonitor monitor, const Driver *driver)
{
    static Row rows[3 * G_N_ELEMENTS(drivers) * (G_N_ELEMENTS(kinds) + 1)];
    static unsigned n;
    Row *row;

    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        row = &rows[n++];
        *row = (Row) { monitor, &kinds[i], driver };
        add(row, kinds[i].name, test_wakes_up);
    }
    row = &rows[n++];
    *row = (Row) { monitor, NULL, driver };
    if (driver->inner != drive_glib) {
        add(row, "iothread-end", test_iothread_ends);
    }
    if (driver->outer == drive_glib && !driver->inner) {
        add(row, "main-loop-set", test_main_loop_set_under_glib);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    aio_main_context_init(&error_abort);
    main_loop = user_creatable_add_from_str("main-loop,id=m", &error_abort);

    for (int m = AIO_FD_MONITOR_POLL; m <= AIO_FD_MONITOR_IO_URING; m++) {
        for (unsigned i = 0; i < G_N_ELEMENTS(drivers); i++) {
            add_row(m, &drivers[i]);
        }
    }
    g_test_add_func("/aio/wakeup/unprepared-source-is-left-alone",
                    test_unprepared_source_is_left_alone);
    g_test_add_func("/aio/wakeup/scheduled-by-later-source",
                    test_scheduled_by_later_source);
    g_test_add_func("/aio/wakeup/in-use-under-glib", test_in_use);
    return g_test_run();
}
