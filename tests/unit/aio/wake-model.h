/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The protocol that wakes up a loop, in all interleavings.
 *
 * The model is written from docs/event-loop.md, "One iteration" and "Waking
 * up", and the head of aio/wake.c: a loop, up to three other threads, and
 * what the kernel does.  A step is one access to memory or one system call.
 * A plain store goes through a store buffer of its thread, which the
 * processor empties whenever it likes, and an atomic exchange waits until it
 * has: what x86 does, and what sequentially consistent operations rule out.
 *
 * What must hold in every order of steps:
 * - the loop sleeps only when there is nothing to do, and every run ends so;
 * - one write to the notifier, or one futex call, for a sleep, and none to a
 *   loop that is awake or polls;
 * - a loop that was told to stop ends, after what was scheduled before that.
 *
 * Protocols with one mistake each follow, all of which seem right at first:
 * the explorer must find every one of them.
 */
#ifndef QOM_TESTS_AIO_MODEL_H
#define QOM_TESTS_AIO_MODEL_H

#include "tests/unit/explorer.h"

#define AIO_MODEL_THREADS 3 /* beside the loop's */
#define AIO_MODEL_ACTIONS 3 /* of each */

/* What the callback of each bottom half does. */
typedef enum Bh {
    BH_WAITS, /* runs the loop until COND */
    BH_A,     /* nothing */
    BH_B,
    BH_SWITCH, /* from now on the thread runs GLib's main loop */
    BH_STOP,
} Bh;

typedef enum ActionKind {
    NONE,
    SCHEDULE,
    CANCEL,
    ARM_TIMER,
    SET_COND, /* and aio_notify() */
    JUST_NOTIFY,
    CLEAR_RUNNING, /* a flag and aio_notify() */
    WATCH,         /* a descriptor that is ready */
} ActionKind;

typedef struct Action {
    ActionKind kind;
    Bh bh;
} Action;

typedef enum LoopKind {
    LOOP_RUNS,  /* aio_poll() while RUNNING */
    LOOP_WAITS, /* aio_poll() until COND */
    LOOP_TRIES, /* the same, and every other call does not block */
    LOOP_GLIB,  /* as an iothread, which may be switched to GLib's loop */
} LoopKind;

/* What another source's prepare does, after ours. */
typedef enum Between {
    BETWEEN_NOTHING,
    BETWEEN_POLL, /* aio_poll(false) */
    BETWEEN_WAIT, /* aio_poll(true) until COND */
} Between;

typedef enum Mistake {
    NO_MISTAKE,
    LOOK_BEFORE_ARMING,
    FORGET_BY_STORE,       /* an aio_notify() of a loop that is awake */
    DISARM_BY_STORE,       /* after the sleep */
    REMEMBER_NOTHING,      /* aio_notify() of a loop that is awake */
    WRITE_WITHOUT_TAKING,  /* leave ARMED as it is */
    LOOK_BEFORE_PUSHING,
    TIMER_BY_STORE,
    DISARM_UNDER_SOURCE,
    RESCHEDULE_IN_SILENCE, /* one that was cancelled */
    WRITE_ALWAYS,
    READ_NEVER,            /* a notifier that is level-triggered */
    WATCH_IN_SILENCE,      /* tell nobody of a new descriptor */
    SLEEP_BLINDLY,         /* on a futex, whatever its value is */
    FILL_WITHOUT_FENCE,    /* a cell, and then read the word at once */
} Mistake;

typedef struct AioModelConfig {
    const char *name;
    LoopKind loop;
    Action threads[AIO_MODEL_THREADS][AIO_MODEL_ACTIONS];
    Between between;
    bool skips_monitor; /* in a series of iterations with bottom halves */
    bool has_futex;     /* to sleep on, as long as nothing is watched */
    bool polls;         /* busily, before it sleeps */
    bool has_cells;     /* where bottom halves are put by a store */
    unsigned must_run;  /* bottom halves, whatever else happens */
    Mistake mistake;
    const char *fault; /* that must be found */
    bool is_large;     /* hundreds of thousands of states */
} AioModelConfig;

/* What can be wrong. */
#define FAULT_AWAKE "writes to a loop that is awake"
#define FAULT_TWICE "writes twice for one sleep"
#define FAULT_SLEEPS "sleeps and has work to do"
#define FAULT_WAITS "waits for what has happened"
#define FAULT_STOP "does not stop"
#define FAULT_UNDONE "stops without what came before"

/**
 * aio_model_explore: visit all states
 * @c: what the threads do
 *
 * Returns: what came of it; to be freed with exploration_clear()
 */
Exploration aio_model_explore(const AioModelConfig *c);

#endif
