/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The protocol that wakes up a loop, in all interleavings: see wake-model.h.
 */
#include "tests/unit/aio/wake-model.h"
#include "tests/unit/test-util.h"

#define BH(which) { SCHEDULE, BH_##which }
#define DO(what) { what, 0 }

static const AioModelConfig rows[] = {
    { .name = "bottom-halves",
      .threads = { { BH(A), BH(A) }, { BH(B), BH(A) } } },
    { .name = "bottom-halves-and-stop",
      .threads = { { BH(A) }, { BH(A) }, { BH(B), BH(STOP) } },
      .is_large = true,
      .must_run = 1 << BH_B },
    { .name = "cells", .has_cells = true,
      .threads = { { BH(A), BH(A) }, { BH(B), BH(STOP) } },
      .must_run = 1 << BH_B },
    { .name = "cells-and-source", .has_cells = true,
      .loop = LOOP_GLIB,
      .threads = { { BH(SWITCH), BH(A) }, { BH(B), BH(STOP) } } },
    { .name = "cells-and-polling",
      .has_cells = true, .has_futex = true, .polls = true,
      .threads = { { BH(A), { CANCEL, BH_A }, BH(A) }, { BH(B) } } },
    { .name = "monitor-not-asked",
      .threads = { { BH(A) }, { DO(WATCH) }, { BH(B), BH(STOP) } },
      .is_large = true,
      .skips_monitor = true, .must_run = 1 << BH_B },
    { .name = "timers",
      .threads = { { DO(ARM_TIMER), DO(ARM_TIMER) }, { BH(A) },
                   { DO(ARM_TIMER) } } },
    { .name = "cancelled-and-scheduled-again",
      .threads = { { BH(A), { CANCEL, BH_A }, BH(A) },
                   { { CANCEL, BH_A }, BH(A) } } },
    { .name = "descriptor",
      .threads = { { DO(WATCH) }, { BH(A) }, { BH(STOP) } } },
    { .name = "notify",
      .loop = LOOP_WAITS,
      .threads = { { DO(SET_COND) }, { DO(JUST_NOTIFY), DO(JUST_NOTIFY) },
                   { BH(A), DO(JUST_NOTIFY) } } },
    { .name = "notify-and-calls-that-do-not-block",
      .loop = LOOP_TRIES,
      .threads = { { DO(SET_COND) }, { DO(JUST_NOTIFY), BH(A) },
                   { DO(JUST_NOTIFY) } } },
    { .name = "notify-and-monitor-not-asked",
      .loop = LOOP_WAITS, .skips_monitor = true,
      .threads = { { DO(SET_COND) }, { BH(A), BH(A) }, { BH(B) } } },
    { .name = "stop-by-flag",
      .threads = { { BH(A) }, { DO(JUST_NOTIFY) }, { DO(CLEAR_RUNNING) } } },
    { .name = "nested", .is_large = true,
      .threads = { { BH(WAITS) }, { DO(SET_COND) },
                   { BH(B), BH(STOP) } },
      .must_run = 1 << BH_B },
    { .name = "nested-in-one-that-waits",
      .loop = LOOP_WAITS,
      .threads = { { BH(WAITS) }, { DO(SET_COND) }, { DO(ARM_TIMER) } } },
    { .name = "source", .is_large = true,
      .loop = LOOP_GLIB,
      .threads = { { BH(A) }, { DO(ARM_TIMER) }, { BH(SWITCH), BH(STOP) } } },
    { .name = "source-goes-on",
      .loop = LOOP_GLIB,
      .threads = { { BH(SWITCH), BH(A) }, { DO(ARM_TIMER) },
                   { DO(JUST_NOTIFY) } } },
    { .name = "source-and-nested",
      .loop = LOOP_GLIB,
      .threads = { { BH(SWITCH), BH(WAITS), BH(STOP) },
                   { DO(SET_COND) } },
      .must_run = 1 << BH_WAITS },
    { .name = "source-polled-before-it-sleeps",
      .loop = LOOP_GLIB, .between = BETWEEN_POLL,
      .threads = { { BH(SWITCH), BH(A) }, { BH(STOP) } } },
    { .name = "source-waits-before-it-sleeps",
      .loop = LOOP_GLIB, .between = BETWEEN_WAIT,
      .threads = { { BH(SWITCH) }, { DO(SET_COND) }, { BH(B) } } },
    { .name = "futex", .has_futex = true,
      .threads = { { BH(A) }, { BH(A), DO(JUST_NOTIFY) }, { BH(STOP) } } },
    { .name = "futex-and-timers", .has_futex = true,
      .threads = { { BH(A) }, { DO(ARM_TIMER) }, { BH(B) } } },
    { .name = "futex-until-watched", .has_futex = true,
      .threads = { { DO(WATCH), BH(A) }, { BH(A) }, { DO(JUST_NOTIFY) } } },
    { .name = "futex-and-notify",
      .loop = LOOP_WAITS, .has_futex = true,
      .threads = { { DO(SET_COND) }, { DO(JUST_NOTIFY), BH(A) },
                   { DO(ARM_TIMER) } } },
    { .name = "futex-nested", .has_futex = true,
      .threads = { { BH(WAITS) }, { DO(SET_COND) }, { BH(STOP) } } },
    { .name = "futex-and-source",
      .loop = LOOP_GLIB, .has_futex = true,
      .threads = { { BH(SWITCH), BH(A) }, { BH(B), BH(STOP) } } },
    { .name = "polling", .polls = true, .is_large = true,
      .threads = { { BH(A), BH(A) }, { DO(ARM_TIMER) }, { BH(STOP) } } },
    { .name = "polling-and-cancelling", .polls = true,
      .threads = { { BH(A), { CANCEL, BH_A }, BH(A) }, { BH(B) } } },
    { .name = "polling-and-notify",
      .loop = LOOP_WAITS, .has_futex = true, .polls = true,
      .threads = { { DO(SET_COND) }, { DO(JUST_NOTIFY), DO(WATCH) } } },
    { .name = "limit/stop-before-another-has-pushed",
      .threads = { { BH(A) }, { BH(A), BH(STOP) } },
      .must_run = 1 << BH_A, .fault = FAULT_UNDONE },

    { .name = "mistake/look-before-arming",
      .mistake = LOOK_BEFORE_ARMING, .fault = FAULT_SLEEPS,
      .threads = { { BH(A) } } },
    { .name = "mistake/look-before-pushing",
      .mistake = LOOK_BEFORE_PUSHING, .fault = FAULT_SLEEPS,
      .threads = { { BH(A) } } },
    { .name = "mistake/forget-by-store",
      .loop = LOOP_TRIES,
      .mistake = FORGET_BY_STORE, .fault = FAULT_WAITS,
      .threads = { { DO(JUST_NOTIFY) }, { DO(SET_COND) } } },
    { .name = "mistake/disarm-by-store",
      .loop = LOOP_WAITS,
      .mistake = DISARM_BY_STORE, .fault = FAULT_WAITS,
      .threads = { { DO(JUST_NOTIFY) }, { DO(SET_COND) } } },
    { .name = "mistake/remember-nothing",
      .mistake = REMEMBER_NOTHING, .fault = FAULT_STOP,
      .threads = { { DO(CLEAR_RUNNING) } } },
    { .name = "mistake/write-without-taking",
      .mistake = WRITE_WITHOUT_TAKING, .fault = FAULT_TWICE,
      .threads = { { BH(A) }, { BH(B) } } },
    { .name = "mistake/write-always",
      .mistake = WRITE_ALWAYS, .fault = FAULT_AWAKE,
      .threads = { { DO(JUST_NOTIFY) } } },
    { .name = "mistake/read-never",
      .mistake = READ_NEVER, .fault = EXPLORER_ENDLESS,
      .threads = { { BH(A) } } },
    { .name = "mistake/timer-by-store",
      .mistake = TIMER_BY_STORE, .fault = FAULT_SLEEPS,
      .threads = { { DO(ARM_TIMER) } } },
    { .name = "mistake/disarm-under-source",
      .loop = LOOP_GLIB, .between = BETWEEN_POLL,
      .mistake = DISARM_UNDER_SOURCE, .fault = FAULT_SLEEPS,
      .threads = { { BH(SWITCH) }, { BH(A) } } },
    { .name = "mistake/reschedule-in-silence",
      .mistake = RESCHEDULE_IN_SILENCE, .fault = FAULT_SLEEPS,
      .threads = { { BH(A), { CANCEL, BH_A }, BH(A) } } },
    { .name = "mistake/watch-in-silence",
      .mistake = WATCH_IN_SILENCE, .fault = FAULT_SLEEPS,
      .threads = { { DO(WATCH) } } },
    { .name = "mistake/sleep-blindly", .has_futex = true,
      .mistake = SLEEP_BLINDLY, .fault = FAULT_SLEEPS,
      .threads = { { BH(A) } } },
    { .name = "mistake/fill-without-fence", .has_cells = true,
      .mistake = FILL_WITHOUT_FENCE, .fault = FAULT_SLEEPS,
      .threads = { { BH(A) } } },
    { .name = "mistake/forget-by-store-when-polling",
      .loop = LOOP_WAITS, .polls = true,
      .mistake = FORGET_BY_STORE, .fault = FAULT_WAITS,
      .threads = { { DO(JUST_NOTIFY) }, { DO(SET_COND) } } },
    { .name = "mistake/stop-source-by-flag",
      .loop = LOOP_GLIB, .fault = FAULT_STOP,
      .threads = { { BH(SWITCH), DO(CLEAR_RUNNING) } } },
};

/* With one thread it has nothing to find, and takes twenty times as long. */
static bool under_thread_sanitizer(void)
{
#ifdef __SANITIZE_THREAD__
    return true;
#else
    return false;
#endif
}

static void test_row(const void *data)
{
    const AioModelConfig *c = data;
    g_auto(Exploration) result = { 0 };

    if (c->is_large && under_thread_sanitizer()) {
        g_test_skip("takes long with the thread sanitizer");
        return;
    }
    result = aio_model_explore(c);
    g_test_message("%u states", result.n_states);
    if (result.fault) {
        g_test_message("%s\n%s", result.fault, result.trace);
    }
    g_assert_cmpstr(result.fault, ==, c->fault);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/aio/model/%s",
                                                rows[i].name);

        g_test_add_data_func(path, &rows[i], test_row);
    }
    return test_run();
}
