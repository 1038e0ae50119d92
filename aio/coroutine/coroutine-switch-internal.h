/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Leaving one stack for another: what a back end of coroutines provides.
 *
 * There are two, coroutine-asm.c and coroutine-ucontext.c; the option
 * `coroutine_backend` chooses.  Neither knows what a coroutine is.
 */
#ifndef QOM_AIO_COROUTINE_SWITCH_INTERNAL_H
#define QOM_AIO_COROUTINE_SWITCH_INTERNAL_H

#include <stddef.h>

/*
 * Prepare a stack of @size bytes from @bottom for its first entry, which calls
 * @start; @start does not return.
 *
 * Returns: what to hand to coroutine_switch_stack()
 */
void *coroutine_init_stack(void *bottom, size_t size, void (*start)(void));

/*
 * Note in @save where the present stack is left and go on with @to, which
 * coroutine_init_stack() or an earlier switch made.  Returns when somebody
 * switches to what is in @save, maybe in another thread.
 */
void coroutine_switch_stack(void **save, void *to);

#endif
