/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * CoMutex, CoQueue and CoRwlock in one thread; test-coroutine-aio.c has them
 * in several.  A test is a number of coroutines that write what they do into
 * one text, and are entered again by the test where they yield by themselves.
 */
#include "aio/coroutine/coroutine-lock.h"
#include "tests/unit/test-util.h"

#include <string.h>

typedef struct Scene {
    CoMutex mutex;
    CoQueue queue;
    CoRwlock rwlock;
    char text[128];
} Scene;

typedef struct Actor {
    Scene *scene;
    const char *name;
    Coroutine *co;
} Actor;

static void say(Actor *a, const char *what)
{
    char *text = a->scene->text;

    if (*text) {
        g_strlcat(text, " ", sizeof(a->scene->text));
    }
    g_strlcat(text, a->name, sizeof(a->scene->text));
    g_strlcat(text, what, sizeof(a->scene->text));
}

#define assert_said(scene, expected)                                \
    do {                                                            \
        g_assert_cmpstr((scene)->text, ==, (expected));             \
        (scene)->text[0] = '\0';                                    \
    } while (0)

static void actor_start(Actor *a, Scene *scene, const char *name,
                        CoroutineEntry *entry)
{
    *a = (Actor) {
        .scene = scene, .name = name, .co = coroutine_create(entry, a),
    };
    coroutine_enter(a->co);
}

/* ---- CoMutex ---- */

static void hold_mutex(void *opaque)
{
    Actor *a = opaque;

    co_mutex_lock(&a->scene->mutex);
    co_mutex_assert_locked(&a->scene->mutex);
    say(a, "+");
    coroutine_yield();
    say(a, "-");
    co_mutex_unlock(&a->scene->mutex);
}

static void test_mutex_uncontended(void)
{
    Scene s = { .text = "" };
    Actor a;

    for (int i = 0; i < 2; i++) {
        actor_start(&a, &s, "a", hold_mutex);
        assert_said(&s, "a+");
        coroutine_enter(a.co);
        assert_said(&s, "a-");
    }
}

static void test_mutex_hands_over_in_order(void)
{
    Scene s = { .text = "" };
    Actor a, b, c;

    co_mutex_init(&s.mutex);
    actor_start(&a, &s, "a", hold_mutex);
    actor_start(&b, &s, "b", hold_mutex);
    actor_start(&c, &s, "c", hold_mutex);
    assert_said(&s, "a+");
    coroutine_enter(a.co);
    assert_said(&s, "a- b+");
    coroutine_enter(b.co);
    assert_said(&s, "b- c+");
    coroutine_enter(c.co);
    assert_said(&s, "c-");
}

static void lock_twice_quickly(void *opaque)
{
    Actor *a = opaque;

    hold_mutex(a);
    hold_mutex(a);
}

/* The one that unlocks cannot have it again before the one that waits. */
static void test_mutex_is_not_taken_back(void)
{
    Scene s = { .text = "" };
    Actor a, b;

    actor_start(&a, &s, "a", lock_twice_quickly);
    actor_start(&b, &s, "b", hold_mutex);
    coroutine_enter(a.co);
    assert_said(&s, "a+ a- b+");
    coroutine_enter(b.co);
    assert_said(&s, "b- a+");
    coroutine_enter(a.co);
    assert_said(&s, "a-");
}

static void try_mutex(void *opaque)
{
    Actor *a = opaque;
    bool held = co_mutex_try_lock(&a->scene->mutex);

    say(a, held ? "+" : "?");
    if (held) {
        co_mutex_unlock(&a->scene->mutex);
    }
}

static void test_mutex_try_lock(void)
{
    Scene s = { .text = "" };
    Actor a, b;

    actor_start(&a, &s, "a", hold_mutex);
    actor_start(&b, &s, "b", try_mutex);
    coroutine_enter(a.co);
    actor_start(&b, &s, "b", try_mutex);
    assert_said(&s, "a+ b? a- b+");
}

static void test_mutex_outside_of_coroutines(void)
{
    CoMutex mutex = { 0 };

    co_mutex_lock(&mutex);
    g_assert_false(co_mutex_try_lock(&mutex));
    co_mutex_unlock(&mutex);
    g_assert_true(co_mutex_try_lock(&mutex));
    co_mutex_unlock(&mutex);
}

/* ---- CoQueue ---- */

static void wait_in_queue(void *opaque)
{
    Actor *a = opaque;

    co_queue_wait(&a->scene->queue, NULL);
    say(a, "");
}

static void wait_at_front(void *opaque)
{
    Actor *a = opaque;

    co_queue_wait_full(&a->scene->queue, NULL, CO_QUEUE_WAIT_FRONT);
    say(a, "");
}

static void test_queue_next_in_order(void)
{
    Scene s = { .text = "" };
    Actor a, b;

    co_queue_init(&s.queue);
    g_assert_true(co_queue_empty(&s.queue));
    actor_start(&a, &s, "a", wait_in_queue);
    actor_start(&b, &s, "b", wait_in_queue);
    g_assert_false(co_queue_empty(&s.queue));
    g_assert_true(co_enter_next(&s.queue, NULL));
    assert_said(&s, "a");
    g_assert_true(co_enter_next(&s.queue, NULL));
    assert_said(&s, "b");
    g_assert_false(co_enter_next(&s.queue, NULL));
    g_assert_true(co_queue_empty(&s.queue));
}

static void test_queue_front(void)
{
    Scene s = { .text = "" };
    Actor a, b, c;

    actor_start(&a, &s, "a", wait_at_front);
    actor_start(&b, &s, "b", wait_in_queue);
    actor_start(&c, &s, "c", wait_at_front);
    co_enter_all(&s.queue, NULL);
    assert_said(&s, "c a b");
}

static void next_from_coroutine(void *opaque)
{
    Actor *a = opaque;

    g_assert_true(co_queue_next(&a->scene->queue));
    say(a, "");
}

static void test_queue_next_runs_after_yield(void)
{
    Scene s = { .text = "" };
    Actor a, b;

    actor_start(&a, &s, "a", wait_in_queue);
    actor_start(&b, &s, "b", next_from_coroutine);
    assert_said(&s, "b a");
}

static void restart_all(void *opaque)
{
    Actor *a = opaque;

    co_queue_restart_all(&a->scene->queue);
    g_assert_true(co_queue_empty(&a->scene->queue));
    say(a, "");
}

static void test_queue_restart_all(void)
{
    Scene s = { .text = "" };
    Actor a, b, c;

    actor_start(&a, &s, "a", wait_in_queue);
    actor_start(&b, &s, "b", wait_in_queue);
    actor_start(&c, &s, "c", restart_all);
    assert_said(&s, "c a b");
}

static void wait_three_times(void *opaque)
{
    for (int i = 0; i < 3; i++) {
        wait_in_queue(opaque);
    }
}

/* One that waits again at once is not woken up by the same call. */
static void test_queue_enter_all_takes_those_of_now(void)
{
    Scene s = { .text = "" };
    Actor a, b;

    actor_start(&a, &s, "a", wait_three_times);
    actor_start(&b, &s, "b", wait_three_times);
    co_enter_all(&s.queue, NULL);
    assert_said(&s, "a b");
    co_enter_all(&s.queue, NULL);
    co_enter_all(&s.queue, NULL);
    assert_said(&s, "a b a b");
}

static void wait_with_mutex(void *opaque)
{
    Actor *a = opaque;

    co_mutex_lock(&a->scene->mutex);
    co_queue_wait(&a->scene->queue, &a->scene->mutex);
    co_mutex_assert_locked(&a->scene->mutex);
    say(a, "");
    co_mutex_unlock(&a->scene->mutex);
}

static void wake_with_mutex(void *opaque)
{
    Actor *a = opaque;

    co_mutex_lock(&a->scene->mutex);
    co_queue_restart_all(&a->scene->queue);
    coroutine_yield();
    say(a, "");
    co_mutex_unlock(&a->scene->mutex);
}

static void test_queue_wait_with_mutex(void)
{
    Scene s = { .text = "" };
    Actor a, b, c;

    actor_start(&a, &s, "a", wait_with_mutex);
    actor_start(&b, &s, "b", wait_with_mutex);
    actor_start(&c, &s, "c", wake_with_mutex);
    assert_said(&s, "");
    coroutine_enter(c.co);
    assert_said(&s, "c a b");
}

static void count_lock(void *object)
{
    ++*(int *)object;
}

static void count_unlock(void *object)
{
    --*(int *)object;
}

static void test_queue_enter_next_drops_the_lock(void)
{
    Scene s = { .text = "" };
    Actor a;
    int held = 1;
    CoLockable lock = {
        .object = &held, .lock = count_lock, .unlock = count_unlock,
    };

    actor_start(&a, &s, "a", wait_in_queue);
    g_assert_true(co_enter_next(&s.queue, &lock));
    g_assert_cmpint(held, ==, 1);
    assert_said(&s, "a");
}

/* ---- CoRwlock ---- */

static void reader(void *opaque)
{
    Actor *a = opaque;

    co_rwlock_rdlock(&a->scene->rwlock);
    say(a, "+");
    coroutine_yield();
    say(a, "-");
    co_rwlock_unlock(&a->scene->rwlock);
}

static void writer(void *opaque)
{
    Actor *a = opaque;

    co_rwlock_wrlock(&a->scene->rwlock);
    say(a, "+");
    coroutine_yield();
    say(a, "-");
    co_rwlock_unlock(&a->scene->rwlock);
}

static void upgrader(void *opaque)
{
    Actor *a = opaque;

    co_rwlock_rdlock(&a->scene->rwlock);
    say(a, "+");
    coroutine_yield();
    co_rwlock_upgrade(&a->scene->rwlock);
    say(a, "!");
    coroutine_yield();
    say(a, "-");
    co_rwlock_unlock(&a->scene->rwlock);
}

static void downgrader(void *opaque)
{
    Actor *a = opaque;

    co_rwlock_wrlock(&a->scene->rwlock);
    say(a, "+");
    coroutine_yield();
    co_rwlock_downgrade(&a->scene->rwlock);
    say(a, "!");
    coroutine_yield();
    say(a, "-");
    co_rwlock_unlock(&a->scene->rwlock);
}

static void test_rwlock_readers_share(void)
{
    Scene s = { .text = "" };
    Actor a, b;

    co_rwlock_init(&s.rwlock);
    actor_start(&a, &s, "a", reader);
    actor_start(&b, &s, "b", reader);
    assert_said(&s, "a+ b+");
    coroutine_enter(a.co);
    coroutine_enter(b.co);
    assert_said(&s, "a- b-");
}

static void test_rwlock_writer_is_alone(void)
{
    Scene s = { .text = "" };
    Actor w, x, r;

    actor_start(&w, &s, "w", writer);
    actor_start(&x, &s, "x", writer);
    actor_start(&r, &s, "r", reader);
    assert_said(&s, "w+");
    coroutine_enter(w.co);
    assert_said(&s, "w- x+");
    coroutine_enter(x.co);
    assert_said(&s, "x- r+");
    coroutine_enter(r.co);
    assert_said(&s, "r-");
}

static void test_rwlock_is_fair(void)
{
    Scene s = { .text = "" };
    Actor a, w, b, c;

    actor_start(&a, &s, "a", reader);
    actor_start(&w, &s, "w", writer);
    actor_start(&b, &s, "b", reader);
    actor_start(&c, &s, "c", reader);
    assert_said(&s, "a+");
    coroutine_enter(a.co);
    assert_said(&s, "a- w+");
    coroutine_enter(w.co);
    assert_said(&s, "w- b+ c+");
    coroutine_enter(c.co);
    coroutine_enter(b.co);
    assert_said(&s, "c- b-");
}

static void test_rwlock_upgrade_alone(void)
{
    Scene s = { .text = "" };
    Actor u;

    actor_start(&u, &s, "u", upgrader);
    coroutine_enter(u.co);
    assert_said(&s, "u+ u!");
    coroutine_enter(u.co);
    assert_said(&s, "u-");
}

static void test_rwlock_upgrade_waits_for_readers(void)
{
    Scene s = { .text = "" };
    Actor u, r;

    actor_start(&u, &s, "u", upgrader);
    actor_start(&r, &s, "r", reader);
    coroutine_enter(u.co);
    assert_said(&s, "u+ r+");
    coroutine_enter(r.co);
    assert_said(&s, "r- u!");
    coroutine_enter(u.co);
    assert_said(&s, "u-");
}

static void test_rwlock_upgrade_comes_after_writers(void)
{
    Scene s = { .text = "" };
    Actor u, w, r;

    actor_start(&u, &s, "u", upgrader);
    actor_start(&w, &s, "w", writer);
    actor_start(&r, &s, "r", reader);
    coroutine_enter(u.co);
    assert_said(&s, "u+ w+");
    coroutine_enter(w.co);
    assert_said(&s, "w- r+");
    coroutine_enter(r.co);
    assert_said(&s, "r- u!");
    coroutine_enter(u.co);
    assert_said(&s, "u-");
}

static void test_rwlock_two_upgrades(void)
{
    Scene s = { .text = "" };
    Actor u, v;

    actor_start(&u, &s, "u", upgrader);
    actor_start(&v, &s, "v", upgrader);
    coroutine_enter(u.co);
    assert_said(&s, "u+ v+");
    coroutine_enter(v.co);
    assert_said(&s, "u!");
    coroutine_enter(u.co);
    assert_said(&s, "u- v!");
    coroutine_enter(v.co);
    assert_said(&s, "v-");
}

static void test_rwlock_downgrade_lets_readers_in(void)
{
    Scene s = { .text = "" };
    Actor d, r, w;

    actor_start(&d, &s, "d", downgrader);
    actor_start(&r, &s, "r", reader);
    actor_start(&w, &s, "w", writer);
    coroutine_enter(d.co);
    assert_said(&s, "d+ d! r+");
    coroutine_enter(d.co);
    coroutine_enter(r.co);
    assert_said(&s, "d- r- w+");
    coroutine_enter(w.co);
    assert_said(&s, "w-");
}

/* ---- Misuse ---- */

static void lock_twice(void *opaque)
{
    co_mutex_lock(opaque);
    co_mutex_lock(opaque);
}

static void abort_lock_twice(void)
{
    CoMutex mutex = { 0 };

    coroutine_enter(coroutine_create(lock_twice, &mutex));
}

static void lock_and_end(void *opaque)
{
    co_mutex_lock(opaque);
}

static void abort_end_with_lock(void)
{
    CoMutex mutex = { 0 };

    coroutine_enter(coroutine_create(lock_and_end, &mutex));
}

static void abort_unlock_free(void)
{
    CoMutex mutex = { 0 };

    co_mutex_unlock(&mutex);
}

static void abort_unlock_anothers(void)
{
    Scene s = { .text = "" };
    Actor a;

    actor_start(&a, &s, "a", hold_mutex);
    co_mutex_unlock(&s.mutex);
}

static void abort_wait_outside(void)
{
    Scene s = { .text = "" };
    Actor a;

    actor_start(&a, &s, "a", hold_mutex);
    co_mutex_lock(&s.mutex);
}

static void abort_assert_locked(void)
{
    CoMutex mutex = { 0 };

    co_mutex_assert_locked(&mutex);
}

static void abort_rwlock_unlock_free(void)
{
    CoRwlock rwlock = { .owners = 0 };

    co_rwlock_unlock(&rwlock);
}

static void abort_upgrade_free(void)
{
    CoRwlock rwlock = { .owners = 0 };

    co_rwlock_upgrade(&rwlock);
}

static void abort_downgrade_reader(void)
{
    CoRwlock rwlock = { .owners = 0 };

    co_rwlock_rdlock(&rwlock);
    co_rwlock_downgrade(&rwlock);
}

typedef struct Row {
    const char *path;
    GTestFunc test;
    const char *pattern; /* of what aborts */
} Row;

static const Row rows[] = {
    { "mutex/uncontended", test_mutex_uncontended },
    { "mutex/hands-over-in-order", test_mutex_hands_over_in_order },
    { "mutex/is-not-taken-back", test_mutex_is_not_taken_back },
    { "mutex/try-lock", test_mutex_try_lock },
    { "mutex/outside-of-coroutines", test_mutex_outside_of_coroutines },
    { "queue/next-in-order", test_queue_next_in_order },
    { "queue/front", test_queue_front },
    { "queue/next-runs-after-yield", test_queue_next_runs_after_yield },
    { "queue/restart-all", test_queue_restart_all },
    { "queue/enter-all-takes-those-of-now",
      test_queue_enter_all_takes_those_of_now },
    { "queue/wait-with-mutex", test_queue_wait_with_mutex },
    { "queue/enter-next-drops-the-lock",
      test_queue_enter_next_drops_the_lock },
    { "rwlock/readers-share", test_rwlock_readers_share },
    { "rwlock/writer-is-alone", test_rwlock_writer_is_alone },
    { "rwlock/is-fair", test_rwlock_is_fair },
    { "rwlock/upgrade-alone", test_rwlock_upgrade_alone },
    { "rwlock/upgrade-waits-for-readers",
      test_rwlock_upgrade_waits_for_readers },
    { "rwlock/upgrade-comes-after-writers",
      test_rwlock_upgrade_comes_after_writers },
    { "rwlock/two-upgrades", test_rwlock_two_upgrades },
    { "rwlock/downgrade-lets-readers-in",
      test_rwlock_downgrade_lets_readers_in },
    { "abort/mutex-lock-twice", abort_lock_twice,
      "*co_mutex_lock: the coroutine holds the mutex already\n*" },
    { "abort/end-with-lock", abort_end_with_lock,
      "*a coroutine ended with a lock held\n*" },
    { "abort/mutex-unlock-free", abort_unlock_free,
      "*co_mutex_unlock: the coroutine does not hold the mutex\n*" },
    { "abort/mutex-unlock-anothers", abort_unlock_anothers,
      "*co_mutex_unlock: the coroutine does not hold the mutex\n*" },
    { "abort/mutex-wait-outside", abort_wait_outside,
      "*co_mutex_lock: would wait outside of a coroutine\n*" },
    { "abort/mutex-assert-locked", abort_assert_locked,
      "*co_mutex_assert_locked: the coroutine does not hold the mutex\n*" },
    { "abort/rwlock-unlock-free", abort_rwlock_unlock_free,
      "*co_rwlock_unlock: nobody holds the lock\n*" },
    { "abort/rwlock-upgrade-free", abort_upgrade_free,
      "*co_rwlock_upgrade: the lock is not held for reading\n*" },
    { "abort/rwlock-downgrade-reader", abort_downgrade_reader,
      "*co_rwlock_downgrade: the lock is not held for writing\n*" },
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strconcat("/aio/coroutine-lock/",
                                            rows[i].path, NULL);

        if (rows[i].pattern) {
            test_add_abort_func(path, rows[i].test, rows[i].pattern);
        } else {
            g_test_add_func(path, rows[i].test);
        }
    }
    return test_run();
}
