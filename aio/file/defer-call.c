/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Deferred calls.
 *
 * Each thread has one array of calls, which it uses as a stack.
 *
 * - The calls of the current section are those from index `base` on.
 * - While the calls of a section run, `base` is the index after them.  A
 *   section that one of them begins has its own part of the stack, and ends
 *   before the next call runs.
 *
 * A section has few different calls, so a linear search finds a call that is
 * deferred already.  It begins with the newest call, because programs mostly
 * repeat that one.
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
    unsigned nesting;    /* sections that have begun and not ended */
    unsigned base;       /* index of the section's first call */
    unsigned n;          /* calls on the stack */
    unsigned capacity;
    DeferredCall *calls; /* owned; freed when the thread ends */
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
    /* Only a thread that has an array needs the destructor of the key. */
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

/* Calls and removes the calls of the section that has just ended. */
static void defer_run(DeferState *state)
{
    unsigned begin = state->base;
    unsigned end = state->n;

    state->base = end;
    for (unsigned i = begin; i < end; i++) {
        /* A copy, because a call that defers others may move the array. */
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
