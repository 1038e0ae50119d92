/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* RCU, its lists, QemuLockCnt and futexes. */
#include "qemu/osdep.h"
#include "qemu/futex.h"
#include "qemu/lockcnt.h"
#include "qemu/main-loop.h"
#include "qemu/rcu.h"
#include "qemu/rcu_queue.h"
#include "qemu/thread.h"
#include "tests/unit/test-util.h"

/* ---- Grace periods ---- */

typedef struct Node {
    struct rcu_head rcu;
    int value; /* 0 after the node was freed */
} Node;

static Node *current_node;
static int n_freed;
static QemuEvent reader_is_in, reader_may_end;
static bool stop;

static void node_free(Node *node)
{
    node->value = 0;
    g_free(node);
    qatomic_inc(&n_freed);
}

static Node *node_new(int value)
{
    Node *node = g_new0(Node, 1);

    node->value = value;
    return node;
}

static void *read_slowly(void *opaque)
{
    rcu_register_thread();
    WITH_RCU_READ_LOCK_GUARD() {
        Node *node = qatomic_rcu_read(&current_node);

        qemu_event_set(&reader_is_in);
        qemu_event_wait(&reader_may_end);
        g_assert_cmpint(node->value, ==, 1);
    }
    rcu_unregister_thread();
    return NULL;
}

/* The old node lives until the reader has ended. */
static void test_reader_keeps_node(void)
{
    QemuThread thread;
    Node *old = node_new(1);

    n_freed = 0;
    current_node = old;
    qemu_event_init(&reader_is_in, false);
    qemu_event_init(&reader_may_end, false);
    qemu_thread_create(&thread, "reader", read_slowly, NULL,
                       QEMU_THREAD_JOINABLE);
    qemu_event_wait(&reader_is_in);
    qatomic_rcu_set(&current_node, node_new(2));
    call_rcu(old, node_free, rcu);
    /* A new reader gets the new node, and does not end the old one's wait. */
    rcu_read_lock();
    g_assert_cmpint(qatomic_rcu_read(&current_node)->value, ==, 2);
    rcu_read_unlock();
    main_loop_wait(true);
    g_assert_cmpint(n_freed, ==, 0);

    qemu_event_set(&reader_may_end);
    drain_call_rcu();
    g_assert_cmpint(n_freed, ==, 1);
    qemu_thread_join(&thread);
    g_free_rcu(current_node, rcu);
    drain_call_rcu();
    qemu_event_destroy(&reader_is_in);
    qemu_event_destroy(&reader_may_end);
}

static void *read_often(void *opaque)
{
    while (!qatomic_read(&stop)) {
        RCU_READ_LOCK_GUARD();
        rcu_read_lock();
        g_assert_cmpint(qatomic_rcu_read(&current_node)->value, >, 0);
        rcu_read_unlock();
        g_assert_cmpint(qatomic_rcu_read(&current_node)->value, >, 0);
    }
    return NULL;
}

/* Readers never see memory that a writer has freed. */
static void test_torture(void)
{
    QemuThread threads[3];

    stop = false;
    current_node = node_new(1);
    for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++) {
        qemu_thread_create(&threads[i], "reader", read_often, NULL,
                           QEMU_THREAD_JOINABLE);
    }
    n_freed = 0;
    for (int i = 2; i <= 200; i++) {
        Node *old = current_node;

        qatomic_rcu_set(&current_node, node_new(i));
        if (i % 2) {
            call_rcu(old, node_free, rcu);
        } else {
            synchronize_rcu();
            node_free(old);
        }
    }
    drain_call_rcu();
    g_assert_cmpint(n_freed, ==, 199);
    qatomic_set(&stop, true);
    for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++) {
        qemu_thread_join(&threads[i]);
    }
    node_free(current_node);
}

static void check_thread(Node *node)
{
    g_assert_true(qemu_in_main_thread());
    node_free(node);
}

/* In the order of the calls, and in the thread of the main loop. */
static void test_calls(void)
{
    n_freed = 0;
    call_rcu(node_new(1), check_thread, rcu);
    call_rcu(node_new(2), check_thread, rcu);
    drain_call_rcu();
    g_assert_cmpint(n_freed, ==, 2);
}

/* ---- Lists ---- */

typedef struct Elem {
    int value;
    QSLIST_ENTRY(Elem) s;
    QLIST_ENTRY(Elem) l;
    QSIMPLEQ_ENTRY(Elem) q;
    QTAILQ_ENTRY(Elem) t;
} Elem;

/* Reads a list as a number in decimal; 0 is in no element. */
#define READ(kind, head, field)                                         \
    (__extension__({                                                    \
        int number_ = 0;                                                \
        Elem *at_;                                                      \
        kind##_FOREACH_RCU(at_, head, field) {                          \
            number_ = number_ * 10 + at_->value;                        \
        }                                                               \
        number_;                                                        \
    }))

static void test_lists_forward(void)
{
    Elem e[4] = { { 1 }, { 2 }, { 3 }, { 4 } };
    QSLIST_HEAD(, Elem) s = QSLIST_HEAD_INITIALIZER(s);
    QSIMPLEQ_HEAD(, Elem) q = QSIMPLEQ_HEAD_INITIALIZER(q);
    Elem *var, *next;
    int sum = 0;

    g_assert_true(QSLIST_EMPTY_RCU(&s) && QSIMPLEQ_EMPTY_RCU(&q));
    QSLIST_INSERT_HEAD_RCU(&s, &e[0], s);
    QSLIST_INSERT_AFTER_RCU(&s, &e[0], &e[1], s);
    QSLIST_INSERT_HEAD_RCU(&s, &e[2], s);
    g_assert_cmpint(READ(QSLIST, &s, s), ==, 312);
    QSLIST_REMOVE_RCU(&s, &e[0], Elem, s);
    QSLIST_REMOVE_HEAD_RCU(&s, s);
    g_assert_cmpint(READ(QSLIST, &s, s), ==, 2);
    g_assert_true(QSLIST_NEXT_RCU(&e[0], s) == &e[1]);

    QSIMPLEQ_INSERT_TAIL_RCU(&q, &e[0], q);
    QSIMPLEQ_INSERT_TAIL_RCU(&q, &e[1], q);
    QSIMPLEQ_INSERT_HEAD_RCU(&q, &e[2], q);
    QSIMPLEQ_INSERT_AFTER_RCU(&q, &e[1], &e[3], q);
    g_assert_cmpint(READ(QSIMPLEQ, &q, q), ==, 3124);
    QSIMPLEQ_REMOVE_RCU(&q, &e[3], Elem, q);
    QSIMPLEQ_REMOVE_HEAD_RCU(&q, q);
    QSIMPLEQ_INSERT_TAIL_RCU(&q, &e[3], q);
    g_assert_cmpint(READ(QSIMPLEQ, &q, q), ==, 124);
    g_assert_true(QSIMPLEQ_FIRST_RCU(&q) == &e[0]);
    QSIMPLEQ_FOREACH_SAFE_RCU(var, &q, q, next) {
        sum += var->value;
    }
    g_assert_cmpint(sum, ==, 7);
}

static void test_lists_both_ways(void)
{
    Elem e[4] = { { 1 }, { 2 }, { 3 }, { 4 } };
    QLIST_HEAD(, Elem) l = QLIST_HEAD_INITIALIZER(l);
    QTAILQ_HEAD(, Elem) t = QTAILQ_HEAD_INITIALIZER(t);

    QLIST_INSERT_HEAD_RCU(&l, &e[0], l);
    QLIST_INSERT_AFTER_RCU(&e[0], &e[1], l);
    QLIST_INSERT_BEFORE_RCU(&e[1], &e[2], l);
    g_assert_cmpint(READ(QLIST, &l, l), ==, 132);
    QLIST_REMOVE_RCU(&e[2], l);
    g_assert_cmpint(READ(QLIST, &l, l), ==, 12);
    g_assert_true(QLIST_NEXT_RCU(&e[2], l) == &e[1]);
    g_assert_true(QLIST_FIRST_RCU(&l) == &e[0] && !QLIST_EMPTY_RCU(&l));

    QTAILQ_INSERT_HEAD_RCU(&t, &e[0], t);
    QTAILQ_INSERT_HEAD_RCU(&t, &e[1], t);
    QTAILQ_INSERT_TAIL_RCU(&t, &e[2], t);
    QTAILQ_INSERT_AFTER_RCU(&t, &e[2], &e[3], t);
    g_assert_cmpint(READ(QTAILQ, &t, t), ==, 2134);
    QTAILQ_REMOVE_RCU(&t, &e[3], t);
    QTAILQ_REMOVE_RCU(&t, &e[1], t);
    QTAILQ_INSERT_BEFORE_RCU(&e[2], &e[1], t);
    QTAILQ_INSERT_TAIL_RCU(&t, &e[3], t);
    g_assert_cmpint(READ(QTAILQ, &t, t), ==, 1234);
}

/* ---- QemuLockCnt ---- */

static QemuLockCnt lockcnt;
static int n_inside;

static void *visit_often(void *opaque)
{
    for (int i = 0; i < 1000; i++) {
        qemu_lockcnt_inc(&lockcnt);
        qatomic_inc(&n_inside);
        qatomic_dec(&n_inside);
        if (i % 2) {
            qemu_lockcnt_dec(&lockcnt);
        } else if (qemu_lockcnt_dec_and_lock(&lockcnt)) {
            /* No visitor is inside, and none begins. */
            g_assert_cmpint(qatomic_read(&n_inside), ==, 0);
            g_assert_cmpuint(qemu_lockcnt_count(&lockcnt), ==, 0);
            qemu_lockcnt_unlock(&lockcnt);
        }
    }
    return NULL;
}

static void test_lockcnt_threads(void)
{
    QemuThread threads[3];

    qemu_lockcnt_init(&lockcnt);
    for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++) {
        qemu_thread_create(&threads[i], "visitor", visit_often, NULL,
                           QEMU_THREAD_JOINABLE);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++) {
        qemu_thread_join(&threads[i]);
    }
    g_assert_cmpuint(qemu_lockcnt_count(&lockcnt), ==, 0);
    qemu_lockcnt_destroy(&lockcnt);
}

static void test_lockcnt(void)
{
    qemu_lockcnt_init(&lockcnt);
    qemu_lockcnt_inc(&lockcnt);
    qemu_lockcnt_inc(&lockcnt);
    g_assert_false(qemu_lockcnt_dec_if_lock(&lockcnt));
    g_assert_cmpuint(qemu_lockcnt_count(&lockcnt), ==, 2);
    g_assert_false(qemu_lockcnt_dec_and_lock(&lockcnt));
    g_assert_true(qemu_lockcnt_dec_if_lock(&lockcnt));
    qemu_lockcnt_inc_and_unlock(&lockcnt);
    g_assert_cmpuint(qemu_lockcnt_count(&lockcnt), ==, 1);
    g_assert_true(qemu_lockcnt_dec_and_lock(&lockcnt));
    qemu_lockcnt_unlock(&lockcnt);
    qemu_lockcnt_lock(&lockcnt);
    qemu_lockcnt_unlock(&lockcnt);
    qemu_lockcnt_destroy(&lockcnt);
}

/* ---- Futexes and spin locks ---- */

static int word;

static void *wait_for_word(void *opaque)
{
    while (qatomic_read(&word) == 0) {
        qemu_futex_wait(&word, 0);
    }
    return NULL;
}

static void test_futex(void)
{
    QemuThread thread;

    word = 0;
    qemu_thread_create(&thread, "waiter", wait_for_word, NULL,
                       QEMU_THREAD_JOINABLE);
    qatomic_set(&word, 1);
#if QOM_COMPAT_QEMU < 1001
    qemu_futex_wake(&word, 1);
#else
    qemu_futex_wake_single(&word);
    qemu_futex_wake_all(&word);
#endif
    qemu_thread_join(&thread);
    qemu_futex_wait(&word, 0);
}

static void test_spin(void)
{
    QemuMutex mutex;
    QemuSpin spin;

    qemu_mutex_init(&mutex);
    qemu_mutex_lock__raw(&mutex);
    g_assert_cmpint(qemu_mutex_trylock__raw(&mutex), ==, -EBUSY);
    qemu_mutex_unlock(&mutex);
    qemu_mutex_destroy(&mutex);

    qemu_spin_init(&spin);
    g_assert_false(qemu_spin_trylock(&spin));
    g_assert_true(qemu_spin_locked(&spin));
    g_assert_true(qemu_spin_trylock(&spin));
    qemu_spin_unlock(&spin);
    g_assert_false(qemu_spin_locked(&spin));
    qemu_spin_destroy(&spin);
}

int main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    qemu_init_main_loop(&error_abort);
    g_test_add_func("/compat/rcu/reader-keeps-node", test_reader_keeps_node);
    g_test_add_func("/compat/rcu/torture", test_torture);
    g_test_add_func("/compat/rcu/calls", test_calls);
    g_test_add_func("/compat/rcu/lists-forward", test_lists_forward);
    g_test_add_func("/compat/rcu/lists-both-ways", test_lists_both_ways);
    g_test_add_func("/compat/lockcnt/one-thread", test_lockcnt);
    g_test_add_func("/compat/lockcnt/threads", test_lockcnt_threads);
    g_test_add_func("/compat/thread/futex", test_futex);
    g_test_add_func("/compat/thread/spin", test_spin);
    return test_run();
}
