/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The iteration of an event loop to which the running code belongs.
 *
 * A callback that waits may run the loop; then other callbacks run before it
 * returns.  Each thread numbers the iterations of its loops.  By the number, a
 * function finds out whether the code that began an operation calls it, or
 * other code that runs while the operation waits.
 *
 * AioContext numbers each iteration.  A program that runs a loop of another
 * kind inside a callback can do it, too.
 *
 * Thread: any; each thread has its own numbers
 */
#ifndef QOM_UTIL_NESTING_H
#define QOM_UTIL_NESTING_H

#include "util/macros.h"

#include <stdint.h>

QOM_BEGIN_DECLS

/* Private: use the functions. */
typedef struct Nesting {
    uint64_t current;
    uint64_t last; /* the last number that was given out */
} Nesting;

extern __thread Nesting nesting_of_thread
    __attribute__((tls_model("initial-exec")));

/* nesting_current: returns the iteration's number; 0 outside of loops. */
static inline uint64_t nesting_current(void)
{
    return nesting_of_thread.current;
}

/**
 * nesting_enter: begins an iteration
 *
 * Returns: the number of the surrounding iteration, for nesting_leave()
 */
static inline uint64_t nesting_enter(void)
{
    uint64_t outer = nesting_of_thread.current;

    nesting_of_thread.current = ++nesting_of_thread.last;
    return outer;
}

/* nesting_leave: ends an iteration; @outer is what nesting_enter() returned. */
static inline void nesting_leave(uint64_t outer)
{
    nesting_of_thread.current = outer;
}

QOM_END_DECLS

#endif
