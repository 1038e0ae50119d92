/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Deferred calls.
 *
 * A thread has one array of calls, used as a stack: a section's calls are
 * those from `base` up.  While they run, `base` is above them, so a section
 * that one of them begins has its own place and ends before they go on.
 *
 * A section has few different calls, so looking for the same one is a walk,
 * newest first, as it is the newest that comes again.
 */
#include "aio/file/defer-call.h"
#include "util/programming-error.h"
#include "util/thread.h"

#include <pthread.h>
#include <stdbool.h>

typedef struct DeferredCall {
    DeferCallFunc *func;
    void *opaque;
} DeferredCall;

typedef struct DeferState {
    unsigned nesting;
    unsigned base;
    unsigned n;
    unsigned capacity;
    DeferredCall *calls;
} DeferState;

static __thread DeferState defer_state
    __attribute__((tls_model("initial-exec")));

static pthread_key_t defer_key;
static pthread_once_t defer_once = PTHREAD_ONCE_INIT;

static void defer_thread_ends(void *opaque)
{
    DeferState *state = opaque;

    g_free(state->calls);
    *state = (DeferState) { 0 };
}

static void defer_make_key(void)
{
    thread_key_create(&defer_key, defer_thread_ends);
}

static void defer_grow(DeferState *state)
{
    state->capacity = state->capacity ? state->capacity * 2 : 8;
    state->calls = g_renew(DeferredCall, state->calls, state->capacity);
    pthread_once(&defer_once, defer_make_key);
    pthread_setspecific(defer_key, state);
}

static bool defer_is_known(const DeferState *state, DeferCallFunc *func,
                           const void *opaque)
{
    for (unsigned i = state->n; i > state->base; i--) {
        const DeferredCall *call = &state->calls[i - 1];

        if (call->func == func && call->opaque == opaque) {
            return true;
        }
    }
    return false;
}

void defer_call(DeferCallFunc *func, void *opaque)
{
    DeferState *state = &defer_state;

    if (state->nesting == 0) {
        func(opaque);
        return;
    }
    if (defer_is_known(state, func, opaque)) {
        return;
    }
    if (state->n == state->capacity) {
        defer_grow(state);
    }
    state->calls[state->n++] = (DeferredCall) { func, opaque };
}

void defer_call_begin(void)
{
    defer_state.nesting++;
}

static void defer_run(DeferState *state)
{
    unsigned begin = state->base;
    unsigned end = state->n;

    state->base = end;
    for (unsigned i = begin; i < end; i++) {
        DeferredCall call = state->calls[i];

        call.func(call.opaque);
    }
    state->base = begin;
    state->n = begin;
}

void defer_call_end(void)
{
    DeferState *state = &defer_state;

    if (state->nesting == 0) {
        programming_error("defer_call_end() without defer_call_begin()");
    }
    if (--state->nesting == 0 && state->n > state->base) {
        defer_run(state);
    }
}
