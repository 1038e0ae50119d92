/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the loop, the other threads and the kernel do, a step at a time.
 *
 * Each thread has a processor with a store buffer.  The loop's actor is 0,
 * those of the other threads follow, then one for each store buffer, and one
 * for the time that busy polling takes.
 * Calls of the loop within the loop are frames on a stack.
 */
#include "tests/unit/aio/wake-model.h"

#include <string.h>

typedef AioModelConfig Config;

#define N_PROCESSORS (1 + AIO_MODEL_THREADS) /* the loop's is 0 */
#define N_FRAMES 4
#define BUFFER_SIZE 2

typedef enum Word {
    WAKE,
    LIST,  /* bottom halves that are pending, newest in the lowest bits */
    FLAGS, /* of bottom half 0, and so on */
    FIRST = FLAGS + 5, /* 1: a timer has expired */
    COND,              /* what a callback or main() waits for */
    RUNNING,
    GLOOP,   /* 1: GLib's main loop is to run */
    WATCHED, /* 1: a descriptor is */
    N_WORDS,
    CELL, /* the next one: what becomes visible there is in LIST */
} Word;

enum { NOTIFIED = 1, ARMED = 2, FUTEX = 4 }; /* WAKE */
enum { PENDING = 1, SCHEDULED = 2 };         /* FLAGS */

#define BH_BITS 3 /* of LIST for one, which is stored as its number + 1 */

/* Where the loop is. */
typedef enum Place {
    TOP,
    AFTER_POLL,
    G_ITERATION,
    WAIT_FOR_COND,
    POLL, /* aio_poll() */
    POLL_FLAGS,
    BUSY,
    CHOOSE,
    TELL_AND_ASK,
    ASK_MONITOR,
    ACCEPT,
    ARM,
    LOOK_AT_LIST,
    LOOK_AT_FLAGS,
    LOOK_AT_TIMERS,
    TELL,
    SLEEP,
    FUTEX_SLEEP,
    DISARM,
    CHECKED,
    HAVE_BH,
    TAKE_BH,
    RUN_BH,
    RUN_REST, /* handlers and timers */
    ENDED,
} Place;

typedef struct Frame {
    uint16_t place;
    uint16_t seen; /* LIST when it was read */
    uint16_t is_source;
    uint16_t is_blocking;
    uint16_t is_futex;
    uint16_t has_timeout; /* of 0 */
} Frame;

typedef struct Store {
    uint16_t word;
    uint16_t value;
} Store;

typedef struct Thread {
    uint16_t action;
    uint16_t phase;
    uint16_t is_armed; /* what it saw */
} ModelThread;

typedef struct State {
    uint16_t words[N_WORDS];
    uint16_t n_stores[N_PROCESSORS];
    Store stores[N_PROCESSORS][BUFFER_SIZE]; /* oldest first */
    /* the kernel */
    uint16_t notifier; /* written to, and not told yet */
    uint16_t gnotifier; /* GLib's own, likewise */
    uint16_t futex_waits;
    uint16_t time_is_up;
    uint16_t fd_ready;
    uint16_t fd_is_watched;
    /* the loop */
    uint16_t depth;
    Frame frames[N_FRAMES];
    uint16_t taken; /* bottom halves, oldest in the lowest bits */
    uint16_t streak;
    uint16_t found_fd;
    uint16_t source_armed;
    uint16_t run_gcontext;
    uint16_t is_trying;
    /* for the checks */
    uint16_t is_armed;
    uint16_t n_taken; /* threads that took ARMED since it was set */
    uint16_t wrote_to_awake;
    ModelThread threads[AIO_MODEL_THREADS];
} State;

/* ---- Memory ---- */

static bool buffer_is_empty(const State *s, unsigned processor)
{
    return s->n_stores[processor] == 0;
}

static uint16_t load(const State *s, unsigned processor, Word word)
{
    for (int i = s->n_stores[processor] - 1; i >= 0; i--) {
        if (s->stores[processor][i].word == word) {
            return s->stores[processor][i].value;
        }
    }
    return s->words[word];
}

static void store_plain(State *s, unsigned processor, Word word,
                        uint16_t value)
{
    g_assert(s->n_stores[processor] < BUFFER_SIZE);
    s->stores[processor][s->n_stores[processor]++] =
        (Store) { .word = word, .value = value };
}

static uint16_t exchange(State *s, Word word, uint16_t value)
{
    uint16_t old = s->words[word];

    s->words[word] = value;
    return old;
}

static void push_bh(State *s, Bh bh)
{
    g_assert(s->words[LIST] >> (5 * BH_BITS - BH_BITS) == 0);
    s->words[LIST] = s->words[LIST] << BH_BITS | (bh + 1);
}

static const char *flush_step(State *s, unsigned processor)
{
    Store *stores = s->stores[processor];

    if (buffer_is_empty(s, processor)) {
        return NULL;
    }
    if (stores[0].word == CELL) {
        push_bh(s, stores[0].value);
    } else {
        s->words[stores[0].word] = stores[0].value;
    }
    s->n_stores[processor]--;
    memmove(stores, stores + 1, (BUFFER_SIZE - 1) * sizeof(*stores));
    stores[BUFFER_SIZE - 1] = (Store) { 0 };
    return "a store becomes visible";
}

/* ---- Bottom halves ---- */

static bool has_scheduled(const State *s, uint16_t list)
{
    for (; list; list >>= BH_BITS) {
        unsigned bh = (list & ((1 << BH_BITS) - 1)) - 1;

        if (s->words[FLAGS + bh] & SCHEDULED) {
            return true;
        }
    }
    return false;
}

/* Reverses LIST and appends it to `taken`. */
static void take_bhs(State *s)
{
    unsigned shift = 0;
    uint16_t list, turned = 0;

    for (list = exchange(s, LIST, 0); list; list >>= BH_BITS) {
        turned = turned << BH_BITS | (list & ((1 << BH_BITS) - 1));
    }
    while (s->taken >> shift) {
        shift += BH_BITS;
    }
    s->taken |= turned << shift;
}

static Bh pop_bh(State *s)
{
    Bh bh = (s->taken & ((1 << BH_BITS) - 1)) - 1;

    s->taken >>= BH_BITS;
    return bh;
}

/* ---- The loop ---- */

/* g_main_loop_quit(), which wakes up GLib's poll. */
static void quit_gloop(State *s)
{
    s->words[GLOOP] = 0;
    s->gnotifier = 1;
}

static Frame *frame(State *s)
{
    return &s->frames[s->depth];
}

static const char *go(State *s, Place place, const char *label)
{
    frame(s)->place = place;
    return label;
}

static void call(State *s, Place place, Place back, bool is_blocking)
{
    go(s, back, NULL);
    g_assert(s->depth + 1 < N_FRAMES);
    s->depth++;
    *frame(s) = (Frame) { .place = place, .is_blocking = is_blocking };
}

static void come_back(State *s)
{
    *frame(s) = (Frame) { 0 };
    s->depth--;
}

static bool awaits_cond(const Config *c)
{
    return c->loop == LOOP_WAITS || c->loop == LOOP_TRIES;
}

static const char *step_top(const Config *c, State *s)
{
    if (awaits_cond(c) ? load(s, 0, COND) : !load(s, 0, RUNNING)) {
        return go(s, ENDED, "loop: ends");
    }
    s->is_trying = c->loop == LOOP_TRIES && !s->is_trying;
    call(s, POLL, c->loop == LOOP_GLIB ? AFTER_POLL : TOP, !s->is_trying);
    return "loop: goes on";
}

static const char *step_after_poll(State *s)
{
    if (!load(s, 0, RUNNING) || !s->run_gcontext) {
        return go(s, TOP, "loop: not for GLib");
    }
    s->words[GLOOP] = 1;
    return go(s, G_ITERATION, "loop: GLib's begins");
}

static const char *step_g_iteration(State *s)
{
    if (!s->words[GLOOP]) {
        frame(s)->is_source = false;
        return go(s, TOP, "loop: GLib's ends");
    }
    s->source_armed = true;
    frame(s)->is_source = true;
    return go(s, ARM, "loop: prepare");
}

static const char *step_wait_for_cond(State *s)
{
    if (load(s, 0, COND)) {
        come_back(s);
        return "loop: the condition holds";
    }
    call(s, POLL, WAIT_FOR_COND, true);
    return "loop: the condition does not hold";
}

static const char *to_sleep_or_ask(const Config *c, State *s)
{
    Place sleep = c->polls ? BUSY : CHOOSE;

    s->time_is_up = false;
    return go(s, frame(s)->is_blocking ? sleep : TELL_AND_ASK,
              "loop: nothing is scheduled");
}

/* One spin of busy polling, or waiting for the next one. */
static const char *step_busy(State *s)
{
    if (load(s, 0, LIST) != frame(s)->seen || load(s, 0, FIRST) ||
        load(s, 0, WAKE) & NOTIFIED) {
        return go(s, ACCEPT, "loop: finds work by polling");
    }
    return s->time_is_up ? go(s, CHOOSE, "loop: has polled enough") : NULL;
}

static const char *clock_step(State *s)
{
    s->time_is_up |= frame(s)->place == BUSY;
    return "the time is up";
}

static const char *step_choose(const Config *c, State *s)
{
    frame(s)->is_futex = c->has_futex && !load(s, 0, WATCHED) &&
                         !s->source_armed;
    return go(s, c->mistake == LOOK_BEFORE_ARMING ? LOOK_AT_LIST : ARM,
              "loop: chooses how to sleep");
}

/* The monitor hears of descriptors from the loop alone. */
static const char *step_tell(State *s)
{
    s->fd_is_watched = load(s, 0, WATCHED);
    return go(s, frame(s)->place == TELL ? SLEEP : ASK_MONITOR,
              "loop: tells the monitor");
}

static const char *step_poll(const Config *c, State *s)
{
    frame(s)->seen = load(s, 0, LIST);
    if (s->taken || frame(s)->seen) {
        return go(s, POLL_FLAGS, "loop: something is pending");
    }
    return to_sleep_or_ask(c, s);
}

static const char *step_poll_flags(const Config *c, State *s)
{
    if (!has_scheduled(s, s->taken) && !has_scheduled(s, frame(s)->seen)) {
        return to_sleep_or_ask(c, s);
    }
    return go(s, c->skips_monitor && s->streak ? HAVE_BH : TELL_AND_ASK,
              "loop: something is scheduled");
}

/* What the monitor says at once. */
static void ask_kernel(const Config *c, State *s)
{
    if (c->mistake != READ_NEVER) {
        s->notifier = 0;
    }
    s->found_fd |= s->fd_ready && s->fd_is_watched;
}

static const char *step_ask_monitor(const Config *c, State *s)
{
    ask_kernel(c, s);
    return go(s, ACCEPT, "loop: asks the kernel");
}

static const char *step_accept(State *s)
{
    return go(s, load(s, 0, WAKE) & NOTIFIED ? DISARM : HAVE_BH,
              "loop: was it notified?");
}

static const char *step_arm(const Config *c, State *s)
{
    uint16_t old = exchange(s, WAKE,
                            ARMED | (frame(s)->is_futex ? FUTEX : 0));

    s->is_armed = true;
    s->n_taken = 0;
    if (c->mistake != LOOK_BEFORE_ARMING) {
        frame(s)->has_timeout = false;
    }
    if (old & NOTIFIED) {
        frame(s)->has_timeout = true;
        return go(s, TELL, "loop: arms, was notified");
    }
    return go(s, c->mistake == LOOK_BEFORE_ARMING ? TELL : LOOK_AT_LIST,
              "loop: arms");
}

static const char *found_work(const Config *c, State *s)
{
    frame(s)->has_timeout = true;
    return go(s, c->mistake == LOOK_BEFORE_ARMING ? ARM : TELL,
              "loop: there is work");
}

static const char *step_look_at_list(State *s)
{
    frame(s)->has_timeout = false;
    frame(s)->seen = load(s, 0, LIST);
    return go(s, s->taken || frame(s)->seen ? LOOK_AT_FLAGS : LOOK_AT_TIMERS,
              "loop: looks for bottom halves");
}

static const char *step_look_at_flags(const Config *c, State *s)
{
    if (has_scheduled(s, s->taken) || has_scheduled(s, frame(s)->seen)) {
        return found_work(c, s);
    }
    return go(s, LOOK_AT_TIMERS, "loop: none is scheduled");
}

/* Another source's prepare comes between ours and the sleep. */
static void step_between(const Config *c, State *s)
{
    if (frame(s)->is_source && c->between != BETWEEN_NOTHING) {
        call(s, c->between == BETWEEN_POLL ? POLL : WAIT_FOR_COND, TELL,
             false);
    }
}

static const char *step_look_at_timers(const Config *c, State *s)
{
    if (load(s, 0, FIRST)) {
        return found_work(c, s);
    }
    go(s, c->mistake == LOOK_BEFORE_ARMING ? ARM : TELL, NULL);
    step_between(c, s);
    return "loop: looks at timers";
}

/* The kernel sleeps only if the word is still what the loop has made it. */
static const char *step_sleep_on_futex(const Config *c, State *s)
{
    bool is_changed = s->words[WAKE] != (ARMED | FUTEX) &&
                      c->mistake != SLEEP_BLINDLY;

    if (frame(s)->has_timeout || is_changed) {
        return go(s, DISARM, "loop: need not sleep");
    }
    s->futex_waits = true;
    return go(s, FUTEX_SLEEP, "loop: sleeps on the futex");
}

static const char *step_futex_sleep(State *s)
{
    return s->futex_waits ? NULL : go(s, DISARM, "loop: wakes up");
}

static const char *step_sleep(const Config *c, State *s)
{
    bool is_awake = frame(s)->has_timeout || s->notifier ||
                    (s->fd_ready && s->fd_is_watched);

    if (!is_awake && !(frame(s)->is_source && s->gnotifier)) {
        return NULL;
    }
    if (frame(s)->is_source) {
        s->gnotifier = 0;
    }
    ask_kernel(c, s);
    return go(s, DISARM, "loop: wakes up");
}

static const char *step_disarm(const Config *c, State *s)
{
    bool is_own = frame(s)->is_source;
    uint16_t wake;

    if (is_own) {
        s->source_armed = false;
    }
    wake = s->source_armed && c->mistake != DISARM_UNDER_SOURCE ? ARMED : 0;
    if (c->mistake == (s->is_armed ? DISARM_BY_STORE : FORGET_BY_STORE)) {
        store_plain(s, 0, WAKE, wake);
    } else {
        exchange(s, WAKE, wake);
    }
    s->is_armed = s->source_armed;
    s->n_taken = 0;
    return go(s, is_own ? CHECKED : HAVE_BH, "loop: disarms");
}

static const char *step_checked(State *s)
{
    uint16_t list = load(s, 0, LIST);
    bool has_work = s->found_fd || has_scheduled(s, s->taken) ||
                    has_scheduled(s, list) || load(s, 0, FIRST);

    return go(s, has_work ? HAVE_BH : G_ITERATION, "loop: check");
}

static const char *step_have_bh(State *s)
{
    s->streak = false;
    return go(s, load(s, 0, LIST) ? TAKE_BH : RUN_BH,
              "loop: are there bottom halves?");
}

static const char *step_take_bh(State *s)
{
    take_bhs(s);
    return go(s, RUN_BH, "loop: takes bottom halves");
}

static const char *call_bh(State *s, Bh bh)
{
    s->streak = true;
    switch (bh) {
    case BH_WAITS:
        call(s, WAIT_FOR_COND, RUN_BH, true);
        return "loop: runs WAITS";
    case BH_SWITCH:
        s->run_gcontext = true;
        return "loop: runs SWITCH";
    case BH_STOP:
        s->words[RUNNING] = 0;
        if (s->run_gcontext) {
            quit_gloop(s);
        }
        return "loop: runs STOP";
    default:
        return bh == BH_A ? "loop: runs A" : "loop: runs B";
    }
}

static const char *step_run_bh(State *s)
{
    Bh bh;

    if (!s->taken) {
        return go(s, RUN_REST, "loop: has run them");
    }
    bh = pop_bh(s);
    if (exchange(s, FLAGS + bh, 0) & SCHEDULED) {
        return call_bh(s, bh);
    }
    return "loop: one was cancelled";
}

static const char *step_run_rest(State *s)
{
    if (s->found_fd) {
        s->found_fd = false;
        s->fd_ready = false;
    }
    if (load(s, 0, FIRST)) {
        exchange(s, FIRST, 0);
    }
    if (frame(s)->is_source) {
        go(s, G_ITERATION, NULL);
    } else {
        come_back(s);
    }
    return "loop: runs handlers and timers";
}

/* An exchange waits for earlier stores. */
static bool place_exchanges(const State *s, Place place)
{
    return place == ARM || place == DISARM || place == TAKE_BH ||
           (place == RUN_BH && s->taken) ||
           (place == RUN_REST && load(s, 0, FIRST));
}

static const char *loop_step(const Config *c, State *s)
{
    Place place = frame(s)->place;

    if (place_exchanges(s, place) && !buffer_is_empty(s, 0)) {
        return NULL;
    }
    switch (place) {
    case TOP: return step_top(c, s);
    case AFTER_POLL: return step_after_poll(s);
    case G_ITERATION: return step_g_iteration(s);
    case WAIT_FOR_COND: return step_wait_for_cond(s);
    case POLL: return step_poll(c, s);
    case POLL_FLAGS: return step_poll_flags(c, s);
    case BUSY: return step_busy(s);
    case CHOOSE: return step_choose(c, s);
    case TELL:
    case TELL_AND_ASK: return step_tell(s);
    case ASK_MONITOR: return step_ask_monitor(c, s);
    case ACCEPT: return step_accept(s);
    case ARM: return step_arm(c, s);
    case LOOK_AT_LIST: return step_look_at_list(s);
    case LOOK_AT_FLAGS: return step_look_at_flags(c, s);
    case LOOK_AT_TIMERS: return step_look_at_timers(c, s);
    case SLEEP: return frame(s)->is_futex ? step_sleep_on_futex(c, s)
                                          : step_sleep(c, s);
    case FUTEX_SLEEP: return step_futex_sleep(s);
    case DISARM: return step_disarm(c, s);
    case CHECKED: return step_checked(s);
    case HAVE_BH: return step_have_bh(s);
    case TAKE_BH: return step_take_bh(s);
    case RUN_BH: return step_run_bh(s);
    case RUN_REST: return step_run_rest(s);
    case ENDED: return NULL;
    }
    g_assert_not_reached();
}

/* ---- The other threads ---- */

enum { BEGIN, PUSH, FENCE, LOOK, NOTIFY, WRITE, WAKE_FUTEX }; /* phases */

static void next_action(ModelThread *t)
{
    *t = (ModelThread) { .action = t->action + 1 };
}

static const char *enter_phase(ModelThread *t, unsigned phase,
                               const char *label)
{
    t->phase = phase;
    return label;
}

static const char *begin_schedule(const Config *c, State *s, ModelThread *t,
                                  Bh bh)
{
    uint16_t old = s->words[FLAGS + bh];

    s->words[FLAGS + bh] |= PENDING | SCHEDULED;
    if (!(old & PENDING)) {
        t->is_armed = (s->words[WAKE] & ARMED) != 0;
        return enter_phase(t, PUSH, "marks a bottom half");
    }
    if (!(old & SCHEDULED) && c->mistake != RESCHEDULE_IN_SILENCE) {
        return enter_phase(t, LOOK, "marks one that was cancelled");
    }
    next_action(t);
    return "finds it scheduled";
}

static const char *begin_action(const Config *c, State *s, ModelThread *t,
                                unsigned processor, Action action)
{
    switch (action.kind) {
    case SCHEDULE:
        return begin_schedule(c, s, t, action.bh);
    case CANCEL:
        s->words[FLAGS + action.bh] &= ~SCHEDULED;
        next_action(t);
        return "cancels a bottom half";
    case ARM_TIMER:
        if (c->mistake == TIMER_BY_STORE) {
            store_plain(s, processor, FIRST, 1);
        } else {
            exchange(s, FIRST, 1);
        }
        return enter_phase(t, LOOK, "arms a timer");
    case SET_COND:
        store_plain(s, processor, COND, 1);
        return enter_phase(t, NOTIFY, "makes the condition hold");
    case JUST_NOTIFY:
        return enter_phase(t, NOTIFY, "is about to notify");
    case CLEAR_RUNNING:
        store_plain(s, processor, RUNNING, 0);
        quit_gloop(s);
        return enter_phase(t, NOTIFY, "clears the flag");
    case WATCH:
        s->fd_ready = true;
        s->words[WATCHED] = 1;
        if (c->mistake == WATCH_IN_SILENCE) {
            next_action(t);
            return "watches a descriptor in silence";
        }
        return enter_phase(t, NOTIFY, "watches a descriptor");
    case NONE:
        break;
    }
    return NULL;
}

static const char *notify(const Config *c, State *s, ModelThread *t)
{
    bool was_armed = s->words[WAKE] & ARMED;
    bool was_futex = s->words[WAKE] & FUTEX;

    if (c->mistake != (was_armed ? WRITE_WITHOUT_TAKING : REMEMBER_NOTHING)) {
        exchange(s, WAKE, NOTIFIED);
    }
    if (was_armed || c->mistake == WRITE_ALWAYS) {
        s->wrote_to_awake |= !s->is_armed;
        s->n_taken++;
        return enter_phase(t, was_futex ? WAKE_FUTEX : WRITE,
                           "takes it on itself to wake it up");
    }
    next_action(t);
    return "finds the loop awake";
}

static const char *thread_step(const Config *c, State *s, unsigned n)
{
    ModelThread *t = &s->threads[n];
    unsigned processor = 1 + n;
    Action action = { NONE };

    if (t->action < AIO_MODEL_ACTIONS) {
        action = c->threads[n][t->action];
    }
    if (t->phase != LOOK && !buffer_is_empty(s, processor)) {
        return NULL;
    }
    switch (t->phase) {
    case BEGIN:
        return begin_action(c, s, t, processor, action);
    case PUSH:
        if (c->has_cells) {
            store_plain(s, processor, CELL, action.bh);
            return enter_phase(
                t, c->mistake == FILL_WITHOUT_FENCE ? LOOK : FENCE,
                "puts it into a cell");
        }
        push_bh(s, action.bh);
        return enter_phase(t, LOOK, "pushes it");
    case FENCE:
        return enter_phase(t, LOOK, "has made that known");
    case LOOK:
        if (c->mistake != LOOK_BEFORE_PUSHING) {
            t->is_armed = (load(s, processor, WAKE) & ARMED) != 0;
        }
        if (t->is_armed) {
            return enter_phase(t, NOTIFY, "sees ARMED");
        }
        next_action(t);
        return "does not see ARMED";
    case NOTIFY:
        return notify(c, s, t);
    case WAKE_FUTEX:
        s->futex_waits = false;
        next_action(t);
        return "wakes up who sleeps on the futex";
    default:
        s->notifier = 1;
        next_action(t);
        return "writes to the notifier";
    }
}

/* ---- The model ---- */

static const char *model_step(const void *config, void *state, unsigned actor)
{
    if (actor == 0) {
        return loop_step(config, state);
    }
    if (actor < N_PROCESSORS) {
        return thread_step(config, state, actor - 1);
    }
    if (actor == 2 * N_PROCESSORS) {
        return clock_step(state);
    }
    return flush_step(state, actor - N_PROCESSORS);
}

static const char *model_check(const void *config, const void *state)
{
    const State *s = state;

    if (s->wrote_to_awake) {
        return FAULT_AWAKE;
    }
    return s->n_taken > 1 ? FAULT_TWICE : NULL;
}

static bool is_to_stop(const Config *c)
{
    const Action *actions = &c->threads[0][0];

    for (unsigned i = 0; i < AIO_MODEL_THREADS * AIO_MODEL_ACTIONS; i++) {
        const Action *action = &actions[i];

        if (action->kind == CLEAR_RUNNING ||
            (action->kind == SCHEDULE && action->bh == BH_STOP)) {
            return true;
        }
    }
    return false;
}

static bool waits_for_cond(const Config *c, const State *s)
{
    bool waits = awaits_cond(c);

    for (unsigned i = 0; i <= s->depth; i++) {
        waits |= s->frames[i].place == WAIT_FOR_COND;
    }
    return waits;
}

static bool is_asleep_with_work(const State *s)
{
    return has_scheduled(s, s->taken) || has_scheduled(s, s->words[LIST]) ||
           s->words[FIRST] || s->fd_ready;
}

static const char *model_check_end(const void *config, const void *state)
{
    const Config *c = config;
    const State *s = state;

    if (s->frames[0].place == ENDED) {
        for (unsigned bh = BH_WAITS; bh <= BH_STOP; bh++) {
            if ((c->must_run & 1u << bh) &&
                (s->words[FLAGS + bh] & SCHEDULED)) {
                return FAULT_UNDONE;
            }
        }
        return NULL;
    }
    if (is_asleep_with_work(s)) {
        return FAULT_SLEEPS;
    }
    if (s->words[COND] && waits_for_cond(c, s)) {
        return FAULT_WAITS;
    }
    return is_to_stop(c) ? FAULT_STOP : NULL;
}

static const Model model = {
    .state_size = sizeof(State),
    .n_actors = 2 * N_PROCESSORS + 1,
    .step = model_step,
    .check = model_check,
    .check_end = model_check_end,
};

Exploration aio_model_explore(const AioModelConfig *c)
{
    State start = { 0 };

    start.words[RUNNING] = 1;
    return explore(&model, c, &start);
}
