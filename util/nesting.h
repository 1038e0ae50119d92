/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which iteration of an event loop the running code belongs to.
 *
 * A callback that waits may run the loop, and then other callbacks run before
 * it returns.  Each thread numbers the iterations of its loops, so that a
 * function can find out whether it is called by the code that has begun
 * something, or by other code while the first waits: the numbers differ.
 *
 * AioContext does this in each iteration.  A program that runs a loop of its
 * own inside of a callback may do it, too.
 *
 * Thread: any; each has its own numbers
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

/* nesting_current: the number of the iteration; 0 outside of loops */
static inline uint64_t nesting_current(void)
{
    return nesting_of_thread.current;
}

/**
 * nesting_enter: begin an iteration
 *
 * Returns: the number of the surrounding one, for nesting_leave()
 */
static inline uint64_t nesting_enter(void)
{
    uint64_t outer = nesting_of_thread.current;

    nesting_of_thread.current = ++nesting_of_thread.last;
    return outer;
}

/* nesting_leave: end it; @outer is what nesting_enter() returned */
static inline void nesting_leave(uint64_t outer)
{
    nesting_of_thread.current = outer;
}

QOM_END_DECLS

#endif
