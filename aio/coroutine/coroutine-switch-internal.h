/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Switching from one stack to another: what a back end provides.
 *
 * There are two, coroutine-asm.c and coroutine-ucontext.c; the build option
 * `coroutine_backend` selects one.  They do not know coroutines.
 */
#ifndef QOM_AIO_COROUTINE_SWITCH_INTERNAL_H
#define QOM_AIO_COROUTINE_SWITCH_INTERNAL_H

#include <stddef.h>

/*
 * Prepares a stack of @size bytes from @bottom.  The first switch to it calls
 * @start, which must not return.
 *
 * Returns: the argument of coroutine_switch_stack() for that switch
 */
void *coroutine_init_stack(void *bottom, size_t size, void (*start)(void));

/*
 * Stores in @save where the current stack is left, and continues on @to, which
 * coroutine_init_stack() or an earlier switch has provided.  Returns when
 * another switch goes to what is in @save, possibly in another thread.
 */
void coroutine_switch_stack(void **save, void *to);

#endif
