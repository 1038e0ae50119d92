/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the home thread, the workers and the kernel do, a step at a time.
 *
 * The actors are the home thread that submits, the same thread in manage_bh and
 * in the retry timer, each worker, and the timeouts of each worker.
 */
#include "tests/unit/aio/thread-pool/pool-model.h"

#include <string.h>

typedef PoolModelConfig Config;

#define N_REQUESTS POOL_MODEL_REQUESTS
#define N_WORKERS POOL_MODEL_WORKERS
#define UNREPORTED_MAX 3

enum { HOME, MANAGE, RETRY, WORKERS, CLOCKS = WORKERS + N_WORKERS,
       N_ACTORS = CLOCKS + N_WORKERS };

/* Where a request is. */
enum { NEW, QUEUED, RUNNING, DONE, REPORTED };

/* Where a worker is. */
enum {
    NOWHERE,
    CREATED, /* its thread may yet fail to start */
    LOOP,
    REPORTS_AND_LOOPS,
    SPINS,
    SPINS_NO_MORE,
    SLEEPS,
    SLEEPS_NO_MORE, /* idle for too long */
    WATCHES,
    WATCH_REPORTS,
    WATCHES_NO_MORE,
    REPORTS_AND_RUNS, /* from here on it is busy */
    RUNS,
    RAN_AND_REPORTS,
    RAN,
};

/* Where the home thread is. */
enum { HOME_FREE, CREATES_ALL, CREATES_ONE, MANAGE_RESTS };

typedef struct ModelWorker {
    uint8_t place;
    uint8_t request;
    uint8_t is_watcher;
    uint8_t is_runner;
    uint8_t woken;
    uint8_t n_unreported;
    uint8_t seen_n;
    uint8_t seen_begun;
    uint8_t was_idle; /* its timeout has passed once, which is enough */
} ModelWorker;

typedef struct State {
    uint8_t requests[N_REQUESTS];
    uint8_t queue[N_REQUESTS]; /* oldest first */
    uint8_t n_queue;
    uint8_t n_submitted;
    uint8_t n_begun;
    uint8_t sleepers[N_WORKERS];
    uint8_t n_sleepers;
    uint8_t sleeping_watcher; /* 1 + number; 0: none */
    uint8_t n_workers;
    uint8_t n_busy;
    uint8_t has_spinner;
    uint8_t spin_skip;
    uint8_t has_watcher;
    uint8_t watcher_wanted;
    uint8_t max;
    /* the home thread */
    uint8_t home_place;
    uint8_t home_creates; /* a worker */
    uint8_t has_failed;
    uint8_t manage_scheduled;
    uint8_t retry_armed;
    uint8_t n_failures;
    ModelWorker workers[N_WORKERS];
} State;

/* ---- Waking up ---- */

static ModelWorker *pop_sleeper(State *s)
{
    ModelWorker *w;

    if (s->n_sleepers == 0) {
        return NULL;
    }
    w = &s->workers[s->sleepers[--s->n_sleepers]];
    s->sleepers[s->n_sleepers] = 0;
    w->woken = true;
    return w;
}

static ModelWorker *take_sleeping_watcher(State *s)
{
    ModelWorker *w;

    if (!s->sleeping_watcher) {
        return NULL;
    }
    w = &s->workers[s->sleeping_watcher - 1];
    s->sleeping_watcher = 0;
    w->woken = true;
    return w;
}

static void make_watcher(State *s, ModelWorker *w)
{
    w->is_watcher = true;
    w->seen_n = s->n_submitted;
    w->seen_begun = s->n_begun;
}

static void wake_beside_watcher(State *s)
{
    ModelWorker *w;

    if (s->n_busy > 0) {
        return;
    }
    w = pop_sleeper(s);
    if (w) {
        w->is_runner = true;
        s->n_busy++;
        return;
    }
    w = take_sleeping_watcher(s);
    if (w) {
        make_watcher(s, w);
    }
}

static void ensure_watcher(const Config *c, State *s)
{
    ModelWorker *w;

    if (s->n_queue == 0 || s->has_spinner ||
        (c->mistake == TRUST_BUSY_WORKERS && s->n_busy > 0)) {
        return;
    }
    if (s->has_watcher) {
        wake_beside_watcher(s);
        return;
    }
    w = pop_sleeper(s);
    if (w) {
        s->has_watcher = true;
        make_watcher(s, w);
    } else if (s->n_workers < s->max) {
        s->has_watcher = true;
        s->watcher_wanted = true;
        s->manage_scheduled = true;
    }
}

static void notify(State *s)
{
    for (unsigned i = 0; i < N_REQUESTS; i++) {
        if (s->requests[i] == DONE) {
            s->requests[i] = REPORTED;
        }
    }
}

/* ---- A worker ---- */

static const char *go(ModelWorker *w, uint8_t place, const char *label)
{
    w->place = place;
    return label;
}

static void resign(State *s, ModelWorker *w)
{
    w->is_watcher = false;
    s->has_watcher = false;
}

static const char *end(const Config *c, State *s, ModelWorker *w)
{
    if (w->is_watcher && c->mistake != RESIGN_TWICE) {
        resign(s, w);
    }
    notify(s);
    s->n_workers--;
    ensure_watcher(c, s);
    s->manage_scheduled = true;
    *w = (ModelWorker) { 0 };
    return "worker: ends";
}

static const char *begin_request(const Config *c, State *s, ModelWorker *w)
{
    bool was_watcher = w->is_watcher;

    if (was_watcher) {
        resign(s, w);
        w->n_unreported += c->mistake != TAKE_OVER_NOTHING;
    }
    w->request = s->queue[0];
    memmove(s->queue, s->queue + 1, N_REQUESTS - 1);
    s->queue[--s->n_queue] = 0;
    s->n_begun++;
    s->requests[w->request] = RUNNING;
    s->n_busy++;
    if (!was_watcher || c->mistake != TAKE_WITHOUT_SUCCESSOR) {
        ensure_watcher(c, s);
    }
    return go(w, w->n_unreported > 0 && !s->has_watcher &&
                 c->mistake != KEEP_RESULTS ? REPORTS_AND_RUNS : RUNS,
              "worker: takes a request");
}

static const char *watch(State *s, ModelWorker *w)
{
    if (s->n_begun == w->seen_begun && s->n_queue == 0) {
        resign(s, w);
        return "worker: is no watcher any longer";
    }
    make_watcher(s, w);
    w->woken = false;
    s->sleeping_watcher = 1 + (w - s->workers);
    return go(w, WATCHES, "worker: sleeps as watcher");
}

static const char *fall_asleep(State *s, ModelWorker *w)
{
    w->woken = false;
    s->sleepers[s->n_sleepers++] = w - s->workers;
    return go(w, SLEEPS, "worker: sleeps");
}

static const char *step_loop(const Config *c, State *s, ModelWorker *w)
{
    if (s->n_workers > s->max) {
        return end(c, s, w);
    }
    if (s->n_queue > 0 && (!w->is_watcher || s->queue[0] < w->seen_n)) {
        return begin_request(c, s, w);
    }
    if (w->n_unreported > 0) {
        return go(w, REPORTS_AND_LOOPS, "worker: is about to report");
    }
    if (w->is_watcher) {
        return watch(s, w);
    }
    if (c->spins && s->spin_skip == 0 && !s->has_spinner) {
        s->has_spinner = true;
        return go(w, SPINS, "worker: spins");
    }
    return fall_asleep(s, w);
}

static const char *step_spins_no_more(const Config *c, State *s,
                                      ModelWorker *w)
{
    s->has_spinner = false;
    if (s->n_queue > 0 && c->mistake != SPIN_AND_SLEEP) {
        return go(w, LOOP, "worker: has found a request by spinning");
    }
    s->spin_skip = 1;
    return fall_asleep(s, w);
}

static bool sleeper_remove(State *s, ModelWorker *w)
{
    for (unsigned i = 0; i < s->n_sleepers; i++) {
        if (s->sleepers[i] == w - s->workers) {
            memmove(s->sleepers + i, s->sleepers + i + 1,
                    s->n_sleepers - i - 1);
            s->sleepers[--s->n_sleepers] = 0;
            return true;
        }
    }
    return false;
}

static const char *step_awake(const Config *c, State *s, ModelWorker *w)
{
    if (w->is_runner) {
        w->is_runner = false;
        s->n_busy--;
    }
    if (sleeper_remove(s, w) && s->n_workers > c->min) {
        return end(c, s, w);
    }
    s->spin_skip = 0;
    return go(w, LOOP, "worker: wakes up");
}

static const char *step_watches_no_more(State *s, ModelWorker *w)
{
    if (s->sleeping_watcher == 1 + (w - s->workers)) {
        s->sleeping_watcher = 0;
    }
    return go(w, LOOP, "worker: checks as watcher");
}

static bool request_may_end(const Config *c, const State *s, unsigned request)
{
    switch (c->requests[request]) {
    case WAITS_NEXT:
        return s->requests[request + 1] == REPORTED;
    case WAITS_PREV:
        return s->requests[request - 1] == REPORTED;
    case NEVER_ENDS:
        return false;
    default:
        return true;
    }
}

static const char *step_runs(const Config *c, State *s, ModelWorker *w)
{
    bool reports;

    if (!request_may_end(c, s, w->request)) {
        return NULL;
    }
    s->requests[w->request] = DONE;
    reports = ++w->n_unreported == UNREPORTED_MAX || s->n_queue == 0 ||
              c->requests[w->request] != SHORT;
    return go(w, reports ? RAN_AND_REPORTS : RAN, "worker: has run a request");
}

static const char *report(State *s, ModelWorker *w, uint8_t place)
{
    w->n_unreported = 0;
    notify(s);
    return go(w, place, "worker: reports");
}

static const char *step_worker(const Config *c, State *s, ModelWorker *w)
{
    switch (w->place) {
    case LOOP:
        return step_loop(c, s, w);
    case REPORTS_AND_LOOPS:
        return report(s, w, LOOP);
    case SPINS:
        return s->n_queue > 0 ? go(w, SPINS_NO_MORE, "worker: sees a request")
                              : NULL;
    case SPINS_NO_MORE:
        return step_spins_no_more(c, s, w);
    case SLEEPS:
        return w->woken ? step_awake(c, s, w) : NULL;
    case SLEEPS_NO_MORE:
        return step_awake(c, s, w);
    case WATCHES:
        return go(w, WATCH_REPORTS, "worker: wakes up as watcher");
    case WATCH_REPORTS:
        if (c->mistake != WATCH_SILENTLY) {
            notify(s);
        }
        return go(w, WATCHES_NO_MORE, "worker: reports as watcher");
    case WATCHES_NO_MORE:
        return step_watches_no_more(s, w);
    case REPORTS_AND_RUNS:
        return report(s, w, RUNS);
    case RUNS:
        return step_runs(c, s, w);
    case RAN_AND_REPORTS:
        return report(s, w, RAN);
    case RAN:
        s->n_busy--;
        w->request = 0;
        w->place = LOOP;
        return step_loop(c, s, w);
    default:
        return NULL;
    }
}

static const char *step_clock(const Config *c, ModelWorker *w)
{
    if (w->place == SPINS) {
        return go(w, SPINS_NO_MORE, "the time to spin is over");
    }
    if (c->leaves && w->place == SLEEPS && !w->was_idle) {
        w->was_idle = true;
        return go(w, SLEEPS_NO_MORE, "a worker was idle for long");
    }
    return NULL;
}

/* ---- The home thread ---- */

static bool is_last(const Config *c, unsigned n)
{
    return n == N_REQUESTS || c->requests[n] == NO_REQUEST;
}

static const char *step_home(const Config *c, State *s)
{
    if (s->home_place != HOME_FREE) {
        return NULL;
    }
    if (!is_last(c, s->n_submitted)) {
        s->requests[s->n_submitted] = QUEUED;
        s->queue[s->n_queue++] = s->n_submitted++;
        ensure_watcher(c, s);
        return "home: submits a request";
    }
    if (c->then_max && s->max != c->then_max) {
        s->max = c->then_max;
        s->manage_scheduled = true;
        return "home: changes the maximum";
    }
    return NULL;
}

static const char *step_create_all(const Config *c, State *s)
{
    unsigned n = 0;

    if (s->has_failed ||
        !(s->n_workers < c->min ||
          (s->watcher_wanted && s->n_workers < s->max))) {
        s->home_place = MANAGE_RESTS;
        return "home: creates no more workers";
    }
    while (s->workers[n].place != NOWHERE) {
        n++;
    }
    g_assert(n < N_WORKERS);
    s->workers[n] = (ModelWorker) {
        .place = CREATED, .is_watcher = s->watcher_wanted,
        .seen_n = s->n_submitted, .seen_begun = s->n_begun,
    };
    s->watcher_wanted = false;
    s->n_workers++;
    s->home_creates = n;
    s->home_place = CREATES_ONE;
    return "home: creates a worker";
}

static const char *step_create_one(const Config *c, State *s)
{
    ModelWorker *w = &s->workers[s->home_creates];

    s->home_creates = 0;
    s->home_place = CREATES_ALL;
    if (s->n_failures == 0) {
        return go(w, LOOP, "home: has created a worker");
    }
    s->n_failures--;
    s->has_failed = true;
    if (w->is_watcher && c->mistake != FORGET_FAILURE) {
        s->has_watcher = false;
    }
    s->n_workers--;
    *w = (ModelWorker) { 0 };
    return "home: cannot create a worker";
}

static const char *step_manage_rests(const Config *c, State *s)
{
    if (s->watcher_wanted) {
        s->watcher_wanted = false;
        s->has_watcher = false;
    }
    if (s->n_workers > s->max) {
        while (pop_sleeper(s)) {
            continue;
        }
        take_sleeping_watcher(s);
    }
    if (!s->has_failed || s->n_sleepers > 0) {
        ensure_watcher(c, s);
    }
    notify(s);
    s->retry_armed |= s->has_failed;
    s->has_failed = false;
    s->home_place = HOME_FREE;
    return "home: has managed";
}

static const char *step_manage(const Config *c, State *s)
{
    switch (s->home_place) {
    case CREATES_ALL:
        return step_create_all(c, s);
    case CREATES_ONE:
        return step_create_one(c, s);
    case MANAGE_RESTS:
        return step_manage_rests(c, s);
    }
    if (!s->manage_scheduled) {
        return NULL;
    }
    s->manage_scheduled = false;
    s->home_place = CREATES_ALL;
    return "home: manages";
}

static const char *step_retry(const Config *c, State *s)
{
    if (!s->retry_armed || s->home_place != HOME_FREE) {
        return NULL;
    }
    s->retry_armed = false;
    ensure_watcher(c, s);
    s->home_place = CREATES_ALL;
    return "home: tries again";
}

/* ---- The model ---- */

static const char *model_step(const void *config, void *state,
                              unsigned actor)
{
    const Config *c = config;
    State *s = state;

    switch (actor) {
    case HOME:
        return step_home(c, s);
    case MANAGE:
        return step_manage(c, s);
    case RETRY:
        return step_retry(c, s);
    default:
        return actor < CLOCKS
            ? step_worker(c, s, &s->workers[actor - WORKERS])
            : step_clock(c, &s->workers[actor - CLOCKS]);
    }
}

static const char *model_check(const void *config, const void *state)
{
    const State *s = state;
    unsigned n_workers = 0, n_spinners = 0, n_busy = 0;
    unsigned n_watchers = s->watcher_wanted;

    for (unsigned i = 0; i < N_WORKERS; i++) {
        const ModelWorker *w = &s->workers[i];

        n_workers += w->place != NOWHERE;
        n_watchers += w->is_watcher;
        n_spinners += w->place == SPINS || w->place == SPINS_NO_MORE;
        n_busy += w->is_runner || w->place >= REPORTS_AND_RUNS;
    }
    return n_workers == s->n_workers && n_watchers == s->has_watcher &&
           n_spinners == s->has_spinner && n_busy == s->n_busy
        ? NULL : FAULT_ROLES;
}

/* Nobody has a step: all workers sleep, or run what does not end. */
static const char *model_check_end(const void *config, const void *state)
{
    const Config *c = config;
    const State *s = state;
    bool is_queued = false, is_done = false;
    unsigned n_endless = 0;

    for (unsigned i = 0; i < N_REQUESTS; i++) {
        is_queued |= s->requests[i] == QUEUED;
        is_done |= s->requests[i] == DONE;
        n_endless += s->requests[i] == RUNNING &&
                     c->requests[i] == NEVER_ENDS;
    }
    if (is_done) {
        return FAULT_UNREPORTED;
    }
    if (is_queued && n_endless < s->max) {
        return FAULT_WAITS;
    }
    return n_endless < s->n_busy ? FAULT_WAITS : NULL;
}

static const Model model = {
    .state_size = sizeof(State),
    .n_actors = N_ACTORS,
    .step = model_step,
    .check = model_check,
    .check_end = model_check_end,
};

Exploration pool_model_explore(const PoolModelConfig *c)
{
    State start = {
        .max = c->max, .n_failures = c->failures, .manage_scheduled = true,
        .spin_skip = 1,
    };

    return explore(&model, c, &start);
}
