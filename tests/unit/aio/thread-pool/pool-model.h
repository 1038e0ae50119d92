/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The roles of a thread pool's workers, in all interleavings.
 *
 * The model is written from docs/design/thread-pool.md: the home thread, up to
 * three workers, and the kernel's timeouts.  All decisions of the pool are made
 * under its lock, so a step is one section under the lock, one system call, or
 * what a worker does without the lock.
 *
 * What must hold in every order of steps:
 * - There is at most one spinner and one watcher, and the pool's flags and
 *   counters agree with what the workers do.
 * - Every run ends, and then each request was run and its result was reported,
 *   unless all workers that may exist run requests that never return.
 *
 * A request may wait for the callback of another one, so that a request that
 * nobody takes, or a result that nobody reports, is found.
 *
 * Pools with one mistake each follow: the explorer must find all of them.
 */
#ifndef QOM_TESTS_POOL_MODEL_H
#define QOM_TESTS_POOL_MODEL_H

#include "tests/unit/explorer.h"

#define POOL_MODEL_REQUESTS 4
#define POOL_MODEL_WORKERS 3

/* What a request does. */
typedef enum PoolRequestKind {
    NO_REQUEST,
    SHORT,
    LONG,       /* too long to wait with its result */
    WAITS_NEXT, /* until the next request was called back */
    WAITS_PREV, /* until the previous one was called back */
    NEVER_ENDS,
} PoolRequestKind;

typedef enum PoolMistake {
    POOL_NO_MISTAKE,
    TRUST_BUSY_WORKERS,     /* a request needs no watcher while one is busy */
    TAKE_WITHOUT_SUCCESSOR, /* the watcher takes a request, and no other one
                               follows */
    SPIN_AND_SLEEP,         /* the queue is not checked after spinning */
    KEEP_RESULTS,           /* while nobody watches */
    WATCH_SILENTLY,         /* the watcher does not report */
    TAKE_OVER_NOTHING,      /* nor does it when it takes a request */
    FORGET_FAILURE,         /* a watcher that could not be created */
    RESIGN_TWICE,           /* a watcher that ends stays one */
} PoolMistake;

typedef struct PoolModelConfig {
    const char *name;
    PoolRequestKind requests[POOL_MODEL_REQUESTS];
    unsigned max;      /* workers */
    unsigned then_max; /* 0: as before; otherwise max after the requests */
    unsigned min;
    bool spins;
    bool leaves;       /* an idle worker ends */
    unsigned failures; /* of creating a thread */
    PoolMistake mistake;
    const char *fault; /* that must be found */
} PoolModelConfig;

#define FAULT_WAITS "a request waits, and no worker takes it"
#define FAULT_UNREPORTED "a result is not reported"
#define FAULT_ROLES "flags and workers do not agree"

/**
 * pool_model_explore: visit all states
 * @c: what the threads do
 *
 * Returns: what came of it; to be freed with exploration_clear()
 */
Exploration pool_model_explore(const PoolModelConfig *c);

#endif
